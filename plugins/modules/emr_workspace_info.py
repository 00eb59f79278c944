#!/usr/bin/python
# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module emr_workspace_info: its contract, and a few lines that hand it to the core."""

from __future__ import annotations

DOCUMENTATION = r"""
module: emr_workspace_info
short_description: Read workspaces of Alibaba Cloud EMR Serverless Spark and the resources that Ray clusters use
version_added: 1.0.0
author: The rayops.alicloud authors (@rayops)
description:
  - Returns EMR Serverless Spark workspaces, all of a region or those that match every given option, including
    O(workspace_id). The environment variable for that option in other modules has no effect here.
  - For each workspace, returns the resources that a cluster refers to. These are the queues with their capacity and
    usage, the engine versions, and the network services.
options:
  name:
    description: Text that the name of the workspaces to return contains.
    type: str
  states:
    description: States of the workspaces to return, such as V(RUNNING). Case does not matter.
    type: list
    elements: str
  gather:
    description:
      - Parts to read of each workspace, with one request for each part. An empty list reads none.
      - If the service does not allow this user to read a part, the part is V(null) in the result. The task warns, and
        C(errors) gives the reason. If a request fails in any other way, the task fails.
      - If a workspace is starting, terminating, or terminated, all parts are V(null).
      - V(members) are the users of the workspace with their roles. V(top_jobs) are the largest jobs in each queue.
        V(cu_hours) are the CU hours that each queue used between O(start_time) and O(end_time). V(top_jobs) and
        V(cu_hours) need one request for each queue. One CU (compute unit) is one core with 4 GiB.
    type: list
    elements: str
    choices: [queues, release_versions, network_services, members, top_jobs, cu_hours]
    default: [queues, release_versions, network_services]
  start_time:
    description: Start of the period of V(cu_hours), in the format of the service, such as V(2026-11-01 00:00:00).
    type: str
  end_time:
    description: End of the period of V(cu_hours), such as V(2026-12-01 00:00:00).
    type: str
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
  - module: rayops.alicloud.emr_ray_job_info
  - module: rayops.alicloud.emr_ray_job_log
  - module: rayops.alicloud.emr_ray_probe
  - module: rayops.alicloud.emr_workspace
  - module: rayops.alicloud.emr_workspace_member
  - module: rayops.alicloud.emr_workspace_queue
"""

EXAMPLES = r"""
- name: List the workspaces of a region without their resources
  rayops.alicloud.emr_workspace_info:
    region: cn-hangzhou
    gather: []
  register: all

- name: Read the resources that a cluster in one workspace can use
  rayops.alicloud.emr_workspace_info:
    region: cn-hangzhou
    workspace_id: w-d2d82aa09155
  register: found

- name: Show the remaining capacity of each queue, and the versions of Ray
  ansible.builtin.debug:
    msg:
      - "{{ item.max_resource.cpu - item.used_resource.cpu }} of {{ item.max_resource.cpu }} cores are left"
      - "{{ workspace.release_versions | map(attribute='display_release_version') | select('search', 'Ray') | list }}"
  loop: "{{ workspace.queues }}"
  loop_control:
    label: "{{ item.queue_name }}"
  vars:
    workspace: "{{ found.workspaces | first }}"
"""

