#!/usr/bin/python
# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module emr_network_service: its contract, and a few lines that hand it to the core."""

from __future__ import annotations

DOCUMENTATION = r"""
module: emr_network_service
short_description: Connect an EMR Serverless Spark workspace with a VPC
version_added: 1.0.0
author: The rayops.alicloud authors (@rayops)
description:
  - Creates a network service and waits until it runs. Ray clusters refer to it in C(network_service_name).
  - The service has no operation that changes or deletes one. If the declaration differs from what exists, the task
    fails and says what to do.
  - If the response to a create is lost, the task searches for the network service by name and adopts it.
  - Traffic of a cluster with a network service goes through the VPC. To reach public addresses, for example to install
    packages with C(pip), the VPC needs a NAT gateway.
options:
  name:
    description: Name of the network service, such as V(redis).
    type: str
    required: true
  state:
    description:
      - V(present) creates the network service if it does not exist. Fails if an existing one differs.
      - V(absent) fails if it exists, since the service has no operation that deletes one. The message names the page
        of the console.
    type: str
    choices: [present, absent]
    default: present
  vpc_id:
    description: ID of the VPC, such as V(vpc-bp1xxxxx). Required to create a network service.
    type: str
  vswitch_ids:
    description:
      - IDs of vSwitches, such as V(vsw-bp1xxxxx). Required to create a network service. Their order does not matter.
      - The service accepts vSwitches in some zones only.
    type: list
    elements: str
  security_group_id:
    description:
      - ID of the security group, such as V(sg-bp1xxxxx). Required to create a network service.
      - The service does not return it, so the task cannot detect a difference.
    type: str
  type:
    description: Type of the connection. The default for a new network service is V(NetworkService).
    type: str
  wait:
    description: Wait until the network service runs.
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
    details: No write request is sent if the network service exists as declared.
seealso:
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
  - module: rayops.alicloud.emr_workspace_queue
"""

EXAMPLES = r"""
- name: Connect the workspace with the VPC of the Redis server for fault-tolerant clusters
  rayops.alicloud.emr_network_service:
    region: cn-hangzhou
    workspace_id: w-d2d82aa09155
    name: redis
    vpc_id: vpc-bp1xxxxx
    vswitch_ids: [vsw-bp1xxxxx]
    security_group_id: sg-bp1xxxxx
"""

RETURN = r"""
msg:
  description: The plan in one line.
  type: str
  returned: always
  sample: 'network service redis: create'
actions:
  description: The operations that the task did or, in check mode, would do.
  type: list
  elements: str
  returned: always
  sample: [create]
changes:
  description: The fields that differ, each with C(field), C(before), C(after), and C(why).
  type: list
  elements: dict
  returned: success
  sample:
    - field: state
      before: absent
      after: present
      why: the declared value differs
network_service:
  description:
    - The network service after the task or, in check mode, the predicted one, with the fields of C(network_services) of
      M(rayops.alicloud.emr_workspace_info). V(null) if it does not exist.
  type: dict
  returned: always
  sample:
    name: redis
    state: running
not_compared:
  description:
    - Declared options that the service does not return. They are sent with every write. The task cannot detect a
      difference in them alone.
  type: list
  elements: str
  returned: success
  sample: [security_group_id]
adopted:
  description: How the task recognized the network service after the response to its create was lost.
  type: str
  returned: if the response to a create was lost
error:
  description: Error details, with C(operation), C(code), C(message), C(request_id), C(http_status), and C(hint).
  type: dict
  returned: failure
"""

from ansible.module_utils.basic import AnsibleModule

from ..module_utils._argspec.platform import NETWORK_OPTIONS
from ..module_utils._platform.network_service import run_network_service
from ..module_utils._task.module import run_module


def main() -> None:
    """Run the module."""
    run_module(AnsibleModule(argument_spec=NETWORK_OPTIONS, supports_check_mode=True), run_network_service)


if __name__ == "__main__":
    main()
