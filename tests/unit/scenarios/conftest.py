# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Emulators for the scenarios: one whose time only tasks move, one in real time for whole modules."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.emulator import Clock, Emulator
from tests.unit.scenarios.harness import FleetHarness, TaskHarness

# Long enough that a wait shows in the clusters' time, which costs nothing.
TIMING = {"starting_seconds": 60, "stopping_seconds": 30, "deleting_seconds": 20}


@pytest.fixture(scope="module")
def running() -> Iterator[Emulator]:
    with Emulator(clock=Clock(frozen=True)) as emulator:
        yield emulator


@pytest.fixture(params=[TaskHarness, FleetHarness], ids=["cluster", "fleet"])
def harness(running: Emulator, request: pytest.FixtureRequest) -> TaskHarness:
    running.reset(rules=True)
    running.timing.set(TIMING)
    made: TaskHarness = request.param(running)
    return made


@pytest.fixture
def emulator(harness: TaskHarness) -> Emulator:
    return harness.emulator


@pytest.fixture(scope="module")
def real_time_emulator() -> Iterator[Emulator]:
    """An emulator in real time, but a fast_emulator one."""
    with Emulator() as emulator:
        yield emulator


@pytest.fixture
def fast_emulator(real_time_emulator: Emulator) -> Emulator:
    real_time_emulator.reset(rules=True)
    real_time_emulator.timing.set({"starting_seconds": 0.03, "stopping_seconds": 0.03, "deleting_seconds": 0.03})
    return real_time_emulator
