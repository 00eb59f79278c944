# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who may replace which cluster: one run at a time, whatever the order of the steps of two."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from ansible.errors import AnsibleFilterError
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.rayops.alicloud.plugins.filter.blue_green import blue_green
from ansible_collections.rayops.alicloud.plugins.filter.blue_green_description import blue_green_description

Json = dict[str, Any]

NOW = datetime(2026, 11, 22, 12, tzinfo=timezone.utc)


def decide(rows: list[Json], holder: str = "me", minutes: float = 0) -> Json:
    return blue_green(rows, "training", holder, (NOW + timedelta(minutes=minutes)).isoformat())


def generation(number: int, holder: str, state: str = "Running", created: int = 0, **more: Any) -> Json:
    """Return a generation as the role would have created it."""
    before = [{"cluster_id": "x", "name": f"training-g{number - 1}-00000000"}] if number > 1 else []
    decided = decide(before, holder)
    text = blue_green_description(decided, "nightly", holder, more.pop("rev", ""))
    row = {"cluster_id": f"ray-{number}-{holder}", "name": decided["name"], "state": state, "description": text}
    return {**row, "create_time": created or number, **more}


def retired(row: Json, state: str = "Stopped") -> Json:
    return {**row, "state": state, "description": blue_green_description({}, row.get("description"), retired=True)}


OLD: Json = {"cluster_id": "ray-0", "name": "training", "state": "Running", "create_time": 1}


def test_a_description_has_one_mark() -> None:
    row = generation(3, "pipeline-7", rev="v2")
    assert row["description"] == "nightly [blue-green gen=3 holder=pipeline-7 until=2026-11-22T13:00:00Z rev=v2]"
    assert retired(row)["description"] == "nightly [blue-green retired]"
    assert retired(OLD)["description"] == "[blue-green retired]"


@pytest.mark.parametrize(
    ("rows", "minutes", "action", "stale"),
    [
        ([], 0, "create", []),
        ([{"cluster_id": "y", "name": "training-2"}], 0, "create", []),
        ([{"cluster_id": "z", "name": "xtraining-g1-12345678"}], 0, "create", []),
        ([OLD], 0, "compare", []),
        ([OLD, generation(1, "me")], 0, "continue", []),
        ([OLD, generation(1, "other")], 0, "busy", []),
        ([OLD, generation(1, "other")], 61, "compare", ["ray-1-other"]),
        ([OLD, generation(1, "me")], 61, "compare", ["ray-1-me"]),
        # What may be all that is left is never deleted.
        ([{**OLD, "state": "Stopped"}, generation(1, "other")], 61, "continue", []),
        ([{**OLD, "state": "Stopped"}, generation(1, "other")], 0, "busy", []),
        ([retired(OLD), generation(1, "other")], 0, "compare", []),
        ([generation(1, "other", "Starting")], 0, "compare", []),
        ([OLD, generation(1, "other"), generation(1, "me", created=2)], 0, "yield", []),
        ([OLD, generation(1, "other", created=3), generation(1, "me", created=2)], 0, "continue", []),
        ([OLD, generation(1, "a", created=3), generation(1, "me", created=2)], 61, "compare", ["ray-1-me", "ray-1-a"]),
        ([generation(1, "other"), generation(1, "me", created=2)], 0, "yield", []),
        ([generation(1, "me"), generation(2, "other")], 0, "busy", []),
        ([generation(1, "me"), generation(2, "me")], 0, "continue", []),
        ([retired(OLD), retired(generation(1, "a"))], 0, "create", []),
    ],
)  # fmt: skip
def test_what_is_to_be_done(rows: list[Json], minutes: float, action: str, stale: list[str]) -> None:
    for order in (rows, rows[::-1]):
        found = decide(order, minutes=minutes)
        assert (found["action"], found["stale"]) == (action, stale)
        assert bool(found["why"]) is (action in ("busy", "yield"))


