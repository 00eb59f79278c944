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
from .planted import leaks

# What the gateway to clusters and the object store are asked, which no RAM action is about.
NO_ACTION = ("Ray", "OssGetObject")


class Story:
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
        done = self._run(self.key, answers, **more)
        self.operations |= {name for name in self.emulator.operations() if not name.startswith(NO_ACTION)}
        assert leaks(done) == []
        return done

    def cluster(self, name: str) -> Json:
        """Return what the service has under this name."""
        (cluster,) = [cluster for cluster in self.emulator.clusters() if cluster["name"] == name]
        return cluster

    def states(self) -> Json:
        """Return the state of every cluster."""
        return {cluster["name"]: cluster["state"] for cluster in self.emulator.clusters()}


Tell = Callable[[str], Story]


@pytest.fixture
def tell(run: Run, emulator: Emulator, tmp_path: Path) -> Iterator[Tell]:
    """Return what begins the story of a template. In the end the page has to have its survey and its policy."""
    stories: list[Story] = []
    trap = tmp_path / "trap"

    def begin(key: str) -> Story:
        stories.append(Story(key, run, emulator, trap))
        return stories[-1]

    yield begin
    assert not trap.exists(), "an answer was taken for a template"
    for story in stories:
        if questions(story.key):
            page.hold(story.key, "survey", page.survey(story.key))
        page.hold(story.key, "policy", page.policy(story.operations))
