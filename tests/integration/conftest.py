# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An emulator for each process of the tests, and a home without anybody's settings."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.emulator import Emulator
from tests.emulator.core import WORKSPACE
from tests.integration.runner import ROOT, AnsibleRunner

# The workspace of the examples in the documentation.
DOCUMENTED_WORKSPACE = "w-d2d82aa09155"


@pytest.fixture(scope="session")
def running() -> Iterator[Emulator]:
    with Emulator(workspaces=[WORKSPACE, DOCUMENTED_WORKSPACE]) as emulator:
        yield emulator


@pytest.fixture
def emulator(running: Emulator) -> Emulator:
    running.reset(rules=True)
    # Hours that one test jumped ahead are none of the next one's business.
    running.clock.restart()
    running.timing.set({"starting_seconds": 0.05, "stopping_seconds": 0.05, "deleting_seconds": 0.05})
    return running


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a home folder with the checkout as the only collection, whichever ansible-core runs the tests."""
    home = tmp_path_factory.mktemp("home")
    namespace = home / "collections" / "ansible_collections" / "rayops"
    namespace.mkdir(parents=True)
    (namespace / "alicloud").symlink_to(ROOT)
    return home


@pytest.fixture
def runner(tmp_path: Path, home: Path, emulator: Emulator) -> AnsibleRunner:
    return AnsibleRunner(tmp_path, home, emulator)
