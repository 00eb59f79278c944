# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""Jobs by way of the service: finding one by its key, submitting it once, cancelling it."""

from __future__ import annotations

import itertools
import typing as t
from dataclasses import dataclass, field

from .._api.exactly_once import SUBMIT_MESSAGES, CreatedResource, ExactlyOnce, ResourceKind
from .._api.stable_list import ListReading, StableListReader, read_to_empty_page
from .._clock import Clock
from .._cluster.similar_names import NearNames, fold_name
from .._errors import ApiError, JobError
from .client import JobClient
from .fields import FINAL_STATUSES, Job, JobKey, JobSpec
from .spec import with_key_metadata

# A one-off key is searched among the jobs of this many seconds around its submission: clocks differ, but requests
# are only taken from a clock that is less than 15 minutes off, or has been corrected.
SEARCH_WINDOW_SECONDS = 3600.0
# Limit of recent jobs whose names are compared if no job has the declared one.
MAX_RECENT_JOBS = 200

JOB_KIND = ResourceKind(
    "job",
    undecided=JobError(
        "",
        "SubmitUndecided",
        hint="with a job_key, run the task again: it adopts the job if it exists by then; without a job_key, check "
        "the jobs of the workspace first",
    ),
    duplicate=JobError("", "JobNotUnique", hint="no job was canceled; cancel the unwanted ones by their submission_id"),
    messages=SUBMIT_MESSAGES,
)


def _build_window(since: float) -> dict[str, int]:
    """Return the range of submission times from an hour before ``since`` to a day after it, for ListRayJob."""
    return {
        "startTime": int((since - SEARCH_WINDOW_SECONDS) * 1000),
        "endTime": int((since + 24 * SEARCH_WINDOW_SECONDS) * 1000),
    }


def _sort_newest_first(rows: t.Iterable[Job]) -> list[Job]:
    return sorted(rows, key=lambda row: row.get("submit_time") or float("inf"), reverse=True)


class JobBackend(t.Protocol):
    """A backend for jobs: the service, or a cluster's own endpoint."""

    def find_by_key(self, key: JobKey, name: str) -> Job | None:
        """Return the newest job with a key, or None."""

    def read(self, submission_id: str, budget: float | None = None) -> Job | None:
        """Return a job, or None."""

    def submit(self, spec: JobSpec, key: JobKey, attempt: int, ends: float) -> CreatedResource:
        """Submit an attempt exactly once."""

    def verify_unique(self, submission_id: str) -> None:
        """Ensure that the next run finds a job that was just submitted."""

    def cancel(self, job: Job) -> Job | None:
        """Cancel a job; return None if the cancellation was started, or the job if it has already ended."""

    def on_job_read(self, job: Job) -> None:
        """Note a job that was read while waiting."""

    def read_log_tail(self, job: Job, lines: int) -> list[str] | None:
        """Return the last lines of the driver log, or None if it does not exist. Raises Failure."""


