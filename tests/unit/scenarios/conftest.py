# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Emulators for the scenarios: one whose time only tasks move, one in real time for whole modules."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.emulator import Clock, Emulator
from tests.unit.scenarios.stage import FleetStage, Stage

# Long enough that a wait shows in the clusters' time, which costs nothing.
TIMING = {"starting_seconds": 60, "stopping_seconds": 30, "deleting_seconds": 20}


@pytest.fixture(scope="module")
def running() -> Iterator[Emulator]:
    with Emulator(clock=Clock(frozen=True)) as emulator:
        yield emulator


@pytest.fixture(params=[Stage, FleetStage], ids=["cluster", "fleet"])
def stage(running: Emulator, request: pytest.FixtureRequest) -> Stage:
    running.reset(rules=True)
    running.timing.set(TIMING)
    made: Stage = request.param(running)
    return made


@pytest.fixture
def emulator(stage: Stage) -> Emulator:
    return stage.emulator


@pytest.fixture(scope="module")
def ticking() -> Iterator[Emulator]:
    """An emulator in real time, but a quick one."""
    with Emulator() as emulator:
        yield emulator


@pytest.fixture
def quick(ticking: Emulator) -> Emulator:
    ticking.reset(rules=True)
    ticking.timing.set({"starting_seconds": 0.03, "stopping_seconds": 0.03, "deleting_seconds": 0.03})
    return ticking
