# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A small stand-in for the Ray Jobs API of a running cluster, with the answers of Ray 2.60; jobs follow plans."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from .job_plan import CANCELLED, FAILED, SUCCEEDED, Performance, perform
from .model import Json, mint
from .responses import Response, of_list, plain
from .service import RayService
from .signature import Signed

PENDING, RUNNING, STOPPED = "PENDING", "RUNNING", "STOPPED"
VERSION: Json = {"version": "4", "ray_version": "2.55.1", "ray_commit": "emulator", "session_name": "session_emulator"}
_ENDS = {SUCCEEDED: "SUCCEEDED", FAILED: "FAILED", CANCELLED: STOPPED}
_MESSAGES = {
    PENDING: "Job has not started yet.",
    RUNNING: "Job is currently running.",
    STOPPED: "Job was intentionally stopped.",
}
_FIELDS: dict[str, type] = {
    "entrypoint": str, "submission_id": str, "job_id": str, "metadata": dict, "runtime_env": dict,
    "entrypoint_num_cpus": float, "entrypoint_num_gpus": float, "entrypoint_memory": int,
    "entrypoint_resources": dict, "entrypoint_label_selector": dict,
}  # fmt: skip


@dataclass
class DirectJob:
    """A job that was submitted to a cluster directly; its status is a matter of the time."""

    submission_id: str
    request: Json
    submitted: float
    begins: float
    performance: Performance
    stopped: float | None = None

    def status(self, now: float) -> str:
        """Return the status in Ray's words."""
        if self.stopped is not None and self.stopped <= now:
            return STOPPED
        if now < self.begins:
            return PENDING
        return RUNNING if now < self.ends else _ENDS.get(self.performance.status, "FAILED")

    @property
    def ends(self) -> float:
        """When it is over if nobody stops it."""
        return self.begins + self.performance.seconds

    def over(self, now: float) -> bool:
        """True once the status is final."""
        return self.status(now) not in (PENDING, RUNNING)

    def log(self, now: float) -> str:
        """Return the driver log as it is at `now`."""
        end = min(now, self.ends, self.stopped if self.stopped is not None else now)
        return self.performance.text(end - self.begins) if end >= self.begins else ""

    def details(self, now: float) -> Json:
        """Return what Ray tells about the job."""
        status, request = self.status(now), self.request
        ended = min(self.ends, self.stopped if self.stopped is not None else self.ends)
        row: Json = {"type": "SUBMISSION", "job_id": None, "submission_id": self.submission_id, "driver_info": None}
        row |= {"status": status, "entrypoint": request["entrypoint"]}
        row |= {"message": _MESSAGES.get(status, self.performance.message)}
        row |= {"error_type": "JOB_ENTRYPOINT_COMMAND_ERROR" if status == "FAILED" else None}
        row |= {"start_time": int(self.submitted * 1000), "end_time": int(ended * 1000) if self.over(now) else None}
        row |= {"metadata": request.get("metadata"), "runtime_env": request.get("runtime_env")}
        row |= {"driver_agent_http_address": "http://127.0.0.1:52365", "driver_node_id": "0" * 56}
        row["driver_exit_code"] = self.performance.exit_code if status in ("SUCCEEDED", "FAILED") else None
        return row


@dataclass
class _Run:
    """What one run of a cluster knows: its jobs, and the packages that were uploaded to it."""

    jobs: dict[str, DirectJob] = field(default_factory=dict)
    packages: set[str] = field(default_factory=set)


