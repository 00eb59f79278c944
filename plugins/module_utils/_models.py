# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""The API's payloads and the declared spec as pydantic models; the only file that imports pydantic.

The models of what the service answers are tolerant: unknown fields and unknown states pass. The models of what the
user declares are strict, and put every value into its spelling on the wire. Private to this collection.
"""

from __future__ import annotations

import json
import shlex
import typing as t

from ansible_collections.rayops.alicloud.plugins.module_utils._errors import ApiError, ParameterError
from ansible_collections.rayops.alicloud.plugins.module_utils._fields import MAX_GROUPS
from ansible_collections.rayops.alicloud.plugins.module_utils._meaning import wire_cpu, wire_env, wire_memory

try:
    import pydantic

    HAS_PYDANTIC = True
    PYDANTIC_VERSION = pydantic.VERSION
except ImportError:
    HAS_PYDANTIC = False
    PYDANTIC_VERSION = ""

MAX_NAME = 64

if HAS_PYDANTIC:
    from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator
    from pydantic.alias_generators import to_camel

    class _Model(BaseModel):
        model_config = ConfigDict(
            alias_generator=to_camel,
            populate_by_name=True,
            coerce_numbers_to_str=True,
            hide_input_in_errors=True,
            defer_build=True,
            # Fields nobody knows yet are kept, so that an update does not lose them.
            extra="allow",
        )

    class GftConfig(_Model):
        """Where Ray's control store keeps its state for fault tolerance."""

        redis_url: str | None = None
        redis_username: str | None = None
        redis_password: str | None = None

    class NodeSpec(_Model):
        """What head and workers have in common."""

        queue_name: str | None = None
        cpu: str | None = None
        memory: str | None = None
        gpu_spec: str | None = None
        display_release_version: str | None = None
        env: str | None = None
        ray_start_params: str | None = None

    class HeadSpec(NodeSpec):
        """The head node, and the autoscaling of the whole cluster."""

        enable_auto_scaling: bool | None = None
        idle_timeout_seconds: int | None = None
        gft_enabled: bool | None = None
        gft_config: GftConfig | None = None

    class WorkerSpec(NodeSpec):
        """One worker group."""

        group_name: str | None = None
        worker_type: str | None = None
        replica: int | None = None
        min_replica: int | None = None
        max_replica: int | None = None
        extra_param: str | None = None

    class _ClusterFields(_Model):
        name: str | None = None
        display_release_version: str | None = None
        description: str | None = None
        network_service_name: str | None = None
        extra_param: str | None = None
        volume_ids: list[str] | None = None

    class ObservedHead(HeadSpec):
        """A head as it is read back."""

        replica: int | None = None

    class Instance(_Model):
        """One pod of a cluster."""

        instance_id: str | None = None
        type: str | None = None
        phase: str | None = None
        reason: str | None = None
        message: str | None = None
        create_time: int | None = None
        start_time: int | None = None
        container_state: str | None = None
        container_state_reason: str | None = None
        container_state_message: str | None = None
        container_exit_code: int | None = None

    class RayCluster(_ClusterFields):
        """GetRayCluster's answer, and, with fewer fields, a row of ListRayCluster's."""

        cluster_id: str = Field(min_length=1)
        state: str | None = None
        message: str | None = None
        modified: bool | None = None
        head_spec: ObservedHead | None = None
        worker_spec: list[WorkerSpec] | None = None
        instance_id: str | None = None
        instances: list[Instance] | None = None
        dashboard_url: str | None = None
        grpc_endpoint: str | None = None
        job_url: str | None = None
        job_url_inner: str | None = None
        submit_token: str | None = None
        create_time: int | None = None
        modified_time: int | None = None
        start_time: int | None = None
        creator: str | None = None
        creator_name: str | None = None
        modifier: str | None = None
        modifier_name: str | None = None
        user_id: str | None = None

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

    class _Declared(_Model):
        model_config = ConfigDict(extra="forbid", loc_by_alias=False)

        @field_validator("cpu", mode="before", check_fields=False)
        @classmethod
        def _cpu(cls, value: t.Any) -> t.Any:
            return wire_cpu(value)

        @field_validator("memory", mode="before", check_fields=False)
        @classmethod
        def _memory(cls, value: t.Any) -> t.Any:
            return wire_memory(value)

        @field_validator("env", mode="before", check_fields=False)
        @classmethod
        def _env(cls, value: t.Any) -> t.Any:
            if not isinstance(value, dict):
                raise ValueError("must be a mapping of variables")  # noqa: TRY004 - pydantic catches ValueError
            return wire_env(value)

        @field_validator("ray_start_params", check_fields=False)
        @classmethod
        def _ray_start_params(cls, value: str) -> str:
            return _shell_words(value)

        @field_validator("extra_param", check_fields=False)
        @classmethod
        def _extra_param(cls, value: str) -> str:
            return _json_text(value)

    class DeclaredGft(GftConfig, _Declared):
        """``head_spec.gft_config`` as the user gives it."""

    class DeclaredHead(HeadSpec, _Declared):
        """``head_spec`` as the user gives it."""

        gft_config: DeclaredGft | None = None
        idle_timeout_seconds: int | None = Field(default=None, ge=0)

    class DeclaredWorker(WorkerSpec, _Declared):
        """One entry of ``worker_spec`` as the user gives it."""

        group_name: str = Field(min_length=1)
        replica: int | None = Field(default=None, ge=1)
        min_replica: int | None = Field(default=None, ge=1)
        max_replica: int | None = Field(default=None, ge=1)

        @model_validator(mode="after")
        def _bounds(self) -> DeclaredWorker:
            if self.min_replica and self.max_replica and self.min_replica > self.max_replica:
                raise ValueError(f"min_replica {self.min_replica} is above max_replica {self.max_replica}")
            return self

    class DeclaredCluster(_ClusterFields, _Declared):
        """The spec of a cluster as the user gives it."""

        name: str | None = Field(default=None, min_length=1, max_length=MAX_NAME)
        head_spec: DeclaredHead | None = None
        worker_spec: list[DeclaredWorker] | None = Field(default=None, max_length=MAX_GROUPS)

        @field_validator("worker_spec")
        @classmethod
        def _unique(cls, groups: t.Any) -> t.Any:
            names = [group.group_name for group in groups or ()]
            twice = sorted({name for name in names if names.count(name) > 1})
            if twice:
                raise ValueError(f"the group name is used more than once: {', '.join(twice)}")
            return groups

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
        return RayCluster.model_validate(payload).model_dump()
    except ValidationError as error:
        raise ApiError(operation, f"the answer cannot be understood: {'; '.join(_errors(error))}") from None


def check_spec(declared: dict[str, t.Any]) -> dict[str, t.Any]:
    """Return the declared spec with only what is set, every value as it is spelled on the wire.

    ``declared`` has the option names of emr_ray_cluster. Raises ParameterError that names every bad option at once.
    """
    try:
        return DeclaredCluster.model_validate(_set_only(declared)).model_dump(exclude_unset=True)
    except ValidationError as error:
        raise ParameterError(_errors(error)) from None


def _set_only(value: t.Any) -> t.Any:
    """Drop options that were not given; a module gets them as None."""
    if isinstance(value, dict):
        return {key: item if key == "env" else _set_only(item) for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return [_set_only(item) for item in value]
    return value
