# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Waiting on a clock of its own: pauses that grow, an end in time, and an end at once where there is no hope."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import pytest

from ansible_collections.rayops.alicloud.plugins.module_utils._cluster.waiter import ClusterWaiter
from ansible_collections.rayops.alicloud.plugins.module_utils._errors import (
    ApiError,
    ClusterError,
    Failure,
    TransportError,
)
from ansible_collections.rayops.alicloud.plugins.module_utils._task.waiting import WaitCoroutine, run_sync
from tests.unit.plugins.fakes import FakeClock

Json = dict[str, Any]
STARTING: Json = {"cluster_id": "ray-1", "state": "Starting"}
RUNNING: Json = {"cluster_id": "ray-1", "state": "Running"}


class World:
    """A cluster whose reads are given as a list; the last one stays."""

    def __init__(self, *reads: Json | Failure | None, timeout: float = 900.0, interval: float = 5.0) -> None:
        self.clock = FakeClock()
        self.reads = list(reads)
        self.asked: list[str] = []
        self.budgets: list[float] = []
        self.seen: list[Json] = []
        self.told: list[str] = []
        waiter = ClusterWaiter(
            on_read=self.seen.append,
            on_progress=self.told.append,
            clock=self.clock,
            timeout=timeout,
            interval=interval,
        )
        self.until_state, self.until_settled = self._driven(waiter.until_state), self._driven(waiter.until_settled)
        self.until_gone, self.until_found = self._driven(waiter.until_deleted), self._driven(waiter.until_visible)

    def _driven(self, wait: Callable[..., WaitCoroutine[Any]]) -> Callable[..., Any]:
        return lambda *given, **named: run_sync(wait(*given, **named), self._read, self.clock)

    def _read(self, cluster_id: str, budget: float) -> Json | None:
        self.asked.append(cluster_id)
        self.budgets.append(budget)
        found = self.reads.pop(0) if len(self.reads) > 1 else self.reads[0]
        if isinstance(found, Failure):
            raise found
        return found


def states(*names: str) -> Iterable[Json]:
    return [{"cluster_id": "ray-1", "state": name} for name in names]


def test_a_wait_tells_each_change_and_its_end() -> None:
    quiet, loud = {**STARTING, "name": "a", "message": "ok"}, {**STARTING, "name": "a", "message": "no node\nyet"}
    world = World(*[quiet] * 8, {**RUNNING, "name": "a"})
    world.until_state(quiet, "Running")
    assert world.told[0] == "a: Starting, waiting to be Running, 0 s"
    assert world.told[-1] == f"a: Running after {world.clock.monotonic() - FakeClock().monotonic():.0f} s"
    assert 2 < len(world.told) < 8, "a line after 30 s of silence, not one for each read"
    world = World(loud, {**RUNNING, "name": "a"})
    world.until_state(loud, "Running")
    assert world.told[0] == "a: Starting, waiting to be Running, 0 s: no node"


def test_what_is_there_needs_no_read() -> None:
    world = World(RUNNING)
    assert world.until_state(RUNNING, "Running") == RUNNING
    assert world.until_settled(RUNNING) == RUNNING
    assert world.asked == []
    assert world.clock.naps == []


def test_the_pauses_grow_and_the_cluster_is_the_last_one_read() -> None:
    last = {**RUNNING, "instance_id": "run-2"}
    world = World(*[STARTING] * 8, last)
    assert world.until_state(STARTING, "Running") == last
    naps = world.clock.naps
    assert naps == sorted(naps)
    assert naps[:3] == [1.0, 5.0, 7.5]
    assert naps[-1] == 30.0
    assert len(naps) == 9
    assert set(world.asked) == {"ray-1"}
    assert world.seen == [STARTING] * 8 + [last]


def test_fractions_of_seconds() -> None:
    world = World(STARTING, RUNNING, interval=0.01)
    world.until_state(STARTING, "Running")
    assert world.clock.naps == [0.01, 0.01]


