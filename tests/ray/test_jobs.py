# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""emr_ray_job with jobs that truly run, through the service and through the cluster itself."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from ray.job_submission import JobSubmissionClient

from tests.emulator import Emulator
from tests.ray.conftest import until
from tests.ray.stage import RealStage

WAYS = ["service", "cluster"]
SUBMIT = {"service": "SubmitRayJob", "cluster": "RayJobsSubmit"}
both_ways = pytest.mark.parametrize("via", WAYS)


def with_key(client: JobSubmissionClient, key: str) -> list[str]:
    """Return Ray's ids of the jobs that have a key in their metadata, as Ray's own client sees them."""
    jobs = [job for job in client.list_jobs() if (job.metadata or {}).get("rayops_job_key") == key]
    return [str(job.submission_id) for job in jobs]


def alive(pid: int) -> bool:
    """True while a process runs."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes() != b""
    except (FileNotFoundError, ProcessLookupError):
        return False


@both_ways
def test_a_job_runs_once_and_the_next_run_changes_nothing(
    harness: RealStage, ray_client: JobSubmissionClient, tmp_path: Path, via: str
) -> None:
    count = tmp_path / "count"
    options: dict[str, Any] = {
        "job_key": f"once-{via}",
        "state": "finished",
        "entrypoint": f"echo ran as $STAGE; echo x >> {count}",
        "runtime_env_json": {"env_vars": {"STAGE": "test"}},
        "metadata_json": {"team": "research"},
        "entrypoint_num_cpus": "0.5",
        "entrypoint_memory": "64Mi",
    }
    first = harness.by(via, **options)
    assert not first.failed, first.result
    assert (first["changed"], first["actions"], first["job"]["status"]) == (True, ["submit"], "Succeeded")
    assert with_key(ray_client, f"once-{via}") == [first["submission_id"]]
    info = ray_client.get_job_info(first["submission_id"])
    metadata = {"team": "research", "rayops_job_key": f"once-{via}", "rayops_attempt": "1"}
    assert info.metadata == metadata
    assert json.loads(first["job"]["metadata_json"]) == metadata
    assert info.entrypoint == first["job"]["entrypoint"] == options["entrypoint"]
    again = harness.by(via, **options)
    assert (again["changed"], again["actions"], again.writes) == (False, [], [])
    assert again["submission_id"] == first["submission_id"]
    assert "ran as test" in ray_client.get_job_logs(first["submission_id"])
    assert count.read_text() == "x\n"


@both_ways
def test_a_job_that_fails_is_told_with_the_end_of_its_log(harness: RealStage, via: str) -> None:
    failed = harness.by(
        via,
        job_key=f"fails-{via}",
        state="finished",
        log_lines=3,
        entrypoint="seq 1000 | sed 's/^/line /'; echo last words >&2; sleep 1; exit 7",
    )
    assert failed.failed
    assert failed["error"]["code"] == "JobFailed"
    assert "exit code 7" in failed["msg"]
    assert "line 1" not in failed["msg"]
    assert len(failed["driver_log_tail"]) == 3
    # Ray's own line about the entrypoint may come in between.
    assert "last words" in failed["driver_log_tail"]
    assert "line 1000" in failed["driver_log_tail"]
    later = harness.by(via, job_key=f"fails-{via}", state="finished", entrypoint="exit 7")
    assert (later.failed, later["changed"], later.writes) == (True, False, [])


@both_ways
def test_a_job_that_fails_is_tried_again(
    harness: RealStage, ray_client: JobSubmissionClient, tmp_path: Path, via: str
) -> None:
    marks = tmp_path / "marks"
    done = harness.by(
        via,
        job_key=f"again-{via}",
        state="finished",
        retries_on_failure=3,
        entrypoint=f"echo x >> {marks}; test $(wc -l < {marks}) -ge 3",
    )
    assert not done.failed, done.result
    assert done["actions"] == ["submit", "submit", "submit"]
    assert (done["job"]["status"], done["job"]["attempt"]) == ("Succeeded", 3)
    assert len(with_key(ray_client, f"again-{via}")) == 3
    assert marks.read_text() == "x\nx\nx\n"


@both_ways
def test_a_job_is_cancelled_in_the_middle(harness: RealStage, tmp_path: Path, via: str) -> None:
    begun = tmp_path / "pid"
    job = harness.by(via, job_key=f"cancel-{via}", entrypoint=f"echo $$ > {begun}; exec sleep 600")
    assert job["actions"] == ["submit"]
    until(lambda: begun.exists() and begun.read_text(), "the job has begun")
    pid = int(begun.read_text())
    assert alive(pid)
    cancelled = harness.by(via, job_key=f"cancel-{via}", state="cancelled")
    assert not cancelled.failed, cancelled.result
    assert (cancelled["actions"], cancelled["job"]["status"]) == (["cancel"], "Cancelled")
    assert cancelled["submission_id"] == job["submission_id"]
    until(lambda: not alive(pid), "its process has ended")
    again = harness.by(via, job_key=f"cancel-{via}", state="cancelled")
    assert (again["changed"], again.writes) == (False, [])
    refused = harness.by(via, job_key=f"cancel-{via}", state="finished", entrypoint="true")
    assert refused["error"]["code"] == "JobCancelled"


@both_ways
def test_a_job_is_cancelled_as_soon_as_it_is_submitted(harness: RealStage, via: str) -> None:
    job = harness.by(via, job_key=f"at-once-{via}", entrypoint="sleep 600")
    cancelled = harness.by(via, submission_id=job["submission_id"], state="cancelled")
    assert not cancelled.failed, cancelled.result
    assert (cancelled["actions"], cancelled["job"]["status"]) == (["cancel"], "Cancelled")


@both_ways
def test_a_lost_answer_leaves_one_job(
    harness: RealStage, emulator: Emulator, ray_client: JobSubmissionClient, via: str
) -> None:
    emulator.fault("cut_after", SUBMIT[via])
    done = harness.by(via, job_key=f"lost-{via}", state="finished", entrypoint="echo once")
    assert not done.failed, done.result
    assert "was lost" in done["adopted"]
    assert with_key(ray_client, f"lost-{via}") == [done["submission_id"]]


def test_the_log_of_a_job_that_truly_ran_is_copied(
    harness: RealStage, ray_client: JobSubmissionClient, tmp_path: Path
) -> None:
    job = harness.by("service", job_key="logged", state="finished", entrypoint="seq 2000; echo 'größer 😀'")
    submission_id = job["submission_id"]
    copied = harness.log(submission_id=submission_id, dest=f"{tmp_path}/")
    assert copied["changed"] is True
    copy = Path(copied["dest"])
    assert copy.name == f"{submission_id}_driver.log"
    assert copy.read_text() == ray_client.get_job_logs(submission_id)
    assert harness.log(submission_id=submission_id, dest=f"{tmp_path}/")["changed"] is False
    # When its last words were written, not when it was asked for.
    assert job["job"]["start_time"] // 1000 <= int(copy.stat().st_mtime) <= job["job"]["end_time"] // 1000
    end = harness.log(submission_id=submission_id, lines=2000)
    assert end["tail"] == copy.read_text().splitlines()[-2000:]
    assert "größer 😀" in end["tail"]
