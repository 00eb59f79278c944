# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The stand-in for a cluster's own Ray Jobs endpoint: token, jobs, and the log over a websocket."""

from __future__ import annotations

import asyncio
from typing import Any

import aiohttp
import httpx
import pytest

from tests.emulator import Emulator


class Direct:
    """A client of one cluster's endpoint."""

    def __init__(self, emulator: Emulator, http: httpx.Client) -> None:
        (self.cluster_id,) = emulator.seed("c", state="Running")
        (self.cluster,) = emulator.clusters()
        self.url = str(self.cluster["jobUrl"])
        self.headers = {"ray-token": str(self.cluster["submitToken"])}
        self.emulator = emulator
        self._http = http

    def send(self, method: str, path: str, **options: Any) -> httpx.Response:
        return self._http.request(method, self.url + path, **({"headers": self.headers} | options))

    def submit(self, entrypoint: str, **fields: Any) -> str:
        response = self.send("POST", "/api/jobs/", json={"entrypoint": entrypoint, **fields})
        assert response.status_code == 200, response.text
        return str(response.json()["submission_id"])

    def get(self, submission_id: str) -> dict[str, Any]:
        return dict(self.send("GET", f"/api/jobs/{submission_id}").json())

    def log(self, submission_id: str) -> str:
        return str(self.send("GET", f"/api/jobs/{submission_id}/logs").json()["logs"])

    def tail(self, submission_id: str, **headers: str) -> tuple[list[str], int | None]:
        """Return all texts and the closing code (None: the connection was cut)."""

        async def follow() -> tuple[list[str], int | None]:
            url, texts = f"{self.url}/api/jobs/{submission_id}/logs/tail", []
            async with (
                aiohttp.ClientSession() as session,
                session.ws_connect(url, headers=self.headers | headers) as socket,
            ):
                async for message in socket:
                    texts.append(str(message.data))
                    self.emulator.advance(2)
                return texts, None if socket.close_code == 1006 else socket.close_code

        return asyncio.run(follow())


@pytest.fixture
def direct(emulator: Emulator, http: httpx.Client) -> Direct:
    return Direct(emulator, http)


@pytest.mark.parametrize("token", [None, "", "wrong"])
def test_the_token_is_demanded(direct: Direct, token: str | None) -> None:
    headers = {} if token is None else {"ray-token": token}
    assert direct.send("GET", "/api/version", headers=headers).status_code == 401
    assert direct.send("POST", "/api/jobs/", headers=headers, json={"entrypoint": "x"}).status_code == 401
    direct.emulator.rules.set({"bad_token_status": 403})
    with pytest.raises(aiohttp.WSServerHandshakeError) as caught:
        direct.tail("x", **{"ray-token": token or ""})
    assert caught.value.status == 403
    assert direct.emulator.direct_jobs(direct.cluster_id) == []


def test_a_cluster_must_be_there_and_running(direct: Direct) -> None:
    direct.emulator.patch(direct.cluster_id, state="Stopped")
    assert direct.send("GET", "/api/version").status_code == 503
    direct.emulator.patch(direct.cluster_id, state="Running")
    assert direct.send("GET", "/api/version").status_code == 401, "a new run has a new token"
    direct.emulator.service.remove(direct.cluster_id)
    assert direct.send("GET", "/api/version").status_code == 404


def test_life_of_a_job(direct: Direct) -> None:
    assert "ray_version" in direct.send("GET", "/api/version").json()
    submission_id = direct.submit("echo hi; sleep 3; exit 4", metadata={"job_key": "k"}, entrypoint_num_cpus=0.5)
    assert submission_id.startswith("raysubmit_")
    seen = []
    for seconds in (0.2, 3.1, 0):
        job = direct.get(submission_id)
        seen.append((job["status"], direct.log(submission_id).count("hi\n"), job["driver_exit_code"]))
        direct.emulator.advance(seconds)
    assert seen == [("PENDING", 0, None), ("RUNNING", 1, None), ("FAILED", 1, 4)]
    job = direct.get(submission_id)
    assert (job["metadata"], job["end_time"] - job["start_time"]) == ({"job_key": "k"}, 3100)
    assert job["message"].startswith("Job entrypoint command failed with exit code 4")
    assert direct.send("GET", "/api/jobs/").json() == direct.emulator.direct_jobs(direct.cluster_id) == [job]
    assert direct.send("POST", f"/api/jobs/{submission_id}/stop").json() == {"stopped": False}
    assert direct.send("DELETE", f"/api/jobs/{submission_id}").json() == {"deleted": True}
    assert direct.send("GET", f"/api/jobs/{submission_id}").status_code == 404
    assert direct.emulator.operations()[-1] == "RayJobsGet"


