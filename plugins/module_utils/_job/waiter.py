# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""Wait until a job has ended."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from .._errors import Failure, JobError
from .._task.waiting import MIN_READ_SECONDS, Waiter, run_sync
from .fields import FINAL_STATUSES, Job

# Seconds for which a job that was just submitted may not be visible yet.
APPEAR_TIMEOUT = 30.0


@dataclass
class JobWaiter(Waiter[Job]):
    """Waits for the end of one job. ``read`` returns the job, None if it does not exist."""

    read: t.Callable[[str, float], Job | None] = lambda _submission_id, _seconds: None
    # The cancellation of the job was requested.
    is_cancelled: bool = False

    id_field, state_field = "submission_id", "status"

    def wait_until_readable(self, job: Job) -> Job:
        """Return a job just submitted after a read, or as submitted if it cannot be read for a while."""
        ends = min(self.deadline(), self.clock.monotonic() + APPEAR_TIMEOUT)
        while True:
            try:
                now = self.read(job["submission_id"], max(MIN_READ_SECONDS, ends - self.clock.monotonic()))
            except Failure as failure:
                self.check_tolerable(failure)
                now = None
            left = ends - self.clock.monotonic()
            if now is not None and self.on_read:
                self.on_read(now)
            if now is not None or left <= 0:
                return now or job
            self.clock.sleep(min(1.0, self.interval, left))

    def wait_until_finished(self, job: Job) -> Job:
        """Return a job once it has ended in any state.

        Raises JobError if the job no longer exists, or the time limit has passed.
        """
        missing_since: float | None = None

        def is_over(now: Job | None) -> bool:
            nonlocal missing_since
            if now is not None:
                missing_since = None
                return now.get("status") in FINAL_STATUSES
            missing_since = self.clock.monotonic() if missing_since is None else missing_since
            if self.clock.monotonic() - missing_since >= APPEAR_TIMEOUT:
                raise JobError("the job disappeared during the wait", "JobGone")
            return False

        wait = self.poll_until(job["submission_id"], job, is_over, "for the job to finish")
        return run_sync(wait, self.read, self.clock) or job

    def timeout_error(self, resource: Job, what: str, trouble: str) -> JobError:  # noqa: ARG002
        """Return the error of a wait that took too long."""
        # Ray 2.60 ends a job only after it has started; one that waits for resources fails after its start timeout.
        hint = (
            "the job is being canceled, which takes longer while it waits for resources: run again to keep waiting"
            if self.is_cancelled
            else "the job continues: wait for it with state=finished and its submission_id or job_key"
        )
        return JobError(
            f"waited {self.elapsed():.0f} s for the job to finish; "
            f"last status: {resource.get('status') or 'unknown'}{trouble}",
            "WaitTimeout",
            hint=f"{hint}, or raise wait_timeout",
        )
