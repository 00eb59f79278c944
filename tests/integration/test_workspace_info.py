# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""emr_workspace_info in real runs: its examples in the worker and as a module, and the ad-hoc command of the README."""

from __future__ import annotations

import importlib

import yaml

from tests.integration.conftest import DOCUMENTED_WORKSPACE
from tests.integration.runner import AnsibleRunner, RunResult

MODULE = "rayops.alicloud.emr_workspace_info"
PYTHON = "ansible_collections.rayops.alicloud.plugins.modules.emr_workspace_info"


def examples(runner: AnsibleRunner, in_process: bool) -> RunResult:
    """Run the examples of the documentation."""
    tasks = yaml.safe_load(importlib.import_module(PYTHON).EXAMPLES)
    assert len(tasks) == 3
    return runner.play(tasks, vars={"rayops_alicloud_in_process": in_process})


def test_the_examples_give_the_same_in_the_worker_and_as_a_module(runner: AnsibleRunner) -> None:
    runs = [examples(runner, in_process) for in_process in (True, False)]
    for played in runs:
        listed, found, *shown = (line["result"] for line in played.task_results)
        assert {row["workspace_id"] for row in listed["workspaces"]} == {
            runner.emulator.workspace_id,
            DOCUMENTED_WORKSPACE,
        }
        assert [row["workspace_id"] for row in found["workspaces"]] == [DOCUMENTED_WORKSPACE]
        left, versions = shown[0]["results"][0]["msg"]
        assert left == "100000 of 100000 cores are left"
        assert "ray-1.0.0 (Ray 2.47.1, Python 3.12)" in versions
        assert all("Spark" not in version for version in versions)
    results = [[line["result"].get("workspaces") for line in played.task_results] for played in runs]
    assert results[0] == results[1]


def test_the_ad_hoc_command_shows_queues_and_versions(runner: AnsibleRunner) -> None:
    words = ["localhost", "-m", MODULE, "-a", f"workspace_id={DOCUMENTED_WORKSPACE}"]
    output = runner.run("ansible", *words).output
    for text in ("root_queue", "gpu_queue", "ray-1.0.0 (Ray 2.47.1, Python 3.12)", '"name": "vpc"'):
        assert text in output
