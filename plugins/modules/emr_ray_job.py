#!/usr/bin/python
# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module emr_ray_job: its contract, and a few lines that hand it to the core."""

from __future__ import annotations

DOCUMENTATION = r"""
module: emr_ray_job
short_description: Run a job on Ray, on Alibaba Cloud EMR Serverless Spark
version_added: 1.0.0
author: The rayops.alicloud authors (@rayops)
description:
  - Submits a Ray job, on a cluster that exists or on a temporary one, waits for its end, or cancels it.
  - With O(job_key) a job is submitted once. The key is kept in the metadata of the job and looked for before a job is
    submitted, so that a second run of the playbook finds the job of the first.
  - The service has no token that would make a submission repeatable. When the answer to one is lost, the job is looked
    for by its key, or by one made for this run, and taken if it is there.
options:
  submission_id:
    description:
      - Id of a job that exists, whoever submitted it, to wait for or to cancel. No job is submitted, and what describes
        one must be left out.
      - With O(via=cluster), O(cluster_id) or O(cluster_name) is needed too.
    type: str
  job_key:
    description:
      - What this job is, in words of your own, such as V(nightly-2026-11-22). A job with this key is submitted once, in
        whichever run and however often.
      - A job with this key that is on its way or has succeeded is not submitted again. One that failed, was cancelled
        or took too long is not either, unless O(resubmit) says so.
      - Without it every run submits a job.
      - The service finds jobs by O(name) only. Without O(name), the key is the name, and a look costs one request for
        the list and one for the job. With O(name), jobs of this name are read one by one, the newest first, until one
        has the key. Give the same O(name), or none, in every task about a key.
      - With O(via=cluster), Ray's id of the job follows from the key.
    type: str
  state:
    description:
      - V(submitted) has the job submitted, and does not wait.
      - V(finished) waits until it is over, and fails when it failed, was cancelled or took too long.
      - V(cancelled) cancels it and waits until it is over. Needs O(submission_id) or O(job_key). A job that is over
        already is left alone, and so is a O(job_key) that no job has.
      - Ray ends a job that it is asked to end once the job has begun. With O(via=cluster), one that still waits for
        resources stays V(Pending) until it gets them, or until Ray gives up, which it does after 15 minutes by default.
    type: str
    choices: [submitted, finished, cancelled]
    default: submitted
  via:
    description:
      - V(service) submits through the service.
      - V(cluster) submits to the Ray Jobs endpoint of a running cluster, named by O(cluster_id) or O(cluster_name), and
        with O(state=finished) follows its log. O(network=vpc) takes the address inside the VPC.
      - What only the service knows is refused with V(cluster), which is O(display_release_version), O(head_spec),
        O(worker_spec), O(network_service_name), O(volume_ids), O(extra_param), O(tags), O(submission_mode),
        O(active_deadline_seconds), O(shutdown_after_job_finishes) and O(ttl_seconds_after_finished).
      - A O(job_key) is looked for on the way that the task takes. The same key on both ways is two jobs.
    type: str
    choices: [service, cluster]
    default: service
  resubmit:
    description:
      - What to do about a job with this O(job_key) that failed, was cancelled or took too long in an earlier run.
      - V(never) leaves it at that, and fails with O(state=finished).
      - V(if_failed) submits it again.
    type: str
    choices: [never, if_failed]
    default: never
  retries_on_failure:
    description:
      - How often a job that failed is submitted again in the same task. Needs O(state=finished). The service has no
        such thing. A job that was cancelled or took too long is not tried again.
      - With O(job_key) each attempt is numbered, so that a run that was interrupted goes on with the attempts that are
        left.
    type: int
    default: 0
  name:
    description:
      - Name of the job. Names need not be unique.
      - Required to submit a job through the service, unless O(job_key) is given, which is the name then.
      - With O(via=cluster) it is kept in the metadata, as C(name).
    type: str
  entrypoint:
    description: Command that the driver runs, such as V(python main.py). Required to submit a job.
    type: str
  cluster_id:
    description:
      - Id of the cluster to run on. Have it running first, with M(rayops.alicloud.emr_ray_cluster).
      - Without a cluster, the service builds a temporary one from O(head_spec) and O(worker_spec).
    type: str
  cluster_name:
    description:
      - Name of the cluster to run on, instead of O(cluster_id). More than one cluster of this name is an error.
    type: str
  display_release_version:
    description:
      - Version of the Ray engine of a temporary cluster, in the exact words of the console.
      - Required for a temporary cluster.
    type: str
  working_dir:
    description:
      - Where the files of the job are, such as V(oss://bucket/job.zip).
      - With O(via=cluster) it becomes the C(working_dir) of the runtime environment, and must be an address that the
        cluster can read. Nothing is uploaded.
    type: str
  runtime_env_json:
    description:
      - The runtime environment of Ray, as JSON or as a mapping, such as
        C({"pip":["torch"],"env_vars":{"STAGE":"test"}}).
      - Fails if a field is not one of Ray's, or if a value of C(env_vars) is not text, since Ray refuses the job only
        later. Quote numbers and words such as V(true).
      - Values of C(env_vars) whose name speaks of a password, secret, token, credential or key are hidden in results.
        The service and Ray show them to everyone who may see the job.
    type: json
  metadata_json:
    description:
      - Metadata of the job, as JSON or as a mapping. The collection adds C(rayops_job_key) or C(rayops_submit_id), and
        C(rayops_attempt).
      - With O(via=cluster) every value must be text, since Ray takes nothing else.
    type: json
  entrypoint_num_cpus:
    description: CPU cores that are set aside for the driver, such as V(1) or V(0.5).
    type: str
  entrypoint_num_gpus:
    description: GPUs that are set aside for the driver.
    type: str
  entrypoint_memory:
    description: Memory that is set aside for the driver, in GiB, such as V(4Gi).
    type: str
  entrypoint_resources:
    description: Resources of your own that are set aside for the driver, as JSON or as a mapping, such as C({"fpu":1}).
    type: json
  submission_mode:
    description: How the service submits the job to Ray, such as V(HTTPMode). Left to the service by default.
    type: str
  active_deadline_seconds:
    description: Seconds after which the service ends the job, the creation of a temporary cluster included.
    type: int
  shutdown_after_job_finishes:
    description: Whether the temporary cluster is deleted after the job. The service does so unless this is V(false).
    type: bool
  ttl_seconds_after_finished:
    description: Seconds for which the temporary cluster is kept after the job, before it is deleted.
    type: int
  network_service_name:
    description: Name of the network connection of the workspace that a temporary cluster uses.
    type: str
  extra_param:
    description: More parameters of the service, as JSON or as a mapping, such as C(userRequirementsFile).
    type: json
  volume_ids:
    description: Ids of managed file directories to mount.
    type: list
    elements: str
  tags:
    description: Tags of the job.
    type: dict
  head_spec:
    description: The head of a temporary cluster. Required for one, with queue, cpu and memory.
    type: dict
    suboptions:
      queue_name:
        description: Queue of the workspace.
        type: str
      cpu:
        description: CPU cores.
        type: str
      memory:
        description: Memory in GiB, such as V(8Gi).
        type: str
      gpu_spec:
        description: GPU instance type.
        type: str
      display_release_version:
        description: Another version of the Ray engine for this node.
        type: str
      replica:
        description: Number of heads, always V(1). The option exists so that the C(head_spec) of a result can be
          given back, and changes nothing.
        type: int
      enable_auto_scaling:
        description: Whether the worker groups scale by themselves.
        type: bool
      idle_timeout_seconds:
        description: Seconds after which an idle worker goes, with autoscaling.
        type: int
  worker_spec:
    description: The worker groups of a temporary cluster, at least one.
    type: list
    elements: dict
    suboptions:
      group_name:
        description: Name of the group.
        type: str
        required: true
      worker_type:
        description: Kind of the workers, such as V(CPU).
        type: str
      replica:
        description: Number of workers.
        type: int
      min_replica:
        description: Least number of workers, with autoscaling.
        type: int
      max_replica:
        description: Largest number of workers, with autoscaling.
        type: int
      queue_name:
        description: Queue of the workspace.
        type: str
      cpu:
        description: CPU cores of each worker.
        type: str
      memory:
        description: Memory of each worker in GiB, such as V(16Gi).
        type: str
      gpu_spec:
        description: GPU instance type.
        type: str
      display_release_version:
        description: Another version of the Ray engine for this group.
        type: str
  log_lines:
    description:
      - How many lines of the end of the driver's log a result has with O(state=finished), when the job failed, was
        cancelled or took too long, and with O(via=cluster) when it succeeded too. V(0) for none.
    type: int
    default: 50
  wait_timeout:
    description:
      - Seconds that the whole task may take, waiting and looking for a lost job included. Fractions are allowed.
    type: float
    default: 3600.0
  wait_interval:
    description: Seconds between two looks at the job; the pause grows to six times that. Fractions are allowed.
    type: float
    default: 5.0
extends_documentation_fragment:
  - rayops.alicloud.common
  - rayops.alicloud.attributes
attributes:
  check_mode:
    support: full
    details: A job that is on its way, or would be submitted, is taken for one that will succeed.
  diff_mode:
    support: full
    details: The job before and after, without its times, its costs and its addresses.
  idempotent:
    support: partial
    details: With O(job_key) or O(submission_id). Without either, every run submits a job.
seealso:
  - module: rayops.alicloud.emr_network_service
  - module: rayops.alicloud.emr_ray_cluster
  - module: rayops.alicloud.emr_ray_cluster_info
  - module: rayops.alicloud.emr_ray_doctor
  - module: rayops.alicloud.emr_ray_fleet
  - module: rayops.alicloud.emr_ray_job_info
  - module: rayops.alicloud.emr_ray_job_log
  - module: rayops.alicloud.emr_ray_probe
  - module: rayops.alicloud.emr_workspace
  - module: rayops.alicloud.emr_workspace_info
  - module: rayops.alicloud.emr_workspace_member
  - module: rayops.alicloud.emr_workspace_queue
"""

