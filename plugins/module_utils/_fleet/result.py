# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""What the user is told of a fleet: lines of progress while it works, and its result. Private to this collection."""

from __future__ import annotations

import typing as t
from collections import Counter

from .._cluster.capacity import bounds_to_result, resource_bounds, running_delta, running_or_none, sum_bounds
from .._cluster.waiter import HEARTBEAT_SECONDS
from .._errors import Failure
from .._task.context import Result, TaskContext, task_failure
from .member import FleetCluster

# So many failures are told in the message; the result has all of them.
MAX_FAILURES_IN_MESSAGE = 3


class ProgressReporter:
    """Shows how far the fleet is: a line for each cluster that ends, and one at least every half a minute."""

    def __init__(self, task: TaskContext, states: t.Callable[[], list[str]]) -> None:
        self._task = task
        self._states = states
        self._all = self._done = self._failed = 0
        self._started = self._last_report_at = 0.0

    def start(self, count: int) -> None:
        """Remember how many clusters there is something to do for."""
        self._all = count
        self._started = self._last_report_at = self._task.clock.monotonic()

    def report_outcome(self, member: FleetCluster) -> None:
        """Tell how a cluster ended."""
        self._done += 1
        if member.error:
            self._failed += 1
            self._task.progress(member.error.result["msg"])
        else:
            state = (member.cluster or {}).get("state") or "gone"
            self._task.progress(f"{member.name}: {', '.join(member.work.progress.done) or 'waited'}, {state}")

    def heartbeat(self) -> None:
        """Tell how many clusters are done, and in which states the others are waited for."""
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
    """Return the result of a fleet. Raises TaskFailed that has all of it too, when a cluster failed or was left out."""
    declared_results = [member.result() for member in members]
    pruned_results = [member.result() for member in pruned]
    result: Result = {
        "changed": any(entry["changed"] for entry in declared_results + pruned_results),
        "clusters": declared_results,
        "pruned": pruned_results,
        "summary": {**_build_summary(declared_results, pruned_results), **_build_capacity(members, pruned)},
        "diff": [
            _build_cluster_diff(entry)
            for entry in declared_results + pruned_results
            if entry.get("changed") and "diff" in entry
        ],
    }
    for entry in declared_results + pruned_results:
        entry.pop("diff", None)
    failed_members = [member for member in members + pruned if member.error]
    if not failed_members:
        return result
    raise task_failure(
        task,
        _build_failure_summary(len(members + pruned), result["summary"]),
        _combine_failures(failed_members),
        result,
    )


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
    """Return how large the declared clusters are together, how much of that runs, and how much more than before."""
    pairs = [member.before_and_after for member in members + pruned]
    clusters_after = [after for before, after in pairs[: len(members)]]
    sums = {
        "capacity": map(resource_bounds, clusters_after),
        "capacity_running": (resource_bounds(running_or_none(end)) for end in clusters_after),
        "capacity_delta": (running_delta(*pair) for pair in pairs),
    }
    return {key: bounds_to_result(sum_bounds(each)) for key, each in sums.items()}


def _build_cluster_diff(entry: Result) -> Result:
    cluster_id = entry["diff"]["before"].get("cluster_id")
    name = f"{entry['name']} ({cluster_id})" if cluster_id else entry["name"]
    return {"before_header": name, "after_header": name, **entry["diff"]}


def _build_failure_summary(count: int, summary: Result) -> str:
    skipped = f", {summary['skipped']} were not begun" if summary["skipped"] else ""
    return f"{summary['failed']} of {count} Ray clusters failed{skipped}"


def _combine_failures(wrong: list[FleetCluster]) -> Failure:
    texts = [member.error.result["msg"] for member in wrong if member.error]
    more = f"; and {len(texts) - MAX_FAILURES_IN_MESSAGE} more" if len(texts) > MAX_FAILURES_IN_MESSAGE else ""
    failure = Failure("; ".join(texts[:MAX_FAILURES_IN_MESSAGE]) + more)
    failure.code = "ClustersFailed"
    return failure
