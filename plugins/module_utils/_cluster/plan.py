# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""Decide what to do with one cluster. Pure: no I/O, no Ansible, no clock.

:func:`next_action` compares the goal with the observed cluster and names one operation. A real run executes it and
reads the cluster again. :func:`build_plan` runs the same decisions over a predicted cluster, so a check cannot drift
from a run.
"""

from __future__ import annotations

import typing as t

from .._errors import ClusterError
from .._payload import without
from .fields import Cluster, HeadSpec, Spec
from .spec import (
    Change,
    find_differences,
    format_workers,
    merge,
    observed_spec,
    writable_spec,
)

RUNNING, STOPPED, ERROR = "Running", "Stopped", "Error"
# The state that each transitional state leads to. Unknown states are transitional, too.
SETTLES_TO = {"Starting": RUNNING, "Stopping": STOPPED}
NOT_FOUND_CODE = "ClusterNotFound"
SETTLED_STATES = (RUNNING, STOPPED, ERROR)
# Fields that differ in each run of a cluster.
_RUN_FIELDS = (
    "instance_id",
    "instances",
    "dashboard_url",
    "grpc_endpoint",
    "job_url",
    "job_url_inner",
    "submit_token",
)
RESTARTS = "RESTARTS a running cluster"


class Goal(t.NamedTuple):
    """The declaration: the cluster, its spec (wire spellings, set options only), and its run state.

    ``purge`` None means that undeclared groups are removed if every declared group is complete.
    """

    state: str
    spec: Spec
    cluster_id: str | None = None
    name: str | None = None
    purge: bool | None = None
    restart: bool = False
    wait: bool = True


class Plan(t.NamedTuple):
    """The operations of a run: it makes a change if there are actions. Before and after are clusters or None.

    ``removed`` names the worker groups to remove, with their workers in words.
    """

    actions: list[str]
    changes: list[Change]
    before: Cluster | None
    after: Cluster | None
    reasons: dict[str, str]
    removed: t.Mapping[str, str] = {}

    @property
    def restarts(self) -> bool:
        """Return whether the plan stops and starts a running cluster."""
        return "stop" in self.actions and "start" in self.actions


class Progress:
    """The outcome of a task, also of a failed one: the finished operations and the cluster as last seen."""

    def __init__(self) -> None:
        self.doing = "look up"
        self.cluster: Cluster | None = None
        self.done: list[str] = []
        self.adopted: str | None = None


def is_settled(cluster: Cluster | None) -> bool:
    """Return whether the cluster is in a state that is not transitional."""
    return cluster is None or cluster.get("state") in SETTLED_STATES


def request_spec(goal: Goal, cluster: Cluster | None) -> Spec:
    """Return the complete spec that a create or an update sends."""
    return merge(writable_spec(cluster), goal.spec, goal.purge is not False)


def drift(goal: Goal, cluster: Cluster) -> list[Change]:
    """Return the fields in which the cluster differs from its declaration."""
    return find_differences(observed_spec(cluster), goal.spec, request_spec(goal, cluster))


def next_action(goal: Goal, cluster: Cluster | None, done: t.Sequence[str]) -> tuple[str, str] | None:
    """Return the next operation and its reason, or None if no operation remains.

    ``done`` holds the operations of this run so far. For a transitional state, the operation is the one for the state
    that it leads to; see :func:`must_settle_first`.
    """
    if goal.state == "absent":
        return _next_for_absent(cluster, done)
    if cluster is None:
        return ("create", "the cluster does not exist")
    settled = settled_state(goal, cluster) or cluster
    if not {"create", "update"} & set(done) and drift(goal, settled):
        # A cluster that may never leave its state is stopped first: an update might have to wait forever.
        if goal.state == "stopped" and not is_settled(cluster) and settled.get("state") == RUNNING:
            return _next_for_run_state(goal, settled, done)
        return ("update", "the spec differs")
    return _next_for_run_state(goal, settled, done)


def _next_for_absent(cluster: Cluster | None, done: t.Sequence[str]) -> tuple[str, str] | None:
    if cluster is None:
        return None
    if cluster.get("state") not in (STOPPED, "Stopping", ERROR) and "stop" not in done:
        return ("stop", "the service does not delete a running cluster")
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
            return ("stop", f"state is restarted: {RESTARTS}")
        if goal.restart and cluster.get("modified"):
            return ("stop", f"the running cluster does not use its new configuration yet: {RESTARTS}")
        return None
    if "start" in done:
        return None
    if restarting:
        return ("start", "it was stopped for a restart")
    return ("start", f"state is {goal.state}") if goal.state in ("started", "restarted") else None


def settled_state(goal: Goal, cluster: Cluster | None) -> Cluster | None:
    """Return the cluster in the state that its present one leads to.

    An unknown state may lead to any other. The opposite of the goal is assumed, so that the task waits for the cluster
    and reads it again, and never treats it as if it were at its goal.
    """
    if cluster is None or is_settled(cluster):
        return cluster
    unknown = STOPPED if goal.state == "started" else RUNNING
    return {**cluster, "state": SETTLES_TO.get(str(cluster.get("state")), unknown)}


def is_converged(goal: Goal, cluster: Cluster | None) -> bool:
    """Return whether the goal is reached: neither an operation nor a wait remains."""
    target = {"started": RUNNING, "stopped": STOPPED}.get(goal.state)
    in_target_state = cluster is None or target is None or cluster.get("state") == target or not goal.wait
    return in_target_state and next_action(goal, cluster, ()) is None


def must_settle_first(goal: Goal, cluster: Cluster | None, done: t.Sequence[str]) -> bool:
    """Return whether the next operation must wait until the cluster has settled.

    A requested stop or deletion need not wait: the transitional state may be the problem.
    """
    step = None if is_settled(cluster) else next_action(goal, cluster, done)
    return step is not None and not (goal.state in ("stopped", "absent") and step[0] in ("stop", "delete"))


def predict(action: str, goal: Goal, cluster: Cluster | None) -> Cluster | None:
    """Return the expected cluster after an operation, without fields that only the service can know.

    A new cluster is expected to be Stopped, and an update to mark a running cluster as modified. This is the likely
    behavior of the service, not a documented one.
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
    # A service that returns the extra_param of one group returns it for all of them.
    if not any(group.get("extra_param") for group in base.get("worker_spec", [])):
        groups = [without(group, "extra_param") for group in groups]
    head: HeadSpec = {"replica": 1, **base.get("head_spec", {}), **merged.get("head_spec", {})}
    written: Cluster = {**base, **merged, "head_spec": head, "worker_spec": groups}
    if cluster is None:
        return {**written, "state": STOPPED, "modified": False}
    return {**written, "modified": cluster.get("state") == RUNNING or bool(cluster.get("modified"))}


