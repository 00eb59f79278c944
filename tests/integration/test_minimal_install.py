# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The collection as a distribution may ship it: without all that is not in meta, plugins, roles and playbooks."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.emulator import Emulator
from tests.integration.runner import FLEET, INFO, MODULE, ROOT, AnsibleRunner, task

KEPT = {"meta", "plugins", "roles", "playbooks"}
SPEC = {
    "display_release_version": "ray-1.0.0 (Ray 2.47.1, Python 3.12)",
    "head_spec": {"queue_name": "root_queue", "cpu": 2, "memory": "8Gi"},
    "worker_spec": [
        {
            "group_name": "cpu",
            "worker_type": "CPU",
            "queue_name": "root_queue",
            "cpu": 4,
            "memory": "16Gi",
            "replica": 1,
        }
    ],
}


@pytest.fixture
def stripped(tmp_path: Path, emulator: Emulator) -> AnsibleRunner:
    """Return a runner whose home has a collection of the four folders, and no other file of this repository."""
    home = tmp_path / "home"
    collection = home / "collections/ansible_collections/rayops/alicloud"
    for folder in KEPT:
        shutil.copytree(ROOT / folder, collection / folder, ignore=shutil.ignore_patterns("__pycache__"))
    assert {path.name for path in collection.iterdir()} == KEPT
    (tmp_path / "runs").mkdir()
    return AnsibleRunner(tmp_path / "runs", home, emulator)


@pytest.mark.parametrize(
    "in_process", [True, pytest.param(False, marks=pytest.mark.slow)], ids=["in the worker", "as modules"]
)
def test_modules_and_roles_work(stripped: AnsibleRunner, in_process: bool) -> None:
    played = stripped.play(
        [
            task("create", MODULE, name="alone", state="started", wait_interval=0.05, **SPEC),
            task("again", MODULE, name="alone", state="started", **SPEC),
            task("fleet", FLEET, defaults=SPEC, clusters=[{"name": "alone"}]),
            task("list", INFO, _register="found"),
            {
                "name": "role",
                "ansible.builtin.include_role": {"name": "rayops.alicloud.ray_sweep"},
                "vars": {"ray_sweep_dry_run": True},
            },
        ],
        env={"ANSIBLE_COLLECTIONS_PATH": str(stripped.home / "collections")},
        vars={"rayops_alicloud_in_process": in_process, "ansible_python_interpreter": "{{ ansible_playbook_python }}"},
    )
    assert played["create"]["actions"]
    assert not played["again"]["changed"]
    assert not played["fleet"]["changed"]
    assert [cluster["name"] for cluster in played["list"]["clusters"]] == ["alone"]


def test_the_inventory_and_a_playbook_work(stripped: AnsibleRunner) -> None:
    stripped.play([task("create", MODULE, name="alone", state="present", wait_interval=0.05, **SPEC)])
    source = stripped.home / "clusters.emr_ray.yml"
    source.write_text("plugin: rayops.alicloud.emr_ray\n", encoding="utf-8")
    assert '"alone"' in stripped.run("ansible-inventory", "-i", str(source), "--list").output
    assert "endpoint" in stripped.run("ansible-playbook", "rayops.alicloud.doctor").output
