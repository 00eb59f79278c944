#!/usr/bin/python
# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module emr_workspace_member: its contract, and a few lines that hand it to the core."""

from __future__ import annotations

DOCUMENTATION = r"""
module: emr_workspace_member
short_description: Add RAM users and roles to an EMR Serverless Spark workspace, and grant them roles
version_added: 1.0.0
author: The rayops.alicloud authors (@rayops)
description:
  - Makes RAM users and RAM roles members of a workspace, and grants them roles of the workspace.
  - The task only adds. The service has no operation that removes a member or revokes a role.
  - If nothing is missing, no write request is sent.
options:
  member_arns:
    description:
      - RAM users and roles, such as V(acs:ram::1234567890123456:user/200000000000000077) or
        V(acs:ram::1234567890123456:role/automation).
      - An existing member can also be given by its own ARN, V(acs:emr::WORKSPACE:member/ID).
    type: list
    elements: str
    required: true
  roles:
    description: Roles to grant to all of these members, by name or ARN, such as V(DataScience) or V(Owner).
    type: list
    elements: str
    default: []
  state:
    description:
      - V(present) adds missing members and grants missing roles.
      - V(absent) fails if one of them is a member, since the service has no operation that removes one. The message
        names the page of the console.
    type: str
    choices: [present, absent]
    default: present
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
    details: No write request is sent if all of them are members with these roles.
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
  - module: rayops.alicloud.emr_workspace_queue
"""

EXAMPLES = r"""
- name: Allow the automation user to run Ray
  rayops.alicloud.emr_workspace_member:
    region: cn-hangzhou
    workspace_id: w-d2d82aa09155
    member_arns:
      - acs:ram::1234567890123456:user/200000000000000077
    roles: [DataScience]
"""

RETURN = r"""
msg:
  description: The plan in one line.
  type: str
  returned: always
  sample: 'member acs:ram::1234567890123456:user/200000000000000077: add, grant DataScience'
actions:
  description: The operations that the task did or, in check mode, would do.
  type: list
  elements: str
  returned: always
  sample: [add, grant DataScience]
changes:
  description: The fields that differ, each with C(field), C(before), C(after), and C(why).
  type: list
  elements: dict
  returned: success
  sample:
    - field: members[acs:ram::1234567890123456:user/200000000000000077].roles
      before: []
      after: [DataScience]
      why: the declared value differs
members:
  description:
    - The declared members that exist, with the fields of C(members) of M(rayops.alicloud.emr_workspace_info).
  type: list
  elements: dict
  returned: always
error:
  description: Error details, with C(operation), C(code), C(message), C(request_id), C(http_status), and C(hint).
  type: dict
  returned: failure
"""

from ansible.module_utils.basic import AnsibleModule

from ..module_utils._argspec.platform import MEMBER_OPTIONS
from ..module_utils._platform.member import run_member
from ..module_utils._task.module import run_module


def main() -> None:
    """Run the module."""
    run_module(AnsibleModule(argument_spec=MEMBER_OPTIONS, supports_check_mode=True), run_member)


if __name__ == "__main__":
    main()
