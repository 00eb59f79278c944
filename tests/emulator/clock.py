# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Time for the emulator: real seconds plus an offset that a test can push forward instead of sleeping."""

from __future__ import annotations

import time


class Clock:
    """Seconds since the epoch; `advance` jumps ahead, a frozen clock moves only by `advance`."""

    def __init__(self, *, frozen: bool = False, start: float | None = None) -> None:
        self._frozen_at = (time.time() if start is None else start) if frozen else None
        self._offset = 0.0

    def __call__(self) -> float:
        """Return the current time in seconds since the epoch."""
        base = time.time() if self._frozen_at is None else self._frozen_at
        return base + self._offset

    def restart(self) -> None:
        """Be where it would be had it never jumped; for an emulator that holds nothing any more."""
        self._offset = 0.0

    def advance(self, seconds: float) -> None:
        """Jump ahead by `seconds` (fractions allowed); raises ValueError for a negative jump."""
        if seconds < 0:
            raise ValueError("a clock does not go back: use the skew fault for a wrong server clock")
        self._offset += seconds
