# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Restarts and waits: what is waited out, what is not waited for, and how a wait ends that cannot succeed."""

from __future__ import annotations

import pytest

from tests.unit.scenarios.specs import full, minimal
from tests.unit.scenarios.stage import Stage

# TIMING of the stage: 60 s to start, 30 s to stop.


def seeded(stage: Stage, state: str, **patch: object) -> str:
    cluster_id = str(stage.done(**full())["cluster_id"])
    stage.emulator.patch(cluster_id, state=state, **patch)
    return cluster_id


# Restart


def test_if_needed_restarts_a_cluster_that_somebody_modified(stage: Stage) -> None:
    seeded(stage, "Running", modified=True)
    restarted = stage.done(**full(), restart="if_needed")
    assert restarted["actions"] == ["stop", "start"]
    (change,) = restarted["changes"]
    assert change["field"] == "state"
    assert "configuration" in change["why"]
    assert restarted["cluster"]["modified"] is False
    stage.unchanged(**full(), restart="if_needed")


def test_if_needed_leaves_alone_what_is_not_modified(stage: Stage) -> None:
    seeded(stage, "Running")
    stage.unchanged(**full(), restart="if_needed")


@pytest.mark.parametrize("state", ["Stopped", "Error"])
def test_if_needed_leaves_alone_what_does_not_run(stage: Stage, state: str) -> None:
    seeded(stage, state, modified=True)
    stage.unchanged(**full(), restart="if_needed")


def test_never_does_not_restart_even_after_an_update(stage: Stage) -> None:
    seeded(stage, "Running", modified=True)
    assert stage.done(**full(description="changed"), state="started")["actions"] == ["update"]


def test_if_needed_does_not_start_what_is_to_be_stopped(stage: Stage) -> None:
    cluster_id = seeded(stage, "Running", modified=True)
    assert stage.done(**full(), state="stopped", restart="if_needed")["actions"] == ["stop"]
    assert stage.state(cluster_id) == "Stopped"


def test_restarted_restarts_once_though_it_was_modified_too(stage: Stage) -> None:
    seeded(stage, "Running", modified=True)
    spec = full(description="changed", restart="if_needed", state="restarted")
    assert stage.done(**spec)["actions"] == ["update", "stop", "start"]


def test_the_stop_names_the_run_that_is_meant(stage: Stage) -> None:
    cluster_id = seeded(stage, "Running")
    run = stage.info(cluster_id=cluster_id)["clusters"][0]["instance_id"]
    (stopped,) = stage.done(name="training", state="stopped").bodies("StopRayCluster")
    assert stopped == {"instanceId": run}


def test_every_start_has_a_token_of_its_own(stage: Stage) -> None:
    seeded(stage, "Stopped")
    tokens = set()
    for _number in range(2):
        (body,) = stage.done(name="training", state="restarted").bodies("StartRayCluster")
        tokens.add(body["clientToken"])
    assert len(tokens) == 2


# States that pass by


@pytest.mark.parametrize("moving", ["Starting", "Stopping"])
def test_an_update_waits_until_the_cluster_has_settled(stage: Stage, moving: str) -> None:
    seeded(stage, moving)
    updated = stage.done(**full(description="changed"))
    assert updated["actions"] == ["update"]
    assert updated["cluster"]["state"] == {"Starting": "Running", "Stopping": "Stopped"}[moving]
    assert sum(updated.slept) >= 30


def test_a_cluster_that_stops_is_waited_for_and_started(stage: Stage) -> None:
    seeded(stage, "Stopping")
    started = stage.done(name="training", state="started")
    assert started["actions"] == ["start"]
    assert started["cluster"]["state"] == "Running"


def test_a_cluster_that_starts_is_waited_for_and_stopped(stage: Stage) -> None:
    seeded(stage, "Starting")
    stopped = stage.done(name="training", state="stopped")
    assert stopped["actions"] == ["stop"]
    assert stopped["cluster"]["state"] == "Stopped"


@pytest.mark.parametrize(("moving", "state"), [("Starting", "started"), ("Stopping", "stopped")])
def test_a_cluster_on_its_way_is_waited_for_without_a_change(stage: Stage, moving: str, state: str) -> None:
    seeded(stage, moving)
    arrived = stage.unchanged(name="training", state=state)
    assert arrived["cluster"]["state"] == {"started": "Running", "stopped": "Stopped"}[state]
    assert sum(arrived.slept) >= 30
    seeded(stage, "Stopped")


def test_a_cluster_that_starts_is_waited_for_stopped_and_deleted(stage: Stage) -> None:
    cluster_id = seeded(stage, "Starting")
    gone = stage.done(cluster_id=cluster_id, state="absent")
    assert gone["actions"] == ["stop", "delete"]
    assert stage.emulator.clusters() == []


@pytest.mark.parametrize("given", [{"state": "started"}, {"description": "changed"}, {"state": "stopped"}])
def test_a_state_that_nobody_knows_is_waited_out(stage: Stage, given: dict[str, str]) -> None:
    seeded(stage, "Running")
    stage.emulator.fault("unknown_state", "GetRayCluster", times=3)
    outcome = stage.done(name="training", **given)
    assert outcome["cluster"]["state"] == {"stopped": "Stopped"}.get(given.get("state", ""), "Running")
    assert outcome.writes == {"started": [], "stopped": ["StopRayCluster"]}.get(
        given.get("state", ""), ["UpdateRayCluster"]
    )


def test_what_only_looks_on_does_not_wait_for_a_state_that_passes_by(stage: Stage) -> None:
    seeded(stage, "Starting")
    assert stage.unchanged(**full()).slept == []


# wait


