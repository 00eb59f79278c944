# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The probe leaves nothing behind, keeps its limits, and never writes to a cluster of anyone else."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any
from unittest.mock import patch

import pytest

from ansible_collections.rayops.alicloud.plugins.module_utils._api.transport import Transport
from ansible_collections.rayops.alicloud.plugins.module_utils._probe.marks import is_scratch, scratch_name
from ansible_collections.rayops.alicloud.plugins.module_utils._task.context import TaskContext
from tests.emulator.random_rules import service_of
from tests.emulator.sizes import cores, gibibytes
from tests.unit.probe.harness import ProbeHarness

# Rules under which a later run cannot recognize or remove a cluster, whatever it does.
_BLIND = ("refusals", "starting_ends", "stopping_ends", "stop_while_starting", "stop_from_error", "omitted_fields",
          "row_omits", "stored_name", "shown_name", "stored_description", "shown_description")  # fmt: skip
KINDS = ("after_effect_error", "error", "throttle", "cut_after")


class SimulatedKill(BaseException):
    """The end of a run: nothing of the core may catch it."""


@contextlib.contextmanager
def kill_at(step: int, hard: bool) -> Iterator[list[int]]:
    """End the run after the answer to request ``step``; if ``hard``, it cannot send anything afterwards."""
    count = [0]
    send = Transport.send

    def send_or_kill(transport: Transport, *args: Any) -> Any:
        count[0] += 1
        if hard and count[0] > step:
            raise SimulatedKill
        answer = send(transport, *args)
        if count[0] == step:
            raise SimulatedKill
        return answer

    with patch.object(Transport, "send", send_or_kill):
        yield count


def _kill_and_check(harness: ProbeHarness, step: int, hard: bool, with_faults: bool = False) -> None:
    # With faults, a run may end before the step, and one that is interrupted may fail to delete.
    with kill_at(step, hard), contextlib.suppress(SimulatedKill) if with_faults else pytest.raises(SimulatedKill):
        harness.probe(max_cu=30)
    if hard or (with_faults and harness.left()):
        harness.emulator.advance(60)
        outcome = harness.probe(state="absent")
        assert not outcome.failed, outcome.result
    assert not harness.left()
    assert not harness.foreign_writes()


@pytest.mark.nightly(one_in=40)
@pytest.mark.parametrize("step", range(1, 250))
@pytest.mark.parametrize("hard", [False, True], ids=["ctrl-c", "kill"])
def test_leaves_nothing_when_it_is_killed(harness: ProbeHarness, step: int, hard: bool) -> None:
    harness.reset({"created": "starting"} if step % 2 else {"list_hides_new_lists": 2, "delete_takes": "time"})
    _kill_and_check(harness, step, hard)


@pytest.mark.nightly(one_in=250)
@pytest.mark.parametrize("seed", range(1000))
def test_leaves_nothing_with_faults(harness: ProbeHarness, seed: int) -> None:
    """Rules, faults, and in every third run a kill; whatever a run reports, the last one removes everything."""
    service = service_of(seed)
    harness.reset({name: value for name, value in service["rules"].items() if name not in _BLIND})
    harness.emulator.behave({"rules": {}, "faults": [fault for fault in service["faults"] if fault["kind"] in KINDS]})
    if seed % 3 == 0:
        _kill_and_check(harness, 7 * (seed % 30) + 5, hard=seed % 2 == 0, with_faults=True)
        return
    outcome = harness.probe(max_cu=30)
    if outcome.failed:
        harness.emulator.advance(60)
        harness.probe(state="absent")
    assert not harness.left()
    assert not harness.foreign_writes()


def test_a_cut_name_is_recognized_by_the_description(harness: ProbeHarness) -> None:
    harness.reset({"stored_name": "cut:8"})
    _kill_and_check(harness, 40, hard=True)


def test_never_touches_clusters_that_look_similar(harness: ProbeHarness) -> None:
    harness.reset(others=0)
    real = scratch_name("abcdef", 1)
    names = ("rayops-probe-mine", "rayops-probe-abcdef-01-0000", "r", "rayops-probe-", f"copy of {real}")
    harness.others = {harness.emulator.seed(name)[0] for name in names}
    (copied,) = harness.emulator.seed("training", spec={"description": f"{real} scratch"})
    (own,) = harness.emulator.seed(real)
    harness.others.add(copied)
    outcome = harness.probe(state="absent")
    assert outcome["removed"] == [own]
    assert not harness.left()
    assert not harness.foreign_writes()


