# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""Run emr_ray_fleet: read one list for all clusters, plan each, then show or apply the plans."""

from __future__ import annotations

import functools
import typing as t

from .._api.rate_limit import RateLimiter
from .._api.settings import resolve_settings
from .._cluster.absence import stable_cluster_list
from .._cluster.client import ClusterClient, open_client
from .._cluster.fields import Cluster
from .._cluster.plan import Goal
from .._cluster.similar_names import find_altered, fold_name
from .._cluster.stuck import explain_start
from .._cluster.workspace_facts import load_catalog
from .._errors import ClusterError, Failure, ParameterError, Problems
from .._name_pattern import compile_name_pattern
from .._task.context import Result, TaskContext, builds_on_create
from .._task.failures import task_failure
from .._workspace.queue_usage import explain_queues
from .cluster_list import SharedClusterList
from .declaration import build_cluster_options, build_prune_options, check_fleet_options, format_entry_label, passwords
from .guardrails import FleetGuardrails
from .member import FleetCluster
from .result import ProgressReporter, build_fleet_result
from .scheduler import Outcome, Scheduler

_STATE_AFTER_PRUNE = {"stop": "stopped", "delete": "absent"}


def run_fleet(task: TaskContext) -> Result:
    """Reconcile many clusters with their declaration, or report the changes in check mode.

    Returns ``changed``, ``clusters`` in declared order, ``pruned``, ``summary``, and ``diff``. Raises TaskFailed, with
    the same keys if some of the clusters failed.
    """
    try:
        members = read_declared_clusters(task)
        if builds_on_create(task, "workspace_id"):
            for member in members:
                member.catching(member.plan)
            return build_fleet_result(task, members, [])
        with open_client(task, RateLimiter(task.params.get("requests_per_second"), task.clock)) as client:
            fleet = FleetReconciler(task, client, members)
            try:
                fleet.run()
            finally:
                fleet.scheduler.close()
    except Failure as failure:
        task.secrets.add(*passwords(task.params))
        raise task_failure(task, "Could not manage the fleet of Ray clusters", failure, {"changed": False}) from None
    return build_fleet_result(task, fleet.members, fleet.pruned)


def read_declared_clusters(task: TaskContext) -> list[FleetCluster]:
    """Return the declared clusters. Raises ParameterError that names every bad option, before any request."""
    members: list[FleetCluster] = []
    problems = Problems()
    with problems:
        check_fleet_options(task.params)
    for number, params in enumerate(build_cluster_options(task.params)):
        with problems.of(format_entry_label(number, params)):
            members.append(FleetCluster.from_options(task, params))
    if not builds_on_create(task, "workspace_id"):
        with problems:
            resolve_settings(task.params, task.environ)
    problems.raise_any()
    if any(member.work.task.params.get("return_secrets") for member in members) and not task.no_log:
        task.warn("return_secrets adds secrets to the result: set no_log on this task.")
    return members


