#!/usr/bin/python
# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module emr_workspace: its contract, and a few lines that hand it to the core."""

from __future__ import annotations

DOCUMENTATION = r"""
module: emr_workspace
short_description: Create and update an EMR Serverless Spark workspace
version_added: 1.0.0
author: The rayops.alicloud authors (@rayops)
description:
  - Creates a pay-as-you-go workspace, waits until it runs, and changes its size, GPU types, allow list, name, and
    resource group.
  - An option that is set is enforced. An option that is not set is left unchanged. If nothing has changed, no write
    request is sent.
  - A create request carries a token that is the same in the next run. If its response is lost, the task searches for
    the workspace by name and adopts it, so that exactly one is created.
  - The task never buys a subscription. Buy subscriptions in the console.
options:
  name:
    description:
      - Name of the workspace, 1 to 64 letters, digits, Chinese characters, C(-), and C(_), such as V(ray).
      - Without O(workspace_id), the task manages the workspace with this name, and creates it if it does not exist.
        Fails if several workspaces have this name.
      - With O(workspace_id), a workspace with another name is renamed.
      - The environment variable for O(workspace_id) in other modules has no effect here.
    type: str
  state:
    description:
      - V(present) creates the workspace if it does not exist, and applies the declared settings that differ.
      - V(absent) fails if the workspace exists, since the service has no operation that deletes one. The message names
        the page of the console.
    type: str
    choices: [present, absent]
    default: present
  resource_spec:
    description: Size of the workspace, such as C(cu=200).
    type: dict
    suboptions:
      cu:
        description:
          - CU that all queues together may have, as a number or as text, such as V(200), V("200"), or V(200cu).
          - Required to create a workspace.
        type: raw
      gpu:
        description: GPU cards that all queues together may have. The service does not return this value.
        type: int
  gpu_spec:
    description: GPU machine types that queues may use, such as V(ecs.gn7i-c8g1.2xlarge). Their order does not matter.
    type: list
    elements: str
  oss_bucket:
    description:
      - Bucket for the files of the workspace, such as V(oss://my-bucket/). It must exist.
      - Required to create a workspace. Cannot be changed later.
    type: str
  ram_role_name:
    description:
      - RAM role that jobs run with, such as V(AliyunEMRSparkJobRunDefaultRole). It must exist.
      - Required to create a workspace. Cannot be changed later.
    type: str
  payment_type:
    description:
      - Payment type of the workspace. A new workspace is always V(PayAsYouGo).
      - V(Pre) only describes a workspace that has a subscription. Fails if the workspace does not exist.
    type: str
    choices: [PayAsYouGo, Pre]
  dlf_catalog_id:
    description: ID of a metadata catalog, which Ray does not need. Cannot be changed later.
    type: str
  dlf_type:
    description: Type of the metadata catalog, such as V(dlf1.0). Cannot be changed later.
    type: str
  release_type:
    description: Release channel, such as V(pro). Cannot be changed later.
    type: str
  resource_group_id:
    description: Resource group, such as V(rg-acfmxxxxx).
    type: str
  ip_white_list:
    description: Addresses that may reach the workspace, such as V(192.0.2.1). Their order does not matter.
    type: list
    elements: str
  tags:
    description: Tags of a new workspace, at most 20. Fails if an existing workspace has other tags.
    type: dict
  shrink:
    description:
      - With V(false), a smaller C(cu) in O(resource_spec) is not applied, and RV(postponed) shows it. All other
        settings are applied.
      - Queues must be smaller before their workspace can be. The role C(rayops.alicloud.ray_platform) sets this
        option, then changes the queues, and then lets the workspace shrink.
    type: bool
    default: true
  max_cu:
    description:
      - The most CU that the workspace may have, including all of its queues. Fails before anything is sent if the task
        would make it larger than that. A workspace that is already too large may shrink.
      - One CU (compute unit) is one core with 4 GiB of memory.
    type: float
  protected:
    description: Fail before anything is sent if the workspace would become smaller.
    type: bool
    default: false
  force:
    description:
      - Send the declared settings even if no readable setting differs. The task then always reports a change.
      - Shrink the workspace even if its queues seem too large. For a queue that may grow, reads show only the size that
        it may grow to.
      - Use it for one run, to apply a value that the service does not return. RV(not_compared) lists those options.
    type: bool
    default: false
  wait:
    description: Wait until a new workspace runs. Until then, queues and members cannot be created.
    type: bool
    default: true
  wait_timeout:
    description: Longest total time to wait, in seconds. Fractions are allowed.
    type: float
    default: 900.0
  wait_interval:
    description: Seconds between the first two reads of a wait. The interval grows to six times this value.
    type: float
    default: 5.0
extends_documentation_fragment:
  - rayops.alicloud.common
  - rayops.alicloud.attributes
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
  idempotent:
    support: full
    details: With O(force=true), the task always reports a change.
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
  - module: rayops.alicloud.emr_workspace_info
  - module: rayops.alicloud.emr_workspace_member
  - module: rayops.alicloud.emr_workspace_queue
"""

