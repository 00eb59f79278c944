# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""Advance many clusters concurrently: a few threads for requests, none for waits.

A waiting cluster is parked. When its pause ends, the list is read for all parked clusters, unless reading each cluster
takes fewer requests. The list is trusted if it shows that the wait continues. An end is confirmed by reading the
cluster itself, because a list may lag.
"""

from __future__ import annotations

import typing as t
from collections import deque
from concurrent import futures

from .._clock import Clock
from .._cluster.fields import Cluster
from .._cluster.plan import SETTLED_STATES
from .._errors import Failure
from .._task.waiting import Poll, WaitCoroutine, read_timeout
from .cluster_list import SharedClusterList

Output = t.TypeVar("Output")
Input = t.TypeVar("Input")
# The clock is checked at least this often, in seconds.
MAX_CLOCK_INTERVAL = 1.0


class WaitTask(t.NamedTuple):
    """The steps of one cluster, their position, and the next value to send to them."""

    key: int
    steps: WaitCoroutine[Cluster | None]
    poll: Poll | None = None
    due_at: float = 0.0
    reply: Cluster | Failure | None = None


class Outcome(t.NamedTuple):
    """The end of the steps of one cluster: a cluster, None for a deleted one, or the exception that was raised."""

    key: int
    cluster: Cluster | None
    error: Exception | None = None


class Scheduler:
    """``size`` threads, which make one request each at a time. The caller must close it."""

    def __init__(
        self, size: int, clock: Clock, board: SharedClusterList, read: t.Callable[[str, float], Cluster | None]
    ) -> None:
        self._size = size
        self._clock = clock
        self._cluster_list = board
        self._read = read
        self._pool = futures.ThreadPoolExecutor(max_workers=size, thread_name_prefix="rayops")
        self._busy: dict[futures.Future[t.Any], WaitTask | None] = {}
        self._parked: dict[int, WaitTask] = {}

    def close(self) -> None:
        """Start no further jobs; jobs in progress are not waited for."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def map(self, work: t.Callable[[Input], Output], given: t.Iterable[Input]) -> list[Output]:
        """Return the results of ``work`` in the order of its inputs; run several at once. Raises the first failure."""
        return list(self._pool.map(work, given))

    def parked_states(self) -> list[str]:
        """Return the states in which the parked clusters were seen last."""
        return [job.poll.state or "unknown" for job in self._parked.values() if job.poll]

    def run(
        self,
        steps: t.Iterable[tuple[int, t.Callable[[], WaitCoroutine[Cluster | None]]]],
        ended: t.Callable[[Outcome], None],
        beat: t.Callable[[], None],
        stop: t.Callable[[], bool],
    ) -> None:
        """Run the steps of all clusters to their ends, and call ``ended`` for each.

        Steps are created when their turn comes, and no longer once ``stop`` returns true. ``beat`` is called
        repeatedly. All three are called by the calling thread.
        """
        fresh, ready = deque(steps), deque[WaitTask]()
        while True:
            if stop():
                fresh.clear()
            self._submit_work(fresh, ready)
            if not (self._busy or self._parked or ready):
                return
            for job, end in self._collect_finished(ready):
                if job is not None and job.poll and job.poll.pause > 0:
                    self._parked[job.key] = job
                elif job is not None:
                    ready.append(job)
                if end is not None:
                    ended(end)
            beat()

    def _submit_work(
        self, fresh: deque[tuple[int, t.Callable[[], WaitCoroutine[Cluster | None]]]], ready: deque[WaitTask]
    ) -> None:
        """Give every thread work: a read of the list first, then jobs in progress, then new jobs."""
        due = self._due_tasks()
        if due and None not in self._busy.values() and len(self._busy) < self._size:
            for job in due:
                del self._parked[job.key]
            self._busy[self._pool.submit(self._poll_list, due)] = None
        while len(self._busy) < self._size and (ready or fresh):
            if ready:
                job = ready.popleft()
            else:
                key, make = fresh.popleft()
                job = WaitTask(key, make())
            self._busy[self._pool.submit(self._advance, job)] = job

    def _due_tasks(self) -> list[WaitTask]:
        """Return the parked jobs to read now: once one pause has ended, all whose pause is at least half over."""
        now = self._clock.monotonic()
        if not any(job.due_at <= now for job in self._parked.values()):
            return []
        return [job for job in self._parked.values() if job.poll and job.due_at <= now + job.poll.pause / 2]

    def _collect_finished(self, ready: deque[WaitTask]) -> list[tuple[WaitTask | None, Outcome | None]]:
        """Return the outcomes of the jobs that are finished by now; wait until there is one."""
        if not self._busy and not ready:
            self._clock.sleep(min(job.due_at for job in self._parked.values()) - self._clock.monotonic())
            return []
        done = futures.wait(self._busy, timeout=self._wait_timeout(), return_when=futures.FIRST_COMPLETED).done
        results: list[tuple[WaitTask | None, Outcome | None]] = []
        for future in done:
            job = self._busy.pop(future)
            if job is None:
                ready.extendleft(future.result())
            else:
                results.append(self._task_outcome(job, future))
        return results

    def _wait_timeout(self) -> float:
        """Return how long (seconds) to wait for a thread before checking the clock again."""
        if None in self._busy.values() or not self._parked:
            return MAX_CLOCK_INTERVAL
        until_next_due = min(job.due_at for job in self._parked.values()) - self._clock.monotonic()
        return max(0.01, min(MAX_CLOCK_INTERVAL, until_next_due))

    def _task_outcome(self, job: WaitTask, future: futures.Future[t.Any]) -> tuple[WaitTask | None, Outcome | None]:
        error = future.exception()
        if isinstance(error, Exception):
            return None, Outcome(job.key, None, error)
        look, cluster = future.result()
        if look is None:
            return None, Outcome(job.key, cluster)
        return job._replace(poll=look, due_at=self._clock.monotonic() + look.pause, reply=None), None

    def _poll_list(self, due: list[WaitTask]) -> list[WaitTask]:
        """Return the jobs with their rows from the list, if reading the list takes fewer requests."""
        if len(due) <= self._cluster_list.page_count:
            return due
        try:
            rows = {row["cluster_id"]: row for row in self._cluster_list.read_rows()}
        except Failure as failure:
            return [job._replace(reply=failure) for job in due]
        return [job._replace(reply=rows.get(job.poll.resource_id) if job.poll else None) for job in due]

    def _advance(self, job: WaitTask) -> tuple[Poll | None, Cluster | None]:
        """Run the steps until they request a read, or end. Return the request, or None and the cluster."""
        try:
            return self._resume(job), None
        except StopIteration as stop:
            return None, stop.value

    def _resume(self, job: WaitTask) -> Poll:
        if job.poll is None:
            return next(job.steps)
        if isinstance(job.reply, Failure):
            return job.steps.throw(job.reply)
        is_last_poll = self._clock.monotonic() >= job.poll.deadline
        if job.reply is not None and job.reply.get("state") not in SETTLED_STATES and not is_last_poll:
            return job.steps.send(job.reply)
        try:
            cluster = self._read(job.poll.resource_id, read_timeout(job.poll, self._clock))
        except Failure as failure:
            return job.steps.throw(failure)
        return job.steps.send(cluster)
