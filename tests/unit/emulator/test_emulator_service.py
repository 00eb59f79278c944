# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The state machine and what the service refuses; no HTTP, no real time."""

from __future__ import annotations

import random
from typing import Any

import pytest

from tests.emulator import ApiError, Clock, RayService, Timing
from tests.unit.emulator.world import W, World


@pytest.fixture
def clock() -> Clock:
    return Clock(frozen=True, start=1_000_000.0)


@pytest.fixture
def service(clock: Clock) -> RayService:
    return RayService(timing=Timing(2.5, 1.5, 1), clock=clock, rng=random.Random(1))


def state(service: RayService, cluster_id: str) -> str:
    return str(service.get(W, cluster_id)["state"])


def test_clock_does_not_go_back() -> None:
    with pytest.raises(ValueError, match="back"):
        Clock().advance(-1)
    assert Clock()() > 1_700_000_000


def test_movements_take_their_time(service: RayService, clock: Clock, body: Any) -> None:
    cluster_id = service.create(W, body())["clusterId"]
    service.start(W, cluster_id, {})
    clock.advance(2.4)
    assert state(service, cluster_id) == "Starting"
    clock.advance(0.1)
    assert state(service, cluster_id) == "Running"
    service.stop(W, cluster_id, {})
    assert state(service, cluster_id) == "Stopping"
    clock.advance(1.5)
    assert state(service, cluster_id) == "Stopped"
    service.timing.set({"starting_seconds": 0})
    service.start(W, cluster_id, {})
    assert state(service, cluster_id) == "Running"


def test_a_run_has_its_own_ids_and_its_stop_is_guarded(service: RayService, clock: Clock) -> None:
    (cluster_id,) = service.seed(state="Running")
    first = service.get(W, cluster_id)
    service.stop(W, cluster_id, {"instanceId": first["instanceId"]})
    clock.advance(2)
    assert not {
        "instanceId",
        "dashboardUrl",
        "submitToken",
        "grpcEndpoint",
        "jobUrl",
        "jobUrlInner",
        "instances",
    } & set(service.get(W, cluster_id))
    service.start(W, cluster_id, {})
    clock.advance(3)
    second = service.get(W, cluster_id)
    assert first["instanceId"] != second["instanceId"]
    assert first["submitToken"] != second["submitToken"]
    assert second["startTime"] > first["startTime"]
    with pytest.raises(ApiError) as caught:
        service.stop(W, cluster_id, {"instanceId": first["instanceId"]})
    assert caught.value.code == "OperationDenied"
    assert state(service, cluster_id) == "Running"


def test_a_client_token_starts_once(service: RayService, clock: Clock) -> None:
    (cluster_id,) = service.seed()
    first = service.start(W, cluster_id, {"clientToken": "t"})
    run = service.get(W, cluster_id)["instanceId"]
    clock.advance(3)
    assert service.start(W, cluster_id, {"clientToken": "t"}) == first
    assert service.get(W, cluster_id)["instanceId"] == run
    service.stop(W, cluster_id, {})
    clock.advance(2)
    service.start(W, cluster_id, {"clientToken": "t"})
    assert state(service, cluster_id) == "Stopped"
    service.start(W, cluster_id, {"clientToken": "other"})
    assert state(service, cluster_id) == "Starting"


def test_planned_failure_shows_sick_instances_once(service: RayService, clock: Clock) -> None:
    (cluster_id,) = service.seed()
    service.patch(cluster_id, {"fail_next_start": {"message": "no room", "exit_code": 1}})
    service.start(W, cluster_id, {})
    assert state(service, cluster_id) == "Starting"
    clock.advance(3)
    got = service.get(W, cluster_id)
    assert (got["state"], got["message"]) == ("Error", "no room")
    head, *workers = got["instances"]
    assert (head["phase"], head["reason"], head["containerExitCode"]) == ("Failed", "OOMKilled", 1)
    assert [pod["phase"] for pod in workers] == ["Pending", "Pending"]
    service.start(W, cluster_id, {})
    clock.advance(3)
    assert service.get(W, cluster_id)["message"] == "ok"
    assert state(service, cluster_id) == "Running"


def test_bad_plans_of_failure(service: RayService) -> None:
    (cluster_id,) = service.seed()
    for value in ("yes", {"nope": 1}, None):
        with pytest.raises(ValueError, match="failure"):
            service.patch(cluster_id, {"fail_next_start": value})


def test_patch_behind_the_back(service: RayService) -> None:
    (cluster_id,) = service.seed(state="Running")
    service.patch(cluster_id, {"headSpec": {"cpu": "9"}, "name": "renamed", "submitToken": "mine", "future": 1})
    got = service.get(W, cluster_id)
    assert (got["name"], got["headSpec"]["cpu"], got["headSpec"]["memory"]) == ("renamed", "9", "8Gi")
    assert (got["modified"], got["submitToken"], got["future"]) == (True, "mine", 1)
    service.patch(cluster_id, {"future": None, "modified": False, "message": "odd", "state": "Upgrading"})
    got = service.get(W, cluster_id)
    assert (got["state"], got["modified"], "future" in got) == ("Upgrading", False, False)
    service.patch(cluster_id, {"message": "odd", "instances": []})
    assert (service.get(W, cluster_id)["message"], service.get(W, cluster_id)["instances"]) == ("odd", [])
    for operation in (service.start, service.stop):
        with pytest.raises(ApiError):
            operation(W, cluster_id, {})
    with pytest.raises(KeyError):
        service.patch("ray-unknown", {})
    service.remove(cluster_id)
    assert service.rows(W) == []


