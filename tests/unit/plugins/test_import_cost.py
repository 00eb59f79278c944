# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a task that finds nothing to do imports: each time as a module, once per play inside the worker. No clock."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.emulator import Emulator

MODULE_UTILS = "ansible_collections.rayops.alicloud.plugins.module_utils."
# Ansible ships sources in an archive, and Python compiles each file that a module imports from there twice: a hundred
# lines cost about one hundredth of ansible.builtin.ping. What only some tasks need belongs into a file of its own that
# is imported where it is needed; above this ceiling, look for such a thing first.
MOST_LINES = 4030
NOT_NEEDED = {
    f"_cluster.{name}"
    for name in (
        *("apply", "create", "waiter", "guardrails", "failure", "export", "yaml_writer", "plan_text", "update_checks"),
        *("preflight", "similar_names"),
    )
}
NOT_NEEDED |= {
    f"_api.{name}"
    for name in ("retry_policy", "error_responses", "connection_errors", "streaming", "stable_list", "rate_limit")
}
NOT_NEEDED |= {"_task.failures", "_task.waiting", "_api.decompression", "_api.paging", "_schema_problems"}
NOT_NEEDED |= {"_credentials.chain", "_credentials.providers"}

CODE = """
import json, os, sys
from ansible_collections.rayops.alicloud.plugins.{folder} import emr_ray_cluster
from ansible_collections.rayops.alicloud.plugins.module_utils._task.context import TaskContext
before = list(sys.modules)
result = emr_ray_cluster.run_cluster(TaskContext(json.loads(sys.argv[1]), os.environ, print))
print(json.dumps({{
    "actions": result["actions"],
    "before": before,
    "modules": {{name: getattr(module, "__file__", None) for name, module in sys.modules.items()}},
}}))
"""


def nothing_to_do(folder: str) -> dict[str, Any]:
    """Run such a task in a fresh interpreter, with what a module or an action imports at its top.

    Returns the names of the modules imported ``before`` the task ran, and all ``modules`` after it with their files.
    """
    with Emulator() as emulator:
        (cluster_id,) = emulator.seed("training")
        params: dict[str, Any] = {
            "cluster_id": cluster_id,
            "description": "",
            "endpoint": emulator.url,
            "workspace_id": emulator.workspace_id,
            "access_key_id": emulator.access_key_id,
            "access_key_secret": emulator.access_key_secret,
        }
        command = [sys.executable, "-c", CODE.format(folder=folder), json.dumps(params)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found = dict(json.loads(done.stdout))
    assert found["actions"] == []
    return found


@pytest.fixture(scope="module")
def imported() -> dict[str, str]:
    """Return what a module has imported in the end: names and files."""
    return dict(nothing_to_do("modules")["modules"])


def ours(imported: dict[str, str]) -> dict[str, Path]:
    """Return the files of module_utils among what is imported."""
    return {
        name.removeprefix(MODULE_UTILS): Path(file) for name, file in imported.items() if name.startswith(MODULE_UTILS)
    }


def test_what_nothing_to_do_does_not_need_stays_out(imported: dict[str, str]) -> None:
    found = ours(imported)
    assert "_cluster.plan" in found
    assert not NOT_NEEDED & set(found)
    assert [name for name in found if name.startswith(("_job", "_fleet", "_inventory"))] == []


@pytest.mark.parametrize(
    "module",
    ["pydantic.main", "pydantic.fields", "httpx._main", "rich", "alibabacloud_credentials", "requests", "aiohttp"],
)
def test_what_costs_much_in_other_packages_stays_out(imported: dict[str, str], module: str) -> None:
    assert {"pydantic_core", "httpx"} <= set(imported)
    assert module not in imported


def test_the_lines_that_a_task_compiles_have_a_ceiling(imported: dict[str, str]) -> None:
    lines = {name: file.read_text(encoding="utf-8").count("\n") for name, file in ours(imported).items()}
    assert len(lines) > 20
    assert sum(lines.values()) <= MOST_LINES, sorted(lines.items(), key=lambda item: -item[1])


def test_inside_the_worker_a_task_imports_nothing() -> None:
    """The parent has imported it all: a worker ends with its task, and what it imports the next one imports again."""
    found = nothing_to_do("action")
    assert [name for name in found["modules"] if name not in found["before"]] == []
