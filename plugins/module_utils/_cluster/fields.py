# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""Declare a cluster: every field by its option name, with its type and properties.

Field lists, names on the wire, types of options, and the validation of payloads derive from these classes.
"""

from __future__ import annotations

import typing as t

from .._payload import Field, field_names
from .._quantities import declared_memory, to_wire_cpu
from .._text_rules import check_clearable_label, check_label
from .values import check_json, check_password, check_redis_address, check_shell_words, to_wire_env

# The documented states of a cluster.
STATES = ("Starting", "Running", "Stopping", "Stopped", "Error")

# API pages of CreateRayCluster and UpdateRayCluster.
MAX_GROUPS = 50
MAX_NAME_LENGTH = 64

_ONLY_IN_GET = Field(in_list=False)
_LABEL = Field(check=check_label)
_CLEARABLE_LABEL = Field(check=check_clearable_label)
_COUNT = Field(limits={"ge": 1})
_JSON = Field(option="json", check=check_json, in_list=False)


class GftConfig(t.TypedDict, total=False):
    """The Redis that keeps the state of Ray's control store."""

    redis_url: t.Annotated[str, Field(check=check_redis_address)]
    redis_username: t.Annotated[str, _LABEL]
    redis_password: t.Annotated[str, Field(secret=True, check=check_password)]


class Node(t.TypedDict, total=False):
    """The fields that the head and every worker group have."""

    queue_name: t.Annotated[str, _LABEL]
    cpu: t.Annotated[str, Field(to_wire=to_wire_cpu)]
    memory: t.Annotated[str, Field(to_wire=declared_memory)]
    gpu_spec: t.Annotated[str, _CLEARABLE_LABEL]
    display_release_version: t.Annotated[str, Field(check=check_label, in_list=False)]
    env: t.Annotated[str, Field(option="dict", to_wire=to_wire_env, in_list=False)]
    ray_start_params: t.Annotated[str, Field(check=check_shell_words, in_list=False)]


class HeadSpec(Node, total=False):
    """The head node and the autoscaling of the workers."""

    enable_auto_scaling: bool
    idle_timeout_seconds: t.Annotated[int, Field(limits={"ge": 0})]
    gft_enabled: t.Annotated[bool, _ONLY_IN_GET]
    gft_config: t.Annotated[GftConfig, _ONLY_IN_GET]
    replica: t.Annotated[int, Field(read_only=True)]


class _Workers(t.TypedDict, total=False):
    group_name: t.Annotated[str, Field(required=True, check=check_label)]
    worker_type: t.Annotated[str, _LABEL]
    replica: t.Annotated[int, _COUNT]
    min_replica: t.Annotated[int, _COUNT]
    max_replica: t.Annotated[int, _COUNT]


class WorkerGroup(_Workers, Node, total=False):
    """A group of equal workers."""

    extra_param: t.Annotated[str, _JSON]


def _check_replica_bounds(group: WorkerGroup) -> WorkerGroup:
    low, high = group.get("min_replica"), group.get("max_replica")
    if low and high and low > high:
        raise ValueError(f"min_replica {low} is above max_replica {high}")
    return group


def _check_groups(groups: list[WorkerGroup]) -> list[WorkerGroup]:
    if len(groups) > MAX_GROUPS:
        raise ValueError(f"at most {MAX_GROUPS} worker groups are allowed")
    names = [group["group_name"] for group in groups]
    duplicates = sorted({name for name in names if names.count(name) > 1})
    if duplicates:
        raise ValueError(f"the group name is used more than once: {', '.join(duplicates)}")
    return groups


class Spec(t.TypedDict, total=False):
    """The fields that a user declares and a request sends."""

    name: t.Annotated[str, Field(limits={"max_length": MAX_NAME_LENGTH}, check=check_label)]
    display_release_version: t.Annotated[str, _LABEL]
    description: str
    network_service_name: t.Annotated[str, _CLEARABLE_LABEL]
    extra_param: t.Annotated[str, _JSON]
    volume_ids: t.Annotated[list[str], Field(check_item=check_label, in_list=False)]
    head_spec: HeadSpec
    worker_spec: t.Annotated[list[WorkerGroup], Field(check=_check_groups, check_item=_check_replica_bounds)]


class Instance(t.TypedDict, total=False):
    """A pod of a running cluster."""

    instance_id: str
    type: str
    phase: str
    reason: str
    message: str
    create_time: int
    start_time: int
    container_state: str
    container_state_reason: str
    container_state_message: str
    container_exit_code: int


class Cluster(Spec, total=False):
    """The response of GetRayCluster, and, with fewer fields, a row of ListRayCluster."""

    cluster_id: t.Annotated[str, Field(required=True)]
    state: str
    message: str
    modified: bool
    instance_id: str
    instances: t.Annotated[list[Instance], _ONLY_IN_GET]
    dashboard_url: str
    grpc_endpoint: str
    job_url: t.Annotated[str, _ONLY_IN_GET]
    job_url_inner: t.Annotated[str, _ONLY_IN_GET]
    submit_token: t.Annotated[str, _ONLY_IN_GET]
    create_time: int
    modified_time: int
    start_time: int
    creator: str
    creator_name: str
    modifier: str
    modifier_name: str
    user_id: str


class ListedCluster(Cluster, total=False):
    """A row in place of a cluster: it lacks some fields."""

    from_list: bool


SPEC_FIELDS = field_names(Spec)
