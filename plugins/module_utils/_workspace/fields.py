# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""The rows of workspaces and of what is in them. Fields are those of the official SDK 2.3.0."""

from __future__ import annotations

import typing as t

from .._payload import Field


class Reason(t.TypedDict, total=False):
    """The reason of a state."""

    code: str
    message: str


class Tag(t.TypedDict, total=False):
    """A tag of a workspace."""

    tag_key: str
    tag_value: str


class Workspace(t.TypedDict, total=False):
    """The answer of GetWorkspace, and a row of ListWorkspaces."""

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
    fail_reason: str
    create_time: int
    end_time: int
    tags: list[Tag]
    state_change_reason: Reason


class Queue(t.TypedDict, total=False):
    """A row of ListWorkspaceQueues. The three resources are JSON text, or an object, with cpu and memory."""

    queue_name: str
    queue_status: str
    queue_type: str
    queue_category: str
    gpu_spec: list[str]
    gpu_machine_num: int
    payment_type: str
    environments: list[str]
    description: str
    creator: str
    create_time: int
    max_resource: object
    min_resource: object
    used_resource: object


class ReleaseVersion(t.TypedDict, total=False):
    """A row of ListReleaseVersions."""

    display_release_version: str
    release_version: str
    community_version: str
    state: str
    type: str
    is_custom: bool
    cpu_architectures: list[str]
    gmt_create: int


class NetworkService(t.TypedDict, total=False):
    """A row of ListNetworkServices."""

    network_service_id: str
    name: str
    state: str
    type: str
    vpc_id: str
    vswitch_ids: list[str]
    state_change_reason: Reason


class QueueCapacity(t.TypedDict):
    """Cores and GiB of a queue, None where they cannot be read."""

    cpu: int | float | None
    memory_gib: int | float | None


class ShownQueue(t.TypedDict, total=False):
    """The part of a queue, as results show it, that a spec is held against."""

    queue_name: str
    queue_category: str
    gpu_spec: list[str]
    max_resource: QueueCapacity | None
    used_resource: QueueCapacity | None
