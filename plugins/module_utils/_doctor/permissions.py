# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""Which RAM actions a user has, as far as reads can tell: each read is made once, and none of them changes anything.

Private to this collection.
"""

from __future__ import annotations

import typing as t

from .._api.absence import is_absent
from .._api.error_kinds import is_denial_code, is_throttled
from .._api.session import ApiSession, Payload
from .._errors import ApiError, CredentialError, Failure
from .._job.client import LOG_SUCCESS_CODE

PRODUCT = "emr-serverless-spark"
GRANTED, MISSING, UNCLEAR = "granted", "missing", "unknown"

# Ids that nobody has: a service that looks for them has let the user look.
NO_CLUSTER, NO_JOB = "ray-doctor-none", "job-doctor-none"
# What no read can tell of.
WRITE_OPERATIONS = (
    "CreateRayCluster",
    "UpdateRayCluster",
    "DeleteRayCluster",
    "StartRayCluster",
    "StopRayCluster",
    "SubmitRayJob",
    "CancelRayJob",
)
# Without these no module for clusters works.
REQUIRED_OPERATIONS = ("ListRayCluster", "GetRayCluster")
_ACCESS_KEY_ERROR_CODES = (
    "InvalidAccessKeyId",
    "SignatureDoesNotMatch",
    "IncompleteSignature",
    "InvalidSecurityToken",
    "MissingSecurityToken",
    "InvalidTimeStamp",
)


class ProbeContext(t.NamedTuple):
    """What reads are about."""

    workspace_id: str
    region: str | None
    cluster_id: str = NO_CLUSTER
    job_id: str = NO_JOB


class PermissionProbe(t.NamedTuple):
    """One operation that reads: its path, its query, and whether it is about one workspace."""

    operation: str
    path: t.Callable[[ProbeContext], tuple[str, ...]]
    query: t.Callable[[ProbeContext], dict[str, object]]
    is_workspace_scoped: bool = True


class ProbeResult(t.NamedTuple):
    """How a read ended: with a payload, or with the failure that says why not."""

    verdict: str
    payload: Payload
    failure: Failure | None = None

    @property
    def is_key_rejected(self) -> bool:
        """Tell whether it was the key that was refused, and not what was asked for."""
        if isinstance(self.failure, CredentialError):
            return True
        return isinstance(self.failure, ApiError) and (self.failure.code or "").startswith(_ACCESS_KEY_ERROR_CODES)


def _workspace_path(*rest: str) -> t.Callable[[ProbeContext], tuple[str, ...]]:
    """Return a path below the workspace; ``{job}`` and ``{cluster}`` stand for ids."""
    return lambda known: (
        "api",
        "v1",
        "workspaces",
        known.workspace_id,
        *(part.format(cluster=known.cluster_id, job=known.job_id) for part in rest),
    )


def _fixed_path(*parts: str) -> t.Callable[[ProbeContext], tuple[str, ...]]:
    return lambda known: parts  # noqa: ARG005


def _log_path(last: str) -> t.Callable[[ProbeContext], tuple[str, ...]]:
    return lambda known: ("api", "interactive", "v1", "workspace", known.workspace_id, "ray", known.job_id, last)


def _empty_query(known: ProbeContext) -> dict[str, object]:  # noqa: ARG001
    return {}


def _region_query(known: ProbeContext) -> dict[str, object]:
    return {"regionId": known.region} if known.region else {}


def _first_page_query(known: ProbeContext) -> dict[str, object]:  # noqa: ARG001
    return {"pageNum": 1, "pageSize": 1}


PERMISSION_PROBES = (
    PermissionProbe(
        "ListWorkspaces",
        _fixed_path("api", "v1", "workspaces"),
        lambda known: {**_region_query(known), "maxResults": 100},
        is_workspace_scoped=False,
    ),
    PermissionProbe("GetWorkspace", _workspace_path(), _region_query),
    PermissionProbe("ListRayCluster", _workspace_path("rayCluster"), _first_page_query),
    PermissionProbe("GetRayCluster", _workspace_path("rayCluster", "{cluster}"), _empty_query),
    PermissionProbe("ListRayJob", _workspace_path("rayJob"), _first_page_query),
    PermissionProbe("GetRayJob", _workspace_path("rayJob", "{job}"), _empty_query),
    PermissionProbe(
        "ListRayLogs", _log_path("logs"), lambda known: {"prefix": f"/{known.workspace_id}/", "maxKeys": 1}
    ),
    PermissionProbe("GetRayLog", _log_path("log"), lambda known: {"path": f"/{known.workspace_id}/doctor-none"}),
    PermissionProbe("ListWorkspaceQueues", _workspace_path("queues"), _region_query),
    PermissionProbe("ListNetworkServices", _workspace_path("networkServices"), _region_query),
    PermissionProbe(
        "ListReleaseVersions",
        _fixed_path("api", "v1", "releaseVersions"),
        lambda known: {**_region_query(known), "workspaceId": known.workspace_id},
    ),
)


def ram_action(operation: str) -> str:
    """Return the RAM action of an operation."""
    return f"{PRODUCT}:{operation}"


def run_probe(session: ApiSession, read: PermissionProbe, known: ProbeContext, budget: float) -> ProbeResult:
    """Make one read, and return how it ended. ``budget`` bounds it, in seconds."""
    try:
        payload = session.call(
            read.operation, "GET", read.path(known), lambda payload: payload, read.query(known), budget=budget
        )
    except ApiError as error:
        return ProbeResult(_classify_error(error), {}, error)
    except Failure as failure:
        return ProbeResult(UNCLEAR, {}, failure)
    return ProbeResult(_classify_payload(read.operation, payload), payload)


def _classify_error(error: ApiError) -> str:
    if is_throttled(error):
        return UNCLEAR
    if is_denial_code(error.code or "", error.http_status):
        return MISSING
    return GRANTED if any(is_absent(error, kind) for kind in ("cluster", "job", "log")) else UNCLEAR


def _classify_payload(operation: str, payload: Payload) -> str:
    """Read the code that the two log operations have inside an answer that looks good."""
    if not operation.endswith(("Log", "Logs")) or str(payload.get("code")) == LOG_SUCCESS_CODE:
        return GRANTED
    return MISSING if is_denial_code(str(payload.get("code")), None) else GRANTED


def update_context(known: ProbeContext, tried: ProbeResult) -> ProbeContext:
    """Return what is known after a read: reads of a cluster and of a job take one that there is."""
    for field, rows, key in (("cluster_id", "rayClusters", "clusterId"), ("job_id", "rayJobs", "submissionId")):
        found = tried.payload.get(rows)
        first = found[0] if isinstance(found, list) and found else None
        value = first.get(key) if isinstance(first, dict) else None
        if isinstance(value, str) and value:
            known = known._replace(**{field: value})
    return known
