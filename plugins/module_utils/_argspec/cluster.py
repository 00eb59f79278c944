# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""The options of the cluster modules. Private to this collection."""

from __future__ import annotations

from .common import COMMON_OPTIONS, RETURN_SECRETS_OPTION, Options

_NODE_OPTIONS: Options = {
    "queue_name": {"type": "str"},
    "cpu": {"type": "str"},
    "memory": {"type": "str"},
    "gpu_spec": {"type": "str"},
    "display_release_version": {"type": "str"},
    "env": {"type": "dict"},
    "ray_start_params": {"type": "str"},
}

HEAD_OPTIONS: Options = {
    **_NODE_OPTIONS,
    "enable_auto_scaling": {"type": "bool"},
    "idle_timeout_seconds": {"type": "int"},
    "gft_enabled": {"type": "bool"},
    "gft_config": {
        "type": "dict",
        "options": {
            "redis_url": {"type": "str"},
            "redis_username": {"type": "str"},
            "redis_password": {"type": "str", "no_log": True},
        },
    },
}

WORKER_OPTIONS: Options = {
    "group_name": {"type": "str", "required": True},
    "worker_type": {"type": "str"},
    "replica": {"type": "int"},
    "min_replica": {"type": "int"},
    "max_replica": {"type": "int"},
    **_NODE_OPTIONS,
    "extra_param": {"type": "json"},
}

CLUSTER_OPTIONS: Options = {
    "cluster_id": {"type": "str"},
    "name": {"type": "str"},
    "state": {
        "type": "str",
        "choices": ["present", "started", "stopped", "restarted", "absent"],
        "default": "present",
    },
    "display_release_version": {"type": "str"},
    "description": {"type": "str"},
    "network_service_name": {"type": "str"},
    "head_spec": {"type": "dict", "options": HEAD_OPTIONS},
    "worker_spec": {"type": "list", "elements": "dict", "options": WORKER_OPTIONS},
    "volume_ids": {"type": "list", "elements": "str"},
    "extra_param": {"type": "json"},
    "purge_worker_groups": {"type": "bool"},
    "restart": {"type": "str", "choices": ["never", "if_needed"], "default": "never"},
    "preflight": {"type": "bool"},
    "max_cu": {"type": "float"},
    "max_gpus": {"type": "int"},
    "protected": {"type": "bool", "default": False},
    "wait": {"type": "bool", "default": True},
    "wait_timeout": {"type": "float", "default": 900.0},
    "wait_interval": {"type": "float", "default": 5.0},
    **RETURN_SECRETS_OPTION,
    **COMMON_OPTIONS,
}

CLUSTER_INFO_OPTIONS: Options = {
    "cluster_id": {"type": "str"},
    "name": {"type": "str"},
    "states": {"type": "list", "elements": "str"},
    "details": {"type": "bool", "default": False},
    "as_tasks": {"type": "bool", "default": False},
    "tasks_state": {"type": "str", "choices": ["present", "as_is"], "default": "present"},
    **RETURN_SECRETS_OPTION,
    **COMMON_OPTIONS,
}
