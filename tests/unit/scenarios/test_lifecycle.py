# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A cluster's whole life: create, nothing to do, an update for each drift, start, stop, restart, delete."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.unit.scenarios.harness import TaskHarness
from tests.unit.scenarios.specs import (
    OTHER_VERSION,
    Json,
    canonical_spec,
    drifted,
    full_options,
    full_stored_spec,
    minimal_options,
    minimal_stored_spec,
)

OPERATION = {
    "create": "CreateRayCluster",
    "update": "UpdateRayCluster",
    "start": "StartRayCluster",
    "stop": "StopRayCluster",
    "delete": "DeleteRayCluster",
}


def did(outcome: Any, *actions: str) -> None:
    """Hold the actions of the result and the writes that the service saw against what is expected."""
    assert outcome["actions"] == list(actions)
    assert outcome.writes == [OPERATION[action] for action in actions]
    assert outcome["changed"] is bool(actions)


@pytest.mark.parametrize(
    ("declared", "wire"), [(minimal_options(), minimal_stored_spec()), (full_options(), full_stored_spec())]
)
def test_creates_exactly_what_is_declared_then_finds_nothing_to_do(
    harness: TaskHarness, declared: Any, wire: Any
) -> None:
    created = harness.expect_success(**declared)
    did(created, "create")
    assert canonical_spec(harness.stored_spec(created["cluster_id"])) == canonical_spec(wire)
    assert created["cluster"]["state"] == "Stopped"
    assert {change["before"] for change in created["changes"]} <= {None, "absent"}
    reads = harness.expect_unchanged(**declared).operations
    # For a fleet the row of the list may be enough.
    assert reads == ["ListRayCluster", "GetRayCluster"] or (reads == ["ListRayCluster"] and not harness.exact_reads)
    unnamed = declared | {"name": None}
    assert harness.expect_unchanged(**unnamed, cluster_id=created["cluster_id"]).operations == ["GetRayCluster"]


def test_the_same_thing_in_other_words_is_no_drift(harness: TaskHarness) -> None:
    harness.expect_success(**full_options())
    other = full_options(
        volume_ids=["vol-2", "vol-1"], extra_param='{ "userRequirementsFile":"oss://bucket/requirements.txt" }'
    )
    other["head_spec"] |= {
        "cpu": "2.0",
        "memory": "8192Mi",
        "ray_start_params": "  --num-cpus=0   '--num-gpus=0' ",
        "env": {"EQUALS": "a=b c", "STAGE": "test", "EMPTY": ""},
    }
    other["worker_spec"].reverse()
    other["worker_spec"][1]["memory"] = "16 GB"
    harness.expect_unchanged(**other)


# What somebody changed behind our back, by field, where another text, number or truth value would not do.
_TOP_DRIFT = {"extraParam": ['{"a": 1}'], "volumeIds": [["vol-1"]], "description": ["somebody else's", ""]}
_HEAD_DRIFT = {"cpu": ["4"], "memory": ["9Gi"], "env": ["STAGE=prod"], "rayStartParams": ["--num-cpus=1"]}
_GROUP_DRIFT = {"memory": ["17Gi"], "env": ["ROLE=worker\nNUMBER=2"], "replica": [9]} | {
    "cpu": ["5"],
    "minReplica": [2],
    "rayStartParams": ["--num-cpus=5"],
}
# The key of a cluster and that of a group, parts with fields of their own, and what the service need not give back.
_KEYS = ("name", "groupName", "headSpec", "workerSpec", "gftConfig")


def drift_of(stored: Json, values: dict[str, list[Any]]) -> list[tuple[str, Any]]:
    """Return (wire name, other value) for every field of a part of a stored spec."""
    fields = [(field, values.get(field, [drifted(value)])) for field, value in stored.items() if field not in _KEYS]
    return [(field, value) for field, others in fields for value in others]


def snake(name: str) -> str:
    return re.sub(r"([A-Z])", lambda match: "_" + match.group(1).lower(), name)


_STORED = full_stored_spec()
# The paths that the result must name, and the change by wire fields.
DRIFT: list[tuple[str, Json]] = [
    *((snake(field), {field: value}) for field, value in drift_of(_STORED, _TOP_DRIFT)),
    *(
        (f"head_spec.{snake(field)}", {"headSpec": {field: value}})
        for field, value in drift_of(_STORED["headSpec"], _HEAD_DRIFT)
    ),
    ("head_spec.gft_config.redis_url", {"headSpec": {"gftConfig": {"redisUrl": "10.0.0.1:6379"}}}),
    ("head_spec.gft_config.redis_username", {"headSpec": {"gftConfig": {"redisUsername": "other"}}}),
]
GROUP_DRIFT = [row for row in drift_of(_STORED["workerSpec"][0], _GROUP_DRIFT) if row[0] != "extraParam"]


