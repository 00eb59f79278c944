# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""Run emr_ray_job_log: list and download the log files of a job."""

from __future__ import annotations

import os

from .._api.settings import resolve_settings
from .._errors import Failure, JobError, Problems
from .._payload import Params
from .._task.context import (
    BUILDS_ON_CREATE,
    Result,
    TaskContext,
    builds_on_create,
    id_problems,
    open_session,
    seconds_problems,
)
from .._task.failures import task_failure
from .backends import open_job_logs
from .client import JobClient
from .log_files import JobLogFiles, build_part_path, publish, set_time
from .responses import LogFile
from .result import clean_log_line, register_secrets


def run_job_log(task: TaskContext) -> Result:
    """List the log files of a job, and get one of them or its last lines. Raises TaskFailed.

    Returns ``changed`` and ``files``; with ``dest`` also ``path``, ``dest``, and ``size``. With ``lines``
    alone, it returns ``path`` and ``tail``.
    """
    if builds_on_create(task, "submission_id"):
        task.warn(f"submission_id {BUILDS_ON_CREATE}.")
        return {"changed": False, "submission_id": task.params["submission_id"], "files": []}
    summary = f"Could not read the logs of the Ray job {task.params.get('submission_id')}"
    try:
        problems = Problems(id_problems(task.params, "submission_id"))
        with problems:
            resolve_settings(task.params, task.environ)
        problems += seconds_problems(task.params, wait_timeout=0) + _option_problems(task.params)
        problems.raise_any()
        with open_session(task) as session:
            return task.secrets.redact(_run(task, JobClient(session)))
    except OSError as error:
        problem = JobError(f"{error.strerror}: {error.filename}", "CannotWrite")
        raise task_failure(task, summary, problem, {"changed": False}) from None
    except Failure as failure:
        raise task_failure(task, summary, failure, {"changed": False}) from None


def _option_problems(params: Params) -> list[str]:
    problems = []
    if params.get("lines") is not None and params["lines"] < 1:
        problems.append("lines: must be at least 1")
    if params.get("path") == "":
        problems.append("path: is empty; leave the option out for the driver's log")
    if params.get("path") and not params.get("dest") and not params.get("lines"):
        problems.append("path: requires dest to copy the file, or lines to show its end")
    return problems


def _run(task: TaskContext, client: JobClient) -> Result:
    params = task.params
    job = client.get_job(params["submission_id"])
    if job is None:
        raise JobError("no job has this ID", "JobNotFound", hint="emr_ray_job_info lists the IDs of jobs")
    register_secrets(job, task.secrets)
    logs = open_job_logs(task, client, job)
    files = logs.list_files()
    result: Result = {
        "changed": False,
        "submission_id": job["submission_id"],
        "files": [_build_file_result(file) for file in files],
    }
    if not params.get("dest") and not params.get("lines"):
        return result
    file = logs.select_file(files, params.get("path"))
    result["path"] = file.path
    if not params.get("dest"):
        return {
            **result,
            "tail": [clean_log_line(line, task.secrets) for line in logs.read_tail(file, params["lines"])],
        }
    dest = os.path.abspath(
        os.path.join(params["dest"], file.basename) if _is_folder(params["dest"]) else params["dest"]
    )
    download = _download_tail if params.get("lines") else _download_file
    changed, size = download(task, logs, file, dest)
    return {**result, "changed": changed, "dest": dest, "size": size}


def _build_file_result(file: LogFile) -> dict[str, object]:
    return {"name": file.name, "path": file.path, "size": file.size, "time_modified": file.time_modified}


def _is_folder(dest: str) -> bool:
    return dest.endswith("/") or os.path.isdir(dest)


def _download_file(task: TaskContext, logs: JobLogFiles, file: LogFile, dest: str) -> tuple[bool, int | None]:
    """Copy a file unless it exists already; return whether it was copied, and its size."""
    if logs.is_current(file, dest):
        return False, file.size
    if logs.has_same_content(file, dest):
        if not task.check_mode:
            set_time(dest, file)
        return False, file.size
    if task.check_mode:
        return True, file.size
    return True, logs.download_to(file, dest)


def _download_tail(task: TaskContext, logs: JobLogFiles, file: LogFile, dest: str) -> tuple[bool, int | None]:
    """Write the last lines of a file unless the file has them already."""
    lines = logs.read_tail(file, int(task.params["lines"]))
    text = "".join(f"{line}\n" for line in lines).encode("utf-8")
    if os.path.isfile(dest):
        with open(dest, "rb") as copy:
            if copy.read(len(text) + 1) == text:
                return False, len(text)
    if not task.check_mode:
        part = build_part_path(file, dest)
        with open(part, "wb") as copy:
            copy.write(text)
        publish(part, dest, file)
    return True, len(text)
