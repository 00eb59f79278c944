# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The plain files have the definitions of the role, and awxkit imports them, once and again."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import awxkit
import pytest
import yaml
from awxkit.api.pages import Api

from tests.awx.double import AwxDouble
from tools import awx_files

from .conftest import ROOT


@pytest.fixture(scope="session")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the files."""
    folder = tmp_path_factory.mktemp("awx")
    awx_files.write(folder)
    return folder


def test_yaml_to_paste_equals_the_definitions(written: Path) -> None:
    for kind in awx_files.definitions()["credential_types"]:
        for part in ("inputs", "injectors"):
            path = written / f"credential_types/{kind['key']}.{part}.yml"
            assert yaml.safe_load(path.read_text(encoding="utf-8")) == kind[part]
    for template in awx_files.definitions()["job_templates"]:
        if "survey_spec" in template:
            survey = json.loads((written / f"surveys/{template['key']}.json").read_text(encoding="utf-8"))
            assert survey == template["survey_spec"]


def test_git_has_none_of_the_files() -> None:
    command = ["git", "-C", str(ROOT), "ls-files", "extensions/awx"]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == ""


def import_into(double: AwxDouble, assets: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """Import assets as `awx import` does, which is this call after the login."""
    monkeypatch.setitem(awxkit.config, "base_url", double.url)
    monkeypatch.setitem(awxkit.config, "credentials", awxkit.utils.PseudoNamespace())
    root = Api()
    root.connection.login(None, None, token=double.token)
    v2 = root.get().available_versions.v2.get()
    v2.import_assets(assets)
    assert not getattr(v2, "_has_error", False)


def test_awxkit_imports_the_files_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    parts = (awx_files.assets(), awx_files.workflow_assets())
    with AwxDouble({parts[0]["projects"][0]["scm_url"]: ROOT}) as double:
        double.store.create("organizations", {"name": "Default"})
        for part in parts:
            import_into(double, part, monkeypatch)
        made = {endpoint: len(items) for endpoint, items in double.store.objects.items()}
        assert (made["job_templates"], made["credential_types"], made["schedules"]) == (15, 5, 2)
        assert double.store.dropped == []
        assert _steps(double) == [("doctor", ["blue_green"]), ("blue_green", ["report"]), ("report", [])]
        for part in parts:
            import_into(double, part, monkeypatch)
        assert {endpoint: len(items) for endpoint, items in double.store.objects.items()} == made


def _steps(double: AwxDouble) -> list[tuple[str, list[str]]]:
    nodes = double.store.objects["workflow_job_template_nodes"]
    return sorted(
        (
            (
                node["identifier"],
                [nodes[other]["identifier"] for other in double.store.links.get((number, "success_nodes"), [])],
            )
            for number, node in nodes.items()
        ),
        key=lambda step: ("doctor", "blue_green", "report").index(step[0]),
    )
