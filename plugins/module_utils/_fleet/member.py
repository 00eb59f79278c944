# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""One cluster of a fleet: its work, what is known of it, and how it ended. Private to this collection."""

from __future__ import annotations

import typing as t

from .._cluster.client import ClusterClient
from .._cluster.fields import Cluster, Spec
from .._cluster.lookup import find_by_id, get_cluster_or_none, not_unique_error
from .._cluster.plan import Goal
from .._cluster.preflight import WorkspaceCatalog
from .._cluster.reconcile import ClusterReconciler, read_goal
from .._cluster.waiter import WaitCoroutine
from .._errors import Failure
from .._task.context import BUG_MESSAGE, Result, TaskContext, TaskFailed, internal_error
from .cluster_list import SharedClusterList
from .row_check import row_covers_declared, row_proves_converged

# A cluster that was looked at longer ago (seconds) is looked at again before anything is done to it.
MAX_READ_AGE = 15.0


class FleetCluster:
    """A cluster, declared or to be pruned. At the end it has a cluster, an error, or why it was left out."""

    def __init__(self, task: TaskContext, params: t.Mapping[str, t.Any], goal: Goal) -> None:
        self.name = str(params.get("name") or params.get("cluster_id"))
        self.work = ClusterReconciler(task.for_cluster(params, lambda text: task.warn(f"{self.name}: {text}")), goal)
        self.cluster_id = goal.cluster_id or ""
        self.observed: Cluster | None = None
        self.needs_read = False
        self.is_converged = True
        self.verify = True
        self.read_at = 0.0
        self.cluster: Cluster | None = None
        self.error: TaskFailed | None = None
        self.ended = False
        self.skip_reason: str | None = None
        self._result_before_apply: Result | None = None

    @classmethod
    def from_options(cls, task: TaskContext, params: t.Mapping[str, t.Any]) -> FleetCluster:
        """Return a declared cluster. Raises ParameterError that names every bad option."""
        return cls(task, params, read_goal(params))

    def match_rows(self, names: t.Mapping[str, list[Cluster]], ids: t.Mapping[str, Cluster], now: float) -> None:
        """Take what the list, read at ``now``, says of this cluster. It stays unclear when that does not suffice."""
        goal, self.read_at = self.work.goal, now
        rows = (
            names.get(goal.name or "", []) if not goal.cluster_id else [ids[i] for i in (goal.cluster_id,) if i in ids]
        )
        if len(rows) > 1:
            self.record_failure(not_unique_error(rows))
        elif rows:
            self.cluster_id = rows[0]["cluster_id"]
            self.verify = not row_covers_declared(goal, rows[0])
            # Rows have no submit token.
            self.needs_read = bool(self.work.task.params.get("return_secrets")) or not row_proves_converged(
                goal, rows[0]
            )
            self.observed = rows[0]
        else:
            self.needs_read = bool(goal.cluster_id)

    def refresh(self, client: ClusterClient) -> None:
        """Read the cluster with all its fields."""
        self.read_at = self.work.task.clock.monotonic()
        goal = self.work.goal
        if goal.cluster_id:
            self.observed = find_by_id(client, goal.cluster_id, may_lack=goal.state == "absent")
        else:
            self.observed = get_cluster_or_none(client, self.cluster_id)

    def plan(self) -> None:
        """Plan from what is known."""
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
        """Tell whether something is to be done, or to be waited for."""
        return not self.error and not self.is_converged

    def catching(self, do: t.Callable[[], None]) -> None:
        """Do something, unless this cluster has failed; keep a failure of it."""
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
        self.catching(lambda: catalogs.append(self.work.run_preflight(spec, known)))
        return catalogs[-1]

    def record_outcome(self, cluster: Cluster | None, error: Exception | None) -> None:
        """Keep how the steps ended."""
        self.ended, self.cluster = True, cluster
        if error is not None:
            self.record_failure(error)

    def record_failure(self, error: Exception) -> None:
        """Keep why this cluster failed, as the user is told of it."""
        if isinstance(error, Failure):
            self.error = self.work.build_failure(error)
        else:
            self.error = self.work.build_failure(internal_error(error), BUG_MESSAGE)

    def reconcile_steps(self, client: ClusterClient, board: SharedClusterList) -> WaitCoroutine[Cluster | None]:
        """Give the steps to the goal, from a fresh look if the last one is long ago."""
        if self.work.task.clock.monotonic() - self.read_at > MAX_READ_AGE:
            if not self.cluster_id:
                self.match_rows({self.name: board.by_name(self.name)}, {}, self.work.task.clock.monotonic())
            if self.error is None and self.cluster_id:
                self.refresh(client)
            self.work.plan_from(self.observed)
        return (yield from self.work.reconcile_steps(client, board.by_name, self.verify))

    @property
    def before_and_after(self) -> tuple[Cluster | None, Cluster | None]:
        """Return the cluster as it was before, and as it is in the end or in check mode would be."""
        planned = self.work.planned
        before = planned.before if planned else self.observed
        if self.error:
            return before, self.work.progress.cluster or before
        return before, planned.after if self.work.task.check_mode and planned else self.cluster

    def result(self) -> Result:
        """Return what the user is told of this cluster; ``diff`` is there only where the work succeeded."""
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
