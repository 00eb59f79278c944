# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every switch of the emulator's rules shows its effect; no HTTP, no real time."""

from __future__ import annotations

from typing import Any

import pytest

from tests.emulator import Rules, Timing
from tests.emulator.rules import CHOICES, pairs
from tests.unit.emulator.world import W, World

RICH = {
    "description": "text",
    "headSpec": {"env": "A=1", "gftConfig": {"redisUrl": "h:1", "redisPassword": "secret"}},
    "workerSpec": [
        {"groupName": "b", "queueName": "q", "cpu": "1", "memory": "2 GiB", "extraParam": "{}", "env": "B=1"},
        {"groupName": "a", "queueName": "q", "cpu": "2.0", "memory": "8"},
        {"groupName": "c", "queueName": "q", "cpu": "1", "memory": "1Gi"},
    ],
}


@pytest.fixture
def rich(body: Any) -> dict[str, Any]:
    whole = body(**RICH)
    whole["headSpec"] = {"queueName": "q", "cpu": "2", "memory": "8Gi", **RICH["headSpec"]}  # type: ignore[dict-item]
    return dict(whole)


def test_every_rule_has_a_default_among_its_choices() -> None:
    defaults = Rules().as_dict()
    assert {name: defaults[name] for name in CHOICES} == {name: choices[0] for name, choices in CHOICES.items()}


@pytest.mark.parametrize("values", [{"nope": 1}, {"created": "maybe"}, {"max_page_size": 0}, {"max_page_size": "x"}])
def test_bad_rules_are_refused_and_nothing_changes(values: dict[str, Any]) -> None:
    rules = Rules()
    with pytest.raises(ValueError, match="rule"):
        rules.set({"update": "clear", **values})
    assert rules == Rules()


def test_bad_timing_is_refused() -> None:
    for values in ({"nope": 1}, {"starting_seconds": -1}, {"starting_seconds": "soon"}, {"starting_seconds": "nan"}):
        with pytest.raises(ValueError, match="timing"):
            Timing().set(values)


def test_pairs() -> None:
    assert pairs(["created=starting", "deleted-code="]) == {"created": "starting", "deleted_code": ""}
    with pytest.raises(ValueError, match="NAME=VALUE"):
        pairs(["created"])


@pytest.mark.parametrize(("rule", "state", "run"), [("stopped", "Stopped", False), ("starting", "Starting", True)])
def test_created(rule: str, state: str, run: bool, body: Any) -> None:
    world = World(created=rule)
    got = world.get(world.create(body()))
    assert (got["state"], "instanceId" in got, "startTime" in got) == (state, run, run)


def test_update_patch_merges_objects_and_groups_by_name(rich: dict[str, Any]) -> None:
    world = World(update="patch", worker_extra_param="returned", redis_password="clear")
    cluster_id = world.create(rich)
    world.service.update(W, cluster_id, {"headSpec": {"cpu": "9"}, "workerSpec": [{"groupName": "b", "cpu": "7"}]})
    got = world.get(cluster_id)
    assert got["description"] == "text"
    assert got["headSpec"]["gftConfig"] == {"redisUrl": "h:1", "redisPassword": "secret"}
    assert (got["headSpec"]["cpu"], got["headSpec"]["memory"]) == ("9", "8Gi")
    assert got["workerSpec"] == [RICH["workerSpec"][0] | {"cpu": "7"}]  # type: ignore[index]


def test_update_replace_loses_what_is_absent(rich: dict[str, Any]) -> None:
    world = World(update="replace")
    cluster_id = world.create(rich)
    del rich["description"]
    del rich["headSpec"]["env"]
    world.service.update(W, cluster_id, rich)
    got = world.get(cluster_id)
    assert "description" not in got
    assert "env" not in got["headSpec"]
    error = world.refused("update", cluster_id, {"description": "alone"})
    assert (error.code, error.message) == ("MissingParameter", "name is required")


def test_update_clear_keeps_top_level_but_replaces_objects(rich: dict[str, Any]) -> None:
    world = World(update="clear", redis_password="clear")
    cluster_id = world.create(rich)
    head = {"queueName": "q", "cpu": "1", "memory": "1Gi", "gftConfig": {"redisUrl": "new"}}
    world.service.update(W, cluster_id, {"headSpec": head})
    got = world.get(cluster_id)
    assert got["description"] == "text"
    assert got["headSpec"] == {**head, "replica": 1}