@pytest.mark.parametrize(
    ("before", "state", "passing"),
    [("Stopped", "started", "Starting"), ("Running", "stopped", "Stopping"), ("Stopped", "restarted", "Starting")],
)
def test_without_a_wait_the_task_ends_with_the_request(stage: Stage, before: str, state: str, passing: str) -> None:
    seeded(stage, before)
    outcome = stage.done(name="training", state=state, wait=False)
    assert outcome["cluster"]["state"] == passing
    assert outcome.slept == []
    assert len(outcome.writes) == 1
    # A second task finds it on its way: nothing to do.
    if state != "restarted":
        stage.unchanged(name="training", state=state, wait=False)


def test_without_a_wait_a_restart_still_waits_for_the_stop(stage: Stage) -> None:
    seeded(stage, "Running")
    outcome = stage.done(name="training", state="restarted", wait=False)
    assert outcome["actions"] == ["stop", "start"]
    assert outcome["cluster"]["state"] == "Starting"
    assert 30 <= sum(outcome.slept) < 60


def test_the_pauses_grow_to_six_times_the_first(stage: Stage) -> None:
    stage.emulator.timing.set({"starting_seconds": 600})
    seeded(stage, "Stopped")
    slept = stage.done(name="training", state="started", wait_interval=5).slept
    assert slept[0] == 5
    assert slept == sorted(slept)
    assert slept[-1] == 30


# Waits that fail


def test_a_wait_that_takes_too_long_tells_what_is_known_and_can_be_resumed(stage: Stage) -> None:
    cluster_id = seeded(stage, "Stopped")
    late = stage.refused(name="training", state="started", wait_timeout=20)
    assert late["error"]["code"] == "WaitTimeout"
    assert late["error"]["hint"]
    assert late["cluster"]["state"] == "Starting"
    assert late["cluster_id"] == cluster_id
    assert late["actions"] == ["start"]
    assert late["changed"] is True
    for text in ("Starting", "20 s", "'training'", cluster_id):
        assert text in late["msg"]
    assert sum(late.slept) == pytest.approx(20)
    resumed = stage.unchanged(name="training", state="started")
    assert resumed["cluster"]["state"] == "Running"


def test_no_time_at_all_is_a_time_too(stage: Stage) -> None:
    seeded(stage, "Stopped")
    late = stage.refused(name="training", state="started", wait_timeout=0)
    assert late["error"]["code"] == "WaitTimeout"
    assert late.writes == ["StartRayCluster"]
    assert late.slept == []


def test_all_waits_of_a_task_share_one_time(stage: Stage) -> None:
    seeded(stage, "Running")
    late = stage.refused(name="training", state="restarted", wait_timeout=50)
    assert late["actions"] == ["stop", "start"]
    assert sum(late.slept) == pytest.approx(50)


def test_a_cluster_that_fails_to_start_ends_the_wait_at_once_with_the_diagnosis(stage: Stage) -> None:
    cluster_id = seeded(stage, "Stopped")
    stage.emulator.patch(
        cluster_id,
        fail_next_start={"message": "no capacity", "reason": "OOMKilled", "phase": "Failed", "exit_code": 137},
    )
    failed = stage.refused(name="training", state="started")
    assert failed["error"]["code"] == "ClusterInError"
    for text in ("no capacity", "OOMKilled", "137", "Failed", "Head", "-head-"):
        assert text in failed["msg"]
    assert failed["cluster"]["state"] == "Error"
    assert failed["cluster"]["message"] == "no capacity"
    assert failed["actions"] == ["start"]
    assert sum(failed.slept) < 100
    # What failed is started anew by the next run.
    assert stage.done(name="training", state="started")["actions"] == ["start"]


def test_a_new_cluster_that_ends_in_error_is_a_failure(stage: Stage) -> None:
    stage.emulator.rules.set({"created": "starting"})
    stage.emulator.fault("unknown_fields", "ListRayCluster")
    stage.emulator.fault("unknown_state", "GetRayCluster", times=3, state="Error")
    failed = stage.refused(**minimal())
    assert failed["error"]["code"] == "ClusterInError"
    assert failed["cluster_id"] == stage.emulator.clusters()[0]["clusterId"]


def test_reads_that_fail_during_a_wait_do_not_end_it(stage: Stage) -> None:
    seeded(stage, "Stopped")
    for kind in ("http_500", "cut_before", "html_502", "throttle", "broken_json"):
        stage.emulator.fault(kind, "GetRayCluster", after=3, times=2)
    assert stage.done(name="training", state="started", retries=0)["cluster"]["state"] == "Running"


def test_a_cluster_that_vanishes_during_a_wait_is_a_failure(stage: Stage) -> None:
    seeded(stage, "Stopped")
    stage.emulator.fault(
        "error", "GetRayCluster", after=2, times=None, status=404, code="RayCluster.NotFound", message="gone"
    )
    failed = stage.refused(name="training", state="started")
    assert failed["error"]["code"] == "ClusterGone"
    assert failed["actions"] == ["start"]
    assert failed["cluster"]["name"] == "training"


@pytest.mark.parametrize(
    ("operation", "state"),
    [("StartRayCluster", "started"), ("StopRayCluster", "stopped"), ("DeleteRayCluster", "absent")],
)
def test_what_somebody_else_did_first_is_no_failure(stage: Stage, operation: str, state: str) -> None:
    """The answer is lost, the repeat is refused because it was done: looked at again, it is where it should be."""
    seeded(stage, "Running" if state == "stopped" else "Stopped")
    stage.emulator.fault("cut_after", operation)
    outcome = stage.done(name="training", state=state)
    assert len(outcome["actions"]) == 1
    assert outcome["changed"] is True
    stage.unchanged(name="training", state=state)
