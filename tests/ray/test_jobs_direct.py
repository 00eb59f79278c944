# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""emr_ray_job with via=cluster on real Ray: what Ray says, its log while it runs, its own client beside ours."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from ray.job_submission import JobStatus, JobSubmissionClient

from ansible_collections.rayops.alicloud.plugins.module_utils._argspec.cluster import CLUSTER_OPTIONS
from ansible_collections.rayops.alicloud.plugins.module_utils._cluster.run import run_cluster
from ansible_collections.rayops.alicloud.plugins.module_utils._job.ray_api import RayJobClient
from tests.emulator import Emulator
from tests.ray.conftest import until
from tests.ray.stage import RealStage


@pytest.mark.parametrize("kind", ["cut_before", "cut_during", "html_502"])
def test_the_log_is_followed_while_the_job_runs(
    harness: RealStage, emulator: Emulator, tmp_path: Path, kind: str
) -> None:
    """The job waits for what this test does once it sees its first words: it ends only if it is followed."""
    seen = tmp_path / "seen"
    harness.on_line = lambda line: seen.touch() if line == "| first words" else None
    emulator.fault(kind, "RayJobsLogs", after=1, times=3)
    emulator.fault(kind, "RayJobsGet", after=3, times=2)
    done = harness.by(
        "cluster",
        job_key=f"followed-{kind}",
        state="finished",
        log_lines=1000,
        wait_timeout=120,
        entrypoint=f"echo first words; until test -e {seen}; do sleep 0.1; done; seq 150; echo last words",
    )
    assert not done.failed, done.result
    said = ["first words", *map(str, range(1, 151)), "last words"]
    assert [line for line in harness.shown() if line in said] == said
    assert [line for line in done["driver_log_tail"] if line in said] == said


def test_rays_own_client_beside_ours(harness: RealStage, emulator: Emulator) -> None:
    """On the address and the token that return_secrets gives."""
    given = {"cluster_id": harness.cluster_id, "state": "started", "return_secrets": True}
    cluster = harness.run(run_cluster, CLUSTER_OPTIONS, given)
    assert cluster["changed"] is False
    theirs = JobSubmissionClient(
        cluster["cluster"]["job_url"], headers={"ray-token": cluster["cluster"]["submit_token"]}
    )
    ours = harness.by("cluster", job_key="beside", state="finished", entrypoint="echo ours")
    assert theirs.get_job_status(ours["submission_id"]) == JobStatus.SUCCEEDED
    assert theirs.get_job_logs(ours["submission_id"]).splitlines()[-2:] == ours["driver_log_tail"][-2:]
    submission_id = theirs.submit_job(entrypoint="echo theirs; exit 4", metadata={"by": "ray"})
    seen = harness.by("cluster", submission_id=submission_id, state="finished")
    assert seen["error"]["code"] == "JobFailed"
    assert "theirs" in seen["driver_log_tail"]
    assert seen["job"]["driver_exit_code"] == 4
    assert json.loads(seen["job"]["metadata_json"]) == {"by": "ray"}
    long = theirs.submit_job(entrypoint="sleep 600")
    assert harness.by("cluster", submission_id=long, state="cancelled")["job"]["status"] == "Cancelled"
    assert theirs.get_job_status(long) == JobStatus.STOPPED
    assert harness.by("cluster", submission_id="none", state="finished")["error"]["code"] == "JobNotFound"


def test_ray_itself_refuses_a_second_job_with_the_same_key(
    harness: RealStage, emulator: Emulator, ray_client: JobSubmissionClient
) -> None:
    """Another run was faster: our look did not see its job yet."""
    options = {"job_key": "raced", "entrypoint": "echo raced"}
    first = harness.by("cluster", **options)
    emulator.fault("error", "RayJobsGet", status=404, code="NotFound", message="Job x does not exist")
    second = harness.by("cluster", **options)
    assert not second.failed, second.result
    assert "already" in second["adopted"]
    assert second["submission_id"] == first["submission_id"]
    assert [job.submission_id for job in ray_client.list_jobs()].count(first["submission_id"]) == 1


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"entrypoint_resources": {"fpu": "x"}}, "TypeError: entrypoint_resources values must be numbers"),
        ({"runtime_env_json": {"pip": 17}}, "runtime_env['pip'] must be of type str or List[str]"),
        ({"working_dir": "https://127.0.0.1:9/x.zip"}, "Connection refused"),
    ],
)
def test_what_ray_does_not_take_is_said_in_its_words(
    harness: RealStage, options: dict[str, object], words: str
) -> None:
    key = f"bad-{next(iter(options))}"
    failed = harness.by("cluster", job_key=key, state="finished", entrypoint="true", **options)
    assert failed.failed
    assert words in failed["msg"], failed["msg"]
    assert "driver_log_tail" not in failed["msg"], "there is no log"


def test_a_job_that_ends_before_it_is_stopped_is_left_alone(
    harness: RealStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ray answers that it did not stop a job that is over; our look saw it running."""
    job = harness.by("cluster", job_key="over", state="finished", entrypoint="true")
    read, looks = RayJobClient.get_job, []

    def late(self: RayJobClient, submission_id: str, budget: float | None = None) -> dict[str, Any] | None:
        looks.append(submission_id)
        found = read(self, submission_id, budget)
        return {**(found or {}), "status": "Running"} if len(looks) == 1 else found

    monkeypatch.setattr(RayJobClient, "get_job", late)
    done = harness.by("cluster", submission_id=job["submission_id"], state="cancelled")
    assert (done["changed"], done["job"]["status"]) == (False, "Succeeded")
    assert done.writes == ["RayJobsStop"]


def test_a_job_that_waits_for_resources_is_shown_as_pending(
    harness: RealStage, ray_client: JobSubmissionClient
) -> None:
    job = harness.by("cluster", job_key="hungry", entrypoint="true", entrypoint_num_gpus="4")
    until(lambda: "waiting for resources" in (ray_client.get_job_info(job["submission_id"]).message or ""), "waits")
    failed = harness.by("cluster", job_key="hungry", state="cancelled", wait_timeout=2)
    assert failed["error"]["code"] == "WaitTimeout"
    assert failed["actions"] == ["cancel"]
    assert "is being canceled" in failed["msg"]
    assert "still waits for resources" in failed["msg"]
