# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Running an action plugin without a play."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar

from ansible_collections.rayops.alicloud.plugins.module_utils._task.context import TaskContext


class Play:
    """A task of one action, with what surrounds it.

    ``modules`` and ``tasks`` are what reached a module or the core; ``answer`` takes the place of the core unless it is
    None.
    """

    def __init__(self, action: Any, arguments: dict[str, Any], **task: Any) -> None:
        self.given = {"async_val": 0, "environment": [], "delegate_to": None, "check_mode": False, "diff": False}
        self.given |= {"no_log": False, "action": "rayops.alicloud.emr_ray_cluster", "args": arguments, **task}
        self.play_context = SimpleNamespace(become=False)
        self.connection = SimpleNamespace(transport="local", _shell=SimpleNamespace(tmpdir="/tmp"))
        self.variables: dict[str, Any] = {}
        self.action = action
        self.answer: Any = lambda task: {"changed": False}
        self.modules: list[dict[str, Any]] = []
        self.tasks: list[TaskContext] = []

    def run(self) -> dict[str, Any]:
        """Run the task and return its result."""
        loader = DataLoader()
        templar = Templar(loader=loader, variables=self.variables)
        arguments = (SimpleNamespace(**self.given), self.connection, self.play_context, loader, templar, None)
        plugin = self.action.ActionModule(*arguments)

        def execute_module(**given: Any) -> dict[str, Any]:
            self.modules.append(given)
            return {"changed": False, "ran": "module"}

        def core(task: TaskContext) -> dict[str, Any]:
            self.tasks.append(task)
            return dict(self.answer(task))

        plugin._execute_module = execute_module
        if self.answer is not None:
            plugin.core = core
        return dict(plugin.run(None, self.variables))
