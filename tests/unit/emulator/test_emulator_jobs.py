# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Jobs and logs over HTTP: what the official SDK hides, and what faults, plans and the control API do."""

from __future__ import annotations

import time
from typing import Any

import httpx
import pytest

from tests.emulator import ApiError, Clock, Emulator

JOBS = "/api/v1/workspaces/w-emulator/rayJob"
SUBMIT, LIST = "SubmitRayJob", "ListRayJob"


def job_body(**changes: Any) -> dict[str, Any]:
    body: dict[str, Any] = {
        "name": "one",
        "entrypoint": "python main.py",
        "displayReleaseVersion": "err-1.2.0 (Ray 2.55.1, Python 3.12)",
        "headSpec": {"queueName": "root_queue", "cpu": "2", "memory": "8Gi"},
        "workerSpec": [{"groupName": "g", "queueName": "root_queue", "cpu": "4", "memory": "16Gi", "replica": 1}],
    }
    return body | changes


def submit(client: Any, **changes: Any) -> httpx.Response:
    response: httpx.Response = client.send("POST", JOBS, SUBMIT, body=job_body(**changes))
    return response


def listed(client: Any, **query: Any) -> list[str]:
    return [row["submissionId"] for row in client.send("GET", JOBS, LIST, query=query).json()["rayJobs"]]


@pytest.mark.parametrize(
    ("changes", "code", "words"),
    [
        ({"name": None}, "MissingParameter", "name"),
        ({"entrypoint": ""}, "MissingParameter", "entrypoint"),
        ({"headSpec": None}, "MissingParameter", "headSpec"),
        ({"displayReleaseVersion": None}, "MissingParameter", "displayReleaseVersion"),
        ({"workerSpec": []}, "MissingParameter", "workerSpec"),
        ({"workerSpec": [{"groupName": "g"}]}, "", "queueName: null"),
        ({"metadataJson": "{"}, "InvalidParameter", "metadataJson is not valid JSON"),
        ({"runtimeEnvJson": "[]"}, "InvalidParameter", "runtimeEnvJson must be a JSON object"),
        ({"activeDeadlineSeconds": "60"}, "InvalidParameter", "activeDeadlineSeconds must be a whole number"),
        ({"activeDeadlineSeconds": -1}, "InvalidParameter", "must not be negative"),
        ({"volumeIds": [1]}, "InvalidParameter", "volumeIds"),
        ({"tags": ["a"]}, "InvalidParameter", "tags"),
        ({"clusterId": "ray-unknown"}, "RayCluster.NotFound", "ray-unknown"),
    ],
)
def test_bad_submissions(client: Any, changes: dict[str, Any], code: str, words: str) -> None:
    response = submit(client, **changes)
    assert (response.json()["code"], words in response.json()["message"]) == (code, True)
    assert client.emulator.jobs() == []


@pytest.mark.parametrize("query", [{"submitTime": "{"}, {"submitTime": '{"startTime":"x"}'}, {"pageSize": 101}])
def test_bad_list_queries(client: Any, query: dict[str, Any]) -> None:
    assert client.send("GET", JOBS, LIST, query=query).json()["code"] == "InvalidParameter"


def test_shapes_of_good_answers(client: Any) -> None:
    submitted = submit(client).json()
    assert set(submitted) == {"requestId", "submissionId"}
    path = f"{JOBS}/{submitted['submissionId']}"
    assert set(client.send("GET", JOBS, LIST).json()) == {"requestId", "totalCount", "rayJobs"}
    assert set(client.send("POST", f"{path}/cancel", "CancelRayJob").json()) == {"requestId", "success"}
    assert "workerSpec" not in client.send("GET", path, "GetRayJob").json()
    unknown = client.send("GET", "/api/v1/workspaces/w-other/rayJob", LIST)
    assert (unknown.status_code, "code" in unknown.json()) == (404, False)


@pytest.mark.parametrize(("kind", "made"), [("cut_before", 0), ("cut_after", 1), ("after_effect_error", 1)])
def test_a_lost_answer(client: Any, emulator: Emulator, kind: str, made: int) -> None:
    emulator.fault(kind, SUBMIT)
    try:
        assert submit(client).status_code == 500
    except httpx.RemoteProtocolError:
        assert kind.startswith("cut")
    assert len(emulator.jobs()) == len(listed(client)) == made


