# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What holds for every plan, whatever is declared and whatever is there."""

from __future__ import annotations

import copy
import inspect
import json
from typing import Any

from hypothesis import assume, example, given, reject, settings
from hypothesis import strategies as st

from ansible_collections.rayops.alicloud.plugins.module_utils._cluster.client import to_wire
from ansible_collections.rayops.alicloud.plugins.module_utils._cluster.models import parse_cluster, parse_spec
from ansible_collections.rayops.alicloud.plugins.module_utils._cluster.plan import Goal, Plan, build_plan, request_spec
from ansible_collections.rayops.alicloud.plugins.module_utils._errors import ParameterError
from tests.unit.plugins.strategies import (
    GOAL_STATES,
    MASKS,
    STATES,
    UNKNOWN_STATES,
    cluster_payloads,
    cpu_spellings,
    env_maps,
    json_spellings,
    json_values,
    memory_spellings,
    plan_inputs,
)

Json = dict[str, Any]
Situation = tuple[Goal, Any]

ACTIONS = {"create", "update", "stop", "start", "delete"}


def planned(goal: Goal, cluster: Json | None) -> Plan:
    """Return the plan; declarations that cannot stand are the business of other tests."""
    try:
        return build_plan(goal, cluster)
    except ParameterError:
        reject()


@settings(max_examples=300)
@given(plan_inputs())
def test_what_was_planned_needs_no_second_plan(situation: Situation) -> None:
    goal, cluster = situation
    first = planned(goal, cluster)
    second = build_plan(goal, first.after)
    if goal.state == "restarted":
        assert second.actions == ["stop", "start"]
    else:
        assert second.actions == []
        assert second.changes == []


@settings(max_examples=300)
@given(plan_inputs())
def test_actions_and_changes_belong_together(situation: Situation) -> None:
    goal, cluster = situation
    made = planned(goal, cluster)
    assert set(made.actions) <= ACTIONS
    assert len(set(made.actions)) == len(made.actions)
    assert bool(made.actions) == bool(made.changes)
    assert set(made.reasons) == set(made.actions)
    assert all(change.why and change.field for change in made.changes)
    runs = bool({"create", "delete", "start", "stop"} & set(made.actions))
    assert ("state" in [change.field for change in made.changes]) == runs
    specs = [change for change in made.changes if change.field != "state"]
    assert bool(specs) == bool({"create", "update"} & set(made.actions))
    assert all(change.before != change.after for change in specs)


@given(plan_inputs())
def test_a_plan_changes_neither_the_goal_nor_the_cluster(situation: Situation) -> None:
    before = copy.deepcopy(situation)
    planned(*situation)
    assert situation == before


@given(plan_inputs())
def test_absent_ends_with_nothing(situation: Situation) -> None:
    goal, cluster = situation
    made = build_plan(_with(goal, state="absent"), cluster)
    assert made.after is None
    assert made.actions in ([], ["delete"], ["stop", "delete"])
    assert bool(made.actions) == (cluster is not None)


def _with(goal: Goal, **fields: Any) -> Goal:
    return Goal(**({name: getattr(goal, name) for name in inspect.signature(Goal).parameters} | fields))


@given(plan_inputs())
def test_present_leaves_the_run_state_alone(situation: Situation) -> None:
    goal, cluster = situation
    made = planned(_with(goal, state="present", restart=False), cluster)
    assert made.actions in ([], ["update"], ["create"])


@given(plan_inputs(exists=True))
def test_restart_if_needed_restarts_only_what_runs(situation: Situation) -> None:
    goal, cluster = situation
    assert cluster is not None
    for state in ("Stopped", "Error", "Stopping"):
        made = planned(_with(goal, state="present", restart=True), {**cluster, "state": state})
        assert not {"start", "stop"} & set(made.actions)


@given(plan_inputs(exists=True), st.booleans())
def test_without_a_declaration_there_is_no_change(situation: Situation, purge: bool) -> None:
    goal, cluster = situation
    made = build_plan(_with(goal, state="present", spec={}, purge=purge, restart=False), cluster)
    assert made.actions == []
    assert made.changes == []
    assert made.after == cluster


@settings(max_examples=300)
@given(plan_inputs(exists=True))
def test_without_purge_nothing_that_was_there_is_lost(situation: Situation) -> None:
    goal, cluster = situation
    assert cluster is not None
    body = to_wire(request_spec(_with(goal, purge=False), cluster))
    payload = to_wire({key: cluster[key] for key in cluster if key in ("head_spec", "worker_spec", "description")})
    _assert_kept(payload["headSpec"], body["headSpec"], ignore={"replica", "redisPassword"})
    sent = {group["groupName"]: group for group in body["workerSpec"]}
    for group in payload["workerSpec"]:
        _assert_kept(group, sent[group["groupName"]], ignore=set())
    assert "replica" not in body["headSpec"]


def _assert_kept(there: Json, sent: Json, ignore: set[str]) -> None:
    """Every field that had a value is sent, and what is unknown is sent as it was."""
    for key, value in there.items():
        if value is None or key in ignore:
            continue
        assert key in sent
        if key in ("futureField", "labels"):
            assert sent[key] == value
        elif isinstance(value, dict):
            _assert_kept(value, sent[key], ignore)


