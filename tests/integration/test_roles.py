# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The roles in real runs: what they do, that a second run does nothing, that a check is honest, and what they hide."""

from __future__ import annotations

from typing import Any

from tests.integration.runner import Json, Played, Runner
from tests.integration.test_playbooks import spec


def role(name: str, /, tasks_from: str = "main", **variables: Any) -> Json:
    """Return a task that runs a role of the collection."""
    which = {"name": f"rayops.alicloud.{name}", "tasks_from": tasks_from}
    return {"name": f"Run {name}", "ansible.builtin.include_role": which, "vars": variables}


def show(variable: str) -> Json:
    """Return a task whose result holds a variable."""
    return {"name": f"Show {variable}", "ansible.builtin.debug": {"var": variable}}


def shown(played: Played, variable: str) -> Any:
    """Return what :func:`show` has shown."""
    return played[f"Show {variable}"][variable]


def declared(**changes: Any) -> Json:
    """Return defaults for clusters, started."""
    return {**{key: value for key, value in spec().items() if key != "name"}, "state": "started", **changes}


def test_clusters_are_made_once(runner: Runner) -> None:
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


def test_the_most_talkative_run_shows_no_secret_of_a_role(runner: Runner) -> None:
    """Not even where the options are bad, which is when Ansible shows most of them."""
    connection = {"access_key_id": "who", "access_key_secret": "key-Canary", "security_token": "token-Canary"}
    variables: Json = {"ray_cluster_connection": connection, "ray_cluster_clusters": [spec()]}
    for more in ({}, {"ray_cluster_max_parallel": "many"}, {"ray_cluster_max_parallel": 0}):
        played = runner.play([role("ray_cluster", **variables, **more)], "-vvvv", code=2)
        assert "Canary" not in played.output
        assert "Canary" not in str(played.lines)


def test_pruning_and_failures_reach_the_result(runner: Runner) -> None:
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


def states(runner: Runner) -> dict[str, str]:
    """Return the state of each cluster by its name."""
    return {cluster["name"]: cluster["state"] for cluster in runner.emulator.clusters()}


def test_clusters_follow_office_hours(runner: Runner) -> None:
    runner.emulator.seed("team-a", state="Running")
    runner.emulator.seed("team-b", state="Stopped")
    runner.emulator.seed("team-night", state="Running")

    def at(moment: str, *arguments: str, **more: Any) -> Played:
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


def test_the_present_is_what_a_schedule_goes_by(runner: Runner) -> None:
    runner.play([role("ray_schedule", **OFFICE)])
    runner.emulator.seed("team-a", state="Running")
    always = {**OFFICE, "ray_schedule_hours": {"daily": ["00:00-24:00"]}, "ray_schedule_holidays": []}
    never = {**OFFICE, "ray_schedule_hours": {"monday": []}}
    runner.play([role("ray_schedule", **always)])
    assert states(runner) == {"team-a": "Running"}
    runner.play([role("ray_schedule", **never)])
    assert states(runner) == {"team-a": "Stopped"}
