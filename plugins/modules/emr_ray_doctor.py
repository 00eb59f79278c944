#!/usr/bin/python
# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module emr_ray_doctor: its contract, and a few lines that hand it to the core."""

from __future__ import annotations

DOCUMENTATION = r"""
module: emr_ray_doctor
short_description: Find out what keeps tasks of this collection from working
version_added: 1.0.0
author: The rayops.alicloud authors (@rayops)
description:
  - Looks at everything that the other modules need, each thing by itself, and says of each how it is and what to do
    next. Give it the same options and the same environment as the tasks that do not work.
  - It reads only. It says which source of credentials is used and why, and of the key it shows no more than the last
    four characters of its id.
  - What no read can tell, it calls unknown. That is above all whether the user may change anything.
  - It also works where C(httpx) or C(pydantic) is missing.
options:
  fail_on_problem:
    description:
      - Whether the task fails when there is a problem. The result is the same.
      - Warnings, and what is unknown, are no problems.
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
- name: Look at everything that tasks need
  rayops.alicloud.emr_ray_doctor:
    region: cn-hangzhou
    workspace_id: w-d2d82aa09155
  register: doctor

- name: Show what was found
  ansible.builtin.debug:
    var: doctor.report

- name: Stop here if clusters cannot be worked on
  rayops.alicloud.emr_ray_doctor:
    region: cn-hangzhou
    workspace_id: w-d2d82aa09155
    fail_on_problem: true
"""

RETURN = r"""
ok:
  description: Whether there is no problem.
  type: bool
  returned: always
findings:
  description:
    - What was looked at, in the order in which a task would meet the trouble.
  type: list
  elements: dict
  returned: always
  contains:
    check:
      description:
        - V(interpreter), V(execution), V(credentials), V(httpx), V(pydantic), V(alibabacloud-credentials), V(endpoint),
          V(proxy), V(dns), V(connection), V(tls), V(clock), V(key), V(workspace), V(reads) or V(writes).
      type: str
    status:
      description:
        - V(ok), V(warning), V(problem) or V(unknown). With a problem tasks do not work, with a warning some do not, or
          soon will not.
      type: str
    told:
      description: How it is.
      type: str
    next_step:
      description: The one thing to do next, V(null) where there is none.
      type: str
  sample:
    - check: clock
      status: ok
      told: the same as the service's, within a second
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
    - RAM actions. An action is C(granted) when a read with it was answered, or the service looked for what does not
      exist. It is C(missing) when RAM refused, and C(unknown) when neither is known.
  type: dict
  returned: always
  sample:
    granted: ["emr-serverless-spark:ListRayCluster"]
    missing: []
    unknown: ["emr-serverless-spark:CreateRayCluster"]
error:
  description:
    - What went wrong, with C(operation), C(code), C(message), C(request_id), C(http_status) and C(hint). The code is
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
    # Which libraries are missing is for the doctor to say.
    run_module(AnsibleModule(argument_spec=DOCTOR, supports_check_mode=True), run_doctor, libraries=False)


if __name__ == "__main__":
    main()
