# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An emulator for each process of the tests, an account whose secrets are easy to find, and jobs."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.emulator import Emulator
from tests.emulator.core import WORKSPACE

from .definitions import ROOT, Json
from .job import Finished, Job, Launch
from .planted_secrets import ACCOUNTS, KEY

QUICK = {"starting_seconds": 0.05, "stopping_seconds": 0.05, "deleting_seconds": 0.05}
# An administrator's own extra variables; the surveys leave pauses to the modules, whose default suits the real service.
PAUSES = {"rayops_wait_interval": 0.1, "rayops_settle_seconds": 1}

Begin = Callable[..., Job]
Run = Callable[..., Finished]


@pytest.fixture(scope="session")
def running() -> Iterator[Emulator]:
    with Emulator(workspaces=[WORKSPACE], accounts=ACCOUNTS) as emulator:
        yield emulator


@pytest.fixture
def emulator(running: Emulator) -> Emulator:
    running.reset(rules=True)
    running.clock.restart()
    running.timing.set(QUICK)
    return running


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the home of an execution environment that has the collection."""
    home = tmp_path_factory.mktemp("home")
    namespace = home / "collections" / "ansible_collections" / "rayops"
    namespace.mkdir(parents=True)
    (namespace / "alicloud").symlink_to(ROOT)
    return home


@pytest.fixture
def where(emulator: Emulator) -> Json:
    """Return what every credential says of the workspace."""
    return {"region": "cn-hangzhou", "workspace_id": emulator.workspace_id, "endpoint": emulator.url}


@pytest.fixture
def begin(tmp_path: Path, home: Path, where: Json) -> Iterator[Begin]:
    """Return what launches a template: its key, answers, and anything else of a `Launch`."""
    numbers = itertools.count(101)
    jobs: list[Job] = []

    def launch(key: str, answers: Json | None = None, **more: Any) -> Job:
        number = next(numbers)
        folder = tmp_path / str(number)
        folder.mkdir()
        more = {"credential": ("access_key", {**KEY, **where}), "template_vars": PAUSES, **more}
        jobs.append(Job(Launch(key, answers or {}, job_id=number, **more), folder, home))
        return jobs[-1]

    yield launch
    for job in jobs:
        job.end()


@pytest.fixture
def run(begin: Begin) -> Run:
    """Return what launches a template and waits for its end."""

    def launch(key: str, answers: Json | None = None, *, status: str = "successful", **more: Any) -> Finished:
        done = begin(key, answers, **more).wait()
        assert done.status == status, done.stdout
        return done

    return launch
