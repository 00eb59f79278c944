# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""Report on a fleet: lines of progress while it works, warnings, and the result."""

from __future__ import annotations

import functools
import typing as t
from collections import Counter

from .._cluster.capacity import (
    BOUNDS,
    ResourceBounds,
    Resources,
    bounds_to_result,
    delta_to_result,
    resource_bounds,
    running_or_none,
)
from .._cluster.result import label
from .._errors import Failure
from .._task.context import Result, TaskContext
from .._task.failures import task_failure
from .._task.waiting import HEARTBEAT_SECONDS
from .member import FleetCluster

# The number of failures in the message; the result has all of them.
MAX_FAILURES_IN_MESSAGE = 3


class ProgressReporter:
    """Shows the progress of the fleet: a line for each cluster that ends, and at least one every half minute."""

    def __init__(self, task: TaskContext, states: t.Callable[[], list[str]]) -> None:
        self._task = task
        self._states = states
        self._all = self._done = self._failed = 0
        self._started = self._last_report_at = 0.0

    def start(self, count: int) -> None:
        """Remember the number of clusters with work to do."""
        self._all = count
        self._started = self._last_report_at = self._task.clock.monotonic()

    def report_outcome(self, member: FleetCluster) -> None:
        """Report the outcome of a cluster."""
        self._done += 1
        if member.error:
            self._failed += 1
            self._task.progress(member.error.result["msg"])
        else:
            state = (member.cluster or {}).get("state") or "gone"
            self._task.progress(f"{member.name}: {', '.join(member.work.progress.done) or 'waited'}, {state}")

    def heartbeat(self) -> None:
        """Report how many clusters are done, and the states of the others."""
        now = self._task.clock.monotonic()
        if now - self._last_report_at < HEARTBEAT_SECONDS:
            return
        self._last_report_at = now
        states = ", ".join(f"{count} {state}" for state, count in sorted(Counter(self._states()).items()))
        self._task.progress(
            f"fleet: {self._done} of {self._all} done, {self._failed} failed, waiting for {states or 'answers'}, "
            f"{now - self._started:.0f} s"
        )


def build_fleet_result(task: TaskContext, members: list[FleetCluster], pruned: list[FleetCluster]) -> Result:
    """Return the result of a fleet. Raises TaskFailed with the same keys when a cluster failed or was skipped."""
    declared_results = [member.result() for member in members]
    pruned_results = [member.result() for member in pruned]
    changed = [entry for entry in declared_results + pruned_results if entry["changed"]]
    summary = {**_build_summary(declared_results, pruned_results), **_build_capacity(members, pruned)}
    result: Result = {
        "changed": bool(changed),
        "plan": [entry["msg"] for entry in changed if not entry["failed"]],
        "clusters": declared_results,
        "pruned": pruned_results,
        "summary": summary,
        "diff": [entry["diff"] for entry in changed if "diff" in entry],
    }
    for entry in declared_results + pruned_results:
        entry.pop("diff", None)
    _warn_impacts(task, members + pruned)
    failed_members = [member for member in members + pruned if member.error]
    if not failed_members:
        return {**result, "msg": _build_message(changed, members + pruned)}
    raise task_failure(
        task,
        _build_failure_summary(len(members + pruned), result["summary"]),
        _combine_failures(failed_members),
        result,
    )


def _build_message(changed: list[Result], members: list[FleetCluster]) -> str:
    """Return the plan of the fleet in one line: how many clusters change, and what that does to running ones."""
    impacts = Counter(member.work.impact for member in members if member.work.impact and not member.error)
    texts = [f"{impact} ({number})" for impact, number in sorted(impacts.items())]
    return "; ".join([f"{len(changed)} of {len(members)} Ray clusters change", *texts])


def _warn_impacts(task: TaskContext, members: list[FleetCluster]) -> None:
    """Warn about pending restarts, and in check mode name each restart, stop, and deletion."""
    groups: dict[str, list[str]] = {}
    for member in members:
        work, cluster_id = member.work, member.cluster_id
        if member.error or member.skip_reason:
            continue
        if work.impact and task.check_mode:
            groups.setdefault(f"Planned: {work.impact}", []).append(label(member.name, cluster_id))
        if work.pending:
            groups.setdefault(work.pending, []).append(label(member.name, cluster_id))
    if groups:
        from .._cluster.plan_text import name_clusters

        for text in name_clusters(groups):
            task.warn(text)


def _build_summary(told: list[Result], gone: list[Result]) -> Result:
    all_results = told + gone
    successful = [entry for entry in told if not entry["failed"] and not entry["skipped"]]
    return {
        "declared": len(told),
        "changed": sum(entry["changed"] for entry in successful),
        "unchanged": sum(not entry["changed"] for entry in successful),
        "failed": sum(entry["failed"] for entry in all_results),
        "skipped": sum(entry["skipped"] for entry in all_results),
        "pruned": sum(entry["changed"] for entry in gone),
        "actions": dict(sorted(Counter(action for entry in all_results for action in entry["actions"]).items())),
    }


def _build_capacity(members: list[FleetCluster], pruned: list[FleetCluster]) -> Result:
    """Return the total size of the declared clusters, the running part of it, and its growth."""
    pairs = [member.before_and_after for member in members + pruned]
    clusters_after = [after for before, after in pairs[: len(members)]]
    running = [[resource_bounds(running_or_none(side)) for side in pair] for pair in pairs]
    had, has = (sum_bounds(pair[side] for pair in running) for side in (0, 1))
    return {
        "capacity": bounds_to_result(sum_bounds(map(resource_bounds, clusters_after))),
        "capacity_running": bounds_to_result(sum_bounds(pair[1] for pair in running[: len(members)])),
        "capacity_delta": delta_to_result(had, has),
    }


def _build_failure_summary(count: int, summary: Result) -> str:
    skipped = f", {summary['skipped']} were not started" if summary["skipped"] else ""
    return f"{summary['failed']} of {count} Ray clusters failed{skipped}"


def _combine_failures(wrong: list[FleetCluster]) -> Failure:
    texts = [member.error.result["msg"] for member in wrong if member.error]
    more = f"; and {len(texts) - MAX_FAILURES_IN_MESSAGE} more" if len(texts) > MAX_FAILURES_IN_MESSAGE else ""
    failure = Failure("; ".join(texts[:MAX_FAILURES_IN_MESSAGE]) + more)
    failure.code = "ClustersFailed"
    return failure


def sum_bounds(sizes: t.Iterable[ResourceBounds]) -> ResourceBounds:
    """Return the sum of sizes, bound by bound."""
    each = list(sizes)
    return {bound: functools.reduce(Resources.plus, (size[bound] for size in each), Resources()) for bound in BOUNDS}
