# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""Define the operations that the collection calls: one table for the clients, the retry policy, and the doctor."""

from __future__ import annotations

import typing as t

from .._errors import ApiError
from .settings import is_valid_id
from .signing import encode_path

PRODUCT = "emr-serverless-spark"
_WORKSPACE = "/api/v1/workspaces/{workspace}"
_CLUSTERS = f"{_WORKSPACE}/rayCluster"
_LOGS = "/api/interactive/v1/workspace/{workspace}/ray/{job}"
# Ray itself accepts any text as an id.
_RAY_JOB = "/api/jobs/{ray_job}"
# Names of queues may have Chinese characters.
_QUEUE = f"{_WORKSPACE}/queues/{{queue}}"
_ANY_TEXT = ("ray_job", "queue")
_RAY_PAGE = "Ray documentation, Jobs REST API"


class Operation(t.NamedTuple):
    """One operation. ``path`` is its template, with the kind of each id in braces; ``source`` names its documentation.

    ``is_repeatable``: a repeat is harmless. This is true of reads, and of writes that lead to the same end; a start
    carries a client token. It is false for creates and submissions: the service has no token for them.
    """

    name: str
    method: str
    path: str
    source: str
    is_repeatable: bool = True

    @property
    def ram_action(self) -> str | None:
        """Return the RAM action that allows the operation, or None for a cluster's own endpoint and for a URL."""
        return f"{PRODUCT}:{self.name}" if self.path.startswith(("/api/v1/", "/api/interactive/")) else None

    def build_path(self, **ids: str) -> str:
        """Return the encoded path with these ids. Raises ApiError for an invalid id from the service."""
        segments = []
        for part in self.path.split("/")[1:]:
            kind = part[1:-1] if part.startswith("{") else ""
            if kind and (kind not in _ANY_TEXT or ids[kind] in ("", ".", "..")) and not is_valid_id(ids[kind]):
                code = "InvalidClusterId" if kind == "cluster" else "InvalidJobId" if kind == "job" else None
                raise ApiError(self.name, f"the service gave {ids[kind][:80]!r} as an id, which cannot be one", code)
            segments.append(ids[kind] if kind else part)
        return encode_path(segments)


def checked_id(operation: str, what: str, value: object) -> str:
    """Return an id from a response. Raises ApiError, which names ``what`` is missing, unless it can be one."""
    if not isinstance(value, str) or not is_valid_id(value):
        raise ApiError(operation, f"the response has no {what}")
    return value


OPERATIONS = {
    operation.name: operation
    for operation in (
        Operation("ListWorkspaces", "GET", "/api/v1/workspaces", "SDK 2.3.0"),
        Operation("GetWorkspace", "GET", _WORKSPACE, "SDK 2.3.0"),
        Operation("ListRayCluster", "GET", _CLUSTERS, "API page of 2026-04-10"),
        Operation("GetRayCluster", "GET", f"{_CLUSTERS}/{{cluster}}", "API page of 2026-04-10"),
        Operation("ListRayJob", "GET", f"{_WORKSPACE}/rayJob", "API page of 2026-10-28"),
        Operation("GetRayJob", "GET", f"{_WORKSPACE}/rayJob/{{job}}", "SDK 2.3.0"),
        Operation("ListRayLogs", "GET", f"{_LOGS}/logs", "API page of 2026-09-01"),
        Operation("GetRayLog", "GET", f"{_LOGS}/log", "API page of 2026-09-01"),
        Operation("ListWorkspaceQueues", "GET", f"{_WORKSPACE}/queues", "SDK 2.3.0"),
        Operation("ListNetworkServices", "GET", f"{_WORKSPACE}/networkServices", "SDK 2.3.0"),
        Operation("ListReleaseVersions", "GET", "/api/v1/releaseVersions", "SDK 2.3.0"),
        Operation("CreateRayCluster", "POST", _CLUSTERS, "API page of 2026-09-03", is_repeatable=False),
        Operation("UpdateRayCluster", "POST", f"{_CLUSTERS}/{{cluster}}", "API page of 2026-10-28"),
        Operation("DeleteRayCluster", "DELETE", f"{_CLUSTERS}/{{cluster}}", "SDK 2.3.0"),
        Operation("StartRayCluster", "POST", f"{_CLUSTERS}/{{cluster}}/start", "API page of 2026-09-01"),
        Operation("StopRayCluster", "POST", f"{_CLUSTERS}/{{cluster}}/stop", "API page of 2026-09-01"),
        Operation("SubmitRayJob", "POST", f"{_WORKSPACE}/rayJob", "API page of 2026-10-28", is_repeatable=False),
        Operation("CancelRayJob", "POST", f"{_WORKSPACE}/rayJob/{{job}}/cancel", "API page of 2026-10-28"),
        Operation("ListMembers", "GET", "/api/v1/auth/{workspace}/members", "SDK 2.3.0"),
        Operation("ListQueueTopJobs", "GET", f"{_QUEUE}/topJobs", "SDK 2.3.0"),
        Operation("GetCuHours", "GET", f"{_WORKSPACE}/metric/cuHours/{{queue}}", "SDK 2.3.0"),
        # These two accept a client token, which is not documented to make a repeat harmless.
        Operation("CreateWorkspace", "POST", "/api/v1/workspaces", "SDK 2.3.0", is_repeatable=False),
        Operation("CreateNetworkService", "POST", f"{_WORKSPACE}/networkServices", "SDK 2.3.0", is_repeatable=False),
        Operation("UpdateWorkspace", "POST", "/api/v1/workspaces/update", "SDK 2.3.0"),
        Operation("CreateWorkspaceQueue", "POST", "/api/v1/workspaces/queues", "SDK 2.3.0", is_repeatable=False),
        Operation("EditWorkspaceQueue", "POST", "/api/v1/workspaces/queues/action/edit", "SDK 2.3.0"),
        Operation("DeleteWorkspaceQueue", "DELETE", _QUEUE, "API page of 2026-08-20"),
        Operation("AddMembers", "POST", "/api/v1/auth/members", "SDK 2.3.0"),
        Operation("GrantRoleToUsers", "POST", "/api/v1/auth/roles/grant", "SDK 2.3.0"),
        # Below the pre-signed URL that GetRayLog gives.
        Operation("FetchRayLog", "GET", "", "OSS documentation, GetObject"),
        # Below the endpoint of a cluster, from its job_url.
        Operation("RayJobSubmit", "POST", "/api/jobs/", _RAY_PAGE, is_repeatable=False),
        Operation("RayJobList", "GET", "/api/jobs/", _RAY_PAGE),
        Operation("RayJobStatus", "GET", _RAY_JOB, _RAY_PAGE),
        Operation("RayJobStop", "POST", f"{_RAY_JOB}/stop", _RAY_PAGE),
        Operation("RayJobLogs", "GET", f"{_RAY_JOB}/logs", _RAY_PAGE),
    )
}
