# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Jobs on a running cluster's own endpoint: submitted once, followed to the end, and no token shown."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from ansible_collections.rayops.alicloud.plugins.module_utils._api.settings import Settings
from ansible_collections.rayops.alicloud.plugins.module_utils._errors import JobError
from ansible_collections.rayops.alicloud.plugins.module_utils._job.ray_api import read_endpoint
from tests.emulator import Emulator
from tests.unit.jobs.fake_ray_api import TOKEN, FakeRayApi, serve_fake_ray_api
from tests.unit.jobs.harness import JobHarness, Json
from tests.unit.scenarios.harness import TaskOutcome

LINES = [f"step {number} \U0001f600 'quoted' \\ end" for number in range(400)]
DIRECT: Json = {"via": "cluster", "cluster_name": "training", "entrypoint": "python check.py", "job_key": "check-1"}


@pytest.fixture
def ray(emulator: Emulator) -> Iterator[FakeRayApi]:
    with serve_fake_ray_api() as script:
        (cluster_id,) = emulator.seed("training", state="Running")
        emulator.patch(cluster_id, jobUrl=script.url, submitToken=TOKEN)
        script.log = "".join(f"{line}\n" for line in LINES)
        yield script


def run(harness: JobHarness, check: bool = False, **options: object) -> TaskOutcome:
    """Run a task, and see to it that no token shows."""
    outcome = harness.job(check=check, **{**DIRECT, **options})
    shown = json.dumps(outcome.result) + repr(outcome.warnings) + repr(harness.told)
    assert TOKEN not in shown
    return outcome


def followed(harness: JobHarness) -> list[str]:
    """Return the lines of the log that were shown."""
    return [line.removeprefix("| ") for line in harness.told if line.startswith("| ")]


def test_a_job_runs_once_and_is_followed(harness: JobHarness, ray: FakeRayApi) -> None:
    done = run(harness, state="finished", log_lines=3)
    assert not done.failed, done.result
    assert done["actions"] == ["submit"]
    assert done["job"]["status"] == "Succeeded"
    assert done["job"]["job_key"] == "check-1"
    assert done["job"]["start_time"] == 17
    assert done["job"]["end_time"] is None
    assert done["driver_log_tail"] == LINES[-3:]
    shown = followed(harness)
    assert [line for line in shown if not line.startswith("[")] == LINES
    assert ray.tokens == {TOKEN}
    again = run(harness, state="finished", log_lines=3)
    assert (again["changed"], again["actions"]) == (False, [])
    assert again["submission_id"] == done["submission_id"]
    assert again["driver_log_tail"] == LINES[-3:]
    assert len(ray.submitted) == 1


def test_many_lines_at_once_are_shortened(harness: JobHarness, ray: FakeRayApi) -> None:
    ray.log = "".join(f"line {number}\n" for number in range(5000))
    run(harness, state="finished", log_lines=2)
    assert len(followed(harness)) < 1100
    assert any("lines of the log are omitted here" in line for line in harness.told)


def test_submitted_does_not_wait_nor_follow(harness: JobHarness, ray: FakeRayApi) -> None:
    done = run(harness)
    assert done["job"]["status"] == "Pending"
    assert "logs" not in ray.requests
    assert run(harness)["changed"] is False
    other = run(harness, job_key=None)
    assert other["changed"] is True
    assert run(harness, job_key=None)["submission_id"] != other["submission_id"]


def test_check_mode_submits_nothing(harness: JobHarness, ray: FakeRayApi) -> None:
    checked = run(harness, check=True, state="finished")
    assert checked["actions"] == ["submit"]
    assert checked["job"]["status"] == "Succeeded"
    assert ray.submitted == []
    assert run(harness, state="finished")["actions"] == ["submit"]
    assert run(harness, check=True, state="finished")["actions"] == []


@pytest.mark.parametrize("keyed", [True, False])
@pytest.mark.parametrize("times", [1, 3])
@pytest.mark.parametrize("wrong", ["cut before", "cut after", "cut half", "500", "502", "nonsense"])
def test_a_lost_answer_gives_exactly_one_job(
    harness: JobHarness, ray: FakeRayApi, wrong: str, times: int, keyed: bool
) -> None:
    ray.trouble["POST"] = [wrong] * times
    done = run(harness, job_key="k" if keyed else None)
    assert not done.failed, done.result
    assert len(ray.submitted) == 1
    assert done["submission_id"] == ray.submitted[0]
    assert ("adopted" in done.result) is (wrong != "cut before")


