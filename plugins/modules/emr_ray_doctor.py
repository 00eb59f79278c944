#!/usr/bin/python
# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module emr_ray_doctor: its contract, and a few lines that hand it to the core."""

from __future__ import annotations

DOCUMENTATION = r"""
module: emr_ray_doctor
short_description: Diagnose why tasks of this collection fail
version_added: 1.0.0
author: The rayops.alicloud authors (@rayops)
description:
  - Checks each prerequisite of the other modules separately, and reports its status and the next step. Run it with the
    same options and in the same environment as the tasks that fail.
  - The module only reads. It reports the source of the credentials that it uses and the reason for that choice. It
    shows only the last four characters of the ID of a key.
  - If no read can determine a result, the status is unknown. This mainly applies to the permissions for changes.
  - It also works if C(httpx) or C(pydantic) is missing. Without C(httpx), it does not check the connection.
options:
  fail_on_problem:
    description:
      - If V(true), the task fails if there is a problem. The result is the same.
      - Warnings and unknown results do not count as problems.
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
- name: Check all prerequisites
  rayops.alicloud.emr_ray_doctor:
    region: cn-hangzhou
    workspace_id: w-d2d82aa09155
  register: doctor

- name: Show the report
  ansible.builtin.debug:
    var: doctor.report

- name: Stop here if there is a problem
  rayops.alicloud.emr_ray_doctor:
    region: cn-hangzhou
    workspace_id: w-d2d82aa09155
    fail_on_problem: true
"""

RETURN = r"""
ok:
  description: V(true) if there is no problem.
  type: bool
  returned: always
findings:
  description:
    - The checks, in the order in which a task would run into their problems.
  type: list
  elements: dict
  returned: always
  contains:
    check:
      description:
        - V(interpreter), V(execution), V(credentials), V(httpx), V(pydantic), V(alibabacloud-credentials), V(endpoint),
          V(proxy), V(dns), V(connection), V(tls), V(clock), V(key), V(workspace), V(reads), or V(writes).
      type: str
    status:
      description:
        - V(ok), V(warning), V(problem), or V(unknown). With a problem, tasks do not work. With a warning, some tasks do
          not work, or soon will not.
      type: str
    told:
      description: Result of the check.
      type: str
    next_step:
      description: Next step, or V(null) if no step is needed.
      type: str
  sample:
    - check: clock
      status: ok
      told: matches the service's within one second
      next_step: null
report:
  description: The findings as lines for a terminal.
  type: list
  elements: str
  returned: always
  sample:
    - "rayops.alicloud 1.0.0: 1 unknown"
permissions:
  description:
    - RAM actions. An action is C(granted) if a read with it succeeded, or if the service searched for a resource that
      does not exist. It is C(missing) if RAM refused it. Otherwise, it is C(unknown).
  type: dict
  returned: always
  sample:
    granted: ["emr-serverless-spark:ListRayCluster"]
    missing: []
    unknown: ["emr-serverless-spark:CreateRayCluster"]
error:
  description:
    - Error details, with C(operation), C(code), C(message), C(request_id), C(http_status), and C(hint). The code is
      V(ProblemsFound).
  type: dict
  returned: failure
"""

from ansible.module_utils.basic import AnsibleModule

from ..module_utils._argspec.doctor import DOCTOR
from ..module_utils._doctor.run import run_doctor
from ..module_utils._task.module import run_module


def main() -> None:
    """Run the module."""
    # The doctor itself reports missing libraries.
    run_module(AnsibleModule(argument_spec=DOCTOR, supports_check_mode=True), run_doctor, libraries=False)


if __name__ == "__main__":
    main()
