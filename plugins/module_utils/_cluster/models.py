# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""The API's cluster payload and the declared spec.

The schemas of what the service answers are tolerant: unknown fields and unknown states pass. The schemas of what the
user declares are strict, and put every value into its spelling on the wire. They are given to pydantic's core, without
classes: importing what makes schemas out of classes costs a task three times as much as all its validation, and
plugins that other packages register with pydantic would see what is validated, secrets included.
Private to this collection.
"""

from __future__ import annotations

import functools
import json
import shlex
import typing as t

from .._errors import ApiError, ParameterError
from .._quantities import declared_memory, to_wire_cpu
from .._redaction import is_mask
from .._schema import Rules, SchemaError, Shape, Validator, declared, observed
from .._text_rules import EMPTY_TEXT, find_label_problem
from .fields import GFT_FIELDS, MAX_GROUPS, NODE_FIELDS
from .values import to_wire_env

MAX_NAME_LENGTH = 64

# What each field holds: text, a whole number, a truth value, a list of one of these, or fields of its own.
GFT_SHAPE: Shape = dict.fromkeys(GFT_FIELDS, str)
NODE_SHAPE: Shape = dict.fromkeys(NODE_FIELDS, str)
HEAD_SHAPE: Shape = {
    **NODE_SHAPE,
    "enable_auto_scaling": bool,
    "idle_timeout_seconds": int,
    "gft_enabled": bool,
    "gft_config": GFT_SHAPE,
}
WORKER_SHAPE: Shape = {
    "group_name": str,
    "worker_type": str,
    "replica": int,
    "min_replica": int,
    "max_replica": int,
    **NODE_SHAPE,
    "extra_param": str,
}
SPEC_SHAPE: Shape = {
    "name": str,
    "display_release_version": str,
    "description": str,
    "network_service_name": str,
    "extra_param": str,
    "volume_ids": [str],
    "head_spec": HEAD_SHAPE,
    "worker_spec": [WORKER_SHAPE],
}
INSTANCE_SHAPE: Shape = {
    "instance_id": str,
    "type": str,
    "phase": str,
    "reason": str,
    "message": str,
    "create_time": int,
    "start_time": int,
    "container_state": str,
    "container_state_reason": str,
    "container_state_message": str,
    "container_exit_code": int,
}
# GetRayCluster's answer, and, with fewer fields, a row of ListRayCluster's.
CLUSTER_SHAPE: Shape = {
    "cluster_id": str,
    **SPEC_SHAPE,
    "head_spec": {**HEAD_SHAPE, "replica": int},
    "state": str,
    "message": str,
    "modified": bool,
    "instance_id": str,
    "instances": [INSTANCE_SHAPE],
    "dashboard_url": str,
    "grpc_endpoint": str,
    "job_url": str,
    "job_url_inner": str,
    "submit_token": str,
    "create_time": int,
    "modified_time": int,
    "start_time": int,
    "creator": str,
    "creator_name": str,
    "modifier": str,
    "modifier_name": str,
    "user_id": str,
}


def _env_to_wire(value: t.Any) -> str:
    if not isinstance(value, dict):
        raise ValueError("must be a mapping of variables")  # noqa: TRY004 - pydantic catches ValueError
    return to_wire_env(value)


def _check_label(text: str) -> str:
    problem = find_label_problem(text)
    if problem:
        raise ValueError(problem)
    return text


def _check_clearable_label(text: str) -> str:
    return _check_label(text) if text else text


def _check_not_empty(text: str) -> str:
    if not text:
        raise ValueError(EMPTY_TEXT)
    return text


def _check_secret(text: str) -> str:
    if is_mask(_check_not_empty(text)):
        raise ValueError("is a mask from a result, not the secret itself")
    return text


def _check_redis_address(text: str) -> str:
    host, _colon, port = _check_label(text).rpartition(":")
    bracketed = host.startswith("[") and host.endswith("]")
    if not host or "/" in text or " " in text or "@" in text or (":" in host and not bracketed):
        raise ValueError("must be host:port, such as 10.0.0.1:6379, without a scheme")
    if not (port.isascii() and port.isdigit() and 0 < int(port[:6]) < 65536 and len(port) < 6):
        raise ValueError("must end with a port, such as 10.0.0.1:6379")
    return text


def _check_shell_words(text: str) -> str:
    _check_not_empty(text)
    try:
        shlex.split(text)
    except ValueError as error:
        raise ValueError(f"cannot be split into words ({error})") from None
    return text


def _check_json(text: str) -> str:
    _check_not_empty(text)
    try:
        json.loads(text, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        raise ValueError("is not valid JSON") from None
    return text


def _refuse_constant(name: str) -> t.NoReturn:
    """Raise ValueError: Python's reader takes NaN and Infinity, which no JSON has."""
    raise ValueError(name)


