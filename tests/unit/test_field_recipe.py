# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The recipe of CONTRIBUTING for a new option, followed on a copy of the tree with made-up fields."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FIELDS = "plugins/module_utils/_cluster/fields.py"
CLUSTER = "plugins/modules/emr_ray_cluster.py"
FLEET = "plugins/modules/emr_ray_fleet.py"
EMULATOR = "tests/emulator/cluster_spec.py"
SPECS = "tests/unit/scenarios/specs.py"
# By file, text that is added before the first occurrence of other text. `zone_id` is a text of the cluster and comes
# last, `slot_count` a number of a worker group.
STEPS: dict[str, list[tuple[str, str]]] = {
    FIELDS: [
        ("    zone_id: str\n", "\n\nclass Instance("),
        ("    slot_count: int\n", "\n\nclass WorkerGroup("),
    ],
    CLUSTER: [
        ("  zone_id:\n    description: The zone.\n    type: str\n", "  head_spec:\n"),
        ("      slot_count:\n        description: The slots.\n        type: int\n", "      group_name:\n"),
        ("    zone_id:\n      description: The zone.\n      type: str\n", "    instance_id:\n"),
    ],
    FLEET: [
        (
            "      zone_id: &shared_zone_id\n        description: The zone.\n        type: str\n",
            "      head_spec: &shared_head_spec\n",
        ),
        (
            "          slot_count:\n            description: The slots.\n            type: int\n",
            "          group_name:\n",
        ),
        ("      zone_id: *shared_zone_id\n", "      state: *shared_state\n"),
    ],
    EMULATOR: [
        ('    "zoneId": str,\n', '    "name": str, "displayReleaseVersion": str'),
        ('    "slotCount": int,\n', '    "groupName": str, "workerType": str'),
    ],
    SPECS: [
        ('    "zone_id": "cn-hangzhou-h",\n', '    "network_service_name": "vpc"'),
        ('    "zoneId": "cn-hangzhou-h",\n', '    "networkServiceName": "vpc"'),
        ('            "slot_count": 3,\n', '            "worker_type": "CPU",\n            "replica": 2'),
        ('            "slotCount": 3,\n', '            "workerType": "CPU",\n            "replica": 2'),
    ],
}
WALK = """
import pytest

from tests.unit.scenarios.conftest import TIMING, running  # noqa: F401
from tests.unit.scenarios.harness import TaskHarness
from tests.unit.scenarios.specs import full_options, full_stored_spec


def test_the_new_fields_are_created_compared_shown_and_exported(running):
    running.reset(rules=True)
    running.timing.set(TIMING)
    task = TaskHarness(running)
    created = task.expect_success(**full_options())
    cluster_id = created["cluster_id"]
    stored = task.stored_spec(cluster_id)
    assert stored["zoneId"] == "cn-hangzhou-h"
    assert stored["workerSpec"][0]["slotCount"] == 3
    assert created["cluster"]["zone_id"] == "cn-hangzhou-h"
    assert created["cluster"]["worker_spec"][0]["slot_count"] == 3
    task.expect_unchanged(**full_options())
    running.patch(cluster_id, zoneId="other")
    stored["workerSpec"][0]["slotCount"] = 9
    predicted = task.expect_success(check=True, **full_options())
    assert {change["field"] for change in predicted["changes"]} == {"zone_id", "worker_spec[cpu].slot_count"}
    updated = task.expect_success(**full_options())
    assert updated["actions"] == ["update"]
    assert task.stored_spec(cluster_id)["zoneId"] == "cn-hangzhou-h"
    (listed,) = task.info()["clusters"]
    assert listed["zone_id"] == "cn-hangzhou-h"
    (entry,) = task.info(as_tasks=True)["vars"]["ray_cluster_clusters"]
    assert entry["zone_id"] == "cn-hangzhou-h"
    assert entry["worker_spec"][0]["slot_count"] == 3
    with pytest.raises(ValueError, match="slot_count"):
        options = full_options()
        options["worker_spec"][0]["slot_count"] = "many"
        task.cluster(**options)
"""


def copy_of_the_tree(folder: Path) -> Path:
    """Return the root of a copy that is imported as the collection, with its tests."""
    root = folder / "ansible_collections" / "rayops" / "alicloud"
    ignored = shutil.ignore_patterns("__pycache__", ".*")
    for name in ("plugins", "tests", "meta"):
        shutil.copytree(ROOT / name, root / name, ignore=ignored)
    for name in ("pyproject.toml", "galaxy.yml"):
        shutil.copy(ROOT / name, root)
    return root


@pytest.fixture(scope="module")
def grown(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the tree in which the recipe was followed."""
    root = copy_of_the_tree(tmp_path_factory.mktemp("recipe"))
    for name, steps in STEPS.items():
        text = (root / name).read_text(encoding="utf-8")
        for added, before in steps:
            assert before in text, f"{name} has no {before!r}"
            text = text.replace(before, added + before, 1)
        (root / name).write_text(text, encoding="utf-8")
    (root / "tests/unit/test_walk.py").write_text(WALK, encoding="utf-8")
    return root


def run_tests(root: Path, *arguments: str) -> str:
    """Run tests of the copy, which must pass, and return what pytest says."""
    environ = {**os.environ, "PYTHONPATH": str(root.parents[2])}
    command = [sys.executable, "-m", "pytest", "-v", "-p", "no:xdist", *arguments]
    done = subprocess.run(command, cwd=root, env=environ, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    return done.stdout


def test_the_recipe_needs_five_files() -> None:
    assert len(STEPS) <= 5
    recipe = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").split("## To add an option")[1].split("\n## ")[0]
    assert re.findall(r"^\d\. `((?:plugins|tests)/[\w/]+\.py)`", recipe, re.MULTILINE) == list(STEPS)


def test_a_new_field_is_created_compared_shown_and_exported(grown: Path) -> None:
    assert "1 passed" in run_tests(grown, "tests/unit/test_walk.py")


def test_the_tests_of_every_field_hold_for_a_new_one(grown: Path) -> None:
    found = run_tests(
        grown, "tests/unit/plugins/modules/test_contract.py", "tests/unit/scenarios/test_lifecycle.py",
        "-k", "contract or zone_id or slotCount",
    )  # fmt: skip
    assert "[cluster-zone_id" in found
    assert "slotCount" in found
