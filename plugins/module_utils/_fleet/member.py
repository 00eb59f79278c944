# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""Track one cluster of a fleet: its goal, its observed state, and its result."""

from __future__ import annotations

import typing as t

from .._cluster.absence import reject_uncertain, stable_cluster_list
from .._cluster.client import ClusterClient
from .._cluster.fields import Cluster, HeadSpec, Spec
from .._cluster.lookup import NameLookup, find_by_id
from .._cluster.plan import Goal, is_converged
from .._cluster.preflight import WorkspaceCatalog, run_preflight
from .._cluster.reconcile import ClusterReconciler, read_task_goal
from .._cluster.result import HEAD_ONLY_IN_GET, ONLY_IN_GET, WORKER_ONLY_IN_GET
from .._cluster.steps import reconcile_steps
from .._errors import Failure
from .._task.context import Result, TaskContext, TaskFailed, builds_on_create
from .._task.failures import BUG_MESSAGE, internal_error
from .._task.waiting import WaitCoroutine
from .cluster_list import SharedClusterList

# Seconds after which a cluster is read again before the first operation.
MAX_READ_AGE = 15.0


class FleetCluster:
    """A declared cluster, or one to prune. At the end, it has a cluster, an error, or the reason why it was skipped."""

    def __init__(self, task: TaskContext, params: t.Mapping[str, object], goal: Goal) -> None:
        self.name = str(params.get("name") or params.get("cluster_id"))
        self.work = ClusterReconciler(task.for_cluster(params, lambda text: task.warn(f"{self.name}: {text}")), goal)
        self.lookup = NameLookup(goal)
        self.cluster_id = goal.cluster_id or ""
        self._candidates: list[Cluster] = []
        self.observed: Cluster | None = None
        self.needs_read = False
        self.builds_on_create = False
        self.is_converged = True
        self.is_pruned = False
        self.read_at = 0.0
        self.cluster: Cluster | None = None
        self.error: TaskFailed | None = None
        self.ended = False
        self.skip_reason: str | None = None
        self._result_before_apply: Result | None = None

    @classmethod
    def from_options(cls, task: TaskContext, params: t.Mapping[str, object]) -> FleetCluster:
        """Return a declared cluster. Raises ParameterError that names every bad option."""
        check = task.for_cluster(params, task.warn)
        member = cls(task, params, read_task_goal(check))
        if builds_on_create(check, "cluster_id"):
            member.builds_on_create, member.cluster_id = True, ""
        return member

    def match_rows(self, names: t.Mapping[str, list[Cluster]], ids: t.Mapping[str, Cluster], now: float) -> None:
        """Take what the list, read at ``now``, says of this cluster. If that does not suffice, ``needs_read`` is true.

        Several rows of one name may be one cluster and others that were deleted.
        """
        goal, self.read_at = self.work.goal, now
        if self.builds_on_create:
            return
        if goal.cluster_id:
            rows = [ids[i] for i in (goal.cluster_id,) if i in ids]
        else:
            rows = self.lookup.match(names.get(goal.name or "", []))
        self._candidates, self.observed = rows, None
        if len(rows) == 1:
            self.cluster_id = rows[0]["cluster_id"]
            # Rows have no submit token.
            self.needs_read = bool(self.work.task.params.get("return_secrets")) or not _proves_converged(goal, rows[0])
            self.observed = rows[0]
        else:
            self.needs_read = bool(goal.cluster_id or rows)

    @property
    def is_missing(self) -> bool:
        """Return whether no cluster with the declared name was found."""
        return not self.error and not self.work.goal.cluster_id and self.observed is None

    def refresh(self, client: ClusterClient) -> None:
        """Read the cluster with all its fields."""
        self.read_at = self.work.task.clock.monotonic()
        goal = self.work.goal
        if goal.cluster_id:
            self.observed = find_by_id(client, goal.cluster_id, may_lack=goal.state == "absent" or self.is_pruned)
        elif self._candidates:
            self.observed = self.lookup.read(client, self._candidates)
            self.cluster_id = self.observed["cluster_id"] if self.observed else ""
        else:
            self.observed = client.get_cluster(self.cluster_id)

    def reject_uncertain(self, cluster_list: SharedClusterList, rows: t.Iterable[Cluster]) -> None:
        """Raise ClusterError where a row may be this cluster in another spelling of its name."""
        rows = list(cluster_list.rows_beside(rows, self.name))
        self.work.known_names = [row.get("name") for row in rows]
        reject_uncertain(self.lookup, rows)
        self.work.other_ids = self.lookup.other_ids

    def plan(self) -> None:
        """Plan from the last read."""
        if self.builds_on_create:
            later = self.work.build_result_for_later()
            self._result_before_apply = {"name": self.name, "failed": False, "skipped": False, **later}
            return
        if self.observed and not self.needs_read:
            self.work.mark_converged(self.observed)
        else:
            self.work.plan_from(self.observed)
            self.is_converged = self.work.is_converged
        if self.is_converged:
            self.cluster = self.work.progress.cluster
            self._result_before_apply = self._build_result()

    @property
    def needs_action(self) -> bool:
        """Return whether an operation or a wait remains."""
        return not self.error and not self.is_converged

    def catching(self, do: t.Callable[[], None]) -> None:
        """Execute a function, unless this cluster has failed; keep its failure."""
        if self.error:
            return
        try:
            do()
            self.cluster = self.work.progress.cluster
        except Exception as error:  # noqa: BLE001 - whatever happens to one cluster is no matter of the others
            self.record_failure(error)

    def run_preflight(self, spec: Spec, known: WorkspaceCatalog) -> WorkspaceCatalog:
        """Return what a workspace still has once this cluster has what it needs; a failure is kept."""
        catalogs = [known]
        self.catching(lambda: catalogs.append(run_preflight(self.work, spec, known)))
        return catalogs[-1]

    def record_outcome(self, cluster: Cluster | None, error: Exception | None) -> None:
        """Keep the outcome of the steps."""
        self.ended, self.cluster = True, cluster
        if error is not None:
            self.record_failure(error)

    def record_failure(self, error: Exception) -> None:
        """Keep the failure of this cluster as a result."""
        if isinstance(error, Failure):
            self.error = self.work.build_failure(error)
        else:
            self.error = self.work.build_failure(internal_error(error), BUG_MESSAGE)

    def reconcile_steps(self, client: ClusterClient, cluster_list: SharedClusterList) -> WaitCoroutine[Cluster | None]:
        """Yield the steps to the goal, from a fresh read if the last one is long ago."""
        if self.work.task.clock.monotonic() - self.read_at > MAX_READ_AGE:
            if self.cluster_id:
                self.refresh(client)
            else:
                self._find_again(client, cluster_list)
            self.work.plan_from(self.observed)

        def list_rows() -> list[Cluster]:
            return cluster_list.rows_beside(cluster_list.read_rows(), self.name)

        return (yield from reconcile_steps(self.work, client, list_rows))

    def _find_again(self, client: ClusterClient, cluster_list: SharedClusterList) -> None:
        """Find a cluster that was missing, or prove again that it is."""
        task = self.work.task
        deadline = task.clock.monotonic() + self.work.patience
        reader = stable_cluster_list(client, task.clock, deadline, task.progress)
        rows = cluster_list.prove(reader, lambda latest: bool(self.lookup.match(latest)))
        self.match_rows({self.name: rows}, {}, task.clock.monotonic())
        if self._candidates:
            self.refresh(client)
        if self.observed is None:
            self.reject_uncertain(cluster_list, rows)

    @property
    def before_and_after(self) -> tuple[Cluster | None, Cluster | None]:
        """Return the cluster before the run, and the final or predicted one."""
        planned = self.work.planned
        before = planned.before if planned else self.observed
        if self.error:
            return before, self.work.progress.cluster or before
        return before, planned.after if self.work.task.check_mode and planned else self.cluster

    def result(self) -> Result:
        """Return the result of this cluster; ``diff`` is there only where the work succeeded."""
        return self._result_before_apply if self._result_before_apply and not self.error else self._build_result()

    def _build_result(self) -> Result:
        if self.error:
            return {"name": self.name, "failed": True, "skipped": False, **self.error.result}
        cluster, actions = self.before_and_after[1], self.work.progress.done
        if self.work.task.check_mode and self.work.planned:
            actions = self.work.planned.actions
        cluster_result = self.work.build_result(cluster, actions, diff=bool(actions))
        full_result = {"name": self.name, "failed": False, "skipped": bool(self.skip_reason), **cluster_result}
        return {**full_result, "msg": self.skip_reason} if self.skip_reason else full_result


