# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""Retry a failed attempt after a pause."""

from __future__ import annotations

import random
import typing as t

from .._clock import Clock
from .._errors import ApiError, Failure

Made = t.TypeVar("Made")

FIRST_PAUSE, LONGEST_JITTER = 0.5, 20.0


def no_recovery(reason: str, failure: Failure) -> bool:  # noqa: ARG001
    """Fix nothing: for requests that carry neither a date nor a token of ours."""
    return False


class Retrier:
    """Retries attempts with full jitter, within ``budget`` seconds for one call, pauses included.

    ``retries`` bounds the attempts after the first. Attempts that were throttled are bounded by the budget alone.
    """

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
        attempt: t.Callable[[float], Made],
        cure: t.Callable[[str, Failure], bool],
        budget: float | None = None,
        done: t.Callable[[], Made | None] | None = None,
    ) -> Made:
        """Return the result of ``attempt``, called with the seconds that remain of ``budget`` or of the default budget.

        ``cure`` receives a wrong clock or an expired token once, and returns whether it fixed the problem. ``done`` is
        called before a retry; if it returns a value, that is the result. Raises the last failure.
        """
        ends = self.clock.monotonic() + min(self.budget, self.budget if budget is None else budget)
        cured: set[str] = set()
        made = counted = 0
        while True:
            try:
                return attempt(max(0.001, ends - self.clock.monotonic()))
            except Failure as failure:  # noqa: PERF203
                # Successful calls, nearly all of them, do not pay for this import.
                from .retry_policy import RECOVERABLE_REASONS, REFUSED, retry_reason

                reason = retry_reason(operation, failure)
                if reason in RECOVERABLE_REASONS and reason not in cured and cure(str(reason), failure):
                    cured.add(str(reason))
                    continue
                pause = self._choose_pause(failure, made)
                # The service decides when throttling ends, regardless of the number of requests: only time bounds
                # these retries.
                out_of_attempts = counted >= self.retries and reason != REFUSED
                last = reason is None or reason in RECOVERABLE_REASONS or out_of_attempts
                if last or self.clock.monotonic() + pause >= ends:
                    if made:
                        failure.args = (f"{str(failure).rstrip('. ')} (after {made + 1} attempts)",)
                    raise
                made += 1
                counted += reason != REFUSED
                self.clock.sleep(pause)
                found = done() if done else None
                if found is not None:
                    return found
                if self.clock.monotonic() >= ends:
                    raise

    def _choose_pause(self, failure: Failure, made: int) -> float:
        asked = failure.retry_after if isinstance(failure, ApiError) else None
        return asked or self.uniform(0, min(LONGEST_JITTER, FIRST_PAUSE * 2.0 ** min(made, 10)))
