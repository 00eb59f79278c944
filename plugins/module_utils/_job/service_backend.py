# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""Jobs by way of the service: finding one by its key, submitting it once, cancelling it. Private to this collection."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

from .._api.exactly_once import Made, Once, Thing
from .._clock import Clock
from .._errors import ApiError, JobError
from .client import JobClient
from .fields import OVER, Job, Key
from .spec import with_marks

# A one-off key is looked for among the jobs of this many seconds around its submission: clocks differ, but requests
# are only taken from a clock that is less than 15 minutes off, or has been put right.
AROUND = 3600.0

JOB = Thing(
    noun="job",
    mark="key",
    act="submission",
    done="submitted",
    listing="ListRayJob",
    undecided=lambda why: JobError(
        why,
        "SubmitUndecided",
        hint="with a job_key, run the task again: it takes the job if it has shown up by then; without one, look at "
        "the jobs of the workspace first",
    ),
    not_unique=lambda why: JobError(
        why,
        "JobNotUnique",
        hint="nothing was cancelled: cancel the ones that are not wanted, by their submission_id",
    ),
)


class Way(t.Protocol):
    """A way to jobs: the service, or a cluster's own endpoint."""

    def find(self, key: Key, name: str) -> Job | None:
        """Return the newest job with a key, None for none."""

    def read(self, submission_id: str, budget: float | None = None) -> Job | None:
        """Return a job, None for none."""

    def submit(self, spec: dict[str, t.Any], key: Key, attempt: int, ends: float) -> Made:
        """Submit an attempt exactly once."""

    def confirm(self, submission_id: str) -> None:
        """See to it that the next run finds a job that was just submitted."""

    def cancel(self, job: Job) -> Job | None:
        """Cancel a job; None when it was begun, the job when it is over already."""

    def seen(self, job: Job) -> None:
        """Be told of a job that was read while waiting."""

    def tail(self, job: Job, lines: int) -> list[str] | None:
        """Return the last lines of the driver log, None when there is none. Raises Failure."""


@dataclass
class ServiceWay:
    """Jobs through the operations of the service."""

    client: JobClient
    clock: Clock
    retries: int
    warn: t.Callable[[str], None]
    log_tail: t.Callable[[Job, int], list[str] | None]
    # Which attempt a job is, None for one without the key: what was read once never changes.
    _attempts: dict[str, int | None] = field(default_factory=dict)
    _once: Once | None = None

    def find(self, key: Key, name: str) -> Job | None:
        """Return the newest job with a key, None for none.

        The service finds names, and only a read of the single job gives its metadata: so jobs of the name are read,
        the newest first, until one has the key. What is read is remembered.
        """
        for row in self._newest_first(name):
            job = self.client.get_job(row["submission_id"])
            self._remember(job, key)
            if job is not None and key.attempt_of(job) is not None:
                return job
        return None

    def _newest_first(self, name: str, since: float | None = None) -> list[Job]:
        window = None
        if since is not None:
            window = {"startTime": int((since - AROUND) * 1000), "endTime": int((since + 24 * AROUND) * 1000)}
        rows = [row for row in self.client.list_jobs(name, submit_time=window) if row.get("name") == name]
        return sorted(rows, key=lambda row: row.get("submit_time") or float("inf"), reverse=True)

    def _attempt(self, submission_id: str, key: Key) -> int | None:
        """Return which attempt with the key a job is, None for a job of somebody else or one not to be read yet."""
        if submission_id not in self._attempts:
            self._remember(self.client.get_job(submission_id), key)
        return self._attempts.get(submission_id)

    def _remember(self, job: Job | None, key: Key) -> None:
        # One that is in the list and cannot be read yet may still turn out to be it.
        if job is not None:
            self._attempts[job["submission_id"]] = key.attempt_of(job)

    def read(self, submission_id: str, budget: float | None = None) -> Job | None:
        """Return a job, None for none."""
        return self.client.get_job(submission_id, budget)

    def submit(self, spec: dict[str, t.Any], key: Key, attempt: int, ends: float) -> Made:
        """Submit an attempt exactly once. Raises the service's refusal, or JobError."""
        name, began = str(spec["name"]), self.client.caller.now()
        window = None if key.own else began

        def look() -> list[str]:
            ids = [row["submission_id"] for row in self._newest_first(name, window)]
            return [found for found in ids if self._attempt(found, key) == attempt]

        once = Once(
            thing=JOB,
            send=lambda done: self.client.submit_job(with_marks(spec, key, attempt), done),
            look=look,
            clock=self.clock,
            ends=ends,
            retries=self.retries,
            warn=self.warn,
        )
        self._once = once if key.own else None
        return once.make()

    def confirm(self, submission_id: str) -> None:
        """Look until the list shows a job just submitted with a key of the user, so that the next run finds it.

        Raises JobError when somebody else submitted the same key in the same moment.
        """
        if self._once:
            self._once.confirm(submission_id)

    def cancel(self, job: Job) -> Job | None:
        """Cancel a job; None when that was begun, the job when it ended by itself meanwhile."""
        refusal: ApiError | None = None
        try:
            if self.client.cancel_job(job["submission_id"]):
                return None
        except ApiError as error:
            refusal = error
        now = self.client.get_job(job["submission_id"])
        if now is not None and now.get("status") in OVER:
            return now
        raise refusal or JobError("the service did not begin to cancel the job", "NotCancelled")

    def seen(self, job: Job) -> None:
        """Do nothing: the service has no log to follow."""

    def tail(self, job: Job, lines: int) -> list[str] | None:
        """Return the last lines of the driver log, None when there is none. Raises Failure."""
        return self.log_tail(job, lines)
