# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""Wait until a job has ended."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from .._api.absence import may_mean_absent
from .._api.retry_policy import is_transient
from .._clock import Clock
from .._errors import Failure, JobError
from .._pauses import wait_pauses
from .._task.context import HEARTBEAT_SECONDS
from .fields import FINAL_STATUSES, Job

# Seconds for which a job that was just submitted may not be visible yet.
APPEAR_TIMEOUT = 30.0
# The last read, which decides the result, gets this many seconds.
FINAL_READ_TIMEOUT = 1.0


@dataclass
class JobWaiter:
    """Polls within one time limit for the whole task. ``read`` returns the job, None if it does not exist.

    ``seen`` receives the result of every read.
    """

    read: t.Callable[[str, float], Job | None]
    on_read: t.Callable[[Job], None]
    clock: Clock
    timeout: float
    interval: float
    progress: t.Callable[[str], None] | None = None
    started_at: float | None = None

    def get_deadline(self) -> float:
        """Return the clock's time at which the time limit of the task ends; it starts with the first call."""
        if self.started_at is None:
            self.started_at = self.clock.monotonic()
        return self.started_at + self.timeout

    def wait_until_readable(self, job: Job) -> Job:
        """Return a job just submitted after a read, or as submitted if it cannot be read for a while."""
        ends = min(self.get_deadline(), self.clock.monotonic() + APPEAR_TIMEOUT)
        pause = min(1.0, self.interval)
        while True:
            now = self._poll(job, ends)[0]
            left = ends - self.clock.monotonic()
            if now is not None or left <= 0:
                return now or job
            self.clock.sleep(min(pause, left))

    def wait_until_finished(self, job: Job, cancelled: bool = False) -> Job:
        """Return a job once it has ended in any state; ``cancelled`` says that its cancellation was requested.

        Raises JobError if the job no longer exists, or the time limit has passed.
        """
        ends = self.get_deadline()
        pauses = wait_pauses(self.interval)
        told, status = self.clock.monotonic() - HEARTBEAT_SECONDS, None
        last_failure: Failure | None = None
        missing_since: float | None = None
        while job.get("status") not in FINAL_STATUSES:
            left = ends - self.clock.monotonic()
            if left <= 0:
                raise self._timeout_error(job, last_failure, cancelled)
            if self.progress and (job.get("status") != status or self.clock.monotonic() - told >= HEARTBEAT_SECONDS):
                told, status = self.clock.monotonic(), job.get("status")
                self.progress(self._format_progress(job, last_failure))
            self.clock.sleep(min(next(pauses), left))
            now, last_failure = self._poll(job, ends)
            if now is None and last_failure is None:
                missing_since = self.clock.monotonic() if missing_since is None else missing_since
                if self.clock.monotonic() - missing_since >= APPEAR_TIMEOUT:
                    raise JobError("the job disappeared during the wait", "JobGone")
            elif now is not None:
                job, missing_since = now, None
        if self.progress and status is not None:
            self.progress(f"{_label(job)}: {job.get('status')} after {self._elapsed():.0f} s")
        return job

    def _elapsed(self) -> float:
        return self.clock.monotonic() - (self.started_at or 0.0)

    def _poll(self, job: Job, ends: float) -> tuple[Job | None, Failure | None]:
        """Return the current job, or a temporary failure. Raises any other."""
        try:
            current = self.read(str(job["submission_id"]), max(FINAL_READ_TIMEOUT, ends - self.clock.monotonic()))
        except Failure as failure:
            if not is_transient("GetRayJob", failure) and not may_mean_absent(failure):
                raise
            return None, failure
        if current is not None:
            self.on_read(current)
        return current, None

    def _format_progress(self, job: Job, fault: Failure | None) -> str:
        detail = str(fault or job.get("message") or "").split("\n", 1)[0]
        state = f"{_label(job)}: {job.get('status') or 'unknown'}"
        return f"{state}, waiting for the job to finish, {self._elapsed():.0f} s" + (f": {detail}" if detail else "")

    def _timeout_error(self, job: Job, fault: Failure | None, cancelled: bool) -> JobError:
        elapsed = self._elapsed()
        trouble = f"; the last read failed: {fault}" if fault else ""
        # Ray 2.60 ends a job only after it has started; one that waits for resources fails after its start timeout.
        hint = (
            "the job is being canceled, which takes longer while it waits for resources: run again to keep waiting"
            if cancelled
            else "the job continues: wait for it with state=finished and its submission_id or job_key"
        )
        return JobError(
            f"waited {elapsed:.0f} s for the job to finish; last status: {job.get('status') or 'unknown'}{trouble}",
            "WaitTimeout",
            hint=f"{hint}, or raise wait_timeout",
        )


def _label(job: Job) -> str:
    return str(job.get("name") or job.get("submission_id"))
