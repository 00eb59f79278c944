# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbooks of the page about roles and of the READMEs of the roles, run twice: the second run changes nothing."""

from __future__ import annotations

import json
from pathlib import Path

import yaml

from tests.docs.pages import blocks, guide
from tests.integration.conftest import DOCUMENTED_WORKSPACE
from tests.integration.runner import MODULE, ROOT, Json, Runner

QUICK: Json = {name: {"wait_interval": 0.02} for name in (MODULE, "rayops.alicloud.emr_ray_job")}
FAST = {"ray_schedule_wait_interval": 0.02, "ray_cluster_settle_seconds": 1}
# So many of the plays find something to do at first.
CHANGING = 1
PAGES = [guide("roles"), *sorted(ROOT.glob("roles/*/README.md"))]


def lists(page: Path) -> list[list[Json]]:
    """Return the lists in the YAML of a page: plays, or tasks."""
    parsed = [yaml.safe_load(block) for block in blocks(page, "yaml")]
    return [block for block in parsed if isinstance(block, list)]


def plays(page: Path) -> list[Json]:
    """Return the plays of a page."""
    found = [play for block in lists(page) for play in block if "hosts" in play]
    for variables in (role["vars"] for play in found for role in play.get("roles", [])):
        if "ray_cluster_defaults" in variables:
            variables["ray_cluster_defaults"]["wait_interval"] = 0.02
    return found


def marked(play: Json, mark: str) -> Json:
    """Return a play that says at its beginning which one it is."""
    begin = {"name": "Mark", "ansible.builtin.debug": {"msg": mark}}
    return {**play, "module_defaults": QUICK, "pre_tasks": [begin]}


def test_each_playbook_of_the_pages_changes_nothing_when_run_again(runner: Runner, tmp_path: Path) -> None:
    found = [play for page in PAGES for play in plays(page)]
    assert len(found) >= len(PAGES)
    path = tmp_path / "page.yml"
    path.write_text(yaml.safe_dump([marked(play, mark) for play in found for mark in ("first", "again")]))
    (check,) = [tasks for tasks in lists(PAGES[0]) if not any("hosts" in item for item in tasks)]
    (tmp_path / "check.yml").write_text(yaml.safe_dump(check))
    where = {"ALIBABA_CLOUD_EMR_SERVERLESS_SPARK_WORKSPACE_ID": DOCUMENTED_WORKSPACE}
    mark, changed = "", {"first": [], "again": []}
    for line in runner.run("ansible-playbook", str(path), "-e", json.dumps(FAST), env=where).lines:
        if line["task"] == "Mark":
            mark = line["result"]["msg"]
        elif line["result"].get("changed"):
            changed[mark].append(line["task"])
    assert len(changed["first"]) >= CHANGING
    assert changed["again"] == []