def test_stop_and_plans(direct: Direct) -> None:
    stopped = direct.submit("sleep 100")
    direct.emulator.advance(1)
    assert direct.send("DELETE", f"/api/jobs/{stopped}").status_code == 500
    assert direct.send("POST", f"/api/jobs/{stopped}/stop").json() == {"stopped": True}
    direct.emulator.advance(1)
    assert (direct.get(stopped)["status"], direct.get(stopped)["message"]) == (
        "STOPPED", "Job was intentionally stopped.",
    )  # fmt: skip
    direct.emulator.plan_job("train", status="Failed", message="lost", log="a\nb", seconds=2)
    planned = direct.submit("python x.py", metadata={"name": "train"})
    direct.emulator.advance(5)
    assert (direct.get(planned)["message"], direct.log(planned)) == ("lost", "a\nb\n")


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        ({}, 400, "entrypoint"),
        ({"entrypoint": 1}, 400, "must be a str"),
        ({"entrypoint": "x", "nope": 1}, 400, "nope"),
        ({"entrypoint": "x", "metadata": {"a": 1}}, 400, "metadata"),
        ({"entrypoint": "x", "submission_id": "taken"}, 500, "already exists"),
    ],
)
def test_bad_submissions(direct: Direct, body: dict[str, Any], status: int, words: str) -> None:
    direct.submit("x", submission_id="taken")
    response = direct.send("POST", "/api/jobs/", json=body)
    assert (response.status_code, words in response.text) == (status, True)
    assert len(direct.emulator.direct_jobs(direct.cluster_id)) == 1


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/jobs/nope"),
        ("GET", "/api/jobs/nope/logs"),
        ("POST", "/api/jobs/nope/stop"),
        ("GET", "/api/nodes"),
        ("GET", "/api/packages/gcs/p.zip"),
        ("PATCH", "/api/jobs/"),
    ],
)
def test_unknown_things(direct: Direct, method: str, path: str) -> None:
    assert direct.send(method, path).status_code == 404


def test_packages(direct: Direct) -> None:
    path = "/api/packages/gcs/p.zip"
    assert direct.send("PUT", path, content=b"zip").status_code == 200
    assert direct.send("GET", path).status_code == 200


def test_tail_follows_the_log_to_its_end(direct: Direct) -> None:
    submission_id = direct.submit("echo one; sleep 2; echo two; sleep 2; echo three")
    direct.emulator.advance(0.1)
    texts, code = direct.tail(submission_id)
    assert code == 1000
    assert "".join(texts) == direct.log(submission_id)
    assert len(texts) >= 2
    assert texts[-1] == "three\n"
    assert direct.emulator.journal[-2].status == 101
    with pytest.raises(aiohttp.WSServerHandshakeError) as caught:
        direct.tail("nope")
    assert caught.value.status == 404


def test_faults_of_the_tail(direct: Direct) -> None:
    submission_id = direct.submit("echo one")
    direct.emulator.advance(5)
    whole = direct.log(submission_id)
    direct.emulator.fault("http_500", times=None)
    for kind, seen in (
        ("cut_during", ([whole[: len(whole) // 2]], None)),
        ("cut_after", ([], None)),
        ("empty_body", ([], 1000)),
    ):
        fault = direct.emulator.fault(kind, "RayJobsTail")
        assert (direct.tail(submission_id), fault.fired) == (seen, 1)
    direct.emulator.fault("unavailable_503", "RayJobsTail")
    with pytest.raises(aiohttp.WSServerHandshakeError) as caught:
        direct.tail(submission_id)
    assert caught.value.status == 503
    # aiohttp asks a second time.
    direct.emulator.fault("cut_before", "RayJobsTail", times=2)
    with pytest.raises(aiohttp.ClientConnectionError):
        direct.tail(submission_id)
    assert "".join(direct.tail(submission_id)[0]) == whole


def test_a_lost_answer_to_a_submission(direct: Direct) -> None:
    direct.emulator.fault("cut_after", "RayJobsSubmit")
    with pytest.raises(httpx.RemoteProtocolError):
        direct.submit("x", submission_id="once")
    assert [job["submission_id"] for job in direct.emulator.direct_jobs(direct.cluster_id)] == ["once"]
    assert direct.send("POST", "/api/jobs/", json={"entrypoint": "x", "submission_id": "once"}).status_code == 500
