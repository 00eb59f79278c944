# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""Declare what the service answers about workspaces and their contents other than clusters.

Fields are those of the official SDK 2.3.0, with the names that results have. Capacities are text or a mapping.
"""

from __future__ import annotations

import typing as t

from .._payload import Field


class Tag(t.TypedDict, total=False):
    """A tag of a workspace."""

    tag_key: str
    tag_value: str


class Reason(t.TypedDict, total=False):
    """Why a state changed."""

    code: str
    message: str


class Quota(t.TypedDict, total=False):
    """Prepaid resources of a workspace."""

    instance_id: str
    payment_status: str
    order_id: str
    auto_renewal: bool
    create_time: int
    expire_time: int
    max_resource: object
    allocated_resource: object
    used_resource: object


class GpuQuota(t.TypedDict, total=False):
    """Prepaid GPU machines of a workspace."""

    instance_id: str
    payment_status: str
    order_id: str
    auto_renewal: bool
    create_time: int
    expire_time: int
    instance_type_id: str
    instance_type_family: str
    gpu_spec: str
    gpu_num: int
    gpu_amount: int
    gpu_machine_num: int
    gpu_memory_size: int
    cpu_core_count: str
    memory_size: str


class Workspace(t.TypedDict, total=False):
    """A workspace."""

    workspace_id: t.Annotated[str, Field(required=True)]
    workspace_name: str
    workspace_status: str
    region_id: str
    payment_type: str
    payment_status: str
    resource_spec: str
    storage: str
    gpu_spec: list[str]
    ip_white_list: list[str]
    resource_group_id: str
    release_type: str
    ram_role_name: str
    dlf_type: str
    dlf_catalog_id: str
    auto_renew: bool
    auto_renew_period: int
    auto_renew_period_unit: str
    duration: int
    payment_duration_unit: str
    resource_owner_id: str
    fail_reason: str
    create_time: int
    end_time: int
    tags: list[Tag]
    state_change_reason: Reason
    pre_paid_quota: Quota
    pre_paid_quota_gpu: list[GpuQuota]


class Action(t.TypedDict, total=False):
    """Something that a user may do."""

    action_arn: str
    action_name: str


class Queue(t.TypedDict, total=False):
    """A queue of a workspace."""

    queue_name: t.Annotated[str, Field(required=True)]
    queue_status: str
    queue_type: str
    queue_category: str
    gpu_spec: list[str]
    gpu_machine_num: int
    payment_type: str
    environments: list[str]
    description: str
    preheat: bool
    instance_id: str
    queue_scope: str
    properties: str
    region_id: str
    workspace_id: str
    creator: str
    create_time: int
    max_resource: object
    min_resource: object
    used_resource: object
    allow_actions: list[Action]
    # Only predictions have it: the service does not answer the declared size.
    declared_cu: int


class ReleaseVersion(t.TypedDict, total=False):
    """An engine version."""

    display_release_version: str
    release_version: str
    community_version: str
    state: str
    type: str
    is_custom: bool
    scala_version: str
    fusion: bool
    iaas_type: str
    cpu_architectures: list[str]
    gmt_create: int


class NetworkService(t.TypedDict, total=False):
    """A network service."""

    network_service_id: str
    name: str
    state: str
    type: str
    vpc_id: str
    vswitch_ids: list[str]
    workspace_id: str
    state_change_reason: Reason


class Role(t.TypedDict, total=False):
    """A role of a member."""

    role_arn: str
    role_name: str
    description: str
    create_time: int
    actions: list[Action]


class Member(t.TypedDict, total=False):
    """A member of a workspace."""

    member_arn: t.Annotated[str, Field(required=True)]
    user_name: str
    display_name: str
    user_type: str
    visible: bool
    create_time: str
    roles: list[Role]
    actions: list[Action]


class QueueJob(t.TypedDict, total=False):
    """A job that uses a queue; its resources are numbers in text."""

    job_id: str
    job_type: str
    cu: str
    cpu_cores: str
    memory_gib: t.Annotated[str, Field(other_wire_name="memoryGiB")]


class TopJobs(t.TypedDict, total=False):
    """The usage of a queue, and its largest jobs."""

    queue_name: str
    total_cu: str
    total_job_count: int
    jobs: list[QueueJob]


class QueueCapacity(t.TypedDict, total=False):
    """Cores and GiB of a queue, missing if they cannot be read."""

    cpu: int | float
    memory_gib: int | float


class ShownQueue(t.TypedDict, total=False):
    """The part of a queue, as results show it, that a spec is checked against."""

    queue_name: str
    queue_category: str
    gpu_spec: list[str]
    max_resource: QueueCapacity
    used_resource: QueueCapacity
