# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which operations follow from what is declared and what is there, case by case."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from ansible_collections.rayops.alicloud.plugins.module_utils._cluster.plan import Goal, Plan, build_plan, is_converged
from ansible_collections.rayops.alicloud.plugins.module_utils._errors import ClusterError, ParameterError

Json = dict[str, Any]

SIZES = {"queue_name": "q", "cpu": "1", "memory": "4Gi"}
SPEC = {
    "name": "one",
    "display_release_version": "v",
    "head_spec": SIZES,
    "worker_spec": [{"group_name": "g", **SIZES, "replica": 1}],
}
DRIFT = {**SPEC, "description": "another"}


def cluster(state: str | None, modified: bool | None = False) -> Json:
    return {"cluster_id": "ray-1", "instance_id": "run-1", **SPEC, "state": state, "modified": modified}


def planned(state: str, there: Json | None, spec: Json | None = None, **goal: Any) -> Plan:
    return build_plan(Goal(state=state, spec=SPEC if spec is None else spec, name="one", **goal), there)


# state option, state of the cluster: operations for a cluster that is as declared.
RUN_STATES = {
    ("present", "Running"): [],
    ("present", "Stopped"): [],
    ("present", "Starting"): [],
    ("present", "Stopping"): [],
    ("present", "Error"): [],
    ("started", "Running"): [],
    ("started", "Starting"): [],
    ("started", "Stopped"): ["start"],
    ("started", "Stopping"): ["start"],
    ("started", "Error"): ["start"],
    ("stopped", "Running"): ["stop"],
    ("stopped", "Starting"): ["stop"],
    ("stopped", "Stopped"): [],
    ("stopped", "Stopping"): [],
    ("stopped", "Error"): ["stop"],
    ("restarted", "Running"): ["stop", "start"],
    ("restarted", "Starting"): ["stop", "start"],
    ("restarted", "Stopped"): ["start"],
    ("restarted", "Stopping"): ["start"],
    ("restarted", "Error"): ["start"],
    ("absent", "Running"): ["stop", "delete"],
    ("absent", "Starting"): ["stop", "delete"],
    ("absent", "Stopped"): ["delete"],
    ("absent", "Stopping"): ["delete"],
    ("absent", "Error"): ["delete"],
}
ENDS = {"started": "Running", "stopped": "Stopped", "restarted": "Running"}
SETTLED = {"Starting": "Running", "Stopping": "Stopped"}
ALL = list(itertools.product(RUN_STATES.items(), [False, True], [False, True], [False, True]))


@pytest.mark.parametrize(("case", "drift", "modified", "restart"), ALL)
def test_every_sequence(case: tuple[tuple[str, str], list[str]], drift: bool, modified: bool, restart: bool) -> None:
    (state, there), run = case
    made = planned(state, cluster(there, modified), DRIFT if drift else SPEC, restart=restart)

    update = ["update"] if drift and state != "absent" else []
    settled = SETTLED.get(there, there)
    stale = modified or bool(update)
    if restart and stale and settled == "Running" and state in ("present", "started"):
        run = ["stop", "start"]
    # A stop that is asked for does not wait until an update is possible.
    stop_first = (state, there) == ("stopped", "Starting")
    assert made.actions == (run + update if stop_first else update + run)
    assert made.before == cluster(there, modified)
    if state == "absent":
        assert made.after is None
        return
    assert made.after is not None
    if update or run or state != "present":
        assert made.after["state"] == ENDS.get(state, settled)
    assert made.after.get("description") == ("another" if drift else None)
    if "start" in made.actions:
        assert made.after["modified"] is False
    elif drift and settled == "Running" and "stop" not in made.actions:
        assert made.after["modified"] is True


@pytest.mark.parametrize(
    ("state", "actions", "after"),
    [
        ("present", ["create"], "Stopped"),
        ("started", ["create", "start"], "Running"),
        ("stopped", ["create"], "Stopped"),
        ("restarted", ["create", "start"], "Running"),
    ],
)
@pytest.mark.parametrize("restart", [False, True])
def test_what_is_not_there(state: str, actions: list[str], after: str, restart: bool) -> None:
    made = planned(state, None, restart=restart)
    assert made.actions == actions
    assert made.before is None
    assert made.after is not None
    assert made.after["state"] == after
    assert made.after["name"] == "one"
    assert {change.before for change in made.changes if change.field != "state"} == {None}
    (run,) = [change for change in made.changes if change.field == "state"]
    assert (run.before, run.after) == ("absent", after)


