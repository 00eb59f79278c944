# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One emulator for the probe's tests: its time only moves when a task sleeps."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.emulator import Clock, Emulator
from tests.unit.probe.harness import ProbeHarness


@pytest.fixture(scope="session")
def probe_emulator() -> Iterator[Emulator]:
    with Emulator(clock=Clock(frozen=True)) as emulator:
        yield emulator


@pytest.fixture
def harness(probe_emulator: Emulator) -> ProbeHarness:
    made = ProbeHarness(probe_emulator)
    made.reset()
    return made
