# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The official SDK drives the emulator: neither of them was written by the other's author."""

from __future__ import annotations

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


def create_request(name: str) -> models.CreateRayClusterRequest:
    return models.CreateRayClusterRequest(
        name=name,
        display_release_version="ray-1.2.0 (Ray 2.55.1, Python 3.12)",
        description="beschrieben ~ + * ' \" \\ 测试",
        extra_param='{"a": [1]}',
        volume_ids=["vol-1", "vol-2"],
        network_service_name="vpc",
        head_spec=models.CreateRayClusterRequestHeadSpec(
            queue_name="root_queue",
            cpu="2",
            memory="8Gi",
            env="A=1\nB=2",
            ray_start_params="--num-cpus=0",
            enable_auto_scaling=True,
            idle_timeout_seconds=60,
            gft_enabled=True,
            gft_config=models.CreateRayClusterRequestHeadSpecGftConfig(
                redis_url="10.0.0.1:6379", redis_username="default", redis_password="redis-canary"
            ),
        ),
        worker_spec=[
            models.CreateRayClusterRequestWorkerSpec(
                group_name="g", queue_name="root_queue", cpu="4", memory="16Gi", replica=2, min_replica=1, max_replica=3
            )
        ],
    )


@pytest.mark.parametrize("name", ["plain", "测试 ray+1", "a~b*c+d (e)/%2F ü", "x" * 64])
def test_whole_life(emulator: Emulator, sdk: SdkClient, name: str) -> None:
    cluster_id = sdk.create_ray_cluster(WORKSPACE, create_request(name)).body.cluster_id
    got = sdk.get_ray_cluster(WORKSPACE, cluster_id).body
    assert (got.name, got.state, got.modified, got.instance_id) == (name, "Stopped", False, None)
    assert got.description == create_request(name).description
    assert got.head_spec.env == "A=1\nB=2"
    assert (got.head_spec.replica, got.head_spec.gft_config.redis_password) == (1, None)
    assert emulator.spec(cluster_id)["headSpec"]["gftConfig"]["redisPassword"] == "redis-canary"

    sdk.start_ray_cluster(WORKSPACE, cluster_id, models.StartRayClusterRequest(client_token="t"))
    assert sdk.get_ray_cluster(WORKSPACE, cluster_id).body.state == "Starting"
    emulator.advance(0.3)
    running = sdk.get_ray_cluster(WORKSPACE, cluster_id).body
    assert (running.state, running.message) == ("Running", "ok")
    assert running.instance_id.startswith(cluster_id + "-")
    assert len(running.submit_token) == 32
    assert "?token=" in running.dashboard_url
    assert [pod.type for pod in running.instances] == ["Head", "Worker", "Worker"]

    update = models.UpdateRayClusterRequest(description="new")
    assert sdk.update_ray_cluster(WORKSPACE, cluster_id, update).body.cluster_id == cluster_id
    changed = sdk.get_ray_cluster(WORKSPACE, cluster_id).body
    assert (changed.description, changed.modified, changed.name) == ("new", True, name)

    stop = models.StopRayClusterRequest(instance_id=running.instance_id)
    sdk.stop_ray_cluster(WORKSPACE, cluster_id, stop)
    emulator.advance(0.3)
    stopped = sdk.get_ray_cluster(WORKSPACE, cluster_id).body
    assert (stopped.state, stopped.instance_id, stopped.submit_token) == ("Stopped", None, None)

    sdk.delete_ray_cluster(WORKSPACE, cluster_id)
    with pytest.raises(ClientException) as caught:
        sdk.get_ray_cluster(WORKSPACE, cluster_id)
    assert (caught.value.status_code, caught.value.code) == (404, "RayCluster.NotFound")
    assert all(entry.signed_ok for entry in emulator.journal)


def test_list_over_pages(emulator: Emulator, sdk: SdkClient) -> None:
    ids = emulator.seed("many", count=250, state="Running")
    found: list[str] = []
    sizes = []
    for number in range(1, 9):
        request = models.ListRayClusterRequest(page_num=number, page_size=100)
        page = sdk.list_ray_cluster(WORKSPACE, request).body.ray_clusters
        sizes.append(len(page))
        found += [row.cluster_id for row in page]
        if len(page) < 100:
            break
    assert sizes == [100, 100, 50]
    assert found == ids[::-1]
    assert len(sdk.list_ray_cluster(WORKSPACE, models.ListRayClusterRequest()).body.ray_clusters) == 20


def test_list_rows_are_thin(emulator: Emulator, sdk: SdkClient) -> None:
    cluster_id = sdk.create_ray_cluster(WORKSPACE, create_request("thin")).body.cluster_id
    sdk.start_ray_cluster(WORKSPACE, cluster_id, models.StartRayClusterRequest())
    emulator.advance(1)
    (row,) = sdk.list_ray_cluster(WORKSPACE, models.ListRayClusterRequest()).body.ray_clusters
    known = set(models.ListRayClusterResponseBodyRayClusters().to_map()) | set(row.to_map())
    raw = emulator.service.rows(WORKSPACE)[0]
    assert set(raw) <= known, "the SDK knows every key of a row"
    assert not {"extraParam", "volumeIds", "instances", "jobUrl", "submitToken"} & set(raw)
    assert set(raw["headSpec"]) == {"queueName", "cpu", "memory", "enableAutoScaling", "idleTimeoutSeconds", "replica"}


def test_get_has_no_key_that_the_sdk_does_not_know(emulator: Emulator, sdk: SdkClient) -> None:
    cluster_id = sdk.create_ray_cluster(WORKSPACE, create_request("known")).body.cluster_id
    emulator.patch(cluster_id, state="Running")
    raw = emulator.service.get(WORKSPACE, cluster_id)
    parsed = sdk.get_ray_cluster(WORKSPACE, cluster_id).body.to_map()
    assert set(parsed) - {"requestId"} == set(raw)
    assert parsed["headSpec"] == raw["headSpec"]
    assert parsed["workerSpec"] == raw["workerSpec"]


def test_temporary_key_and_errors(emulator: Emulator) -> None:
    sts = {
        "access_key_id": "emulator-sts-key",
        "access_key_secret": "emulator-sts-secret",
        "security_token": "emulator-sts-token",
    }
    sdk = make_sdk(emulator, **sts)
    assert sdk.list_ray_cluster(WORKSPACE, models.ListRayClusterRequest()).body.ray_clusters == []
    with pytest.raises(ClientException) as caught:
        sdk.list_ray_cluster("w-unknown", models.ListRayClusterRequest())
    assert caught.value.code in (None, "None")
    emulator.deny("*")
    with pytest.raises(ClientException) as caught:
        sdk.list_ray_cluster(WORKSPACE, models.ListRayClusterRequest())
    assert caught.value.access_denied_detail["AuthAction"] == "emr-serverless-spark:ListRayCluster"
