#!/usr/bin/python
# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module emr_ray_job: its contract, and a few lines that hand it to the core."""

from __future__ import annotations

DOCUMENTATION = r"""
module: emr_ray_job
short_description: Run a Ray job on Alibaba Cloud EMR Serverless Spark
version_added: 1.0.0
author: The rayops.alicloud authors (@rayops)
description:
  - Submits a Ray job to an existing or a temporary cluster, waits until it finishes, or cancels it.
  - With O(job_key), a job is submitted once. The key is stored in the metadata of the job. Before the task submits a
    job, it searches for the key. A second run of the playbook therefore finds the job of the first.
  - The service has no token that would make a submission repeatable. If the response to a submission is lost, the task
    searches for the job by its key, or by one made for this run. If the job exists, the task adopts it.
options:
  submission_id:
    description:
      - ID of an existing job to wait for or to cancel. Any user may have submitted it. No job is submitted. Fails if an
        option that describes a job is set.
      - With O(via=cluster), O(cluster_id) or O(cluster_name) is required, too.
    type: str
  job_key:
    description:
      - Key that identifies this job, which you choose, such as V(train-2026-11-22). A job with this key is submitted
        once, in any run and however often you run it.
      - A job with this key that is in progress or has succeeded is not submitted again. If it failed, was canceled, or
        timed out, it is submitted again only if O(resubmit) says so.
      - Without O(job_key), every run submits a job.
      - The service finds jobs by O(name) only. Without O(name), the key is the name, and a search costs one request for
        the list and one for the job. With O(name), the task reads the jobs of this name one at a time, the newest
        first, until one has the key. Set the same O(name), or none, in every task that uses a key.
      - With O(via=cluster), Ray's ID of the job is derived from the key.
    type: str
  state:
    description:
      - V(submitted) submits the job and does not wait.
      - V(finished) waits until the job ends. Fails if the job failed, was canceled, or timed out.
      - V(cancelled) cancels the job and waits until it ends. Requires O(submission_id) or O(job_key). If the job has
        already ended, or no job has the O(job_key), the task sends no request to cancel it.
      - Ray ends a job only after the job has started. With O(via=cluster), a job that still waits for resources stays
        V(Pending) until it gets them or Ray gives up. By default, Ray gives up after 15 minutes.
    type: str
    choices: [submitted, finished, cancelled]
    default: submitted
  via:
    description:
      - V(service) submits through the service.
      - V(cluster) submits to the Ray Jobs endpoint of a running cluster, named by O(cluster_id) or O(cluster_name).
        With O(state=finished), it follows the log of the job. O(network=vpc) uses the address inside the VPC.
      - V(cluster) fails if an option is set that only the service supports. These are O(display_release_version),
        O(head_spec), O(worker_spec), O(network_service_name), O(volume_ids), O(extra_param), O(tags),
        O(submission_mode), O(active_deadline_seconds), O(shutdown_after_job_finishes), and
        O(ttl_seconds_after_finished).
      - The task searches for an O(job_key) only where it submits. The same key with V(service) and with V(cluster)
        identifies two jobs.
    type: str
    choices: [service, cluster]
    default: service
  resubmit:
    description:
      - Handle a job with this O(job_key) that failed, was canceled, or timed out in an earlier run.
      - V(never) does not submit it again. Fails with O(state=finished).
      - V(if_failed) submits it again.
    type: str
    choices: [never, if_failed]
    default: never
  retries_on_failure:
    description:
      - Number of times to submit a failed job again in the same task. Requires O(state=finished). The service has no
        retries of its own. A job that was canceled or timed out is not retried.
      - With O(job_key), each attempt is numbered. If a run is interrupted, the next one continues with the remaining
        attempts.
    type: int
    default: 0
  name:
    description:
      - Name of the job. Names need not be unique.
      - Required to submit a job through the service, unless O(job_key) is set. The key is then the name.
      - With O(via=cluster), the name is stored in the metadata, as C(name).
    type: str
  entrypoint:
    description: Command that the driver runs, such as V(python main.py). Required to submit a job.
    type: str
  cluster_id:
    description:
      - ID of the cluster to run on. Start it first, with M(rayops.alicloud.emr_ray_cluster).
      - Without a cluster, the service creates a temporary one from O(head_spec) and O(worker_spec).
    type: str
  cluster_name:
    description:
      - Name of the cluster to run on, instead of O(cluster_id). Fails if more than one cluster has this name.
    type: str
  display_release_version:
    description:
      - Version of the Ray engine of a temporary cluster, exactly as the console shows it.
      - Required for a temporary cluster.
    type: str
  working_dir:
    description:
      - Location of the files of the job, such as V(oss://bucket/job.zip).
      - With O(via=cluster), it becomes the C(working_dir) of the runtime environment. It must be an address that the
        cluster can read. The task uploads no files.
    type: str
  runtime_env_json:
    description:
      - Runtime environment of Ray, as JSON or as a mapping, such as
        C({"pip":["torch"],"env_vars":{"STAGE":"test"}}).
      - Fails if a field is not one of Ray's, or if a value of C(env_vars) is not text. Ray would reject the job only
        later. Quote numbers and words such as V(true).
      - Results hide the values of C(env_vars) whose name contains a word such as password, secret, token, credential,
        or key. The service and Ray show them to all users who may see the job.
    type: json
  metadata_json:
    description:
      - Metadata of the job, as JSON or as a mapping. The collection adds C(rayops_job_key) or C(rayops_submit_id), and
        C(rayops_attempt).
      - With O(via=cluster), every value must be text, since Ray accepts only text.
    type: json
  entrypoint_num_cpus:
    description: CPU cores to reserve for the driver, such as V(1) or V(0.5).
    type: str
  entrypoint_num_gpus:
    description: GPUs to reserve for the driver.
    type: str
  entrypoint_memory:
    description: Memory to reserve for the driver, in GiB, such as V(4Gi).
    type: str
  entrypoint_resources:
    description: Custom resources to reserve for the driver, as JSON or as a mapping, such as C({"fpu":1}).
    type: json
  submission_mode:
    description: Mode in which the service submits the job to Ray, such as V(HTTPMode). By default, the service decides.
    type: str
  active_deadline_seconds:
    description: Seconds after which the service ends the job, including the creation of a temporary cluster.
    type: int
  shutdown_after_job_finishes:
    description: Delete the temporary cluster after the job. The service does so unless this is V(false).
    type: bool
  ttl_seconds_after_finished:
    description: Seconds to keep the temporary cluster after the job before it is deleted.
    type: int
  network_service_name:
    description: Name of the network connection of the workspace that a temporary cluster uses.
    type: str
  extra_param:
    description: More parameters of the service, as JSON or as a mapping, such as C(userRequirementsFile).
    type: json
  volume_ids:
    description: IDs of managed file directories to mount.
    type: list
    elements: str
  tags:
    description: Tags of the job.
    type: dict
  head_spec:
    description: Head of a temporary cluster. Required for one, with queue, CPU, and memory.
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
        description: Number of heads, always V(1). This option has no effect. It exists so that you can use the
          C(head_spec) of a result as an option.
        type: int
      enable_auto_scaling:
        description: If V(true), the worker groups scale automatically.
        type: bool
      idle_timeout_seconds:
        description: Seconds after which the autoscaler removes an idle worker.
        type: int
  worker_spec:
    description: Worker groups of a temporary cluster, at least one.
    type: list
    elements: dict
    suboptions:
      group_name:
        description: Name of the group.
        type: str
        required: true
      worker_type:
        description: Type of the workers, such as V(CPU).
        type: str
      replica:
        description: Number of workers.
        type: int
      min_replica:
        description: Smallest number of workers under autoscaling.
        type: int
      max_replica:
        description: Largest number of workers under autoscaling.
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
      - Number of last lines of the driver's log to return with O(state=finished) if the job failed, was canceled, or
        timed out. With O(via=cluster), they are returned if it succeeded, too. V(0) returns none.
    type: int
    default: 50
  wait_timeout:
    description:
      - Longest time for the whole task in seconds, including waits and searches for a lost job. Fractions are allowed.
    type: float
    default: 3600.0
  wait_interval:
    description: Seconds between two reads of the job. The interval grows to six times this value. Fractions are
      allowed.
    type: float
    default: 5.0
extends_documentation_fragment:
  - rayops.alicloud.common
  - rayops.alicloud.attributes
attributes:
  check_mode:
    support: full
    details: Assumes that a job that is in progress, or would be submitted, will succeed.
  diff_mode:
    support: full
    details: Shows the job before and after, without its times, costs, and addresses.
  idempotent:
    support: partial
    details: Requires O(job_key) or O(submission_id). Without either, every run submits a job.
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
- name: Run tonight's training once on a temporary cluster, and wait
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

- name: Submit a job to an existing cluster without waiting
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

- name: Wait for the job later
  rayops.alicloud.emr_ray_job:
    region: cn-hangzhou
    workspace_id: w-d2d82aa09155
    submission_id: "{{ report.submission_id }}"
    state: finished

- name: Submit directly to the cluster, and follow the log
  rayops.alicloud.emr_ray_job:
    region: cn-hangzhou
    workspace_id: w-d2d82aa09155
    via: cluster
    cluster_name: training
    job_key: check-2026-11-22
    state: finished
    entrypoint: python check.py

- name: Cancel a job if it is still in progress
  rayops.alicloud.emr_ray_job:
    region: cn-hangzhou
    workspace_id: w-d2d82aa09155
    job_key: report-2026-11-22
    state: cancelled
"""

