# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""Bringing many clusters along at once: a few threads for requests, none for waits. Private to this collection.

A cluster that waits is parked. When it is to be looked at, the list is read for all that are due, unless it takes
fewer requests to read each. What the list says is believed where it says that the waiting goes on; an end is
confirmed by reading the cluster itself, as a list may be behind.
"""

from __future__ import annotations

import typing as t
from collections import deque
from concurrent import futures

from .._clock import Clock
from .._cluster.plan import SETTLED, Cluster
from .._cluster.waiter import Look, Steps, budget
from .._errors import Failure
from .cluster_list import Board

Item = t.TypeVar("Item")
Given = t.TypeVar("Given")
# Somebody looks at the clock at least this often, in seconds.
BEAT = 1.0


class Job(t.NamedTuple):
    """The steps of one cluster, where they stand, and what they are to be told next."""

    key: int
    steps: Steps[Cluster | None]
    look: Look | None = None
    due: float = 0.0
    told: Cluster | Failure | None = None


class End(t.NamedTuple):
    """How the steps of one cluster ended: with a cluster, None for one that is gone, or with what was raised."""

    key: int
    cluster: Cluster | None
    error: Exception | None = None


class Crew:
    """``size`` threads, which make one request each at a time. To be closed."""

    def __init__(self, size: int, clock: Clock, board: Board, read: t.Callable[[str, float], Cluster | None]) -> None:
        self._size = size
        self._clock = clock
        self._board = board
        self._read = read
        self._pool = futures.ThreadPoolExecutor(max_workers=size, thread_name_prefix="rayops")
        self._busy: dict[futures.Future[t.Any], Job | None] = {}
        self._parked: dict[int, Job] = {}

    def close(self) -> None:
        """Begin nothing more; what is under way is not waited for."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def each(self, work: t.Callable[[Given], Item], given: t.Iterable[Given]) -> list[Item]:
        """Return what ``work`` returns for each, in their order; several at a time. Raises the first failure."""
        return list(self._pool.map(work, given))

    def states(self) -> list[str]:
        """Return the states in which the parked clusters were seen last."""
        return [job.look.state or "unknown" for job in self._parked.values() if job.look]

    def run(
        self,
        steps: t.Iterable[tuple[int, t.Callable[[], Steps[Cluster | None]]]],
        ended: t.Callable[[End], None],
        beat: t.Callable[[], None],
        stop: t.Callable[[], bool],
    ) -> None:
        """Run the steps of all clusters to their ends, telling ``ended`` of each.

        Steps are made when it is their turn; none are made any more when ``stop`` says so. ``beat`` is called again
        and again. All three are called by the thread that calls this.
        """
        fresh, ready = deque(steps), deque[Job]()
        while True:
            if stop():
                fresh.clear()
            self._fill(fresh, ready)
            if not (self._busy or self._parked or ready):
                return
            for job, end in self._done(ready):
                if job is not None and job.look and job.look.pause > 0:
                    self._parked[job.key] = job
                elif job is not None:
                    ready.append(job)
                if end is not None:
                    ended(end)
            beat()

    def _fill(self, fresh: deque[tuple[int, t.Callable[[], Steps[Cluster | None]]]], ready: deque[Job]) -> None:
        """Give every thread something to do: a look at the list first, then what goes on, then what begins."""
        due = self._due()
        if due and None not in self._busy.values() and len(self._busy) < self._size:
            for job in due:
                del self._parked[job.key]
            self._busy[self._pool.submit(self._poll, due)] = None
        while len(self._busy) < self._size and (ready or fresh):
            if ready:
                job = ready.popleft()
            else:
                key, make = fresh.popleft()
                job = Job(key, make())
            self._busy[self._pool.submit(self._advance, job)] = job

    def _due(self) -> list[Job]:
        """Return the parked jobs to look at now: once one is due, all whose pause is half over."""
        now = self._clock.monotonic()
        if not any(job.due <= now for job in self._parked.values()):
            return []
        return [job for job in self._parked.values() if job.look and job.due <= now + job.look.pause / 2]

    def _done(self, ready: deque[Job]) -> list[tuple[Job | None, End | None]]:
        """Return what came of the jobs that are finished by now, after letting time pass until there is one."""
        if not self._busy and not ready:
            self._clock.sleep(min(job.due for job in self._parked.values()) - self._clock.monotonic())
            return []
        done = futures.wait(self._busy, timeout=self._patience(), return_when=futures.FIRST_COMPLETED).done
        found: list[tuple[Job | None, End | None]] = []
        for future in done:
            job = self._busy.pop(future)
            if job is None:
                ready.extendleft(future.result())
            else:
                found.append(self._outcome(job, future))
        return found

    def _patience(self) -> float:
        """Return how long (seconds) to wait for a thread before looking at the clock again."""
        if None in self._busy.values() or not self._parked:
            return BEAT
        first = min(job.due for job in self._parked.values()) - self._clock.monotonic()
        return max(0.01, min(BEAT, first))

    def _outcome(self, job: Job, future: futures.Future[t.Any]) -> tuple[Job | None, End | None]:
        error = future.exception()
        if isinstance(error, Exception):
            return None, End(job.key, None, error)
        look, cluster = future.result()
        if look is None:
            return None, End(job.key, cluster)
        return job._replace(look=look, due=self._clock.monotonic() + look.pause, told=None), None

    def _poll(self, due: list[Job]) -> list[Job]:
        """Return the jobs with the rows that the list has for them, where reading the list is the cheaper way."""
        if len(due) <= self._board.pages:
            return due
        try:
            rows = {row["cluster_id"]: row for row in self._board.rows()}
        except Failure as failure:
            return [job._replace(told=failure) for job in due]
        return [job._replace(told=rows.get(job.look.cluster_id) if job.look else None) for job in due]

    def _advance(self, job: Job) -> tuple[Look | None, Cluster | None]:
        """Run the steps until they ask to look again, or end. Returns the look, or None and the cluster."""
        try:
            return self._next(job), None
        except StopIteration as stop:
            return None, stop.value

    def _next(self, job: Job) -> Look:
        if job.look is None:
            return next(job.steps)
        if isinstance(job.told, Failure):
            return job.steps.throw(job.told)
        last = self._clock.monotonic() >= job.look.ends
        if job.told is not None and job.told.get("state") not in SETTLED and not last:
            return job.steps.send(job.told)
        try:
            found = self._read(job.look.cluster_id, budget(job.look, self._clock))
        except Failure as failure:
            return job.steps.throw(failure)
        return job.steps.send(found)
