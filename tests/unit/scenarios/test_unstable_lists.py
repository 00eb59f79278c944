# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Nothing is created beside a cluster that one reading of the list misses."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.rayops.alicloud.plugins.module_utils._inventory.reader import InventoryQuery, InventoryReader
from ansible_collections.rayops.alicloud.plugins.module_utils._task.context import TaskContext
from tests.emulator.model import Cluster
from tests.unit.scenarios.harness import EmulatorClock, TaskHarness, TaskOutcome
from tests.unit.scenarios.specs import Json, minimal_options

LIST, GET, CREATE = "ListRayCluster", "GetRayCluster", "CreateRayCluster"
# Lists of 14 rows that one reading does not show whole, or not in order.
QUIET: list[Json] = [
    {"list_page_cap": 5},
    {"list_page_cap": 1},
    {"list_short_pages": "second", "list_page_cap": 6},
    {"list_short_pages": "every_other", "list_page_cap": 4},
    {"list_short_pages": "all", "list_page_cap": 5},
    {"list_shift": "delete", "list_page_cap": 3, "list_shift_lists": 2},
    {"list_shift": "create", "list_page_cap": 3, "list_shift_lists": 2},
    {"list_shift": "delete", "list_page_cap": 7, "list_shift_lists": 1},
    {"list_shuffle": "stable", "list_page_cap": 5},
    {"list_page_cap": 5, "list_total": "zero"},
    {"list_page_cap": 5, "list_total": "page"},
]


def ids(rules: Json) -> str:
    return "-".join(f"{name.removeprefix('list_')}={value}" for name, value in rules.items())


def seed_among_others(harness: TaskHarness, rules: Json, place: str) -> str:
    """Fill 14 clusters, the wanted one first, in the middle or last; return its id."""
    before, after = {"first": (0, 13), "middle": (7, 6), "last": (13, 0)}[place]
    harness.emulator.rules.set(rules)
    harness.emulator.seed("straw", count=before)
    (wanted,) = harness.emulator.seed("needle")
    harness.emulator.seed("hay", count=after)
    return wanted


@pytest.mark.parametrize("place", ["first", "middle", "last"])
@pytest.mark.parametrize("rules", QUIET, ids=ids)
def test_a_cluster_that_is_there_is_found(harness: TaskHarness, rules: Json, place: str) -> None:
    wanted = seed_among_others(harness, rules, place)
    found = harness.expect_success(**minimal_options(name="needle", description="mine"))
    assert found["cluster_id"] == wanted
    assert CREATE not in found.operations
    assert len(harness.emulator.clusters()) == 14
    assert harness.expect_success(name="needle", state="absent")["actions"] == ["delete"]


@pytest.mark.parametrize("rules", QUIET, ids=ids)
def test_a_cluster_that_is_not_there_is_created_once(harness: TaskHarness, rules: Json) -> None:
    seed_among_others(harness, rules, "middle")
    created = harness.expect_success(**minimal_options(name="new"))
    assert created.writes == [CREATE]
    harness.expect_unchanged(**minimal_options(name="new"))
    assert len(harness.emulator.clusters()) == 15


@pytest.mark.parametrize("check", [True, False])
@pytest.mark.parametrize("state", ["present", "absent"])
@pytest.mark.parametrize(
    "rules",
    [
        {"list_shift": "delete", "list_page_cap": 3, "list_shift_lists": 0},
        {"list_shift": "create", "list_page_cap": 3, "list_shift_lists": 0},
        {"list_shuffle": "every_request", "list_page_cap": 5},
    ],
    ids=ids,
)
def test_a_list_that_never_agrees_is_an_error(harness: TaskHarness, rules: Json, state: str, check: bool) -> None:
    seed_among_others(harness, rules, "middle")
    failed = harness.cluster(check, **minimal_options(name="new", state=state), wait_timeout=20)
    assert failed.failed
    assert failed["error"]["code"] == "ListUnstable"
    assert failed.writes == []
    assert 18 <= sum(failed.slept) <= 22
    quiet = {"list_shift": "none", "list_shuffle": "none", "list_page_cap": 0, "list_shift_lists": 1}
    harness.emulator.rules.set(quiet)
    harness.expect_success(**minimal_options(name="new", state=state))


