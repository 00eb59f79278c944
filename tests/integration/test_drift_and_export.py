# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbooks that write clusters to files, and compare them with a declaration, as users run them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.integration.runner import FLEET, ROOT, AnsibleRunner, Json, RunResult, task
from tests.integration.test_playbooks import NAMES, QUICK, spec

EXPORT, DRIFT = (str(ROOT / "playbooks" / name) for name in ("export.yml", "drift.yml"))
HOSTILE = "{{ lookup('pipe', 'touch executed') }} {% raw %} {# text"


def exported(runner: AnsibleRunner, folder: Path, **variables: Any) -> RunResult:
    extra = {"ray_export_directory": str(folder), **variables}
    return runner.run("ansible-playbook", EXPORT, "-e", json.dumps(extra))


def cluster(name: str, **changes: Any) -> Json:
    declared = spec(name=name, **changes)
    declared["head_spec"]["env"] = {"STAGE": HOSTILE, "LITERAL": "yes", "DICT": "{'a': 1}", "LIST": "[1, 2]"}
    return declared


@pytest.mark.slow
def test_what_is_written_runs_back_without_a_change(runner: AnsibleRunner, tmp_path: Path) -> None:
    names = [*NAMES, HOSTILE[:64], "yes", "1.0"]
    runner.emulator.rules.set({"redis_password": "clear"})
    declared = tmp_path / "declared.json"
    declared.write_text(json.dumps({"declared": [cluster(name, description=HOSTILE) for name in names]}))
    # What is read from a file this way is data, and no template.
    create = task("create", FLEET, clusters="{{ (lookup('file', '" + str(declared) + "') | from_json).declared }}")
    runner.play([create])
    assert sorted(found["name"] for found in runner.emulator.clusters()) == sorted(names)
    writes = len(runner.writes())
    folder = tmp_path / "out"
    first = exported(runner, folder)
    assert "Canary" not in first.output + (folder / "tasks.yml").read_text() + (folder / "vars.yml").read_text()
    assert [(folder / name).stat().st_mode & 0o777 for name in ("tasks.yml", "vars.yml")] == [0o600, 0o600]
    assert first["Write the files"]["changed"] is True
    assert exported(runner, folder)["Write the files"]["changed"] is False
    secrets = {secret["variable"]: "redis-Canary" for secret in first["Read the clusters"]["secrets"]}
    assert len(secrets) == len(names)
    back = runner.play(
        [
            {"name": "all", "ansible.builtin.include_tasks": str(folder / "tasks.yml")},
            {"name": "role", "ansible.builtin.include_role": {"name": "rayops.alicloud.ray_cluster"}},
        ],
        "-e",
        f"@{folder / 'vars.yml'}",
        "-e",
        json.dumps(secrets),
        module_defaults=QUICK,
    )
    ours = [line["result"] for line in back.task_results if "actions" in line["result"] or "summary" in line["result"]]
    assert len(ours) == len(names) + 1
    assert [result["changed"] for result in ours] == [False] * len(ours)
    assert len(runner.writes()) == writes
    assert not list(tmp_path.glob("**/executed"))


def test_a_file_with_variables_that_nobody_filled_in_is_refused(runner: AnsibleRunner, tmp_path: Path) -> None:
    runner.play([task("create", **spec())])
    writes = len(runner.writes())
    exported(runner, tmp_path)
    played = runner.play([{"name": "all", "ansible.builtin.include_tasks": str(tmp_path / "tasks.yml")}], code=2)
    assert "ray_redis_password_training" in played.output
    assert len(runner.writes()) == writes


def test_an_export_needs_a_place(runner: AnsibleRunner) -> None:
    played = runner.run("ansible-playbook", EXPORT, code=2)
    assert "-e ray_export_directory=PATH" in played.output
    assert runner.emulator.journal == []


def compared(
    runner: AnsibleRunner, folder: Path, code: int, *arguments: str, **variables: Any
) -> tuple[RunResult, Json]:
    """Run the comparison with variables from a file; return the run and what it wrote."""
    written = folder / "drift.json"
    written.unlink(missing_ok=True)
    declared = folder / "declared.yml"
    declared.write_text(yaml.safe_dump({"ray_cluster_drift_file": str(written), **variables}, allow_unicode=True))
    played = runner.run("ansible-playbook", DRIFT, "-e", f"@{declared}", *arguments, code=code)
    assert not written.exists() or written.stat().st_mode & 0o777 == 0o600
    return played, json.loads(written.read_text()) if written.exists() else {}


