# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Worker groups: told apart by name, purged or kept, partial, scaled by themselves."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.scenarios.harness import TaskHarness
from tests.unit.scenarios.specs import Json, canonical_spec, full_options, full_stored_spec, minimal_options

UPDATES = ["patch", "replace", "clear"]
NEW = {"group_name": "new", "queue_name": "root_queue", "cpu": 1, "memory": 4, "replica": 1}


def groups(harness: TaskHarness, cluster_id: str) -> dict[str, Json]:
    """Return the stored groups by name."""
    return {group["groupName"]: group for group in harness.stored_spec(cluster_id)["workerSpec"]}


@pytest.fixture(params=UPDATES)
def cluster_id(harness: TaskHarness, request: Any) -> str:
    harness.emulator.rules.set({"update": request.param, "worker_extra_param": "returned", "redis_password": "clear"})
    return str(harness.expect_success(**full_options())["cluster_id"])


def test_a_group_that_is_not_declared_goes(harness: TaskHarness, cluster_id: str) -> None:
    declared = {"cluster_id": cluster_id, "purge_worker_groups": True, "worker_spec": [{"group_name": "cpu"}]}
    updated = harness.expect_success(**declared)
    assert updated["actions"] == ["update"]
    (change,) = updated["changes"]
    assert change["field"] == "worker_spec[big]"
    assert change["before"]["memory"] == "32Gi"
    assert change["after"] is None
    assert list(groups(harness, cluster_id)) == ["cpu"]
    assert (
        canonical_spec(harness.stored_spec(cluster_id))["workerSpec"]["cpu"]
        == canonical_spec(full_stored_spec())["workerSpec"]["cpu"]
    )
    harness.expect_unchanged(**declared)


def test_groups_that_are_declared_whole_are_all_there_are(harness: TaskHarness, cluster_id: str) -> None:
    declared = {"cluster_id": cluster_id, "worker_spec": full_options()["worker_spec"][:1]}
    updated = harness.expect_success(**declared)
    assert [change["field"] for change in updated["changes"]] == ["worker_spec[big]"]
    assert list(groups(harness, cluster_id)) == ["cpu"]
    harness.expect_unchanged(**declared)


def test_without_purge_a_group_that_is_not_declared_stays(harness: TaskHarness, cluster_id: str) -> None:
    declared = {"cluster_id": cluster_id, "purge_worker_groups": False, "worker_spec": [{"group_name": "cpu"}]}
    harness.expect_unchanged(**declared)
    declared["worker_spec"] = [NEW]
    updated = harness.expect_success(**declared)
    assert [change["field"] for change in updated["changes"]] == ["worker_spec[new]"]
    assert updated["changes"][0]["before"] is None
    stored = canonical_spec(harness.stored_spec(cluster_id))["workerSpec"]
    expected = canonical_spec(full_stored_spec())["workerSpec"]
    assert {name: stored[name] for name in expected} == expected
    assert sorted(stored) == ["big", "cpu", "new"]
    harness.expect_unchanged(**declared)


def test_one_group_goes_while_another_comes(harness: TaskHarness, cluster_id: str) -> None:
    declared = {"cluster_id": cluster_id, "purge_worker_groups": True, "worker_spec": [NEW, {"group_name": "big"}]}
    updated = harness.expect_success(**declared)
    assert sorted(change["field"] for change in updated["changes"]) == ["worker_spec[cpu]", "worker_spec[new]"]
    assert sorted(groups(harness, cluster_id)) == ["big", "new"]
    harness.expect_unchanged(**declared)


def test_an_order_is_no_difference(harness: TaskHarness, cluster_id: str) -> None:
    spec = full_options()
    spec["worker_spec"].reverse()
    harness.expect_unchanged(**spec)


def test_a_partial_group_leaves_the_rest_of_it_alone(harness: TaskHarness, cluster_id: str) -> None:
    declared = {"cluster_id": cluster_id, "purge_worker_groups": False}
    harness.expect_success(**declared, worker_spec=[{"group_name": "cpu", "memory": "24 GiB"}])
    expected = full_stored_spec()
    expected["workerSpec"][0]["memory"] = "24Gi"
    assert canonical_spec(harness.stored_spec(cluster_id)) == canonical_spec(expected)


