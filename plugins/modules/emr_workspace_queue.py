#!/usr/bin/python
# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module emr_workspace_queue: its contract, and a few lines that hand it to the core."""

from __future__ import annotations

DOCUMENTATION = r"""
module: emr_workspace_queue
short_description: Create, resize, and delete the queues of an EMR Serverless Spark workspace
version_added: 1.0.0
author: The rayops.alicloud authors (@rayops)
description:
  - Manages one queue, with O(name), or several in one task, with O(queues). A Ray cluster takes its nodes from queues.
  - An option that is set is enforced. An option that is not set is left unchanged, except O(resource_spec.max_cu). If
    nothing has changed, no write request is sent.
  - Several queues are changed in an order that fits the workspace. The task first deletes and shrinks queues, then
    lets queues grow, one edit at a time. Before the first write, it checks that all queues together fit into the
    workspace.
  - A queue that clusters or jobs use is not deleted. The task fails and names them.
  - The task never buys a subscription.
options:
  name:
    description: Name of the queue, 1 to 64 letters, digits, Chinese characters, C(-), and C(_), such as V(gpu_queue).
    type: str
  state:
    description:
      - V(present) creates the queue if it does not exist, and applies the declared settings that differ.
      - V(absent) deletes the queue. C(root_queue) cannot be deleted.
    type: str
    choices: [present, absent]
    default: present
  resource_spec:
    description: Size of the queue, such as C(cu=64) with C(max_cu=128).
    type: dict
    suboptions:
      cu:
        description:
          - CU of the queue, as a number or as text, such as V(64), V("64"), or V(64cu).
          - Required to create a queue, and to edit one whose size cannot be read.
        type: raw
      max_cu:
        description:
          - CU that the queue may grow to while other queues do not need them. Default is C(cu), so that the queue does
            not grow.
        type: raw
      gpu:
        description: Number of GPU cards, such as V(8). The service does not return this value.
        type: int
      gpu_machine_num:
        description: Number of prepaid GPU machines, for a queue with C(payment_type=Pre).
        type: int
  queue_category:
    description: Type of the queue. The default for a new queue is V(CPU). Cannot be changed later.
    type: str
    choices: [CPU, GPU]
  gpu_spec:
    description: GPU machine types of the queue, such as V(ecs.gn7i-c8g1.2xlarge). Their order does not matter.
    type: list
    elements: str
  payment_type:
    description:
      - Payment type of the queue. The default for a new queue is V(PayAsYouGo). Cannot be changed later.
      - V(Pre) takes its capacity from an existing subscription. It requires C(instance_id), the ID of the prepaid
        quota. The module never buys one.
    type: str
    choices: [PayAsYouGo, Pre]
  instance_id:
    description: ID of the prepaid quota, as M(rayops.alicloud.emr_workspace_info) shows it.
    type: str
  description:
    description: Description of the queue. An empty text removes it.
    type: str
  environments:
    description: Environments that may use the queue, such as V(dev) and V(production). Their order does not matter.
    type: list
    elements: str
  preheat:
    description: Keep resources ready. Cannot be changed later.
    type: bool
  queues:
    description: Several queues, each with the options of one. Set either this or O(name).
    type: list
    elements: dict
    suboptions:
      name:
        description: Name of the queue.
        type: str
        required: true
      state:
        description: State of the queue.
        type: str
        choices: [present, absent]
        default: present
      resource_spec:
        description: Size of the queue, such as C(cu=64) with C(max_cu=128).
        type: dict
        suboptions:
          cu:
            description:
              - CU of the queue, as a number or as text, such as V(64), V("64"), or V(64cu).
              - Required to create a queue, and to edit one whose size cannot be read.
            type: raw
          max_cu:
            description:
              - CU that the queue may grow to while other queues do not need them. The default is C(cu), so that the
                queue does not grow.
            type: raw
          gpu:
            description: Number of GPU cards, such as V(8). The service does not return this value.
            type: int
          gpu_machine_num:
            description: Number of prepaid GPU machines, for a queue with C(payment_type=Pre).
            type: int
      queue_category:
        description: Type of the queue. The default for a new queue is V(CPU). Cannot be changed later.
        type: str
        choices: [CPU, GPU]
      gpu_spec:
        description: GPU machine types of the queue, such as V(ecs.gn7i-c8g1.2xlarge). Their order does not matter.
        type: list
        elements: str
      payment_type:
        description:
          - Payment type of the queue. The default for a new queue is V(PayAsYouGo). Cannot be changed later.
          - V(Pre) takes its capacity from an existing subscription. It requires C(instance_id), the ID of the prepaid
            quota. The module never buys one.
        type: str
        choices: [PayAsYouGo, Pre]
      instance_id:
        description: ID of the prepaid quota, as M(rayops.alicloud.emr_workspace_info) shows it.
        type: str
      description:
        description: Description of the queue. An empty text removes it.
        type: str
      environments:
        description: Environments that may use the queue, such as V(dev) and V(production). Their order does not matter.
        type: list
        elements: str
      preheat:
        description: Keep resources ready. Cannot be changed later.
        type: bool
  workspace_cu:
    description:
      - CU that the workspace is to have. Set it if an earlier or a later task of the play changes the size of the
        workspace. The sum of all queues is then compared with this size.
      - By default, the size that the workspace has.
    type: raw
  max_cu:
    description:
      - The most CU that the queues of the task together may have, including the size that they may grow to. Fails
        before anything is sent if the task would make them larger than that. Queues that are already too large may
        shrink.
      - One CU (compute unit) is one core with 4 GiB of memory.
    type: float
  protected:
    description: Fail before anything is sent if a queue would be deleted or become smaller.
    type: bool
    default: false
  force:
    description:
      - Send the declared settings even if no readable setting differs. The task then always reports a change.
      - Use it for one run, to apply a value that the service does not return. RV(not_compared) lists those options.
    type: bool
    default: false
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
  - module: rayops.alicloud.emr_workspace
  - module: rayops.alicloud.emr_workspace_info
  - module: rayops.alicloud.emr_workspace_member
"""

