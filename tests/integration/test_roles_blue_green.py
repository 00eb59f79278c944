# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Replacing a cluster by its successor: once, by one run at a time, and gone on with after a kill at any step."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.integration.runner import AnsibleRunner, Json, RunResult, command_path, run_environment
from tests.integration.test_playbooks import spec
from tests.integration.test_roles import role, show, shown, states

SPEC = {**{key: value for key, value in spec().items() if key != "name"}, "wait_interval": 0.02}
GENERATION = re.compile(r"training-g(\d+)-[0-9a-f]{8}")


def deployment(folder: Path, check: str = "", **more: Any) -> list[Json]:
    """Return the tasks of a deployment, whose check leaves a line in the file log."""
    tasks = folder / "check.yml"
    line = "printf '%s\\n' {{ ray_cluster_successor.name }}:{{ ray_cluster_successor.state }} >> " + str(folder / "log")
    tasks.write_text(
        yaml.safe_dump([{"name": "Check", "ansible.builtin.shell": f"{line} {check}", "changed_when": False}])
    )
    options = {
        "ray_cluster_name": "training",
        "ray_cluster_spec": SPEC,
        "ray_cluster_check_tasks": str(tasks),
        "ray_cluster_settle_seconds": 1,
        **more,
    }
    return [role("ray_cluster", "blue_green", **options), show("ray_cluster_result")]


def checks(folder: Path) -> list[str]:
    """Return a line for each time that the check ran."""
    return (folder / "log").read_text().splitlines() if (folder / "log").exists() else []


def generations(runner: AnsibleRunner) -> dict[str, str]:
    """Return the states of the clusters, by generation."""
    found = states(runner)
    return {(GENERATION.fullmatch(name) or [name, "0"])[1]: state for name, state in found.items()}


def result(played: RunResult) -> Json:
    return dict(shown(played, "ray_cluster_result"))


@pytest.mark.slow
def test_a_successor_takes_over_once_and_again_when_the_spec_changes(runner: AnsibleRunner, tmp_path: Path) -> None:
    """The first of them takes over from a cluster that was made without the role."""
    runner.emulator.seed("training", state="Running")
    tasks = deployment(tmp_path)
    assert result(runner.play(tasks, "--check"))["changed"] is True
    assert runner.writes() == []
    first = result(runner.play(tasks))
    assert generations(runner) == {"0": "Stopped", "1": "Running"}
    assert [set(done["actions"]) for done in first["actions"]][:2] == [{"create"}, {"start"}]
    assert first["cluster"]["state"] == "Running"
    assert [line.endswith(":Running") for line in checks(tmp_path)] == [True]
    writes = len(runner.writes())
    again = result(runner.play(tasks))
    assert (again["changed"], len(runner.writes())) == (False, writes)
    assert again["cluster"]["cluster_id"] == first["cluster"]["cluster_id"]
    assert len(checks(tmp_path)) == 1
    result(runner.play(deployment(tmp_path, ray_cluster_revision="v2")))
    assert generations(runner) == {"1": "Stopped", "2": "Running"}
    assert len(checks(tmp_path)) == 2
    larger = {**SPEC, "head_spec": {**SPEC["head_spec"], "memory": 16}}
    more = {"ray_cluster_revision": "v2", "ray_cluster_spec": larger, "ray_cluster_old": "delete"}
    result(runner.play(deployment(tmp_path, **more)))
    assert generations(runner) == {"3": "Running"}


@pytest.mark.slow
def test_a_check_that_fails_leaves_the_old_cluster_as_it_is(runner: AnsibleRunner, tmp_path: Path) -> None:
    (old,) = runner.emulator.seed("training", state="Running")
    before = runner.emulator.spec(old)
    failed = runner.play(deployment(tmp_path, "&& false"), code=2)
    assert "failed, so training stays as it was" in failed.output
    assert generations(runner) == {"0": "Running"}
    assert runner.emulator.spec(old) == before
    kept = {"ray_cluster_on_failure": "keep", "ray_cluster_holder": "pipeline-7"}
    runner.play(deployment(tmp_path, "&& false", **kept), code=2)
    assert generations(runner) == {"0": "Running", "1": "Running"}
    busy = runner.play(deployment(tmp_path), code=2)
    assert "another run has the lock" in busy.output
    assert "'pipeline-7'" in busy.output
    runner.play(deployment(tmp_path, ray_cluster_holder="pipeline-7"))
    assert generations(runner) == {"0": "Stopped", "1": "Running"}


def start(runner: AnsibleRunner, folder: Path, name: str, tasks: list[Json]) -> subprocess.Popen[str]:
    """Begin a run of its own."""
    play = [{"name": "Play", "hosts": "localhost", "gather_facts": False, "tasks": tasks}]
    (folder / f"{name}.yml").write_text(yaml.safe_dump(play))
    return subprocess.Popen(
        [command_path("ansible-playbook"), str(folder / f"{name}.yml")],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
        text=True,
        env=run_environment(runner.home, runner.emulator, {"ANSIBLE_CALLBACKS_ENABLED": None}),
        start_new_session=True,
    )


def wait_for(what: Callable[[], bool]) -> None:
    ends = time.monotonic() + 60
    while not what():
        assert time.monotonic() < ends
        time.sleep(0.005)


NIGHTLY_STEPS = ("StartRayCluster", "check", "UpdateRayCluster", "StopRayCluster")


@pytest.mark.parametrize(
    "step", ["CreateRayCluster", *(pytest.param(step, marks=pytest.mark.nightly) for step in NIGHTLY_STEPS)]
)
def test_a_run_that_was_killed_is_gone_on_with(runner: AnsibleRunner, tmp_path: Path, step: str) -> None:
    runner.emulator.seed("training", state="Running")
    holder = {"ray_cluster_holder": "pipeline-7"}
    killed = start(runner, tmp_path, "killed", deployment(tmp_path, "; sleep 30" if step == "check" else "", **holder))
    wait_for(lambda: bool(checks(tmp_path)) if step == "check" else step in runner.emulator.operations())
    os.killpg(killed.pid, signal.SIGKILL)
    killed.communicate()
    runner.play(deployment(tmp_path, **holder))
    assert generations(runner) == {"0": "Stopped", "1": "Running"}
    assert runner.writes().count("CreateRayCluster") == 1
    assert checks(tmp_path)


@pytest.mark.slow
def test_of_two_runs_at_once_one_goes_on_and_the_other_leaves_no_trace(runner: AnsibleRunner, tmp_path: Path) -> None:
    """Both have found nothing in their way before either creates."""
    runner.emulator.seed("training", state="Running")
    slow = runner.emulator.fault("slow", "CreateRayCluster", seconds=2, times=2)
    both = [start(runner, tmp_path, f"run-{number}", deployment(tmp_path, "; sleep 2")) for number in (1, 2)]
    outputs = [run.communicate(timeout=120)[0] for run in both]
    assert slow.fired == 2, "the runs did not meet"
    assert sorted(run.returncode for run in both) == [0, 2], outputs
    (loser,) = [output for run, output in zip(both, outputs, strict=True) if run.returncode]
    assert "another run has the lock" in loser
    assert generations(runner) == {"0": "Stopped", "1": "Running"}
    assert len(states(runner)) == 2
    assert len(checks(tmp_path)) == 1
