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
from .._quantities import to_wire_cpu, to_wire_memory
from .._redaction import is_hidden, is_mask, is_secret_name
from .._schema import Rules, SchemaError, Shape, Validator, declared, observed
from .fields import GFT_FIELDS, MAX_GROUPS, NODE_FIELDS, STATES
from .values import to_wire_env

MAX_NAME_LENGTH = 64
_STATES_BY_CASE = {state.lower(): state for state in STATES}

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


def _check_shell_words(text: str) -> str:
    try:
        shlex.split(text)
    except ValueError as error:
        raise ValueError(f"cannot be split into words ({error})") from None
    return text


def _check_json(text: str) -> str:
    try:
        if text:
            json.loads(text)
    except (ValueError, RecursionError):
        raise ValueError("is not valid JSON") from None
    return text


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
        "name": {"min_length": 1, "max_length": MAX_NAME_LENGTH},
        "group_name": {"min_length": 1},
        "worker_spec": {"max_length": MAX_GROUPS},
        "idle_timeout_seconds": {"ge": 0},
        "replica": {"ge": 1},
        "min_replica": {"ge": 1},
        "max_replica": {"ge": 1},
    },
    spelled={"cpu": to_wire_cpu, "memory": to_wire_memory, "env": _env_to_wire},
    checked={"ray_start_params": _check_shell_words, "extra_param": _check_json, "worker_spec": _check_unique_names},
    checked_items={"worker_spec": _check_replica_bounds},
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

    A state that is known has the spelling of :data:`STATES`, whatever its case. Raises ApiError when a known field has
    a type that makes no sense.
    """
    try:
        cluster = t.cast(Shape, _observed_cluster().validate(_objects_to_text(payload)))
    except SchemaError as error:
        raise ApiError(operation, f"the answer cannot be understood: {'; '.join(error.problems)}") from None
    state = cluster.get("state")
    if state and state not in STATES:
        cluster["state"] = _STATES_BY_CASE.get(state.strip().lower(), state)
    return cluster


def _objects_to_text(payload: t.Any) -> t.Any:
    """Return a payload in which the ``env`` and ``extraParam`` of every node are text, also where they are objects."""
    if not isinstance(payload, dict):
        return payload
    node = dict(payload)
    if isinstance(node.get("env"), dict):
        node["env"] = "\n".join(f"{name}={'' if value is None else value}" for name, value in node["env"].items())
    if isinstance(node.get("extraParam"), (dict, list)):
        node["extraParam"] = json.dumps(node["extraParam"])
    if isinstance(node.get("headSpec"), dict):
        node["headSpec"] = _objects_to_text(node["headSpec"])
    if isinstance(node.get("workerSpec"), list):
        node["workerSpec"] = [_objects_to_text(group) for group in node["workerSpec"]]
    return node


def parse_spec(declared: dict[str, t.Any]) -> dict[str, t.Any]:
    """Return the declared spec with only what is set, every value as it is spelled on the wire.

    ``declared`` has the option names of emr_ray_cluster. Raises ParameterError that names every bad option at once.
    """
    given = _drop_unset(declared)
    hidden = [
        f"{path}: is a hidden value, shown in place of a secret; give the real one, or leave the option out"
        for path in _find_hidden(given, "")
    ]
    try:
        spec = t.cast(Shape, _declared_spec().validate(given))
    except SchemaError as error:
        raise ParameterError(hidden + error.problems) from None
    if hidden:
        raise ParameterError(hidden)
    return spec


def _find_hidden(value: t.Any, path: str, is_secret: bool = False) -> t.Iterator[str]:
    """Yield the paths of values that are no values: what a result or a service shows in place of a secret."""
    if isinstance(value, dict):
        in_env = path.endswith(".env")
        for key, item in value.items():
            secret = key == "redis_password" or (in_env and is_secret_name(key))
            yield from _find_hidden(item, f"{path}.{key}" if path else str(key), secret)
    elif isinstance(value, list):
        for number, item in enumerate(value):
            name = item.get("group_name", number) if isinstance(item, dict) else number
            yield from _find_hidden(item, f"{path}[{name}]")
    elif isinstance(value, str) and (is_hidden(value) or (is_secret and is_mask(value))):
        yield path


def _drop_unset(value: t.Any) -> t.Any:
    """Drop options that were not given; a module gets them as None."""
    if isinstance(value, dict):
        return {key: item if key == "env" else _drop_unset(item) for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return [_drop_unset(item) for item in value]
    return value
