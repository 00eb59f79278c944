# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The roles in real runs: what they do, that a second run does nothing, that a check is honest, and what they hide."""

from __future__ import annotations

import json
import threading
import time
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.integration.runner import AnsibleRunner, Json, RunResult
from tests.integration.test_playbooks import spec


def role(name: str, /, tasks_from: str = "main", **variables: Any) -> Json:
    """Return a task that runs a role of the collection."""
    which = {"name": f"rayops.alicloud.{name}", "tasks_from": tasks_from}
    return {"name": f"Run {name}", "ansible.builtin.include_role": which, "vars": variables}


def show(variable: str) -> Json:
    """Return a task whose result holds a variable."""
    return {"name": f"Show {variable}", "ansible.builtin.debug": {"var": variable}}


def shown(played: RunResult, variable: str) -> Any:
    """Return what :func:`show` has shown."""
    return played[f"Show {variable}"][variable]


def declared(**changes: Any) -> Json:
    """Return defaults for clusters, started."""
    return {**{key: value for key, value in spec().items() if key != "name"}, "state": "started", **changes}


def test_clusters_are_made_once(runner: AnsibleRunner) -> None:
    variables = {
        "ray_cluster_defaults": {**declared(), "wait_interval": 0.02},
        "ray_cluster_clusters": [{"name": "a"}, {"name": "b", "state": "present"}],
    }
    tasks = [role("ray_cluster", **variables), show("ray_cluster_result")]
    checked = shown(runner.play(tasks, "--check"), "ray_cluster_result")
    assert runner.writes() == []
    first = shown(runner.play(tasks), "ray_cluster_result")
    assert [cluster["actions"] for cluster in first["clusters"]] == [["create", "start"], ["create"]]
    assert [cluster["actions"] for cluster in checked["clusters"]] == [["create", "start"], ["create"]]
    writes = len(runner.writes())
    again = shown(runner.play(tasks), "ray_cluster_result")
    assert (again["changed"], len(runner.writes())) == (False, writes)


def test_the_most_talkative_run_shows_no_secret_of_a_role(runner: AnsibleRunner) -> None:
    """Not even where the options are bad, which is when Ansible shows most of them."""
    connection = {"access_key_id": "who", "access_key_secret": "key-Canary", "security_token": "token-Canary"}
    variables: Json = {"ray_cluster_connection": connection, "ray_cluster_clusters": [spec()]}
    for more in ({}, {"ray_cluster_max_parallel": "many"}, {"ray_cluster_max_parallel": 0}):
        played = runner.play([role("ray_cluster", **variables, **more)], "-vvvv", code=2)
        assert "Canary" not in played.output
        assert "Canary" not in str(played.task_results)


def test_pruning_and_failures_reach_the_result(runner: AnsibleRunner) -> None:
    runner.emulator.seed("ci-1", state="Running")
    runner.emulator.seed("ci-2", state="Stopped")
    variables = {
        "ray_cluster_clusters": [{"name": "ci-2", "state": "present"}],
        "ray_cluster_defaults": {"wait_interval": 0.02},
        "ray_cluster_prune": "delete",
        "ray_cluster_prune_pattern": "ci-*",
        "ray_cluster_max_prune": 1,
    }
    result = shown(runner.play([role("ray_cluster", **variables), show("ray_cluster_result")]), "ray_cluster_result")
    assert [cluster["name"] for cluster in result["pruned"]] == ["ci-1"]
    assert [cluster["name"] for cluster in runner.emulator.clusters()] == ["ci-2"]


OFFICE: Json = {
    "ray_schedule_timezone": "Europe/Berlin",
    "ray_schedule_hours": {"weekdays": ["09:00-18:00"]},
    "ray_schedule_holidays": ["2026-12-25"],
    "ray_schedule_groups": [{"name": "teams", "patterns": ["team-*"], "exclude": ["team-night"]}],
    "ray_schedule_wait_interval": 0.02,
}


def states(runner: AnsibleRunner) -> dict[str, str]:
    """Return the state of each cluster by its name."""
    return {cluster["name"]: cluster["state"] for cluster in runner.emulator.clusters()}


