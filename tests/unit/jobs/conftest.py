# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An emulator for the scenarios about jobs, whose time only tasks move."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.emulator import Clock, Emulator
from tests.unit.jobs.harness import JobHarness

# Long enough that a wait shows in the jobs' time, which costs nothing.
TIMING = {
    "starting_seconds": 60,
    "job_submitted_seconds": 2,
    "job_pending_seconds": 60,
    "job_running_seconds": 100,
    "job_cancelling_seconds": 10,
}


@pytest.fixture(scope="module")
def running() -> Iterator[Emulator]:
    with Emulator(clock=Clock(frozen=True)) as emulator:
        yield emulator


@pytest.fixture
def harness(running: Emulator) -> JobHarness:
    running.reset(rules=True)
    running.timing.set(TIMING)
    return JobHarness(running)


@pytest.fixture
def emulator(harness: JobHarness) -> Emulator:
    return harness.emulator
