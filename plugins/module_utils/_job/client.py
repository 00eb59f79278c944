# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""Define the operations of the service for jobs and their logs, one method each."""

from __future__ import annotations

import json
import typing as t

from .._api.absence import is_absent
from .._api.operations import checked_id
from .._api.paging import paginate
from .._api.responses import read_rows
from .._api.session import ApiSession, Payload
from .._cluster.client import to_wire
from .._errors import ApiError
from .._payload import to_camel
from .fields import Job, JobSpec, tags_to_wire
from .responses import LogFile, read_job, read_log_data, read_log_page

# ListRayJob gives 20 rows unless asked; its sibling for clusters allows 100.
PAGE_SIZE = 100
# ListRayLogs: more than 0 and less than 1000.
LOG_PAGE_SIZE = 500
# No job has more log files than this.
MAX_LOG_FILES = 20_000


def build_job_body(spec: JobSpec) -> Payload:
    """Return the body of SubmitRayJob for a spec with the names of the options."""
    body = {
        to_camel(name): to_wire(value) if name in ("head_spec", "worker_spec") else value
        for name, value in spec.items()
    }
    return {**body, "tags": tags_to_wire(spec["tags"])} if "tags" in spec else body


def _read_rows(payload: Payload) -> tuple[list[Job], int | None]:
    """Return the rows of a page, and the number of rows on all pages."""
    total = payload.get("totalCount")
    return read_rows(Job, payload, "rayJobs", "ListRayJob"), total if isinstance(total, int) else None


class JobClient:
    """The job operations, called through a session that signs and retries."""

    def __init__(self, session: ApiSession) -> None:
        self.session = session

    def get_job(self, submission_id: str, budget: float | None = None) -> Job | None:
        """Return a job with all its fields, or None if it is proven absent, within ``budget`` seconds."""

        def read(payload: Payload) -> Job:
            job = read_job(payload, "GetRayJob")
            if job["submission_id"] != submission_id:
                raise ApiError("GetRayJob", f"the response is about a job other than {submission_id}")
            return job

        try:
            return self.session.call("GetRayJob", read, budget=budget, job=submission_id)
        except ApiError as error:
            if is_absent(error, "job"):
                return None
            raise

    def list_jobs(
        self,
        name: str | None = None,
        task_biz_id: str | None = None,
        submit_time: t.Mapping[str, int] | None = None,
        budget: float | None = None,
    ) -> t.Iterator[Job]:
        """Yield the rows of jobs, page after page, each job once; the service compares names exactly.

        ``submit_time`` has startTime and endTime in milliseconds.
        """
        query = {key: value for key, value in (("name", name), ("taskBizId", task_biz_id)) if value is not None}
        if submit_time is not None:
            # One parameter with compact JSON inside, as the official SDK writes it.
            query["submitTime"] = json.dumps(dict(submit_time), separators=(",", ":"), sort_keys=True)
        total: int | None = None

        def list_page(number: int) -> list[Job]:
            nonlocal total
            rows, total = self._list_page(number, query, budget)
            return rows

        def is_last(page: list[Job], count: int) -> bool:
            # A service may return fewer rows than requested, and reports the total.
            return len(page) < PAGE_SIZE if total is None else count >= total

        return paginate("ListRayJob", list_page, "submission_id", is_last)

    def list_page(self, number: int, name: str) -> list[Job]:
        """Return the rows of one page of the list of jobs with a name; the first has number 1."""
        return self._list_page(number, {"name": name})[0]

    def _list_page(
        self, number: int, query: t.Mapping[str, object], budget: float | None = None
    ) -> tuple[list[Job], int | None]:
        query = {**query, "pageNum": number, "pageSize": PAGE_SIZE}
        return self.session.call("ListRayJob", _read_rows, query, budget=budget)

    def submit_job(self, spec: JobSpec, done: t.Callable[[], str | None] | None = None) -> str:
        """Submit a job and return its id. Never resend a request that the service may have executed.

        ``done`` is called before a refused attempt is retried: if it returns an id, that is the result.
        """
        return self.session.call(
            "SubmitRayJob",
            lambda payload: checked_id("SubmitRayJob", "submission id", payload.get("submissionId")),
            body=build_job_body(spec),
            done=done,
        )

    def cancel_job(self, submission_id: str) -> bool:
        """Request the cancellation of a job, and return whether it was started."""
        return self.session.call("CancelRayJob", lambda payload: payload.get("success") is not False, job=submission_id)

    def list_log_files(self, submission_id: str, bucket: str, prefix: str) -> list[LogFile]:
        """Return the files and folders below ``prefix``, page after page."""
        files: dict[str, LogFile] = {}
        query: dict[str, object] = {"bucketName": bucket, "prefix": prefix, "maxKeys": LOG_PAGE_SIZE}
        marker = ""
        while True:
            asked = {**query, "marker": marker} if marker else query
            answer = self.session.send("ListRayLogs", asked, job=submission_id)
            page = read_log_page(read_log_data("ListRayLogs", answer))
            known = len(files)
            files.update({file.path: file for file in page.files})
            if not page.marker or page.marker == marker:
                return list(files.values())
            if len(files) == known or len(files) > MAX_LOG_FILES:
                raise ApiError("ListRayLogs", "the list of log files does not end")
            marker = page.marker

    def get_log_url(self, submission_id: str, bucket: str, path: str) -> str:
        """Return an address that gives its holder access to a log file: a secret."""
        query = {"bucketName": bucket, "path": path}
        answer = self.session.send("GetRayLog", query, job=submission_id)
        url = read_log_data("GetRayLog", answer).get("accessUrl")
        if not isinstance(url, str) or not url:
            raise ApiError("GetRayLog", "the response has no address")
        return url