def test_the_end_of_patience_says_what_is_known() -> None:
    world = World(STARTING, timeout=100.0)
    with pytest.raises(ClusterError) as caught:
        world.until_state(STARTING, "Running")
    text = str(caught.value)
    assert "100 s" in text
    assert "Running" in text
    assert "Starting" in text
    assert caught.value.code == "WaitTimeout"
    assert "wait_timeout" in str(caught.value.hint)
    assert world.clock.monotonic() == 1100.0
    assert sum(world.clock.naps) == 100.0


def test_one_last_look_at_the_very_end() -> None:
    world = World(STARTING, STARTING, RUNNING, timeout=13.0)
    assert world.until_state(STARTING, "Running") == RUNNING
    assert world.clock.naps == [1.0, 5.0, 7.0]


def test_no_patience_at_all() -> None:
    world = World(RUNNING, timeout=0.0)
    with pytest.raises(ClusterError):
        world.until_state(STARTING, "Running")
    assert world.clock.naps == []


def test_a_task_has_one_budget_for_all_its_waits() -> None:
    world = World(*states("Stopping", "Stopped"), timeout=60.0)
    world.until_state({"cluster_id": "ray-1", "state": "Stopping"}, "Stopped")
    used = sum(world.clock.naps)
    world.reads = [STARTING]
    with pytest.raises(ClusterError):
        world.until_state(STARTING, "Running")
    assert 0 < used < 60
    assert sum(world.clock.naps) == 60.0


def test_a_read_may_not_take_longer_than_what_is_left() -> None:
    world = World(STARTING, timeout=20.0)
    with pytest.raises(ClusterError):
        world.until_state(STARTING, "Running")
    assert all(budget <= 20.0 for budget in world.budgets)
    assert world.budgets == sorted(world.budgets, reverse=True)
    assert world.budgets[-1] > 0


def test_an_error_ends_the_wait_at_once_with_a_diagnosis() -> None:
    broken = {
        "cluster_id": "ray-1", "state": "Error", "message": "no capacity left",
        "instances": [
            {"instance_id": "i-well", "type": "Head", "phase": "Running"},
            {"instance_id": "i-sick", "type": "Worker", "phase": "Failed", "reason": "OOMKilled",
             "container_exit_code": 137, "container_state_message": "ContainerExit", "message": "node was low"},
            {"instance_id": "i-odd", "type": "Worker", "phase": "Running", "container_state_reason": "CrashLoop"},
            {"instance_id": "i-unknown"},
        ],
    }  # fmt: skip
    world = World(broken)
    with pytest.raises(ClusterError) as caught:
        world.until_state(STARTING, "Running")
    text = str(caught.value)
    for word in ("no capacity left", "i-sick", "Worker", "Failed", "OOMKilled", "137", "ContainerExit", "node was low"):
        assert word in text
    assert "i-odd" in text
    assert "CrashLoop" in text
    assert "i-well" not in text
    assert "i-unknown" not in text
    assert caught.value.code == "ClusterInError"
    assert caught.value.hint
    assert len(world.clock.naps) == 1
    assert world.seen == [broken]


def test_an_error_without_words() -> None:
    with pytest.raises(ClusterError, match="no reason"):
        World().until_state({"cluster_id": "ray-1", "state": "Error"}, "Running")


ERROR_BEFORE: Json = {"cluster_id": "ray-1", "state": "Error", "instance_id": "run-1", "start_time": 1}


def test_an_old_error_is_stale_for_a_few_reads() -> None:
    world = World(ERROR_BEFORE, {**STARTING, "instance_id": "run-2"}, RUNNING)
    assert world.until_state(ERROR_BEFORE, "Running", before=ERROR_BEFORE) == RUNNING

    world = World(ERROR_BEFORE)
    with pytest.raises(ClusterError) as caught:
        world.until_state(ERROR_BEFORE, "Running", before=ERROR_BEFORE)
    assert caught.value.code == "ClusterInError"
    assert 1 <= len(world.asked) <= 5
    assert sum(world.clock.naps) < 60


