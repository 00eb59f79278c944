# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""The API's payloads and the declared spec, as schemas for pydantic; the only file that imports pydantic.

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

from ansible_collections.rayops.alicloud.plugins.module_utils._errors import ApiError, ParameterError
from ansible_collections.rayops.alicloud.plugins.module_utils._fields import GFT_FIELDS, MAX_GROUPS, NODE_FIELDS, camel
from ansible_collections.rayops.alicloud.plugins.module_utils._meaning import wire_cpu, wire_env, wire_memory

try:
    import pydantic
    from pydantic_core import SchemaValidator, ValidationError, core_schema

    HAS_PYDANTIC = True
    PYDANTIC_VERSION = pydantic.VERSION
except ImportError:
    HAS_PYDANTIC = False
    PYDANTIC_VERSION = ""

MAX_NAME = 64

# What each field holds: text, a whole number, a truth value, a list of one of these, or fields of its own.
Shape = dict[str, t.Any]

GFT: Shape = dict.fromkeys(GFT_FIELDS, str)
NODE: Shape = dict.fromkeys(NODE_FIELDS, str)
HEAD: Shape = {
    **NODE,
    "enable_auto_scaling": bool,
    "idle_timeout_seconds": int,
    "gft_enabled": bool,
    "gft_config": GFT,
}
WORKER: Shape = {
    "group_name": str,
    "worker_type": str,
    "replica": int,
    "min_replica": int,
    "max_replica": int,
    **NODE,
    "extra_param": str,
}
SPEC: Shape = {
    "name": str,
    "display_release_version": str,
    "description": str,
    "network_service_name": str,
    "extra_param": str,
    "volume_ids": [str],
    "head_spec": HEAD,
    "worker_spec": [WORKER],
}
INSTANCE: Shape = {
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
CLUSTER: Shape = {
    "cluster_id": str,
    **SPEC,
    "head_spec": {**HEAD, "replica": int},
    "state": str,
    "message": str,
    "modified": bool,
    "instance_id": str,
    "instances": [INSTANCE],
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


def _environment(value: t.Any) -> str:
    if not isinstance(value, dict):
        raise ValueError("must be a mapping of variables")  # noqa: TRY004 - pydantic catches ValueError
    return wire_env(value)


def _shell_words(text: str) -> str:
    try:
        shlex.split(text)
    except ValueError as error:
        raise ValueError(f"cannot be split into words ({error})") from None
    return text


def _json_text(text: str) -> str:
    try:
        if text:
            json.loads(text)
    except (ValueError, RecursionError):
        raise ValueError("is not valid JSON") from None
    return text


def _bounds(group: Shape) -> Shape:
    low, high = group.get("min_replica"), group.get("max_replica")
    if low and high and low > high:
        raise ValueError(f"min_replica {low} is above max_replica {high}")
    return group


def _unique(groups: list[Shape]) -> list[Shape]:
    names = [group["group_name"] for group in groups]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ValueError(f"the group name is used more than once: {', '.join(twice)}")
    return groups


# What a declared field has to be besides its kind, and how it gets its spelling on the wire.
_REQUIRED = ("group_name",)
_LIMITS: dict[str, dict[str, t.Any]] = {
    "name": {"min_length": 1, "max_length": MAX_NAME},
    "group_name": {"min_length": 1},
    "worker_spec": {"max_length": MAX_GROUPS},
    "idle_timeout_seconds": {"ge": 0},
    "replica": {"ge": 1},
    "min_replica": {"ge": 1},
    "max_replica": {"ge": 1},
}
_SPELLED: dict[str, t.Callable[[t.Any], str]] = {"cpu": wire_cpu, "memory": wire_memory, "env": _environment}
_CHECKED: dict[str, t.Callable[[t.Any], t.Any]] = {
    "ray_start_params": _shell_words,
    "extra_param": _json_text,
    "worker_spec": _unique,
}
_CHECKED_ITEMS: dict[str, t.Callable[[t.Any], t.Any]] = {"worker_spec": _bounds}


def _kind(kind: t.Any, fields: t.Callable[[Shape], t.Any], limits: dict[str, t.Any]) -> t.Any:
    """Return the schema of one kind of value; ``fields`` makes that of a value with fields of its own."""
    if isinstance(kind, dict):
        return fields(kind)
    if kind is str:
        return core_schema.str_schema(coerce_numbers_to_str=True, **limits)
    return core_schema.int_schema(**limits) if kind is int else core_schema.bool_schema()


def _declared(shape: Shape) -> t.Any:
    """Return the schema of what the user gives: known fields only, and in the result only those that are set."""
    return core_schema.typed_dict_schema(
        {
            name: core_schema.typed_dict_field(_declared_field(name, kind), required=name in _REQUIRED)
            for name, kind in shape.items()
        },
        extra_behavior="forbid",
    )


def _declared_field(name: str, kind: t.Any) -> t.Any:
    limits = _LIMITS.get(name, {})
    if isinstance(kind, list):
        items = _kind(kind[0], _declared, {})
        if name in _CHECKED_ITEMS:
            items = core_schema.no_info_after_validator_function(_CHECKED_ITEMS[name], items)
        schema: t.Any = core_schema.list_schema(items, **limits)
    else:
        schema = _kind(kind, _declared, limits)
    if name in _SPELLED:
        schema = core_schema.no_info_before_validator_function(_SPELLED[name], schema)
    if name in _CHECKED:
        schema = core_schema.no_info_after_validator_function(_CHECKED[name], schema)
    return schema


def _observed(shape: Shape) -> t.Any:
    """Return the schema of what the service gives: any field may be missing, null, or one that nobody knows yet."""
    fields = {name: _observed_field(name, kind) for name, kind in shape.items()}
    schema = core_schema.model_fields_schema(fields, extra_behavior="allow")
    return core_schema.no_info_after_validator_function(_with_unknown, schema)


def _observed_field(name: str, kind: t.Any) -> t.Any:
    if name == "cluster_id":
        return core_schema.model_field(_kind(kind, _observed, {"min_length": 1}), validation_alias=camel(name))
    schema = _kind(kind[0] if isinstance(kind, list) else kind, _observed, {})
    if isinstance(kind, list):
        schema = core_schema.list_schema(schema)
    optional = core_schema.with_default_schema(core_schema.nullable_schema(schema), default=None)
    return core_schema.model_field(optional, validation_alias=camel(name))


def _with_unknown(read: tuple[Shape, Shape | None, set[str]]) -> Shape:
    """Return the fields with those that nobody knows yet, so that an update does not lose them."""
    known, unknown, _given = read
    return {**(unknown or {}), **known}


@functools.lru_cache(maxsize=2)
def _validator(of: t.Callable[[Shape], t.Any]) -> SchemaValidator:
    schema = of(SPEC if of is _declared else CLUSTER)
    return SchemaValidator(schema, core_schema.CoreConfig(hide_input_in_errors=True))


def _problem(error: t.Any) -> str:
    """Say in our own words what is wrong, without the value, which may be a secret."""
    path = ""
    for part in error["loc"]:
        path += f"[{part}]" if isinstance(part, int) else f".{part}" if path else str(part)
    text = error["msg"].removeprefix("Value error, ").removeprefix("Input ")
    if error["type"] == "too_long":
        text = f"at most {MAX_GROUPS} worker groups are allowed"
    return f"{path}: {text[:1].lower()}{text[1:]}"


def _errors(error: ValidationError) -> list[str]:
    return [_problem(item) for item in error.errors(include_url=False, include_input=False, include_context=False)]


def read_cluster(payload: t.Any, operation: str) -> dict[str, t.Any]:
    """Return a cluster of the service's answer as a dict with snake_case keys, absent fields None.

    Raises ApiError when a known field has a type that makes no sense.
    """
    try:
        return t.cast(Shape, _validator(_observed).validate_python(payload))
    except ValidationError as error:
        raise ApiError(operation, f"the answer cannot be understood: {'; '.join(_errors(error))}") from None


def check_spec(declared: dict[str, t.Any]) -> dict[str, t.Any]:
    """Return the declared spec with only what is set, every value as it is spelled on the wire.

    ``declared`` has the option names of emr_ray_cluster. Raises ParameterError that names every bad option at once.
    """
    try:
        return t.cast(Shape, _validator(_declared).validate_python(_set_only(declared)))
    except ValidationError as error:
        raise ParameterError(_errors(error)) from None


def _set_only(value: t.Any) -> t.Any:
    """Drop options that were not given; a module gets them as None."""
    if isinstance(value, dict):
        return {key: item if key == "env" else _set_only(item) for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return [_set_only(item) for item in value]
    return value
