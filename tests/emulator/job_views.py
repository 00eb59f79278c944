# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Answers about jobs: the flat Get, with workerSpecs in the plural, and the thin rows of a list."""

from __future__ import annotations

from .job_model import Job
from .job_spec import TOP_FIELDS
from .model import Json
from .rules import Rules
from .service_address import ServiceAddress
from .shown_formats import state_name, when
from .sizes import cores

_ECHOED = [key for key in TOP_FIELDS if key not in ("clusterId", "headSpec", "workerSpec")]
_TIMES = ("submitTime", "startTime", "endTime")
_ROW = (
    "submissionId", "name", "status", "clusterState", "creatorName", "cuHours", "dashboardUrl", "duration",
    "submitTime", "startTime", "endTime",
)  # fmt: skip
# The service works the consumption out some time after the cluster is gone.
_CU_HOURS_AFTER_SECONDS = 600


def log_folder(job: Job) -> str:
    """Return the path of a job's log files, as the services gives it: no slash at its start, one at its end."""
    return f"{job.workspace_id}/ray/logs/{job.submission_id}_default/"


def bucket(job: Job, site: ServiceAddress) -> str:
    """Return the name of the bucket that the log files are in."""
    return f"emr-spark-logs-{site.region}-{job.workspace_id.lower()}"


def get_view(job: Job, now: float, rules: Rules, site: ServiceAddress) -> Json:
    """Return the answer of GetRayJob without its requestId."""
    row: Json = {"submissionId": job.submission_id, "status": job.status, "message": job.message}
    row |= {key: job.spec[key] for key in _ECHOED if key in job.spec}
    row |= {"submitTime": int(job.submitted * 1000), "creatorName": job.creator, "taskBizId": job.task_id}
    row |= {"clusterState": job.cluster_state(now), "backoffLimit": 0, "dashboardUrlExtra": []}
    row |= {"logBucketName": bucket(job, site), "logPath": log_folder(job)}
    row.setdefault("shutdownAfterJobFinishes", True)
    if "headSpec" in job.spec:
        row["headSpec"] = {**job.spec["headSpec"], "replica": 1}
    if "workerSpec" in job.spec:
        groups = job.spec["workerSpec"]
        row["workerSpecs"] = [{key: group[key] for key in group if key != "workerType"} for group in groups]
    row |= _times(job, now, rules)
    if job.started is not None:
        row["dashboardUrl"] = (
            f"https://emr-ray-gateway-{site.region}.aliyuncs.com/workspace/{job.workspace_id}"
            f"/rayjob/{job.submission_id}/dashboard?token={job.token}"
        )
    row["status"] = state_name(row["status"], rules)
    row |= {key: when(row[key], rules) for key in _TIMES if key in row}
    return row | job.raw


def _times(job: Job, now: float, rules: Rules) -> Json:
    row: Json = {}
    if job.started is not None:
        row["startTime"] = int(job.started * 1000)
        milliseconds = int(((job.ended if job.ended is not None else now) - job.started) * 1000)
        row["duration"] = milliseconds if rules.job_duration == "milliseconds" else milliseconds // 1000
    if job.ended is not None:
        row["endTime"] = int(job.ended * 1000)
        if job.started is not None and not job.cluster_id and now >= job.ended + _CU_HOURS_AFTER_SECONDS:
            row["cuHours"] = round(_cores(job.spec) * (job.ended - job.started) / 3600, 6)
    return row


def _cores(spec: Json) -> float:
    """Return the cores of the temporary cluster: a CU is a core with 4 GiB."""
    head = cores(spec["headSpec"]["cpu"]) or 0.0
    return head + sum((cores(group["cpu"]) or 0.0) * (group.get("replica") or 1) for group in spec["workerSpec"])


def list_row(job: Job, now: float, rules: Rules, site: ServiceAddress) -> Json:
    """Return the job as a row of ListRayJob; `resourceQueue` has the engine version, as on the real service."""
    view = get_view(job, now, rules, site)
    row = {key: view[key] for key in _ROW if key in view}
    if "displayReleaseVersion" in view:
        row["resourceQueue"] = view["displayReleaseVersion"]
    return row
