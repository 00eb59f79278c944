# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An emulator whose time moves only when a task waits."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.emulator import Clock, Emulator
from tests.unit.platform.harness import PlatformHarness

TIMING = {"workspace_starting_seconds": 90, "queue_editing_seconds": 7, "network_starting_seconds": 20}


@pytest.fixture(scope="session")
def running() -> Iterator[Emulator]:
    with Emulator(clock=Clock(frozen=True)) as emulator:
        yield emulator


@pytest.fixture
def harness(running: Emulator) -> PlatformHarness:
    """Return a harness over an account without history."""
    running.reset(rules=True)
    running.timing.set(TIMING)
    running.workspace_id = "w-emulator"
    return PlatformHarness(running)
