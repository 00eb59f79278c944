# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The official SDK reads workspaces, queues, release versions and network services."""

from __future__ import annotations

import json
from typing import Any

import pytest
from alibabacloud_emr_serverless_spark20230808 import models  # type: ignore[import-untyped]
from alibabacloud_emr_serverless_spark20230808.client import Client as SdkClient  # type: ignore[import-untyped]
from alibabacloud_tea_openapi.exceptions import ClientException  # type: ignore[import-untyped]

from tests.emulator import Emulator
from tests.unit.emulator.sdk import make_sdk

WORKSPACE = "w-emulator"


@pytest.fixture
def sdk(emulator: Emulator) -> SdkClient:
    return make_sdk(emulator)


def workspaces(sdk: SdkClient, **query: Any) -> Any:
    return sdk.list_workspaces(models.ListWorkspacesRequest(**query)).body


def ids(sdk: SdkClient, **query: Any) -> list[str]:
    return [row.workspace_id for row in workspaces(sdk, **query).workspaces]


def test_workspaces_come_in_pages(emulator: Emulator, sdk: SdkClient) -> None:
    for index in range(1, 6):
        emulator.set_workspace(f"w-{index}", workspaceName=f"team {index}")
    first = workspaces(sdk, max_results=4)
    assert (first.total_count, first.max_results, len(first.workspaces)) == (6, 4, 4)
    second = workspaces(sdk, max_results=4, next_token=first.next_token)
    assert (second.next_token, [row.workspace_id for row in second.workspaces]) == (None, ["w-4", "w-5"])
    assert (emulator.clusters("w-5"), emulator.seed(workspace_id="w-5")[0][:4]) == ([], "ray-")
    emulator.reset()
    assert ids(sdk) == [WORKSPACE]


def test_workspaces_filters(emulator: Emulator, sdk: SdkClient) -> None:
    tags = [{"tagKey": "team", "tagValue": "a"}]
    emulator.set_workspace("w-2", workspaceName="research", workspaceStatus="TERMINATED", tags=tags)
    emulator.set_workspace("w-3", regionId="cn-beijing", resourceGroupId="rg-3")
    assert ids(sdk, name="sear") == ["w-2"]
    assert ids(sdk, state="RUNNING") == [WORKSPACE, "w-3"]
    assert ids(sdk, region_id="cn-beijing") == ["w-3"]
    assert ids(sdk, resource_group_id="rg-3") == ["w-3"]
    assert ids(sdk, tag=[models.ListWorkspacesRequestTag(key="team", value="a")]) == ["w-2"]
    assert ids(sdk, tag=[models.ListWorkspacesRequestTag(key="team", value="b")]) == []


def test_one_workspace(emulator: Emulator, sdk: SdkClient) -> None:
    got = sdk.get_workspace(WORKSPACE, models.GetWorkspaceRequest()).body.workspace
    assert (got.workspace_id, got.workspace_status) == (WORKSPACE, "RUNNING")
    known = emulator.core.catalog.get_workspace(WORKSPACE)["workspace"]
    assert {key: value for key, value in got.to_map().items() if key in known} == known
    with pytest.raises(ClientException):
        sdk.get_workspace("w-unknown", models.GetWorkspaceRequest())


def test_queues(emulator: Emulator, sdk: SdkClient) -> None:
    def queues(**query: Any) -> Any:
        body = sdk.list_workspace_queues(WORKSPACE, models.ListWorkspaceQueuesRequest(**query)).body
        assert body.total_count == len(body.queues)
        return {row.queue_name: row for row in body.queues}

    found = queues()
    assert list(found) == ["root_queue", "dev_queue", "gpu_queue"]
    assert [row.to_map() for row in found.values()] == emulator.core.catalog.queues[WORKSPACE]
    assert found["gpu_queue"].gpu_spec == ["ecs.gn6i-c4g1.xlarge"]
    small = {"queueName": "small", "maxResource": {"cpu": "8", "memory": "32Gi"}, "environments": ["dev"]}
    emulator.set_workspace(queues=["root_queue", {**small, "usedResource": '{"cpu":"7","memory":"28Gi"}'}])
    assert json.loads(queues()["small"].max_resource) == {"cpu": "8", "memory": "32Gi"}
    assert json.loads(queues()["small"].used_resource)["cpu"] == "7"
    assert list(queues(environment="production")) == ["root_queue"]


def test_network_services(emulator: Emulator, sdk: SdkClient) -> None:
    emulator.set_workspace(networkServices=["vpc", {"name": "broken", "state": "failed", "vswitchIds": []}])
    rows = sdk.list_network_services(WORKSPACE, models.ListNetworkServicesRequest()).body.network_services
    assert [(row.name, row.state) for row in rows] == [("vpc", "running"), ("broken", "failed")]
    assert [row.to_map() for row in rows] == emulator.core.catalog.networks[WORKSPACE]


def test_release_versions(emulator: Emulator, sdk: SdkClient) -> None:
    def versions(**query: Any) -> list[str]:
        rows = sdk.list_release_versions(models.ListReleaseVersionsRequest(**query)).body.release_versions
        return [row.display_release_version for row in rows]

    assert "ray-1.0.0 (Ray 2.47.1, Python 3.12)" in versions()
    emulator.set_releases("a (Ray 1)", {"displayReleaseVersion": "mine", "isCustom": True, "state": "OFFLINE"})
    assert versions() == ["a (Ray 1)", "mine"]
    assert (versions(release_version="mine"), versions(release_version_status="ONLINE")) == (["mine"], ["a (Ray 1)"])
    rows = sdk.list_release_versions(models.ListReleaseVersionsRequest()).body.release_versions
    assert (rows[1].is_custom, rows[0].community_version) == (True, "Ray 1")
    assert [row.to_map() for row in rows] == emulator.core.catalog.releases


def test_another_region_is_another_emulator(sdk: SdkClient) -> None:
    with Emulator(region="cn-beijing", workspaces=["w-beijing"]) as other:
        (row,) = workspaces(make_sdk(other)).workspaces
        assert (row.workspace_id, row.region_id) == ("w-beijing", "cn-beijing")
        other.seed(workspace_id="w-beijing", state="Running")
        assert "cn-beijing" in other.clusters("w-beijing")[0]["dashboardUrl"]
    assert ids(sdk) == [WORKSPACE]


def test_denied(emulator: Emulator, sdk: SdkClient) -> None:
    emulator.deny("ListWorkspaces")
    with pytest.raises(ClientException) as caught:
        workspaces(sdk)
    assert caught.value.access_denied_detail["AuthAction"] == "emr-serverless-spark:ListWorkspaces"
