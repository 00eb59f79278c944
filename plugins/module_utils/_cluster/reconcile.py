# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""Reconcile one cluster, for a task for that cluster or for a whole fleet."""

from __future__ import annotations

import typing as t

from .._errors import ClusterError, Failure, Problems
from .._payload import Params, pick
from .._task.context import (
    BUILDS_ON_CREATE,
    KNOWN_AFTER_CREATE,
    Result,
    TaskContext,
    TaskFailed,
    builds_on_create,
    id_problems,
    seconds_problems,
)
from .capacity import running_delta
from .fields import SPEC_FIELDS, Cluster, Spec
from .models import parse_spec
from .plan import (
    Goal,
    Plan,
    Progress,
    build_plan,
    is_converged,
    predict,
    request_spec,
)
from .result import cluster_to_result, label, register_secrets

# Operations that need resources which the workspace may lack.
_PREFLIGHT_ACTIONS = {"create", "update", "start"}

# Called before an operation with the actions, the observed cluster, and the expected one. Raises Failure to reject
# them.
BeforeActionHook = t.Callable[[t.Sequence[str], "Cluster | None", "Cluster | None"], None]

_GUARDRAIL_OPTIONS = ("max_cu", "max_gpus", "protected")


def read_task_goal(task: TaskContext) -> Goal:
    """Return the goal of a task, as read_goal does; in check mode, the cluster need not exist yet."""
    if not builds_on_create(task, "cluster_id"):
        return read_goal(task.params)
    return read_goal({**task.params, "cluster_id": "known-after-create"})._replace(cluster_id=KNOWN_AFTER_CREATE)


def read_goal(params: Params) -> Goal:
    """Return the goal from the options of one cluster. Raises ParameterError that names every bad option."""
    spec: Spec = {}
    problems = Problems()
    with problems:
        spec = parse_spec({field: params.get(field) for field in SPEC_FIELDS})
    problems += id_problems(params, "cluster_id")
    problems += seconds_problems(params, wait_timeout=0, wait_interval=0.001)
    limits = {option: params[option] for option in ("max_cu", "max_gpus") if params.get(option) is not None}
    problems += [f"{option}: must be at least 0" for option, limit in limits.items() if not limit >= 0]
    if params.get("worker_spec") == [] and params.get("purge_worker_groups") is not False:
        problems.append(
            "worker_spec: is empty, which would remove every worker group; to keep them, leave the option out"
        )
    problems += _identity_problems(params)
    problems.raise_any()
    return Goal(
        state=params.get("state") or "present",
        spec=spec,
        cluster_id=params.get("cluster_id"),
        name=params.get("name"),
        purge=params.get("purge_worker_groups"),
        restart=params.get("restart") == "if_needed",
        wait=params.get("wait") is not False,
    )


def _identity_problems(params: Params) -> list[str]:
    if params.get("cluster_id") or params.get("name"):
        return []
    if params.get("state") == "absent":
        return ["cluster_id or name is required"]
    from .update_checks import missing_for_create

    missing = missing_for_create(pick(Spec, params))
    return [f"cluster_id or name is required for an existing cluster; creating one requires {', '.join(missing)}"]


