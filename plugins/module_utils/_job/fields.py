# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""Names of jobs: fields, statuses, and what this collection keeps in a job's metadata. Private to this collection."""

from __future__ import annotations

import json
import typing as t

Job = dict[str, t.Any]

SUBMITTED, PENDING, RUNNING, CANCELLING = "Submitted", "Pending", "Running", "Cancelling"
SUCCEEDED, FAILED, TIMEOUT, CANCELLED = "Succeeded", "Failed", "Timeout", "Cancelled"
# GetRayJob in the official SDK 2.3.0: nothing follows these.
FINAL_STATUSES = (SUCCEEDED, FAILED, TIMEOUT, CANCELLED)
UNSUCCESSFUL_STATUSES = (FAILED, TIMEOUT, CANCELLED)

NODE_FIELDS = ("queue_name", "cpu", "memory", "gpu_spec", "display_release_version")
HEAD_FIELDS = (*NODE_FIELDS, "enable_auto_scaling", "idle_timeout_seconds", "replica")
WORKER_FIELDS = ("group_name", "worker_type", "replica", "min_replica", "max_replica", *NODE_FIELDS)

TEXT_FIELDS = (
    "name",
    "status",
    "message",
    "cluster_state",
    "creator_name",
    "dashboard_url",
    "display_release_version",
    "resource_queue",
    "submission_mode",
    "entrypoint",
    "entrypoint_num_cpus",
    "entrypoint_num_gpus",
    "entrypoint_memory",
    "entrypoint_resources",
    "working_dir",
    "runtime_env_json",
    "metadata_json",
    "extra_param",
    "network_service_name",
    "log_bucket_name",
    "log_path",
    "task_biz_id",
)
NUMBER_FIELDS = (
    "submit_time",
    "start_time",
    "end_time",
    "duration",
    "cu_hours",
    "active_deadline_seconds",
    "ttl_seconds_after_finished",
    "backoff_limit",
    "driver_exit_code",
)
FLAG_FIELDS = ("shutdown_after_job_finishes",)
LIST_FIELDS = ("volume_ids", "dashboard_url_extra", "tags", "worker_spec")
OTHER_FIELDS = ("gu_hours", "head_spec")
# What results show of a job; the first three say which one it is.
JOB_FIELDS = (
    "submission_id",
    "job_key",
    "attempt",
    *TEXT_FIELDS,
    *NUMBER_FIELDS,
    *FLAG_FIELDS,
    *LIST_FIELDS,
    *OTHER_FIELDS,
)
# What ListRayJob's rows have (official SDK 2.3.0).
ROW_FIELDS = (
    "submission_id",
    "name",
    "status",
    "cluster_state",
    "creator_name",
    "cu_hours",
    "dashboard_url",
    "duration",
    "submit_time",
    "start_time",
    "end_time",
    "resource_queue",
)

# In the metadata of a job: the key of the user, or one made for a single run; and which attempt the job is.
JOB_KEY_METADATA, RUN_KEY_METADATA, ATTEMPT_METADATA = "rayops_job_key", "rayops_submit_id", "rayops_attempt"
METADATA_KEYS = (JOB_KEY_METADATA, RUN_KEY_METADATA, ATTEMPT_METADATA)


class JobKey(t.NamedTuple):
    """What a job is recognised by: ``own`` tells the user's key from one that only this run knows."""

    value: str
    is_user_key: bool

    def build_metadata(self, attempt: int) -> dict[str, str]:
        """Return what the metadata of an attempt holds. Ray takes text only."""
        return {JOB_KEY_METADATA if self.is_user_key else RUN_KEY_METADATA: self.value, ATTEMPT_METADATA: str(attempt)}

    def get_attempt_number(self, job: Job) -> int | None:
        """Return which attempt with this key a job is, None for a job without this key."""
        metadata = read_metadata(job)
        if metadata.get(JOB_KEY_METADATA if self.is_user_key else RUN_KEY_METADATA) != self.value:
            return None
        return read_attempt_number(metadata)


def read_metadata(job: Job) -> dict[str, t.Any]:
    """Return the metadata of a job, nothing where it cannot be read."""
    try:
        metadata = json.loads(job.get("metadata_json") or "{}")
    except (ValueError, RecursionError):
        return {}
    return metadata if isinstance(metadata, dict) else {}


def read_attempt_number(metadata: t.Mapping[str, t.Any]) -> int:
    """Return the number of the attempt in a job's metadata, 1 where it has none."""
    text = str(metadata.get(ATTEMPT_METADATA) or "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 and int(text) > 0 else 1