def _check_replica_bounds(group: Shape) -> Shape:
    low, high = group.get("min_replica"), group.get("max_replica")
    if low and high and low > high:
        raise ValueError(f"min_replica {low} is above max_replica {high}")
    return group


def _check_unique_names(groups: list[Shape]) -> list[Shape]:
    names = [group["group_name"] for group in groups]
    duplicates = sorted({name for name in names if names.count(name) > 1})
    if duplicates:
        raise ValueError(f"the group name is used more than once: {', '.join(duplicates)}")
    return groups


# What a declared field has to be besides its kind, and how it gets its spelling on the wire.
_RULES = Rules(
    required=("group_name",),
    limits={
        "name": {"max_length": MAX_NAME_LENGTH},
        "worker_spec": {"max_length": MAX_GROUPS},
        "idle_timeout_seconds": {"ge": 0},
        "replica": {"ge": 1},
        "min_replica": {"ge": 1},
        "max_replica": {"ge": 1},
    },
    spelled={"cpu": to_wire_cpu, "memory": declared_memory, "env": _env_to_wire},
    checked={
        **dict.fromkeys(("name", "group_name", "queue_name", "display_release_version", "worker_type"), _check_label),
        **dict.fromkeys(("network_service_name", "gpu_spec"), _check_clearable_label),
        "redis_url": _check_redis_address,
        "redis_username": _check_label,
        "redis_password": _check_secret,
        "ray_start_params": _check_shell_words,
        "extra_param": _check_json,
        "worker_spec": _check_unique_names,
    },
    checked_items={"worker_spec": _check_replica_bounds, "volume_ids": _check_label},
    too_long=f"at most {MAX_GROUPS} worker groups are allowed",
)


@functools.lru_cache(maxsize=1)
def _declared_spec() -> Validator:
    return declared(SPEC_SHAPE, _RULES)


@functools.lru_cache(maxsize=1)
def _observed_cluster() -> Validator:
    return observed(CLUSTER_SHAPE, required="cluster_id")


def parse_cluster(payload: t.Any, operation: str) -> dict[str, t.Any]:
    """Return a cluster of the service's answer as a dict with snake_case keys, absent fields None.

    Raises ApiError when a known field has a type that makes no sense.
    """
    try:
        return t.cast(Shape, _observed_cluster().validate(payload))
    except SchemaError as error:
        raise ApiError(operation, f"the answer cannot be understood: {'; '.join(error.problems)}") from None


def parse_spec(declared: dict[str, t.Any]) -> dict[str, t.Any]:
    """Return the declared spec with only what is set, every value as it is spelled on the wire.

    ``declared`` has the option names of emr_ray_cluster. Raises ParameterError that names every bad option at once.
    """
    given = _drop_unset(declared)
    head = given.get("head_spec")
    if isinstance(head, dict) and head.get("replica") in (0, 1):
        # Results have it, and a result may be given back.
        given["head_spec"] = {field: value for field, value in head.items() if field != "replica"}
    try:
        return t.cast(Shape, _declared_spec().validate(given))
    except SchemaError as error:
        raise ParameterError(error.problems) from None


def _drop_unset(value: t.Any) -> t.Any:
    """Drop options that were not given; a module gets them as None."""
    if isinstance(value, dict):
        return {key: item if key == "env" else _drop_unset(item) for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return [_drop_unset(item) for item in value]
    return value