@pytest.mark.parametrize(
    ("rule", "state"),
    [
        ("update_while_running", "Running"),
        ("update_while_moving", "Starting"),
        ("update_while_moving", "Stopping"),
        ("update_while_moving", "Upgrading"),
    ],
)
def test_update_while(rule: str, state: str) -> None:
    world = World(**{rule: "refused"})
    cluster_id = world.seed(state)
    assert world.refused("update", cluster_id, {"description": "x"}).code == "OperationDenied"
    world.rules.set({rule: "allowed"})
    world.service.update(W, cluster_id, {"description": "x"})
    assert world.get(cluster_id)["description"] == "x"


@pytest.mark.parametrize("state", ["Running", "Starting", "Stopping"])
def test_delete_while_running(state: str) -> None:
    world = World(delete_while_running="refused")
    cluster_id = world.seed(state)
    assert world.refused("delete", cluster_id).code == "OperationDenied"
    world.rules.set({"delete_while_running": "allowed"})
    world.service.delete(W, cluster_id)
    assert world.refused("get", cluster_id).status == 404


def test_delete_takes_time() -> None:
    world = World(delete_takes="time")
    cluster_id = world.seed()
    world.service.delete(W, cluster_id)
    assert world.get(cluster_id)["state"] == "Stopping"
    world.service.delete(W, cluster_id)
    for operation in ("start", "stop", "update"):
        assert world.refused(operation, cluster_id, {}).code == "OperationDenied"
    world.clock.advance(0.6)
    assert world.get(cluster_id)["state"] == "Stopped"
    world.clock.advance(0.6)
    assert world.refused("get", cluster_id).status == 404


def test_unique_names(body: Any) -> None:
    world = World(unique_names=True)
    world.create(body())
    assert world.refused("create", body()).code == "RayCluster.AlreadyExists"
    other = world.create(body(name="two"))
    assert world.refused("update", other, {"name": "one"}).code == "RayCluster.AlreadyExists"
    world.service.update(W, other, {"name": "two"})
    world.rules.set({"unique_names": "false"})
    assert world.create(body())


def test_worker_extra_param(rich: dict[str, Any]) -> None:
    world = World(worker_extra_param="hidden")
    cluster_id = world.create(rich)
    assert "extraParam" not in world.get(cluster_id)["workerSpec"][0]
    world.rules.set({"worker_extra_param": "returned"})
    assert world.get(cluster_id)["workerSpec"][0]["extraParam"] == "{}"


@pytest.mark.parametrize(("rule", "seen"), [("clear", "secret"), ("masked", "******"), ("hidden", None)])
def test_redis_password(rule: str, seen: str | None, rich: dict[str, Any]) -> None:
    world = World(redis_password=rule)
    cluster_id = world.create(rich)
    assert world.get(cluster_id)["headSpec"]["gftConfig"].get("redisPassword") == seen
    assert world.service.find(cluster_id).spec["headSpec"]["gftConfig"]["redisPassword"] == "secret"


def test_nulls(body: Any) -> None:
    world = World(nulls="omitted")
    cluster_id = world.create(body())
    assert not {"description", "instances", "dashboardUrl"} & set(world.get(cluster_id))
    world.rules.set({"nulls": "null"})
    got = world.get(cluster_id)
    assert (got["description"], got["instances"], got["dashboardUrl"], got["startTime"]) == (None, None, None, None)
    assert got["headSpec"]["env"] is None
    assert got["headSpec"]["cpu"] == "2"
    assert got["workerSpec"][0]["minReplica"] is None
    assert "instances" not in world.service.rows(W)[0]


def test_defaults(body: Any) -> None:
    world = World(defaults="filled")
    cluster_id = world.create(body())
    got = world.get(cluster_id)
    assert (got["extraParam"], got["headSpec"]["idleTimeoutSeconds"]) == ("{}", 60)
    assert got["workerSpec"][0]["workerType"] == "CPU"
    world.rules.set({"defaults": "none"})
    assert "extraParam" not in world.get(cluster_id)


