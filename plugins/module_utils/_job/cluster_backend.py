# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""Jobs by way of a running cluster's own endpoint, their log followed while they run. Private to this collection.

Ray lets the client choose a job's id. It follows from the key here, so that looking for a job is one read, and a second
submission of it is refused by Ray itself.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from .._api.exactly_once import Made, Once
from .._api.retry_policy import is_ambiguous
from .._clock import Clock
from .._errors import ApiError, Failure, JobError, TransportError
from .fields import OVER, Job, Key
from .log_stream import Follower
from .ray_api import REFUSED, RayJobs
from .service_backend import JOB
from .spec import ray_body, ray_id

# Nobody tries a job more often than this.
MOST_ATTEMPTS = 1000
# So many seconds a look at the log may take while the job runs, however often it is tried; its end may take longer.
LOG_PATIENCE = 15.0
# Of many new lines only so many are shown at once.
MOST_SHOWN = 200


def is_open(failure: Failure) -> bool:
    """Tell whether a cluster may have taken a job whose submission failed; what Ray refused it did not take."""
    return is_ambiguous(failure) and failure.code != REFUSED


@dataclass
class ClusterWay:
    """Jobs on one cluster. ``cluster_state`` asks the service how the cluster is doing, None when nobody knows."""

    rays: RayJobs
    clock: Clock
    retries: int
    warn: t.Callable[[str], None]
    cluster_state: t.Callable[[], str | None]
    keep: int
    tell: t.Callable[[str], None] | None = None
    _follower: Follower | None = None
    _followed: str | None = None

    def find(self, key: Key, name: str) -> Job | None:  # noqa: ARG002
        """Return the last attempt with a key, None for none; one request for each, and one for the next."""
        found: Job | None = None
        for attempt in range(1, MOST_ATTEMPTS):
            job = self.rays.get(ray_id(key, attempt))
            if job is None:
                break
            found = job
        return found

    def read(self, submission_id: str, budget: float | None = None) -> Job | None:
        """Return a job, None for none. Raises JobError when the cluster that ran it is not there any more."""
        try:
            return self.rays.get(submission_id, budget)
        except (TransportError, ApiError) as error:
            state = self.cluster_state() if is_ambiguous(error) or isinstance(error, TransportError) else None
            if state not in (None, "Running"):
                raise JobError(
                    f"the cluster is {state}, and its jobs went with it ({error})",
                    "ClusterNotRunning",
                    hint="what became of the job only its log can tell",
                ) from None
            raise

    def submit(self, spec: dict[str, t.Any], key: Key, attempt: int, ends: float) -> Made:
        """Submit an attempt exactly once. Raises what Ray refuses, or JobError."""
        submission_id = ray_id(key, attempt)
        body = ray_body(spec, key, attempt)

        def look() -> list[str]:
            return [submission_id] if self.rays.get(submission_id) else []

        once = Once(
            thing=JOB,
            send=lambda done: self.rays.submit(body, done),
            look=look,
            clock=self.clock,
            ends=ends,
            retries=self.retries,
            warn=self.warn,
            ambiguous=is_open,
        )
        try:
            return once.make()
        except ApiError as error:
            # Somebody else with the same key was faster.
            if error.code == REFUSED and look():
                return Made(submission_id, "Ray refused it because it was there already")
            raise

    def confirm(self, submission_id: str) -> None:
        """Do nothing: the id follows from the key, and Ray takes it once."""

    def cancel(self, job: Job) -> Job | None:
        """Stop a job; None when that was begun, the job when it ended by itself meanwhile."""
        if self.rays.stop(job["submission_id"]):
            return None
        now = self.rays.get(job["submission_id"])
        if now is not None and now.get("status") in OVER:
            return now
        raise JobError("the cluster did not begin to stop the job", "NotCancelled")

    def seen(self, job: Job) -> None:
        """Follow the log of a job that was read while waiting; trouble with it is no trouble of the job."""
        if self.keep <= 0:
            return
        if self._follower is None or self._followed != job["submission_id"]:
            self._follower, self._followed = (
                Follower(self.keep, self._show if self.tell else None),
                job["submission_id"],
            )
        try:
            budget = None if job.get("status") in OVER else LOG_PATIENCE
            self.rays.follow(job["submission_id"], self._follower, budget)
        except Failure as failure:
            self._follower.show()
            if job.get("status") in OVER:
                self.warn(f"The log of the job may lack its end: {failure}")
        if job.get("status") in OVER:
            self._follower.finish()

    def tail(self, job: Job, lines: int) -> list[str] | None:
        """Return the last lines of the driver log, None when there is none."""
        if self._followed != job["submission_id"]:
            self.seen(job)
        return self._follower.tail()[-lines:] if self._follower and lines > 0 else None

    def _show(self, lines: list[str]) -> None:
        if self.tell:
            left_out = len(lines) - MOST_SHOWN
            if left_out > 0:
                self.tell(f"[{left_out} lines of the log are left out here]")
            for line in lines[-MOST_SHOWN:]:
                self.tell(line)
