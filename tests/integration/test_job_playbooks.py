# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Jobs in real runs: every example twice, the same results both ways, and no address in any output."""

from __future__ import annotations

import importlib
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.emulator import Emulator
from tests.integration.conftest import DOCUMENTED_WORKSPACE
from tests.integration.runner import AnsibleRunner, Json, RunResult, task

JOB, JOB_INFO, JOB_LOG = (f"rayops.alicloud.emr_ray_job{end}" for end in ("", "_info", "_log"))
QUICK: Json = {JOB: {"wait_interval": 0.02}, "rayops.alicloud.emr_ray_cluster": {"wait_interval": 0.02}}
TEMPORARY: Json = {
    "display_release_version": "err-1.2.0 (Ray 2.55.1, Python 3.12)",
    "head_spec": {"queue_name": "root_queue", "cpu": 2, "memory": "8Gi"},
    "worker_spec": [{"group_name": "w", "queue_name": "root_queue", "cpu": 4, "memory": "16Gi", "replica": 1}],
}
WAYS = ["true", "false"]


@pytest.fixture
def jobs(emulator: Emulator) -> Emulator:
    """The emulator with jobs that take no time to speak of."""
    names = ("job_submitted_seconds", "job_pending_seconds", "job_running_seconds", "job_cancelling_seconds")
    emulator.timing.set(dict.fromkeys(names, 0.05))
    return emulator


def changed(played: RunResult) -> set[str]:
    """Return the tasks that changed something."""
    return {line["task"] for line in played.task_results if line["result"].get("changed")}


def test_the_examples_of_the_modules_change_nothing_when_run_again(runner: AnsibleRunner, jobs: Emulator) -> None:
    (cluster_id,) = jobs.seed("training", state="Running", workspace_id=DOCUMENTED_WORKSPACE)
    old = jobs.submit("old", workspace_id=DOCUMENTED_WORKSPACE)
    jobs.advance(1000)
    tasks: list[Json] = []
    for module in ("emr_ray_job", "emr_ray_job_info", "emr_ray_job_log"):
        python: Any = importlib.import_module(f"ansible_collections.rayops.alicloud.plugins.modules.{module}")
        tasks += yaml.safe_load(python.EXAMPLES.replace("rj-k7nm8ahl5te4tg91", old))
    first = runner.play(tasks, module_defaults=QUICK)
    assert len(changed(first)) == 4
    assert first["List the jobs that failed since yesterday"]["jobs"] == []
    again = runner.play(tasks, module_defaults=QUICK)
    assert changed(again) == set()
    assert cluster_id


def scenario(folder: Path) -> list[Json]:
    """Return tasks that go through everything a user can see."""
    common: Json = {"_ignore_errors": True, "wait_interval": 0.02}
    job = {**common, **TEMPORARY, "entrypoint": "echo hello; echo secret token=abcdefgh1234"}
    return [
        task("check", JOB, **job, job_key="k", state="finished", _check_mode=True, _diff=True),
        task("submit", JOB, **job, job_key="k", state="finished", _diff=True, tags={"a": 1}),
        task("again", JOB, **job, job_key="k", state="finished", tags={"a": 1}),
        task("fail", JOB, **{**job, "entrypoint": "echo one; exit 3"}, job_key="bad", state="finished"),
        task("bad", JOB, **{**job, "entrypoint": "echo one; exit 3"}, job_key="bad", state="finished", log_lines=0),
        task("long", JOB, **{**job, "entrypoint": "sleep 100"}, job_key="long"),
        task("cancel", JOB, **common, job_key="long", state="cancelled"),
        task("no choice", JOB, **common, state="sideways"),
        task("no option", JOB, **common, jobkey="x"),
        task("nothing", JOB, **common),
        task("list", JOB_INFO, name="k"),
        task("details", JOB_INFO, name="k", details=True),
        task("bad time", JOB_INFO, submit_time={"start_time": "soon"}, _ignore_errors=True),
        task("logs", JOB_LOG, submission_id="{{ id }}"),
        task("tail", JOB_LOG, submission_id="{{ id }}", lines=1),
        task("would copy", JOB_LOG, submission_id="{{ id }}", dest=f"{folder}/", _check_mode=True),
        task("copy", JOB_LOG, submission_id="{{ id }}", dest=f"{folder}/"),
        task("copied", JOB_LOG, submission_id="{{ id }}", dest=f"{folder}/"),
        task("no file", JOB_LOG, submission_id="{{ id }}", path="none", lines=1, _ignore_errors=True),
        task("no id", JOB_LOG, _ignore_errors=True),
    ]


