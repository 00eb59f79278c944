# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""The operations that change workspaces, queues, network services, and members."""

from __future__ import annotations

import typing as t

from .._api.operations import checked_id
from .._api.session import ApiSession
from .._payload import Params
from .._workspace.client import WorkspaceApi
from .payloads import AddMembers, CreateNetworkService, CreateQueue, CreateWorkspace, EditQueue, GrantRole
from .payloads import UpdateWorkspace as UpdateWorkspaceBody

Found = t.Callable[[], "str | None"]


class PlatformApi(WorkspaceApi):
    """Reads and writes of workspaces, through a session that signs and retries."""

    def __init__(self, session: ApiSession, region: str | None = None) -> None:
        super().__init__(session, region)
        self.session = session

    def create_workspace(self, body: CreateWorkspace, found: Found) -> str:
        """Create a workspace and return its id.

        ``found`` is called before a refused attempt is retried: if it returns an id, that is the result.
        """
        return self._session.call(
            "CreateWorkspace",
            lambda payload: checked_id("CreateWorkspace", "workspace id", payload.get("workspaceId")),
            self._region,
            dict(body),
            done=found,
        )

    def update_workspace(self, body: UpdateWorkspaceBody) -> None:
        """Change a workspace."""
        self._write("UpdateWorkspace", body)

    def create_queue(self, body: CreateQueue, found: Found) -> str:
        """Create a queue and return its name; ``found`` as in :meth:`create_workspace`."""
        self._create_named("CreateWorkspaceQueue", body, found)
        return body["workspaceQueueName"]

    def edit_queue(self, body: EditQueue) -> None:
        """Change a queue."""
        self._write("EditWorkspaceQueue", body)

    def delete_queue(self, workspace_id: str, name: str) -> None:
        """Delete a queue."""
        self._session.send("DeleteWorkspaceQueue", self._region, workspace=workspace_id, queue=name)

    def create_network_service(self, body: CreateNetworkService, found: Found) -> str:
        """Create a network service and return its name, because the response has no id."""
        self._create_named("CreateNetworkService", body, found)
        return body["name"]

    def add_members(self, body: AddMembers) -> None:
        """Add RAM users and roles to a workspace."""
        self._write("AddMembers", body)

    def grant_role(self, body: GrantRole) -> None:
        """Grant a role of a workspace to members."""
        self._write("GrantRoleToUsers", body)

    def _write(self, operation: str, body: Params) -> None:
        self._session.send(operation, self._region, dict(body))

    def _create_named(self, operation: str, body: Params, found: Found) -> None:
        self._session.call(operation, lambda _payload: "", self._region, dict(body), done=found)
