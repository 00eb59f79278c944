# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The jobs that a cluster itself knows: all of them, drivers too, or an error; never a list that is only a part."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ansible_collections.rayops.alicloud.plugins.module_utils._api.transport import Response
from ansible_collections.rayops.alicloud.plugins.module_utils._errors import ApiError
from ansible_collections.rayops.alicloud.plugins.module_utils._job.ray_api import read_ray_jobs, read_ray_response
from tests.emulator import Emulator
from tests.unit.jobs.harness import JobHarness, Json

ON_IT: Json = {"via": "cluster", "cluster_name": "training"}


@pytest.fixture
def cluster_id(emulator: Emulator) -> str:
    (cluster_id,) = emulator.seed("training", state="Running")
    return cluster_id


def test_jobs_that_the_service_does_not_know_are_listed(harness: JobHarness, cluster_id: str) -> None:
    harness.job(**ON_IT, job_key="a", entrypoint="sleep 50")
    harness.job(**ON_IT, job_key="b", entrypoint="sleep 500")
    harness.emulator.advance(100)
    found = harness.info(**ON_IT)
    assert [(job["job_key"], job["status"]) for job in found["jobs"]] == [("a", "Succeeded"), ("b", "Running")]
    assert found["jobs"][0]["end_time"]
    assert found["cluster"]["cluster_id"] == cluster_id
    assert found.writes == []
    assert harness.info()["jobs"] == []
    assert [job["job_key"] for job in harness.info(**ON_IT, statuses=["Running"])["jobs"]] == ["b"]
    one = found["jobs"][0]["submission_id"]
    by_id = harness.info(via="cluster", cluster_id=cluster_id, submission_id=one)
    assert [job["submission_id"] for job in by_id["jobs"]] == [one]
    assert harness.info(**ON_IT, name="other")["jobs"] == []


def test_no_token_shows(harness: JobHarness, cluster_id: str) -> None:
    run = harness.emulator.service.find(cluster_id).run
    assert run is not None
    environment = {"env_vars": {"API_KEY": "hidden-Canary"}}
    harness.job(**ON_IT, job_key="a", entrypoint="sleep 50", runtime_env_json=environment)
    shown = json.dumps(harness.info(**ON_IT).result)
    assert run.submit_token not in shown
    assert run.dashboard_token not in shown
    assert "hidden-Canary" not in shown


@pytest.mark.parametrize("kind", ["html_502", "cut_after", "broken_json", "unavailable_503", "empty_body"])
def test_a_list_is_asked_for_again(harness: JobHarness, cluster_id: str, kind: str) -> None:
    harness.job(**ON_IT, job_key="a", entrypoint="sleep 50")
    harness.emulator.fault(kind, "RayJobsList", times=2)
    assert len(harness.info(**ON_IT)["jobs"]) == 1


@pytest.mark.parametrize(
    ("options", "code", "why"),
    [
        ({"via": "cluster"}, None, "needs cluster_id or cluster_name, one of them"),
        ({**ON_IT, "cluster_id": "ray-1"}, None, "needs cluster_id or cluster_name, one of them"),
        ({**ON_IT, "task_biz_id": "1"}, None, "task_biz_id: only the service has this information"),
        ({"cluster_name": "training"}, None, "cluster_name: needs via=cluster"),
        ({"via": "cluster", "cluster_id": "ray-none"}, "ClusterNotFound", "there is no cluster ray-none"),
        ({"via": "cluster", "cluster_name": "other"}, "ClusterNotFound", "no cluster has the name 'other'"),
        ({"via": "cluster", "cluster_name": "asleep"}, "ClusterNotRunning", "is Stopped"),
    ],
)
def test_what_cannot_be_asked_is_said(harness: JobHarness, cluster_id: str, options: Json, code: str, why: str) -> None:
    harness.emulator.seed("asleep", state="Stopped")
    failed = harness.info(**options)
    assert failed.failed
    assert why in failed["msg"]
    assert code is None or failed["error"]["code"] == code


def read_list(body: object, status: int = 200) -> list[Any]:
    answer = Response(status, {}, body if isinstance(body, bytes) else json.dumps(body).encode())
    return read_ray_response("RayJobList", answer, read_ray_jobs)


def test_a_driver_without_submission_is_a_job_too() -> None:
    (job,) = read_list([{"type": "DRIVER", "job_id": "01000000", "submission_id": None, "status": "RUNNING"}])
    assert job == {"status": "Running"}
    (job,) = read_list([{"status": None}])
    assert job["status"] not in ("Succeeded", "Failed", "Cancelled")


@pytest.mark.parametrize("body", [{}, {"jobs": []}, "[]", [1], b"[", b"", b"[" * 100000, None])
def test_what_is_no_list_of_jobs_is_no_empty_list(body: object) -> None:
    with pytest.raises(ApiError, match=r"not a list of jobs|not readable JSON|cannot be parsed") as found:
        read_list(body)
    assert (found.value.unreadable, found.value.http_status) == (True, 200)
    with pytest.raises(ApiError, match="HTTP 500"):
        read_list([], status=500)