class FakeRay:
    """The Ray Jobs endpoints of all clusters; `plans` gives a test's plan for a job by its names."""

    def __init__(self, clusters: RayService, plans: Callable[[list[Any]], Any]) -> None:
        self._clusters = clusters
        self._plans = plans
        self._runs: dict[str, _Run] = {}

    def clear(self) -> None:
        """Forget all jobs."""
        self._runs.clear()

    def jobs(self, run_id: str) -> dict[str, DirectJob]:
        """Return the jobs of a run by their submission ids, oldest first."""
        return self._runs.setdefault(run_id, _Run()).jobs

    def answer(self, run_id: str, operation: str, target: str, request: Signed) -> Response:
        """Response one request of the Ray Jobs API."""
        if operation == "RayJobsVersion":
            return of_list(VERSION)
        if operation == "RayJobsPackage":
            return self._package(run_id, target, request.method)
        if operation == "RayJobsList":
            now = self._clusters.now
            return of_list([job.details(now) for job in self.jobs(run_id).values()])
        if operation == "RayJobsSubmit":
            return self._submit(run_id, request)
        job = self.jobs(run_id).get(target)
        return self._of_job(operation, job, run_id) if job else _text(404, f"Job {target} does not exist")

    def _of_job(self, operation: str, job: DirectJob, run_id: str) -> Response:
        now = self._clusters.now
        if operation == "RayJobsGet":
            return of_list(job.details(now))
        if operation == "RayJobsLogs":
            return of_list({"logs": job.log(now)})
        if operation == "RayJobsStop":
            if job.over(now):
                return of_list({"stopped": False})
            if job.stopped is None:
                job.stopped = now + self._clusters.timing.job_cancelling_seconds
            return of_list({"stopped": True})
        if not job.over(now):
            return _trace(f"Attempted to delete job '{job.submission_id}', but it is in a non-terminal state.")
        del self.jobs(run_id)[job.submission_id]
        return of_list({"deleted": True})

    def _submit(self, run_id: str, request: Signed) -> Response:
        try:
            body = json.loads(request.body)
            _check(body)
        except (ValueError, TypeError) as error:
            return _trace(str(error), 400)
        rng, timing, now = self._clusters.rng, self._clusters.timing, self._clusters.now
        submission_id = body.get("submission_id") or body.get("job_id") or f"raysubmit_{mint(rng, 16)}"
        if submission_id in self.jobs(run_id):
            return _trace(
                f"Request failed with status code 400: ValueError: Job with submission_id {submission_id} "
                "already exists. Please use a different submission_id."
            )
        metadata = body.get("metadata") or {}
        plan = self._plans([submission_id, metadata.get("name"), metadata.get("job_name")])
        performance = perform(submission_id, body["entrypoint"], plan, timing.job_running_seconds)
        pending = plan.pending_seconds if plan and plan.pending_seconds is not None else timing.job_submitted_seconds
        self.jobs(run_id)[submission_id] = DirectJob(submission_id, body, now, now + pending, performance)
        return of_list({"job_id": submission_id, "submission_id": submission_id})

    def _package(self, run_id: str, name: str, method: str) -> Response:
        packages = self._runs.setdefault(run_id, _Run()).packages
        if method == "PUT":
            packages.add(name)
        return plain(200, b"") if name in packages else _text(404, f"Package {name} does not exist")


def _check(body: Any) -> None:
    """Raise TypeError for a submission that Ray would not take."""
    if not isinstance(body, dict) or "entrypoint" not in body:
        raise TypeError("JobSubmitRequest.__init__() missing 1 required positional argument: 'entrypoint'")
    for key, value in body.items():
        kind = _FIELDS.get(key)
        if kind is None:
            raise TypeError(f"JobSubmitRequest.__init__() got an unexpected keyword argument '{key}'")
        if value is not None and not isinstance(value, (int, float) if kind is float else kind):
            raise TypeError(f"{key} must be a {kind.__name__}, got {value.__class__}")
    for key, value in (body.get("metadata") or {}).items():
        if not isinstance(value, str):
            raise TypeError(f"metadata values must be strings, got {value.__class__} for {key}")


def _text(status: int, text: str) -> Response:
    return plain(status, text.encode(), "text/plain; charset=utf-8")


def _trace(text: str, status: int = 500) -> Response:
    # What the head says of its agent's answer ends in a line of its own.
    end = ".\n" if status == 500 else ""
    return _text(status, f"Traceback (most recent call last):\nRuntimeError: {text}\n{end}")
