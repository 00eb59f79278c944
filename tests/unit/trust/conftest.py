# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One emulator for all trust tests of a process: its time only moves when a task sleeps."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator

import pytest

from tests.emulator import Clock, Emulator
from tests.unit.trust.world import RULES, TIMING, Canaries, World


class Naps:
    """What slow answers wait with: until the clusters' time has moved on, whoever moves it."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.open = 0

    async def __call__(self, seconds: float) -> None:
        """Wait; a drip, which waits for nothing, lets others have their turn."""
        until = self.clock() + seconds
        self.open += 1
        try:
            while self.clock() < until:
                await asyncio.sleep(0.002)
        finally:
            self.open -= 1

    def end(self) -> None:
        """Let everything that still waits happen now, so that it cannot reach into the next test."""
        self.clock.advance(1_000)
        while self.open:
            time.sleep(0.002)


@pytest.fixture(scope="session")
def naps() -> Naps:
    return Naps(Clock(frozen=True))


@pytest.fixture(scope="session")
def trusted(naps: Naps) -> Iterator[Emulator]:
    with Emulator(clock=naps.clock, sleep=naps) as emulator:
        yield emulator


@pytest.fixture(scope="session")
def canaries() -> Canaries:
    return Canaries()


@pytest.fixture
def world(trusted: Emulator, naps: Naps, canaries: Canaries) -> Iterator[World]:
    trusted.reset(rules=True)
    trusted.timing.set(TIMING)
    trusted.rules.set(RULES)
    yield World(trusted, canaries)
    naps.end()