@dataclass
class ServiceBackend:
    """Jobs through the operations of the service."""

    client: JobClient
    clock: Clock
    retries: int
    warn: t.Callable[[str], None]
    tail_reader: t.Callable[[Job, int], list[str] | None]
    # Seconds that the task waits at most.
    patience: float
    # The attempt number of each job, None for a job without the key: a number that was read once never changes.
    _attempt_numbers: dict[str, int | None] = field(default_factory=dict)
    _submission: ExactlyOnce | None = None
    _submitted_id: str | None = None

    def find_by_key(self, key: JobKey, name: str) -> Job | None:
        """Return the newest job with a key, None if readings of the list that agree prove that none has it.

        The service finds names, and only a read of the single job gives its metadata: so jobs of the name are read,
        the newest first, until one has the key. Reads are cached.
        """
        rows = self._list_newest_first(name)
        found = self._find_among(rows, key)
        if found is None:
            rows = self._read_stable_list(key, name, rows)
            found = self._find_among(rows, key) or self._find_among(self._list_respelled(name), key)
        return found

    def _find_among(self, rows: t.Iterable[Job], key: JobKey) -> Job | None:
        for row in rows:
            if self._attempt_numbers.get(row["submission_id"], 0) is None:
                continue
            job = self.client.get_job(row["submission_id"])
            self._cache_attempt_number(job, key)
            if job is not None and key.get_attempt_number(job) is not None:
                return job
        return None

    def _read_stable_list(
        self, key: JobKey, name: str, earlier: t.Iterable[Job], attempt: int | None = None
    ) -> list[Job]:
        """Return the rows of the jobs with a name, from two readings that agree or one that shows the key.

        With ``attempt``, only a reading that shows this attempt needs no other one.
        """

        def is_enough(rows: list[Job]) -> bool:
            numbers = {self._get_attempt_number(row["submission_id"], key) for row in rows}
            return attempt in numbers if attempt else bool(numbers - {None})

        def read_list() -> ListReading[Job]:
            return read_to_empty_page("ListRayJob", lambda number: self.client.list_page(number, name), "submission_id")

        reader = StableListReader(
            read_list=read_list,
            id_field="submission_id",
            unstable_error=lambda why: JobError(
                f"the list of jobs {why}, so it is unknown whether a job with this key exists",
                "ListUnstable",
                hint="no submission was sent; run the task again, or raise wait_timeout",
            ),
            clock=self.clock,
            deadline=self.clock.monotonic() + self.patience,
        )
        return _sort_newest_first(reader.read(earlier, is_enough))

    def _list_respelled(self, name: str, since: float | None = None) -> list[Job]:
        """Return jobs since a time, or of the last day, whose name may be ``name`` in the service's own spelling."""
        began = self.client.session.service_time() - 23 * SEARCH_WINDOW_SECONDS if since is None else since
        rows = list(itertools.islice(self.client.list_jobs(submit_time=_build_window(began)), MAX_RECENT_JOBS))
        near, folded = NearNames([name]), fold_name(name)

        def may_be(shown: str) -> bool:
            return shown != name and (folded.startswith(fold_name(shown)) or near.include(shown))

        return _sort_newest_first(row for row in rows if may_be(row.get("name") or ""))

    def _list_newest_first(self, name: str, since: float | None = None) -> list[Job]:
        window = None if since is None else _build_window(since)
        return _sort_newest_first(
            row for row in self.client.list_jobs(name, submit_time=window) if row.get("name") == name
        )

    def _get_attempt_number(self, submission_id: str, key: JobKey) -> int | None:
        """Return which attempt with the key a job is, None for a job of another user or one that cannot be read yet."""
        if submission_id not in self._attempt_numbers:
            self._cache_attempt_number(self.client.get_job(submission_id), key)
        return self._attempt_numbers.get(submission_id)

    def _cache_attempt_number(self, job: Job | None, key: JobKey) -> None:
        # One that is in the list and cannot be read yet may still turn out to be it.
        if job is not None:
            self._attempt_numbers[job["submission_id"]] = key.get_attempt_number(job)

    def read(self, submission_id: str, budget: float | None = None) -> Job | None:
        """Return a job, or None."""
        return self.client.get_job(submission_id, budget)

    def submit(self, spec: JobSpec, key: JobKey, attempt: int, ends: float) -> CreatedResource:
        """Submit an attempt exactly once. Raises the service's refusal, or JobError."""
        name, began = str(spec["name"]), self.client.session.service_time()
        self._submitted_id = None
        if key.is_user_key and attempt > 1:
            there = self._find_among(self._read_stable_list(key, name, (), attempt), key)
            if there is not None and key.get_attempt_number(there) == attempt:
                return CreatedResource(there["submission_id"], "another run with its key submitted it")
        window = None if key.is_user_key else began

        def find_ids() -> list[str]:
            ids = [row["submission_id"] for row in self._list_newest_first(name, window)]
            if self._submitted_id is None:
                # The service may keep the name of a job whose answer was lost in another spelling.
                ids += [row["submission_id"] for row in self._list_respelled(name, began)]
            found = [found for found in ids if self._get_attempt_number(found, key) == attempt]
            if not found and self._submitted_id:
                self._reject_altered_name(self._submitted_id, name)
            return found

        submission = ExactlyOnce(
            resource_kind=JOB_KIND,
            send_create=lambda done: self.client.submit_job(with_key_metadata(spec, key, attempt), done),
            list_ids=find_ids,
            clock=self.clock,
            deadline=ends,
            retries=self.retries,
            warn=self.warn,
        )
        self._submission = submission if key.is_user_key else None
        return submission.create()

    def verify_unique(self, submission_id: str) -> None:
        """Read the list until it shows a job just submitted with a user's key, so that the next run finds it.

        Raises JobError when another run submitted the same key at the same time.
        """
        if self._submission:
            self._submitted_id = submission_id
            self._submission.verify_unique(submission_id)

    def _reject_altered_name(self, submission_id: str, name: str) -> None:
        """Raise JobError for a job whose name differs from the submitted one: lists by name omit it."""
        job = self.client.get_job(submission_id)
        if job is not None and job.get("name") not in (None, name):
            raise JobError(
                f"{submission_id} was submitted as {name!r}, but the service keeps its name as {job['name']!r}, so the "
                "next run may not find it",
                "NameAltered",
                hint="declare the name as the service spells it",
            )

    def cancel(self, job: Job) -> Job | None:
        """Cancel a job; return None if the cancellation was started, or the job if it ended by itself meanwhile."""
        refusal: ApiError | None = None
        try:
            if self.client.cancel_job(job["submission_id"]):
                return None
        except ApiError as error:
            refusal = error
        current = self.client.get_job(job["submission_id"])
        if current is not None and current.get("status") in FINAL_STATUSES:
            return current
        raise refusal or JobError("the service did not start to cancel the job", "NotCancelled")

    def on_job_read(self, job: Job) -> None:
        """Do nothing: the service has no log to follow."""

    def read_log_tail(self, job: Job, lines: int) -> list[str] | None:
        """Return the last lines of the driver log, or None if it does not exist. Raises Failure."""
        return self.tail_reader(job, lines)
