# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""emr_ray_fleet by real playbook: the examples, what the terminal shows, the limit on requests as a server sees it."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.emulator import Emulator
from tests.integration.runner import FLEET, AnsibleRunner, Json, task

ROOT = Path(__file__).parents[2]
QUICK: Json = {"rayops.alicloud.emr_ray_fleet": {"retries": 2}}
DOCUMENTED_WORKSPACE = "w-d2d82aa09155"


def changed(played: Any) -> set[str]:
    """Return the tasks that changed something."""
    return {line["task"] for line in played.task_results if line["result"].get("changed")}


@pytest.mark.slow
def test_the_examples_of_the_module_run(runner: AnsibleRunner) -> None:
    python: Any = importlib.import_module("ansible_collections.rayops.alicloud.plugins.modules.emr_ray_fleet")
    tasks = yaml.safe_load(python.EXAMPLES)
    runner.emulator.seed("team-old", state="Running", workspace_id=DOCUMENTED_WORKSPACE)
    played = runner.play(tasks)
    assert changed(played) == {example["name"] for example in tasks}


def test_the_limit_is_kept_as_the_server_sees_it(runner: AnsibleRunner, emulator: Emulator) -> None:
    emulator.seed("fleet", count=40, spec={"description": "d"})
    names = [{"name": f"fleet-{number:02}", "volume_ids": []} for number in range(1, 41)]
    played = runner.play([task("fleet", FLEET, clusters=names, requests_per_second=20)])
    assert played["fleet"]["summary"]["unchanged"] == 40
    arrived = sorted(entry.arrived for entry in emulator.journal)
    assert len(arrived) == 41
    most = max(sum(first <= at < first + 1 for at in arrived) for first in arrived)
    assert most <= 21 + 4, "evenly, but for the time that requests are on their way"


def test_a_server_that_throttles_is_waited_for(runner: AnsibleRunner, emulator: Emulator) -> None:
    emulator.seed("fleet", count=60, spec={"description": "d"})
    emulator.limits.set({"requests_per_second": 20})
    names = [{"name": f"fleet-{number:02}", "volume_ids": []} for number in range(1, 61)]
    played = runner.play([task("fleet", FLEET, clusters=names)])
    assert played["fleet"]["summary"]["unchanged"] == 60


def test_progress_of_a_fleet_shows(runner: AnsibleRunner, emulator: Emulator) -> None:
    emulator.seed("a", spec={"description": "d"})
    played = runner.play([task("fleet", FLEET, clusters=[{"name": "a", "state": "started", "wait_interval": 0.02}])])
    assert "a: start, Running" in played.output
    quiet = runner.play([task("fleet", FLEET, clusters=[{"name": "a", "state": "stopped"}], _no_log=True)])
    assert "a: stop" not in quiet.output
