# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""The operations on workspaces and on what is in them beside clusters, all of them reads. Private to this collection.

Paths, parameters and fields are those of the official SDK 2.3.0.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from .._api.session import ApiSession, Payload
from .._errors import ApiError
from .._schema import read_answer, read_rows
from .fields import NetworkService, Queue, ReleaseVersion, Workspace

# What ListWorkspaces is asked for at once; the service may give less.
PAGE_SIZE = 100
# A list that is longer than this is no list of an account.
MAX_PAGES = 1000


Row = t.TypeVar("Row", bound=t.Mapping[str, object])


@dataclass
class Page(t.Generic[Row]):
    """The rows of a list that cannot be asked for page by page, and whether these are all."""

    rows: list[Row]
    is_complete: bool


class WorkspaceApi:
    """The reads about workspaces, through a session that signs and repeats."""

    def __init__(self, session: ApiSession, region: str | None = None, budget: float | None = None) -> None:
        """Take the region too, which these operations have as a parameter and which the endpoint chooses anyway.

        ``budget`` bounds every call with its repeats, in seconds.
        """
        self._session = session
        self._budget = budget
        self._region = {"regionId": region} if region else {}

    def list_workspaces(self, name: str | None = None) -> t.Iterator[Workspace]:
        """Yield all workspaces that the user may see, those with ``name`` in their name where one is given."""

        def read(payload: Payload) -> tuple[list[Workspace], object]:
            return read_rows(Workspace, payload, "workspaces", "ListWorkspaces"), payload.get("nextToken")

        query: dict[str, object] = {**self._region, "maxResults": PAGE_SIZE, **({"name": name} if name else {})}
        seen: set[str] = set()
        for _page in range(MAX_PAGES):
            rows, token = self._session.call("ListWorkspaces", read, query, budget=self._budget)
            new = [row for row in rows if row["workspace_id"] not in seen]
            seen.update(row["workspace_id"] for row in new)
            yield from new
            # A service that gives the same page for ever would never end.
            if not token or not new:
                return
            query["nextToken"] = token
        raise ApiError("ListWorkspaces", f"the list of workspaces does not end within {MAX_PAGES} pages")

    def get_workspace(self, workspace_id: str) -> Workspace:
        """Return one workspace."""

        def read(payload: Payload) -> Workspace:
            workspace = payload.get("workspace")
            if not isinstance(workspace, dict) or workspace.get("workspaceId") != workspace_id:
                raise ApiError("GetWorkspace", f"the answer is not about workspace {workspace_id}")
            return read_answer(Workspace, workspace, "GetWorkspace")

        return self._session.call("GetWorkspace", read, self._region, budget=self._budget, workspace=workspace_id)

    def list_queues(self, workspace_id: str) -> Page[Queue]:
        """Return the queues of a workspace, with their maximum and used capacity."""
        return self._list_unpaged(Queue, "ListWorkspaceQueues", "queues", workspace_id)

    def list_network_services(self, workspace_id: str) -> Page[NetworkService]:
        """Return the network connections of a workspace."""
        return self._list_unpaged(NetworkService, "ListNetworkServices", "networkServices", workspace_id)

    def list_release_versions(self, workspace_id: str) -> Page[ReleaseVersion]:
        """Return the engine versions, of Spark and of Ray, that a workspace offers."""
        query = {"workspaceId": workspace_id}
        return self._list_unpaged(ReleaseVersion, "ListReleaseVersions", "releaseVersions", workspace_id, query)

    def _list_unpaged(
        self, row: type[Row], operation: str, field: str, workspace_id: str, query: t.Mapping[str, object] = {}
    ) -> Page[Row]:
        def read(payload: Payload) -> Page[Row]:
            rows, total = read_rows(row, payload, field, operation), payload.get("totalCount")
            # These requests have no parameter that would ask for the rest.
            more = isinstance(total, int) and total > len(rows)
            return Page(rows, is_complete=not more and not payload.get("nextToken"))

        return self._session.call(
            operation, read, {**self._region, **query}, budget=self._budget, workspace=workspace_id
        )