DEFAULTS = {key: value for key, value in spec().items() if key not in ("name", "description")}


@pytest.mark.parametrize("arguments", [(), pytest.param(("--check",), marks=pytest.mark.slow)])
def test_drift_is_told_and_nothing_is_touched(
    runner: AnsibleRunner, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    names = ["as-is", "changed", "unwanted", "twin", "stray", "ours-stray"]
    runner.play([task("create", FLEET, clusters=[{"name": name} for name in names], defaults=DEFAULTS)])
    runner.emulator.seed("twin")
    writes = runner.writes()
    clusters: list[Json] = [
        {"name": "as-is"},
        {"name": "changed", "description": "other", "protected": True, "state": "started", "max_cu": 1},
        {"name": "unwanted", "state": "absent", "protected": True},
        {"name": "gone"},
        {"name": "twin"},
    ]
    given: Json = {"ray_cluster_clusters": clusters, "ray_cluster_defaults": {**DEFAULTS, "protected": True}}
    played, found = compared(runner, tmp_path, 2, *arguments, **given)
    statuses = {entry["name"]: entry["status"] for entry in found["clusters"]}
    assert statuses == {
        "as-is": "as_declared", "changed": "drifted", "unwanted": "unwanted", "gone": "missing", "twin": "failed"
    }  # fmt: skip
    assert [change["field"] for change in found["clusters"][1]["changes"]] == ["description", "state"]
    assert found["clusters"][4]["error"]["code"] == "NameNotUnique"
    assert [entry["name"] for entry in found["undeclared"]] == ["ours-stray", "stray"]
    assert found["undeclared"][0]["capacity"]["declared"]["cu"]
    assert found["summary"] == {
        "as_declared": 1, "drifted": 1, "missing": 1, "unwanted": 1, "failed": 1, "undeclared": 2
    }  # fmt: skip
    said = " ".join(played["rayops.alicloud.ray_cluster : Fail if there is drift"]["msg"].split())
    assert said.startswith("1 drifted, 1 missing, 1 unwanted, 1 failed, 2 undeclared: changed (ray-")
    shown = played["rayops.alicloud.ray_cluster : Show the drift"]["msg"]
    assert [line.split(" ")[0].rstrip(":") for line in shown] == [
        "changed", "unwanted", "gone", "twin", "ours-stray", "stray"
    ]  # fmt: skip
    assert "drifted; description " in shown[0]
    assert " → " in shown[0]
    assert "Canary" not in played.output
    narrow = {**given, "ray_cluster_drift_pattern": "ours-*", "ray_cluster_drift_fail": False}
    played, found = compared(runner, tmp_path, 0, *arguments, **narrow)
    assert [entry["name"] for entry in found["undeclared"]] == ["ours-stray"]
    assert found["drifted"] is True
    assert runner.writes() == writes


def test_no_drift_is_a_success(runner: AnsibleRunner, tmp_path: Path) -> None:
    runner.play([task("create", **spec())])
    given: Json = {"ray_cluster_clusters": [spec()]}
    played, found = compared(runner, tmp_path, 0, **given)
    assert found["drifted"] is False
    assert found["summary"]["as_declared"] == 1
    assert "changed=0" in played.output


def test_a_comparison_that_cannot_be_made_fails_as_such(runner: AnsibleRunner, tmp_path: Path) -> None:
    runner.emulator.deny("ListRayCluster")
    played, found = compared(runner, tmp_path, 2, ray_cluster_clusters=[spec()], ray_cluster_drift_fail=False)
    assert found == {}
    assert "NoPermission" in played.output
    bad = [{"name": "x", "head_spec": {"cpu": "many"}}]
    runner.emulator.reset(rules=True)
    played, found = compared(runner, tmp_path, 2, ray_cluster_clusters=bad, ray_cluster_drift_fail=False)
    assert found == {}
    assert "head_spec.cpu" in played.output
    played, found = compared(runner, tmp_path, 2, ray_cluster_clusters=[], ray_cluster_drift_pattern="~(")
    assert "is not a regular expression" in played.output