def test_every_field_drifts() -> None:
    assert len(DRIFT) >= 18
    assert len(GROUP_DRIFT) >= 11


@pytest.mark.parametrize("update", ["patch", "replace", "clear"])
@pytest.mark.parametrize(("path", "change"), DRIFT, ids=lambda value: value if isinstance(value, str) else "")
def test_a_field_that_drifted_is_put_right_with_one_complete_update(
    harness: TaskHarness, update: str, path: str, change: dict[str, Any]
) -> None:
    harness.emulator.rules.set({"update": update})
    cluster_id = harness.expect_success(**full_options())["cluster_id"]
    harness.emulator.patch(cluster_id, **change)
    updated = harness.expect_success(**full_options())
    did(updated, "update")
    assert [change["field"] for change in updated["changes"]] == [path]
    assert canonical_spec(updated.request_bodies("UpdateRayCluster")[0]) == canonical_spec(full_stored_spec())
    assert canonical_spec(harness.stored_spec(cluster_id)) == canonical_spec(full_stored_spec())
    harness.expect_unchanged(**full_options())


@pytest.mark.parametrize("update", ["patch", "replace", "clear"])
@pytest.mark.parametrize(("wire", "value"), GROUP_DRIFT, ids=[row[0] for row in GROUP_DRIFT])
def test_a_field_of_a_worker_group_that_drifted_is_put_right(
    harness: TaskHarness, update: str, wire: str, value: Any
) -> None:
    harness.emulator.rules.set({"update": update})
    cluster_id = harness.expect_success(**full_options())["cluster_id"]
    harness.stored_spec(cluster_id)["workerSpec"][0][wire] = value
    updated = harness.expect_success(**full_options())
    did(updated, "update")
    assert [change["field"] for change in updated["changes"]] == [f"worker_spec[cpu].{snake(wire)}"]
    assert canonical_spec(updated.request_bodies("UpdateRayCluster")[0]) == canonical_spec(full_stored_spec())
    assert canonical_spec(harness.stored_spec(cluster_id)) == canonical_spec(full_stored_spec())
    harness.expect_unchanged(**full_options())


@pytest.mark.parametrize("rules", [{}, {"update": "replace"}, {"update": "clear"}, {"nulls": "null"}])
@pytest.mark.parametrize(
    ("path", "cleared", "wire"),
    [
        ("description", {"description": ""}, ("description",)),
        ("network_service_name", {"network_service_name": ""}, ("networkServiceName",)),
        ("volume_ids", {"volume_ids": []}, ("volumeIds",)),
        ("extra_param", {"extra_param": {}}, ("extraParam",)),
        ("head_spec.env", {"head_spec": {"env": {}}}, ("headSpec", "env")),
        ("head_spec.gpu_spec", {"head_spec": {"gpu_spec": ""}}, ("headSpec", "gpuSpec")),
        ("head_spec.gft_enabled", {"head_spec": {"gft_enabled": False}}, ("headSpec", "gftEnabled")),
        (
            "head_spec.idle_timeout_seconds",
            {"head_spec": {"idle_timeout_seconds": 0}},
            ("headSpec", "idleTimeoutSeconds"),
        ),
    ],
)
def test_an_empty_value_clears_its_field_and_no_other(
    harness: TaskHarness, rules: Any, path: str, cleared: Any, wire: tuple[str, ...]
) -> None:
    harness.emulator.rules.set(rules | {"redis_password": "clear", "worker_extra_param": "returned"})
    cluster_id = harness.expect_success(**full_options())["cluster_id"]
    declared = {"cluster_id": cluster_id} | cleared
    updated = harness.expect_success(**declared)
    did(updated, "update")
    assert [change["field"] for change in updated["changes"]] == [path]
    expected = full_stored_spec()
    inner = expected
    for key in wire[:-1]:
        inner = inner[key]
    inner[wire[-1]] = {"extraParam": "{}", "idleTimeoutSeconds": 0}.get(wire[-1])
    assert canonical_spec(harness.stored_spec(cluster_id)) == canonical_spec(expected)
    harness.expect_unchanged(**declared)


