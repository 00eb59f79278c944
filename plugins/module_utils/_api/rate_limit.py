# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""One limit on requests for all threads that share a session."""

from __future__ import annotations

import threading

from .._clock import Clock
from .._errors import ApiError
from .error_kinds import is_throttled


class RateLimiter:
    """A token bucket with one token: allow ``rate`` requests per second, evenly spaced; None means unlimited."""

    def __init__(self, rate: float | None, clock: Clock) -> None:
        self._gap = 1.0 / rate if rate else 0.0
        self._clock = clock
        self._lock = threading.Lock()
        self._next = clock.monotonic()

    def acquire(self) -> None:
        """Wait for the next token."""
        with self._lock:
            now = self._clock.monotonic()
            at = max(self._next, now)
            self._next = at + self._gap
        if at > now:
            self._clock.sleep(at - now)

    def pause_if_throttled(self, error: ApiError) -> None:
        """Hold back all threads for as long as a refusal for too many requests asks one of them to wait."""
        if error.retry_after and is_throttled(error):
            self.pause_all(error.retry_after)

    def pause_all(self, seconds: float) -> None:
        """Hold back all requests for these seconds: the service asked one of the threads to wait."""
        with self._lock:
            self._next = max(self._next, self._clock.monotonic() + seconds)
