# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every body that the platform modules send is one that the official SDK would send."""

from __future__ import annotations

from typing import Any, get_type_hints

import pytest
from alibabacloud_emr_serverless_spark20230808 import models  # type: ignore[import-untyped]

from ansible_collections.rayops.alicloud.plugins.module_utils._platform import payloads
from tests.unit.platform.harness import MEMBER, NETWORK, QUEUE, WORKSPACE, PlatformHarness

REQUESTS = {
    "CreateWorkspace": models.CreateWorkspaceRequest,
    "UpdateWorkspace": models.UpdateWorkspaceRequest,
    "CreateWorkspaceQueue": models.CreateWorkspaceQueueRequest,
    "EditWorkspaceQueue": models.EditWorkspaceQueueRequest,
    "CreateNetworkService": models.CreateNetworkServiceRequest,
    "AddMembers": models.AddMembersRequest,
    "GrantRoleToUsers": models.GrantRoleToUsersRequest,
}
PAYLOADS = {
    "CreateWorkspace": payloads.CreateWorkspace,
    "UpdateWorkspace": payloads.UpdateWorkspace,
    "CreateWorkspaceQueue": payloads.CreateQueue,
    "EditWorkspaceQueue": payloads.EditQueue,
    "CreateNetworkService": payloads.CreateNetworkService,
    "AddMembers": payloads.AddMembers,
    "GrantRoleToUsers": payloads.GrantRole,
}
# What buys a subscription.
MONEY = {"duration", "paymentDurationUnit", "autoRenew", "autoRenewPeriod", "autoRenewPeriodUnit"}
MONEY |= {"subscription", "gpuSubscription"}


@pytest.fixture
def sent(harness: PlatformHarness) -> dict[str, list[Any]]:
    """Return every body that was sent, by operation, after tasks that set all options."""
    full = {"release_type": "pro", "resource_group_id": "rg-1", "dlf_type": "dlf1.0", "dlf_catalog_id": "c"}
    workspace_id = harness.make_workspace(**full)
    harness.emulator.set_workspace(workspace_id, prePaidQuota={"instanceId": "i-1"})
    harness.converge("workspace", WORKSPACE, resource_spec={"cu": 300, "gpu": 1}, **full)
    size = {"cu": 8, "max_cu": 16, "gpu": 1, "gpu_machine_num": 1}
    harness.converge("queue", QUEUE, payment_type="Pre", instance_id="i-1", preheat=True, resource_spec=size)
    harness.converge("queue", QUEUE, description="other")
    harness.converge("network", NETWORK)
    harness.converge("member", MEMBER)
    bodies: dict[str, list[Any]] = {}
    for entry in harness.emulator.writes():
        bodies.setdefault(entry.operation, []).append(entry.body)
    return bodies


@pytest.mark.parametrize("operation", REQUESTS)
def test_the_sdk_knows_every_field(sent: dict[str, list[Any]], operation: str) -> None:
    for body in sent[operation]:
        assert REQUESTS[operation]().from_map(body).to_map() == body


@pytest.mark.parametrize("operation", REQUESTS)
def test_no_field_of_the_sdk_is_left_out_but_those_that_cost(operation: str) -> None:
    fields = set(REQUESTS[operation](**{name: [] for name in _arguments(operation)}).to_map()) - {"regionId"}
    assert set(get_type_hints(PAYLOADS[operation])) - {"resourceSpec"} == fields - MONEY


def _arguments(operation: str) -> list[str]:
    code = REQUESTS[operation].__init__.__code__
    nested = {"resource_spec", "subscription", "gpu_subscription"}
    return [name for name in code.co_varnames[1 : code.co_argcount] if name not in nested]
