# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""Names of jobs: fields, statuses, and what this collection keeps in a job's metadata."""

from __future__ import annotations

import json
import typing as t

from .._cluster.fields import HeadSpec, WorkerGroup
from .._payload import Field, field_names

SUBMITTED, PENDING, RUNNING, CANCELLING = "Submitted", "Pending", "Running", "Cancelling"
SUCCEEDED, FAILED, TIMEOUT, CANCELLED = "Succeeded", "Failed", "Timeout", "Cancelled"
# GetRayJob in the official SDK 2.3.0: these states are final.
FINAL_STATUSES = (SUCCEEDED, FAILED, TIMEOUT, CANCELLED)
UNSUCCESSFUL_STATUSES = (FAILED, TIMEOUT, CANCELLED)


class JobNode(t.TypedDict, total=False):
    """The fields that the head and every worker group of a job's cluster have."""

    queue_name: str
    cpu: str
    memory: str
    gpu_spec: str
    display_release_version: str


class JobHead(JobNode, total=False):
    """The head of a job's cluster."""

    enable_auto_scaling: bool
    idle_timeout_seconds: int
    replica: int


class JobWorkers(JobNode, total=False):
    """A worker group of a job's cluster."""

    group_name: str
    worker_type: str
    replica: int
    min_replica: int
    max_replica: int


class Tag(t.TypedDict, total=False):
    """A tag of a job."""

    key: str
    value: str


class JobRow(t.TypedDict, total=False):
    """A row of ListRayJob. Times are milliseconds since the epoch."""

    submission_id: t.Annotated[str, Field(required=True)]
    name: str
    status: str
    cluster_state: str
    creator_name: str
    cu_hours: float
    dashboard_url: str
    duration: float
    submit_time: int
    start_time: int
    end_time: int
    resource_queue: str


class Job(JobRow, total=False):
    """The response of GetRayJob."""

    message: str
    display_release_version: str
    submission_mode: str
    entrypoint: str
    entrypoint_num_cpus: str
    entrypoint_num_gpus: str
    entrypoint_memory: str
    entrypoint_resources: str
    working_dir: str
    runtime_env_json: str
    metadata_json: str
    extra_param: str
    network_service_name: str
    log_bucket_name: str
    log_path: str
    task_biz_id: str
    active_deadline_seconds: int
    ttl_seconds_after_finished: int
    backoff_limit: int
    driver_exit_code: int
    shutdown_after_job_finishes: bool
    volume_ids: list[str]
    dashboard_url_extra: list[str]
    tags: list[Tag]
    gu_hours: object
    head_spec: JobHead
    # GetRayJob has workerSpecs, SubmitRayJob workerSpec.
    worker_spec: t.Annotated[list[JobWorkers], Field(other_wire_name="workerSpecs")]


class JobSpec(t.TypedDict, total=False):
    """A declared job, as on the wire but with the names of the options."""

    name: str
    entrypoint: str
    cluster_id: str
    working_dir: str
    submission_mode: str
    active_deadline_seconds: int
    shutdown_after_job_finishes: bool
    ttl_seconds_after_finished: int
    runtime_env_json: str
    metadata_json: str
    entrypoint_resources: str
    entrypoint_num_cpus: str
    entrypoint_num_gpus: str
    entrypoint_memory: str
    tags: dict[str, str]
    display_release_version: str
    network_service_name: str
    extra_param: str
    volume_ids: list[str]
    head_spec: HeadSpec
    worker_spec: list[WorkerGroup]


# Fields that only results have: the key, and the number of the attempt with this key.
JOB_FIELDS = ("job_key", "attempt", *field_names(Job))

JOB_KEY_METADATA, RUN_KEY_METADATA, ATTEMPT_METADATA = "rayops_job_key", "rayops_submit_id", "rayops_attempt"
METADATA_KEYS = (JOB_KEY_METADATA, RUN_KEY_METADATA, ATTEMPT_METADATA)


class JobKey(t.NamedTuple):
    """The identity of a job; ``is_user_key`` distinguishes the user's key from one that only this run knows."""

    value: str
    is_user_key: bool

    def build_metadata(self, attempt: int) -> dict[str, str]:
        """Return what the metadata of an attempt holds. Ray accepts only text."""
        return {JOB_KEY_METADATA if self.is_user_key else RUN_KEY_METADATA: self.value, ATTEMPT_METADATA: str(attempt)}

    def get_attempt_number(self, job: Job) -> int | None:
        """Return which attempt with this key a job is, None for a job without this key."""
        metadata = read_metadata(job)
        if metadata.get(JOB_KEY_METADATA if self.is_user_key else RUN_KEY_METADATA) != self.value:
            return None
        return read_attempt_number(metadata)


def read_metadata(job: Job) -> dict[str, object]:
    """Return the metadata of a job, empty if it cannot be read."""
    try:
        metadata = json.loads(job.get("metadata_json") or "{}")
    except (ValueError, RecursionError):
        return {}
    return metadata if isinstance(metadata, dict) else {}


def read_attempt_number(metadata: t.Mapping[str, object]) -> int:
    """Return the number of the attempt in a job's metadata, 1 if it has none."""
    text = str(metadata.get(ATTEMPT_METADATA) or "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 and int(text) > 0 else 1


def tags_to_wire(tags: t.Mapping[str, str]) -> list[Tag]:
    """Return tags as the service takes and gives them."""
    return [{"key": key, "value": value} for key, value in tags.items()]
