# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""Whether the guardrails of a whole fleet let its plans, and each step that was not planned, through.

Private to this collection.
"""

from __future__ import annotations

import functools
import threading
import typing as t
from decimal import Decimal

from .._cluster.capacity import Amount, at_most
from .._cluster.guardrails import ENDS, broken, size_problems

Row = t.Mapping[str, t.Any]

RULES = ("max_cu", "max_gpus", "max_stopped_fraction", "max_deleted")


class Share(t.NamedTuple):
    """What a cluster adds to the fleet: its size at most, before and after, and what is done to it."""

    before: Amount
    after: Amount
    actions: frozenset[str]


class FleetGuard:
    """The guardrails of one fleet, and what each of its clusters adds. Threads may ask it at the same time."""

    def __init__(self, params: Row) -> None:
        self._rules = {rule: params[rule] for rule in RULES if params.get(rule) is not None}
        self._shares: dict[int, Share] = {}
        self._pruned: set[int] = set()
        self._lock = threading.Lock()

    def plan(self, number: int, actions: t.Iterable[str], before: Row | None, after: Row | None, pruned: bool) -> None:
        """Take the plan of a cluster. Of those that are pruned the size does not count."""
        if pruned:
            self._pruned.add(number)
        if self._rules:
            self._shares[number] = Share(at_most(before), at_most(after), frozenset(actions))

    def check(self) -> None:
        """Raise ClusterError when the plans together are more than the guardrails let through."""
        problems = self._problems()
        if problems:
            raise broken("; ".join(problems))

    def step(self, number: int, actions: t.Iterable[str], before: Row | None, after: Row | None) -> None:
        """Take what is about to be done to a cluster now. Raises ClusterError where that is not let through.

        ``before`` does not count: how large the cluster was is known from its plan.
        """
        del before
        if not self._rules:
            return
        with self._lock:
            share = self._shares[number]
            # A stop changes no size, and of a cluster that is to go the plan has counted nothing.
            size = share.after if ENDS.issuperset(actions) else at_most(after)
            now = Share(share.before, size, share.actions | set(actions))
            if now == share:
                return
            self._shares[number] = now
            problems = self._problems()
            if problems:
                self._shares[number] = share
                raise broken("; ".join(problems))

    def _problems(self) -> list[str]:
        declared = [share for number, share in self._shares.items() if number not in self._pruned]
        before = functools.reduce(Amount.plus, (share.before for share in declared), Amount())
        after = functools.reduce(Amount.plus, (share.after for share in declared), Amount())
        actions = {action for share in declared for action in share.actions}
        problems = size_problems(self._rules, actions, before, after, "the declared clusters together")
        return problems + self._stopped() + self._deleted()

    def _stopped(self) -> list[str]:
        most, count = self._rules.get("max_stopped_fraction"), self._count("stop")
        every = len(self._shares)
        if most is None or count <= Decimal(str(most)) * every:
            return []
        return [f"max_stopped_fraction: {count} of {every} clusters would be stopped, more than the fraction {most:g}"]

    def _deleted(self) -> list[str]:
        most, count = self._rules.get("max_deleted"), self._count("delete")
        if most is None or count <= most:
            return []
        return [f"max_deleted: {count} clusters would be deleted, and at most {most} may be"]

    def _count(self, action: str) -> int:
        return sum(action in share.actions for share in self._shares.values())