@given(plan_inputs(exists=True))
def test_every_declared_field_is_sent(situation: Situation) -> None:
    goal, cluster = situation
    body = request_spec(goal, cluster)
    for key, value in goal.spec.items():
        if key not in ("head_spec", "worker_spec"):
            assert body[key] == value
    sent = {group["group_name"]: group for group in body.get("worker_spec", [])}
    for group in goal.spec.get("worker_spec", []):
        assert {**sent[group["group_name"]], "replica": None} | {**group, "replica": None} == {
            **sent[group["group_name"]],
            "replica": None,
        }
    if goal.purge and "worker_spec" in goal.spec:
        assert set(sent) == {group["group_name"] for group in goal.spec["worker_spec"]}


@given(plan_inputs(exists=True))
def test_a_mask_is_never_sent(situation: Situation) -> None:
    goal, cluster = situation
    body = json.dumps(to_wire(request_spec(goal, cluster)), ensure_ascii=False)
    assert not any(mask in body for mask in MASKS)


@given(plan_inputs())
def test_no_change_shows_a_password(situation: Situation) -> None:
    shown = [change.to_result() for change in planned(*situation).changes if change.field.endswith("redis_password")]
    assert all({entry["before"], entry["after"]} <= {None, "********"} for entry in shown)


@given(
    cluster_payloads(),
    st.sampled_from([*STATES, *UNKNOWN_STATES]),
    st.sampled_from(GOAL_STATES),
    st.randoms(use_true_random=False),
)
def test_order_means_nothing(payload: Json, state: str | None, goal_state: str, random: Any) -> None:
    """A user who declares what is there, in another order, changes nothing."""
    payload["state"] = state
    payload["headSpec"]["enableAutoScaling"] = False
    cluster = parse_cluster(payload, "GetRayCluster")
    spec = {key: cluster[key] for key in ("name", "display_release_version", "description") if cluster.get(key)}
    groups = [{k: v for k, v in group.items() if k in _OPTIONS and v} for group in cluster["worker_spec"]]
    volumes = list(cluster.get("volume_ids") or [])
    random.shuffle(groups)
    random.shuffle(volumes)
    goal = Goal(goal_state, {**spec, "worker_spec": groups, "volume_ids": volumes}, "ray-1", "one")
    assert not {"create", "update"} & set(build_plan(goal, cluster).actions)


_OPTIONS = {"group_name", "worker_type", "replica", "min_replica", "max_replica", "queue_name", "cpu", "memory"}


@settings(max_examples=150)
@given(
    st.tuples(cpu_spellings(), cpu_spellings()),
    st.tuples(memory_spellings(), memory_spellings()),
    env_maps(),
    json_values(),
    st.randoms(use_true_random=False),
)
def test_another_spelling_is_no_change(
    cpus: tuple[Any, Any], memories: tuple[Any, Any], env: dict[str, str], value: Json, random: Any
) -> None:
    assume(cpus[0][0] == cpus[1][0] or memories[0][0] == memories[1][0])
    there, declared = json_spellings(value, random)
    pairs = list(env.items())
    random.shuffle(pairs)
    flags = ("--num-cpus=0 --labels='a b'", '--num-cpus=0   --labels="a b" ')
    node = {"cpu": cpus[0][1], "memory": memories[0][1], "env": env, "ray_start_params": flags[0]}
    other = {"cpu": cpus[1][1], "memory": memories[1][1], "env": dict(pairs), "ray_start_params": flags[1]}
    observed = {**parse_spec({"head_spec": node}), "extra_param": there, "cluster_id": "r", "state": "Stopped"}
    # The service may give sizes back as they were never sent.
    observed["head_spec"] |= {"cpu": str(cpus[0][1]), "memory": str(memories[0][1])}
    goal = Goal("present", parse_spec({"head_spec": other, "extra_param": declared}), "r", "one")

    fields = {change.field for change in build_plan(goal, observed).changes}

    assert ("head_spec.cpu" in fields) == (cpus[0][0] != cpus[1][0])
    assert ("head_spec.memory" in fields) == (memories[0][0] != memories[1][0])
    assert fields <= {"head_spec.cpu", "head_spec.memory"}


@given(
    low=st.integers(1, 5),
    span=st.integers(0, 5),
    there=st.integers(1, 12),
    declared=st.integers(1, 12) | st.none(),
)
@example(low=2, span=3, there=5, declared=1)
@example(low=2, span=3, there=2, declared=1)
@example(low=2, span=3, there=6, declared=4)
def test_replicas_belong_to_the_autoscaler(low: int, span: int, there: int, declared: int | None) -> None:
    high = low + span
    group = {"group_name": "g", "min_replica": low, "max_replica": high, "replica": there}
    observed = {
        "cluster_id": "r", "state": "Running", "head_spec": {"enable_auto_scaling": True}, "worker_spec": [group]
    }  # fmt: skip
    wanted = {"group_name": "g"} | ({"replica": declared} if declared else {})
    goal = Goal("present", {"worker_spec": [wanted]}, "r", "one")

    made = build_plan(goal, observed)
    sent = request_spec(goal, observed)["worker_spec"][0]["replica"]

    if low <= there <= high:
        assert made.actions == []
        assert sent == there
    elif declared:
        assert made.actions == ["update"]
        assert [change.field for change in made.changes] == ["worker_spec[g].replica"]
        assert sent == max(low, min(declared, high))
    else:
        assert made.actions == []
    assert low <= sent <= high
