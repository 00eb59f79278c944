# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""What emr_ray_fleet does: one list for all clusters, a plan for each, and then show them or apply them.

Private to this collection.
"""

from __future__ import annotations

import functools

from .._api.rate_limit import Limit
from .._api.settings import resolve_settings
from .._cluster.client import Client, open_client
from .._cluster.lookup import read
from .._cluster.plan import Goal
from .._cluster.workspace_facts import look
from .._errors import Failure, ParameterError
from .._name_pattern import matcher
from .._task.context import Result, Task, check_options, failed
from .cluster_list import Board, Cluster
from .declaration import check_fleet, entries, label, passwords, prune_entry
from .guardrails import FleetGuard
from .member import Member
from .result import Teller, fleet_result
from .scheduler import Crew, End

_PRUNED_STATE = {"stop": "stopped", "delete": "absent"}


def run_fleet(task: Task) -> Result:
    """Bring many clusters to what the task declares, or in check mode tell what that would do.

    Returns ``changed``, ``clusters`` in declared order, ``pruned``, ``summary`` and ``diff``. Raises TaskFailed, with
    the same keys when some of the clusters failed.
    """
    try:
        members = read_members(task)
        with open_client(task, Limit(task.params.get("requests_per_second"), task.clock)) as client:
            fleet = Fleet(task, client, members)
            try:
                fleet.run()
            finally:
                fleet.crew.close()
    except Failure as failure:
        task.secrets.add(*passwords(task.params))
        raise failed(task, "Could not manage the fleet of Ray clusters", failure, {"changed": False}) from None
    return fleet_result(task, fleet.members, fleet.pruned)


def read_members(task: Task) -> list[Member]:
    """Return the declared clusters. Raises ParameterError that names every bad option, before any request."""
    members: list[Member] = []

    def read_all() -> None:
        problems: list[str] = []
        for number, params in enumerate(entries(task.params)):
            try:
                members.append(Member.of(task, params))
            except ParameterError as error:  # noqa: PERF203 - all of them are to be heard
                problems.extend(f"{label(number, params)}: {problem}" for problem in error.problems)
        if problems:
            raise ParameterError(problems)

    check_options(lambda: check_fleet(task.params), read_all, lambda: resolve_settings(task.params, task.environ))
    if any(member.work.task.params.get("return_secrets") for member in members) and not task.no_log:
        task.warn("return_secrets puts secrets into the result: set no_log on this task.")
    return members


class Fleet:
    """The clusters of one task on their way."""

    def __init__(self, task: Task, client: Client, members: list[Member]) -> None:
        self.task = task
        self.client = client
        self.members = members
        self.pruned: list[Member] = []
        self.board = Board(client)
        self.crew = Crew(
            task.params["max_parallel"], task.clock, self.board, lambda cluster_id, left: read(client, cluster_id, left)
        )
        self._teller = Teller(task, self.crew.states)

    def run(self) -> None:
        """Look at all, plan all, and without check mode apply all. Failures stay with their clusters."""
        self._find()
        self._look_and_plan(self.members)
        self._check()
        self._find_pruned()
        self._guard()
        if self.task.check_mode:
            return
        due = [member for member in self.members if member.due]
        pruned = [member for member in self.pruned if member.due]
        self._teller.begin(len(due) + len(pruned))
        size = self.task.params.get("batch_size") or len(due)
        for first in range(0, len(due), size or 1):
            after = first + size
            self._apply(due[first:after], self._why_stop(due[:first][:size]))
        why = "clusters of the fleet failed, so nothing is pruned" if self._failed() else None
        self._apply(pruned, why)

    def _find(self) -> None:
        """Find each declared cluster in one list."""
        now, most = self.task.clock.monotonic(), self.task.params["max_parallel"]
        by_id = all(member.cluster_id for member in self.members) and self.task.params["prune"] == "off"
        if not by_id or len(self.members) > most:
            self.board.scan(self.crew.each, most)
        names: dict[str, list[Cluster]] = {}
        ids: dict[str, Cluster] = {}
        for row in self.board.last():
            names.setdefault(row.get("name") or "", []).append(row)
            ids[row["cluster_id"]] = row
        for member in self.members:
            member.take(names, ids, now)
        self._check_apart()

    def _look_and_plan(self, members: list[Member]) -> None:
        """Read the clusters that the list did not show well enough, and plan all."""

        def look_and_plan(member: Member) -> None:
            # What can be thought while others wait for answers costs no time of its own.
            member.guard(lambda: member.look(self.client))
            member.guard(member.plan)

        self.crew.each(look_and_plan, [member for member in members if member.unclear])
        for member in members:
            if not member.unclear:
                member.guard(member.plan)

    def _check(self) -> None:
        """Hold the plans against what the workspace has, one after the other, where that is asked for."""
        specs = [(member, member.work.to_check) for member in self.members if not member.error]
        asked = [(member, spec) for member, spec in specs if spec is not None]
        if not asked:
            return
        known = look(self.client.caller, *(spec for member, spec in asked))
        for text in known.unseen:
            self.task.warn(text)
        for member, spec in asked:
            known = member.check(spec, known)

    def _guard(self) -> None:
        """Hold all plans together against the guardrails. Raises ClusterError when they are more than may be done.

        From then on each cluster asks before each step, since what is done then need not be what was planned.
        """
        guard = FleetGuard(self.task.params)
        for number, member in enumerate(self.members + self.pruned):
            planned = None if member.error else member.work.planned
            before = planned.before if planned else member.observed
            after = planned.after if planned else before
            guard.plan(number, planned.actions if planned else [], before, after, number >= len(self.members))
            member.work.watch = functools.partial(guard.step, number)
        guard.check()

    def _check_apart(self) -> None:
        """Raise ParameterError when two entries are about the same cluster, one by its id and one by its name."""
        found: dict[str, int] = {}
        problems = []
        for number, member in enumerate(self.members):
            other = found.setdefault(member.cluster_id, number) if member.cluster_id else number
            if other != number:
                both = " and ".join(label(place, self.members[place].work.task.params) for place in (other, number))
                problems.append(f"{both} are the same cluster, {member.cluster_id}")
        if problems:
            raise ParameterError(problems)

    def _find_pruned(self) -> None:
        """Plan what goes of the clusters that nobody declared. Raises ParameterError when it is too much."""
        params = self.task.params
        if params["prune"] == "off":
            return
        fits = matcher(params["prune_pattern"])
        ids = {member.cluster_id for member in self.members}
        names = {member.work.goal.name for member in self.members}
        for row in self.board.last():
            if row["cluster_id"] in ids or row.get("name") in names or not fits.match(row.get("name") or ""):
                continue
            options = prune_entry(params, row)
            goal = Goal(_PRUNED_STATE[params["prune"]], {}, row["cluster_id"], wait=options["wait"])
            member = Member(self.task, options, goal)
            member.take({}, {row["cluster_id"]: row}, self.task.clock.monotonic())
            if member.unclear:
                self.pruned.append(member)
        if len(self.pruned) > params["max_prune"]:
            raise self._too_many_pruned()
        self._look_and_plan(self.pruned)

    def _too_many_pruned(self) -> ParameterError:
        most, pattern = self.task.params["max_prune"], self.task.params["prune_pattern"]
        some = ", ".join(member.name for member in self.pruned[:5]) + (", ..." if len(self.pruned) > 5 else "")
        problem = (
            f"prune: {len(self.pruned)} clusters that are not declared match {pattern!r} ({some}), "
            f"which is more than max_prune, {most}"
        )
        return ParameterError(
            [problem], hint="declare those that are to stay, narrow prune_pattern, or raise max_prune"
        )

    def _apply(self, batch: list[Member], why_not: str | None) -> None:
        """Bring the clusters of a batch to their goals, or leave them out and say why."""
        if why_not is None:
            make = [functools.partial(member.steps, self.client, self.board) for member in batch]
            self.crew.run(
                enumerate(make), lambda end: self._ended(batch[end.key], end), self._teller.beat, self._too_many
            )
            why_not = "more clusters failed than max_failures allows"
        for member in batch:
            if not member.ended and member.error is None:
                member.left_out = why_not

    def _ended(self, member: Member, end: End) -> None:
        member.end(end.cluster, end.error)
        self._teller.ended(member)

    def _failed(self) -> int:
        return sum(member.error is not None for member in self.members)

    def _too_many(self) -> bool:
        most = self.task.params.get("max_failures")
        return most is not None and self._failed() > most

    def _why_stop(self, canaries: list[Member]) -> str | None:
        if any(member.error for member in canaries):
            return "a cluster of the first batch failed, so the next batches were not begun"
        return "more clusters failed than max_failures allows" if self._too_many() else None
