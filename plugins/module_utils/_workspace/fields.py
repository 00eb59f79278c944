# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""Declare the parts of a workspace that specs are checked against, as results show them."""

from __future__ import annotations

import typing as t


class ReleaseVersion(t.TypedDict, total=False):
    """An engine version."""

    display_release_version: str
    release_version: str
    community_version: str
    state: str
    type: str
    is_custom: bool
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
