# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""The operations that change workspaces, queues, network services, and members."""

from __future__ import annotations

import typing as t

from .._api.session import ApiSession, Payload
from .._api.settings import is_valid_id
from .._errors import ApiError
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

        def read(payload: Payload) -> str:
            workspace_id = payload.get("workspaceId")
            if not isinstance(workspace_id, str) or not is_valid_id(workspace_id):
                raise ApiError("CreateWorkspace", "the response has no workspace ID")
            return workspace_id

        return self._create("CreateWorkspace", read, body, found)

    def update_workspace(self, body: UpdateWorkspaceBody) -> None:
        """Change a workspace."""
        self._write("UpdateWorkspace", body)

    def create_queue(self, body: CreateQueue, found: Found) -> str:
        """Create a queue and return its name; ``found`` as in :meth:`create_workspace`."""
        self._create("CreateWorkspaceQueue", _return_nothing, body, found)
        return body["workspaceQueueName"]

    def edit_queue(self, body: EditQueue) -> None:
        """Change a queue."""
        self._write("EditWorkspaceQueue", body)

    def delete_queue(self, workspace_id: str, name: str) -> None:
        """Delete a queue."""
        self._session.call("DeleteWorkspaceQueue", _return_payload, self._region, workspace=workspace_id, queue=name)

    def create_network_service(self, body: CreateNetworkService, found: Found) -> str:
        """Create a network service and return its name, because the response has no id."""
        self._create("CreateNetworkService", _return_nothing, body, found)
        return body["name"]

    def add_members(self, body: AddMembers) -> None:
        """Add RAM users and roles to a workspace."""
        self._write("AddMembers", body)

    def grant_role(self, body: GrantRole) -> None:
        """Grant a role of a workspace to members."""
        self._write("GrantRoleToUsers", body)

    def _write(self, operation: str, body: Params) -> None:
        self._session.call(operation, _return_payload, self._region, dict(body))

    def _create(
        self,
        operation: str,
        read: t.Callable[[Payload], str],
        body: Params,
        found: Found,
    ) -> str:
        return self._session.call(operation, read, self._region, dict(body), done=found)


def _return_nothing(_payload: Payload) -> str:
    return ""


def _return_payload(payload: Payload) -> Payload:
    return payload
