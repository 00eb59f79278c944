# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An emulator with real Ray behind its clusters, and one running cluster for all tests."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from alibabacloud_emr_serverless_spark20230808.client import Client as SdkClient  # type: ignore[import-untyped]
from ray.job_submission import JobSubmissionClient

from tests.emulator import Emulator
from tests.integration.runner import ROOT, AnsibleRunner
from tests.ray.stage import RealStage
from tests.unit.emulator.sdk import make_sdk

SPEC = {
    "headSpec": {"queueName": "root_queue", "cpu": "2", "memory": "8Gi"},
    "workerSpec": [{"groupName": "g", "queueName": "root_queue", "cpu": "1", "memory": "4Gi", "replica": 1}],
}
PATIENCE_SECONDS = 180.0


def until(found: Callable[[], Any], what: str) -> Any:
    """Return the first true value; fails after PATIENCE_SECONDS."""
    end = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end:
        value = found()
        if value:
            return value
        time.sleep(0.1)
    raise AssertionError(f"{what}: not within {PATIENCE_SECONDS:.0f} seconds")


def running(emulator: Emulator, cluster_id: str) -> dict[str, Any]:
    """Return the cluster as soon as it is Running; fails where it is in Error."""

    def look() -> dict[str, Any] | None:
        (cluster,) = [row for row in emulator.clusters() if row["clusterId"] == cluster_id]
        assert cluster["state"] in ("Starting", "Running"), cluster["message"]
        return cluster if cluster["state"] == "Running" else None

    return dict(until(look, "the cluster is Running"))


@pytest.fixture(scope="session")
def emulator() -> Iterator[Emulator]:
    with Emulator(real_ray=True) as emulator:
        yield emulator


@pytest.fixture(scope="session")
def cluster(emulator: Emulator) -> dict[str, Any]:
    """Return what Get answers for a running cluster."""
    (cluster_id,) = emulator.seed("real", state="Running", spec=SPEC)
    return running(emulator, cluster_id)


@pytest.fixture(scope="session")
def ray_client(cluster: dict[str, Any]) -> JobSubmissionClient:
    """Return Ray's own client on the cluster's job_url."""
    return JobSubmissionClient(cluster["jobUrl"], headers={"ray-token": cluster["submitToken"]})


@pytest.fixture(scope="session")
def sdk(emulator: Emulator) -> SdkClient:
    return make_sdk(emulator)


@pytest.fixture
def harness(emulator: Emulator, cluster: dict[str, Any]) -> RealStage:
    """Return a harness for tasks about jobs on the running cluster."""
    emulator.core.faults.clear()
    return RealStage(emulator, cluster["clusterId"])


@pytest.fixture
def runner(emulator: Emulator, tmp_path: Path) -> AnsibleRunner:
    """Return what runs playbooks, with the checkout as the only collection."""
    namespace = tmp_path / "collections" / "ansible_collections" / "rayops"
    namespace.mkdir(parents=True)
    (namespace / "alicloud").symlink_to(ROOT)
    return AnsibleRunner(tmp_path, tmp_path, emulator)