@pytest.mark.parametrize("wrong", ["cut before", "cut after", "cut half", "500", "502", "nonsense"])
def test_the_log_is_followed_to_the_end_whatever_the_connection_does(
    harness: JobHarness, ray: FakeRayApi, wrong: str
) -> None:
    ray.statuses = ["PENDING", *["RUNNING"] * 6, "SUCCEEDED"]
    ray.trouble = {"logs": [wrong, wrong, "", wrong, "", "", wrong] * 2, "GET": ["", "", wrong, wrong, "", wrong]}
    done = run(harness, state="finished", log_lines=400)
    assert not done.failed, done.result
    assert done["driver_log_tail"] == LINES
    assert [line for line in followed(harness) if not line.startswith("[")] == LINES
    assert len(ray.submitted) == 1


def test_a_log_that_cannot_be_read_at_all_is_a_warning(harness: JobHarness, ray: FakeRayApi) -> None:
    ray.trouble["logs"] = ["502"] * 1000
    done = run(harness, state="finished", retries=1)
    assert done["job"]["status"] == "Succeeded"
    assert any("may be incomplete at its end" in warning for warning in done.warnings)


def test_a_job_that_fails_has_its_log(harness: JobHarness, ray: FakeRayApi) -> None:
    ray.statuses = ["RUNNING", "FAILED"]
    failed = run(harness, state="finished", log_lines=2, retries_on_failure=1)
    assert failed.failed
    assert failed["error"]["code"] == "JobFailed"
    assert failed["actions"] == ["submit", "submit"]
    assert len(set(ray.submitted)) == 2
    assert failed["driver_log_tail"] == LINES[-2:]
    later = run(harness, state="finished", retries_on_failure=1)
    assert (later.failed, later["actions"]) == (True, [])
    ray.statuses = ["RUNNING", "SUCCEEDED"]
    again = run(harness, state="finished", resubmit="if_failed")
    assert again["job"]["attempt"] == 3


def test_cancel(harness: JobHarness, ray: FakeRayApi) -> None:
    assert run(harness, state="cancelled", entrypoint=None)["changed"] is False
    job = run(harness)
    done = run(harness, state="cancelled", entrypoint=None)
    assert done["actions"] == ["cancel"]
    assert done["job"]["status"] == "Cancelled"
    by_id = run(harness, state="cancelled", entrypoint=None, job_key=None, submission_id=job["submission_id"])
    assert by_id["changed"] is False


def test_a_job_that_ends_before_it_is_stopped_is_left_alone(harness: JobHarness, ray: FakeRayApi) -> None:
    ray.statuses = ["RUNNING", "RUNNING", "SUCCEEDED"]
    job = run(harness)
    ray.jobs[job["submission_id"]]["status"] = "SUCCEEDED"
    ray.jobs[job["submission_id"]]["left"] = ["RUNNING", "SUCCEEDED"]
    stop = ray.stop
    ray.stop = lambda found: (200, {"stopped": False})  # type: ignore[method-assign]
    done = run(harness, state="cancelled", entrypoint=None)
    assert (done.failed, done["actions"]) == (False, [])
    assert done["job"]["status"] == "Succeeded"
    ray.stop = stop  # type: ignore[method-assign]


def test_what_ray_refuses_is_said_and_not_tried_again(harness: JobHarness, ray: FakeRayApi) -> None:
    ray.submit = lambda body: (500, "Traceback (most recent call last):\nValueError: bad runtime env")  # type: ignore[method-assign]
    failed = run(harness)
    assert "ValueError: bad runtime env" in failed["msg"]
    assert failed["error"]["code"] == "RayRefused"
    assert ray.requests.count("POST") == 1


def test_another_run_with_the_same_key_is_no_second_job(harness: JobHarness, ray: FakeRayApi) -> None:
    """It submits between our look and our submission; Ray refuses ours."""
    submit = ray.submit

    def faster(body: Json) -> tuple[int, object]:
        submit(body)
        return submit(body)

    ray.submit = faster  # type: ignore[method-assign]
    done = run(harness)
    assert not done.failed, done.result
    assert "already existed" in done["adopted"]
    assert len(ray.submitted) == 1


@pytest.mark.parametrize("state", ["Stopped", "Starting"])
def test_a_cluster_that_does_not_run_takes_no_job(harness: JobHarness, emulator: Emulator, state: str) -> None:
    emulator.seed("training", state=state)
    failed = run(harness)
    assert failed["error"]["code"] == "ClusterNotRunning"
    assert "state=started" in failed["error"]["hint"]
    checked = run(harness, check=True)
    assert checked["changed"] is True
    assert "a real run would fail" in checked.warnings[0]
    assert run(harness, cluster_name=None, cluster_id="ray-none")["error"]["code"] == "ClusterNotFound"


