# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The doctor in real runs: its playbook, where a task runs and why, and an interpreter without libraries."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
import venv
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.integration.conftest import DOCUMENTED_WORKSPACE
from tests.integration.runner import AnsibleRunner, Json, RunResult, task

PLAYBOOK = "rayops.alicloud.doctor"
MODULE = "rayops.alicloud.emr_ray_doctor"
PYTHON = "ansible_collections.rayops.alicloud.plugins.modules.emr_ray_doctor"
SECRET = "emulator-access-secret"


def findings(result: Json) -> dict[str, Json]:
    """Return the findings of a result by what was looked at."""
    return {row["check"]: row for row in result["findings"]}


def played(
    runner: AnsibleRunner, *arguments: str, code: int = 0, **env: str | None
) -> tuple[dict[str, Json], RunResult]:
    """Run the playbook, as a user does."""
    run = runner.run("ansible-playbook", PLAYBOOK, *arguments, env=env, code=code)
    assert SECRET not in run.output
    shown = run["Show the findings"]["doctor.report"]
    assert all(line in run.output for line in shown if '"' not in line)
    return findings(run["Check everything that tasks need"]), run


def test_the_playbook_says_what_is_wrong(runner: AnsibleRunner) -> None:
    found, run = played(runner)
    assert {row["status"] for name, row in found.items() if name != "writes"} == {"ok"}
    assert found["execution"]["told"].startswith("inside the Ansible worker")
    assert runner.writes() == []
    found, run = played(runner, "-e", "workspace_id=w-nowhere", "-e", "rayops_alicloud_in_process=false", code=2)
    assert "w-nowhere" in run["Fail if there is a problem"]["msg"]
    assert found["workspace"]["status"] == "problem"
    assert found["execution"]["told"] == "as a separate module, as rayops_alicloud_in_process is false"
    found, run = played(runner, "-e", "doctor_fail_on_problem=false", ALIBABA_CLOUD_ACCESS_KEY_SECRET=None)
    assert "is set without ALIBABA_CLOUD_ACCESS_KEY_SECRET" in found["credentials"]["told"]
    assert "PROBLEM  credentials" in run.output


def test_the_examples_run(runner: AnsibleRunner) -> None:
    tasks = yaml.safe_load(importlib.import_module(PYTHON).EXAMPLES)
    for in_process in (True, False):
        run = runner.play(tasks, vars={"rayops_alicloud_in_process": in_process})
        first, shown, _last = run.task_results
        assert findings(first["result"])["workspace"]["told"].startswith(DOCUMENTED_WORKSPACE)
        assert shown["result"]["doctor.report"] == first["result"]["report"]


@pytest.mark.parametrize(
    ("keywords", "why"),
    [
        ({"_environment": {"A": "b"}}, "it has an environment"),
        ({"_vars": {"ansible_python_interpreter": "OTHER"}}, "it uses another interpreter"),
    ],
)
def test_why_a_task_is_a_module(runner: AnsibleRunner, tmp_path: Path, keywords: dict[str, Any], why: str) -> None:
    other = tmp_path / "python"
    # The same Python under another name.
    other.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    other.chmod(0o755)
    if "_vars" in keywords:
        keywords = {"_vars": {"ansible_python_interpreter": str(other)}}
    run = runner.play([task("look", MODULE, **keywords)])
    assert findings(run["look"])["execution"]["told"] == f"as a separate module, as {why}"


def test_an_interpreter_without_the_libraries(runner: AnsibleRunner, tmp_path: Path) -> None:
    venv.create(tmp_path / "bare", with_pip=False)
    bare = tmp_path / "bare" / "bin" / "python"
    subprocess.run([bare, "-c", ""], check=True, env=dict(os.environ))
    run = runner.play([task("look", MODULE, _vars={"ansible_python_interpreter": str(bare)})])
    found = findings(run["look"])
    assert found["httpx"]["next_step"] == f"{bare} -m pip install 'httpx>=0.27.0'"
    assert found["pydantic"]["status"] == "problem"
    # Its requests are httpx's.
    assert found["clock"]["status"] == "unknown"
    assert run["look"]["ok"] is False


def test_it_fails_where_that_is_asked_for(runner: AnsibleRunner) -> None:
    run = runner.play([task("look", MODULE, workspace_id="w-nowhere", fail_on_problem=True)], code=2)
    assert run["look"]["error"]["code"] == "ProblemsFound"
    assert findings(run["look"])["workspace"]["status"] == "problem"
