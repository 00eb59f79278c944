# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a workspace needs that no operation creates, and an existing workspace as variables that change nothing."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.rayops.alicloud.plugins.module_utils._argspec.workspace import WORKSPACE_INFO_OPTIONS
from ansible_collections.rayops.alicloud.plugins.module_utils._workspace.info import run_workspace_info
from ansible_collections.rayops.alicloud.plugins.plugin_utils._operations.platform import (
    platform_variables,
    platform_yaml,
    prerequisites,
)
from tests.unit.platform.harness import MEMBER, NETWORK, QUEUE, PlatformHarness

DECLARED = {"oss_bucket": "oss://bucket/", "ram_role_name": "role"}
CLUSTERS = [
    {"name": "a", "volume_ids": ["vol-1"], "head_spec": {"display_release_version": "mine"}},
    {"name": "b", "display_release_version": "ray-2", "state": "absent"},
]


def statuses(rows: list[dict[str, Any]]) -> dict[str, str]:
    return {row["name"]: row["status"] for row in rows}


def test_nothing_can_be_checked_before_there_is_a_workspace() -> None:
    rows = prerequisites(DECLARED, CLUSTERS, {"display_release_version": "ray-1"}, {})
    assert statuses(rows) == dict.fromkeys(
        ["oss://bucket/", "AliyunServiceRoleForEMRServerlessSpark", "role", "mine", "ray-1", "vol-1"], "unknown"
    )
    assert all(row["page"].startswith("https://") and row["page"] in row["text"] for row in rows)


def test_a_workspace_proves_its_bucket_and_roles() -> None:
    found = {"storage": "oss://bucket/", "release_versions": [{"display_release_version": "ray-1"}]}
    rows = prerequisites(DECLARED, CLUSTERS, {"display_release_version": "ray-1"}, found)
    assert statuses(rows) == {
        "oss://bucket/": "found",
        "AliyunServiceRoleForEMRServerlessSpark": "found",
        "role": "found",
        "mine": "missing",
        "ray-1": "found",
        "vol-1": "unknown",
    }
    (missing,) = [row["text"] for row in rows if row["status"] == "missing"]
    assert missing.startswith("engine version or custom image mine: missing, create it at https://")


@pytest.mark.parametrize("rules", [{}, {"queue_min": "always", "queue_numbers": "decimal"}])
def test_an_exported_workspace_changes_nothing(harness: PlatformHarness, rules: dict[str, str]) -> None:
    harness.emulator.rules.set(rules)
    workspace_id = harness.make_workspace()
    harness.converge("queue", QUEUE)
    harness.converge("network", NETWORK)
    harness.converge("member", MEMBER)
    gather = ["queues", "network_services", "members"]
    given = {"workspace_id": workspace_id, "gather": gather}
    (workspace,) = harness._run(run_workspace_info, WORKSPACE_INFO_OPTIONS, given, False)["workspaces"]
    variables = platform_variables(workspace)
    harness.unchanged("workspace", {**variables["ray_platform_workspace"], "workspace_id": None})
    harness.unchanged("queue", {"queues": variables["ray_platform_queues"]})
    for row in variables["ray_platform_network_services"]:
        harness.unchanged("network", row)
    for row in variables["ray_platform_members"]:
        harness.unchanged("member", row)
    names = [row["name"] for row in variables["ray_platform_queues"]]
    assert names == ["root_queue", "dev_queue", "gpu"]
    (network,) = variables["ray_platform_network_services"]
    assert (network["name"], sorted(network["vswitch_ids"])) == ("redis", ["vsw-1", "vsw-2"])


def test_a_template_in_a_description_stays_what_it_is() -> None:
    queue = {"queue_name": "q", "description": "{{ secret }}", "max_resource": {"cpu": 4}, "min_resource": None}
    text = platform_yaml({"workspace_name": "w", "resource_spec": "4cu", "queues": [queue]})
    assert "description: !unsafe" in text


def test_what_a_module_does_not_take_is_left_out() -> None:
    prepaid = {"queue_name": "q", "payment_type": "Pre", "instance_id": "i-1", "gpu_machine_num": 2}
    prepaid |= {"max_resource": {"cpu": 8}, "min_resource": {"cpu": 4}}
    odd = {"queue_name": "r", "payment_type": "Subscription", "max_resource": None}
    variables = platform_variables({"workspace_name": "w", "payment_type": "Subscription", "queues": [prepaid, odd]})
    assert "payment_type" not in variables["ray_platform_workspace"]
    assert variables["ray_platform_queues"] == [
        {
            "name": "q",
            "payment_type": "Pre",
            "instance_id": "i-1",
            "resource_spec": {"cu": 4, "max_cu": 8, "gpu_machine_num": 2},
        },
        {"name": "r"},
    ]
