# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All operations on workspaces and what is in them, behind one table of handlers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .faults import Fault
from .ground import Ground
from .members import Members
from .model import Json
from .network_services import NetworkServices
from .platform_spelling import respell
from .queues import Queues
from .routes import Route
from .workspaces import Workspaces

Handler = Callable[[Route, dict[str, str], Any, dict[str, Fault]], Json]


class Platform:
    """Workspaces, queues, network services and members on one ground."""

    def __init__(self, ground: Ground) -> None:
        self.ground = ground
        self.queues = Queues(ground)
        self.workspaces = Workspaces(ground, self.queues)
        self.networks = NetworkServices(ground)
        self.members = Members(ground)

    def clear(self) -> None:
        """Forget everything that is not in the catalog."""
        self.ground.clear()
        self.queues.clear()
        self.members.clear()
        self.workspaces.ai_centers.clear()

    def handlers(self) -> dict[str, Handler]:
        """Return what carries out each operation."""
        return {name: self._respelled(handler) for name, handler in self._handlers().items()}

    def _respelled(self, handler: Handler) -> Handler:
        rules = self.ground.rules
        return lambda r, q, b, m: respell(rules, handler(r, q, b, m))

    def _handlers(self) -> dict[str, Handler]:
        workspaces, queues, networks, members = self.workspaces, self.queues, self.networks, self.members
        return {
            "ListWorkspaces": lambda r, q, b, m: workspaces.page(q, m),
            "GetWorkspace": lambda r, q, b, m: workspaces.get(r.workspace_id),
            "CreateWorkspace": lambda r, q, b, m: workspaces.create(b),
            "UpdateWorkspace": lambda r, q, b, m: workspaces.update(b),
            "ChangeResourceGroup": lambda r, q, b, m: workspaces.change_group(q),
            "ActivateAICenter": lambda r, q, b, m: workspaces.activate(r.workspace_id),
            "GetAICenterState": lambda r, q, b, m: workspaces.ai_center(r.workspace_id),
            "ListWorkspaceQueues": lambda r, q, b, m: queues.page(r.workspace_id, q, m),
            "CreateWorkspaceQueue": lambda r, q, b, m: queues.create(b),
            "EditWorkspaceQueue": lambda r, q, b, m: queues.edit(b),
            "DeleteWorkspaceQueue": lambda r, q, b, m: queues.delete(r.workspace_id, r.target_id),
            "ListQueueTopJobs": lambda r, q, b, m: queues.top_jobs(r.workspace_id, r.target_id, q),
            "GetCuHours": lambda r, q, b, m: queues.cu_hours(r.workspace_id, r.target_id, q),
            "ListNetworkServices": lambda r, q, b, m: networks.page(r.workspace_id, m),
            "CreateNetworkService": lambda r, q, b, m: networks.create(r.workspace_id, b),
            "AddMembers": lambda r, q, b, m: members.add(b),
            "ListMembers": lambda r, q, b, m: members.page(r.workspace_id, q),
            "GrantRoleToUsers": lambda r, q, b, m: members.grant(b),
        }
