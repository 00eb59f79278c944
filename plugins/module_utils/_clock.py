# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""Provide the time through one small object that tests replace. Private to this collection."""

from __future__ import annotations

import time
import typing as t


class Clock(t.Protocol):
    """The clock functions that the collection uses."""

    def monotonic(self) -> float:
        """Return monotonic seconds."""

    def time(self) -> float:
        """Return seconds since the epoch."""

    def sleep(self, seconds: float) -> None:
        """Wait for a time."""


class SystemClock:
    """The machine's own time."""

    def monotonic(self) -> float:
        """Return monotonic seconds."""
        return time.monotonic()

    def time(self) -> float:
        """Return seconds since the epoch."""
        return time.time()

    def sleep(self, seconds: float) -> None:
        """Wait for a time."""
        time.sleep(max(0.0, seconds))
