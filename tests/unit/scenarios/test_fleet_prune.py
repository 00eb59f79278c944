# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pruning: only what matches and is not declared, never more than allowed, never after a failure."""

from __future__ import annotations

from typing import Any

import pytest

from tests.emulator import Emulator
from tests.unit.scenarios.conftest import TIMING
from tests.unit.scenarios.harness import TaskHarness, TaskOutcome
from tests.unit.scenarios.specs import Json, minimal_options


@pytest.fixture
def harness(running: Emulator) -> TaskHarness:
    running.reset(rules=True)
    running.timing.set(TIMING)
    made = TaskHarness(running)
    for name in ("ci-1", "ci-2", "ci-3", "ci-10", "prod", "my-ci-1"):
        running.seed(name, state="Running")
    return made


def prune(harness: TaskHarness, kind: str, pattern: str, *, check: bool = False, **given: Any) -> TaskOutcome:
    declared: Json = {"clusters": [{"name": "ci-1"}], "prune": kind, "prune_pattern": pattern, **given}
    return harness.fleet(check, **declared)


def left(harness: TaskHarness) -> dict[str, str]:
    return {cluster["name"]: cluster["state"] for cluster in harness.emulator.clusters()}


def test_nothing_is_pruned_unless_asked_for(harness: TaskHarness) -> None:
    before = left(harness)
    outcome = harness.fleet(clusters=[{"name": "ci-1"}])
    assert outcome["pruned"] == []
    assert left(harness) == before


@pytest.mark.parametrize("pattern", ["ci-*", "~ci-.*", "~ci-[0-9]+"])
def test_deletes_what_matches_and_is_not_declared(harness: TaskHarness, pattern: str) -> None:
    checked = prune(harness, "delete", pattern, check=True)
    assert len(left(harness)) == 6
    assert checked.writes == []
    done = prune(harness, "delete", pattern)
    for outcome in (checked, done):
        assert outcome["changed"] is True
        assert sorted(entry["name"] for entry in outcome["pruned"]) == ["ci-10", "ci-2", "ci-3"]
        assert all(entry["actions"] == ["stop", "delete"] for entry in outcome["pruned"])
        assert outcome["summary"]["pruned"] == 3
        assert outcome["clusters"][0]["changed"] is False
    assert left(harness) == {"ci-1": "Running", "prod": "Running", "my-ci-1": "Running"}
    assert prune(harness, "delete", pattern)["changed"] is False


def test_a_pattern_is_for_the_whole_name_and_a_dot_is_a_dot(harness: TaskHarness) -> None:
    harness.emulator.seed("ci.1")
    outcome = prune(harness, "delete", "ci.*", check=True)
    assert [entry["name"] for entry in outcome["pruned"]] == ["ci.1"]
    assert prune(harness, "delete", "ci", check=True)["pruned"] == []
    assert prune(harness, "delete", "~ci", check=True)["pruned"] == []


def test_stops_what_runs_and_then_finds_nothing_to_do(harness: TaskHarness) -> None:
    done = prune(harness, "stop", "ci-*")
    assert sorted(entry["name"] for entry in done["pruned"]) == ["ci-10", "ci-2", "ci-3"]
    assert {name for name, state in left(harness).items() if state == "Stopped"} == {"ci-10", "ci-2", "ci-3"}
    again = prune(harness, "stop", "ci-*")
    assert again["changed"] is False
    assert again["pruned"] == []


@pytest.mark.parametrize("check", [True, False])
def test_more_than_allowed_is_refused_before_anything_is_changed(harness: TaskHarness, check: bool) -> None:
    outcome = prune(harness, "delete", "*", check=check, max_prune=4, clusters=[{"name": "ci-1", "state": "stopped"}])
    assert outcome.failed
    assert outcome.writes == []
    assert "5 clusters that are not declared match '*'" in outcome["msg"]
    assert "more than max_prune, 4" in outcome["msg"]


def test_nothing_is_pruned_when_a_declared_cluster_failed(harness: TaskHarness) -> None:
    harness.emulator.fault("error", operation="StopRayCluster", code="OperationDenied")
    outcome = prune(harness, "delete", "ci-2", clusters=[{"name": "ci-1", "state": "stopped"}])
    assert outcome.failed
    assert [entry["skipped"] for entry in outcome["pruned"]] == [True]
    assert "ci-2" in left(harness)


def test_what_is_declared_by_its_id_or_declared_absent_is_not_pruned(harness: TaskHarness) -> None:
    ids = {cluster["name"]: cluster["clusterId"] for cluster in harness.emulator.clusters()}
    clusters = [{"cluster_id": ids["ci-2"]}, {"name": "ci-3", "state": "absent"}, {"name": "ci-1"}, {"name": "ci-10"}]
    outcome = prune(harness, "delete", "ci-*", clusters=clusters)
    assert outcome["pruned"] == []
    assert outcome["clusters"][1]["actions"] == ["stop", "delete"]
    assert "ci-2" in left(harness)


def test_what_this_task_makes_is_not_pruned(harness: TaskHarness) -> None:
    outcome = prune(harness, "delete", "*", clusters=[minimal_options(name="ci-new")], max_prune=6)
    assert outcome["clusters"][0]["actions"] == ["create"]
    assert left(harness) == {"ci-new": "Stopped"}


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ({"prune_pattern": None}, "prune_pattern is required with prune"),
        ({"prune_pattern": ""}, "prune_pattern is required with prune"),
        ({"prune_pattern": "~("}, "prune_pattern: is not a regular expression"),
        ({"clusters": []}, "clusters: is empty, and prune would remove every cluster that matches"),
        ({"max_prune": -1}, "max_prune: must be at least 0"),
    ],
)
def test_bad_options(harness: TaskHarness, given: Json, text: str) -> None:
    outcome = prune(harness, "delete", "ci-*", **given)
    assert outcome.failed
    assert outcome.operations == []
    assert text in outcome["msg"]
