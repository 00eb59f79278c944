# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""What the user is told of a fleet: lines of progress while it works, and its result. Private to this collection."""

from __future__ import annotations

import typing as t
from collections import Counter

from .._cluster.capacity import amounts, growth, running, shown_sizes, total
from .._cluster.waiter import HEARTBEAT
from .._errors import Failure
from .._task.context import Result, Task, failed
from .member import Member

# So many failures are told in the message; the result has all of them.
TOLD = 3


class Teller:
    """Shows how far the fleet is: a line for each cluster that ends, and one at least every half a minute."""

    def __init__(self, task: Task, states: t.Callable[[], list[str]]) -> None:
        self._task = task
        self._states = states
        self._all = self._done = self._failed = 0
        self._started = self._told = 0.0

    def begin(self, count: int) -> None:
        """Remember how many clusters there is something to do for."""
        self._all = count
        self._started = self._told = self._task.clock.monotonic()

    def ended(self, member: Member) -> None:
        """Tell how a cluster ended."""
        self._done += 1
        if member.error:
            self._failed += 1
            self._task.tell(member.error.result["msg"])
        else:
            state = (member.cluster or {}).get("state") or "gone"
            self._task.tell(f"{member.name}: {', '.join(member.work.progress.done) or 'waited'}, {state}")

    def beat(self) -> None:
        """Tell how many clusters are done, and in which states the others are waited for."""
        now = self._task.clock.monotonic()
        if now - self._told < HEARTBEAT:
            return
        self._told = now
        states = ", ".join(f"{count} {state}" for state, count in sorted(Counter(self._states()).items()))
        self._task.tell(
            f"fleet: {self._done} of {self._all} done, {self._failed} failed, waiting for {states or 'answers'}, "
            f"{now - self._started:.0f} s"
        )


def fleet_result(task: Task, members: list[Member], pruned: list[Member]) -> Result:
    """Return the result of a fleet. Raises TaskFailed that has all of it too, when a cluster failed or was left out."""
    told = [member.result() for member in members]
    gone = [member.result() for member in pruned]
    result: Result = {
        "changed": any(entry["changed"] for entry in told + gone),
        "clusters": told,
        "pruned": gone,
        "summary": {**_summary(told, gone), **_capacity(members, pruned)},
        "diff": [_diff(entry) for entry in told + gone if entry.get("changed") and "diff" in entry],
    }
    for entry in told + gone:
        entry.pop("diff", None)
    wrong = [member for member in members + pruned if member.error]
    if not wrong:
        return result
    raise failed(task, _doing(len(members + pruned), result["summary"]), _failure(wrong), result)


def _summary(told: list[Result], gone: list[Result]) -> Result:
    both = told + gone
    fine = [entry for entry in told if not entry["failed"] and not entry["skipped"]]
    return {
        "declared": len(told),
        "changed": sum(entry["changed"] for entry in fine),
        "unchanged": sum(not entry["changed"] for entry in fine),
        "failed": sum(entry["failed"] for entry in both),
        "skipped": sum(entry["skipped"] for entry in both),
        "pruned": sum(entry["changed"] for entry in gone),
        "actions": dict(sorted(Counter(action for entry in both for action in entry["actions"]).items())),
    }


def _capacity(members: list[Member], pruned: list[Member]) -> Result:
    """Return how large the declared clusters are together, how much of that runs, and how much more than before."""
    pairs = [member.sizes for member in members + pruned]
    ends = [after for before, after in pairs[: len(members)]]
    sums = {
        "capacity": map(amounts, ends),
        "capacity_running": (amounts(running(end)) for end in ends),
        "capacity_delta": (growth(*pair) for pair in pairs),
    }
    return {key: shown_sizes(total(each)) for key, each in sums.items()}


def _diff(entry: Result) -> Result:
    known = entry["diff"]["before"].get("cluster_id")
    name = f"{entry['name']} ({known})" if known else entry["name"]
    return {"before_header": name, "after_header": name, **entry["diff"]}


def _doing(count: int, summary: Result) -> str:
    skipped = f", {summary['skipped']} were not begun" if summary["skipped"] else ""
    return f"{summary['failed']} of {count} Ray clusters failed{skipped}"


def _failure(wrong: list[Member]) -> Failure:
    texts = [member.error.result["msg"] for member in wrong if member.error]
    more = f"; and {len(texts) - TOLD} more" if len(texts) > TOLD else ""
    failure = Failure("; ".join(texts[:TOLD]) + more)
    failure.code = "ClustersFailed"
    return failure