@pytest.mark.parametrize("state", ["Running", "Starting"])
def test_start_when_running(state: str) -> None:
    world = World(start_when_running="error")
    cluster_id = world.seed(state)
    before = world.get(cluster_id)
    assert world.refused("start", cluster_id, {}).code == "OperationDenied"
    world.rules.set({"start_when_running": "noop"})
    world.service.start(W, cluster_id, {})
    assert world.get(cluster_id) == before


@pytest.mark.parametrize("state", ["Stopped", "Stopping"])
def test_stop_when_stopped(state: str) -> None:
    world = World(stop_when_stopped="error")
    cluster_id = world.seed(state)
    assert world.refused("stop", cluster_id, {}).code == "OperationDenied"
    world.rules.set({"stop_when_stopped": "noop"})
    world.service.stop(W, cluster_id, {})
    assert world.get(cluster_id)["state"] == state


@pytest.mark.parametrize(("operation", "after"), [("start", "Starting"), ("stop", "Stopping")])
def test_from_error(operation: str, after: str) -> None:
    rule = f"{operation}_from_error"
    world = World(**{rule: "refused"})
    cluster_id = world.seed("Error")
    assert world.refused(operation, cluster_id, {}).code == "OperationDenied"
    world.rules.set({rule: "allowed"})
    getattr(world.service, operation)(W, cluster_id, {})
    assert world.get(cluster_id)["state"] == after


@pytest.mark.parametrize(
    ("rule", "memory", "cpu"),
    [
        ("as_sent", ["2 GiB", "8", "1Gi"], ["1", "2.0", "1"]),
        ("normalized", ["2Gi", "8Gi", "1Gi"], ["1", "2", "1"]),
        ("bare", ["2", "8", "1"], ["1", "2", "1"]),
    ],
)
def test_sizes(rule: str, memory: list[str], cpu: list[str], rich: dict[str, Any]) -> None:
    world = World(sizes=rule)
    groups = world.get(world.create(rich))["workerSpec"]
    assert [group["memory"] for group in groups] == memory
    assert [group["cpu"] for group in groups] == cpu


@pytest.mark.parametrize(("rule", "order"), [("as_sent", "bac"), ("reversed", "cab"), ("sorted", "abc")])
def test_worker_order(rule: str, order: str, rich: dict[str, Any]) -> None:
    world = World(worker_order=rule)
    assert "".join(group["groupName"] for group in world.get(world.create(rich))["workerSpec"]) == order


@pytest.mark.parametrize(("rule", "end"), [("as_sent", ""), ("trailing", "\n")])
def test_env_newline(rule: str, end: str, rich: dict[str, Any]) -> None:
    world = World(env_newline=rule)
    got = world.get(world.create(rich))
    assert got["headSpec"]["env"] == "A=1" + end
    assert got["workerSpec"][0]["env"] == "B=1" + end


@pytest.mark.parametrize(("rule", "first"), [("newest", "two"), ("oldest", "one")])
def test_list_order(rule: str, first: str, body: Any) -> None:
    world = World(list_order=rule)
    world.create(body())
    world.create(body(name="two"))
    assert world.service.list_page(W, {})["rayClusters"][0]["name"] == first


@pytest.mark.parametrize(
    ("rule", "after_same", "after_change"),
    [("on_content", False, True), ("on_any_update", True, True), ("never", False, False)],
)
def test_modified_flag(rule: str, after_same: bool, after_change: bool, rich: dict[str, Any]) -> None:
    world = World(modified_flag=rule, sizes="normalized")
    cluster_id = world.create(rich)
    world.service.update(W, cluster_id, {"description": "while stopped"})
    world.service.start(W, cluster_id, {})
    world.clock.advance(1)
    before = world.get(cluster_id)
    world.clock.advance(1)
    same = {"name": "one", "workerSpec": [{"groupName": "c"}, {"groupName": "b", "memory": "2"}, {"groupName": "a"}]}
    world.service.update(W, cluster_id, same)
    got = world.get(cluster_id)
    assert (before["modified"], got["modified"]) == (False, after_same)
    assert got["modifiedTime"] > before["modifiedTime"]
    world.service.update(W, cluster_id, {"description": "new"})
    assert world.get(cluster_id)["modified"] is after_change
    world.service.stop(W, cluster_id, {})
    world.clock.advance(1)
    world.service.start(W, cluster_id, {})
    assert world.get(cluster_id)["modified"] is False
