# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The official SDK drives the job and log operations of the emulator."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest
from alibabacloud_emr_serverless_spark20230808 import models  # type: ignore[import-untyped]
from alibabacloud_emr_serverless_spark20230808.client import Client as SdkClient  # type: ignore[import-untyped]
from alibabacloud_tea_openapi.exceptions import ClientException  # type: ignore[import-untyped]

from tests.emulator import Emulator
from tests.unit.emulator.sdk import make_sdk

WORKSPACE = "w-emulator"
METADATA = '{"job_key":"k 1 ~ü"}'


@pytest.fixture
def sdk(emulator: Emulator) -> SdkClient:
    return make_sdk(emulator)


def job_request(**changes: Any) -> models.SubmitRayJobRequest:
    options: dict[str, Any] = {
        "name": "my job",
        "entrypoint": "echo hello; sleep 10; echo done",
        "display_release_version": "err-1.2.0 (Ray 2.55.1, Python 3.12)",
        "working_dir": "oss://bucket/job.zip",
        "runtime_env_json": '{"pip":["emoji"],"env_vars":{"A":"1"}}',
        "metadata_json": METADATA,
        "entrypoint_num_cpus": "1",
        "entrypoint_num_gpus": "0",
        "entrypoint_memory": "4Gi",
        "entrypoint_resources": '{"fpu":1}',
        "submission_mode": "HTTPMode",
        "active_deadline_seconds": 3600,
        "ttl_seconds_after_finished": 60,
        "network_service_name": "vpc",
        "extra_param": "{}",
        "volume_ids": ["vol-1"],
        "tags": [models.SubmitRayJobRequestTags(key="a", value="b")],
        "head_spec": models.SubmitRayJobRequestHeadSpec(queue_name="root_queue", cpu="2", memory="8Gi"),
        "worker_spec": [
            models.SubmitRayJobRequestWorkerSpec(
                group_name="g", worker_type="CPU", queue_name="root_queue", cpu="4", memory="16Gi", replica=2
            )
        ],
    }
    return models.SubmitRayJobRequest(**(options | changes))


def submit(sdk: SdkClient, **changes: Any) -> str:
    return str(sdk.submit_ray_job(WORKSPACE, job_request(**changes)).body.submission_id)


def get(sdk: SdkClient, submission_id: str) -> Any:
    return sdk.get_ray_job(WORKSPACE, submission_id, models.GetRayJobRequest()).body


def listed(sdk: SdkClient, **query: Any) -> list[str]:
    body = sdk.list_ray_job(WORKSPACE, models.ListRayJobRequest(**query)).body
    return [row.submission_id for row in body.ray_jobs]


def test_whole_life_on_a_temporary_cluster(emulator: Emulator, sdk: SdkClient) -> None:
    submission_id = submit(sdk)
    assert submission_id.startswith("rj-")
    seen = []
    for _step in range(4):
        job = get(sdk, submission_id)
        seen.append((job.status, job.cluster_state, job.duration))
        emulator.advance({0: 0.15, 1: 0.2, 2: 10.0}.get(_step, 0.0))
    assert seen == [
        ("Submitted", "Submitted", None),
        ("Pending", "Pending", None),
        ("Running", "Running", 0),
        ("Succeeded", "Running", 10),
    ]
    emulator.advance(61)
    assert get(sdk, submission_id).cluster_state == "Deleted"
    assert get(sdk, submission_id).cu_hours is None
    emulator.advance(600)
    assert get(sdk, submission_id).cu_hours == pytest.approx(10 * 10 / 3600, rel=1e-3)


def test_get_gives_back_what_was_sent(emulator: Emulator, sdk: SdkClient) -> None:
    submission_id = submit(sdk)
    emulator.advance(1000)
    got = get(sdk, submission_id).to_map()
    sent = job_request().to_map()
    same = set(sent) - {"headSpec", "workerSpec"}
    assert {key: got[key] for key in same} == {key: sent[key] for key in same}
    assert got["headSpec"] == sent["headSpec"] | {"replica": 1}
    assert got["workerSpecs"] == [
        {key: sent["workerSpec"][0][key] for key in sent["workerSpec"][0] if key != "workerType"}
    ]
    assert (got["backoffLimit"], got["shutdownAfterJobFinishes"]) == (0, True)
    assert got["logPath"] == f"{WORKSPACE}/ray/logs/{submission_id}_default/"
    assert emulator.jobs()[0].keys() | {"requestId"} == got.keys(), "the SDK knows every key"
    assert got["submitTime"] <= got["startTime"] <= got["endTime"]


