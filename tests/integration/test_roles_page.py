# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbooks of docs/roles.md and of the READMEs of the roles, run twice: the second run changes nothing."""

from __future__ import annotations

import re
from pathlib import Path

import yaml

from tests.integration.conftest import DOCUMENTED_WORKSPACE
from tests.integration.runner import MODULE, ROOT, Json, Runner

QUICK: Json = {MODULE: {"wait_interval": 0.02}}
PAGES = [ROOT / "docs/roles.md", *sorted(ROOT.glob("roles/*/README.md"))]


def plays(page: Path) -> list[Json]:
    """Return the plays of a page."""
    text = page.read_text(encoding="utf-8")
    parsed = [yaml.safe_load(block) for block in re.findall(r"^```yaml\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)]
    found = [play for block in parsed if isinstance(block, list) for play in block if "hosts" in play]
    for variables in (role["vars"] for play in found for role in play.get("roles", [])):
        if "ray_cluster_defaults" in variables:
            variables["ray_cluster_defaults"]["wait_interval"] = 0.02
    return found


def test_the_playbooks_of_the_pages_change_nothing_when_run_again(runner: Runner, tmp_path: Path) -> None:
    found = [play for page in PAGES for play in plays(page)]
    assert len(found) >= len(PAGES)
    path = tmp_path / "page.yml"
    path.write_text(yaml.safe_dump([{**play, "module_defaults": QUICK} for play in found]))
    where = {"ALIBABA_CLOUD_EMR_SERVERLESS_SPARK_WORKSPACE_ID": DOCUMENTED_WORKSPACE}
    runner.run("ansible-playbook", str(path), env=where)
    writes = len(runner.writes())
    assert writes
    again = runner.run("ansible-playbook", str(path), env=where)
    assert [line["task"] for line in again.lines if line["result"].get("changed")] == []
    assert len(runner.writes()) == writes
