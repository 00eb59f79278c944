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
from tests.unit.trust.world import RULES, TIMING, Canaries, FleetWorld, World

# One in so many tests is tried with a fleet as well, where not all are asked for.
SAMPLE = 8


class Considerate(Clock):
    """A clock that goes on when those whose time has come have woken: in real life they need no time for it."""

    def __init__(self) -> None:
        super().__init__(frozen=True)
        self.waiting: list[float] = []

    def advance(self, seconds: float) -> None:
        """Jump ahead, and see everybody who was due up."""
        super().advance(seconds)
        while any(until <= self() for until in list(self.waiting)):
            time.sleep(0.001)


class Naps:
    """What slow answers wait with: until the clusters' time has moved on, whoever moves it."""

    def __init__(self, clock: Considerate) -> None:
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

    def end(self) -> None:
        """Let everything that still waits happen now, so that it cannot reach into the next test."""
        self.clock.advance(1_000)


@pytest.fixture(scope="session")
def naps() -> Naps:
    return Naps(Considerate())


@pytest.fixture(scope="session")
def trusted(naps: Naps) -> Iterator[Emulator]:
    with Emulator(clock=naps.clock, sleep=naps) as emulator:
        yield emulator


@pytest.fixture(scope="session")
def canaries() -> Canaries:
    return Canaries()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Let every world be one of single clusters, and one of fleets."""
    if "world" in metafunc.fixturenames:
        metafunc.parametrize("world", [World, FleetWorld], indirect=True, ids=["cluster", "fleet"])


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Try fleets with a sample of the tests, the same ones every time, unless ``RAYOPS_TRUST`` asks for all."""
    if os.environ.get("RAYOPS_TRUST") == "all":
        return
    left_out = {item for item in items if _is_fleet(item) and zlib.crc32(item.nodeid.encode()) % SAMPLE}
    config.hook.pytest_deselected(items=list(left_out))
    items[:] = [item for item in items if item not in left_out]


def _is_fleet(item: pytest.Item) -> bool:
    spec = getattr(item, "callspec", None)
    return spec is not None and spec.params.get("world") is FleetWorld


@pytest.fixture
def world(trusted: Emulator, naps: Naps, canaries: Canaries, request: pytest.FixtureRequest) -> Iterator[World]:
    trusted.reset(rules=True)
    trusted.timing.set(TIMING)
    trusted.rules.set(RULES)
    made: World = request.param(trusted, canaries)
    yield made
    naps.end()