def test_an_empty_mapping_clears_the_env_of_a_group(harness: TaskHarness) -> None:
    cluster_id = harness.expect_success(**full_options())["cluster_id"]
    declared = {
        "cluster_id": cluster_id,
        "purge_worker_groups": False,
        "worker_spec": [{"group_name": "cpu", "env": {}}],
    }
    did(harness.expect_success(**declared), "update")
    assert not harness.stored_spec(cluster_id)["workerSpec"][0]["env"]
    harness.expect_unchanged(**declared)


def test_a_version_that_a_node_has_from_its_cluster_is_no_drift(harness: TaskHarness) -> None:
    """A head without a version of its own runs the cluster's, a group without one the head's."""
    harness.expect_success(**minimal_options())
    spec = minimal_options()
    spec["head_spec"]["display_release_version"] = spec["display_release_version"]
    spec["worker_spec"][0]["display_release_version"] = spec["display_release_version"]
    harness.expect_unchanged(**spec)
    spec["worker_spec"][0]["display_release_version"] = OTHER_VERSION
    did(harness.expect_success(**spec), "update")
    harness.expect_unchanged(**spec)


def test_the_whole_life(harness: TaskHarness) -> None:
    spec = minimal_options()
    created = harness.expect_success(**spec, state="started")
    did(created, "create", "start")
    cluster_id = created["cluster_id"]
    assert created["cluster"]["state"] == harness.cluster_state(cluster_id) == "Running"
    harness.expect_unchanged(**spec, state="started")
    harness.expect_unchanged(**spec)
    first_run = created["cluster"]["instance_id"]

    restarted = harness.expect_success(name="training", state="restarted")
    did(restarted, "stop", "start")
    assert restarted["cluster"]["state"] == "Running"
    assert restarted["cluster"]["instance_id"] != first_run
    did(harness.expect_success(name="training", state="restarted"), "stop", "start")

    did(harness.expect_success(name="training", state="stopped"), "stop")
    assert harness.cluster_state(cluster_id) == "Stopped"
    harness.expect_unchanged(name="training", state="stopped")
    harness.expect_unchanged(**spec)
    did(harness.expect_success(name="training", state="started"), "start")

    gone = harness.expect_success(name="training", state="absent")
    did(gone, "stop", "delete")
    assert gone["cluster"] is None
    assert gone["cluster_id"] == cluster_id
    assert harness.emulator.clusters() == []
    assert harness.expect_unchanged(name="training", state="absent")["cluster"] is None
    assert harness.expect_unchanged(cluster_id=cluster_id, state="absent")["cluster"] is None


def test_restarted_starts_a_cluster_that_does_not_run(harness: TaskHarness) -> None:
    harness.emulator.seed("training")
    did(harness.expect_success(name="training", state="restarted"), "start")
    did(harness.expect_success(**minimal_options(name="new"), state="restarted"), "create", "start")


def test_stopped_creates_without_starting(harness: TaskHarness) -> None:
    did(harness.expect_success(**minimal_options(), state="stopped"), "create")
    harness.emulator.rules.set({"created": "starting"})
    did(harness.expect_success(**minimal_options(name="other"), state="stopped"), "create", "stop")


def test_an_update_of_a_running_cluster_leaves_it_running(harness: TaskHarness) -> None:
    harness.expect_success(**minimal_options(), state="started")
    updated = harness.expect_success(**minimal_options(description="new"))
    did(updated, "update")
    assert updated["cluster"]["state"] == "Running"
    assert updated["cluster"]["modified"] is True


def test_a_delete_that_takes_its_time_is_waited_for(harness: TaskHarness) -> None:
    harness.emulator.rules.set({"delete_takes": "time"})
    (cluster_id,) = harness.emulator.seed("training")
    gone = harness.expect_success(cluster_id=cluster_id, state="absent")
    did(gone, "delete")
    assert sum(gone.slept) >= 20
    assert harness.emulator.clusters() == []


def test_a_delete_that_is_not_waited_for_returns_at_once(harness: TaskHarness) -> None:
    harness.emulator.rules.set({"delete_takes": "time"})
    (cluster_id,) = harness.emulator.seed("training")
    gone = harness.expect_success(cluster_id=cluster_id, state="absent", wait=False)
    did(gone, "delete")
    assert gone.slept == []