def test_clusters_follow_office_hours(runner: AnsibleRunner) -> None:
    runner.emulator.seed("team-a", state="Running")
    runner.emulator.seed("team-b", state="Stopped")
    runner.emulator.seed("team-night", state="Running")

    def at(moment: str, *arguments: str, **more: Any) -> RunResult:
        tasks = [role("ray_schedule", **OFFICE, ray_schedule_now=moment, **more), show("ray_schedule_plan")]
        return runner.play([*tasks, show("ray_schedule_result")], *arguments)

    checked = at("2026-11-23T08:00:00Z", "--check")
    assert runner.writes() == []
    assert shown(checked, "ray_schedule_result")["summary"]["changed"] == 1
    at("2026-11-23T08:00:00Z")
    assert states(runner) == {"team-a": "Running", "team-b": "Running", "team-night": "Running"}
    again = at("2026-11-23T16:59:59Z")
    assert (shown(again, "ray_schedule_result")["changed"], runner.writes()) == (False, ["StartRayCluster"])
    closed = at("2026-12-25T10:00:00Z")
    assert states(runner) == {"team-a": "Stopped", "team-b": "Stopped", "team-night": "Running"}
    assert {item["reason"] for item in shown(closed, "ray_schedule_plan")} == {
        "outside the hours of holiday 2026-12-25"
    }
    at("2026-11-23T08:00:00Z", ray_schedule_actions=["stop"])
    assert states(runner)["team-a"] == "Stopped"


def test_a_schedule_keeps_to_its_guardrails(runner: AnsibleRunner) -> None:
    runner.emulator.seed("team-a", state="Stopped")
    runner.emulator.seed("team-b", state="Running")
    morning = {**OFFICE, "ray_schedule_now": "2026-11-23T08:00:00Z"}
    refused = runner.play([role("ray_schedule", **morning, ray_schedule_max_cu=0.5)], "--check", code=2)
    assert "max_cu" in refused.output
    runner.play([role("ray_schedule", **morning, ray_schedule_max_cu=0.5)], code=2)
    assert runner.writes() == []
    runner.play([role("ray_schedule", **morning, ray_schedule_max_cu=1000, ray_schedule_max_gpus=0)])
    assert states(runner) == {"team-a": "Running", "team-b": "Running"}


def test_the_present_is_what_a_schedule_goes_by(runner: AnsibleRunner) -> None:
    runner.play([role("ray_schedule", **OFFICE)])
    runner.emulator.seed("team-a", state="Running")
    always = {**OFFICE, "ray_schedule_hours": {"daily": ["00:00-24:00"]}, "ray_schedule_holidays": []}
    never = {**OFFICE, "ray_schedule_hours": {"monday": []}}
    runner.play([role("ray_schedule", **always)])
    assert states(runner) == {"team-a": "Running"}
    runner.play([role("ray_schedule", **never)])
    assert states(runner) == {"team-a": "Stopped"}


def work_on(runner: AnsibleRunner, cluster_id: str, entrypoint: str) -> None:
    """Give a cluster a job, behind the back of the service."""
    run = runner.emulator.service.find(cluster_id).run
    assert run is not None
    (row,) = [row for row in runner.emulator.clusters() if row["clusterId"] == cluster_id]
    answer = httpx.post(
        f"{row['jobUrl']}/api/jobs/", json={"entrypoint": entrypoint}, headers={"ray-token": run.submit_token}
    )
    assert answer.status_code == 200, answer.text


def in_hours(hours: float) -> str:
    """Return a moment as seen from now, in UTC."""
    return (datetime.now(timezone.utc) + timedelta(hours=hours)).isoformat()


def sweep(**more: Any) -> list[Json]:
    """Return the tasks of a sweep that takes place in two hours."""
    return [role("ray_sweep", **{"ray_sweep_now": in_hours(2), **more}), show("ray_sweep_result")]


def test_a_sweep_stops_what_is_idle_and_nothing_else(runner: AnsibleRunner) -> None:
    emulator = runner.emulator
    ids = {
        name: emulator.seed(name, state="Running")[0] for name in ("idle", "done", "busy", "serving", "late", "mute")
    }
    emulator.seed("asleep", state="Stopped")
    emulator.patch(ids["late"], description="expires=2020-01-01T00:00Z")
    emulator.patch(ids["mute"], jobUrl="http://127.0.0.1:1")
    work_on(runner, ids["done"], "echo done")
    for name in ("busy", "late"):
        work_on(runner, ids[name], "sleep 100000")
    options: Json = {"ray_sweep_exempt": ["serving"], "ray_sweep_connection": {"retries": 0}}
    for arguments, more in ((["--check"], {}), ([], {"ray_sweep_dry_run": True})):
        dry = shown(runner.play(sweep(**options, **more), *arguments), "ray_sweep_result")
        assert sorted(dry["idle"]) == sorted([ids["idle"], ids["done"]])
        assert dry["dry_run"] is True
        assert dry["cu"] > 0
        assert dry["cu_hours_saved_per_day"] == dry["cu"] * 24
    assert "StopRayCluster" not in runner.writes()
    result = shown(runner.play(sweep(**options)), "ray_sweep_result")
    assert sorted(result["stopped"]) == sorted([ids["idle"], ids["done"]])
    reasons = {row["name"]: row["reason"] for row in result["clusters"]}
    assert reasons["busy"] == reasons["late"] == "1 of its jobs have not ended"
    assert reasons["serving"] == "exempt"
    assert "cannot be read" in reasons["mute"]
    assert runner.writes().count("StopRayCluster") == 2


