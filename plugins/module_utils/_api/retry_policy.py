# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""Decide whether to retry a failed attempt. Pure."""

from __future__ import annotations

import typing as t

from .._errors import ApiError, Failure, TransportError
from .error_kinds import is_ambiguous_status, is_throttled
from .operations import OPERATIONS

ALL_OPERATIONS = frozenset(OPERATIONS)
REPEATABLE_OPERATIONS = frozenset(name for name, operation in OPERATIONS.items() if operation.is_repeatable)

# Reasons for a retry.
REFUSED, NOT_SENT, REPEATABLE, CLOCK, TOKEN = "refused", "not sent", "repeatable", "clock", "token"
# Reasons that are fixed once; if they occur again, the fix did not help.
RECOVERABLE_REASONS = (CLOCK, TOKEN)


class RetryRule(t.NamedTuple):
    """Failures (``matches``) after which an attempt of these ``operations`` is retried, and the reason.

    ``may_have_executed``: the service may have executed the request.
    """

    matches: t.Callable[[Failure], bool]
    operations: frozenset[str]
    reason: str
    may_have_executed: bool = False


def _has_code(failure: Failure, *starts: str) -> bool:
    return isinstance(failure, ApiError) and (failure.code or "").startswith(starts)


def _is_not_sent(failure: Failure) -> bool:
    return isinstance(failure, TransportError) and not failure.sent and not failure.permanent


# Words of error codes which mean that a request with status 409 was refused.
_REFUSAL_WORDS = ("exist", "duplicate", "denied", "invalid", "limit", "notsupport", "quota", "state", "status", "taken")


def _is_refused(failure: Failure) -> bool:
    """Return whether the service refused a request before executing it. A status of 500 leaves that open."""
    if not isinstance(failure, ApiError) or (failure.http_status or 0) >= 500:
        return False
    return is_throttled(failure) or _has_code(failure, "ServiceUnavailable")


def _is_throttled_late(failure: Failure) -> bool:
    return isinstance(failure, ApiError) and is_throttled(failure)


def _is_response_lost(failure: Failure) -> bool:
    if isinstance(failure, TransportError):
        return failure.sent
    if not isinstance(failure, ApiError):
        return False
    status = failure.http_status or 0
    return failure.unreadable or status >= 500 or status == 408 or failure.code == "SignatureNonceUsed"


def _is_open(failure: Failure) -> bool:
    """Return whether a response leaves open whether the request was executed, although a retry is not useful."""
    if not isinstance(failure, ApiError) or not is_ambiguous_status(failure.http_status):
        return False
    code = (failure.code or "").lower()
    return failure.http_status != 409 or not any(word in code for word in _REFUSAL_WORDS)


# The first rule that matches decides. A failure that matches no rule is not retried. A request that was not sent, or
# that the gateway or the service refused before it took effect, is retried for every operation.
RETRY_RULES = (
    RetryRule(_is_not_sent, ALL_OPERATIONS, NOT_SENT),
    RetryRule(_is_refused, ALL_OPERATIONS, REFUSED),
    RetryRule(_is_throttled_late, REPEATABLE_OPERATIONS, REFUSED, may_have_executed=True),
    RetryRule(lambda failure: _has_code(failure, "InvalidTimeStamp.Expired"), ALL_OPERATIONS, CLOCK),
    RetryRule(lambda failure: _has_code(failure, "InvalidSecurityToken"), ALL_OPERATIONS, TOKEN),
    RetryRule(_is_response_lost, REPEATABLE_OPERATIONS, REPEATABLE, may_have_executed=True),
    RetryRule(_is_open, frozenset(), REPEATABLE, may_have_executed=True),
)


def _find_rule(failure: Failure) -> RetryRule | None:
    return next((rule for rule in RETRY_RULES if rule.matches(failure)), None)


def retry_reason(operation: str, failure: Failure) -> str | None:
    """Return the reason for a retry of a failed attempt, or None if it must not be retried."""
    rule = _find_rule(failure)
    return rule.reason if rule and operation in rule.operations else None


def is_transient(failure: Failure) -> bool:
    """Return whether the failure of a read is temporary; a failure that a fix did not resolve is not."""
    return retry_reason(failure.operation or "", failure) not in (None, *RECOVERABLE_REASONS)


def may_have_been_executed(failure: Failure) -> bool:
    """Return whether the server may have executed a failed request."""
    rule = _find_rule(failure)
    return rule is not None and rule.may_have_executed