RETURN = r"""
submission_id:
  description: ID of the job. In check mode, V((known after create\)) if a run would submit the job.
  type: str
  returned: always
  sample: rj-k7nm8ahl5te4tg91
job:
  description: The job or, in check mode, the predicted one. Fields that the service did not return are null.
  type: dict
  returned: always
  contains:
    submission_id:
      description: ID of the job.
      type: str
    job_key:
      description: Key in the metadata of the job.
      type: str
    attempt:
      description: Number of the attempt with this key, counted from 1.
      type: int
    name:
      description: Name of the job.
      type: str
    status:
      description:
        - V(Submitted), V(Pending), V(Running), V(Succeeded), V(Failed), V(Timeout), V(Cancelling), or V(Cancelled).
      type: str
    message:
      description: Message of the service or of Ray about the status, at most 1000 characters.
      type: str
    cluster_state:
      description: State of the cluster that the job runs on.
      type: str
    creator_name:
      description: Name of the user who submitted the job.
      type: str
    dashboard_url:
      description: Address of the dashboard, without a token.
      type: str
    display_release_version:
      description: Version of the Ray engine.
      type: str
    resource_queue:
      description: Name of the queue in the list of the service. It contains a version.
      type: str
    submission_mode:
      description: Mode in which the service submitted the job to Ray.
      type: str
    entrypoint:
      description: Command that the driver runs.
      type: str
    entrypoint_num_cpus:
      description: CPU cores of the driver.
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
      description: Location of the files of the job.
      type: str
    runtime_env_json:
      description: Runtime environment, as JSON.
      type: str
    metadata_json:
      description: Metadata, as JSON.
      type: str
    extra_param:
      description: More parameters, as JSON.
      type: str
    network_service_name:
      description: Name of the network connection.
      type: str
    log_bucket_name:
      description: Bucket of the logs.
      type: str
    log_path:
      description: Path of the logs in the bucket.
      type: str
    task_biz_id:
      description: ID of the task in the service's scheduler.
      type: str
    submit_time:
      description: Time when the job was submitted, in milliseconds since the epoch.
      type: int
    start_time:
      description: Time when the job started, in milliseconds since the epoch.
      type: int
    end_time:
      description: Time when the job ended, in milliseconds since the epoch.
      type: int
    duration:
      description: Duration of the job, as the service reports it.
      type: int
    cu_hours:
      description: CU hours that the job used. Known some time after it ends.
      type: float
    active_deadline_seconds:
      description: Seconds after which the service ends the job.
      type: int
    ttl_seconds_after_finished:
      description: Seconds for which the temporary cluster is kept.
      type: int
    backoff_limit:
      description: Number of retries by the service, which does not retry.
      type: int
    driver_exit_code:
      description: Exit code of the driver, with O(via=cluster).
      type: int
    shutdown_after_job_finishes:
      description: V(true) if the temporary cluster is deleted after the job.
      type: bool
    volume_ids:
      description: Mounted file directories.
      type: list
      elements: str
    dashboard_url_extra:
      description: Additional addresses.
      type: list
      elements: str
    tags:
      description: Tags of the job.
      type: dict
    worker_spec:
      description: Worker groups of the temporary cluster.
      type: list
      elements: dict
    gu_hours:
      description: GPU hours. The service does not return them yet.
      type: raw
    head_spec:
      description: Head of the temporary cluster.
      type: dict
actions:
  description:
    - The operations that the task did or, in check mode, would do, in order. Each is V(submit) or V(cancel).
    - If another attempt follows a failed one, it shows as one more V(submit).
  type: list
  elements: str
  returned: always
  sample: [submit]
driver_log_tail:
  description: The last lines of the driver's log. Secrets that the task knows are hidden.
  type: list
  elements: str
  returned: with O(state=finished), if the job has a log and failed, was canceled, timed out, or ran O(via=cluster)
  sample: ["Running entrypoint for job rj-k7nm8ahl5te4tg91: python main.py", "ValueError: no such table"]
adopted:
  description: How the task identified the job after the response to its submission was lost.
  type: str
  returned: if the response to a submission was lost
  sample: "the response to its submission was lost (the connection was closed), and then it existed"
error:
  description: Error details, with C(operation), C(code), C(message), C(request_id), C(http_status), and C(hint).
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