EXAMPLES = r"""
- name: Create a workspace for Ray
  rayops.alicloud.emr_workspace:
    region: cn-hangzhou
    name: ray
    oss_bucket: oss://my-bucket/
    ram_role_name: AliyunEMRSparkJobRunDefaultRole
    resource_spec:
      cu: 200
    max_cu: 400
  register: workspace

- name: Create a queue in the workspace
  rayops.alicloud.emr_workspace_queue:
    region: cn-hangzhou
    workspace_id: "{{ workspace.workspace_id }}"
    name: ray_queue
    resource_spec: {cu: 100}

- name: Allow another address
  rayops.alicloud.emr_workspace:
    region: cn-hangzhou
    workspace_id: w-d2d82aa09155
    ip_white_list: [192.0.2.1, 192.0.2.2]
"""

RETURN = r"""
msg:
  description: The plan in one line.
  type: str
  returned: always
  sample: 'workspace ray: update; resource_spec.cu 200 → 400'
actions:
  description: The operations that the task did or, in check mode, would do.
  type: list
  elements: str
  returned: always
  sample: [update]
changes:
  description: The fields that differ, each with C(field), C(before), C(after), and C(why).
  type: list
  elements: dict
  returned: success
  sample:
    - field: resource_spec.cu
      before: 200
      after: 400
      why: the declared value differs
workspace_id:
  description: ID of the workspace. In check mode, C((known after create\)) if a run would create it.
  type: str
  returned: always
  sample: w-d2d82aa09155
workspace:
  description:
    - The workspace after the task or, in check mode, the predicted one, with the fields of C(workspaces) of
      M(rayops.alicloud.emr_workspace_info).
  type: dict
  returned: success
capacity_delta:
  description:
    - Growth of the workspace at its guaranteed (C(minimum)), declared, and largest (C(maximum)) size. Each has C(cpu)
      in cores, C(memory_gib), C(cu), and C(gpus). A negative number means that capacity is released.
  type: dict
  returned: success
not_compared:
  description:
    - Declared options that the service does not return. They are sent with every write. The task cannot detect a
      difference in them alone.
  type: list
  elements: str
  returned: success
  sample: [resource_spec.gpu]
postponed:
  description: The changes that O(shrink=false) postpones, in the format of RV(changes).
  type: list
  elements: dict
  returned: if O(shrink) is false and the workspace exists
  sample:
    - field: resource_spec.cu
      before: 400
      after: 200
      why: the declared value differs
adopted:
  description: How the task recognized the workspace after the response to its create was lost.
  type: str
  returned: if the response to a create was lost
error:
  description: Error details, with C(operation), C(code), C(message), C(request_id), C(http_status), and C(hint).
  type: dict
  returned: failure
"""

from ansible.module_utils.basic import AnsibleModule

from ..module_utils._argspec.platform import WORKSPACE_OPTIONS
from ..module_utils._platform.workspace import run_workspace
from ..module_utils._task.module import run_module


def main() -> None:
    """Run the module."""
    run_module(AnsibleModule(argument_spec=WORKSPACE_OPTIONS, supports_check_mode=True), run_workspace)


if __name__ == "__main__":
    main()
