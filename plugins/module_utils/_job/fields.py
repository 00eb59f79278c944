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
OVER = (SUCCEEDED, FAILED, TIMEOUT, CANCELLED)
UNSUCCESSFUL = (FAILED, TIMEOUT, CANCELLED)

NODE_FIELDS = ("queue_name", "cpu", "memory", "gpu_spec", "display_release_version")
HEAD_FIELDS = (*NODE_FIELDS, "enable_auto_scaling", "idle_timeout_seconds", "replica")
WORKER_FIELDS = ("group_name", "worker_type", "replica", "min_replica", "max_replica", *NODE_FIELDS)

TEXTS = (
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
NUMBERS = (
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
FLAGS = ("shutdown_after_job_finishes",)
LISTS = ("volume_ids", "dashboard_url_extra", "tags", "worker_spec")
OTHERS = ("gu_hours", "head_spec")
# What results show of a job; the first three say which one it is.
JOB_FIELDS = ("submission_id", "job_key", "attempt", *TEXTS, *NUMBERS, *FLAGS, *LISTS, *OTHERS)
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
KEY_MARK, ONCE_MARK, ATTEMPT_MARK = "rayops_job_key", "rayops_submit_id", "rayops_attempt"
MARKS = (KEY_MARK, ONCE_MARK, ATTEMPT_MARK)


class Key(t.NamedTuple):
    """What a job is recognised by: ``own`` tells the user's key from one that only this run knows."""

    value: str
    own: bool

    def marks(self, attempt: int) -> dict[str, str]:
        """Return what the metadata of an attempt holds. Ray takes text only."""
        return {KEY_MARK if self.own else ONCE_MARK: self.value, ATTEMPT_MARK: str(attempt)}

    def attempt_of(self, job: Job) -> int | None:
        """Return which attempt with this key a job is, None for a job without this key."""
        metadata = metadata_of(job)
        if metadata.get(KEY_MARK if self.own else ONCE_MARK) != self.value:
            return None
        return attempt_in(metadata)


def metadata_of(job: Job) -> dict[str, t.Any]:
    """Return the metadata of a job, nothing where it cannot be read."""
    try:
        found = json.loads(job.get("metadata_json") or "{}")
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def attempt_in(metadata: t.Mapping[str, t.Any]) -> int:
    """Return the number of the attempt in a job's metadata, 1 where it has none."""
    text = str(metadata.get(ATTEMPT_MARK) or "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 and int(text) > 0 else 1