def test_a_cluster_that_gets_a_job_before_it_is_stopped_is_kept(runner: AnsibleRunner) -> None:
    (cluster_id,) = runner.emulator.seed("idle", state="Running")

    def submit_after_the_first_look() -> None:
        while "RayJobsList" not in runner.emulator.operations():
            time.sleep(0.002)
        work_on(runner, cluster_id, "sleep 100000")

    somebody = threading.Thread(target=submit_after_the_first_look, daemon=True)
    somebody.start()
    result = shown(runner.play(sweep()), "ray_sweep_result")
    somebody.join(timeout=10)
    assert (result["stopped"], result["idle"]) == ([], [])
    assert result["clusters"][0]["reason"] == "1 of its jobs have not ended"
    assert states(runner) == {"idle": "Running"}


def test_a_job_of_the_service_keeps_a_cluster_that_does_not_know_of_it(runner: AnsibleRunner) -> None:
    (cluster_id,) = runner.emulator.seed("idle", state="Running")
    runner.emulator.submit("unseen", clusterId=cluster_id, entrypoint="sleep 100000")
    kept = shown(runner.play(sweep()), "ray_sweep_result")
    assert "may run on this cluster" in kept["clusters"][0]["reason"]
    runner.emulator.deny("ListRayJob")
    kept = shown(runner.play(sweep()), "ray_sweep_result")
    assert "not authorized" in kept["clusters"][0]["reason"]
    assert states(runner) == {"idle": "Running"}
    gone = shown(runner.play(sweep(ray_sweep_service_jobs="ignore")), "ray_sweep_result")
    assert gone["stopped"] == [cluster_id]


@pytest.mark.slow
def test_a_report_is_written_with_what_the_others_found(runner: AnsibleRunner, tmp_path: Path) -> None:
    name = "<script>alert(1)</script> {{ 7 * 7 }}"
    runner.emulator.seed(name, state="Running")
    (broken,) = runner.emulator.seed("=broken", state="Running")
    runner.emulator.patch(broken, state="Error", message="ImagePullBackOff")
    where = tmp_path / "report"
    options = {"ray_report_dest": str(where), "ray_report_sweep": "{{ ray_sweep_result }}", "ray_report_title": "Fleet"}
    tasks = [*sweep(ray_sweep_dry_run=True), role("ray_report", **options), show("ray_report_data.totals")]
    played = runner.play(tasks, "--check")
    totals = shown(played, "ray_report_data.totals")
    assert (totals["clusters"], totals["running"], totals["idle"], totals["errors"]) == (2, 1, 1, 1)
    page = (where / "fleet.html").read_text(encoding="utf-8")
    assert "<h1>Fleet</h1>" in page
    assert "ImagePullBackOff" in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt; {{ 7 * 7 }}" in page
    # The page's own script is the only one.
    assert page.count("<script") == 1
    data = json.loads((where / "fleet.json").read_text(encoding="utf-8"))
    assert {row["name"] for row in data["clusters"]} == {name, "=broken"}
    assert '"\'=broken"' in (where / "fleet.csv").read_text(encoding="utf-8")
    assert runner.writes() == []
    assert not any(line["result"].get("changed") for line in played.task_results)


@pytest.mark.slow
def test_no_name_is_ever_a_template(runner: AnsibleRunner, tmp_path: Path) -> None:
    """Whoever names a cluster must not run commands on the controller, whichever way its name takes."""
    trap = tmp_path / "trapped"
    (cluster_id,) = runner.emulator.seed(f"{{{{ lookup('pipe', 'touch {trap}') }}}}", state="Running")
    hours = {"ray_schedule_hours": {"daily": "00:00-24:00"}, "ray_schedule_groups": [{"patterns": ["*"]}]}
    played = runner.play(
        [
            role("ray_schedule", **hours),
            *sweep(ray_sweep_wait=True),
            role("ray_report", ray_report_dest=str(tmp_path), ray_report_sweep="{{ ray_sweep_result }}"),
        ]
    )
    assert shown(played, "ray_sweep_result")["stopped"] == [cluster_id]
    assert "touch" in (tmp_path / "fleet.html").read_text(encoding="utf-8")
    assert not trap.exists()
