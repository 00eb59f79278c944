# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""When a failed attempt is made again, and after what pause. Private to this collection."""

from __future__ import annotations

import random
import typing as t

from ansible_collections.rayops.alicloud.plugins.module_utils._answers import is_throttled
from ansible_collections.rayops.alicloud.plugins.module_utils._clock import Clock
from ansible_collections.rayops.alicloud.plugins.module_utils._errors import ApiError, Failure, TransportError

FIRST_PAUSE, LONGEST_JITTER = 0.5, 20.0

# Operations that may be executed twice without harm: reads, and writes that lead to the same end. A start carries a
# client token. A create is not among them: the service has no token for it.
HARMLESS = frozenset(
    {"GetRayCluster", "ListRayCluster", "UpdateRayCluster", "DeleteRayCluster", "StartRayCluster", "StopRayCluster"}
)

# Why an attempt is made again.
REFUSED, NOT_SENT, REPEATABLE, CLOCK, TOKEN = "refused", "not sent", "repeatable", "clock", "token"
# Reasons that are put right once; a second time the cure did not help.
CURES = (CLOCK, TOKEN)


def reason_to_repeat(operation: str, failure: Failure) -> str | None:
    """Return why a failed attempt may be made again, None when it may not."""
    if isinstance(failure, TransportError):
        if not failure.sent:
            return NOT_SENT if not failure.hint else None
        return REPEATABLE if operation in HARMLESS else None
    if not isinstance(failure, ApiError):
        return None
    code = failure.code or ""
    if is_throttled(failure) or code == "ServiceUnavailable":
        return REFUSED
    if code.startswith("InvalidTimeStamp.Expired"):
        return CLOCK
    if code.startswith("InvalidSecurityToken"):
        return TOKEN
    transient = failure.unreadable or (failure.http_status or 0) >= 500 or code == "SignatureNonceUsed"
    return REPEATABLE if transient and operation in HARMLESS else None


def is_ambiguous(failure: Failure) -> bool:
    """Tell whether the server may have executed a request that failed."""
    if isinstance(failure, TransportError):
        return failure.sent
    if not isinstance(failure, ApiError) or reason_to_repeat("", failure) == REFUSED:
        return False
    return failure.unreadable or (failure.http_status or 0) >= 500 or failure.code == "SignatureNonceUsed"


class Retrier:
    """Repeats attempts with full jitter, within ``budget`` seconds for one call, pauses included."""

    def __init__(
        self,
        retries: int,
        budget: float,
        clock: Clock,
        uniform: t.Callable[[float, float], float] = random.uniform,
    ) -> None:
        self.retries = retries
        self.budget = budget
        self.clock = clock
        self.uniform = uniform

    def run(
        self,
        operation: str,
        attempt: t.Callable[[float], t.Any],
        cure: t.Callable[[str, Failure], bool],
        budget: float | None = None,
    ) -> t.Any:
        """Return what ``attempt`` returns, called with the seconds that are left of ``budget`` or of the usual one.

        ``cure`` is told of a wrong clock or an expired token once and answers whether it could do something. Raises
        the last failure.
        """
        ends = self.clock.monotonic() + min(self.budget, self.budget if budget is None else budget)
        cured: set[str] = set()
        made = 0
        while True:
            try:
                return attempt(max(0.001, ends - self.clock.monotonic()))
            except Failure as failure:  # noqa: PERF203
                reason = reason_to_repeat(operation, failure)
                if reason in CURES and reason not in cured and cure(str(reason), failure):
                    cured.add(str(reason))
                    continue
                pause = self._pause(failure, made)
                last = reason is None or reason in CURES or made >= self.retries
                if last or self.clock.monotonic() + pause >= ends:
                    if made:
                        failure.args = (f"{failure} (after {made + 1} attempts)",)
                    raise
                made += 1
                self.clock.sleep(pause)

    def _pause(self, failure: Failure, made: int) -> float:
        asked = failure.retry_after if isinstance(failure, ApiError) else None
        return asked or self.uniform(0, min(LONGEST_JITTER, FIRST_PAUSE * 2.0**made))
