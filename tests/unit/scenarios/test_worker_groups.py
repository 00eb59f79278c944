# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Worker groups: told apart by name, purged or kept, partial, scaled by themselves."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.scenarios.specs import Json, full, full_wire, minimal, plain
from tests.unit.scenarios.stage import Stage

UPDATES = ["patch", "replace", "clear"]
NEW = {"group_name": "new", "queue_name": "root_queue", "cpu": 1, "memory": 4, "replica": 1}


def groups(stage: Stage, cluster_id: str) -> dict[str, Json]:
    """Return the stored groups by name."""
    return {group["groupName"]: group for group in stage.stored(cluster_id)["workerSpec"]}


@pytest.fixture(params=UPDATES)
def cluster_id(stage: Stage, request: Any) -> str:
    stage.emulator.rules.set({"update": request.param, "worker_extra_param": "returned", "redis_password": "clear"})
    return str(stage.done(**full())["cluster_id"])


def test_a_group_that_is_not_declared_goes(stage: Stage, cluster_id: str) -> None:
    declared = {"cluster_id": cluster_id, "worker_spec": [{"group_name": "cpu"}]}
    updated = stage.done(**declared)
    assert updated["actions"] == ["update"]
    (change,) = updated["changes"]
    assert change["field"] == "worker_spec[big]"
    assert change["before"]["memory"] == "32Gi"
    assert change["after"] is None
    assert list(groups(stage, cluster_id)) == ["cpu"]
    assert plain(stage.stored(cluster_id))["workerSpec"]["cpu"] == plain(full_wire())["workerSpec"]["cpu"]
    stage.unchanged(**declared)


def test_without_purge_a_group_that_is_not_declared_stays(stage: Stage, cluster_id: str) -> None:
    declared = {"cluster_id": cluster_id, "purge_worker_groups": False, "worker_spec": [{"group_name": "cpu"}]}
    stage.unchanged(**declared)
    declared["worker_spec"] = [NEW]
    updated = stage.done(**declared)
    assert [change["field"] for change in updated["changes"]] == ["worker_spec[new]"]
    assert updated["changes"][0]["before"] is None
    stored = plain(stage.stored(cluster_id))["workerSpec"]
    expected = plain(full_wire())["workerSpec"]
    assert {name: stored[name] for name in expected} == expected
    assert sorted(stored) == ["big", "cpu", "new"]
    stage.unchanged(**declared)


def test_one_group_goes_while_another_comes(stage: Stage, cluster_id: str) -> None:
    declared = {"cluster_id": cluster_id, "worker_spec": [NEW, {"group_name": "big"}]}
    updated = stage.done(**declared)
    assert sorted(change["field"] for change in updated["changes"]) == ["worker_spec[cpu]", "worker_spec[new]"]
    assert sorted(groups(stage, cluster_id)) == ["big", "new"]
    stage.unchanged(**declared)


def test_an_order_is_no_difference(stage: Stage, cluster_id: str) -> None:
    spec = full()
    spec["worker_spec"].reverse()
    stage.unchanged(**spec)


def test_a_partial_group_leaves_the_rest_of_it_alone(stage: Stage, cluster_id: str) -> None:
    declared = {"cluster_id": cluster_id, "purge_worker_groups": False}
    stage.done(**declared, worker_spec=[{"group_name": "cpu", "memory": "24 GiB"}])
    expected = full_wire()
    expected["workerSpec"][0]["memory"] = "24Gi"
    assert plain(stage.stored(cluster_id)) == plain(expected)


def test_fields_of_groups_that_nobody_knows_yet_are_kept(stage: Stage, cluster_id: str) -> None:
    stored = stage.stored(cluster_id)
    stored["workerSpec"][0]["tolerations"] = [{"key": "gpu"}]
    stored["headSpec"]["futureFlag"] = True
    stored["headSpec"]["gftConfig"]["redisMode"] = "sentinel"
    stage.unchanged(**full())
    (sent,) = stage.done(**full(description="changed")).bodies("UpdateRayCluster")
    by_name = {group["groupName"]: group for group in sent["workerSpec"]}
    assert by_name["cpu"]["tolerations"] == [{"key": "gpu"}]
    assert "tolerations" not in by_name["big"]
    assert sent["headSpec"]["futureFlag"] is True
    assert sent["headSpec"]["gftConfig"]["redisMode"] == "sentinel"


