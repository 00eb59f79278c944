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
  - With O(via=cluster), returns the jobs of the current run of a cluster, as the running cluster lists them. They
    include drivers that were not submitted, such as a connected notebook. Those have no C(submission_id).
  - Jobs have the same fields as in the result of M(rayops.alicloud.emr_ray_job).
options:
  via:
    description:
      - V(service) reads the jobs from the service. The service does not return the cluster that a job runs on, and does
        not know jobs that were submitted directly to a cluster.
      - V(cluster) reads the jobs from the cluster's own endpoint, as in M(rayops.alicloud.emr_ray_job). Fields that
        only the service knows are null.
    type: str
    choices: [service, cluster]
    default: service
  cluster_id:
    description: ID of the cluster to read from. O(via=cluster) requires this or O(cluster_name).
    type: str
  cluster_name:
    description: Name of the cluster to read from. Fails if more than one cluster has this name.
    type: str
  submission_id:
    description: ID of the only job to return, with all its fields.
    type: str
  name:
    description: Exact name of the jobs to return. Names need not be unique.
    type: str
  task_biz_id:
    description: ID of a task in the service's scheduler. Only jobs of this task are returned.
    type: str
  submit_time:
    description: Time range in which the jobs to return were submitted. One bound is enough.
    type: dict
    suboptions:
      start_time:
        description:
          - Start of the range, such as V(2026-11-22T00:00:00Z), or in milliseconds since the epoch. The time zone is
            UTC unless the value names one.
        type: str
      end_time:
        description: End of the range.
        type: str
  statuses:
    description: Statuses of the jobs to return, such as V(Running) or V(Failed).
    type: list
    elements: str
  details:
    description:
      - If V(true), read every job with all its fields. This costs one more request for each job.
      - The list of a workspace has only C(submission_id), C(name), C(status), C(cluster_state), C(creator_name),
        C(cu_hours), C(dashboard_url), C(duration), C(submit_time), C(start_time), C(end_time), and C(resource_queue).
        Without this option, the other keys are missing.
    type: bool
    default: false
extends_documentation_fragment:
  - rayops.alicloud.common
  - rayops.alicloud.attributes
attributes:
  check_mode:
    support: full
    details: The module only reads.
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

- name: Read all jobs with one name, with all their fields
  rayops.alicloud.emr_ray_job_info:
    region: cn-hangzhou
    workspace_id: w-d2d82aa09155
    name: training-2026-11-22
    details: true
  register: training

- name: List the jobs in progress on a cluster, of all users
  rayops.alicloud.emr_ray_job_info:
    region: cn-hangzhou
    workspace_id: w-d2d82aa09155
    via: cluster
    cluster_name: training
    statuses: [Pending, Running]

- name: Show the status of each attempt
  ansible.builtin.debug:
    msg: "{{ training.jobs | map(attribute='status') | list }}"
"""

RETURN = r"""
jobs:
  description:
    - The jobs, each as in the result RV(rayops.alicloud.emr_ray_job#module:job) of M(rayops.alicloud.emr_ray_job). Keys
      that only a read of a single job returns require O(details) or O(submission_id).
  type: list
  elements: dict
  returned: success
  sample:
    - submission_id: rj-k7nm8ahl5te4tg91
      name: training-2026-11-22
      status: Succeeded
cluster:
  description:
    - The cluster that the jobs were read from, as RV(rayops.alicloud.emr_ray_cluster#module:cluster) of
      M(rayops.alicloud.emr_ray_cluster).
  type: dict
  returned: with O(via=cluster)
error:
  description: Error details, with C(operation), C(code), C(message), C(request_id), C(http_status), and C(hint).
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
