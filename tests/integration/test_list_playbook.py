# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbook rayops.alicloud.list: a table on the screen, CSV and JSON in files."""

from __future__ import annotations

import csv
import json
from pathlib import Path

from tests.integration.runner import ROOT, AnsibleRunner

PLAYBOOK = str(ROOT / "playbooks/list.yml")


def table(runner: AnsibleRunner, *arguments: str) -> list[str]:
    """Run the playbook and return the lines of its table."""
    lines: list[str] = runner.run("ansible-playbook", PLAYBOOK, *arguments)["Show the clusters"]["msg"]
    return lines


def test_the_table_fits_one_line_a_cluster(runner: AnsibleRunner) -> None:
    for number in range(300):
        runner.emulator.seed(f"team-{number:03}", state="Running" if number % 3 else "Stopped")
    runner.emulator.seed("{{ lookup('pipe', 'false') }}", state="Error")
    lines = table(runner)
    assert lines[0].split() == ["NAME", "STATE", "ENGINE", "GROUPS", "CU", "IDLE", "RESTART"]
    assert len(lines) == 1 + 301 + 1
    assert any(line.startswith("team-007  ") and " Running " in line for line in lines)
    assert any(line.startswith("{{ lookup('pipe', 'false') }}") for line in lines)
    assert lines[-1].startswith("301 clusters, 200 running, ")
    assert runner.writes() == []


def test_a_file_has_the_rows_of_some_states(runner: AnsibleRunner, tmp_path: Path) -> None:
    runner.emulator.seed("training", state="Running")
    runner.emulator.seed("old", state="Stopped")
    for name in ("clusters.csv", "clusters.json"):
        table(runner, "-e", f"list_dest={tmp_path / name}", "-e", "list_states=Running")
    (row,) = csv.DictReader((tmp_path / "clusters.csv").read_text(encoding="utf-8").splitlines())
    (data,) = json.loads((tmp_path / "clusters.json").read_text(encoding="utf-8"))
    assert row["name"] == data["name"] == "training"
    assert row["groups"] == data["groups"] != ""
