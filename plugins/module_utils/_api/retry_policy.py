# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""Decide whether a failed attempt is made again. Pure."""

from __future__ import annotations

import typing as t

from .._errors import ApiError, Failure, TransportError
from .error_kinds import is_ambiguous_status, is_throttled

# Operations that may be executed twice without harm: reads, and writes that lead to the same end. A start carries a
# client token. Creates and submissions are not among them: the service has no token for those. What begins with RayJob
# is asked of a cluster's own endpoint.
IDEMPOTENT_OPERATIONS = frozenset(
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
ALL_OPERATIONS = IDEMPOTENT_OPERATIONS | {"CreateRayCluster", "SubmitRayJob", "RayJobSubmit"}

# Why an attempt is made again.
REFUSED, NOT_SENT, REPEATABLE, CLOCK, TOKEN = "refused", "not sent", "repeatable", "clock", "token"
# Reasons that are put right once; a second time the cure did not help.
RECOVERABLE_REASONS = (CLOCK, TOKEN)


class RetryRule(t.NamedTuple):
    """Which failures (``fits``) of which operations are tried again, for which reason, and why that is safe.

    ``may_have_executed`` says that the service may have done what it was asked for.
    """

    matches: t.Callable[[Failure], bool]
    operations: frozenset[str]
    reason: str
    safe: str
    may_have_executed: bool = False


def _has_code(failure: Failure, *starts: str) -> bool:
    return isinstance(failure, ApiError) and (failure.code or "").startswith(starts)


def _is_not_sent(failure: Failure) -> bool:
    return isinstance(failure, TransportError) and not failure.sent and not failure.hint


# Words of codes that say that a request met with 409 was refused.
_REFUSAL_WORDS = ("exist", "duplicate", "denied", "invalid", "limit", "notsupport", "quota", "state", "status", "taken")


def _is_refused(failure: Failure) -> bool:
    """Return whether the service refused a request before doing anything. After a status of 500 that is open."""
    if not isinstance(failure, ApiError) or (failure.http_status or 0) >= 500:
        return False
    return is_throttled(failure) or _has_code(failure, "ServiceUnavailable")


def _is_throttled_late(failure: Failure) -> bool:
    return isinstance(failure, ApiError) and is_throttled(failure)


def _is_response_lost(failure: Failure) -> bool:
    if isinstance(failure, TransportError):
        return failure.sent
    return isinstance(failure, ApiError) and (
        failure.unreadable
        or (failure.http_status or 0) >= 500
        or failure.http_status == 408
        or failure.code == "SignatureNonceUsed"
    )


def _is_open(failure: Failure) -> bool:
    """Return whether an answer leaves open whether the request was executed, though it is not worth a repeat."""
    if not isinstance(failure, ApiError) or not is_ambiguous_status(failure.http_status):
        return False
    code = (failure.code or "").lower()
    return failure.http_status != 409 or not any(word in code for word in _REFUSAL_WORDS)


# The policy; the first rule that fits decides. What fits none is not tried again.
RETRY_RULES = (
    RetryRule(_is_not_sent, ALL_OPERATIONS, NOT_SENT, "the service has not seen it"),
    RetryRule(
        _is_refused,
        ALL_OPERATIONS,
        REFUSED,
        "the service refused it because of too many requests, before doing anything",
    ),
    RetryRule(
        _is_throttled_late,
        IDEMPOTENT_OPERATIONS,
        REFUSED,
        "doing it twice leads to the same end",
        may_have_executed=True,
    ),
    RetryRule(
        lambda f: _has_code(f, "InvalidTimeStamp.Expired"),
        ALL_OPERATIONS,
        CLOCK,
        "the gateway refused it, and the clock is set",
    ),
    RetryRule(
        lambda f: _has_code(f, "InvalidSecurityToken"),
        ALL_OPERATIONS,
        TOKEN,
        "the gateway refused it, and the token is renewed",
    ),
    RetryRule(
        _is_response_lost,
        IDEMPOTENT_OPERATIONS,
        REPEATABLE,
        "doing it twice leads to the same end",
        may_have_executed=True,
    ),
    RetryRule(_is_open, frozenset(), REPEATABLE, "never tried again without a look", may_have_executed=True),
)


def _find_rule(failure: Failure) -> RetryRule | None:
    return next((rule for rule in RETRY_RULES if rule.matches(failure)), None)


def retry_reason(operation: str, failure: Failure) -> str | None:
    """Return why a failed attempt may be made again, None when it may not."""
    rule = _find_rule(failure)
    return rule.reason if rule and operation in rule.operations else None


def is_transient(operation: str, failure: Failure) -> bool:
    """Tell whether a failure is of the kind that goes away by itself; what a cure did not put right does not."""
    return retry_reason(operation, failure) not in (None, *RECOVERABLE_REASONS)


def may_have_been_executed(failure: Failure) -> bool:
    """Tell whether the server may have executed a request that failed."""
    rule = _find_rule(failure)
    return rule is not None and rule.may_have_executed
