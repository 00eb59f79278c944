# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The launches of one template, and what the page says of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.emulator import Emulator

from . import page
from .conftest import Run
from .definitions import Json, questions
from .job import Finished
from .planted_secrets import find_leaks

# What the gateway to clusters and the object store are asked, which no RAM action is about.
NO_ACTION = ("Ray", "OssGetObject")


class TemplateScenario:
    """The launches of one template, which together show all that it does."""

    def __init__(self, key: str, run: Run, emulator: Emulator, trap: Path) -> None:
        self.key = key
        # Text that makes the file `trap`, if it is ever taken for a template.
        self.text = f"{{{{ lookup('ansible.builtin.pipe', 'touch {trap}') }}}}"
        self.emulator = emulator
        self.operations: set[str] = set()
        self._run = run

    def __call__(self, answers: Json | None = None, **more: Any) -> Finished:
        """Launch it, and see that no secret is anywhere afterwards."""
        self.emulator.journal.clear()
        done = self._run(self.key, answers, streamed=False, **more)
        self.operations |= {name for name in self.emulator.operations() if not name.startswith(NO_ACTION)}
        assert find_leaks(done) == []
        return done

    def cluster(self, name: str) -> Json:
        """Return what the service has under this name."""
        (cluster,) = [cluster for cluster in self.emulator.clusters() if cluster["name"] == name]
        return cluster

    def states(self) -> Json:
        """Return the state of every cluster."""
        return {cluster["name"]: cluster["state"] for cluster in self.emulator.clusters()}


StartScenario = Callable[[str], TemplateScenario]


@pytest.fixture
def start_scenario(run: Run, emulator: Emulator, tmp_path: Path) -> Iterator[StartScenario]:
    """Return what begins the scenario of a template. In the end the page has to have its survey and its policy."""
    scenarios: list[TemplateScenario] = []
    trap = tmp_path / "trap"

    def begin(key: str) -> TemplateScenario:
        scenarios.append(TemplateScenario(key, run, emulator, trap))
        return scenarios[-1]

    yield begin
    assert not trap.exists(), "an answer was taken for a template"
    for scenario in scenarios:
        if questions(scenario.key):
            page.assert_block(scenario.key, "survey", page.survey_block(scenario.key))
        page.assert_block(scenario.key, "policy", page.policy_block(scenario.operations))
