# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""Define the options of the modules that manage workspaces and their contents."""

from __future__ import annotations

from .common import COMMON_OPTIONS, Options

WAIT_OPTIONS: Options = {
    "wait_timeout": {"type": "float", "default": 900.0},
    "wait_interval": {"type": "float", "default": 5.0},
}
_GUARDRAILS: Options = {
    "max_cu": {"type": "float"},
    "protected": {"type": "bool", "default": False},
    "force": {"type": "bool", "default": False},
}
_QUEUE_SETTINGS: Options = {
    "resource_spec": {
        "type": "dict",
        "options": {
            "cu": {"type": "raw"},
            "max_cu": {"type": "raw"},
            "gpu": {"type": "int"},
            "gpu_machine_num": {"type": "int"},
        },
    },
    "queue_category": {"type": "str", "choices": ["CPU", "GPU"]},
    "gpu_spec": {"type": "list", "elements": "str"},
    "payment_type": {"type": "str", "choices": ["PayAsYouGo", "Pre"]},
    "instance_id": {"type": "str"},
    "description": {"type": "str"},
    "environments": {"type": "list", "elements": "str"},
    "preheat": {"type": "bool"},
}
_STATE: Options = {"state": {"type": "str", "choices": ["present", "absent"], "default": "present"}}

QUEUE_OPTIONS: Options = {
    "name": {"type": "str"},
    **_STATE,
    **_QUEUE_SETTINGS,
    "queues": {
        "type": "list",
        "elements": "dict",
        "options": {"name": {"type": "str", "required": True}, **_STATE, **_QUEUE_SETTINGS},
    },
    "workspace_cu": {"type": "raw"},
    **_GUARDRAILS,
    **WAIT_OPTIONS,
    **COMMON_OPTIONS,
}

WORKSPACE_OPTIONS: Options = {
    "name": {"type": "str"},
    **_STATE,
    "resource_spec": {"type": "dict", "options": {"cu": {"type": "raw"}, "gpu": {"type": "int"}}},
    "gpu_spec": {"type": "list", "elements": "str"},
    "oss_bucket": {"type": "str"},
    "ram_role_name": {"type": "str"},
    "payment_type": {"type": "str", "choices": ["PayAsYouGo", "Pre"]},
    "dlf_catalog_id": {"type": "str"},
    "dlf_type": {"type": "str"},
    "release_type": {"type": "str"},
    "resource_group_id": {"type": "str"},
    "ip_white_list": {"type": "list", "elements": "str"},
    "tags": {"type": "dict"},
    "shrink": {"type": "bool", "default": True},
    **_GUARDRAILS,
    "wait": {"type": "bool", "default": True},
    **WAIT_OPTIONS,
    **COMMON_OPTIONS,
}

NETWORK_OPTIONS: Options = {
    "name": {"type": "str", "required": True},
    **_STATE,
    "vpc_id": {"type": "str"},
    "vswitch_ids": {"type": "list", "elements": "str"},
    # Part of its name looks like that of a secret.
    "security_group_id": {"type": "str", "no_log": False},
    "type": {"type": "str"},
    "wait": {"type": "bool", "default": True},
    **WAIT_OPTIONS,
    **COMMON_OPTIONS,
}

MEMBER_OPTIONS: Options = {
    "member_arns": {"type": "list", "elements": "str", "required": True},
    "roles": {"type": "list", "elements": "str", "default": []},
    **_STATE,
    **WAIT_OPTIONS,
    **COMMON_OPTIONS,
}
