# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A real ansible-playbook run, twice, with jobs that truly run on real Ray."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.integration.runner import AnsibleRunner, Json, RunResult, task

JOB, JOB_INFO, JOB_LOG = (f"rayops.alicloud.emr_ray_job{end}" for end in ("", "_info", "_log"))
PROGRAM = "import ray; ray.init(); print('the answer is', ray.get(ray.remote(lambda: 6 * 7).remote()))"


def play(cluster: dict[str, Any], folder: Path) -> list[Json]:
    """Return tasks that go through a job's life in both ways."""
    common: Json = {"cluster_id": cluster["clusterId"], "wait_interval": 0.2}
    finished: Json = {**common, "state": "finished"}
    program = f'python -c "{PROGRAM}"'
    bad = "echo last words; exit 3"
    return [
        task("service", JOB, **finished, job_key="play-service", entrypoint=program, _register="service"),
        task("cluster", JOB, **finished, via="cluster", job_key="play-cluster", entrypoint=program),
        task("fails", JOB, **finished, job_key="play-bad", entrypoint=bad, _ignore_errors=True),
        task(
            "fails there",
            JOB,
            **finished,
            via="cluster",
            job_key="play-bad",
            entrypoint=bad,
            _ignore_errors=True,
        ),
        task("goes on", JOB, **common, via="cluster", job_key="play-long", entrypoint="sleep 600"),
        task("cancel", JOB, **common, via="cluster", job_key="play-long", state="cancelled"),
        task("list", JOB_INFO, name="play-service", details=True),
        task("copy", JOB_LOG, submission_id="{{ service.submission_id }}", dest=f"{folder}/driver.log"),
        task("end", JOB_LOG, submission_id="{{ service.submission_id }}", lines=200),
    ]


def test_a_playbook_runs_each_job_once(runner: AnsibleRunner, cluster: dict[str, Any], tmp_path: Path) -> None:
    tasks = play(cluster, tmp_path)
    first = runner.play(tasks)
    check(first, tmp_path)
    assert "| the answer is 42" in first.output, "the log is shown while the job runs"
    assert cluster["submitToken"] not in first.output
    writes = len(runner.writes())
    again = runner.play(tasks)
    assert [line["task"] for line in again.task_results if line["result"]["changed"]] == []
    assert again["goes on"]["job"]["status"] == "Cancelled"
    assert again["fails"]["error"]["code"] == "JobFailed"
    assert len(runner.writes()) == writes


def check(played: RunResult, folder: Path) -> None:
    """Check what the first run gave."""
    for name in ("service", "cluster"):
        assert (played[name]["changed"], played[name]["job"]["status"]) == (True, "Succeeded"), played[name]
    assert "the answer is 42" in played["cluster"]["driver_log_tail"]
    for name in ("fails", "fails there"):
        assert "exit code 3" in played[name]["msg"]
        assert "last words" in played[name]["driver_log_tail"]
    assert played["cancel"]["job"]["status"] == "Cancelled"
    (row,) = played["list"]["jobs"]
    assert row["submission_id"] == played["service"]["submission_id"]
    assert "the answer is 42" in (folder / "driver.log").read_text().splitlines()
    assert len(played["end"]["tail"]) == len((folder / "driver.log").read_text().splitlines())
    # Ray writes the address of its dashboard in colours.
    assert "\x1b" in (folder / "driver.log").read_text()
    assert [line for line in played["end"]["tail"] if "[1m" in line or "[32m" in line] == []