EXAMPLES = r"""
- name: Create a queue for the GPU team
  rayops.alicloud.emr_workspace_queue:
    region: cn-hangzhou
    workspace_id: w-d2d82aa09155
    name: gpu_queue
    queue_category: GPU
    gpu_spec: [ecs.gn7i-c8g1.2xlarge]
    resource_spec:
      cu: 64
      max_cu: 128
      gpu: 8

- name: Move capacity from one queue to another
  rayops.alicloud.emr_workspace_queue:
    region: cn-hangzhou
    workspace_id: w-d2d82aa09155
    queues:
      - name: research
        resource_spec: {cu: 96}
      - name: batch
        resource_spec: {cu: 32}
    max_cu: 128

- name: Delete a queue that no cluster uses
  rayops.alicloud.emr_workspace_queue:
    region: cn-hangzhou
    workspace_id: w-d2d82aa09155
    name: old_queue
    state: absent
"""

RETURN = r"""
msg:
  description: The plan in one line.
  type: str
  returned: always
  sample: 'queue gpu_queue: edit gpu_queue; resource_spec.max_cu 64 → 128'
actions:
  description: The operations that the task did or, in check mode, would do.
  type: list
  elements: str
  returned: always
  sample: [edit gpu_queue]
changes:
  description: The fields that differ, each with C(field), C(before), C(after), and C(why).
  type: list
  elements: dict
  returned: success
  sample:
    - field: resource_spec.max_cu
      before: 64
      after: 128
      why: the declared value differs
queues:
  description:
    - The declared queues that exist after the task or, in check mode, would exist. They have the fields of C(queues) of
      M(rayops.alicloud.emr_workspace_info).
  type: list
  elements: dict
  returned: always
  sample:
    - queue_name: gpu_queue
      max_resource: {cpu: 128, memory_gib: 512}
capacity_delta:
  description:
    - Growth of the queues together, at their guaranteed (C(minimum)), declared, and largest (C(maximum)) size. Each has
      C(cpu) in cores, C(memory_gib), C(cu), and C(gpus). A negative number means that capacity is released.
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
adopted:
  description: How the task recognized the queue after the response to its create was lost.
  type: str
  returned: if the response to a create was lost
error:
  description: Error details, with C(operation), C(code), C(message), C(request_id), C(http_status), and C(hint).
  type: dict
  returned: failure
"""

from ansible.module_utils.basic import AnsibleModule

from ..module_utils._argspec.platform import QUEUE_OPTIONS
from ..module_utils._platform.queue import run_queue
from ..module_utils._task.module import run_module


def main() -> None:
    """Run the module."""
    run_module(AnsibleModule(argument_spec=QUEUE_OPTIONS, supports_check_mode=True), run_queue)


if __name__ == "__main__":
    main()
