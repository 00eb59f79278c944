# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""The options of the modules, as plain data. Private to this collection.

Environment variables are not fallbacks here: the core reads them, so that every mouth resolves them in one way.
"""

from __future__ import annotations

import typing as t

Options = dict[str, dict[str, t.Any]]

# no_log=False says of an option with a telling name that its value is no secret.
COMMON: Options = {
    "region": {"type": "str"},
    "endpoint": {"type": "str"},
    "network": {"type": "str", "choices": ["public", "vpc"], "default": "public"},
    "workspace_id": {"type": "str"},
    "access_key_id": {"type": "str", "no_log": False},
    "access_key_secret": {"type": "str", "no_log": True},
    "security_token": {"type": "str", "no_log": True},
    "profile": {"type": "str"},
    "role_arn": {"type": "str"},
    "role_session_name": {"type": "str"},
    "ecs_ram_role": {"type": "str"},
    "oidc_provider_arn": {"type": "str"},
    "oidc_token_file": {"type": "path", "no_log": False},
    "credentials_uri": {"type": "str", "no_log": True},
    "validate_certs": {"type": "bool", "default": True},
    "ca_path": {"type": "path"},
    "timeout": {"type": "float", "default": 30.0},
    "retries": {"type": "int", "default": 5},
}

_NODE: Options = {
    "queue_name": {"type": "str"},
    "cpu": {"type": "str"},
    "memory": {"type": "str"},
    "gpu_spec": {"type": "str"},
    "display_release_version": {"type": "str"},
    "env": {"type": "dict"},
    "ray_start_params": {"type": "str"},
}

HEAD: Options = {
    **_NODE,
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

WORKER: Options = {
    "group_name": {"type": "str", "required": True},
    "worker_type": {"type": "str"},
    "replica": {"type": "int"},
    "min_replica": {"type": "int"},
    "max_replica": {"type": "int"},
    **_NODE,
    "extra_param": {"type": "json"},
}

RETURN_SECRETS: Options = {"return_secrets": {"type": "bool", "default": False, "no_log": False}}

CLUSTER: Options = {
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
    "head_spec": {"type": "dict", "options": HEAD},
    "worker_spec": {"type": "list", "elements": "dict", "options": WORKER},
    "volume_ids": {"type": "list", "elements": "str"},
    "extra_param": {"type": "json"},
    "purge_worker_groups": {"type": "bool", "default": True},
    "restart": {"type": "str", "choices": ["never", "if_needed"], "default": "never"},
    "preflight": {"type": "bool"},
    "max_cu": {"type": "float"},
    "max_gpus": {"type": "int"},
    "protected": {"type": "bool", "default": False},
    "wait": {"type": "bool", "default": True},
    "wait_timeout": {"type": "float", "default": 900.0},
    "wait_interval": {"type": "float", "default": 5.0},
    **RETURN_SECRETS,
    **COMMON,
}

INFO: Options = {
    "cluster_id": {"type": "str"},
    "name": {"type": "str"},
    "states": {"type": "list", "elements": "str"},
    "details": {"type": "bool", "default": False},
    "as_tasks": {"type": "bool", "default": False},
    "tasks_state": {"type": "str", "choices": ["present", "as_is"], "default": "present"},
    **RETURN_SECRETS,
    **COMMON,
}

WORKSPACE_INFO: Options = {
    "name": {"type": "str"},
    "states": {"type": "list", "elements": "str"},
    "gather": {
        "type": "list",
        "elements": "str",
        "choices": ["queues", "release_versions", "network_services"],
        "default": ["queues", "release_versions", "network_services"],
    },
    **COMMON,
}

# Inside options of the inventory plugin, which Ansible does not look into.
INVENTORY_FILTERS: Options = {
    "states": {"type": "list", "elements": "str"},
    "names": {"type": "list", "elements": "str"},
    "queues": {"type": "list", "elements": "str"},
    "display_release_versions": {"type": "list", "elements": "str"},
    "gpu_specs": {"type": "list", "elements": "str"},
    "modified": {"type": "bool"},
    "include": {"type": "list", "elements": "str"},
    "exclude": {"type": "list", "elements": "str"},
}

INVENTORY_WORKSPACE: Options = {
    "workspace_id": {"type": "str", "required": True},
    **{name: COMMON[name] for name in ("region", "endpoint")},
    "network": {"type": "str", "choices": COMMON["network"]["choices"]},
}
