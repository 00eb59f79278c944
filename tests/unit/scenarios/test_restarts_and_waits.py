# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Restarts and waits: what is waited out, what is not waited for, and how a wait ends that cannot succeed."""

from __future__ import annotations

import pytest

from tests.unit.scenarios.harness import TaskHarness
from tests.unit.scenarios.specs import full_options, minimal_options

# TIMING of the harness: 60 s to start, 30 s to stop.


def seeded(harness: TaskHarness, state: str, **patch: object) -> str:
    cluster_id = str(harness.expect_success(**full_options())["cluster_id"])
    harness.emulator.patch(cluster_id, state=state, **patch)
    return cluster_id


# Restart


def test_if_needed_restarts_a_cluster_that_somebody_modified(harness: TaskHarness) -> None:
    seeded(harness, "Running", modified=True)
    restarted = harness.expect_success(**full_options(), restart="if_needed")
    assert restarted["actions"] == ["stop", "start"]
    (change,) = restarted["changes"]
    assert change["field"] == "state"
    assert "configuration" in change["why"]
    assert restarted["cluster"]["modified"] is False
    harness.expect_unchanged(**full_options(), restart="if_needed")


def test_a_restart_that_leaves_the_cluster_modified_fails(harness: TaskHarness) -> None:
    """Otherwise every run would restart it, and succeed."""
    seeded(harness, "Running", modified=True)
    harness.emulator.rules.set({"modified_until": "forever"})
    failed = harness.expect_failure(**full_options(), restart="if_needed")
    assert failed["error"]["code"] == "NotConverged"
    assert "restart: never" in failed["error"]["hint"]
    restarted = harness.expect_success(**full_options(), state="restarted")
    assert any("still reports" in text for text in restarted.warnings)
    harness.emulator.rules.set({"modified_until": "start", "reads_behind": 2})
    harness.expect_success(**full_options(), restart="if_needed")


def test_if_needed_leaves_alone_what_is_not_modified(harness: TaskHarness) -> None:
    seeded(harness, "Running")
    harness.expect_unchanged(**full_options(), restart="if_needed")


@pytest.mark.parametrize("state", ["Stopped", "Error"])
def test_if_needed_leaves_alone_what_does_not_run(harness: TaskHarness, state: str) -> None:
    seeded(harness, state, modified=True)
    harness.expect_unchanged(**full_options(), restart="if_needed")


def test_never_does_not_restart_even_after_an_update(harness: TaskHarness) -> None:
    seeded(harness, "Running", modified=True)
    assert harness.expect_success(**full_options(description="changed"), state="started")["actions"] == ["update"]


def test_if_needed_does_not_start_what_is_to_be_stopped(harness: TaskHarness) -> None:
    cluster_id = seeded(harness, "Running", modified=True)
    assert harness.expect_success(**full_options(), state="stopped", restart="if_needed")["actions"] == ["stop"]
    assert harness.cluster_state(cluster_id) == "Stopped"


def test_restarted_restarts_once_though_it_was_modified_too(harness: TaskHarness) -> None:
    seeded(harness, "Running", modified=True)
    spec = full_options(description="changed", restart="if_needed", state="restarted")
    assert harness.expect_success(**spec)["actions"] == ["update", "stop", "start"]


def test_the_stop_names_the_run_that_is_meant(harness: TaskHarness) -> None:
    cluster_id = seeded(harness, "Running")
    run = harness.info(cluster_id=cluster_id)["clusters"][0]["instance_id"]
    (stopped,) = harness.expect_success(name="training", state="stopped").request_bodies("StopRayCluster")
    assert stopped == {"instanceId": run}


def test_every_start_has_a_token_of_its_own(harness: TaskHarness) -> None:
    seeded(harness, "Stopped")
    tokens = set()
    for _number in range(2):
        (body,) = harness.expect_success(name="training", state="restarted").request_bodies("StartRayCluster")
        tokens.add(body["clientToken"])
    assert len(tokens) == 2


# States that pass by


@pytest.mark.parametrize("moving", ["Starting", "Stopping"])
def test_an_update_waits_until_the_cluster_has_settled(harness: TaskHarness, moving: str) -> None:
    seeded(harness, moving)
    updated = harness.expect_success(**full_options(description="changed"))
    assert updated["actions"] == ["update"]
    assert updated["cluster"]["state"] == {"Starting": "Running", "Stopping": "Stopped"}[moving]
    assert sum(updated.slept) >= 30


