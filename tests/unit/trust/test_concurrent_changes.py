# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Somebody else at the same cluster: who deletes, stops, starts or changes it between any two requests of a task."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.unit.trust.fault_matrix import SCENARIOS, FaultScenario
from tests.unit.trust.harness import CLUSTER_NAME, InvariantHarness
from tests.unit.trust.interruptions import change_before_request


def force(state: str) -> Callable[[InvariantHarness, str], None]:
    """Return what puts a cluster into a state, run or not, as somebody else's operation would."""

    def act(harness: InvariantHarness, cluster_id: str) -> None:
        harness.emulator.service.force_state(harness.emulator.service.find(cluster_id), state)

    return act


def describe(harness: InvariantHarness, cluster_id: str) -> None:
    harness.emulator.service.patch(cluster_id, {"extraParam": '{"set": "by somebody else"}'})


ACTS: dict[str, Callable[[InvariantHarness, str], None]] = {
    "deletes": lambda harness, cluster_id: harness.emulator.service.remove(cluster_id),
    "stops": force("Stopping"),
    "starts": force("Starting"),
    "breaks": force("Error"),
    "upgrades": force("Upgrading"),
    "changes": describe,
}
STEPS = 14


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("name", SCENARIOS)
@pytest.mark.nightly(one_in=2)
def test_whatever_somebody_else_does_in_between(
    harness: InvariantHarness, name: str, act: str, record_property: Callable[[str, Any], None]
) -> None:
    """The task converges or says clearly what happened; the next one converges, and no second cluster comes of it."""
    tried = sum(_meddle(harness, SCENARIOS[name], ACTS[act], act, step) for step in range(STEPS))
    record_property("cells: somebody else acts between any two requests", tried)
    assert tried >= 2


def _meddle(
    harness: InvariantHarness,
    scenario: FaultScenario,
    act: Callable[[InvariantHarness, str], None],
    what: str,
    step: int,
) -> bool:
    harness.emulator.reset()
    scenario.set_up(harness)
    with change_before_request(harness, step, act) as done:
        harness.cluster(**scenario.options(harness))
    if not done:
        return False
    harness.emulator.advance(200)
    if what == "upgrades":
        for cluster_id in harness.own_cluster_ids():
            force("Stopped")(harness, cluster_id)
    again = scenario.options_for_rerun(harness)
    if harness.own_cluster_ids() or again.get("state") == "absent" or "worker_spec" in again:
        harness.expect_success(**again)
        harness.expect_unchanged(**again)
    assert len(harness.own_cluster_ids()) == (
        0 if again.get("state") == "absent" or not harness.own_cluster_ids() else 1
    )
    if what == "changes":
        harness.assert_specs_kept(
            *scenario.allowed_specs(harness), *({**s, "extraParam": ACT} for s in scenario.allowed_specs(harness))
        )
    return True


ACT = '{"set": "by somebody else"}'


def test_a_deleted_cluster_is_not_made_anew_where_its_id_was_given(harness: InvariantHarness) -> None:
    cluster_id = harness.seed_cluster("Stopping", description="other")
    harness.emulator.fault(
        "error", "GetRayCluster", after=1, times=None, status=404, code="RayCluster.NotFound", message="gone"
    )
    failed = harness.expect_failure(**harness.full_options(), cluster_id=cluster_id)
    assert failed["error"]["code"] == "ClusterGone"
    assert failed.writes == []


def test_a_cluster_that_goes_away_while_it_is_waited_for_is_made_anew_by_name(harness: InvariantHarness) -> None:
    old = harness.seed_cluster("Stopping", description="other")
    with change_before_request(harness, 2, ACTS["deletes"]):
        created = harness.expect_success(**harness.full_options(), state="started")
    assert created["actions"] == ["create", "start"]
    assert harness.own_cluster_ids() == [created["cluster_id"]] != [old]


@pytest.mark.parametrize(
    ("state", "before", "opposite"), [("started", "Stopped", "Stopped"), ("stopped", "Running", "Running")]
)
def test_a_wait_ends_when_somebody_turns_the_cluster_round(
    harness: InvariantHarness, state: str, before: str, opposite: str
) -> None:
    """Not after the whole time-out: what was on its way and is back will not arrive by itself."""
    harness.seed_cluster(before)
    with change_before_request(harness, 4, force(opposite)) as done:
        failed = harness.expect_failure(name=CLUSTER_NAME, state=state)
    assert done
    assert failed["error"]["code"] == "TransitionReversed"
    assert "again" in failed["msg"]
    assert sum(failed.slept) < 120


def test_a_stop_that_comes_when_the_cluster_is_deleted_already_is_no_failure_of_absent(
    harness: InvariantHarness,
) -> None:
    harness.seed_cluster("Running")
    with change_before_request(harness, 2, ACTS["deletes"]):
        gone = harness.expect_success(name=CLUSTER_NAME, state="absent")
    assert gone["cluster"] is None
    assert gone["actions"] == []


@pytest.mark.parametrize(
    ("operation", "state", "before"), [("Start", "started", "Stopped"), ("Stop", "stopped", "Running")]
)
def test_a_write_whose_every_answer_is_lost_is_looked_after(
    harness: InvariantHarness, operation: str, state: str, before: str
) -> None:
    harness.seed_cluster(before)
    harness.emulator.fault("cut_after", f"{operation}RayCluster", times=None)
    done = harness.expect_success(name=CLUSTER_NAME, state=state)
    assert len(done["actions"]) == 1


def test_a_write_with_an_old_state_in_the_read_after_it_is_not_repeated(harness: InvariantHarness) -> None:
    """A replica that is behind shows the state before the start for a while."""
    harness.seed_cluster("Stopped")
    harness.emulator.fault("unknown_state", "GetRayCluster", after=1, times=3, state="Stopped")
    done = harness.expect_success(name=CLUSTER_NAME, state="started")
    assert done.writes == ["StartRayCluster"]
    assert done["cluster"]["state"] == "Running"


@pytest.mark.parametrize("kind", ["expired_token", "signature_echo", "missing_code", "denied"])
def test_a_read_that_will_never_succeed_ends_a_wait_at_once(harness: InvariantHarness, kind: str) -> None:
    harness.seed_cluster("Stopped")
    fault = {"kind": "error", "status": 403, "code": "NoPermission"} if kind == "denied" else {"kind": kind}
    harness.emulator.fault(operation="GetRayCluster", after=3, times=None, **fault)
    failed = harness.expect_failure(name=CLUSTER_NAME, state="started")
    assert failed["actions"] == ["start"]
    assert failed["cluster"]["state"] == "Starting"
    assert sum(failed.slept) < 20
