# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the real runs of the integration tests have, and a place where the examples of a page are run."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docs.cloud import Cloud
from tests.docs.examples import Workshop
from tests.emulator import Emulator
from tests.integration.conftest import emulator, home, runner, running
from tests.integration.runner import Runner

__all__ = ["emulator", "home", "runner", "running"]
JOBS = ("job_submitted_seconds", "job_pending_seconds", "job_running_seconds", "job_cancelling_seconds")


@pytest.fixture
def workshop(runner: Runner, emulator: Emulator, tmp_path: Path) -> Workshop:
    """A folder with a home of its own, next to an emulator whose jobs take no time to speak of."""
    emulator.timing.set(dict.fromkeys(JOBS, 0.05))
    return Workshop(runner, tmp_path)


@pytest.fixture
def cloud(emulator: Emulator) -> Iterator[Cloud]:
    """What hands out credentials in the cloud."""
    with Cloud(emulator) as cloud:
        yield cloud