def test_fields_of_groups_that_nobody_knows_yet_are_kept(harness: TaskHarness, cluster_id: str) -> None:
    stored = harness.stored_spec(cluster_id)
    stored["workerSpec"][0]["tolerations"] = [{"key": "gpu"}]
    stored["headSpec"]["futureFlag"] = True
    stored["headSpec"]["gftConfig"]["redisMode"] = "sentinel"
    harness.expect_unchanged(**full_options())
    (sent,) = harness.expect_success(**full_options(description="changed")).request_bodies("UpdateRayCluster")
    by_name = {group["groupName"]: group for group in sent["workerSpec"]}
    assert by_name["cpu"]["tolerations"] == [{"key": "gpu"}]
    assert "tolerations" not in by_name["big"]
    assert sent["headSpec"]["futureFlag"] is True
    assert sent["headSpec"]["gftConfig"]["redisMode"] == "sentinel"


def test_an_empty_list_is_refused_and_without_purge_says_nothing(harness: TaskHarness, cluster_id: str) -> None:
    refused = harness.expect_failure(cluster_id=cluster_id, worker_spec=[])
    assert refused.requests == []
    assert "worker_spec" in refused["msg"]
    harness.expect_unchanged(cluster_id=cluster_id, worker_spec=[], purge_worker_groups=False)


def test_a_new_group_needs_a_size(harness: TaskHarness, cluster_id: str) -> None:
    refused = harness.expect_failure(cluster_id=cluster_id, worker_spec=[{"group_name": "new"}])
    for field in ("queue_name", "cpu", "memory", "replica"):
        assert f"worker_spec[new].{field}" in refused["msg"]
    assert refused.writes == []


def test_fifty_groups_are_allowed(harness: TaskHarness) -> None:
    spec = minimal_options(worker_spec=[{**NEW, "group_name": f"group-{number:02d}"} for number in range(50)])
    harness.expect_success(**spec)
    harness.expect_unchanged(**spec)


# Autoscaling: the cluster of full() has it, with "cpu" between 1 and 8 and declared at 2.


@pytest.mark.parametrize("count", [1, 2, 5, 8])
def test_a_count_within_the_bounds_is_the_autoscalers(harness: TaskHarness, cluster_id: str, count: int) -> None:
    groups(harness, cluster_id)["cpu"]["replica"] = count
    harness.expect_unchanged(**full_options())
    harness.expect_success(**full_options(description="changed"))
    assert groups(harness, cluster_id)["cpu"]["replica"] == count


@pytest.mark.parametrize(("count", "low", "high"), [(12, 1, 8), (1, 2, 8), (3, 4, 8)])
def test_a_count_outside_the_bounds_is_drift(
    harness: TaskHarness, cluster_id: str, count: int, low: int, high: int
) -> None:
    groups(harness, cluster_id)["cpu"]["replica"] = count
    spec = full_options()
    spec["worker_spec"][0] |= {"min_replica": low, "max_replica": high}
    updated = harness.expect_success(**spec)
    assert "worker_spec[cpu].replica" in {change["field"] for change in updated["changes"]}
    assert low <= groups(harness, cluster_id)["cpu"]["replica"] <= high
    harness.expect_unchanged(**spec)


def test_without_autoscaling_the_count_is_compared(harness: TaskHarness) -> None:
    cluster_id = harness.expect_success(**minimal_options())["cluster_id"]
    groups(harness, cluster_id)["cpu"]["replica"] = 5
    updated = harness.expect_success(**minimal_options())
    assert [(change["field"], change["before"], change["after"]) for change in updated["changes"]] == [
        ("worker_spec[cpu].replica", 5, 2)
    ]
    assert groups(harness, cluster_id)["cpu"]["replica"] == 2


def test_switching_autoscaling_off_makes_the_count_ours_again(harness: TaskHarness, cluster_id: str) -> None:
    groups(harness, cluster_id)["cpu"]["replica"] = 5
    spec = full_options()
    spec["head_spec"]["enable_auto_scaling"] = False
    updated = harness.expect_success(**spec)
    fields = {change["field"] for change in updated["changes"]}
    assert fields == {"head_spec.enable_auto_scaling", "worker_spec[cpu].replica"}
    assert groups(harness, cluster_id)["cpu"]["replica"] == 2
    harness.expect_unchanged(**spec)


def test_bounds_that_contradict_what_is_there_are_refused_before_the_update(
    harness: TaskHarness, cluster_id: str
) -> None:
    spec = [{"group_name": "cpu", "min_replica": 9}, {"group_name": "big"}]
    refused = harness.expect_failure(cluster_id=cluster_id, worker_spec=spec)
    assert "min_replica 9" in refused["msg"]
    assert "max_replica 8" in refused["msg"]
    assert refused.writes == []