class FleetReconciler:
    """The clusters of one task in progress."""

    def __init__(self, task: TaskContext, client: ClusterClient, members: list[FleetCluster]) -> None:
        self.task = task
        self.client = client
        self.members = members
        self.pruned: list[FleetCluster] = []
        # Many clusters may wait for the same queue.
        self._explain_queues = functools.lru_cache(functools.partial(explain_queues, client.session))
        self.cluster_list = SharedClusterList(client, (member.work.goal.name for member in members))
        self.scheduler = Scheduler(
            task.params["max_parallel"],
            task.clock,
            self.cluster_list,
            client.get_cluster,
        )
        self._progress_reporter = ProgressReporter(task, self.scheduler.parked_states)

    def run(self) -> None:
        """Read all, plan all, and apply all unless in check mode. A failure affects only its own cluster."""
        self._match_declared()
        self._refresh_and_plan(self.members)
        self._prove_missing()
        self._run_preflight()
        self._plan_pruning()
        self._check_guardrails()
        if self.task.check_mode:
            return
        due = [member for member in self.members if member.needs_action]
        pruned = [member for member in self.pruned if member.needs_action]
        self._progress_reporter.start(len(due) + len(pruned))
        size = self.task.params.get("batch_size") or len(due)
        for first in range(0, len(due), size or 1):
            after = first + size
            self._apply(due[first:after], self._skip_reason(due[:first][:size]))
        skip_reason = "clusters of the fleet failed, so no cluster is pruned" if self._count_failed() else None
        self._apply(pruned, skip_reason)

    def _match_declared(self) -> None:
        """Find all declared clusters in one list."""
        now, most = self.task.clock.monotonic(), self.task.params["max_parallel"]
        by_id = all(member.cluster_id for member in self.members) and self.task.params["prune"] == "off"
        if not by_id or len(self.members) > most:
            self.cluster_list.load(self.scheduler.map, most, stop_at_short_page=self.task.params["prune"] == "off")
        names, ids = _index_rows(self.cluster_list.cached_rows())
        for member in self.members:
            member.match_rows(names, ids, now)
        self._reject_duplicates()

    def _prove_missing(self) -> None:
        """Prove that the clusters that were not found do not exist, and plan them."""
        missing = [member for member in self.members if member.is_missing]
        if not missing:
            return
        clock = self.task.clock
        deadline = clock.monotonic() + max(member.work.patience for member in missing)
        reader = stable_cluster_list(self.client, clock, deadline, self.task.progress)
        try:
            rows = self.cluster_list.prove(reader, lambda latest: all(m.lookup.match(latest) for m in missing))
        except Failure as failure:
            for member in missing:
                member.record_failure(failure)
            return
        names, ids = _index_rows(rows)
        for member in missing:
            member.match_rows(names, ids, clock.monotonic())
        self._reject_duplicates()
        self._refresh_and_plan(missing)
        for member in missing:
            if member.is_missing:
                member.catching(functools.partial(member.reject_uncertain, self.cluster_list, rows))
                member.catching(member.plan)

    def _refresh_and_plan(self, members: list[FleetCluster]) -> None:
        """Read the clusters whose rows do not suffice, and plan all clusters.

        A list may be outdated, so a small fleet reads the clusters whose rows are as declared, too: one round of
        requests. In a larger fleet, that would cost far more than the list.
        """
        trusted = [member for member in members if member.observed and not member.needs_read]
        if len(trusted) <= self.task.params["max_parallel"]:
            for member in trusted:
                member.needs_read = True

        def refresh_and_plan(member: FleetCluster) -> None:
            # Computing while other threads wait for responses takes no extra time.
            member.catching(lambda: member.refresh(self.client))
            if not member.is_missing:
                member.catching(member.plan)

        self.scheduler.map(refresh_and_plan, [member for member in members if member.needs_read])
        for member in members:
            if not member.needs_read and not member.is_missing:
                member.catching(member.plan)

    def _run_preflight(self) -> None:
        """Check the plans against the workspace, one after the other, if the task asks for it."""
        specs = [(member, member.work.preflight_spec) for member in self.members if not member.error]
        to_check = [(member, spec) for member, spec in specs if spec is not None]
        if not to_check:
            return
        catalog = load_catalog(self.client.session, *(spec for member, spec in to_check))
        for text in catalog.unavailable:
            self.task.warn(text)
        for member, spec in to_check:
            catalog = member.run_preflight(spec, catalog)

    def _check_guardrails(self) -> None:
        """Check all plans together against the guardrails. Raises ClusterError if they exceed a limit.

        From then on, each cluster asks before each step, because a step may differ from the plan.
        """
        guard = FleetGuardrails(self.task.params)
        for number, member in enumerate(self.members + self.pruned):
            planned = None if member.error else member.work.planned
            before = planned.before if planned else member.observed
            after = planned.after if planned else before
            guard.add_plan(number, planned.actions if planned else [], before, after, number >= len(self.members))
            member.work.watch = functools.partial(guard.check_step, number)
        guard.check()

    def _reject_duplicates(self) -> None:
        """Raise ParameterError if two entries refer to the same cluster, one by its id and one by its name."""
        first_entries: dict[str, int] = {}
        problems = []
        for number, member in enumerate(self.members):
            other = first_entries.setdefault(member.cluster_id, number) if member.cluster_id else number
            if other != number:
                both = " and ".join(
                    format_entry_label(place, self.members[place].work.task.params) for place in (other, number)
                )
                problems.append(f"{both} refer to the same cluster, {member.cluster_id}")
        if problems:
            raise ParameterError(problems)

    def _plan_pruning(self) -> None:
        """Plan the removal of undeclared clusters. Raises ParameterError if it exceeds the limit."""
        params = self.task.params
        if params["prune"] == "off":
            return
        name_filter = compile_name_pattern(params["prune_pattern"])
        ids = {member.cluster_id for member in self.members} | self._find_similar_ids()
        names = {member.work.goal.name for member in self.members}
        for row in self.cluster_list.cached_rows():
            if row["cluster_id"] in ids or row.get("name") in (None, "", *names):
                continue
            if not name_filter.match(row["name"]):
                continue
            options = build_prune_options(params, row)
            goal = Goal(_STATE_AFTER_PRUNE[params["prune"]], {}, row["cluster_id"], wait=options["wait"])
            member = FleetCluster(self.task, options, goal)
            member.is_pruned = True
            member.match_rows({}, {row["cluster_id"]: row}, self.task.clock.monotonic())
            if member.needs_read:
                self.pruned.append(member)
        if len(self.pruned) > params["max_prune"]:
            raise self._max_prune_error()

        def refresh(member: FleetCluster) -> None:
            member.catching(lambda: member.refresh(self.client))

        self.scheduler.map(refresh, self.pruned)
        # A list may still show a cluster that was deleted.
        self.pruned = [member for member in self.pruned if member.observed or member.error]
        for member in self.pruned:
            member.catching(member.plan)

    def _find_similar_ids(self) -> set[str]:
        """Return the ids of clusters that may be declared ones under another spelling, which are never pruned."""
        rows = self.cluster_list.cached_rows()
        similar: dict[str, Cluster] = {}
        folded = {fold_name(name) for name in (member.work.goal.name for member in self.members) if name}
        for row in rows:
            if row.get("name") and fold_name(row["name"]) in folded:
                similar[row["cluster_id"]] = row
        for member in self.members:
            if member.observed is None and member.work.goal.name:
                beside = self.cluster_list.rows_beside(rows, member.name)
                similar |= {row["cluster_id"]: row for row in find_altered(member.name, member.work.goal.spec, beside)}
        return set(similar)

    def _max_prune_error(self) -> ParameterError:
        most, pattern = self.task.params["max_prune"], self.task.params["prune_pattern"]
        some = ", ".join(member.name for member in self.pruned[:5]) + (", ..." if len(self.pruned) > 5 else "")
        problem = (
            f"prune: {len(self.pruned)} clusters that are not declared match {pattern!r} ({some}), "
            f"which is more than max_prune, {most}"
        )
        return ParameterError([problem], hint="declare the clusters to keep, narrow prune_pattern, or raise max_prune")

    def _apply(self, batch: list[FleetCluster], skip_reason: str | None) -> None:
        """Bring the clusters of a batch to their goals, or skip them and record the reason."""
        if skip_reason is None:
            step_factories = [
                functools.partial(member.reconcile_steps, self.client, self.cluster_list) for member in batch
            ]
            self.scheduler.run(
                enumerate(step_factories),
                lambda end: self._record_outcome(batch[end.key], end),
                self._progress_reporter.heartbeat,
                self._exceeds_max_failures,
            )
            skip_reason = "more clusters failed than max_failures allows"
        for member in batch:
            if not member.ended and member.error is None:
                member.skip_reason = skip_reason

    def _record_outcome(self, member: FleetCluster, end: Outcome) -> None:
        if isinstance(end.error, ClusterError):
            explain_start(end.error, member.work.progress.cluster, self._explain_queues)
        member.record_outcome(end.cluster, end.error)
        self._progress_reporter.report_outcome(member)

    def _count_failed(self) -> int:
        return sum(member.error is not None for member in self.members)

    def _exceeds_max_failures(self) -> bool:
        max_failures = self.task.params.get("max_failures")
        return max_failures is not None and self._count_failed() > max_failures

    def _skip_reason(self, canaries: list[FleetCluster]) -> str | None:
        if any(member.error for member in canaries):
            return "a cluster of the first batch failed, so the next batches were not started"
        return "more clusters failed than max_failures allows" if self._exceeds_max_failures() else None


def _index_rows(rows: t.Iterable[Cluster]) -> tuple[dict[str, list[Cluster]], dict[str, Cluster]]:
    """Return the rows by name, and by id."""
    names: dict[str, list[Cluster]] = {}
    for row in rows:
        names.setdefault(row.get("name") or "", []).append(row)
    return names, {row["cluster_id"]: row for row in rows}