EXAMPLES = r"""
- name: Run tonight's training once, on a cluster of its own, and wait
  rayops.alicloud.emr_ray_job:
    region: cn-hangzhou
    workspace_id: w-d2d82aa09155
    job_key: training-2026-11-22
    state: finished
    entrypoint: python main.py
    working_dir: oss://bucket/training.zip
    display_release_version: err-1.2.0 (Ray 2.55.1, Python 3.12)
    head_spec:
      queue_name: root_queue
      cpu: 2
      memory: 8Gi
    worker_spec:
      - group_name: cpu
        worker_type: CPU
        queue_name: root_queue
        cpu: 4
        memory: 16Gi
        replica: 2
    retries_on_failure: 2
    active_deadline_seconds: 7200
    tags:
      team: research

- name: Submit to a cluster that exists, and do not wait
  rayops.alicloud.emr_ray_job:
    region: cn-hangzhou
    workspace_id: w-d2d82aa09155
    job_key: report-2026-11-22
    cluster_name: training
    entrypoint: python report.py
    runtime_env_json:
      env_vars:
        STAGE: production
  register: report

- name: Wait for it later
  rayops.alicloud.emr_ray_job:
    region: cn-hangzhou
    workspace_id: w-d2d82aa09155
    submission_id: "{{ report.submission_id }}"
    state: finished

- name: Talk to the cluster itself, and follow the log
  rayops.alicloud.emr_ray_job:
    region: cn-hangzhou
    workspace_id: w-d2d82aa09155
    via: cluster
    cluster_name: training
    job_key: check-2026-11-22
    state: finished
    entrypoint: python check.py

- name: Cancel a job, if it is still on its way
  rayops.alicloud.emr_ray_job:
    region: cn-hangzhou
    workspace_id: w-d2d82aa09155
    job_key: report-2026-11-22
    state: cancelled
"""