def test_absent_and_not_there_is_nothing_to_do() -> None:
    made = planned("absent", None, {})
    assert (made.actions, made.changes, made.before, made.after) == ([], [], None, None)


@pytest.mark.parametrize("state", ["present", "started", "stopped", "restarted"])
def test_creating_needs_a_complete_declaration(state: str) -> None:
    with pytest.raises(ClusterError) as caught:
        planned(state, None, {"name": "one", "head_spec": {"cpu": "1"}})
    text = str(caught.value)
    for lack in ("display_release_version", "head_spec.queue_name", "head_spec.memory", "worker_spec"):
        assert lack in text
    assert "head_spec.cpu" not in text


def test_a_new_group_needs_its_sizes_only_when_it_is_sent() -> None:
    spec = {"worker_spec": [{"group_name": "new", "cpu": "1"}]}
    with pytest.raises(ParameterError, match=r"worker_spec\[new\]\.memory"):
        planned("present", cluster("Running"), spec)
    assert planned("absent", cluster("Stopped"), spec).actions == ["delete"]


@pytest.mark.parametrize("there", ["Hibernating", "", None])
def test_a_state_nobody_knows_is_never_taken_for_the_goal(there: str | None) -> None:
    assert planned("started", cluster(there)).actions == ["start"]
    assert planned("stopped", cluster(there)).actions == ["stop"]
    assert planned("absent", cluster(there)).actions[-1] == "delete"
    assert planned("present", cluster(there)).actions == []


def test_without_waiting_the_cluster_is_on_its_way() -> None:
    assert (planned("started", cluster("Stopped"), wait=False).after or {})["state"] == "Starting"
    assert (planned("stopped", cluster("Running"), wait=False).after or {})["state"] == "Stopping"
    assert (planned("started", cluster("Starting"), wait=False).after or {})["state"] == "Starting"
    assert (planned("started", cluster("Starting"), wait=True).after or {})["state"] == "Running"


def test_the_prediction_leaves_out_what_only_the_service_can_know() -> None:
    there = {**cluster("Running"), "submit_token": "t", "dashboard_url": "u", "job_url": "j", "start_time": 1}
    after = planned("restarted", there).after or {}
    for field in ("submit_token", "dashboard_url", "job_url", "start_time", "instance_id"):
        assert field not in after
    assert after["cluster_id"] == "ray-1"
    stopped = planned("stopped", there).after or {}
    assert "submit_token" not in stopped
    assert stopped["start_time"] == 1


def test_a_new_name_is_a_part_of_the_spec() -> None:
    made = planned("present", cluster("Stopped"), {**SPEC, "name": "two"}, cluster_id="ray-1")
    assert made.actions == ["update"]
    assert [(change.field, change.before, change.after) for change in made.changes] == [("name", "one", "two")]


def test_reasons_say_why_each_operation_is_due() -> None:
    made = planned("present", cluster("Running", modified=True), DRIFT, restart=True)
    assert list(made.reasons) == ["update", "stop", "start"]
    assert len(set(made.reasons.values())) == 3


@pytest.mark.parametrize(
    ("state", "there", "waited", "unwaited"),
    [
        ("started", "Running", True, True),
        ("started", "Starting", False, True),
        ("stopped", "Stopping", False, True),
        ("stopped", "Stopped", True, True),
        ("present", "Starting", True, True),
        ("started", "Stopped", False, False),
    ],
)
def test_a_goal_is_reached_once_nothing_is_to_be_done_or_waited_for(
    state: str, there: str, waited: bool, unwaited: bool
) -> None:
    for wait, expected in ((True, waited), (False, unwaited)):
        assert is_converged(Goal(state=state, spec={}, wait=wait), cluster(there)) is expected
