# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""Read workspaces and their contents other than clusters.

Paths, parameters, and fields are those of the official SDK 2.3.0.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from .._api.paging import paginate
from .._api.responses import read_rows
from .._api.session import ApiSession, Payload
from .._errors import ApiError
from .._schema import read_answer
from .fields import Member, NetworkService, Queue, ReleaseVersion, TopJobs, Workspace

# The page size to request from ListWorkspaces; the service may return less.
PAGE_SIZE = 100
# The maximum number of jobs that ListQueueTopJobs returns.
TOP_JOBS = 10

Row = t.TypeVar("Row", bound=t.Mapping[str, object])


@dataclass(frozen=True)
class Page(t.Generic[Row]):
    """The rows of a list without pages, and whether the service reports further rows."""

    rows: list[Row]
    is_complete: bool


class WorkspaceApi:
    """The workspace operations, called through a session that signs and retries."""

    def __init__(self, session: ApiSession, region: str | None = None, budget: float | None = None) -> None:
        """Take the region too, which these operations have as a parameter and which the endpoint chooses anyway.

        ``budget`` bounds every call with its repeats, in seconds.
        """
        self._session = session
        self._budget = budget
        self._region = {"regionId": region} if region else {}

    def list_workspaces(self, name: str | None = None) -> t.Iterator[Workspace]:
        """Yield all workspaces that the user may see, those with ``name`` in their name where one is given."""
        query: dict[str, object] = {**self._region, "maxResults": PAGE_SIZE, **({"name": name} if name else {})}
        return self._list_pages(Workspace, "ListWorkspaces", "workspaces", "workspace_id", query)

    def get_workspace(self, workspace_id: str) -> Workspace:
        """Return one workspace."""

        def read(payload: Payload) -> Workspace:
            workspace = read_answer(Workspace, payload.get("workspace") or {}, "GetWorkspace")
            if workspace["workspace_id"] != workspace_id:
                raise ApiError("GetWorkspace", f"the response is not about workspace {workspace_id}")
            return workspace

        return self._session.call("GetWorkspace", read, self._region, budget=self._budget, workspace=workspace_id)

    def list_queues(self, workspace_id: str) -> Page[Queue]:
        """Return the queues of a workspace, with their maximum and used capacity."""
        return self._list_unpaged(Queue, "ListWorkspaceQueues", "queues", self._region, workspace_id)

    def list_network_services(self, workspace_id: str) -> Page[NetworkService]:
        """Return the network connections of a workspace."""
        return self._list_unpaged(NetworkService, "ListNetworkServices", "networkServices", self._region, workspace_id)

    def list_release_versions(self, workspace_id: str) -> Page[ReleaseVersion]:
        """Return the engine versions, of Spark and of Ray, that a workspace offers."""
        query = {**self._region, "workspaceId": workspace_id}
        return self._list_unpaged(ReleaseVersion, "ListReleaseVersions", "releaseVersions", query, workspace_id)

    def list_members(self, workspace_id: str) -> Page[Member]:
        """Return the members of a workspace, with their roles and what they may do."""
        query = {**self._region, "maxResults": PAGE_SIZE}
        rows = self._list_pages(Member, "ListMembers", "members", "member_arn", query, workspace_id)
        return Page(list(rows), is_complete=True)

    def list_top_jobs(self, workspace_id: str, queue: str, count: int = TOP_JOBS) -> TopJobs:
        """Return the usage of a queue, and its top jobs."""
        return self._session.call(
            "ListQueueTopJobs",
            lambda payload: read_answer(TopJobs, payload.get("queueTopJobs") or {}, "ListQueueTopJobs"),
            {**self._region, "topN": count},
            budget=self._budget,
            workspace=workspace_id,
            queue=queue,
        )

    def get_cu_hours(self, workspace_id: str, queue: str, start: str, end: str) -> str:
        """Return the CU hours that a queue used between two times, as the service writes them."""

        def read(payload: Payload) -> str:
            data = payload.get("data")
            hours = data.get("cuHours") if isinstance(data, dict) else None
            if hours is None:
                raise ApiError("GetCuHours", "the response has no CU hours")
            return str(hours)

        query = {"startTime": start, "endTime": end}
        return self._session.call("GetCuHours", read, query, budget=self._budget, workspace=workspace_id, queue=queue)

    def _list_pages(
        self,
        row: type[Row],
        operation: str,
        field: str,
        id_field: str,
        query: t.Mapping[str, object],
        workspace_id: str = "",
    ) -> t.Iterator[Row]:
        """Yield all rows of a list that has a token for its next page, each of them once."""
        token: object = None

        def list_page(_number: int) -> list[Row]:
            nonlocal token
            page_query = {**query, "nextToken": token} if token else query
            rows, answer = self._request_rows(row, operation, field, page_query, workspace_id)
            token = answer.get("nextToken")
            return rows

        return paginate(operation, list_page, id_field, lambda _page, _count: not token)

    def _list_unpaged(
        self, row: type[Row], operation: str, field: str, query: t.Mapping[str, object], workspace_id: str
    ) -> Page[Row]:
        rows, answer = self._request_rows(row, operation, field, query, workspace_id)
        total = answer.get("totalCount")
        # These requests have no parameter for further pages. If there is a total, a token says nothing more.
        if isinstance(total, int) and total > 0:
            return Page(rows, is_complete=total <= len(rows))
        return Page(rows, is_complete=not answer.get("nextToken"))

    def _request_rows(
        self, row: type[Row], operation: str, field: str, query: t.Mapping[str, object], workspace_id: str
    ) -> tuple[list[Row], Payload]:
        def read(payload: Payload) -> tuple[list[Row], Payload]:
            if payload.get(field) is None and payload.get("totalCount") == 0:
                return [], payload
            return read_rows(row, payload, field, operation), payload

        return self._session.call(operation, read, query, budget=self._budget, workspace=workspace_id)