def test_rows_are_thin(emulator: Emulator, sdk: SdkClient) -> None:
    submit(sdk)
    emulator.advance(1000)
    (row,) = sdk.list_ray_job(WORKSPACE, models.ListRayJobRequest()).body.ray_jobs
    raw = emulator.core.jobs.row(emulator.core.jobs.all(WORKSPACE)[0])
    assert row.to_map() == raw
    assert row.resource_queue == "err-1.2.0 (Ray 2.55.1, Python 3.12)"


def test_list_filters_and_pages(emulator: Emulator, sdk: SdkClient) -> None:
    ids = []
    for index in range(5):
        ids.append(submit(sdk, name="even" if index % 2 == 0 else "odd"))
        emulator.advance(10)
    times = [job["submitTime"] for job in emulator.jobs()]
    assert listed(sdk) == ids[::-1]
    assert listed(sdk, name="odd") == [ids[3], ids[1]]
    assert listed(sdk, name="eve") == []
    assert listed(sdk, submission_id=ids[2]) == [ids[2]]
    assert listed(sdk, task_biz_id=emulator.jobs()[4]["taskBizId"]) == [ids[4]]
    span = models.ListRayJobRequestSubmitTime(start_time=times[1], end_time=times[3])
    assert listed(sdk, submit_time=span) == [ids[3], ids[2], ids[1]]
    text = emulator.journal[-1].query["submitTime"]
    assert json.loads(text) == {"startTime": times[1], "endTime": times[3]}
    assert listed(sdk, page_num=2, page_size=2) == [ids[2], ids[1]]
    page = sdk.list_ray_job(WORKSPACE, models.ListRayJobRequest(name="even", page_size=1)).body
    assert (page.total_count, len(page.ray_jobs)) == (3, 1)


def test_cancel_and_what_it_leaves(emulator: Emulator, sdk: SdkClient) -> None:
    submission_id = submit(sdk)
    emulator.advance(5)
    assert sdk.cancel_ray_job(WORKSPACE, submission_id, models.CancelRayJobRequest()).body.success is True
    assert get(sdk, submission_id).status == "Cancelling"
    assert sdk.cancel_ray_job(WORKSPACE, submission_id, models.CancelRayJobRequest()).body.success is True
    emulator.advance(1)
    assert get(sdk, submission_id).status == "Cancelled"
    assert sdk.cancel_ray_job(WORKSPACE, submission_id, models.CancelRayJobRequest()).body.success is False
    assert "done" not in emulator.core.jobs.find(submission_id).log(emulator.clock()).splitlines()
    emulator.rules.set({"cancel_finished": "refused"})
    with pytest.raises(ClientException) as caught:
        sdk.cancel_ray_job(WORKSPACE, submission_id, models.CancelRayJobRequest())
    assert caught.value.code == "OperationDenied"


def test_failure_timeout_and_unknown_ids(emulator: Emulator, sdk: SdkClient) -> None:
    failed, late = submit(sdk, entrypoint="echo oh no; exit 3"), submit(sdk, active_deadline_seconds=2)
    emulator.advance(5)
    job = get(sdk, failed)
    assert job.status == "Failed"
    assert job.message.startswith("Job entrypoint command failed with exit code 3")
    assert job.message.endswith("oh no\n")
    assert get(sdk, late).status == "Timeout"
    with pytest.raises(ClientException) as caught:
        get(sdk, "rj-unknown")
    assert (caught.value.status_code, caught.value.code) == (404, "RayJob.NotFound")