RETURN = r"""
submission_id:
  description: Id of the job. V((known after create\)) in check mode for one that would be submitted.
  type: str
  returned: always
  sample: rj-k7nm8ahl5te4tg91
job:
  description: The job as it is, or in check mode as it would be. A field that the service did not give is null.
  type: dict
  returned: always
  contains:
    submission_id:
      description: Id of the job.
      type: str
    job_key:
      description: The key in the job's metadata.
      type: str
    attempt:
      description: Which attempt with its key the job is, counted from 1.
      type: int
    name:
      description: Name of the job.
      type: str
    status:
      description:
        - V(Submitted), V(Pending), V(Running), V(Succeeded), V(Failed), V(Timeout), V(Cancelling) or V(Cancelled).
      type: str
    message:
      description: What the service, or Ray, says about the status; at most 1000 characters.
      type: str
    cluster_state:
      description: State of the cluster that the job runs on.
      type: str
    creator_name:
      description: Who submitted it.
      type: str
    dashboard_url:
      description: Address of the dashboard, without a token.
      type: str
    display_release_version:
      description: Version of the Ray engine.
      type: str
    resource_queue:
      description: What the list of the service calls the queue. It holds a version.
      type: str
    submission_mode:
      description: How the service submitted it to Ray.
      type: str
    entrypoint:
      description: The command.
      type: str
    entrypoint_num_cpus:
      description: Cores of the driver.
      type: str
    entrypoint_num_gpus:
      description: GPUs of the driver.
      type: str
    entrypoint_memory:
      description: Memory of the driver.
      type: str
    entrypoint_resources:
      description: Other resources of the driver, as JSON.
      type: str
    working_dir:
      description: Where its files are.
      type: str
    runtime_env_json:
      description: The runtime environment, as JSON.
      type: str
    metadata_json:
      description: The metadata, as JSON.
      type: str
    extra_param:
      description: More parameters, as JSON.
      type: str
    network_service_name:
      description: Network connection.
      type: str
    log_bucket_name:
      description: Bucket of the logs.
      type: str
    log_path:
      description: Where in the bucket they are.
      type: str
    task_biz_id:
      description: Id of the task in the service's scheduler.
      type: str
    submit_time:
      description: When it was submitted, in milliseconds since 1970.
      type: int
    start_time:
      description: When it began, in milliseconds since 1970.
      type: int
    end_time:
      description: When it ended, in milliseconds since 1970.
      type: int
    duration:
      description: How long it took, as the service says it.
      type: int
    cu_hours:
      description: What it used; known some time after its end.
      type: float
    active_deadline_seconds:
      description: After how many seconds the service ends it.
      type: int
    ttl_seconds_after_finished:
      description: For how many seconds its cluster is kept.
      type: int
    backoff_limit:
      description: Retries of the service itself, which has none.
      type: int
    driver_exit_code:
      description: Exit code of the driver, with O(via=cluster).
      type: int
    shutdown_after_job_finishes:
      description: Whether its cluster is deleted afterwards.
      type: bool
    volume_ids:
      description: Mounted file directories.
      type: list
      elements: str
    dashboard_url_extra:
      description: More addresses.
      type: list
      elements: str
    tags:
      description: Its tags.
      type: dict
    worker_spec:
      description: The worker groups of its temporary cluster.
      type: list
      elements: dict
    gu_hours:
      description: GPU hours; the service does not fill this in yet.
      type: raw
    head_spec:
      description: The head of its temporary cluster.
      type: dict
actions:
  description:
    - The operations that were done, or in check mode would be, in order. Each is V(submit) or V(cancel).
    - A failed attempt that is followed by another one shows as one more V(submit).
  type: list
  elements: str
  returned: always
  sample: [submit]
driver_log_tail:
  description: The last lines of the driver's log, with secrets that are known here hidden.
  type: list
  elements: str
  returned: with O(state=finished), when the job did not succeed or ran O(via=cluster), and has a log
  sample: ["Running entrypoint for job rj-k7nm8ahl5te4tg91: python main.py", "ValueError: no such table"]
adopted:
  description: How the job was recognised when the answer to its submission was lost.
  type: str
  returned: when that was so
  sample: "the answer to its submission was lost (the connection was closed), and then it was there"
error:
  description: What went wrong, with C(operation), C(code), C(message), C(request_id), C(http_status) and C(hint).
  type: dict
  returned: failure
"""

from ansible.module_utils.basic import AnsibleModule

from ..module_utils._argspec.job import JOB
from ..module_utils._job.run import run_job
from ..module_utils._task.module import run_module


def main() -> None:
    """Run the module."""
    run_module(AnsibleModule(argument_spec=JOB, supports_check_mode=True), run_job)


if __name__ == "__main__":
    main()
