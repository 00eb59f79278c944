# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""Whether a failed attempt is made again: the policy. Pure. Private to this collection."""

from __future__ import annotations

import typing as t

from .._errors import ApiError, Failure, TransportError
from .error_kinds import is_throttled

# Operations that may be executed twice without harm: reads, and writes that lead to the same end. A start carries a
# client token. Creates and submissions are not among them: the service has no token for those. What begins with RayJob
# is asked of a cluster's own endpoint.
HARMLESS = frozenset(
    {
        "GetRayCluster",
        "ListRayCluster",
        "UpdateRayCluster",
        "DeleteRayCluster",
        "StartRayCluster",
        "StopRayCluster",
        "ListWorkspaces",
        "GetWorkspace",
        "ListWorkspaceQueues",
        "ListReleaseVersions",
        "ListNetworkServices",
        "GetRayJob",
        "ListRayJob",
        "CancelRayJob",
        "ListRayLogs",
        "GetRayLog",
        "FetchRayLog",
        "RayJobList",
        "RayJobStatus",
        "RayJobStop",
        "RayJobLogs",
    }
)
ALL = HARMLESS | {"CreateRayCluster", "SubmitRayJob", "RayJobSubmit"}

# Why an attempt is made again.
REFUSED, NOT_SENT, REPEATABLE, CLOCK, TOKEN = "refused", "not sent", "repeatable", "clock", "token"
# Reasons that are put right once; a second time the cure did not help.
CURES = (CLOCK, TOKEN)


class Rule(t.NamedTuple):
    """Which failures (``fits``) of which operations are tried again, for which reason, and why that is safe.

    ``open_end`` says that the service may have done what it was asked for.
    """

    fits: t.Callable[[Failure], bool]
    operations: frozenset[str]
    reason: str
    safe: str
    open_end: bool = False


def _code(failure: Failure, *starts: str) -> bool:
    return isinstance(failure, ApiError) and (failure.code or "").startswith(starts)


def _not_sent(failure: Failure) -> bool:
    return isinstance(failure, TransportError) and not failure.sent and not failure.hint


def _refused(failure: Failure) -> bool:
    server = isinstance(failure, ApiError) and (failure.http_status or 0) >= 500
    return isinstance(failure, ApiError) and (
        is_throttled(failure) or (_code(failure, "ServiceUnavailable") and not server)
    )


def _lost(failure: Failure) -> bool:
    if isinstance(failure, TransportError):
        return failure.sent
    return isinstance(failure, ApiError) and (
        failure.unreadable or (failure.http_status or 0) >= 500 or failure.code == "SignatureNonceUsed"
    )


# The policy; the first rule that fits decides. What fits none is not tried again.
RULES = (
    Rule(_not_sent, ALL, NOT_SENT, "the service has not seen it"),
    Rule(_refused, ALL, REFUSED, "the service refused it because of too many requests, before doing anything"),
    Rule(lambda f: _code(f, "InvalidTimeStamp.Expired"), ALL, CLOCK, "the gateway refused it, and the clock is set"),
    Rule(lambda f: _code(f, "InvalidSecurityToken"), ALL, TOKEN, "the gateway refused it, and the token is renewed"),
    Rule(_lost, HARMLESS, REPEATABLE, "doing it twice leads to the same end", open_end=True),
)


def _rule(failure: Failure) -> Rule | None:
    return next((rule for rule in RULES if rule.fits(failure)), None)


def reason_to_repeat(operation: str, failure: Failure) -> str | None:
    """Return why a failed attempt may be made again, None when it may not."""
    rule = _rule(failure)
    return rule.reason if rule and operation in rule.operations else None


def may_pass(operation: str, failure: Failure) -> bool:
    """Tell whether a failure is of the kind that goes away by itself; what a cure did not put right does not."""
    return reason_to_repeat(operation, failure) not in (None, *CURES)


def is_ambiguous(failure: Failure) -> bool:
    """Tell whether the server may have executed a request that failed."""
    rule = _rule(failure)
    return rule is not None and rule.open_end
