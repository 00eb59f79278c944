# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""Deciding what to do with one cluster. Pure: no I/O, no Ansible, no clock.

:func:`next_action` looks at the goal and at the cluster as it is and names one operation. A real run executes it and
looks again; :func:`plan` runs the same decisions over a predicted cluster, so a check cannot drift from a run.
"""

from __future__ import annotations

import typing as t

from .._errors import ParameterError
from .._payload import without
from .fields import Cluster, HeadSpec, Spec
from .spec import Change, check_merged, find_differences, merge, missing_for_create, writable_spec

RUNNING, STOPPED, ERROR = "Running", "Stopped", "Error"
# Where a state that passes by leads, if nothing goes wrong. States nobody knows pass by too.
SETTLES_TO = {"Starting": RUNNING, "Stopping": STOPPED}
SETTLED_STATES = (RUNNING, STOPPED, ERROR)
# What each run of a cluster has of its own.
_RUN_FIELDS = (
    "instance_id",
    "instances",
    "dashboard_url",
    "grpc_endpoint",
    "job_url",
    "job_url_inner",
    "submit_token",
)


class Goal(t.NamedTuple):
    """What the user declares: which cluster, its spec (wire spellings, only what is set) and its run state."""

    state: str
    spec: Spec
    cluster_id: str | None = None
    name: str | None = None
    purge: bool = True
    restart: bool = False
    wait: bool = True


class Plan(t.NamedTuple):
    """What a run does: ``changed`` is whether there are actions; before and after are clusters, None when absent."""

    actions: list[str]
    changes: list[Change]
    before: Cluster | None
    after: Cluster | None
    reasons: dict[str, str]


class Progress:
    """What is known when a task ends, also when it fails: the operations done and the cluster as last seen."""

    def __init__(self) -> None:
        self.doing = "look up"
        self.cluster: Cluster | None = None
        self.done: list[str] = []
        self.adopted: str | None = None


def is_settled(cluster: Cluster | None) -> bool:
    """Tell whether the cluster is in no state that passes by."""
    return cluster is None or cluster.get("state") in SETTLED_STATES


def request_spec(goal: Goal, cluster: Cluster | None) -> Spec:
    """Return the complete spec that a create or an update sends."""
    return merge(writable_spec(cluster), goal.spec, goal.purge)


def drift(goal: Goal, cluster: Cluster) -> list[Change]:
    """Return where the cluster differs from what is declared."""
    observed = writable_spec(cluster)
    return find_differences(observed, goal.spec, merge(observed, goal.spec, goal.purge))


def next_action(goal: Goal, cluster: Cluster | None, done: t.Sequence[str]) -> tuple[str, str] | None:
    """Return the next operation and why it is due, or None when nothing is left to do.

    ``done`` holds the operations of this run so far. The cluster is taken as settled: look with :func:`settle` first.
    """
    if goal.state == "absent":
        return _next_for_absent(cluster, done)
    if cluster is None:
        return ("create", "there is no such cluster")
    if not {"create", "update"} & set(done) and drift(goal, cluster):
        return ("update", "the spec differs")
    return _next_for_run_state(goal, cluster, done)


def _next_for_absent(cluster: Cluster | None, done: t.Sequence[str]) -> tuple[str, str] | None:
    if cluster is None:
        return None
    if cluster.get("state") == RUNNING and "stop" not in done:
        return ("stop", "a running cluster may not be deleted")
    return ("delete", "state is absent")


def _next_for_run_state(goal: Goal, cluster: Cluster, done: t.Sequence[str]) -> tuple[str, str] | None:
    state = cluster.get("state")
    if goal.state == "stopped":
        return ("stop", "state is stopped") if state != STOPPED and "stop" not in done else None
    restarting = "stop" in done
    if state == RUNNING:
        if "start" in done or restarting:
            return None
        if goal.state == "restarted" and "create" not in done:
            return ("stop", "state is restarted")
        if goal.restart and cluster.get("modified"):
            return ("stop", "the running cluster does not have its configuration yet")
        return None
    if "start" in done:
        return None
    if restarting:
        return ("start", "it was stopped to be restarted")
    return ("start", f"state is {goal.state}") if goal.state in ("started", "restarted") else None


def settled_state(goal: Goal, cluster: Cluster | None) -> Cluster | None:
    """Return the cluster in the state that its present one leads to.

    A state that nobody knows may lead anywhere. The far end is assumed, so that the cluster is waited for and looked at
    again, never left alone as if it were at its goal.
    """
    if cluster is None or is_settled(cluster):
        return cluster
    unknown = STOPPED if goal.state == "started" else RUNNING
    return {**cluster, "state": SETTLES_TO.get(str(cluster.get("state")), unknown)}


def is_converged(goal: Goal, cluster: Cluster | None) -> bool:
    """Tell whether nothing is to be done and nothing to be waited for."""
    target = {"started": RUNNING, "stopped": STOPPED}.get(goal.state)
    in_target_state = cluster is None or target is None or cluster.get("state") == target or not goal.wait
    return in_target_state and next_action(goal, settled_state(goal, cluster), ()) is None


def must_settle_first(goal: Goal, cluster: Cluster | None, done: t.Sequence[str]) -> bool:
    """Tell whether something is to be done that has to wait until the cluster has settled."""
    return not is_settled(cluster) and next_action(goal, settled_state(goal, cluster), done) is not None


def predict(action: str, goal: Goal, cluster: Cluster | None) -> Cluster | None:
    """Return the cluster as it should be after an operation, without what only the service can know.

    That a new cluster is Stopped and that an update marks a running one as modified is the likely behaviour of the
    service, not a documented one.
    """
    if action == "delete":
        return None
    if action in ("create", "update"):
        return _predict_write(goal, cluster)
    base: Cluster = without(cluster or {}, *_RUN_FIELDS)
    if action == "start":
        return {**without(base, "start_time"), "state": RUNNING, "modified": False}
    return {**base, "state": STOPPED}


def _predict_write(goal: Goal, cluster: Cluster | None) -> Cluster:
    merged = request_spec(goal, cluster)
    base: Cluster = without(cluster or {}, "modified_time")
    groups = merged.get("worker_spec", [])
    # A service that gives the extra_param of one group back does so for all.
    if not any(group.get("extra_param") for group in base.get("worker_spec", [])):
        groups = [without(group, "extra_param") for group in groups]
    head: HeadSpec = {"replica": 1, **base.get("head_spec", {}), **merged.get("head_spec", {})}
    written: Cluster = {**base, **merged, "head_spec": head, "worker_spec": groups}
    if cluster is None:
        return {**written, "state": STOPPED, "modified": False}
    return {**written, "modified": cluster.get("state") == RUNNING or bool(cluster.get("modified"))}


def build_plan(goal: Goal, observed: Cluster | None) -> Plan:
    """Return all that is to be done to bring ``observed`` to ``goal``, and the cluster that should come of it.

    Raises ParameterError when that cannot be done from here: a create that lacks something, a new group without a
    size, bounds that contradict what is there.
    """
    if observed is None and goal.state != "absent":
        missing = missing_for_create(request_spec(goal, None))
        if missing:
            raise ParameterError([f"there is no such cluster, and creating it needs {', '.join(missing)}"])
    actions: list[str] = []
    reasons: dict[str, str] = {}
    cluster = settled_state(goal, observed)
    while step := next_action(goal, cluster, actions):
        cluster = predict(step[0], goal, cluster)
        actions.append(step[0])
        reasons[step[0]] = step[1]
    if "update" in actions and observed is not None:
        check_merged(writable_spec(observed), request_spec(goal, observed))
    after = _final_cluster(goal, observed, cluster, actions)
    return Plan(actions, _collect_changes(goal, observed, after, reasons), observed, after, reasons)


def _final_cluster(goal: Goal, observed: Cluster | None, cluster: Cluster | None, actions: list[str]) -> Cluster | None:
    """Return the cluster as the task leaves it, which without a wait is on its way."""
    if not actions and (goal.state == "present" or not goal.wait):
        return observed
    passing = {"start": "Starting", "stop": "Stopping"}
    if actions and not goal.wait and cluster is not None and actions[-1] in passing:
        return {**cluster, "state": passing[actions[-1]]}
    return cluster


def _collect_changes(
    goal: Goal, before: Cluster | None, after: Cluster | None, reasons: dict[str, str]
) -> list[Change]:
    changes = []
    if "create" in reasons or "update" in reasons:
        changes = find_differences(writable_spec(before), goal.spec, request_spec(goal, before))
    if "create" in reasons:
        changes = [Change(change.field, None, change.after, reasons["create"]) for change in changes]
    run_reasons = {action: why for action, why in reasons.items() if action != "update"}
    if run_reasons:
        states = [(cluster or {}).get("state") or "absent" for cluster in (before, after)]
        changes.append(Change("state", states[0], states[1], "; ".join(run_reasons.values())))
    return changes
