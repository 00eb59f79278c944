# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The plain files are what the role makes, and awxkit takes them."""

from __future__ import annotations

import json
from typing import Any

import awxkit
import pytest
import yaml
from awxkit.api.pages import Api

from tests.awx.double import AwxDouble
from tools import awx_files

from .conftest import ROOT


def test_the_files_are_those_of_the_role(capsys: pytest.CaptureFixture[str]) -> None:
    assert awx_files.main(["--check"]) == 0, capsys.readouterr().out


def test_a_file_that_was_edited_is_told(
    tmp_path: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(awx_files, "FOLDER", tmp_path)
    assert awx_files.main([]) == 0
    assert awx_files.main(["--check"]) == 0
    (tmp_path / "surveys/sweep.json").write_text("{}", encoding="utf-8")
    (tmp_path / "surveys/old.json").write_text("{}", encoding="utf-8")
    assert awx_files.main(["--check"]) == 1
    told = capsys.readouterr().out
    assert "surveys/sweep.json: differs" in told
    assert "surveys/old.json: no longer made" in told


def test_yaml_to_paste_is_what_json_would_be() -> None:
    for kind in awx_files.definitions()["credential_types"]:
        for part in ("inputs", "injectors"):
            path = ROOT / f"extensions/awx/credential_types/{kind['key']}.{part}.yml"
            assert yaml.safe_load(path.read_text(encoding="utf-8")) == kind[part]


def import_into(double: AwxDouble, assets: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """Import assets as `awx import` does, which is this call after the login."""
    monkeypatch.setitem(awxkit.config, "base_url", double.url)
    monkeypatch.setitem(awxkit.config, "credentials", awxkit.utils.PseudoNamespace())
    root = Api()
    root.connection.login(None, None, token=double.token)
    v2 = root.get().available_versions.v2.get()
    v2.import_assets(assets)
    assert not getattr(v2, "_has_error", False)


def test_awxkit_imports_the_whole_file_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    assets = json.loads((ROOT / "extensions/awx/awx-import.json").read_text(encoding="utf-8"))
    with AwxDouble({assets["projects"][0]["scm_url"]: ROOT}) as double:
        double.store.create("organizations", {"name": "Default"})
        import_into(double, assets, monkeypatch)
        made = {endpoint: len(items) for endpoint, items in double.store.objects.items()}
        assert (made["job_templates"], made["credential_types"], made["schedules"]) == (14, 5, 2)
        assert _steps(double) == [("doctor", ["blue_green"]), ("blue_green", ["report"]), ("report", [])]
        import_into(double, assets, monkeypatch)
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
