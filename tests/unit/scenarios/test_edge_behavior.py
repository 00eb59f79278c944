# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Behavior at the edges, each of which a small mistake in one line would change without another test failing."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from ansible_collections.rayops.alicloud.plugins.module_utils._api.error_kinds import is_access_denied
from ansible_collections.rayops.alicloud.plugins.module_utils._api.error_responses import error_from_response
from ansible_collections.rayops.alicloud.plugins.module_utils._api.exactly_once import (
    SEARCH_SECONDS,
    SHORT_SEARCH_SECONDS,
)
from ansible_collections.rayops.alicloud.plugins.module_utils._api.transport import Response
from ansible_collections.rayops.alicloud.plugins.module_utils._clock import SystemClock
from ansible_collections.rayops.alicloud.plugins.module_utils._cluster.client import ClusterClient
from ansible_collections.rayops.alicloud.plugins.module_utils._cluster.spec import _with_autoscaled_replica
from ansible_collections.rayops.alicloud.plugins.module_utils._errors import ApiError, JobError
from ansible_collections.rayops.alicloud.plugins.module_utils._fleet.scheduler import Scheduler
from ansible_collections.rayops.alicloud.plugins.module_utils._job.fields import JobKey
from ansible_collections.rayops.alicloud.plugins.module_utils._job.plan import (
    JobGoal,
    get_attempt_number,
    raise_if_unsuccessful,
)
from ansible_collections.rayops.alicloud.plugins.module_utils._task.waiting import Poll, read_timeout
from tests.unit.scenarios.harness import TaskHarness
from tests.unit.scenarios.specs import minimal_options

CREATE = "CreateRayCluster"


@pytest.fixture
def seeded(harness: TaskHarness) -> str:
    (cluster_id,) = harness.emulator.seed("training", state="Running")
    return cluster_id


