# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""Check the plans of a fleet, and each step that was not planned, against its guardrails."""

from __future__ import annotations

import functools
import threading
import typing as t
from decimal import Decimal

from .._cluster.capacity import Resources, max_resources
from .._cluster.fields import Cluster
from .._cluster.guardrails import DESTRUCTIVE_ACTIONS, find_size_violations, guardrail_error
from .._payload import Params

GUARDRAIL_OPTIONS = ("max_cu", "max_gpus", "max_stopped_fraction", "max_deleted")


class ClusterImpact(t.NamedTuple):
    """A cluster's share of the fleet: its maximum size before and after, and its operations."""

    before: Resources
    after: Resources
    actions: frozenset[str]


class FleetGuardrails:
    """The guardrails of one fleet, and the share of each of its clusters. Threads may call it concurrently."""

    def __init__(self, params: Params) -> None:
        self._rules = {rule: params[rule] for rule in GUARDRAIL_OPTIONS if params.get(rule) is not None}
        self._impacts: dict[int, ClusterImpact] = {}
        self._pruned: set[int] = set()
        self._lock = threading.Lock()

    def add_plan(
        self, number: int, actions: t.Iterable[str], before: Cluster | None, after: Cluster | None, pruned: bool
    ) -> None:
        """Take the plan of a cluster. The size of a pruned cluster does not count."""
        if pruned:
            self._pruned.add(number)
        if self._rules:
            self._impacts[number] = ClusterImpact(max_resources(before), max_resources(after), frozenset(actions))

    def check(self) -> None:
        """Raise ClusterError if the plans together exceed the guardrails."""
        problems = self._find_violations()
        if problems:
            raise guardrail_error("; ".join(problems))

    def check_step(self, number: int, actions: t.Iterable[str], _before: Cluster | None, after: Cluster | None) -> None:
        """Take the next change of a cluster. Raises ClusterError if a guardrail rejects it.

        ``_before`` does not count: the size of the cluster is known from its plan.
        """
        if not self._rules:
            return
        with self._lock:
            impact = self._impacts[number]
            # A stop changes no size, and the plan counts no size for a cluster that will be deleted.
            size = impact.after if DESTRUCTIVE_ACTIONS.issuperset(actions) else max_resources(after)
            updated = ClusterImpact(impact.before, size, impact.actions | set(actions))
            if updated == impact:
                return
            self._impacts[number] = updated
            problems = self._find_violations()
            if problems:
                self._impacts[number] = impact
                raise guardrail_error("; ".join(problems))

    def _find_violations(self) -> list[str]:
        declared = [share for number, share in self._impacts.items() if number not in self._pruned]
        before = functools.reduce(Resources.plus, (share.before for share in declared), Resources())
        after = functools.reduce(Resources.plus, (share.after for share in declared), Resources())
        actions = {action for share in declared for action in share.actions}
        problems = find_size_violations(self._rules, actions, before, after, "all declared clusters together")
        return problems + self._find_stopped_violations() + self._find_deleted_violations()

    def _find_stopped_violations(self) -> list[str]:
        most, count = self._rules.get("max_stopped_fraction"), self._count_action("stop")
        cluster_count = len(self._impacts)
        if most is None or count <= Decimal(str(most)) * cluster_count:
            return []
        stopped = f"{count} of {cluster_count} clusters would be stopped"
        return [f"max_stopped_fraction: {stopped}, which is more than {most:g}"]

    def _find_deleted_violations(self) -> list[str]:
        most, count = self._rules.get("max_deleted"), self._count_action("delete")
        if most is None or count <= most:
            return []
        return [f"max_deleted: {count} clusters would be deleted, but at most {most} are allowed"]

    def _count_action(self, action: str) -> int:
        return sum(action in share.actions for share in self._impacts.values())
