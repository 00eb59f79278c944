# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""Define the options of the cluster modules."""

from __future__ import annotations

from .._cluster.fields import Spec
from .._payload import FieldType, fields_of
from .common import COMMON_OPTIONS, RETURN_SECRETS_OPTION, Options


def _options_of(payload: type) -> Options:
    """Return the options of the fields of a payload: those that a user may set, and those that a result returns."""
    return {name: _option_of(field) for name, field in fields_of(payload).items()}


def _option_of(field: FieldType) -> dict[str, object]:
    item = "dict" if field.is_payload else field.properties.option or field.type.__name__
    option: dict[str, object] = {"type": "list", "elements": item} if field.is_list else {"type": item}
    if field.is_payload:
        option["options"] = _options_of(field.type)
    if field.properties.required:
        option["required"] = True
    return {**option, "no_log": True} if field.properties.secret else option


CLUSTER_OPTIONS: Options = {
    "cluster_id": {"type": "str"},
    **_options_of(Spec),
    "state": {
        "type": "str",
        "choices": ["present", "started", "stopped", "restarted", "absent"],
        "default": "present",
    },
    "purge_worker_groups": {"type": "bool"},
    "restart": {"type": "str", "choices": ["never", "if_needed"], "default": "never"},
    "preflight": {"type": "bool", "default": True},
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
