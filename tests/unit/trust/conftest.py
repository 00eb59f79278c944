# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One emulator for all trust tests of a process: its time only moves when a task sleeps."""

from __future__ import annotations

import asyncio
import os
import time
import zlib
from collections.abc import Iterator

import pytest

from tests.emulator import Clock, Emulator
from tests.unit.trust.harness import SERVICE_RULES, TIMING, Canaries, FleetInvariantHarness, InvariantHarness

# One in so many tests is tried with a fleet as well, where not all are asked for.
FLEET_SAMPLE_RATE = 8


class WakingClock(Clock):
    """A clock that goes on when those whose time has come have woken: in real life they need no time for it."""

    def __init__(self) -> None:
        super().__init__(frozen=True)
        self.waiting: list[float] = []

    def advance(self, seconds: float) -> None:
        """Jump ahead, and see everybody who was due up."""
        super().advance(seconds)
        while any(until <= self() for until in list(self.waiting)):
            time.sleep(0.001)


class SimulatedSleep:
    """What slow answers wait with: until the clusters' time has moved on, whoever moves it."""

    def __init__(self, clock: WakingClock) -> None:
        self.clock = clock

    async def __call__(self, seconds: float) -> None:
        """Wait; a drip, which waits for nothing, lets others have their turn."""
        until = self.clock() + seconds
        self.clock.waiting.append(until)
        try:
            while self.clock() < until:
                await asyncio.sleep(0.002)
        finally:
            self.clock.waiting.remove(until)

    def release_all(self) -> None:
        """Let everything that still waits happen now, so that it cannot reach into the next test."""
        self.clock.advance(1_000)


@pytest.fixture(scope="session")
def simulated_sleep() -> SimulatedSleep:
    return SimulatedSleep(WakingClock())


@pytest.fixture(scope="session")
def frozen_emulator(simulated_sleep: SimulatedSleep) -> Iterator[Emulator]:
    with Emulator(clock=simulated_sleep.clock, sleep=simulated_sleep) as emulator:
        yield emulator


@pytest.fixture(scope="session")
def canaries() -> Canaries:
    return Canaries()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Let every harness be one of single clusters, and one of fleets."""
    if "harness" in metafunc.fixturenames:
        metafunc.parametrize(
            "harness", [InvariantHarness, FleetInvariantHarness], indirect=True, ids=["cluster", "fleet"]
        )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Try fleets with a sample of the tests, the same ones every time, unless a run asks for all."""
    if os.environ.get("RAYOPS_TESTS") == "all":
        return
    left_out = {item for item in items if _is_fleet_test(item) and zlib.crc32(item.nodeid.encode()) % FLEET_SAMPLE_RATE}
    config.hook.pytest_deselected(items=list(left_out))
    items[:] = [item for item in items if item not in left_out]


def _is_fleet_test(item: pytest.Item) -> bool:
    spec = getattr(item, "callspec", None)
    return spec is not None and spec.params.get("harness") is FleetInvariantHarness


@pytest.fixture
def harness(
    frozen_emulator: Emulator, simulated_sleep: SimulatedSleep, canaries: Canaries, request: pytest.FixtureRequest
) -> Iterator[InvariantHarness]:
    frozen_emulator.reset(rules=True)
    frozen_emulator.timing.set(TIMING)
    frozen_emulator.rules.set(SERVICE_RULES)
    made: InvariantHarness = request.param(frozen_emulator, canaries)
    yield made
    simulated_sleep.release_all()