def test_a_list_that_repeats_its_last_page_is_no_proof(harness: TaskHarness, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether a service that ignores the number of the page has more clusters is unknown."""
    harness.emulator.seed("straw", count=5)
    lists = harness.emulator.service.lists
    part = lists.part
    monkeypatch.setattr(lists, "part", lambda page, size: part(1, size))
    failed = harness.expect_failure(**minimal_options(name="new"), wait_timeout=20)
    assert failed["error"]["code"] == "ListUnstable"
    assert failed.writes == []


def test_what_a_create_and_a_run_without_changes_pay(harness: TaskHarness) -> None:
    """The list is read to an empty page once before a create; a run that finds the cluster pays nothing for that."""
    created = harness.expect_success(**minimal_options())
    pages = [entry.query["pageNum"] for entry in _requests_before_create(created)]
    # The workspace is empty: page 1 twice is two readings that agree.
    assert pages == ["1", "1"]
    harness.emulator.seed("other")
    second = harness.expect_success(**minimal_options(name="second"))
    assert [entry.query["pageNum"] for entry in _requests_before_create(second)] == ["1", "1", "2"]
    assert harness.expect_unchanged(**minimal_options()).operations in ([LIST, GET], [LIST])


def _requests_before_create(outcome: TaskOutcome) -> list[Any]:
    return outcome.requests[: outcome.operations.index(CREATE)]


def fleet_of(count: int, **options: Any) -> Json:
    shared = minimal_options()
    del shared["name"]
    return {"clusters": [{"name": f"c-{number:03}"} for number in range(count)], "defaults": shared, **options}


@pytest.mark.parametrize("rules", QUIET, ids=ids)
def test_a_fleet_finds_all_and_creates_the_rest(harness: TaskHarness, rules: Json) -> None:
    for number in range(0, 10, 2):
        harness.emulator.seed(f"c-{number:03}")
    harness.emulator.seed("straw", count=8)
    harness.emulator.rules.set(rules)
    done = harness.fleet(**fleet_of(10))
    assert not done.failed, done["msg"]
    assert done.operations.count(CREATE) == 5
    names = [cluster["name"] for cluster in harness.emulator.clusters()]
    assert len(names) == len(set(names)) == 18
    again = harness.fleet(**fleet_of(10))
    assert again["changed"] is False


def test_a_fleet_pays_once_for_all_its_creates(harness: TaskHarness) -> None:
    harness.emulator.seed("straw", count=100)
    done = harness.fleet(**fleet_of(40, max_parallel=1))
    assert not done.failed
    before = done.operations[: done.operations.index(CREATE)]
    # One reading until an empty page, and one more that agrees with it.
    assert before.count(LIST) == 4
    assert harness.fleet(**fleet_of(40)).operations.count(LIST) <= 3


def test_the_later_batches_of_a_fleet_look_again(harness: TaskHarness) -> None:
    """Someone else creates a declared cluster while the first batch is worked on: no second one."""
    given = fleet_of(6, batch_size=3, max_parallel=1)
    given["defaults"]["state"] = "started"
    harness.emulator.timing.set({"starting_seconds": 40})
    made: list[str] = []

    def create_another(line: str) -> None:
        if not made and "Starting" in line:
            made.extend(harness.emulator.seed("c-005"))

    done = harness.fleet(tell=create_another, **given)
    assert made
    assert not done.failed, done["msg"]
    names = [cluster["name"] for cluster in harness.emulator.clusters()]
    assert sorted(names) == [f"c-{number:03}" for number in range(6)]


def test_prune_sees_what_is_behind_a_short_page(harness: TaskHarness) -> None:
    harness.emulator.seed("straw", count=30)
    harness.emulator.seed("c-000")
    harness.emulator.rules.set({"list_page_cap": 10})
    done = harness.fleet(**fleet_of(1, prune="delete", prune_pattern="straw*", max_prune=100))
    assert len(done["pruned"]) == 30
    assert [cluster["name"] for cluster in harness.emulator.clusters()] == ["c-000"]


def test_info_shows_what_is_behind_a_short_page(harness: TaskHarness) -> None:
    harness.emulator.seed("straw", count=130)
    harness.emulator.rules.set({"list_page_cap": 50})
    assert len(harness.info()["clusters"]) == 130


@pytest.mark.parametrize("details", [False, True])
def test_the_inventory_has_what_is_behind_a_short_page(harness: TaskHarness, details: bool) -> None:
    seeded = harness.emulator.seed("straw", count=14)
    harness.emulator.rules.set({"list_page_cap": 5})
    task = TaskContext(harness.connection(), {}, print, clock=EmulatorClock(harness.emulator))
    found = InventoryReader(InventoryQuery(details=details)).run(task)["found"]
    assert sorted(located.cluster["cluster_id"] for located in found) == sorted(seeded)


def test_a_cluster_that_vanishes_during_a_wait_is_made_anew_only_where_the_name_is_free(harness: TaskHarness) -> None:
    (old,) = harness.emulator.seed("training", state="Stopping")
    get = harness.emulator.service.cluster
    new: list[str] = []

    def vanish(workspace_id: str, cluster_id: str) -> Cluster:
        if harness.emulator.clock() > began and not new:
            harness.emulator.service.remove(old)
            new.extend(harness.emulator.seed("training"))
        return get(workspace_id, cluster_id)

    began = harness.emulator.clock()
    harness.emulator.service.cluster = vanish  # type: ignore[method-assign]
    try:
        failed = harness.expect_failure(**minimal_options(name="training", description="x"))
    finally:
        harness.emulator.service.cluster = get  # type: ignore[method-assign]
    assert failed["error"]["code"] == "ClusterGone"
    assert new[0] in failed["msg"]
    assert failed.writes == []
    assert harness.expect_success(**minimal_options(name="training", description="x"))["cluster_id"] == new[0]