def test_stale_and_hiding_lists_and_twins(client: Any, emulator: Emulator) -> None:
    old = submit(client).json()["submissionId"]
    emulator.fault("stale_list", LIST, times=1)
    twin = emulator.fault("twin", SUBMIT, when="after")
    new = submit(client, metadataJson='{"job_key":"a"}').json()["submissionId"]
    (other,) = twin.memory["ids"]
    assert (listed(client), listed(client)) == ([old], [other, new, old])
    assert emulator.job_spec(other) == emulator.job_spec(new)
    assert [job["creatorName"] for job in emulator.jobs()] == ["emulator", "emulator", "someone-else"]
    emulator.fault("hide_new", LIST, seconds=5, lists=1)
    hidden = submit(client, name="hidden").json()["submissionId"]
    assert hidden not in listed(client)
    emulator.advance(6)
    assert listed(client, name="hidden") == [hidden]


def test_unknown_state_and_fields(client: Any, emulator: Emulator) -> None:
    submission_id = submit(client).json()["submissionId"]
    emulator.fault("unknown_state", times=2, state="Paused")
    assert client.send("GET", f"{JOBS}/{submission_id}", "GetRayJob").json()["status"] == "Paused"
    assert client.send("GET", JOBS, LIST).json()["rayJobs"][0]["status"] == "Paused"
    emulator.fault("unknown_fields", times=1)
    got = client.send("GET", f"{JOBS}/{submission_id}", "GetRayJob").json()
    assert "futureField" in got["workerSpecs"][0]


def test_plans_meet_the_jobs_they_name(emulator: Emulator) -> None:
    emulator.plan_job("train", status="Failed", message="out of memory", log="a\nb\nc\nd", seconds=4, times=2)
    emulator.plan_job(status="Timeout", seconds=1, pending_seconds=0)
    train, other, again, last = [emulator.submit(name) for name in ("train", "other", "train", "train")]
    emulator.advance(0.1 + 0.2 + 2)
    assert emulator.core.jobs.find(train).log(emulator.clock()).split() == ["a", "b", "c"]
    emulator.advance(10)
    ends = {job["submissionId"]: (job["status"], job["message"]) for job in emulator.jobs()}
    assert ends[train] == ends[again] == ("Failed", "out of memory")
    assert (ends[other][0], ends[last][0]) == ("Timeout", "Succeeded")
    for bad in ({"status": "Running"}, {"seconds": -1}, {"nope": 1}):
        with pytest.raises(ValueError, match=r"."):
            emulator.plan_job(**bad)


def test_jobs_can_be_changed_behind_the_back(emulator: Emulator) -> None:
    submission_id = emulator.submit(entrypoint="sleep 5")
    emulator.patch_job(submission_id, status="Failed", message="node lost", guHours={"gpuHours": 1.5})
    (job,) = emulator.jobs()
    assert (job["status"], job["message"], job["guHours"]) == ("Failed", "node lost", {"gpuHours": 1.5})
    emulator.patch_job(submission_id, guHours=None)
    assert "guHours" not in emulator.jobs()[0]
    with pytest.raises(KeyError):
        emulator.patch_job("rj-unknown")
    with pytest.raises(ApiError):
        emulator.submit(headSpec="text")


def test_job_duration(emulator: Emulator) -> None:
    emulator.submit(entrypoint="sleep 5")
    emulator.advance(100)
    assert emulator.jobs()[0]["duration"] == 5
    emulator.rules.set({"job_duration": "milliseconds"})
    assert emulator.jobs()[0]["duration"] == 5000


def driver_url(client: Any, **changes: Any) -> str:
    submission_id = submit(client, **changes).json()["submissionId"]
    client.emulator.advance(100)
    logs = f"/api/interactive/v1/workspace/w-emulator/ray/{submission_id}"
    rows = client.send("GET", f"{logs}/logs", "ListRayLogs").json()["data"]["objectList"]
    (path,) = [row["path"] for row in rows if row["path"].endswith("_driver.log")]
    answer = client.send("GET", f"{logs}/log", "GetRayLog", query={"path": path}).json()
    return str(answer["data"]["accessUrl"])