def test_a_cluster_that_stops_is_waited_for_and_started(harness: TaskHarness) -> None:
    seeded(harness, "Stopping")
    started = harness.expect_success(name="training", state="started")
    assert started["actions"] == ["start"]
    assert started["cluster"]["state"] == "Running"


def test_a_cluster_that_starts_is_waited_for_and_stopped(harness: TaskHarness) -> None:
    seeded(harness, "Starting")
    stopped = harness.expect_success(name="training", state="stopped")
    assert stopped["actions"] == ["stop"]
    assert stopped["cluster"]["state"] == "Stopped"


@pytest.mark.parametrize(("moving", "state"), [("Starting", "started"), ("Stopping", "stopped")])
def test_a_cluster_on_its_way_is_waited_for_without_a_change(harness: TaskHarness, moving: str, state: str) -> None:
    seeded(harness, moving)
    arrived = harness.expect_unchanged(name="training", state=state)
    assert arrived["cluster"]["state"] == {"started": "Running", "stopped": "Stopped"}[state]
    assert sum(arrived.slept) >= 30
    seeded(harness, "Stopped")


def test_a_cluster_that_starts_is_waited_for_stopped_and_deleted(harness: TaskHarness) -> None:
    cluster_id = seeded(harness, "Starting")
    gone = harness.expect_success(cluster_id=cluster_id, state="absent")
    assert gone["actions"] == ["stop", "delete"]
    assert harness.emulator.clusters() == []


@pytest.mark.parametrize("given", [{"state": "started"}, {"description": "changed"}, {"state": "stopped"}])
def test_a_state_that_nobody_knows_is_waited_out(harness: TaskHarness, given: dict[str, str]) -> None:
    seeded(harness, "Running")
    harness.emulator.fault("unknown_state", "GetRayCluster", times=3)
    outcome = harness.expect_success(name="training", **given)
    assert outcome["cluster"]["state"] == {"stopped": "Stopped"}.get(given.get("state", ""), "Running")
    assert outcome.writes == {"started": [], "stopped": ["StopRayCluster"]}.get(
        given.get("state", ""), ["UpdateRayCluster"]
    )


def test_what_only_looks_on_does_not_wait_for_a_state_that_passes_by(harness: TaskHarness) -> None:
    seeded(harness, "Starting")
    assert harness.expect_unchanged(**full_options()).slept == []


# wait


@pytest.mark.parametrize(
    ("before", "state", "passing"),
    [("Stopped", "started", "Starting"), ("Running", "stopped", "Stopping"), ("Stopped", "restarted", "Starting")],
)
def test_without_a_wait_the_task_ends_with_the_request(
    harness: TaskHarness, before: str, state: str, passing: str
) -> None:
    seeded(harness, before)
    outcome = harness.expect_success(name="training", state=state, wait=False)
    assert outcome["cluster"]["state"] == passing
    assert outcome.slept == []
    assert len(outcome.writes) == 1
    # A second task finds it on its way: nothing to do.
    if state != "restarted":
        harness.expect_unchanged(name="training", state=state, wait=False)


def test_without_a_wait_a_restart_still_waits_for_the_stop(harness: TaskHarness) -> None:
    seeded(harness, "Running")
    outcome = harness.expect_success(name="training", state="restarted", wait=False)
    assert outcome["actions"] == ["stop", "start"]
    assert outcome["cluster"]["state"] == "Starting"
    assert 30 <= sum(outcome.slept) < 60


def test_the_pauses_grow_to_six_times_the_first(harness: TaskHarness) -> None:
    harness.emulator.timing.set({"starting_seconds": 600})
    seeded(harness, "Stopped")
    slept = harness.expect_success(name="training", state="started", wait_interval=5).slept
    assert slept[:2] == [1, 5]
    assert slept == sorted(slept)
    assert slept[-1] == 30


# Waits that fail


