# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""Check which RAM actions a user has, as far as reads can tell: each read is made once and changes nothing."""

from __future__ import annotations

import typing as t

from .._api.absence import is_absent
from .._api.error_kinds import is_denial_code, is_throttled
from .._api.operations import OPERATIONS
from .._api.session import ApiSession, Payload
from .._errors import ApiError, CredentialError, Failure
from .._job.responses import LOG_SUCCESS_CODE

GRANTED, MISSING, UNCLEAR = "granted", "missing", "unknown"

# IDs that cannot exist: "not found" proves that the permission check passed.
NO_CLUSTER, NO_JOB, NO_QUEUE = "ray-doctor-none", "job-doctor-none", "doctor_none"
# The operations that read, in the order in which they are tried: lists find the ids that the others need.
READ_OPERATIONS = tuple(name for name, known in OPERATIONS.items() if known.ram_action and known.method == "GET")
# No read can show whether these are allowed.
WRITE_OPERATIONS = tuple(name for name, known in OPERATIONS.items() if known.ram_action and known.method != "GET")
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
    """The workspace and the ids that the reads are about."""

    workspace_id: str
    region: str | None
    cluster_id: str = NO_CLUSTER
    job_id: str = NO_JOB
    queue: str = NO_QUEUE

    def query_of(self, operation: str) -> dict[str, object]:
        """Return the parameters of a read."""
        region: dict[str, object] = {"regionId": self.region} if self.region else {}
        page: dict[str, object] = {"pageNum": 1, "pageSize": 1}
        queries: dict[str, dict[str, object]] = {
            "ListWorkspaces": {**region, "maxResults": 100},
            "ListRayCluster": page,
            "GetRayCluster": {},
            "ListRayJob": page,
            "GetRayJob": {},
            "ListRayLogs": {"prefix": f"/{self.workspace_id}/", "maxKeys": 1},
            "GetRayLog": {"path": f"/{self.workspace_id}/doctor-none"},
            "ListMembers": {**region, "maxResults": 1},
            "ListQueueTopJobs": {**region, "topN": 1},
            "GetCuHours": {"startTime": "2026-01-01 00:00:00", "endTime": "2026-01-02 00:00:00"},
            "ListReleaseVersions": {**region, "workspaceId": self.workspace_id},
        }
        return queries.get(operation, region)


class ProbeResult(t.NamedTuple):
    """The end of a read: a payload, or the failure that explains its absence."""

    verdict: str
    payload: Payload
    failure: Failure | None = None

    @property
    def is_key_rejected(self) -> bool:
        """Return whether the service refused the key itself, and not the request."""
        if isinstance(self.failure, CredentialError):
            return True
        return isinstance(self.failure, ApiError) and (self.failure.code or "").startswith(_ACCESS_KEY_ERROR_CODES)


def needs_workspace(operation: str) -> bool:
    """Return whether an operation concerns one workspace."""
    return operation != "ListWorkspaces"


def ram_actions(operations: t.Iterable[str]) -> list[str]:
    """Return the RAM actions of operations of the service."""
    return [str(OPERATIONS[operation].ram_action) for operation in operations]


def run_probe(session: ApiSession, operation: str, known: ProbeContext, budget: float) -> ProbeResult:
    """Make one read, and return how it ended. ``budget`` bounds it, in seconds."""
    try:
        payload = session.call(
            operation,
            lambda payload: payload,
            known.query_of(operation),
            budget=budget,
            workspace=known.workspace_id,
            cluster=known.cluster_id,
            job=known.job_id,
            queue=known.queue,
        )
    except ApiError as error:
        return ProbeResult(_classify_error(error), {}, error)
    except Failure as failure:
        return ProbeResult(UNCLEAR, {}, failure)
    return ProbeResult(_classify_payload(operation, payload), payload)


def _classify_error(error: ApiError) -> str:
    if is_throttled(error):
        return UNCLEAR
    if is_denial_code(error.code or "", error.http_status):
        return MISSING
    return GRANTED if any(is_absent(error, kind) for kind in ("cluster", "job", "log")) else UNCLEAR


def _classify_payload(operation: str, payload: Payload) -> str:
    """Read the error code that the two log operations have inside a response that seems successful."""
    if not operation.endswith(("Log", "Logs")) or str(payload.get("code")) == LOG_SUCCESS_CODE:
        return GRANTED
    return MISSING if is_denial_code(str(payload.get("code")), None) else GRANTED


def update_context(known: ProbeContext, tried: ProbeResult) -> ProbeContext:
    """Return the known ids after a read: reads of a single cluster or job use an existing one."""
    for field, rows, key in (
        ("cluster_id", "rayClusters", "clusterId"),
        ("job_id", "rayJobs", "submissionId"),
        ("queue", "queues", "queueName"),
    ):
        found = tried.payload.get(rows)
        first = found[0] if isinstance(found, list) and found else None
        value = first.get(key) if isinstance(first, dict) else None
        if isinstance(value, str) and value:
            known = known._replace(**{field: value})
    return known
