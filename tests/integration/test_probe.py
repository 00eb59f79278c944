# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbook probe and `make live` in real runs, for guide_probe: they show, ask, refuse, and remove."""

from __future__ import annotations

import os
import subprocess

import pytest

from ansible_collections.rayops.alicloud.plugins.module_utils._probe.marks import scratch_name
from tests.integration.runner import ROOT, AnsibleRunner

PLAYBOOK = "rayops.alicloud.probe"
PLAN = "Find leftovers and plan the run"
VARIABLES = ("RAYOPS_LIVE_REGION", "RAYOPS_LIVE_WORKSPACE", "RAYOPS_LIVE_CONFIRM")


def test_check_mode_shows_the_plan_and_the_highest_cost(runner: AnsibleRunner) -> None:
    run = runner.run("ansible-playbook", PLAYBOOK, "--check", "-e", "max_cu=4", "-e", "max_minutes=30")
    assert run[PLAN]["at_most"] == {"clusters": 10, "cu": 4.0, "minutes": 30.0, "cu_hours": 2.0}
    assert "Cost at most 2.0 CU hours" in run.output
    assert runner.writes() == []


def test_nothing_is_sent_without_an_answer(runner: AnsibleRunner) -> None:
    run = runner.run("ansible-playbook", PLAYBOOK, code=2)
    assert "The playbook stopped before it sent a request. Answer yes, or set -e confirm=yes." in run.output
    assert runner.writes() == []


@pytest.mark.slow
def test_absent_removes_leftovers(runner: AnsibleRunner) -> None:
    (own,) = runner.emulator.seed(scratch_name("abcdef", 3), state="Running")
    (other,) = runner.emulator.seed("rayops-probe-of-someone", state="Running")
    run = runner.run("ansible-playbook", PLAYBOOK, "-e", "state=absent", "-e", "confirm=yes")
    assert run[PLAN]["plan"] == [f"Delete {own}"]
    assert [row["clusterId"] for row in runner.emulator.clusters()] == [other]


def test_live_tests_are_off_by_default() -> None:
    env = {name: value for name, value in os.environ.items() if name not in VARIABLES}
    for given in ({}, {"RAYOPS_LIVE_REGION": "cn-hangzhou", "RAYOPS_LIVE_WORKSPACE": "w-1"}):
        done = subprocess.run([ROOT / "tools/live.sh"], env=env | given, capture_output=True, text=True, check=False)
        assert done.returncode == 2
        assert "at most 1.5 CU hours" in done.stderr
        assert "RAYOPS_LIVE_CONFIRM" in done.stderr


@pytest.mark.slow
def test_live_tests_pass_on_the_emulator(runner: AnsibleRunner) -> None:
    values = ("cn-hangzhou", runner.emulator.workspace_id, "yes")
    env = dict(zip(VARIABLES, values, strict=True))
    run = runner.run("ansible-playbook", str(ROOT / "tests/live/live.yml"), env=env)
    assert run["Apply the export to the same cluster"]["changed"] is False
    assert run["Run a job on the cluster"]["job"]["status"] == "Succeeded"
    assert runner.emulator.clusters() == []
