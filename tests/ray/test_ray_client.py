# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ray's own client works against the job_url that a cluster has; jobs truly run, fail, stream and stop."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from ray.job_submission import JobStatus, JobSubmissionClient

from tests.emulator import Emulator
from tests.ray.conftest import until

ENDS = (JobStatus.SUCCEEDED, JobStatus.FAILED, JobStatus.STOPPED)


def finished(client: JobSubmissionClient, submission_id: str) -> Any:
    until(lambda: client.get_job_status(submission_id) in ENDS, "the job is over")
    return client.get_job_info(submission_id)


def tailed(client: JobSubmissionClient, submission_id: str) -> list[str]:
    async def follow() -> list[str]:
        return [text async for text in client.tail_job_logs(submission_id)]

    return asyncio.run(follow())


def test_a_job_runs_with_its_files(ray_client: JobSubmissionClient, tmp_path: Path) -> None:
    (tmp_path / "main.py").write_text("import ray\nray.init()\nprint(ray.get(ray.remote(lambda: 6 * 7).remote()))\n")
    submission_id = ray_client.submit_job(
        entrypoint="python main.py", runtime_env={"working_dir": str(tmp_path)}, metadata={"job_key": "k"}
    )
    job = finished(ray_client, submission_id)
    log = ray_client.get_job_logs(submission_id)
    assert (job.status, job.driver_exit_code, job.metadata) == (JobStatus.SUCCEEDED, 0, {"job_key": "k"}), log
    assert "42" in log.splitlines()


def test_a_job_fails_and_its_log_is_followed(ray_client: JobSubmissionClient) -> None:
    submission_id = ray_client.submit_job(entrypoint="echo one; sleep 2; echo two; exit 3")
    texts = tailed(ray_client, submission_id)
    assert len(texts) > 1, "the log came while the job ran"
    # Ray's own line about the entrypoint may come before or after the first of these.
    assert [line for line in "".join(texts).splitlines() if line in ("one", "two")] == ["one", "two"]
    job = finished(ray_client, submission_id)
    assert (job.status, job.driver_exit_code) == (JobStatus.FAILED, 3)


def test_a_job_is_stopped(ray_client: JobSubmissionClient) -> None:
    submission_id = ray_client.submit_job(entrypoint="echo begun; sleep 600")
    until(lambda: "begun\n" in ray_client.get_job_logs(submission_id), "the job has begun")
    assert ray_client.stop_job(submission_id)
    assert finished(ray_client, submission_id).status == JobStatus.STOPPED


def test_a_cut_tail_does_not_harm_the_job(emulator: Emulator, ray_client: JobSubmissionClient) -> None:
    submission_id = ray_client.submit_job(entrypoint="echo one; sleep 1; echo two")
    fault = emulator.fault("cut_during", "RayJobsTail")
    with pytest.raises(RuntimeError, match="closed unexpectedly"):
        tailed(ray_client, submission_id)
    assert fault.fired == 1
    lines = "".join(tailed(ray_client, submission_id)).splitlines()
    assert [line for line in lines if line in ("one", "two")] == ["one", "two"]


def test_a_lost_answer_leaves_one_job(emulator: Emulator, ray_client: JobSubmissionClient) -> None:
    emulator.fault("html_502", "RayJobsSubmit", effect=True)
    with pytest.raises(RuntimeError, match="502"):
        ray_client.submit_job(entrypoint="echo once", submission_id="once")
    assert [job.submission_id for job in ray_client.list_jobs()].count("once") == 1
    with pytest.raises(RuntimeError, match="already exists"):
        ray_client.submit_job(entrypoint="echo once", submission_id="once")


def test_without_the_token_nothing_passes(cluster: dict[str, Any]) -> None:
    for headers in ({}, {"ray-token": "0" * 32}):
        with pytest.raises(Exception, match="ray-token header is not right"):
            JobSubmissionClient(cluster["jobUrl"], headers=headers)