def test_names_go_on_counting() -> None:
    rows = [retired(generation(6, "a")), generation(7, "b", rev="v2")]
    found = decide(rows)
    assert (found["generation"], found["revision"], found["retired"]) == (8, "v2", ["ray-6-a"])
    assert found["name"].startswith("training-g8-")
    assert found["name"] != decide(rows, "other")["name"]


@pytest.mark.parametrize(
    ("rows", "name", "holder", "why"),
    [
        ([OLD, {**OLD, "cluster_id": "ray-9"}], "training", "me", "several clusters have the name 'training'"),
        ([], "x" * 49, "me", "1 to 48 characters"),
        ([], "training", "a b", "the holder must be"),
        ([], "training", "a]", "the holder must be"),
    ],
)
def test_what_cannot_be_decided_is_said(rows: list[Json], name: str, holder: str, why: str) -> None:
    with pytest.raises(AnsibleFilterError, match=why):
        blue_green(rows, name, holder, NOW.isoformat())
    with pytest.raises(AnsibleFilterError, match="the revision must be"):
        blue_green_description(decide([]), "", "me", "a b")


class Run:
    """The steps of a run of the role, in a world in which a list shows what is there."""

    SETTLE = 2

    def __init__(self, holder: str) -> None:
        self.holder = holder
        self.step = "look"
        self.mine: str | None = None
        self.created = 0

    def act(self, world: dict[str, Json], clock: int) -> None:
        """Do the next step."""
        getattr(self, self.step)(world, clock)

    def look(self, world: dict[str, Json], clock: int) -> None:
        self.decided = decide(list(world.values()), self.holder)
        self.step = "create" if self.decided["action"] in ("create", "compare") else "done"

    def create(self, world: dict[str, Json], clock: int) -> None:
        text = blue_green_description(self.decided, "", self.holder)
        # Ids that sort against the order of creation, to be sure that it is not them that count.
        self.mine = f"ray-{9 - len(world)}-{self.holder}"
        row = {"cluster_id": self.mine, "name": self.decided["name"], "state": "Running", "description": text}
        world[self.mine] = {**row, "create_time": clock + 1}
        self.step, self.created = "settle", clock

    def settle(self, world: dict[str, Json], clock: int) -> None:
        if clock < self.created + self.SETTLE:
            return
        found = decide(list(world.values()), self.holder)
        if found["action"] == "yield":
            del world[found["mine"]]
        self.step = "check" if found["mine"] == self.mine and found["action"] in ("continue", "compare") else "done"

    def check(self, world: dict[str, Json], clock: int) -> None:
        self.step = "retire"

    def retire(self, world: dict[str, Json], clock: int) -> None:
        found = decide(list(world.values()), self.holder)
        self.step = "done"
        if found["action"] == "continue":
            old = found["active"]["cluster_id"]
            world[old] = retired(world[old])

    def done(self, world: dict[str, Json], clock: int) -> None:
        """Nothing is left to do."""


@pytest.mark.parametrize("count", [2, 3])
@given(there=st.booleans(), order=st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2)), min_size=20, max_size=60))
def test_two_runs_never_work_on_one_generation(count: int, there: bool, order: list[tuple[int, int]]) -> None:
    world = {OLD["cluster_id"]: dict(OLD)} if there else {}
    runs, clock = [Run(holder) for holder in "abc"[:count]], 0
    for number, pause in [*order, *[(number % 3, 2) for number in range(24)]]:
        clock += pause
        runs[number % count].act(world, clock)
        at_work = [
            world[run.mine]["name"].split("-")[1] for run in runs if run.step in ("check", "retire") and run.mine
        ]
        assert len(at_work) == len(set(at_work))
    assert all(run.step == "done" for run in runs)
    live = [row for row in world.values() if "retired" not in (row.get("description") or "")]
    # Of three, one that stalls between its look and its create may leave a generation for the next run.
    assert 1 <= len(live) <= count - 1, "no generation is left behind"
    assert live[0]["state"] == "Running"