def test_an_empty_list_is_refused_and_without_purge_says_nothing(stage: Stage, cluster_id: str) -> None:
    refused = stage.refused(cluster_id=cluster_id, worker_spec=[])
    assert refused.entries == []
    assert "worker_spec" in refused["msg"]
    stage.unchanged(cluster_id=cluster_id, worker_spec=[], purge_worker_groups=False)


def test_a_new_group_needs_a_size(stage: Stage, cluster_id: str) -> None:
    refused = stage.refused(cluster_id=cluster_id, worker_spec=[{"group_name": "new"}])
    for field in ("queue_name", "cpu", "memory", "replica"):
        assert f"worker_spec[new].{field}" in refused["msg"]
    assert refused.writes == []


def test_fifty_groups_are_allowed(stage: Stage) -> None:
    spec = minimal(worker_spec=[{**NEW, "group_name": f"group-{number:02d}"} for number in range(50)])
    stage.done(**spec)
    stage.unchanged(**spec)


# Autoscaling: the cluster of full() has it, with "cpu" between 1 and 8 and declared at 2.


@pytest.mark.parametrize("count", [1, 2, 5, 8])
def test_a_count_within_the_bounds_is_the_autoscalers(stage: Stage, cluster_id: str, count: int) -> None:
    groups(stage, cluster_id)["cpu"]["replica"] = count
    stage.unchanged(**full())
    stage.done(**full(description="changed"))
    assert groups(stage, cluster_id)["cpu"]["replica"] == count


@pytest.mark.parametrize(("count", "low", "high"), [(12, 1, 8), (1, 2, 8), (3, 4, 8)])
def test_a_count_outside_the_bounds_is_drift(stage: Stage, cluster_id: str, count: int, low: int, high: int) -> None:
    groups(stage, cluster_id)["cpu"]["replica"] = count
    spec = full()
    spec["worker_spec"][0] |= {"min_replica": low, "max_replica": high}
    updated = stage.done(**spec)
    assert "worker_spec[cpu].replica" in {change["field"] for change in updated["changes"]}
    assert low <= groups(stage, cluster_id)["cpu"]["replica"] <= high
    stage.unchanged(**spec)


def test_without_autoscaling_the_count_is_compared(stage: Stage) -> None:
    cluster_id = stage.done(**minimal())["cluster_id"]
    groups(stage, cluster_id)["cpu"]["replica"] = 5
    updated = stage.done(**minimal())
    assert [(change["field"], change["before"], change["after"]) for change in updated["changes"]] == [
        ("worker_spec[cpu].replica", 5, 2)
    ]
    assert groups(stage, cluster_id)["cpu"]["replica"] == 2


def test_switching_autoscaling_off_makes_the_count_ours_again(stage: Stage, cluster_id: str) -> None:
    groups(stage, cluster_id)["cpu"]["replica"] = 5
    spec = full()
    spec["head_spec"]["enable_auto_scaling"] = False
    updated = stage.done(**spec)
    fields = {change["field"] for change in updated["changes"]}
    assert fields == {"head_spec.enable_auto_scaling", "worker_spec[cpu].replica"}
    assert groups(stage, cluster_id)["cpu"]["replica"] == 2
    stage.unchanged(**spec)


def test_bounds_that_contradict_what_is_there_are_refused_before_the_update(stage: Stage, cluster_id: str) -> None:
    spec = [{"group_name": "cpu", "min_replica": 9}, {"group_name": "big"}]
    refused = stage.refused(cluster_id=cluster_id, worker_spec=spec)
    assert "min_replica 9" in refused["msg"]
    assert "max_replica 8" in refused["msg"]
    assert refused.writes == []
