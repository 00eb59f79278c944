# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run the module emr_workspace inside the Ansible worker if that is safe."""

from __future__ import annotations

from ..module_utils._argspec.platform import WORKSPACE_OPTIONS
from ..module_utils._errors import ParameterError
from ..module_utils._platform.workspace import run_workspace
from ..module_utils._task.context import Result
from ..plugin_utils._action.in_process import InProcessAction


class ActionModule(InProcessAction):
    """See the documentation of the module."""

    SPEC = WORKSPACE_OPTIONS
    core = staticmethod(run_workspace)

    def run(self, tmp: str | None = None, task_vars: Result | None = None) -> Result:
        """Refuse a null id, which comes from an expression without a result: without an id, a create may follow."""
        if self._task.args.get("workspace_id", "") is None:
            failure = ParameterError(["workspace_id: is null; leave the option out to manage the workspace by name"])
            return {"failed": True, "changed": False, "msg": str(failure), "error": failure.details()}
        return super().run(tmp, task_vars)
