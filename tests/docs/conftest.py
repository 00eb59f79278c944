# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the real runs of the integration tests have, and a place where the examples of a page are run."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docs.cloud import FakeCredentialServer
from tests.docs.examples import ExampleRunner
from tests.emulator import Emulator
from tests.integration.conftest import emulator, home, runner, running
from tests.integration.runner import AnsibleRunner

__all__ = ["emulator", "home", "runner", "running"]
JOB_TIMINGS = ("job_submitted_seconds", "job_pending_seconds", "job_running_seconds", "job_cancelling_seconds")


@pytest.fixture
def example_runner(runner: AnsibleRunner, emulator: Emulator, tmp_path: Path) -> ExampleRunner:
    """A folder with a home of its own, next to an emulator whose jobs take no time to speak of."""
    emulator.timing.set(dict.fromkeys(JOB_TIMINGS, 0.05))
    return ExampleRunner(runner, tmp_path)


@pytest.fixture
def credential_server(emulator: Emulator) -> Iterator[FakeCredentialServer]:
    """What hands out credentials in the credential_server."""
    with FakeCredentialServer(emulator) as credential_server:
        yield credential_server
