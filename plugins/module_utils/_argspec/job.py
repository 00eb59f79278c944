# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""The options of the modules for jobs, as plain data."""

from __future__ import annotations

from .common import COMMON_OPTIONS, Options

# Jobs take neither env, ray_start_params nor gft_* (official SDK 2.3.0).
_NODE_OPTIONS: Options = {
    "queue_name": {"type": "str"},
    "cpu": {"type": "str"},
    "memory": {"type": "str"},
    "gpu_spec": {"type": "str"},
    "display_release_version": {"type": "str"},
}

JOB_HEAD: Options = {
    **_NODE_OPTIONS,
    # Results contain it, and users may pass a result as input.
    "replica": {"type": "int"},
    "enable_auto_scaling": {"type": "bool"},
    "idle_timeout_seconds": {"type": "int"},
}

JOB_WORKER: Options = {
    "group_name": {"type": "str", "required": True},
    "worker_type": {"type": "str"},
    "replica": {"type": "int"},
    "min_replica": {"type": "int"},
    "max_replica": {"type": "int"},
    **_NODE_OPTIONS,
}

# The body of SubmitRayJob, by option names.
JOB_SPEC: Options = {
    "name": {"type": "str"},
    "entrypoint": {"type": "str"},
    "cluster_id": {"type": "str"},
    "display_release_version": {"type": "str"},
    "working_dir": {"type": "str"},
    "runtime_env_json": {"type": "json"},
    "metadata_json": {"type": "json"},
    "entrypoint_num_cpus": {"type": "str"},
    "entrypoint_num_gpus": {"type": "str"},
    "entrypoint_memory": {"type": "str"},
    "entrypoint_resources": {"type": "json"},
    "submission_mode": {"type": "str"},
    "active_deadline_seconds": {"type": "int"},
    "shutdown_after_job_finishes": {"type": "bool"},
    "ttl_seconds_after_finished": {"type": "int"},
    "network_service_name": {"type": "str"},
    "extra_param": {"type": "json"},
    "volume_ids": {"type": "list", "elements": "str"},
    "tags": {"type": "dict"},
    "head_spec": {"type": "dict", "options": JOB_HEAD},
    "worker_spec": {"type": "list", "elements": "dict", "options": JOB_WORKER},
}

JOB: Options = {
    "submission_id": {"type": "str"},
    "job_key": {"type": "str", "no_log": False},
    "state": {"type": "str", "choices": ["submitted", "finished", "cancelled"], "default": "submitted"},
    "via": {"type": "str", "choices": ["service", "cluster"], "default": "service"},
    "cluster_name": {"type": "str"},
    "resubmit": {"type": "str", "choices": ["never", "if_failed"], "default": "never"},
    "retries_on_failure": {"type": "int", "default": 0},
    "log_lines": {"type": "int", "default": 50},
    "wait_timeout": {"type": "float", "default": 3600.0},
    "wait_interval": {"type": "float", "default": 5.0},
    **JOB_SPEC,
    **COMMON_OPTIONS,
}

JOB_INFO: Options = {
    "via": {"type": "str", "choices": ["service", "cluster"], "default": "service"},
    "cluster_id": {"type": "str"},
    "cluster_name": {"type": "str"},
    "submission_id": {"type": "str"},
    "name": {"type": "str"},
    "task_biz_id": {"type": "str"},
    "submit_time": {
        "type": "dict",
        "options": {"start_time": {"type": "str"}, "end_time": {"type": "str"}},
    },
    "statuses": {"type": "list", "elements": "str"},
    "details": {"type": "bool", "default": False},
    **COMMON_OPTIONS,
}

JOB_LOG: Options = {
    "submission_id": {"type": "str", "required": True},
    "path": {"type": "str"},
    "dest": {"type": "path"},
    "lines": {"type": "int"},
    "wait_timeout": {"type": "float", "default": 3600.0},
    **COMMON_OPTIONS,
}
