# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""One cluster of a fleet: its work, what is known of it, and how it ended. Private to this collection."""

from __future__ import annotations

import typing as t

from .._cluster.client import Client
from .._cluster.lookup import find_by_id, not_unique, read
from .._cluster.plan import Goal
from .._cluster.preflight import Known
from .._cluster.reconcile import Work, read_goal
from .._cluster.spec import Spec
from .._cluster.waiter import Steps
from .._errors import Failure
from .._task.context import BUG, Result, Task, TaskFailed, bug_of
from .cluster_list import Board, Cluster
from .row_check import shows, suffices

# A cluster that was looked at longer ago (seconds) is looked at again before anything is done to it.
FRESH = 15.0


class Member:
    """A cluster, declared or to be pruned. At the end it has a cluster, an error, or why it was left out."""

    def __init__(self, task: Task, params: t.Mapping[str, t.Any], goal: Goal) -> None:
        self.name = str(params.get("name") or params.get("cluster_id"))
        self.work = Work(task.part(params, lambda text: task.warn(f"{self.name}: {text}")), goal)
        self.cluster_id = goal.cluster_id or ""
        self.observed: Cluster | None = None
        self.unclear = False
        self.idle = True
        self.verify = True
        self.looked = 0.0
        self.cluster: Cluster | None = None
        self.error: TaskFailed | None = None
        self.ended = False
        self.left_out: str | None = None
        self._told: Result | None = None

    @classmethod
    def of(cls, task: Task, params: t.Mapping[str, t.Any]) -> Member:
        """Return a declared cluster. Raises ParameterError that names every bad option."""
        return cls(task, params, read_goal(params))

    def take(self, names: t.Mapping[str, list[Cluster]], ids: t.Mapping[str, Cluster], now: float) -> None:
        """Take what the list, read at ``now``, says of this cluster. It stays unclear when that does not suffice."""
        goal, self.looked = self.work.goal, now
        rows = (
            names.get(goal.name or "", []) if not goal.cluster_id else [ids[i] for i in (goal.cluster_id,) if i in ids]
        )
        if len(rows) > 1:
            self.fail(not_unique(rows))
        elif rows:
            self.cluster_id = rows[0]["cluster_id"]
            self.verify = not shows(goal, rows[0])
            # Rows have no submit token.
            self.unclear = bool(self.work.task.params.get("return_secrets")) or not suffices(goal, rows[0])
            self.observed = rows[0]
        else:
            self.unclear = bool(goal.cluster_id)

    def look(self, client: Client) -> None:
        """Read the cluster with all its fields."""
        self.looked = self.work.task.clock.monotonic()
        goal = self.work.goal
        if goal.cluster_id:
            self.observed = find_by_id(client, goal.cluster_id, may_lack=goal.state == "absent")
        else:
            self.observed = read(client, self.cluster_id)

    def plan(self) -> None:
        """Plan from what is known."""
        if self.observed and not self.unclear:
            self.work.rest(self.observed)
        else:
            self.work.observe(self.observed)
            self.idle = self.work.idle
        if self.idle:
            self.cluster = self.work.progress.cluster
            self._told = self._tell()

    @property
    def due(self) -> bool:
        """Tell whether something is to be done, or to be waited for."""
        return not self.error and not self.idle

    def guard(self, do: t.Callable[[], None]) -> None:
        """Do something, unless this cluster has failed; keep a failure of it."""
        if self.error:
            return
        try:
            do()
            self.cluster = self.work.progress.cluster
        except Exception as error:  # noqa: BLE001 - whatever happens to one cluster is no matter of the others
            self.fail(error)

    def check(self, spec: Spec, known: Known) -> Known:
        """Return what a workspace still has once this cluster has what it needs; a failure is kept."""
        left = [known]
        self.guard(lambda: left.append(self.work.check(spec, known)))
        return left[-1]

    def end(self, cluster: Cluster | None, error: Exception | None) -> None:
        """Keep how the steps ended."""
        self.ended, self.cluster = True, cluster
        if error is not None:
            self.fail(error)

    def fail(self, error: Exception) -> None:
        """Keep why this cluster failed, as the user is told of it."""
        if isinstance(error, Failure):
            self.error = self.work.failed(error)
        else:
            self.error = self.work.failed(bug_of(error), BUG)

    def steps(self, client: Client, board: Board) -> Steps[Cluster | None]:
        """Give the steps to the goal, from a fresh look if the last one is long ago."""
        if self.work.task.clock.monotonic() - self.looked > FRESH:
            if not self.cluster_id:
                self.take({self.name: board.named(self.name)}, {}, self.work.task.clock.monotonic())
            if self.error is None and self.cluster_id:
                self.look(client)
            self.work.observe(self.observed)
        return (yield from self.work.steps(client, board.named, self.verify))

    @property
    def sizes(self) -> tuple[Cluster | None, Cluster | None]:
        """Return the cluster as it was before, and as it is in the end or in check mode would be."""
        planned = self.work.planned
        before = planned.before if planned else self.observed
        if self.error:
            return before, self.work.progress.cluster or before
        return before, planned.after if self.work.task.check_mode and planned else self.cluster

    def result(self) -> Result:
        """Return what the user is told of this cluster; ``diff`` is there only where the work succeeded."""
        return self._told if self._told and not self.error else self._tell()

    def _tell(self) -> Result:
        if self.error:
            return {"name": self.name, "failed": True, "skipped": False, **self.error.result}
        cluster, actions = self.sizes[1], self.work.progress.done
        if self.work.task.check_mode and self.work.planned:
            actions = self.work.planned.actions
        told = self.work.result(cluster, actions, diff=bool(actions))
        kept = {"name": self.name, "failed": False, "skipped": bool(self.left_out), **told}
        return {**kept, "msg": self.left_out} if self.left_out else kept