def test_a_cluster_that_stops_takes_its_jobs_with_it(
    harness: JobHarness, emulator: Emulator, ray: FakeRayApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    ray.statuses = ["RUNNING"]
    status = ray.status

    def stopping(submission_id: str) -> tuple[int, object]:
        if len(ray.requests) > 4:
            emulator.patch(emulator.clusters()[0]["clusterId"], state="Stopped")
            return 502, "<html>bad gateway</html>"
        return status(submission_id)

    monkeypatch.setattr(ray, "status", stopping)
    failed = run(harness, state="finished", retries=0)
    assert failed["error"]["code"] == "ClusterNotRunning"
    assert "Stopped" in failed["msg"]


def test_a_token_that_is_not_taken_is_said(harness: JobHarness, emulator: Emulator, ray: FakeRayApi) -> None:
    emulator.patch(emulator.clusters()[0]["clusterId"], submitToken="another-token")
    failed = run(harness)
    assert failed["error"]["http_status"] == 403
    assert "submit token" in failed["error"]["hint"]
    assert "another-token" not in json.dumps(failed.result)


SETTINGS = Settings("https", "emr.example.com", "w-1", False)


@pytest.mark.parametrize(
    ("inner", "url", "scheme", "host", "path"),
    [
        (False, "https://gateway.example.com", "https", "gateway.example.com", ""),
        (False, "https://gateway.example.com:8443/a/b/", "https", "gateway.example.com:8443", "/a/b"),
        (False, "http://127.0.0.1:8265/ray/x", "http", "127.0.0.1:8265", "/ray/x"),
        (True, "http://gateway-internal.example.com", "http", "gateway-internal.example.com", ""),
    ],
)
def test_an_endpoint_is_safe_to_use(inner: bool, url: str, scheme: str, host: str, path: str) -> None:
    option = "job_url_inner" if inner else "job_url"
    cluster = {"cluster_id": "ray-1", "state": "Running", "submit_token": "secret", option: url}
    found = read_endpoint(cluster, SETTINGS, inner, "agent")
    assert (found.settings.scheme, found.settings.host, found.path) == (scheme, host, path)
    assert found.settings.loopback is ("127.0.0.1" in host)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"job_url": "http://gateway.example.com"}, "UnsafeAddress"),
        ({"job_url": "https://user@gateway.example.com"}, "UnsafeAddress"),
        ({"job_url": "ftp://gateway.example.com"}, "UnsafeAddress"),
        ({"job_url": None}, "ClusterNotRunning"),
        ({"submit_token": None}, "ClusterNotRunning"),
    ],
)
def test_an_endpoint_that_is_not_safe_is_refused(changes: Json, code: str) -> None:
    cluster = {
        "cluster_id": "ray-1",
        "state": "Running",
        "submit_token": "s",
        "job_url": "https://h.example",
        **changes,
    }
    with pytest.raises(JobError) as error:
        read_endpoint(cluster, SETTINGS, False, "agent")
    assert error.value.code == code


def test_the_emulators_own_endpoint_runs_jobs_that_take_time(harness: JobHarness, emulator: Emulator) -> None:
    """By its clock, and behind the token that the service gives out."""
    emulator.seed("training", state="Running")
    options = {"entrypoint": "echo one; sleep 40; echo two; sleep 9; exit 3", "state": "finished"}
    failed = run(harness, **options)
    assert failed["error"]["code"] == "JobFailed"
    assert failed["driver_log_tail"][-2:] == ["one", "two"]
    assert failed["job"]["driver_exit_code"] == 3
    assert [line for line in followed(harness) if line in ("one", "two")] == ["one", "two"]
    assert sum(failed.slept) >= 49
    done = run(harness, **{**options, "entrypoint": "echo fine"}, resubmit="if_failed")
    assert (done["job"]["status"], done["job"]["attempt"]) == ("Succeeded", 2)
    long = run(harness, job_key="long", entrypoint="sleep 1000")
    cancelled = run(harness, job_key="long", state="cancelled", entrypoint=None)
    assert cancelled["job"]["status"] == "Cancelled"
    assert cancelled["submission_id"] == long["submission_id"]


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("kind", ["cut_before", "cut_after", "cut_during", "html_502", "empty_body", "broken_json"])
def test_faults_of_the_emulators_endpoint_do_not_double_a_job(
    harness: JobHarness, emulator: Emulator, kind: str, seed: int
) -> None:
    emulator.seed("training", state="Running")
    for operation in ("RayJobsSubmit", "RayJobsGet", "RayJobsLogs"):
        emulator.fault(kind, operation, after=seed % 2, times=1 + seed // 2)
    done = run(harness, state="finished", entrypoint="echo fine")
    assert not done.failed, done.result
    assert done["driver_log_tail"][-1] == "fine"
    assert done["job"]["attempt"] == 1