def build_plan(goal: Goal, observed: Cluster | None) -> Plan:
    """Return all operations that bring ``observed`` to ``goal``, and the expected cluster.

    Raises ParameterError for a new group without a size, and for bounds that contradict the observed cluster. Raises
    ClusterError if the cluster does not exist and the spec is not enough to create one, and if it is unclear whether to
    remove groups.
    """
    if observed is None and goal.state != "absent":
        from .update_checks import missing_for_create

        missing = missing_for_create(request_spec(goal, None))
        if missing:
            raise ClusterError(
                f"the cluster does not exist, and creating it requires {', '.join(missing)}",
                NOT_FOUND_CODE,
                hint="no create request was sent",
            )
    actions: list[str] = []
    reasons: dict[str, str] = {}
    cluster = observed
    while step := next_action(goal, cluster, actions):
        cluster = predict(step[0], goal, settled_state(goal, cluster))
        actions.append(step[0])
        reasons[step[0]] = step[1]
    removed: dict[str, str] = {}
    if "update" in actions and observed is not None:
        from .update_checks import check_merged, removed_groups

        check_update(goal, observed)
        check_merged(writable_spec(observed), request_spec(goal, observed))
        if goal.purge is not False:
            gone = removed_groups(writable_spec(observed), goal.spec)
            removed = {name: format_workers(group) for name, group in gone.items()}
    after = _final_cluster(goal, observed, settled_state(goal, cluster), actions)
    return Plan(actions, _collect_changes(goal, observed, after, reasons), observed, after, reasons, removed)


def check_update(goal: Goal, observed: Cluster) -> None:
    """Raise ClusterError if no option decides whether an update may remove worker groups."""
    if goal.purge is None:
        from .update_checks import check_purge

        check_purge(writable_spec(observed), goal.spec)


def _final_cluster(goal: Goal, observed: Cluster | None, cluster: Cluster | None, actions: list[str]) -> Cluster | None:
    """Return the cluster as the task leaves it; without a wait, its operation is still in progress."""
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
        changes = find_differences(observed_spec(before), goal.spec, request_spec(goal, before))
    if "create" in reasons:
        changes = [Change(change.field, None, change.after, reasons["create"]) for change in changes]
    run_reasons = {action: why for action, why in reasons.items() if action != "update"}
    if run_reasons:
        states = [(cluster or {}).get("state") or "absent" for cluster in (before, after)]
        changes.append(Change("state", states[0], states[1], "; ".join(run_reasons.values())))
    return changes