def test_on_a_running_cluster(emulator: Emulator, sdk: SdkClient) -> None:
    (cluster_id,) = emulator.seed("c", state="Running")
    bare = {"display_release_version": None, "head_spec": None, "worker_spec": None, "cluster_id": cluster_id}
    submission_id = submit(sdk, **bare)
    emulator.advance(0.2)
    job = get(sdk, submission_id)
    assert (job.status, job.cluster_state, job.head_spec, job.worker_specs) == ("Running", "Running", None, [])
    emulator.patch(cluster_id, state="Stopped")
    assert get(sdk, submission_id).status == "Failed"
    with pytest.raises(ClientException) as caught:
        submit(sdk, **bare)
    assert caught.value.code == "OperationDenied"
    emulator.rules.set({"job_on_idle_cluster": "waits"})
    waiting = submit(sdk, **bare)
    emulator.advance(100)
    assert (get(sdk, waiting).status, get(sdk, waiting).cluster_state) == ("Pending", "Pending")
    emulator.patch(cluster_id, state="Running")
    assert get(sdk, waiting).status == "Running"
    emulator.advance(10)
    assert get(sdk, waiting).status == "Succeeded"


def logs(sdk: SdkClient, submission_id: str, **query: Any) -> Any:
    body = sdk.list_ray_logs(WORKSPACE, submission_id, models.ListRayLogsRequest(**query)).body
    assert (body.code, body.message) == ("1000000", "ok")
    return body.data


def test_logs_are_a_tree_in_pages(emulator: Emulator, sdk: SdkClient) -> None:
    emulator.plan_job(files={f"extra/{index:03d}.log": "x" for index in range(250)}, seconds=1)
    submission_id = submit(sdk)
    assert logs(sdk, submission_id).object_list == []
    emulator.advance(5)
    data = logs(sdk, submission_id)
    prefix = f"/{WORKSPACE}/ray/logs/{submission_id}_default/"
    assert (data.prefix, data.max_keys, data.is_truncated, data.bucket_name) == (
        prefix, 100, True, get(sdk, submission_id).log_bucket_name,
    )  # fmt: skip
    paths = [row.path for row in data.object_list]
    while data.is_truncated:
        data = logs(sdk, submission_id, marker=data.next_marker, max_keys=60)
        paths += [row.path for row in data.object_list]
    assert len(paths) == len(set(paths)) == 254
    assert paths == sorted(paths)
    top = logs(sdk, submission_id, delimiter="/").object_list
    assert [(row.name, row.is_dir) for row in top] == [("extra", True), (top[1].name, True)]
    inner = logs(sdk, submission_id, prefix=top[1].path, delimiter="/", bucket_name=data.bucket_name).object_list
    assert [row.name for row in inner if row.is_dir] == ["runtime_env"]
    assert f"{submission_id}_driver.log" in [row.name for row in inner]
    for size in (0, 1000):
        with pytest.raises(ClientException):
            logs(sdk, submission_id, max_keys=size)


def test_a_log_file_is_fetched_from_its_address(emulator: Emulator, sdk: SdkClient, http: httpx.Client) -> None:
    submission_id = submit(sdk)
    emulator.advance(5)
    (path,) = [row.path for row in logs(sdk, submission_id).object_list if row.path.endswith("_driver.log")]
    url = sdk.get_ray_log(WORKSPACE, submission_id, models.GetRayLogRequest(path=path)).body.data.access_url
    lines = http.get(url).text.splitlines()
    assert lines == [f"Running entrypoint for job {submission_id}: echo hello; sleep 10; echo done", "hello"]
    emulator.advance(10)
    assert http.get(url).text.splitlines()[-1] == "done"
    unknown = sdk.get_ray_log(WORKSPACE, submission_id, models.GetRayLogRequest(path="/nope")).body
    assert (unknown.code, unknown.data) == ("1000004", None)
    emulator.fault("inner_code", "ListRayLogs", code="1040003", message="no")
    body = sdk.list_ray_logs(WORKSPACE, submission_id, models.ListRayLogsRequest()).body
    assert (body.code, body.message, body.data) == ("1040003", "no", None)
    assert sdk.list_ray_logs(WORKSPACE, "rj-unknown", models.ListRayLogsRequest()).body.code == "1000004"
    emulator.rules.set({"log_errors": "status"})
    for operation in (
        lambda: sdk.list_ray_logs(WORKSPACE, "rj-unknown", models.ListRayLogsRequest()),
        lambda: sdk.get_ray_log(WORKSPACE, submission_id, models.GetRayLogRequest(path="/nope")),
    ):
        with pytest.raises(ClientException) as caught:
            operation()
        assert caught.value.status_code == 404