def test_absent_succeeds_when_the_cluster_is_deleted_during_the_wait(
    harness: TaskHarness, seeded: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    stop = ClusterClient.stop_cluster

    def stop_and_lose(self: ClusterClient, *given: Any, **named: Any) -> Any:
        stop(self, *given, **named)
        harness.emulator.service.remove(seeded)

    monkeypatch.setattr(ClusterClient, "stop_cluster", stop_and_lose)
    assert harness.expect_success(name="training", state="absent")["changed"] is True
    assert harness.emulator.clusters() == []


def test_after_a_refused_update_only_a_running_cluster_is_stopped(
    harness: TaskHarness, seeded: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(self: ClusterClient, *given: Any, **named: Any) -> Any:
        harness.emulator.patch(seeded, state="Stopped")
        raise ApiError("UpdateRayCluster", "not now", code="RayCluster.InvalidState", http_status=409)

    monkeypatch.setattr(ClusterClient, "update_cluster", refuse)
    refused = harness.expect_failure(name="training", description="other", state="restarted")
    assert refused["error"]["code"] == "RayCluster.InvalidState"
    assert "StopRayCluster" not in refused.operations


@pytest.mark.parametrize(
    ("code", "seconds"), [("ServiceUnavailable", SHORT_SEARCH_SECONDS), ("InternalError", SEARCH_SECONDS)]
)
def test_how_long_a_lost_create_is_looked_for(harness: TaskHarness, code: str, seconds: float) -> None:
    harness.emulator.fault("error", CREATE, status=503, code=code)
    created = harness.expect_success(**minimal_options(wait=False))
    (warning,) = created.warnings
    assert f"appeared within {seconds:g} s" in warning
    assert len(harness.emulator.clusters()) == 1


def test_drift_of_an_adopted_cluster_is_fixed_in_the_same_run(
    harness: TaskHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    create = ClusterClient.create_cluster

    def create_and_lose(self: ClusterClient, *given: Any, **named: Any) -> Any:
        cluster_id = create(self, *given, **named)
        harness.emulator.patch(cluster_id, description="somebody's")
        monkeypatch.undo()
        raise ApiError(CREATE, "the answer was lost", http_status=500)

    monkeypatch.setattr(ClusterClient, "create_cluster", create_and_lose)
    created = harness.expect_success(**minimal_options(description="ours"))
    assert created["cluster"]["description"] == "ours"
    assert len(harness.emulator.clusters()) == 1
    harness.expect_unchanged(**minimal_options(description="ours"))


@pytest.mark.parametrize(
    ("observed", "merged", "count"),
    [
        ({"replica": 1}, {"min_replica": 3, "replica": 2}, 3),
        ({"replica": 1}, {"min_replica": 3, "replica": 5}, 5),
        ({"replica": 9}, {"min_replica": 3, "max_replica": 4, "replica": 5}, 4),
        ({"replica": 7}, {"min_replica": 3, "replica": 5}, 7),
    ],
)
def test_the_count_of_an_autoscaled_group(observed: dict[str, int], merged: dict[str, int], count: int) -> None:
    group: Any = merged
    there: Any = observed
    assert _with_autoscaled_replica(there, group)["replica"] == count


def test_a_fleet_that_stops_sends_nothing_more() -> None:
    begun: list[int] = []
    inside, released = threading.Event(), threading.Event()

    def work(number: int) -> None:
        begun.append(number)
        inside.set()
        assert released.wait(timeout=30)

    scheduler = Scheduler(1, SystemClock(), None, lambda cluster_id, budget: None)  # type: ignore[arg-type]
    running = threading.Thread(target=_map_quietly, args=(scheduler, work))
    running.start()
    assert inside.wait(timeout=30)
    scheduler.close()
    released.set()
    running.join(timeout=30)
    assert begun == [1]


def _map_quietly(scheduler: Scheduler, work: Any) -> None:
    try:
        scheduler.map(work, [1, 2, 3])
    except BaseException:  # noqa: BLE001 - the calls that were not started are cancelled
        return


RESPONSES = [
    pytest.param({"Code": "SignatureDoesNotMatch.Echo", "Message": "canary"}, 403, "", id="signature"),
    pytest.param({"Message": "no"}, 401, "check workspace_id", id="401 without a code"),
]


@pytest.mark.parametrize(("payload", "status", "hint"), RESPONSES)
def test_what_an_error_says(payload: dict[str, str], status: int, hint: str) -> None:
    error = error_from_response("GetRayCluster", Response(status, {}, b"{}"), payload)
    assert "canary" not in str(error)
    assert hint in (error.hint or "")


@pytest.mark.parametrize("status", [401, 404])
def test_a_wrong_key_is_not_a_missing_permission(status: int) -> None:
    """Otherwise an inventory with strict_permissions off would be empty."""
    assert not is_access_denied(ApiError("ListWorkspaces", "x", code="InvalidAccessKeyId.NotFound", http_status=status))
    assert is_access_denied(ApiError("ListWorkspaces", "x", http_status=status))


def test_the_reason_and_the_attempt_of_a_failed_job() -> None:
    goal = JobGoal("finished", {}, JobKey("key", is_user_key=True))
    job: Any = {"status": "Failed", "message": "the driver ran out of memory", "submission_id": "j-1"}
    assert get_attempt_number(goal, job) == 1
    with pytest.raises(JobError, match="the driver ran out of memory") as caught:
        raise_if_unsuccessful(goal, job, ["submit"])
    assert "attempt" not in str(caught.value).partition("memory")[0]


def test_the_last_read_of_a_wait_gets_one_second() -> None:
    clock = SystemClock()
    assert read_timeout(Poll("ray-1", 0.0, clock.monotonic() - 5), clock) == 1.0


def test_progress_names_the_cluster(running: Any) -> None:
    running.reset(rules=True)
    running.timing.set({"starting_seconds": 30})
    harness = TaskHarness(running)
    running.seed("training", state="Stopped")
    lines: list[str] = []
    harness.fleet(clusters=[{"name": "training"}], defaults={"state": "started"}, tell=lines.append)
    assert lines[-1].startswith("training: start, Running")
