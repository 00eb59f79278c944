# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""Waiting until a job is over. Private to this collection."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from .._api.retry_policy import may_pass
from .._clock import Clock
from .._errors import Failure, JobError
from .fields import OVER, Job

GROWTH = 1.5
# The interval grows to this many times its first value: from 5 to 30 seconds.
GROWN = 6
# So long a job that was just submitted may not be there yet, in seconds.
SHOWS_UP = 30.0
# The read that decides at the very end gets this many seconds.
LAST_READ = 1.0
# A wait says that it goes on at least this often, in seconds.
HEARTBEAT = 30.0


@dataclass
class JobWaiter:
    """Polls within one budget for the whole task. ``read`` returns the job, None when there is none.

    ``seen`` is told of every read.
    """

    read: t.Callable[[str, float], Job | None]
    seen: t.Callable[[Job], None]
    clock: Clock
    timeout: float
    interval: float
    tell: t.Callable[[str], None] | None = None
    started: float | None = None

    def ends(self) -> float:
        """Return the clock's time at which the patience of the task ends; it begins with the first question."""
        if self.started is None:
            self.started = self.clock.monotonic()
        return self.started + self.timeout

    def until_shown(self, job: Job) -> Job:
        """Return a job just submitted as it is read, or as it came when it cannot be read for a while."""
        ends = min(self.ends(), self.clock.monotonic() + SHOWS_UP)
        pause = min(1.0, self.interval)
        while True:
            now = self._look(job, ends)[0]
            left = ends - self.clock.monotonic()
            if now is not None or left <= 0:
                return now or job
            self.clock.sleep(min(pause, left))

    def until_over(self, job: Job, cancelled: bool = False) -> Job:
        """Return a job once it has ended, however it did; ``cancelled`` says that it was asked to.

        Raises JobError when it is gone, or the time is over.
        """
        ends, pause = self.ends(), self.interval
        told, status = self.clock.monotonic() - HEARTBEAT, None
        fault: Failure | None = None
        missing_since: float | None = None
        while job.get("status") not in OVER:
            left = ends - self.clock.monotonic()
            if left <= 0:
                raise self._too_late(job, fault, cancelled)
            if self.tell and (job.get("status") != status or self.clock.monotonic() - told >= HEARTBEAT):
                told, status = self.clock.monotonic(), job.get("status")
                self.tell(self._line(job, fault))
            self.clock.sleep(min(pause, left))
            pause = min(pause * GROWTH or self.interval, self.interval * GROWN)
            now, fault = self._look(job, ends)
            if now is None and fault is None:
                missing_since = self.clock.monotonic() if missing_since is None else missing_since
                if self.clock.monotonic() - missing_since >= SHOWS_UP:
                    raise JobError("the job disappeared while it was waited for", "JobGone")
            elif now is not None:
                job, missing_since = now, None
        return job

    def _look(self, job: Job, ends: float) -> tuple[Job | None, Failure | None]:
        """Return the job as it is now, or a failure that may pass. Raises any other."""
        try:
            now = self.read(str(job["submission_id"]), max(LAST_READ, ends - self.clock.monotonic()))
        except Failure as failure:
            if not may_pass("GetRayJob", failure):
                raise
            return None, failure
        if now is not None:
            self.seen(now)
        return now, None

    def _line(self, job: Job, fault: Failure | None) -> str:
        said = str(fault or job.get("message") or "").split("\n", 1)[0]
        name = job.get("name") or job.get("submission_id")
        elapsed = self.clock.monotonic() - (self.started or 0.0)
        return f"{name}: {job.get('status') or 'unknown'}, waiting to be over, {elapsed:.0f} s" + (
            f": {said}" if said else ""
        )

    def _too_late(self, job: Job, fault: Failure | None, cancelled: bool) -> JobError:
        elapsed = self.clock.monotonic() - (self.started or 0.0)
        trouble = f"; the last read failed: {fault}" if fault else ""
        # Ray 2.60 only ends a job that has begun; one that waits for resources fails after its start time-out.
        hint = (
            "the job was asked to end, which takes longer where it still waits for resources: run again to wait on"
            if cancelled
            else "the job goes on: wait for it with state=finished and its submission_id or job_key"
        )
        return JobError(
            f"waited {elapsed:.0f} s for the job to be over, the last status seen is "
            f"{job.get('status') or 'unknown'}{trouble}",
            "WaitTimeout",
            hint=f"{hint}, or raise wait_timeout",
        )
