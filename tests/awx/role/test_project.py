# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""This repository is a project of AWX as it is, and the skeleton of an own one works: in the way of AWX."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
import yaml

from tests.awx.double import trees
from tests.emulator import Emulator
from tools import awx_files

from .conftest import ROOT, RoleHarness

DEFAULTS = yaml.safe_load((ROOT / "roles/awx_setup/defaults/main.yml").read_text(encoding="utf-8"))


@pytest.fixture
def synced(harness: RoleHarness) -> RoleHarness:
    """A harness with a copy of the checkout, and the collection where AWX's sync puts it, without Galaxy."""
    harness.more_env = {
        "ANSIBLE_COLLECTIONS_PATH": str(harness.folder / "requirements_collections"),
        "ANSIBLE_COLLECTIONS_SCAN_SYS_PATH": "false",
        "ANSIBLE_LOCAL_TEMP": str(harness.folder / "tmp"),
        # An organization's Galaxy credential; nobody is there.
        "ANSIBLE_GALAXY_SERVER_LIST": "server0",
        "ANSIBLE_GALAXY_SERVER_SERVER0_URL": "http://127.0.0.1:9/",
    }
    project = harness.folder / "project"
    copy = subprocess.run([ROOT / "tools/copy-tree.sh", project], capture_output=True, text=True, check=False)
    assert copy.returncode == 0, copy.stderr
    requirements = project / "collections/requirements.yml"
    run = RoleHarness(harness.double, project, project)
    run.more_env = {**harness.more_env, "HOME": str(harness.folder)}
    run.login = {}
    # The command of AWX's project_update.yml, in the folder in which it runs it.
    installed = run.command("ansible-galaxy", "collection", "install", "-r", str(requirements))
    assert installed.code == 0, installed.output
    assert "rayops.alicloud" in installed.output
    return run


def test_the_sync_installs_the_collection_and_finds_playbooks_and_inventory(synced: RoleHarness) -> None:
    installed = synced.folder.parent / "requirements_collections/ansible_collections/rayops/alicloud"
    assert (installed / "plugins/modules/emr_ray_cluster.py").exists()
    assert (installed / "playbooks/awx/create.yml").exists()
    assert not (installed / "tests/unit").exists()
    for playbooks in (DEFAULTS["awx_setup_project_playbooks"], ""):
        if not playbooks:
            awx_files.write(synced.folder.parent / "own")
            synced.folder = synced.folder.parent / "own/project"
        found = [name for name in trees.playbooks(synced.folder) if str(Path(name).parent) == (playbooks or ".")]
        assert len(found) == len(awx_files.definitions()["job_templates"])
        checked = synced.command("ansible-playbook", "--syntax-check", "-i", "localhost,", *found)
        assert checked.code == 0, checked.output
        assert "WARNING" not in checked.output
    _read_the_inventory_file(synced, installed.parents[3])


def _read_the_inventory_file(synced: RoleHarness, folder: Path) -> None:
    with Emulator() as emulator:
        (cluster_id,) = emulator.seed("training")
        emulator.patch(cluster_id, description="{{ 7 * 7 }}")
        synced.login = {
            "ALIBABA_CLOUD_ACCESS_KEY_ID": emulator.access_key_id,
            "ALIBABA_CLOUD_ACCESS_KEY_SECRET": emulator.access_key_secret,
            "ALIBABA_CLOUD_EMR_SERVERLESS_SPARK_ENDPOINT": emulator.url,
            "ALIBABA_CLOUD_EMR_SERVERLESS_SPARK_WORKSPACE_ID": emulator.workspace_id,
        }
        # An inventory shows what a list has, and reads no cluster on its own.
        project, skeleton = folder / "project", folder / "own/project"
        for path in (project / DEFAULTS["awx_setup_project_inventory"], skeleton / "clusters.emr_ray.yml"):
            run = synced.command("ansible-inventory", "--list", "--export", "-i", str(path))
            assert "WARNING" not in run.output
            (host,) = json.loads(run.output)["_meta"]["hostvars"].values()
            # Plain, or filters of AWX's API would not find it; only what could be a template is marked.
            assert (host["ray_name"], host["ray_state"]) == ("training", "Stopped")
            assert "__ansible_unsafe" not in str(
                {name: value for name, value in host.items() if name != "ray_description"}
            )
            assert host["ray_description"] == {"__ansible_unsafe": "{{ 7 * 7 }}"}
        assert {entry.operation for entry in emulator.journal} == {"ListRayCluster"}