@pytest.mark.parametrize("target", ["Stopped", "Starting", "Running", "Stopping", "Error"])
def test_seed_in_any_state(service: RayService, target: str) -> None:
    ids = service.seed("a", count=3, state=target, spec={"description": "d"})
    got = [service.get(W, cluster_id) for cluster_id in ids]
    assert [row["name"] for row in got] == ["a-1", "a-2", "a-3"]
    assert {(row["state"], row["description"]) for row in got} == {(target, "d")}
    assert all(("instanceId" in row) is (target != "Stopped") for row in got)


HEAD = {"queueName": "q", "cpu": "1", "memory": "1Gi"}
GROUP = {"groupName": "g", **HEAD}


@pytest.mark.parametrize(
    ("changes", "code", "message"),
    [
        ({"name": None}, "MissingParameter", "name"),
        ({"name": ""}, "InvalidParameter", "1 to 64"),
        ({"name": "x" * 65}, "InvalidParameter", "1 to 64"),
        ({"name": 7}, "InvalidParameter", "name must be text"),
        ({"displayReleaseVersion": None}, "MissingParameter", "displayReleaseVersion"),
        ({"headSpec": None}, "MissingParameter", "headSpec"),
        ({"headSpec": {**HEAD, "queueName": None}}, "", "queueName: null is not valid"),
        ({"headSpec": {**HEAD, "cpu": None}}, "MissingParameter", "headSpec.cpu"),
        ({"headSpec": {**HEAD, "memory": None}}, "MissingParameter", "headSpec.memory"),
        ({"headSpec": {**HEAD, "memory": "lots"}}, "InvalidParameter", "headSpec.memory"),
        ({"headSpec": {**HEAD, "cpu": 2}}, "InvalidParameter", "headSpec.cpu must be text"),
        ({"headSpec": {**HEAD, "idleTimeoutSeconds": True}}, "InvalidParameter", "whole number"),
        ({"headSpec": []}, "InvalidParameter", "must be an object"),
        ({"headSpec": {**HEAD, "gftConfig": {"redisUrl": 1}}}, "InvalidParameter", "redisUrl"),
        ({"volumeIds": [1]}, "InvalidParameter", "volumeIds"),
        ({"extraParam": "{"}, "InvalidParameter", "extraParam"),
        ({"workerSpec": None}, "MissingParameter", "workerSpec"),
        ({"workerSpec": []}, "MissingParameter", "workerSpec"),
        ({"workerSpec": ["g"]}, "InvalidParameter", "must be an object"),
        ({"workerSpec": [{**GROUP, "groupName": None}]}, "MissingParameter", "groupName"),
        ({"workerSpec": [{**GROUP, "queueName": None}]}, "", "queueName: null is not valid"),
        ({"workerSpec": [{**GROUP, "replica": 0}]}, "InvalidParameter", "replica must be at least 1"),
        ({"workerSpec": [{**GROUP, "minReplica": 3, "maxReplica": 2}]}, "InvalidParameter", "minReplica"),
        ({"workerSpec": [{**GROUP, "extraParam": "x"}]}, "InvalidParameter", "extraParam"),
        ({"workerSpec": [GROUP, GROUP]}, "InvalidParameter", "unique"),
        ({"workerSpec": [{**GROUP, "groupName": str(n)} for n in range(51)]}, "InvalidParameter", "50"),
    ],
)
def test_bad_bodies(service: RayService, body: Any, changes: dict[str, Any], code: str, message: str) -> None:
    with pytest.raises(ApiError) as caught:
        service.create(W, body(**changes))
    assert (caught.value.status, caught.value.code) == (400, code)
    assert message in caught.value.message
    assert service.rows(W) == []


def test_the_largest_good_body(service: RayService, body: Any) -> None:
    groups = [{**GROUP, "groupName": str(number), "minReplica": 1, "maxReplica": 1} for number in range(50)]
    whole = body(name="x" * 64, workerSpec=groups, unknownField=1)
    got = service.get(W, service.create(W, whole)["clusterId"])
    assert len(got["workerSpec"]) == 50
    assert "unknownField" not in got


def test_deleted_code_and_status() -> None:
    error = World().refused("get", "ray-unknown")
    assert (error.status, error.code) == (404, "RayCluster.NotFound")
    error = World(deleted_code="EntityNotExists", deleted_status="400").refused("get", "ray-unknown")
    assert (error.status, error.code) == (400, "EntityNotExists")


def test_unknown_workspace_has_no_code() -> None:
    for status in (404, 403):
        world = World(unknown_workspace_status=status)
        with pytest.raises(ApiError) as caught:
            world.service.list_page("w-other", {})
        assert (caught.value.status, caught.value.code) == (status, None)


def test_max_page_size() -> None:
    world = World(max_page_size=10)
    world.seed()
    world.service.seed("more", count=14)
    assert len(world.service.list_page(W, {})["rayClusters"]) == 10
    assert len(world.service.list_page(W, {"pageSize": "10", "pageNum": "2"})["rayClusters"]) == 5
    for query in ({"pageSize": "11"}, {"pageSize": "0"}, {"pageSize": "x"}, {"pageNum": "0"}, {"pageNum": "-1"}):
        with pytest.raises(ApiError, match="page"):
            world.service.list_page(W, query)
