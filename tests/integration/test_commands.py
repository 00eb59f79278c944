# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ad-hoc commands, interpreters, and what the documentation tells users to run."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.rayops.alicloud.plugins.modules import emr_ray_cluster, emr_ray_cluster_info
from tests.integration.conftest import DOCUMENTED_WORKSPACE
from tests.integration.runner import INFO, MODULE, ROOT, AnsibleRunner, RunResult, task
from tests.integration.test_playbooks import QUICK


def adhoc(played: RunResult) -> Any:
    """Return the JSON that an ad-hoc command printed."""
    return json.loads(played.output[played.output.index("{") : played.output.rindex("}") + 1])


def test_ad_hoc(runner: AnsibleRunner) -> None:
    seeded = runner.emulator.seed("training", count=3)
    listed = adhoc(runner.run("ansible", "localhost", "-m", INFO))
    assert listed["changed"] is False
    assert sorted(cluster["cluster_id"] for cluster in listed["clusters"]) == sorted(seeded)
    absent = adhoc(runner.run("ansible", "localhost", "-m", MODULE, "-a", "name=nowhere state=absent"))
    assert (absent["changed"], absent["cluster"]) == (False, None)
    arguments = "name=training-1 state=started wait_interval=0.02 purge_worker_groups=no"
    started = adhoc(runner.run("ansible", "localhost", "-m", MODULE, "-a", arguments))
    assert started["cluster"]["state"] == "Running"
    assert runner.writes() == ["StartRayCluster"]
    refused = runner.run("ansible", "localhost", "-m", MODULE, "-a", "name=new description='too little'", code=2)
    assert "head_spec.queue_name" in refused.output
    assert runner.writes() == ["StartRayCluster"]


def test_ad_hoc_with_a_declaration_as_json(runner: AnsibleRunner) -> None:
    declared = {
        "name": "测试 ray+1",
        "display_release_version": "ray-1.0.0 (Ray 2.47.1, Python 3.12)",
        "head_spec": {"queue_name": "root_queue", "cpu": 2, "memory": "8Gi"},
        "worker_spec": [{"group_name": "g", "queue_name": "root_queue", "cpu": 4, "memory": "16Gi", "replica": 1}],
    }
    for changed in (True, False):
        done = adhoc(runner.run("ansible", "localhost", "-m", MODULE, "-a", json.dumps(declared)))
        assert done["changed"] is changed
        assert done["cluster"]["name"] == "测试 ray+1"


@pytest.fixture(scope="session")
def bare_python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a Python that has no packages at all."""
    folder = tmp_path_factory.mktemp("bare")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    return folder / "bin" / "python"


def test_an_interpreter_without_the_libraries(runner: AnsibleRunner, bare_python: Path) -> None:
    played = runner.play(
        [task("list", INFO), task("not reached", INFO)],
        inventory=f"localhost ansible_connection=local ansible_python_interpreter={bare_python}\n",
        code=2,
    )
    message = played["list"]["msg"]
    assert "Failed to import the required Python library (httpx >= " in message
    assert str(bare_python) in message
    assert "Traceback" not in played.output
    assert "not reached" not in played.statuses
    assert runner.emulator.journal == []


def test_a_localhost_of_the_inventory_with_the_interpreter_of_the_controller(runner: AnsibleRunner) -> None:
    played = runner.play(
        [task("list", INFO)],
        inventory=("localhost ansible_connection=local ansible_python_interpreter='{{ ansible_playbook_python }}'\n"),
    )
    assert played["list"]["clusters"] == []


def documented(module: Any) -> list[Any]:
    tasks = yaml.safe_load(module.EXAMPLES)
    assert isinstance(tasks, list)
    return tasks


def test_the_examples_run_as_they_are_documented(runner: AnsibleRunner) -> None:
    """Region and workspace stay as they are written; only the endpoint is the emulator's."""
    tasks = documented(emr_ray_cluster)
    info = documented(emr_ray_cluster_info)
    # What reads comes before the last task, which deletes the cluster.
    secrets = {"vault_redis_password": "made-up"}
    played = runner.play([*tasks[:-1], *info, tasks[-1]], module_defaults=QUICK, vars=secrets)
    actions = [line["result"]["actions"] for line in played.task_results if "actions" in line["result"]]
    assert (actions[0], actions[-1]) == (["create", "start"], ["delete"])
    assert all(actions), "an example does nothing"
    assert set(played.statuses.values()) == {"ok"}
    assert runner.emulator.clusters(DOCUMENTED_WORKSPACE) == []


def test_the_demo_runs_from_start_to_end(runner: AnsibleRunner) -> None:
    played = runner.run(
        "ansible-playbook", str(ROOT / "playbooks" / "demo.yml"), env={"ALIBABA_CLOUD_REGION_ID": "cn-hangzhou"}
    )
    assert "failed=0" in played.output
    assert runner.emulator.clusters() == []
    assert runner.writes()[-1] == "DeleteRayCluster"
