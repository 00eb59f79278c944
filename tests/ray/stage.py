# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The harness of the scenarios with real Ray: the same tasks as elsewhere, in real time."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from tests.emulator import Emulator
from tests.unit.jobs.harness import JobHarness
from tests.unit.scenarios.harness import EmulatorClock, TaskOutcome


class RealClock(EmulatorClock):
    """The machine's own time; what was slept is kept as elsewhere."""

    def monotonic(self) -> float:
        """Return seconds that only ever grow."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self.slept.append(seconds)
        time.sleep(seconds)


class RealStage(JobHarness):
    """Runs tasks about jobs on one running cluster, in either way; `on_line` hears what they show while they run."""

    def __init__(self, emulator: Emulator, cluster_id: str) -> None:
        super().__init__(emulator)
        self.cluster_id = cluster_id
        self.on_line: Callable[[str], object] | None = None

    def make_clock(self) -> EmulatorClock:
        """Return the clock of one task."""
        return RealClock(self.emulator)

    def record_progress(self, line: str) -> None:
        """Record a line of progress, and pass it to the listener."""
        super().record_progress(line)
        if self.on_line:
            self.on_line(line)

    def by(self, via: str, **given: Any) -> TaskOutcome:
        """Run emr_ray_job in one of its two ways on the running cluster."""
        options = {"via": via, "cluster_id": self.cluster_id, "wait_interval": 0.2, **given}
        if given.get("submission_id") and via == "service":
            options["cluster_id"] = None
        return self.job(**options)

    def shown(self) -> list[str]:
        """Return the lines of the log that the last task showed while it waited."""
        return [line.removeprefix("| ") for line in self.told if line.startswith("| ")]