def test_reports_what_it_cannot_remove(harness: ProbeHarness) -> None:
    harness.reset({"refusals": "DeleteRayCluster 403 NoPermission"})
    outcome = harness.probe(max_minutes=5)
    assert outcome.failed
    assert outcome["error"]["code"] == "ScratchLeft"
    assert outcome["leftovers"] == harness.left() != []


def test_starts_nothing_without_a_list(harness: ProbeHarness) -> None:
    harness.reset({"refusals": "ListRayCluster 403 NoPermission"})
    outcome = harness.probe()
    assert outcome["error"]["code"] == "ScratchLeft"
    assert outcome.writes == []


@contextlib.contextmanager
def watch_capacity(harness: ProbeHarness) -> Iterator[list[float]]:
    """Give the CU of all clusters that are not stopped, after each request."""
    used: list[float] = []
    send = Transport.send

    def send_and_look(transport: Transport, *args: Any) -> Any:
        answer = send(transport, *args)
        with harness.emulator.core.lock:
            clusters = list(harness.emulator.service.workspaces[harness.emulator.workspace_id].values())
            running = [one.spec for one in clusters if one.state != "Stopped" and one.cluster_id not in harness.others]
        nodes = [(spec["headSpec"], 1) for spec in running]
        nodes += [(group, group.get("replica", 1)) for spec in running for group in spec["workerSpec"]]
        used.append(sum(n * max(cores(node["cpu"]) or 0, (gibibytes(node["memory"]) or 0) / 4) for node, n in nodes))
        return answer

    with patch.object(Transport, "send", send_and_look):
        yield used


@pytest.mark.parametrize("rules", [{}, {"created": "starting"}], ids=["stopped", "starting"])
@pytest.mark.parametrize("most", [2, 4])
def test_keeps_its_limits(harness: ProbeHarness, rules: dict[str, Any], most: int) -> None:
    harness.reset(rules)
    begin = harness.emulator.clock()
    with watch_capacity(harness) as used:
        outcome = harness.probe(max_cu=most, max_clusters=2, max_minutes=4)
    assert not outcome.failed, outcome.result
    assert 0 < max(used) <= most
    assert outcome.operations.count("CreateRayCluster") <= 2
    assert harness.emulator.clock() - begin <= 4 * 60
    assert not harness.left()


def test_an_interrupted_run_says_what_it_could_not_remove(harness: ProbeHarness) -> None:
    harness.reset({"refusals": "DeleteRayCluster 403 NoPermission"})
    warnings: list[str] = []
    warn = patch.object(TaskContext, "warn", lambda _task, text: warnings.append(text))
    with kill_at(60, hard=False), warn, pytest.raises(SimulatedKill):
        harness.probe(max_minutes=5)
    left = harness.left()
    assert left
    assert any(left[0] in text and "state=absent" in text for text in warnings)


def test_check_mode_writes_nothing(harness: ProbeHarness) -> None:
    outcome = harness.probe(check=True, max_cu=6, max_minutes=30)
    assert outcome.writes == []
    assert outcome["at_most"] == {"clusters": 10, "cu": 6.0, "minutes": 30.0, "cu_hours": 3.0}
    (own,) = harness.emulator.seed(scratch_name("abcdef", 2))
    outcome = harness.probe(check=True, state="absent")
    assert (outcome["leftovers"], outcome["changed"], outcome.writes) == ([own], True, [])


def test_a_question_that_fails_leaves_the_others(harness: ProbeHarness) -> None:
    harness.reset({"refusals": "UpdateRayCluster 400 Broken"})
    outcome = harness.probe()
    assert not outcome.failed
    answers = {answer["question"]: answer["status"] for answer in outcome["probe"]["probe"]["answers"]}
    assert answers["update"] == "open"
    assert answers["created"] == answers["start"] == answers["unique_names"] == "answered"


@pytest.mark.parametrize("change", [str.upper, str.title, lambda text: f" {text}\n", lambda text: text + " renamed"])
def test_recognizes_its_names_in_other_spellings(change: Any) -> None:
    assert is_scratch({"name": change(scratch_name("0a1b2c", 7))})