class ClusterReconciler:
    """Plan and apply the changes of one cluster, and report the progress. ``task`` has the cluster's options."""

    def __init__(self, task: TaskContext, goal: Goal) -> None:
        self.task = task
        self.goal = goal
        self.progress = Progress()
        self.planned: Plan | None = None
        self.watch: BeforeActionHook | None = None
        self.pending: str | None = None
        self.impact: str | None = None
        self.msg = ""
        self._warned: set[str] = set()
        self.started: float | None = None
        # Names of the clusters of the workspace, as far as they were read, for the error about one that is not there.
        self.known_names: t.Sequence[str | None] = ()
        # Clusters with other names that were there when the absence of this one was proven.
        self.other_ids: t.Collection[str] = ()

    def plan_from(self, cluster: Cluster | None) -> Plan:
        """Take the observed cluster, None if it does not exist, and return the plan.

        Raises ParameterError, and ClusterError for a plan that a guardrail rejects.
        """
        self.progress.cluster = cluster
        if cluster:
            self._register_secrets(cluster)
        try:
            self.planned = build_plan(self.goal, cluster)
            if "update" in self.planned.actions:
                from .update_checks import check_complete

                check_complete(request_spec(self.goal, cluster))
        except ClusterError as error:
            if cluster is None:
                from .similar_names import add_near_names

                add_near_names(error, self.goal.name or "", self.known_names)
            else:
                self.progress.doing = "update"
            raise
        self.enforce_guardrails(self.planned.actions, cluster, self.planned.after)
        if "update" in self.planned.actions:
            from .update_checks import describe_losses

            for text in describe_losses(self.planned.removed, cluster, self.goal.spec):
                self.warn(text)
        return self.planned

    def warn(self, text: str) -> None:
        """Warn once."""
        if text not in self._warned:
            self._warned.add(text)
            self.task.warn(text)

    def enforce_guardrails(self, actions: t.Sequence[str], before: Cluster | None, after: Cluster | None) -> None:
        """Raise ClusterError if a guardrail rejects these actions."""
        if not actions:
            return
        rules = [self.task.params.get(rule) for rule in _GUARDRAIL_OPTIONS]
        if any(rule is not None and rule is not False for rule in rules):
            from .guardrails import find_cluster_violations, guardrail_error

            problem = find_cluster_violations(self.task.params, actions, before, after)
            if problem:
                self.progress.doing = actions[0]
                raise guardrail_error(problem)
        if self.watch:
            self.watch(actions, before, after)

    @property
    def is_converged(self) -> bool:
        """Return whether there is no operation to apply and no state to wait for."""
        return is_converged(self.goal, self.progress.cluster)

    @property
    def preflight_spec(self) -> Spec | None:
        """Return the complete spec to check against the workspace before the first operation, or None."""
        wanted = self.task.params.get("preflight") is not False
        actions = self.planned.actions if self.planned else []
        return request_spec(self.goal, self.progress.cluster) if wanted and {*actions} & _PREFLIGHT_ACTIONS else None

    @property
    def patience(self) -> float:
        """Return the maximum time (seconds) that the task waits."""
        return float(self.task.params.get("wait_timeout", 900))

    def mark_converged(self, cluster: Cluster) -> None:
        """Take the observed cluster that is already known to match its goal."""
        self.progress.cluster = cluster
        self._register_secrets(cluster)
        self.planned = Plan([], [], cluster, cluster, {})

    def build_result(self, cluster: Cluster | None, actions: list[str], diff: bool = True) -> Result:
        """Return the result of a successful task, secrets removed."""
        planned = self.planned or Plan([], [], None, None, {})
        if cluster:
            self._register_secrets(cluster)
        latest = cluster or planned.before or {}
        would_be = self.task.check_mode and "create" in actions
        cluster_id = KNOWN_AFTER_CREATE if would_be else latest.get("cluster_id") or self.goal.cluster_id
        shown = cluster_to_result(cluster, self._return_secrets) if cluster else None
        if shown and would_be:
            shown["cluster_id"] = cluster_id
        name = label(latest.get("name") or self.goal.name, cluster_id)
        self._describe(name, planned, cluster, actions)
        result = {
            "changed": bool(actions),
            "msg": self.msg,
            "cluster_id": cluster_id,
            "cluster": shown,
            "actions": list(actions),
            "changes": [change.to_result(self._return_secrets) for change in planned.changes],
            **self.build_capacity(shown, cluster),
        }
        if diff:
            result["diff"] = self._build_diff(planned, latest.get("name") or self.goal.name)
        if self.progress.adopted:
            result["adopted"] = self.task.secrets.redact_text(self.progress.adopted)
        return self.task.secrets.redact(result)

    def _describe(self, name: str, planned: Plan, cluster: Cluster | None, actions: list[str]) -> None:
        """Describe the operations, their impact on a running cluster, and the pending configuration."""
        msg = f"{name}: no change, {(cluster or {}).get('state') or 'absent'}"
        if actions or (cluster or {}).get("modified"):
            from .plan_text import format_plan, impact_of, pending_restart

            self.impact = impact_of(planned) if actions else None
            self.pending = pending_restart(cluster, planned, actions)
            msg = format_plan(name, planned, actions) if actions else msg
        self.msg = self.task.secrets.redact_text(msg)

    def _build_diff(self, planned: Plan, name: str | None) -> Result:
        if not planned.actions:
            return {"before": "", "after": ""}
        from .plan_text import format_diff

        return format_diff(planned, name, self._return_secrets)

    def build_result_for_later(self) -> Result:
        """Return the result in check mode for a cluster that an earlier task would create."""
        self.msg = f"{label(self.goal.name, KNOWN_AFTER_CREATE)}: {BUILDS_ON_CREATE}"
        nothing = {"actions": [], "changes": [], "diff": {"before": "", "after": ""}}
        empty = {"cluster": None, **self.build_capacity(None, None)}
        return {"changed": True, "msg": self.msg, "cluster_id": KNOWN_AFTER_CREATE, **nothing, **empty}

    def build_failure(self, failure: Failure, doing: str | None = None) -> TaskFailed:
        """Return the failure as a result, secrets removed."""
        from .failure import failure_result

        return failure_result(self.task, self.progress, self.build_capacity, failure, doing)

    @property
    def _return_secrets(self) -> bool:
        return bool(self.task.params.get("return_secrets"))

    def build_capacity(self, shown: Result | None, cluster: Cluster | None) -> Result:
        """Return the size of the cluster, and the growth of its running size."""
        before = self.planned.before if self.planned else cluster
        return {
            "capacity": shown["capacity"] if shown else None,
            "capacity_delta": running_delta(before, cluster),
        }

    def check_guardrails_before(self, action: str, cluster: Cluster | None) -> None:
        """Raise ClusterError if a guardrail rejects an action."""
        self.enforce_guardrails([action], cluster, predict(action, self.goal, cluster))

    def _register_secrets(self, cluster: Cluster) -> None:
        register_secrets(cluster, self.task.secrets, self._return_secrets)

    def record(self, cluster: Cluster) -> None:
        """Keep a cluster that was read."""
        self._register_secrets(cluster)
        self.progress.cluster = cluster