def test_a_wait_that_takes_too_long_tells_what_is_known_and_can_be_resumed(harness: TaskHarness) -> None:
    cluster_id = seeded(harness, "Stopped")
    late = harness.expect_failure(name="training", state="started", wait_timeout=20)
    assert late["error"]["code"] == "WaitTimeout"
    assert late["error"]["hint"]
    assert late["cluster"]["state"] == "Starting"
    assert late["cluster_id"] == cluster_id
    assert late["actions"] == ["start"]
    assert late["changed"] is True
    for text in ("Starting", "20 s", "'training'", cluster_id):
        assert text in late["msg"]
    assert sum(late.slept) == pytest.approx(20)
    resumed = harness.expect_unchanged(name="training", state="started")
    assert resumed["cluster"]["state"] == "Running"


def test_no_time_at_all_is_a_time_too(harness: TaskHarness) -> None:
    seeded(harness, "Stopped")
    late = harness.expect_failure(name="training", state="started", wait_timeout=0)
    assert late["error"]["code"] == "WaitTimeout"
    assert late.writes == ["StartRayCluster"]
    assert late.slept == []


def test_all_waits_of_a_task_share_one_time(harness: TaskHarness) -> None:
    seeded(harness, "Running")
    late = harness.expect_failure(name="training", state="restarted", wait_timeout=50)
    assert late["actions"] == ["stop", "start"]
    assert sum(late.slept) == pytest.approx(50)


def test_a_cluster_that_fails_to_start_ends_the_wait_at_once_with_the_diagnosis(harness: TaskHarness) -> None:
    cluster_id = seeded(harness, "Stopped")
    harness.emulator.patch(
        cluster_id,
        fail_next_start={"message": "no capacity", "reason": "OOMKilled", "phase": "Failed", "exit_code": 137},
    )
    failed = harness.expect_failure(name="training", state="started")
    assert failed["error"]["code"] == "ClusterInError"
    for text in ("no capacity", "OOMKilled", "137", "Failed", "Head", "-head-"):
        assert text in failed["msg"]
    assert failed["cluster"]["state"] == "Error"
    assert failed["cluster"]["message"] == "no capacity"
    assert failed["actions"] == ["start"]
    assert sum(failed.slept) < 100
    # What failed is started anew by the next run.
    assert harness.expect_success(name="training", state="started")["actions"] == ["start"]


def test_a_new_cluster_that_ends_in_error_is_a_failure(harness: TaskHarness) -> None:
    harness.emulator.rules.set({"created": "starting"})
    harness.emulator.fault("unknown_fields", "ListRayCluster")
    harness.emulator.fault("unknown_state", "GetRayCluster", times=3, state="Error")
    failed = harness.expect_failure(**minimal_options())
    assert failed["error"]["code"] == "ClusterInError"
    assert failed["cluster_id"] == harness.emulator.clusters()[0]["clusterId"]


def test_reads_that_fail_during_a_wait_do_not_end_it(harness: TaskHarness) -> None:
    seeded(harness, "Stopped")
    for kind in ("http_500", "cut_before", "html_502", "throttle", "broken_json"):
        harness.emulator.fault(kind, "GetRayCluster", after=3, times=2)
    assert harness.expect_success(name="training", state="started", retries=0)["cluster"]["state"] == "Running"


def test_a_cluster_that_vanishes_during_a_wait_is_a_failure(harness: TaskHarness) -> None:
    seeded(harness, "Stopped")
    harness.emulator.fault(
        "error", "GetRayCluster", after=2, times=None, status=404, code="RayCluster.NotFound", message="gone"
    )
    failed = harness.expect_failure(name="training", state="started")
    assert failed["error"]["code"] == "ClusterGone"
    assert failed["actions"] == ["start"]
    assert failed["cluster"]["name"] == "training"


@pytest.mark.parametrize(
    ("operation", "state"),
    [("StartRayCluster", "started"), ("StopRayCluster", "stopped"), ("DeleteRayCluster", "absent")],
)
def test_what_somebody_else_did_first_is_no_failure(harness: TaskHarness, operation: str, state: str) -> None:
    """The answer is lost, the repeat is refused because it was done: looked at again, it is where it should be."""
    seeded(harness, "Running" if state == "stopped" else "Stopped")
    harness.emulator.fault("cut_after", operation)
    outcome = harness.expect_success(name="training", state=state)
    assert len(outcome["actions"]) == 1
    assert outcome["changed"] is True
    harness.expect_unchanged(name="training", state=state)