def plain(value: Any) -> Any:
    """Return a result without what differs from one run to the next."""
    if isinstance(value, dict):
        volatile = re.compile(r".*_time|time_modified|request_id|duration|task_biz_id|dashboard_url|dest")
        return {key: plain(item) for key, item in value.items() if not volatile.fullmatch(key)}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return re.sub(r"rj-[0-9a-z]{16}(-[a-z0-9-]+)?", "rj-ID", value) if isinstance(value, str) else value


@pytest.mark.slow
def test_every_result_is_the_same_both_ways(runner: AnsibleRunner, jobs: Emulator, tmp_path: Path) -> None:
    seen = []
    for way in WAYS:
        jobs.reset()
        folder = tmp_path / way
        folder.mkdir()
        jobs.plan_job("logged", log="one\ntwo")
        logged = jobs.submit("logged")
        jobs.advance(1000)
        played = runner.play(scenario(folder), "-e", f"rayops_alicloud_in_process={way}", "-e", f"id={logged}")
        seen.append({line["task"]: plain(line["result"]) for line in played.task_results})
        assert played["submit"]["job"]["status"] == "Succeeded"
        assert played["again"]["changed"] is False
        assert played["fail"]["driver_log_tail"][-1] == "one"
        assert played["cancel"]["actions"] == ["cancel"]
        assert played["tail"]["tail"] == ["two"]
        assert (played["would copy"]["changed"], played["copy"]["changed"], played["copied"]["changed"]) == (
            True,
            True,
            False,
        )
        assert (folder / f"{logged}_driver.log").read_text() == "one\ntwo\n"
    for name, result in seen[0].items():
        assert result == seen[1][name], name


def test_a_wait_shows_how_it_goes_and_what_the_job_says(runner: AnsibleRunner, jobs: Emulator) -> None:
    (_cluster_id,) = jobs.seed("training", state="Running")
    played = runner.play(
        [
            task(
                "service", JOB, **TEMPORARY, job_key="a", state="finished", entrypoint="sleep 0.3", wait_interval=0.05
            ),
            task(
                "cluster",
                JOB,
                via="cluster",
                cluster_name="training",
                job_key="b",
                state="finished",
                entrypoint="echo first words; sleep 0.2; echo last words; sleep 0.1",
                wait_interval=0.05,
            ),
        ]
    )
    assert "a: Running, waiting for the job to finish" in played.output
    assert "| last words" in played.output
    assert played["cluster"]["driver_log_tail"][-1] == "last words"


@pytest.mark.slow
def test_the_most_talkative_run_tells_no_address_and_no_token(
    runner: AnsibleRunner, jobs: Emulator, tmp_path: Path
) -> None:
    """Nor does the log file of Ansible, where the libraries write what they log."""
    (cluster_id,) = jobs.seed("training", state="Running")
    secret = jobs.service.find(cluster_id).run
    assert secret is not None
    log = tmp_path / "ansible.log"
    for way in WAYS:
        jobs.plan_job("bad", status="Failed", log="one\ntwo")
        bad = jobs.submit("bad")
        jobs.advance(1000)
        jobs.fault("error", "OssGetObject", after=2, times=None, status=404, code="NoSuchKey", message="gone")
        direct: Json = {"via": "cluster", "cluster_name": "training", "state": "finished", "entrypoint": "echo hello"}
        played = runner.play(
            [
                task("fail", JOB, submission_id=bad, state="finished", _ignore_errors=True),
                task("tail", JOB_LOG, submission_id=bad, lines=1),
                task("gone", JOB_LOG, submission_id=bad, lines=1, retries=0, _ignore_errors=True),
                task("direct", JOB, **direct, job_key=f"direct-{way}"),
                task("refused", JOB, **{**direct, "entrypoint": "exit 1"}, job_key=f"bad-{way}", _ignore_errors=True),
            ],
            "-vvvv",
            "-e",
            f"rayops_alicloud_in_process={way}",
            env={"ANSIBLE_LOG_PATH": str(log)},
            module_defaults=QUICK,
        )
        assert played["fail"]["driver_log_tail"] == ["one", "two"]
        assert played["gone"]["error"]["http_status"] == 404
        shown = played.output + log.read_text()
        for word in ("Signature=", "_oss/", "OSSAccessKeyId", secret.submit_token, secret.dashboard_token):
            assert word not in shown, (way, word)
        jobs.core.faults.clear()
