# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""Which RAM actions a user has, as far as reads can tell: each read is made once, and none of them changes anything.

Private to this collection.
"""

from __future__ import annotations

import typing as t

from .._api.error_kinds import is_absent, is_denial, is_throttled
from .._api.session import Caller, Payload
from .._errors import ApiError, CredentialError, Failure
from .._job.client import LOG_OK

PRODUCT = "emr-serverless-spark"
GRANTED, MISSING, UNCLEAR = "granted", "missing", "unknown"

# Ids that nobody has: a service that looks for them has let the user look.
NO_CLUSTER, NO_JOB = "ray-doctor-none", "job-doctor-none"
# What no read can tell of.
WRITES = (
    "CreateRayCluster",
    "UpdateRayCluster",
    "DeleteRayCluster",
    "StartRayCluster",
    "StopRayCluster",
    "SubmitRayJob",
    "CancelRayJob",
)
# Without these no module for clusters works.
NEEDED = ("ListRayCluster", "GetRayCluster")
_OF_THE_KEY = (
    "InvalidAccessKeyId",
    "SignatureDoesNotMatch",
    "IncompleteSignature",
    "InvalidSecurityToken",
    "MissingSecurityToken",
    "InvalidTimeStamp",
)


class Known(t.NamedTuple):
    """What reads are about."""

    workspace_id: str
    region: str | None
    cluster_id: str = NO_CLUSTER
    job_id: str = NO_JOB


class Read(t.NamedTuple):
    """One operation that reads: its path, its query, and whether it is about one workspace."""

    operation: str
    path: t.Callable[[Known], tuple[str, ...]]
    query: t.Callable[[Known], dict[str, object]]
    of_workspace: bool = True


class Tried(t.NamedTuple):
    """How a read ended: with a payload, or with the failure that says why not."""

    verdict: str
    payload: Payload
    failure: Failure | None = None

    @property
    def key_refused(self) -> bool:
        """Tell whether it was the key that was refused, and not what was asked for."""
        if isinstance(self.failure, CredentialError):
            return True
        return isinstance(self.failure, ApiError) and (self.failure.code or "").startswith(_OF_THE_KEY)


def _workspace(*rest: str) -> t.Callable[[Known], tuple[str, ...]]:
    """Return a path below the workspace; ``{job}`` and ``{cluster}`` stand for ids."""
    return lambda known: (
        "api",
        "v1",
        "workspaces",
        known.workspace_id,
        *(part.format(cluster=known.cluster_id, job=known.job_id) for part in rest),
    )


def _path(*parts: str) -> t.Callable[[Known], tuple[str, ...]]:
    return lambda known: parts  # noqa: ARG005


def _log(last: str) -> t.Callable[[Known], tuple[str, ...]]:
    return lambda known: ("api", "interactive", "v1", "workspace", known.workspace_id, "ray", known.job_id, last)


def _nothing(known: Known) -> dict[str, object]:  # noqa: ARG001
    return {}


def _region(known: Known) -> dict[str, object]:
    return {"regionId": known.region} if known.region else {}


def _page(known: Known) -> dict[str, object]:  # noqa: ARG001
    return {"pageNum": 1, "pageSize": 1}


READS = (
    Read(
        "ListWorkspaces",
        _path("api", "v1", "workspaces"),
        lambda known: {**_region(known), "maxResults": 100},
        of_workspace=False,
    ),
    Read("GetWorkspace", _workspace(), _region),
    Read("ListRayCluster", _workspace("rayCluster"), _page),
    Read("GetRayCluster", _workspace("rayCluster", "{cluster}"), _nothing),
    Read("ListRayJob", _workspace("rayJob"), _page),
    Read("GetRayJob", _workspace("rayJob", "{job}"), _nothing),
    Read("ListRayLogs", _log("logs"), lambda known: {"prefix": f"/{known.workspace_id}/", "maxKeys": 1}),
    Read("GetRayLog", _log("log"), lambda known: {"path": f"/{known.workspace_id}/doctor-none"}),
    Read("ListWorkspaceQueues", _workspace("queues"), _region),
    Read("ListNetworkServices", _workspace("networkServices"), _region),
    Read(
        "ListReleaseVersions",
        _path("api", "v1", "releaseVersions"),
        lambda known: {**_region(known), "workspaceId": known.workspace_id},
    ),
)


def action(operation: str) -> str:
    """Return the RAM action of an operation."""
    return f"{PRODUCT}:{operation}"


def try_read(caller: Caller, read: Read, known: Known, budget: float) -> Tried:
    """Make one read, and return how it ended. ``budget`` bounds it, in seconds."""
    try:
        payload = caller.call(
            read.operation, "GET", read.path(known), lambda payload: payload, read.query(known), budget=budget
        )
    except ApiError as error:
        return Tried(_verdict(error), {}, error)
    except Failure as failure:
        return Tried(UNCLEAR, {}, failure)
    return Tried(_inner(read.operation, payload), payload)


def _verdict(error: ApiError) -> str:
    if is_throttled(error):
        return UNCLEAR
    if is_denial(error.code or "", error.http_status):
        return MISSING
    return GRANTED if is_absent(error) else UNCLEAR


def _inner(operation: str, payload: Payload) -> str:
    """Read the code that the two log operations have inside an answer that looks good."""
    if not operation.endswith(("Log", "Logs")) or str(payload.get("code")) == LOG_OK:
        return GRANTED
    return MISSING if is_denial(str(payload.get("code")), None) else GRANTED


def learned(known: Known, tried: Tried) -> Known:
    """Return what is known after a read: reads of a cluster and of a job take one that there is."""
    for field, rows, key in (("cluster_id", "rayClusters", "clusterId"), ("job_id", "rayJobs", "submissionId")):
        found = tried.payload.get(rows)
        first = found[0] if isinstance(found, list) and found else None
        value = first.get(key) if isinstance(first, dict) else None
        if isinstance(value, str) and value:
            known = known._replace(**{field: value})
    return known
