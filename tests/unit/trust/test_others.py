# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Somebody else at the same cluster: who deletes, stops, starts or changes it between any two requests of a task."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.unit.trust.cells import SCENARIOS, Scenario
from tests.unit.trust.interfere import interfering
from tests.unit.trust.world import NAME, World


def force(state: str) -> Callable[[World, str], None]:
    """Return what puts a cluster into a state, run or not, as somebody else's operation would."""

    def act(world: World, cluster_id: str) -> None:
        world.emulator.service.force_state(world.emulator.service.find(cluster_id), state)

    return act


def describe(world: World, cluster_id: str) -> None:
    world.emulator.service.patch(cluster_id, {"extraParam": '{"set": "by somebody else"}'})


ACTS: dict[str, Callable[[World, str], None]] = {
    "deletes": lambda world, cluster_id: world.emulator.service.remove(cluster_id),
    "stops": force("Stopping"),
    "starts": force("Starting"),
    "breaks": force("Error"),
    "upgrades": force("Upgrading"),
    "changes": describe,
}
STEPS = 14


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("name", SCENARIOS)
def test_whatever_somebody_else_does_in_between(
    world: World, name: str, act: str, record_property: Callable[[str, Any], None]
) -> None:
    """The task converges or says clearly what happened; the next one converges, and no second cluster comes of it."""
    tried = sum(_meddle(world, SCENARIOS[name], ACTS[act], act, step) for step in range(STEPS))
    record_property("cells: somebody else acts between any two requests", tried)
    assert tried >= 2


def _meddle(world: World, scenario: Scenario, act: Callable[[World, str], None], what: str, step: int) -> bool:
    world.emulator.reset()
    scenario.before(world)
    with interfering(world, step, act) as done:
        world.cluster(**scenario.given(world))
    if not done:
        return False
    world.emulator.advance(200)
    if what == "upgrades":
        for cluster_id in world.ours():
            force("Stopped")(world, cluster_id)
    again = scenario.again(world)
    if world.ours() or again.get("state") == "absent" or "worker_spec" in again:
        world.done(**again)
        world.unchanged(**again)
    assert len(world.ours()) == (0 if again.get("state") == "absent" or not world.ours() else 1)
    if what == "changes":
        world.kept(*scenario.allowed(world), *({**s, "extraParam": ACT} for s in scenario.allowed(world)))
    return True


ACT = '{"set": "by somebody else"}'


def test_a_deleted_cluster_is_not_made_anew_where_its_id_was_given(world: World) -> None:
    cluster_id = world.exists("Stopping", description="other")
    world.emulator.fault(
        "error", "GetRayCluster", after=1, times=None, status=404, code="RayCluster.NotFound", message="gone"
    )
    failed = world.refused(**world.spec(), cluster_id=cluster_id)
    assert failed["error"]["code"] == "ClusterGone"
    assert failed.writes == []


def test_a_cluster_that_goes_away_while_it_is_waited_for_is_made_anew_by_name(world: World) -> None:
    old = world.exists("Stopping", description="other")
    with interfering(world, 2, ACTS["deletes"]):
        created = world.done(**world.spec(), state="started")
    assert created["actions"] == ["create", "start"]
    assert world.ours() == [created["cluster_id"]] != [old]


@pytest.mark.parametrize(
    ("state", "before", "opposite"), [("started", "Stopped", "Stopped"), ("stopped", "Running", "Running")]
)
def test_a_wait_ends_when_somebody_turns_the_cluster_round(
    world: World, state: str, before: str, opposite: str
) -> None:
    """Not after the whole time-out: what was on its way and is back will not arrive by itself."""
    world.exists(before)
    with interfering(world, 4, force(opposite)) as done:
        failed = world.refused(name=NAME, state=state)
    assert done
    assert failed["error"]["code"] == "ClusterTurnedRound"
    assert "again" in failed["msg"]
    assert sum(failed.slept) < 120


def test_a_stop_that_comes_when_the_cluster_is_deleted_already_is_no_failure_of_absent(world: World) -> None:
    world.exists("Running")
    with interfering(world, 2, ACTS["deletes"]):
        gone = world.done(name=NAME, state="absent")
    assert gone["cluster"] is None
    assert gone["actions"] == []


@pytest.mark.parametrize(
    ("operation", "state", "before"), [("Start", "started", "Stopped"), ("Stop", "stopped", "Running")]
)
def test_a_write_whose_every_answer_is_lost_is_looked_after(
    world: World, operation: str, state: str, before: str
) -> None:
    world.exists(before)
    world.emulator.fault("cut_after", f"{operation}RayCluster", times=None)
    done = world.done(name=NAME, state=state)
    assert len(done["actions"]) == 1


def test_a_write_with_an_old_state_in_the_read_after_it_is_not_repeated(world: World) -> None:
    """A replica that is behind shows the state before the start for a while."""
    world.exists("Stopped")
    world.emulator.fault("unknown_state", "GetRayCluster", after=1, times=3, state="Stopped")
    done = world.done(name=NAME, state="started")
    assert done.writes == ["StartRayCluster"]
    assert done["cluster"]["state"] == "Running"


@pytest.mark.parametrize("kind", ["expired_token", "signature_echo", "missing_code", "denied"])
def test_a_read_that_will_never_succeed_ends_a_wait_at_once(world: World, kind: str) -> None:
    world.exists("Stopped")
    fault = {"kind": "error", "status": 403, "code": "NoPermission"} if kind == "denied" else {"kind": kind}
    world.emulator.fault(operation="GetRayCluster", after=3, times=None, **fault)
    failed = world.refused(name=NAME, state="started")
    assert failed["actions"] == ["start"]
    assert failed["cluster"]["state"] == "Starting"
    assert sum(failed.slept) < 20
