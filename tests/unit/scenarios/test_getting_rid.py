# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stop and delete clusters that are stuck, moving, or in Error, and updates that are refused while a cluster runs."""

from __future__ import annotations

import pytest

from tests.unit.scenarios.harness import TaskHarness, TaskOutcome
from tests.unit.scenarios.specs import Json, minimal_options


def started(harness: TaskHarness, **rules: object) -> str:
    """Return the id of a cluster that is Starting under the rules."""
    cluster_id = str(harness.expect_success(**minimal_options())["cluster_id"])
    harness.emulator.rules.set(rules)
    harness.expect_success(name="training", state="started", wait=False)
    return cluster_id


def running(harness: TaskHarness, **rules: object) -> str:
    cluster_id = str(harness.expect_success(**minimal_options(), state="started")["cluster_id"])
    harness.emulator.rules.set(rules)
    return cluster_id


# A state that never ends


@pytest.mark.parametrize("names", ["", "Starting=Initializing", "Starting=STARTING", "Starting= starting "])
@pytest.mark.parametrize("state", ["stopped", "absent"])
def test_a_cluster_stuck_on_its_way_is_stopped_at_once(harness: TaskHarness, state: str, names: str) -> None:
    started(harness, starting_ends="never", state_names=names)
    outcome = harness.expect_success(name="training", state=state, wait_timeout=100)
    assert outcome["actions"] == ["stop", "delete"][: 1 + (state == "absent")]
    assert outcome.writes[0] == "StopRayCluster"
    assert sum(outcome.slept) < 60


def test_a_cluster_that_cannot_be_stopped_on_its_way_is_deleted(harness: TaskHarness) -> None:
    started(harness, starting_ends="never", stop_while_starting="refused", delete_while_running="allowed")
    gone = harness.expect_success(name="training", state="absent")
    assert gone["actions"] == ["delete"]
    assert sum(gone.slept) == 0
    assert harness.emulator.clusters() == []


@pytest.mark.parametrize(("state", "actions"), [("stopped", ["stop"]), ("absent", ["stop", "delete"])])
def test_a_refused_stop_is_sent_again_when_the_cluster_has_settled(
    harness: TaskHarness, state: str, actions: list[str]
) -> None:
    started(harness, stop_while_starting="refused")
    outcome = harness.expect_success(name="training", state=state)
    assert outcome["actions"] == actions
    assert outcome.writes.count("StopRayCluster") == 2
    assert sum(outcome.slept) >= 60


@pytest.mark.parametrize(("status", "code"), [(400, "OperationDenied"), (409, "Conflict"), (403, "OperationDenied")])
def test_a_running_cluster_that_cannot_be_stopped_is_deleted(harness: TaskHarness, status: int, code: str) -> None:
    (cluster_id,) = harness.emulator.seed("training", state="Running")
    harness.emulator.rules.set({"delete_while_running": "allowed", "refusals": f"StopRayCluster {status} {code}"})
    done = harness.expect_success(cluster_id=cluster_id, state="absent")
    assert done["actions"] == ["delete"]
    assert harness.emulator.clusters() == []


def test_a_running_cluster_is_not_deleted_where_the_stop_is_forbidden(harness: TaskHarness) -> None:
    (cluster_id,) = harness.emulator.seed("training", state="Running")
    harness.emulator.rules.set({"delete_while_running": "allowed", "refusals": "StopRayCluster 403 Forbidden.RAM"})
    assert harness.expect_failure(cluster_id=cluster_id, state="absent")["error"]["code"] == "Forbidden.RAM"
    assert len(harness.emulator.clusters()) == 1


@pytest.mark.parametrize(("state", "code"), [("stopped", "OperationDenied"), ("absent", "OperationDenied")])
def test_what_is_always_refused_is_tried_once_more_before_the_time_is_up(
    harness: TaskHarness, state: str, code: str
) -> None:
    started(harness, starting_ends="never", stop_while_starting="refused")
    failed = harness.expect_failure(name="training", state=state, wait_timeout=200)
    assert failed["error"]["code"] == code
    assert failed["cluster"]["state"] == "Starting"
    assert failed.writes.count("StopRayCluster") == 2
    assert 150 <= sum(failed.slept) < 200


def test_without_permission_nothing_is_tried_twice(harness: TaskHarness) -> None:
    started(harness, starting_ends="never", refusals="StopRayCluster 403 NoPermission")
    failed = harness.expect_failure(name="training", state="absent")
    assert failed.writes == ["StopRayCluster"]
    assert failed.slept == []


def test_a_stop_that_never_ends_does_not_save_a_cluster_from_its_deletion(harness: TaskHarness) -> None:
    running(harness, stopping_ends="never", delete_while_running="allowed")
    gone = harness.expect_success(name="training", state="absent", wait_timeout=100)
    assert gone["actions"] == ["stop", "delete"]
    assert 60 < sum(gone.slept) < 100
    assert harness.emulator.clusters() == []


