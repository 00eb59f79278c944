# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The service's own jobs on a cluster with real Ray behind it, and the life of the head itself."""

from __future__ import annotations

import http.client
import ipaddress
import os
from pathlib import Path
from typing import Any

import httpx
from alibabacloud_emr_serverless_spark20230808 import models  # type: ignore[import-untyped]
from alibabacloud_emr_serverless_spark20230808.client import Client as SdkClient  # type: ignore[import-untyped]

from tests.emulator import Emulator
from tests.emulator.ray_keeper import family
from tests.ray.conftest import SPEC, running, until

WORKSPACE = "w-emulator"
ENDS = ("Succeeded", "Failed", "Cancelled", "Timeout")


def submit(sdk: SdkClient, cluster: dict[str, Any], entrypoint: str, **fields: Any) -> str:
    request = models.SubmitRayJobRequest(
        name="real", entrypoint=entrypoint, cluster_id=cluster["clusterId"], metadata_json='{"job_key":"k"}', **fields
    )
    return str(sdk.submit_ray_job(WORKSPACE, request).body.submission_id)


def get(sdk: SdkClient, submission_id: str) -> Any:
    return sdk.get_ray_job(WORKSPACE, submission_id, models.GetRayJobRequest()).body


def finished(sdk: SdkClient, submission_id: str) -> Any:
    until(lambda: get(sdk, submission_id).status in ENDS, "the job is over")
    return get(sdk, submission_id)


def driver_log(sdk: SdkClient, submission_id: str) -> str:
    rows = sdk.list_ray_logs(WORKSPACE, submission_id, models.ListRayLogsRequest()).body.data.object_list
    (path,) = [row.path for row in rows if row.name == f"{submission_id}_driver.log"]
    answer = sdk.get_ray_log(WORKSPACE, submission_id, models.GetRayLogRequest(path=path)).body
    return httpx.get(answer.data.access_url, trust_env=False).text


def test_a_job_of_the_service_runs_and_its_log_is_served(sdk: SdkClient, cluster: dict[str, Any]) -> None:
    submission_id = submit(sdk, cluster, "echo $SAID", runtime_env_json='{"env_vars":{"SAID":"truly"}}')
    assert finished(sdk, submission_id).status == "Succeeded"
    assert "truly" in driver_log(sdk, submission_id).splitlines()


def test_a_job_of_the_service_fails_with_its_own_words(sdk: SdkClient, cluster: dict[str, Any]) -> None:
    job = finished(sdk, submit(sdk, cluster, "echo last words; exit 7"))
    assert job.status == "Failed"
    assert "exit code 7" in job.message
    assert "last words" in job.message


def test_a_job_of_the_service_is_cancelled(sdk: SdkClient, cluster: dict[str, Any]) -> None:
    submission_id = submit(sdk, cluster, "echo begun; sleep 600")
    until(lambda: get(sdk, submission_id).status == "Running", "the job runs")
    assert sdk.cancel_ray_job(WORKSPACE, submission_id, models.CancelRayJobRequest()).body.success
    assert finished(sdk, submission_id).status == "Cancelled"


def test_a_job_of_the_service_takes_too_long(sdk: SdkClient, cluster: dict[str, Any]) -> None:
    submission_id = submit(sdk, cluster, "sleep 600", active_deadline_seconds=2)
    assert finished(sdk, submission_id).status == "Timeout"


def _inode(link: Path) -> str:
    """Return the number of the socket behind an open file, and nothing sensible for any other."""
    try:
        return os.readlink(link).removeprefix("socket:[").removesuffix("]")
    except FileNotFoundError:
        return ""


def listening(pids: list[int]) -> set[str]:
    """Return the addresses that these processes listen on."""
    inodes = {_inode(link) for pid in pids for link in Path(f"/proc/{pid}/fd").glob("*")}
    found = set()
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        for line in Path(table).read_text().splitlines()[1:]:
            local, state, inode = (line.split()[index] for index in (1, 3, 9))
            if state == "0A" and inode in inodes:
                words = bytes.fromhex(local.partition(":")[0])
                packed = b"".join(words[i : i + 4][::-1] for i in range(0, len(words), 4))
                address = ipaddress.ip_address(packed)
                found.add(str(getattr(address, "ipv4_mapped", None) or address))
    return found


def alive(pid: int) -> bool:
    """True while a process runs; one that only waits to be reaped has no command line any more."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes() != b""
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_a_head_is_born_and_dies_with_the_run(emulator: Emulator, sdk: SdkClient) -> None:
    (cluster_id,) = emulator.seed("short", spec=SPEC)
    sdk.start_ray_cluster(WORKSPACE, cluster_id, models.StartRayClusterRequest())
    cluster = running(emulator, cluster_id)
    head = emulator.service.find(cluster_id).run.head  # type: ignore[union-attr]
    submission_id = submit(sdk, cluster, "echo begun; sleep 600")
    until(lambda: get(sdk, submission_id).status == "Running", "the job runs")
    pids = sorted(family(head.process.pid))  # type: ignore[union-attr]
    assert len(pids) > 3
    assert listening(pids) <= {"127.0.0.1", "::1"}
    sdk.stop_ray_cluster(WORKSPACE, cluster_id, models.StopRayClusterRequest())
    until(lambda: head.process.poll() is not None, "the head's keeper has ended")  # type: ignore[union-attr]
    assert [pid for pid in pids if alive(pid)] == []
    assert not Path(head._temp).exists()  # type: ignore[union-attr]
    assert get(sdk, submission_id).status == "Failed"
    connection = http.client.HTTPConnection("127.0.0.1", int(cluster["jobUrl"].split("/")[2].rpartition(":")[2]))
    connection.request("GET", f"/ray/{cluster_id}/api/version", headers={"ray-token": cluster["submitToken"]})
    assert connection.getresponse().status == 503
