# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run the module emr_ray_doctor inside the Ansible worker if that is safe."""

from __future__ import annotations

from ..module_utils._argspec.doctor import DOCTOR
from ..module_utils._doctor.report import add_execution_reason, report_in_process
from ..module_utils._doctor.run import run_doctor
from ..module_utils._task.context import Result, TaskContext
from ..module_utils._version import VERSION
from ..plugin_utils._action.in_process import InProcessAction


class ActionModule(InProcessAction):
    """See the documentation of the module."""

    SPEC = DOCTOR

    def core(self, task: TaskContext) -> Result:
        """Run the core. Raises TaskFailed."""
        return run_doctor(task, report_in_process())

    def run(self, tmp: str | None = None, task_vars: Result | None = None) -> Result:
        """Run the task; if it must run as an ordinary module, report why."""
        result = super().run(tmp, task_vars)
        return add_execution_reason(result, self.module_reason, VERSION) if self.module_reason else result