def test_a_stop_comes_before_the_update_of_a_cluster_on_its_way(harness: TaskHarness) -> None:
    cluster_id = started(harness, starting_ends="never")
    given: Json = minimal_options(description="new", state="stopped")
    assert harness.expect_success(check=True, **given)["actions"] == ["stop", "update"]
    assert harness.expect_success(**given)["actions"] == ["stop", "update"]
    assert harness.stored_spec(cluster_id)["description"] == "new"


# Error


def test_a_cluster_whose_stop_ends_in_error_is_deleted(harness: TaskHarness) -> None:
    running(harness, stopping_ends="error")
    gone = harness.expect_success(name="training", state="absent")
    assert gone["actions"] == ["stop", "delete"]
    assert harness.emulator.clusters() == []


@pytest.mark.parametrize("case", ["title", "lower", "upper"])
def test_a_cluster_in_error_is_deleted_directly(harness: TaskHarness, case: str) -> None:
    harness.emulator.rules.set({"state_case": case})
    cluster_id = harness.expect_success(**minimal_options())["cluster_id"]
    harness.emulator.patch(cluster_id, state="Error")
    assert harness.expect_success(name="training", state="absent")["actions"] == ["delete"]


@pytest.mark.parametrize("case", ["lower", "upper"])
def test_the_case_of_a_state_means_nothing(harness: TaskHarness, case: str) -> None:
    harness.emulator.rules.set({"state_case": case})
    created = harness.expect_success(**minimal_options(), state="started")
    assert created["cluster"]["state"] == "Running"
    harness.expect_unchanged(**minimal_options(), state="started")
    assert harness.info(states=["Running"])["clusters"][0]["state"] == "Running"
    assert harness.expect_success(name="training", state="restarted")["actions"] == ["stop", "start"]
    assert harness.expect_success(name="training", state="stopped")["actions"] == ["stop"]
    harness.expect_unchanged(name="training", state="stopped")
    assert harness.expect_success(name="training", state="absent")["actions"] == ["delete"]


# Updates that are refused while the cluster runs

REFUSALS = [(409, "Conflict"), (400, "RayCluster.InvalidState"), (400, "OperationDenied"), (423, "RayCluster.Locked"),
            (403, "OperationDenied"), (403, "IncorrectClusterStatus")]  # fmt: skip
GOALS: list[tuple[Json, list[str]]] = [
    ({"state": "stopped"}, ["stop", "update"]),
    ({"state": "restarted"}, ["stop", "update", "start"]),
    ({"restart": "if_needed"}, ["stop", "update", "start"]),
    ({"state": "started", "restart": "if_needed"}, ["stop", "update", "start"]),
]


@pytest.mark.parametrize(("goal", "actions"), GOALS)
@pytest.mark.parametrize(("status", "code"), REFUSALS)
def test_a_refused_update_does_not_stand_in_the_way_of_a_stop(
    harness: TaskHarness, status: int, code: str, goal: Json, actions: list[str]
) -> None:
    cluster_id = running(harness, refusals=f"UpdateRayCluster@Running {status} {code}")
    outcome = harness.expect_success(**minimal_options(description="new"), **goal)
    assert outcome["actions"] == actions
    assert harness.stored_spec(cluster_id)["description"] == "new"


def update_refused(harness: TaskHarness, rule: str, **goal: object) -> TaskOutcome:
    running(harness, refusals=f"UpdateRayCluster{rule}")
    return harness.expect_failure(**minimal_options(description="new"), **goal)


@pytest.mark.parametrize("rule", ["400 InvalidParameter.Description", "403 NoPermission", "400 MissingParameter.name"])
def test_a_wrong_request_restarts_nothing(harness: TaskHarness, rule: str) -> None:
    failed = update_refused(harness, f" {rule}", restart="if_needed")
    assert failed["error"]["code"] == rule.partition(" ")[2]
    assert failed.writes == ["UpdateRayCluster"]


def test_a_wrong_request_does_not_stand_in_the_way_of_a_stop_either(harness: TaskHarness) -> None:
    failed = update_refused(harness, " 400 InvalidParameter.Description", state="stopped")
    assert failed["actions"] == ["stop"]
    assert failed.writes == ["UpdateRayCluster", "StopRayCluster", "UpdateRayCluster"]


def test_a_cluster_that_was_stopped_for_an_update_in_vain_is_started_again(harness: TaskHarness) -> None:
    failed = update_refused(harness, " 409 Conflict", restart="if_needed")
    assert failed["error"]["code"] == "Conflict"
    assert failed["actions"] == ["stop", "start"]
    assert "is started again" in failed["error"]["hint"]


def test_without_a_restart_a_refused_update_stops_nothing(harness: TaskHarness) -> None:
    failed = update_refused(harness, "@Running 409 Conflict", state="started")
    assert failed.writes == ["UpdateRayCluster"]