RETURN = r"""
workspaces:
  description:
    - The workspaces. Fields that the service did not return are V(null). Times are in milliseconds since the epoch.
  type: list
  elements: dict
  returned: success
  contains:
    workspace_id:
      description: ID of the workspace.
      type: str
    workspace_name:
      description: Name of the workspace.
      type: str
    workspace_status:
      description: V(STARTING), V(RUNNING), V(TERMINATING), or V(TERMINATED).
      type: str
    region_id:
      description: Region of the workspace.
      type: str
    payment_type:
      description: V(PayAsYouGo) or V(Subscription).
      type: str
    payment_status:
      description: Payment status of the workspace.
      type: str
    resource_spec:
      description: Purchased size, such as V(100cu).
      type: str
    storage:
      description: OSS path of the workspace's own files.
      type: str
    gpu_spec:
      description: GPU types of the workspace.
      type: list
      elements: str
    ip_white_list:
      description: Addresses that may reach the workspace.
      type: list
      elements: str
    resource_group_id:
      description: Resource group.
      type: str
    release_type:
      description: Release channel.
      type: str
    ram_role_name:
      description: RAM role that jobs run with. Returned with O(workspace_id) only.
      type: str
    dlf_type:
      description: Type of the metadata catalog.
      type: str
    dlf_catalog_id:
      description: ID of the metadata catalog.
      type: str
    auto_renew:
      description: V(true) if the subscription renews automatically.
      type: bool
    auto_renew_period:
      description: Length of each automatic renewal, in units of C(auto_renew_period_unit).
      type: int
    auto_renew_period_unit:
      description: Unit of C(auto_renew_period), such as V(MONTH).
      type: str
    duration:
      description: Length of the subscription, in units of C(payment_duration_unit).
      type: int
    payment_duration_unit:
      description: Unit of C(duration), such as V(MONTH).
      type: str
    resource_owner_id:
      description: Account that the workspace belongs to. Returned with O(workspace_id) only.
      type: str
    pre_paid_quota:
      description:
        - Subscription of the workspace, with C(instance_id), C(payment_status), C(order_id), C(auto_renewal),
          C(create_time), and C(expire_time). V(null) for a workspace without one.
        - C(max_resource), C(allocated_resource), and C(used_resource) have C(cpu) in cores and C(memory_gib).
      type: dict
    pre_paid_quota_gpu:
      description:
        - GPU machines of the subscription, with the times and IDs of C(pre_paid_quota), and C(instance_type_id),
          C(instance_type_family), C(gpu_spec), C(gpu_num), C(gpu_amount), C(gpu_machine_num), C(gpu_memory_size),
          C(cpu_core_count), and C(memory_size).
      type: list
      elements: dict
    fail_reason:
      description: Reason why creating the workspace failed.
      type: str
    state_change_reason:
      description: Code and message of the last state change.
      type: str
    create_time:
      description: Time when the workspace was created.
      type: int
    end_time:
      description: Time when the workspace ends or ended.
      type: int
    tags:
      description: Tags of the workspace.
      type: dict
    queues:
      description:
        - Queues, with C(queue_name), C(queue_status), C(queue_type), C(queue_category) (V(CPU) or V(GPU)), C(gpu_spec),
          C(gpu_machine_num), C(payment_type), C(environments), C(description), C(preheat), C(instance_id), C(creator),
          C(create_time), C(region_id), C(workspace_id), and the JSON texts C(queue_scope) and C(properties).
        - C(allow_actions) lists the actions that this user may take on the queue, such as V(create_queue).
        - C(max_resource), C(min_resource), and C(used_resource) have C(cpu) in cores and C(memory_gib) in GiB, as
          numbers.
      type: list
      elements: dict
      returned: if listed in O(gather)
      sample:
        - queue_name: root_queue
          queue_category: CPU
          max_resource: {cpu: 100, memory_gib: 400}
          used_resource: {cpu: 12, memory_gib: 48}
    release_versions:
      description:
        - Engine versions of Spark and Ray, with C(display_release_version), which clusters refer to,
          C(release_version), C(community_version), C(scala_version), C(state), C(type), C(fusion), C(iaas_type),
          C(is_custom), C(cpu_architectures), and C(gmt_create).
      type: list
      elements: dict
      returned: if listed in O(gather)
      sample:
        - display_release_version: ray-1.0.0 (Ray 2.47.1, Python 3.12)
          state: ONLINE
          is_custom: false
    network_services:
      description:
        - Network services, with C(name), which clusters refer to, C(network_service_id), C(state), C(type), C(vpc_id),
          C(vswitch_ids), C(workspace_id), and C(state_change_reason).
      type: list
      elements: dict
      returned: if listed in O(gather)
      sample:
        - name: vpc
          state: running
    members:
      description:
        - Members, with C(member_arn), C(user_name), C(display_name), C(user_type), C(visible), C(create_time), and
          C(actions), the names of the actions that they may take.
        - C(roles) have C(role_arn), C(role_name), C(description), C(create_time), and C(actions).
      type: list
      elements: dict
      returned: if listed in O(gather)
      sample:
        - user_name: automation
          roles: [{role_name: DataScience}]
    top_jobs:
      description:
        - Largest jobs in each queue, with C(queue_name), C(total_cu), C(total_job_count), and the ten largest C(jobs).
          Each job has C(job_id), C(job_type), C(cu), C(cpu_cores), and C(memory_gib).
      type: list
      elements: dict
      returned: if listed in O(gather)
      sample:
        - queue_name: gpu_queue
          total_cu: 54
          total_job_count: 2
          jobs: [{job_id: ray-k7nm8ahl5te4tg91, job_type: RAY, cu: 24, cpu_cores: 12, memory_gib: 96}]
    cu_hours:
      description:
        - CU hours of each queue, with C(queue_name), C(cu_hours), the sum as a number, and C(text), the response of the
          service. C(cu_hours) is V(null) if the text cannot be parsed. The service calls it an estimate.
      type: list
      elements: dict
      returned: if listed in O(gather)
      sample:
        - queue_name: gpu_queue
          cu_hours: 12.5
    errors:
      description: For each part that could not be read, the reason.
      type: dict
error:
  description: Error details, with C(operation), C(code), C(message), C(request_id), C(http_status), and C(hint).
  type: dict
  returned: failure
"""

from ansible.module_utils.basic import AnsibleModule

from ..module_utils._argspec.workspace import WORKSPACE_INFO_OPTIONS
from ..module_utils._task.module import run_module
from ..module_utils._workspace.info import run_workspace_info


def main() -> None:
    """Run the module."""
    run_module(AnsibleModule(argument_spec=WORKSPACE_INFO_OPTIONS, supports_check_mode=True), run_workspace_info)


if __name__ == "__main__":
    main()
