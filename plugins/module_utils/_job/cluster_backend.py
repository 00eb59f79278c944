# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""Run jobs through a running cluster's own endpoint, and follow their log while they run.

Ray lets the client choose a job's id. Here it is derived from the key, so that finding a job is one read, and Ray
itself refuses a second submission.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from .._api.exactly_once import CreatedResource, ExactlyOnce
from .._api.retry_policy import may_have_been_executed
from .._clock import Clock
from .._errors import ApiError, Failure, JobError, TransportError
from .fields import FINAL_STATUSES, Job, JobKey, JobSpec
from .log_stream import LogFollower
from .ray_api import REFUSED_BY_RAY, RayJobClient
from .service_backend import JOB_KIND
from .spec import build_ray_body, build_ray_submission_id

# No job is attempted more often than this.
MAX_ATTEMPTS = 1000
# Time limit in seconds for reading the log while the job runs, retries included; the last read may take longer.
LOG_READ_TIMEOUT = 15.0
# Of many new lines, only the last ones up to this number are shown.
MAX_LINES_SHOWN = 200


def may_have_been_submitted(failure: Failure) -> bool:
    """Return whether a cluster may have accepted a job whose submission failed; Ray's own refusal rules that out."""
    return may_have_been_executed(failure) and failure.code != REFUSED_BY_RAY


@dataclass
class ClusterBackend:
    """Jobs on one cluster; ``read_cluster_state`` asks the service for its state, None if not known."""

    ray_client: RayJobClient
    clock: Clock
    retries: int
    warn: t.Callable[[str], None]
    read_cluster_state: t.Callable[[], str | None]
    tail_lines: int
    progress: t.Callable[[str], None] | None = None
    _follower: LogFollower | None = None
    _followed_job_id: str | None = None

    def find_by_key(self, key: JobKey, name: str) -> Job | None:  # noqa: ARG002
        """Return the last attempt with a key, or None; this takes one request for each, and one for the next."""
        latest: Job | None = None
        for attempt in range(1, MAX_ATTEMPTS):
            job = self.ray_client.get_job(build_ray_submission_id(key, attempt))
            if job is None:
                break
            latest = job
        return latest

    def read(self, submission_id: str, budget: float | None = None) -> Job | None:
        """Return a job, or None. Raises JobError if the cluster that ran it no longer exists."""
        try:
            return self.ray_client.get_job(submission_id, budget)
        except (TransportError, ApiError) as error:
            state = (
                self.read_cluster_state()
                if may_have_been_executed(error) or isinstance(error, TransportError)
                else None
            )
            if state not in (None, "Running"):
                raise JobError(
                    f"the cluster is {state}, and its jobs ended with it ({error})",
                    "ClusterNotRunning",
                    hint="only the log shows how the job ended",
                ) from None
            raise

    def submit(self, spec: JobSpec, key: JobKey, attempt: int, ends: float) -> CreatedResource:
        """Submit an attempt exactly once. Raises Ray's refusal, or JobError."""
        submission_id = build_ray_submission_id(key, attempt)
        body = build_ray_body(spec, key, attempt)

        def find_ids() -> list[str]:
            return [submission_id] if self.ray_client.get_job(submission_id) else []

        submission = ExactlyOnce(
            resource_kind=JOB_KIND,
            send_create=lambda done: self.ray_client.submit_job(body, done),
            list_ids=find_ids,
            clock=self.clock,
            deadline=ends,
            retries=self.retries,
            warn=self.warn,
            may_have_executed=may_have_been_submitted,
        )
        try:
            return submission.create()
        except ApiError as error:
            # Another run with the same key submitted the job first.
            if error.code == REFUSED_BY_RAY and find_ids():
                return CreatedResource(submission_id, "Ray refused it because it already existed")
            raise

    def verify_unique(self, submission_id: str) -> None:
        """Do nothing: the id follows from the key, and Ray takes it once."""

    def cancel(self, job: Job) -> Job | None:
        """Stop a job; return None if the stop was started, or the job if it ended by itself meanwhile."""
        if self.ray_client.stop_job(job["submission_id"]):
            return None
        current = self.ray_client.get_job(job["submission_id"])
        if current is not None and current.get("status") in FINAL_STATUSES:
            return current
        raise JobError("the cluster did not start to stop the job", "NotCancelled")

    def on_job_read(self, job: Job) -> None:
        """Follow the log of a job that was read while waiting; a problem with the log does not affect the job."""
        if self.tail_lines <= 0:
            return
        if self._follower is None or self._followed_job_id != job["submission_id"]:
            self._follower, self._followed_job_id = (
                LogFollower(self.tail_lines, self._print_lines if self.progress else None),
                job["submission_id"],
            )
        try:
            budget = None if job.get("status") in FINAL_STATUSES else LOG_READ_TIMEOUT
            self.ray_client.follow_log(job["submission_id"], self._follower, budget)
        except Failure as failure:
            self._follower.show_new_lines()
            if job.get("status") in FINAL_STATUSES:
                self.warn(f"The log of the job may be incomplete at its end: {failure}")
        if job.get("status") in FINAL_STATUSES:
            self._follower.flush_last_line()

    def read_log_tail(self, job: Job, lines: int) -> list[str] | None:
        """Return the last lines of the driver log, or None if it does not exist."""
        if self._followed_job_id != job["submission_id"]:
            self.on_job_read(job)
        return self._follower.tail()[-lines:] if self._follower and lines > 0 else None

    def _print_lines(self, lines: list[str]) -> None:
        if self.progress:
            omitted = len(lines) - MAX_LINES_SHOWN
            if omitted > 0:
                self.progress(f"[{omitted} lines of the log are omitted here]")
            for line in lines[-MAX_LINES_SHOWN:]:
                self.progress(line)
