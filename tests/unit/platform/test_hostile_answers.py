# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever an operation answers, a task ends with a result or a failure that explains it, never with a bug of ours."""

from __future__ import annotations

from typing import Any

import pytest

from tests.emulator.faults import OUTCOMES
from tests.unit.platform.harness import MEMBER, NETWORK, QUEUE, WORKSPACE, PlatformHarness

TASKS: dict[str, tuple[str, dict[str, Any], list[str]]] = {
    "workspace": ("workspace", WORKSPACE, ["ListWorkspaces", "GetWorkspace", "CreateWorkspace", "UpdateWorkspace"]),
    "queue": (
        "queue",
        QUEUE,
        ["ListWorkspaceQueues", "GetWorkspace", "CreateWorkspaceQueue", "EditWorkspaceQueue"],
    ),
    "delete": (
        "queue",
        {"name": "gpu_queue", "state": "absent"},
        ["ListWorkspaceQueues", "ListRayCluster", "ListQueueTopJobs", "DeleteWorkspaceQueue"],
    ),
    "network": ("network", NETWORK, ["ListNetworkServices", "CreateNetworkService"]),
    "member": ("member", MEMBER, ["ListMembers", "AddMembers", "GrantRoleToUsers"]),
}
CELLS = [(name, operation) for name, (_module, _given, operations) in TASKS.items() for operation in operations]
KINDS = [kind for kind in OUTCOMES if kind not in ("huge_body",)]
# Rows that no honest service gives, by the field of the list.
ODD: dict[str, list[dict[str, Any]]] = {
    "workspaces": [{}, {"workspaceName": "team"}, {"workspaceName": "team", "workspaceId": "../x"}],
    "queues": [{}, {"queueName": "gpu", "gpuSpec": [{}], "maxResource": 5, "minResource": "[", "gpuMachineNum": "x"}],
    "networkServices": [{}, {"name": "redis", "vswitchIds": [{}], "state": 3, "stateChangeReason": []}],
    "members": [{}, {"memberArn": 5, "roles": [3, {"roleName": None}], "actions": {}}],
}


@pytest.mark.parametrize(("name", "operation"), CELLS)
@pytest.mark.nightly(one_in=2)
def test_every_fault_of_every_operation(harness: PlatformHarness, name: str, operation: str) -> None:
    module, given, _operations = TASKS[name]
    for kind in KINDS:
        for times in (1, None):
            harness.emulator.reset(rules=True)
            harness.emulator.workspace_id = "w-emulator"
            harness.emulator.fault(kind, operation, times=times)
            outcome = harness.run(module, given, wait_timeout=100)
            assert not outcome.failed or outcome["error"]["code"] != "Bug", (kind, outcome["msg"])
            if outcome.failed and "Bug" in outcome["msg"]:
                pytest.fail(outcome["msg"])


@pytest.mark.parametrize("name", TASKS)
def test_odd_rows(harness: PlatformHarness, name: str) -> None:
    module, given, _operations = TASKS[name]
    catalog, members = harness.emulator.core.catalog, harness.emulator.core.platform.members
    base = {"resourceSpec": [], "tags": [{}], "gpuSpec": "x", "stateChangeReason": 5, "prePaidQuotaGpu": [3]}
    catalog.workspaces["w-emulator"] |= base
    catalog.queues["w-emulator"] += [{"environments": [], **row} for row in ODD["queues"]]
    catalog.networks["w-emulator"] += ODD["networkServices"]
    members.rows["w-emulator"] = ODD["members"]
    outcome = harness.run(module, {**given, "workspace_id": "w-emulator"}, wait_timeout=20)
    assert not outcome.failed or outcome["error"]["code"] != "Bug", outcome["msg"]


def test_odd_rows_of_workspaces(harness: PlatformHarness) -> None:
    defaults = {"workspaceName": "", "workspaceStatus": "RUNNING", "regionId": "", "resourceGroupId": "", "tags": []}
    for number, row in enumerate(ODD["workspaces"]):
        harness.emulator.core.catalog.workspaces[f"w-odd-{number}"] = {**defaults, **row}
    outcome = harness.run("workspace", WORKSPACE, wait_timeout=20)
    assert not outcome.failed or outcome["error"]["code"] != "Bug", outcome["msg"]