@pytest.mark.parametrize("new", [{"instance_id": "run-2"}, {"start_time": 2}])
def test_a_new_error_is_not_stale(new: Json) -> None:
    world = World({**ERROR_BEFORE, **new})
    with pytest.raises(ClusterError):
        world.until_state(ERROR_BEFORE, "Running", before=ERROR_BEFORE)
    assert len(world.asked) == 1


@pytest.mark.parametrize(
    "fault",
    [
        TransportError("GetRayCluster", "cut", sent=True),
        TransportError("GetRayCluster", "refused", sent=False),
        ApiError("GetRayCluster", "x", code="InternalError", http_status=500),
        ApiError("GetRayCluster", "x", http_status=502),
        ApiError("GetRayCluster", "x", code="Throttling.User", http_status=400),
    ],
)
def test_a_read_that_fails_does_not_end_a_wait(fault: Failure) -> None:
    world = World(fault, fault, RUNNING)
    assert world.until_state(STARTING, "Running") == RUNNING
    assert len(world.asked) == 3

    world = World(fault, timeout=50.0)
    with pytest.raises(ClusterError) as caught:
        world.until_state(STARTING, "Running")
    assert str(fault) in str(caught.value)
    assert "Starting" in str(caught.value)


@pytest.mark.parametrize("code", ["Forbidden.RAM", "InvalidAccessKeyId.NotFound", "SignatureDoesNotMatch"])
def test_a_read_that_will_never_succeed_ends_it(code: str) -> None:
    world = World(ApiError("GetRayCluster", "x", code=code, http_status=403))
    with pytest.raises(ApiError):
        world.until_state(STARTING, "Running")
    assert len(world.asked) == 1


def test_a_cluster_that_disappears() -> None:
    with pytest.raises(ClusterError) as caught:
        World(None).until_state(STARTING, "Running")
    assert caught.value.code == "ClusterGone"
    assert World(None).until_settled(STARTING) is None


def test_until_gone() -> None:
    world = World(RUNNING, RUNNING, None)
    world.until_gone(RUNNING)
    # The first read comes at once.
    assert len(world.asked) == len(world.clock.naps) + 1 == 3
    with pytest.raises(ClusterError, match="deleted"):
        World(RUNNING, timeout=30.0).until_gone(RUNNING)


def test_until_found() -> None:
    new = {"cluster_id": "ray-9", "name": "n"}
    world = World(None, None, RUNNING)
    assert world.until_found(new) == RUNNING
    assert set(world.asked) == {"ray-9"}
    with pytest.raises(ClusterError, match="appear"):
        World(None, timeout=30.0).until_found(new)


@pytest.mark.parametrize("state", ["Running", "Stopped", "Error"])
def test_until_settled(state: str) -> None:
    world = World(*states("Starting", "Hibernating", state))
    settled = world.until_settled(STARTING)
    assert settled is not None
    assert settled["state"] == state


def drive(world: World, is_reached: Callable[[Any], bool], **how: Any) -> Any:
    """Run a bare wait on a cluster that starts."""
    waiter = ClusterWaiter(clock=world.clock, timeout=900.0, interval=5.0)
    return run_sync(waiter.poll_until("ray-1", STARTING, is_reached, "to be told", **how), world._read, world.clock)


def test_a_wait_may_have_a_limit_of_its_own() -> None:
    world = World(STARTING)
    with pytest.raises(ClusterError, match="waited 10 s"):
        drive(world, lambda _now: False, limit=10.0)
    assert sum(world.clock.naps) == 10.0
    no_time = World(STARTING)
    with pytest.raises(ClusterError):
        drive(no_time, lambda _now: False, limit=0.0, look_first=True)
    assert len(no_time.asked) == 1


def test_a_failed_read_decides_nothing() -> None:
    lost = TransportError("GetRayCluster", "cut", sent=True)
    world = World(lost, lost, RUNNING)
    judged: list[str] = []

    def is_reached(now: Any) -> bool:
        judged.append(now["state"])
        return bool(now["state"] == "Running")

    assert drive(world, is_reached) == RUNNING
    assert judged == ["Starting", "Running"]
    assert len(world.asked) == 3
