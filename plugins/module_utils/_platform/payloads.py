# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""Bodies of the requests that change workspaces, with the field names of the API."""

from __future__ import annotations

import typing as t


class QueueSize(t.TypedDict, total=False):
    """``resourceSpec`` of a queue: CU, the elastic maximum in CU, GPU cards, and prepaid GPU machines."""

    cu: int
    maxCu: int
    gpu: int
    gpuMachineNum: int


class CreateQueue(t.TypedDict, total=False):
    """Body of CreateWorkspaceQueue. Environments are set afterwards, with an edit."""

    workspaceId: str
    workspaceQueueName: str
    description: str
    queueCategory: str
    gpuSpec: list[str]
    paymentType: str
    instanceId: str
    preheat: bool
    resourceSpec: QueueSize


class EditQueue(t.TypedDict, total=False):
    """Body of EditWorkspaceQueue."""

    workspaceId: str
    workspaceQueueName: str
    description: str
    environments: list[str]
    gpuSpec: list[str]
    instanceId: str
    resourceSpec: QueueSize


class WorkspaceSize(t.TypedDict, total=False):
    """``resourceSpec`` of a new workspace. CU are text here, and a number in UpdateWorkspace."""

    cu: str
    gpu: int


class Tag(t.TypedDict):
    """A tag in requests; reads call its parts tagKey and tagValue."""

    key: str
    value: str


class CreateWorkspace(t.TypedDict, total=False):
    """Body of CreateWorkspace, without the fields that buy a subscription."""

    workspaceName: str
    resourceSpec: WorkspaceSize
    gpuSpec: list[str]
    ossBucket: str
    ramRoleName: str
    paymentType: str
    autoStartSessionCluster: bool
    dlfCatalogId: str
    dlfType: str
    releaseType: str
    resourceGroupId: str
    tag: list[Tag]
    clientToken: str


class UpdateWorkspace(t.TypedDict, total=False):
    """Body of UpdateWorkspace, without the fields that buy a subscription."""

    workspaceId: str
    workspaceName: str
    cu: int
    gpu: int
    gpuSpec: list[str]
    ipWhiteList: list[str]
    resourceGroupId: str


class CreateNetworkService(t.TypedDict, total=False):
    """Body of CreateNetworkService."""

    name: str
    vpcId: str
    vswitchIds: list[str]
    securityGroupId: str
    type: str
    clientToken: str


class AddMembers(t.TypedDict):
    """Body of AddMembers; the ARNs are those of RAM users and roles."""

    workspaceId: str
    memberArns: list[str]


class GrantRole(t.TypedDict):
    """Body of GrantRoleToUsers; the ARNs are those of members."""

    roleArn: str
    userArns: list[str]
