# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""Run emr_ray_job_info: read jobs from the service."""

from __future__ import annotations

import re
import typing as t
from datetime import datetime, timezone

from .._api.settings import resolve_settings
from .._errors import Failure, Problems
from .._payload import Params
from .._task.context import BUILDS_ON_CREATE, Result, TaskContext, builds_on_create, id_problems, open_session
from .._task.failures import task_failure
from .client import JobClient
from .cluster_info import backend_problems, list_cluster_jobs
from .fields import Job
from .result import list_row_to_result, register_secrets, to_result

# The limits, in milliseconds, to send for a range without an end or without a start.
_MIN_TIME, _MAX_TIME = 0, 4_102_444_800_000


def run_job_info(task: TaskContext) -> Result:
    """Return the jobs of a workspace, or of a cluster, that match the options, or ``[]``. Raises TaskFailed."""
    if builds_on_create(task, "cluster_id", "submission_id"):
        task.warn(f"The id {BUILDS_ON_CREATE}.")
        return {"changed": False, "jobs": []}
    try:
        problems = Problems(id_problems(task.params, "submission_id", "cluster_id"))
        with problems:
            resolve_settings(task.params, task.environ)
        with problems:
            read_submit_time_range(task.params)
        problems += backend_problems(task.params)
        problems.raise_any()
        with open_session(task) as session:
            if task.params.get("via") == "cluster":
                job_result = list_cluster_jobs(task, session)
            else:
                job_result = {"jobs": list(_read_job_results(task, JobClient(session)))}
    except Failure as failure:
        raise task_failure(task, "Could not read the Ray jobs", failure, {"changed": False}) from None
    return task.secrets.redact({"changed": False, **job_result})


def _read_job_results(task: TaskContext, client: JobClient) -> t.Iterator[dict[str, object]]:
    for job, complete in _read_matching_jobs(task, client):
        register_secrets(job, task.secrets)
        yield to_result(job) if complete else list_row_to_result(job)


def _read_matching_jobs(task: TaskContext, client: JobClient) -> t.Iterator[tuple[Job, bool]]:
    """Yield jobs that match, and whether they were read with all their fields."""
    params = task.params
    window = read_submit_time_range(params)
    if params.get("submission_id"):
        job = client.get_job(params["submission_id"])
        if job and _matches(params, window, job):
            yield job, True
        return
    for row in list(client.list_jobs(params.get("name"), params.get("task_biz_id"), window)):
        if params.get("statuses") is not None and row.get("status") not in params["statuses"]:
            continue
        job = client.get_job(row["submission_id"]) if params.get("details") else row
        if job:
            yield job, bool(params.get("details"))


def _matches(params: Params, window: dict[str, int] | None, job: Job) -> bool:
    """Return whether the list would have included a job that was read by its id."""
    expected = {name: params[name] for name in ("name", "task_biz_id") if params.get(name) is not None}
    if any(job.get(name) != value for name, value in expected.items()):
        return False
    if params.get("statuses") is not None and job.get("status") not in params["statuses"]:
        return False
    return window is None or window["startTime"] <= (job.get("submit_time") or 0) <= window["endTime"]


def read_submit_time_range(params: Params) -> dict[str, int] | None:
    """Return ``submit_time`` in the service's format, in milliseconds, or None. Raises ParameterError."""
    limits = params.get("submit_time") or {}
    if not any(limits.get(name) is not None for name in ("start_time", "end_time")):
        return None
    window, problems = {"startTime": _MIN_TIME, "endTime": _MAX_TIME}, Problems()
    for name, wire in (("start_time", "startTime"), ("end_time", "endTime")):
        if limits.get(name) is not None:
            with problems.of(f"submit_time.{name}"):
                window[wire] = _parse_milliseconds(str(limits[name]).strip())
    if not problems and window["startTime"] > window["endTime"]:
        problems.append("submit_time: start_time is after end_time")
    problems.raise_any()
    return window


def _parse_milliseconds(text: str) -> int:
    """Return milliseconds since the epoch from that number, or from a time in ISO 8601, in UTC if it names no zone."""
    if re.fullmatch(r"[0-9]{1,15}", text):
        return int(text)
    try:
        moment = datetime.fromisoformat(re.sub(r"[zZ]$", "+00:00", text))
        return int((moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)).timestamp() * 1000)
    except (ValueError, OverflowError):
        raise ValueError("must be a time such as 2026-11-22T08:00:00Z or a number of milliseconds") from None
