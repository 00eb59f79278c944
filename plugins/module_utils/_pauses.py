# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""Space the reads of a wait. Pure. Private to this collection."""

from __future__ import annotations

import typing as t

_MAX_FIRST_PAUSE = 1.0
_PAUSE_GROWTH = 1.5
# A pause grows to this many times the interval: from 5 to 30 seconds.
_MAX_PAUSE_FACTOR = 6


def wait_pauses(interval: float, first: float | None = None) -> t.Iterator[float]:
    """Yield the seconds between the reads of a wait, without end.

    The first pause is one second at most, or ``first`` if it is given. The others start at ``interval`` and grow.
    """
    yield min(_MAX_FIRST_PAUSE, interval) if first is None else first
    pause = interval
    while True:
        yield pause
        pause = min(pause * _PAUSE_GROWTH, interval * _MAX_PAUSE_FACTOR)