def _proves_converged(goal: Goal, row: Cluster) -> bool:
    """Return whether a row shows that there is no step to take or wait for; if not, the cluster must be read."""
    return _covers_declared(goal, row) and is_converged(goal, row)


def _covers_declared(goal: Goal, row: Cluster) -> bool:
    """Return whether a row shows every declared field of the spec.

    A field without a value proves nothing: rows lack some fields (ListRayCluster of the official SDK 2.3.0), and a
    service may omit others.
    """
    spec = goal.spec
    head: HeadSpec = spec.get("head_spec", {})
    groups = spec.get("worker_spec", [])
    top_level = {field: value for field, value in spec.items() if field not in ("head_spec", "worker_spec")}
    observed_groups = {group.get("group_name"): group for group in row.get("worker_spec") or []}
    if goal.state == "absent":
        return True
    if not _covers_fields(row, top_level, ONLY_IN_GET) or not _covers_fields(
        row.get("head_spec") or {}, head, HEAD_ONLY_IN_GET
    ):
        return False
    return all(
        _covers_fields(observed_groups.get(group["group_name"], {}), group, WORKER_ONLY_IN_GET) for group in groups
    )


def _covers_fields(
    observed: t.Mapping[str, object], declared: t.Mapping[str, object], hidden: t.Container[str]
) -> bool:
    return all(field not in hidden and observed.get(field) is not None for field in declared)
