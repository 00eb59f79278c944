#!/usr/bin/python
# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module emr_ray_job_info: its contract, and a few lines that hand it to the core."""

from __future__ import annotations

DOCUMENTATION = r"""
module: emr_ray_job_info
short_description: List Ray jobs on Alibaba Cloud EMR Serverless Spark
version_added: 1.0.0
author: The rayops.alicloud authors (@rayops)
description:
  - Returns the Ray jobs of an EMR Serverless Spark workspace, all of them or those that match every given option.
  - Or, with O(via=cluster), the jobs that a running cluster itself knows of its present run. Drivers that nobody
    submitted, such as a notebook that is connected, are among them, without C(submission_id).
  - Jobs look as in the result of M(rayops.alicloud.emr_ray_job).
options:
  via:
    description:
      - V(service) asks the service. It does not tell on which cluster a job runs, and does not know jobs that a cluster
        was given directly.
      - V(cluster) asks the cluster's own endpoint, as in M(rayops.alicloud.emr_ray_job). What only the service knows of
        a job is null.
    type: str
    choices: [service, cluster]
    default: service
  cluster_id:
    description: Id of the cluster to ask. O(via=cluster) needs this or O(cluster_name).
    type: str
  cluster_name:
    description: Name of the cluster to ask. It has to be the only one of this name.
    type: str
  submission_id:
    description: Id of the only job to return. It is read with all its fields.
    type: str
  name:
    description: Exact name of the jobs to return. Names need not be unique.
    type: str
  task_biz_id:
    description: Id of a task in the service's scheduler, whose jobs are returned.
    type: str
  submit_time:
    description: When the jobs to return were submitted. One bound is enough.
    type: dict
    suboptions:
      start_time:
        description:
          - From when on, such as V(2026-11-22T00:00:00Z), or in milliseconds since 1970. UTC unless it names a zone.
        type: str
      end_time:
        description: Until when.
        type: str
  statuses:
    description: Statuses of the jobs to return, such as V(Running) or V(Failed).
    type: list
    elements: str
  details:
    description:
      - Whether to read every job with all its fields, which takes one more request for each.
      - The list of a workspace has only C(submission_id), C(name), C(status), C(cluster_state), C(creator_name),
        C(cu_hours), C(dashboard_url), C(duration), C(submit_time), C(start_time), C(end_time) and C(resource_queue).
        Without this option the other keys are not there.
    type: bool
    default: false
extends_documentation_fragment:
  - rayops.alicloud.common
  - rayops.alicloud.attributes
attributes:
  check_mode:
    support: full
    details: Nothing is ever changed.
  diff_mode:
    support: N/A
  idempotent:
    support: full
seealso:
  - module: rayops.alicloud.emr_network_service
  - module: rayops.alicloud.emr_ray_cluster
  - module: rayops.alicloud.emr_ray_cluster_info
  - module: rayops.alicloud.emr_ray_doctor
  - module: rayops.alicloud.emr_ray_fleet
  - module: rayops.alicloud.emr_ray_job
  - module: rayops.alicloud.emr_ray_job_log
  - module: rayops.alicloud.emr_ray_probe
  - module: rayops.alicloud.emr_workspace
  - module: rayops.alicloud.emr_workspace_info
  - module: rayops.alicloud.emr_workspace_member
  - module: rayops.alicloud.emr_workspace_queue
"""

EXAMPLES = r"""
- name: List the jobs that failed since yesterday
  rayops.alicloud.emr_ray_job_info:
    region: cn-hangzhou
    workspace_id: w-d2d82aa09155
    statuses: [Failed, Timeout]
    submit_time:
      start_time: "2026-11-21T00:00:00Z"
  register: bad

- name: Read all jobs of a name with all their fields
  rayops.alicloud.emr_ray_job_info:
    region: cn-hangzhou
    workspace_id: w-d2d82aa09155
    name: training-2026-11-22
    details: true
  register: training

- name: List what runs on a cluster, whoever started it
  rayops.alicloud.emr_ray_job_info:
    region: cn-hangzhou
    workspace_id: w-d2d82aa09155
    via: cluster
    cluster_name: training
    statuses: [Pending, Running]

- name: Show what became of each attempt
  ansible.builtin.debug:
    msg: "{{ training.jobs | map(attribute='status') | list }}"
"""

RETURN = r"""
jobs:
  description:
    - The jobs, each as in the result RV(rayops.alicloud.emr_ray_job#module:job) of M(rayops.alicloud.emr_ray_job). Keys
      that only a read of the single job gives are there with O(details) or O(submission_id).
  type: list
  elements: dict
  returned: success
  sample:
    - submission_id: rj-k7nm8ahl5te4tg91
      name: training-2026-11-22
      status: Succeeded
cluster:
  description:
    - The cluster that was asked, as RV(rayops.alicloud.emr_ray_cluster#module:cluster) of
      M(rayops.alicloud.emr_ray_cluster).
  type: dict
  returned: with O(via=cluster)
error:
  description: What went wrong, with C(operation), C(code), C(message), C(request_id), C(http_status) and C(hint).
  type: dict
  returned: failure
"""

from ansible.module_utils.basic import AnsibleModule

from ..module_utils._argspec.job import JOB_INFO
from ..module_utils._job.info import run_job_info
from ..module_utils._task.module import run_module


def main() -> None:
    """Run the module."""
    run_module(AnsibleModule(argument_spec=JOB_INFO, supports_check_mode=True), run_job_info)


if __name__ == "__main__":
    main()
