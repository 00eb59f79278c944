# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""Read workspaces and their contents other than clusters.

Paths, parameters, and fields are those of the official SDK 2.3.0.
"""

from __future__ import annotations

import typing as t

from .._api.paging import paginate
from .._api.session import ApiSession, Payload
from .._errors import ApiError

# The page size to request from ListWorkspaces; the service may return less.
PAGE_SIZE = 100
# The maximum number of jobs that ListQueueTopJobs returns.
TOP_JOBS = 10


class Page(t.NamedTuple):
    """The rows of a list without pages, and whether the service reports further rows."""

    rows: list[Payload]
    is_complete: bool


def _build_rows_reader(operation: str, field: str) -> t.Callable[[Payload], Payload]:
    """Return a reader that accepts a response if it has a list of objects in ``field``."""

    def read(payload: Payload) -> Payload:
        rows = payload.get(field)
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise ApiError(operation, f"the answer has no list of {field}")
        return payload

    return read


class WorkspaceApi:
    """The workspace operations, called through a session that signs and retries."""

    def __init__(self, session: ApiSession, region: str | None = None, budget: float | None = None) -> None:
        """Take the region too, which these operations have as a parameter and which the endpoint chooses anyway.

        ``budget`` bounds every call with its repeats, in seconds.
        """
        self._session = session
        self._budget = budget
        self._region = {"regionId": region} if region else {}

    def list_workspaces(self, name: str | None = None) -> t.Iterator[Payload]:
        """Yield all workspaces that the user may see, those with ``name`` in their name where one is given."""
        query: dict[str, object] = {**self._region, "maxResults": PAGE_SIZE, **({"name": name} if name else {})}
        return self._list_pages("ListWorkspaces", "workspaces", "workspaceId", query)

    def get_workspace(self, workspace_id: str) -> Payload:
        """Return one workspace."""

        def read(payload: Payload) -> Payload:
            workspace = payload.get("workspace")
            if not isinstance(workspace, dict) or workspace.get("workspaceId") != workspace_id:
                raise ApiError("GetWorkspace", f"the answer is not about workspace {workspace_id}")
            return workspace

        return self._session.call("GetWorkspace", read, self._region, budget=self._budget, workspace=workspace_id)

    def list_queues(self, workspace_id: str) -> Page:
        """Return the queues of a workspace, with their maximum and used capacity."""
        return self._list_unpaged("ListWorkspaceQueues", "queues", self._region, workspace_id)

    def list_network_services(self, workspace_id: str) -> Page:
        """Return the network connections of a workspace."""
        return self._list_unpaged("ListNetworkServices", "networkServices", self._region, workspace_id)

    def list_release_versions(self, workspace_id: str) -> Page:
        """Return the engine versions, of Spark and of Ray, that a workspace offers."""
        query = {**self._region, "workspaceId": workspace_id}
        return self._list_unpaged("ListReleaseVersions", "releaseVersions", query, workspace_id)

    def list_members(self, workspace_id: str) -> Page:
        """Return the members of a workspace, with their roles and what they may do."""
        query = {**self._region, "maxResults": PAGE_SIZE}
        rows = self._list_pages("ListMembers", "members", "memberArn", query, workspace_id)
        return Page(list(rows), is_complete=True)

    def list_top_jobs(self, workspace_id: str, queue: str, count: int = TOP_JOBS) -> Payload:
        """Return the usage of a queue, and its top jobs: totalCu, totalJobCount, and ``jobs``."""

        def read(payload: Payload) -> Payload:
            top = payload.get("queueTopJobs")
            if not isinstance(top, dict):
                raise ApiError("ListQueueTopJobs", "the answer has no jobs of the queue")
            jobs = top.get("jobs")
            return {**top, "jobs": [job for job in jobs if isinstance(job, dict)] if isinstance(jobs, list) else []}

        query = {**self._region, "topN": count}
        return self._session.call(
            "ListQueueTopJobs", read, query, budget=self._budget, workspace=workspace_id, queue=queue
        )

    def get_cu_hours(self, workspace_id: str, queue: str, start: str, end: str) -> str:
        """Return the CU hours that a queue used between two times, as the service writes them."""

        def read(payload: Payload) -> str:
            data = payload.get("data")
            hours = data.get("cuHours") if isinstance(data, dict) else None
            if hours is None:
                raise ApiError("GetCuHours", "the answer has no CU hours")
            return str(hours)

        query = {"startTime": start, "endTime": end}
        return self._session.call("GetCuHours", read, query, budget=self._budget, workspace=workspace_id, queue=queue)

    def _list_pages(
        self, operation: str, field: str, key: str, query: dict[str, object], workspace_id: str = ""
    ) -> t.Iterator[Payload]:
        """Yield all rows of a list that has a token for its next page, each of them once."""
        token: object = None

        def list_page(_number: int) -> list[Payload]:
            nonlocal token
            answer = self._request_rows(
                operation, field, {**query, "nextToken": token} if token else query, workspace_id
            )
            token = answer.get("nextToken")
            rows: list[Payload] = answer[field]
            return rows

        return paginate(operation, list_page, key, lambda _page, _count: not token)

    def _list_unpaged(self, operation: str, field: str, query: t.Mapping[str, object], workspace_id: str) -> Page:
        answer = self._request_rows(operation, field, query, workspace_id)
        rows, total = answer[field], answer.get("totalCount")
        # These requests have no parameter for further pages.
        more = isinstance(total, int) and total > len(rows)
        return Page(rows, is_complete=not more and not answer.get("nextToken"))

    def _request_rows(
        self, operation: str, field: str, query: t.Mapping[str, object], workspace_id: str = ""
    ) -> Payload:
        return self._session.call(
            operation, _build_rows_reader(operation, field), query, budget=self._budget, workspace=workspace_id
        )