def test_ranges_of_a_log_file(client: Any, emulator: Emulator) -> None:
    emulator.plan_job(log="0123456789")
    url = driver_url(client)
    whole = client.http.get(url)
    assert (whole.status_code, whole.text) == (200, "0123456789\n")
    assert emulator.operations()[-1] == "OssGetObject"
    for wanted, text, shown in (
        ("bytes=2-4", "234", "bytes 2-4/11"),
        ("bytes=8-", "89\n", "bytes 8-10/11"),
        ("bytes=-3", "89\n", "bytes 8-10/11"),
        ("bytes=9-99", "9\n", "bytes 9-10/11"),
    ):
        part = client.http.get(url, headers={"range": wanted})
        assert (part.status_code, part.text, part.headers["content-range"]) == (206, text, shown)
    beyond = {"range": "bytes=11-"}
    assert client.http.get(url, headers=beyond).text == whole.text
    assert client.http.get(url, headers=beyond | {"x-oss-range-behavior": "standard"}).status_code == 416
    emulator.rules.set({"oss_bad_range": "refused"})
    assert client.http.get(url, headers=beyond).status_code == 416
    assert client.http.get(url, headers={"if-match": whole.headers["etag"]}).status_code == 200
    assert client.http.get(url, headers={"if-match": '"other"'}).status_code == 412


def test_addresses_of_log_files_are_checked(client: Any, emulator: Emulator) -> None:
    now = [time.time()]
    url = driver_url(client)
    emulator.core.oss._presigner._wall = lambda: now[0]
    base, _mark, query = url.partition("?")
    assert client.http.get(url).status_code == 200
    for bad in (
        base,
        f"{base}x?{query}",
        url[:-4] + "xx%3D",
        url.replace("Expires=1", "Expires=2"),
        base + "?Expires=x",
    ):
        assert client.http.get(bad).status_code == 403
    assert client.http.post(url).status_code == 403
    now[0] += 3601
    expired = client.http.get(url)
    assert (expired.status_code, "Request has expired" in expired.text) == (403, True)


def test_faults_of_log_files_must_name_them(client: Any, emulator: Emulator) -> None:
    url = driver_url(client)
    emulator.fault("http_500", times=None)
    assert client.http.get(url).status_code == 200
    emulator.fault("cut_during", "OssGetObject")
    with pytest.raises(httpx.RemoteProtocolError):
        client.http.get(url)
    emulator.fault("unavailable_503", "OssGetObject")
    assert client.http.get(url).status_code == 503


def test_no_line_is_lost_at_the_end_whatever_the_floats_do() -> None:
    """0.1 + 0.2 is not 0.3: neither for the service's jobs nor for those on a cluster's own endpoint."""
    with Emulator(clock=Clock(frozen=True, start=1_795_334_400.1)) as emulator:
        emulator.timing.set({"job_submitted_seconds": 0.1, "job_pending_seconds": 0.3})
        for number in range(40):
            job = emulator.core.jobs.find(emulator.submit(entrypoint=f"sleep {number / 7:.3f}; echo last words"))
            emulator.advance(40)
            emulator.jobs()
            assert job.log(emulator.clock()).endswith("\nlast words\n"), number
            emulator.advance(0.1)


def test_a_log_file_has_the_time_at_which_it_last_grew(client: Any) -> None:
    emulator: Emulator = client.emulator
    emulator.plan_job(log="one\ntwo\n", seconds=10, pending_seconds=5, files={"pod/other.log": "x"})
    submission_id = emulator.submit()
    path = f"/api/interactive/v1/workspace/w-emulator/ray/{submission_id}/logs"

    def modified(**query: str) -> dict[str, int]:
        rows = client.send("GET", path, "ListRayLogs", query=query).json()["data"]["objectList"]
        return {row["name"]: row["timeModified"] for row in rows}

    driver = f"{submission_id}_driver.log"
    emulator.advance(1)
    assert modified() == {}
    emulator.advance(7)
    job = emulator.core.jobs.find(submission_id)
    assert job.started is not None
    began = int(job.started * 1000)
    assert modified()[driver] == modified()["other.log"] == began
    emulator.advance(5)
    assert modified()[driver] == pytest.approx(began + 5000, abs=1)
    emulator.advance(100)
    assert modified()[driver] == pytest.approx(began + 5000, abs=1)
    assert modified()["other.log"] == began
    prefix = f"/w-emulator/ray/logs/{submission_id}_default/"
    folders = modified(prefix=prefix, delimiter="/")
    assert sorted(folders.values()) == pytest.approx([began, began + 5000], abs=1)


def test_a_token_is_no_other_fact_about_a_job(emulator: Emulator) -> None:
    """Else hiding the one would hide the other."""
    submission_id = emulator.submit(entrypoint="sleep 100")
    emulator.advance(50)
    (view,) = emulator.jobs()
    token = view["dashboardUrl"].partition("?token=")[2]
    assert len(token) > 16
    assert [key for key, value in view.items() if token in str(value)] == ["dashboardUrl"]
    assert submission_id in view["dashboardUrl"]
