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

from .conftest import FEW, ROOT, Stage

COMPARED = (
    "job_templates",
    "projects",
    "inventories",
    "inventory_sources",
    "hosts",
    "schedules",
    "execution_environments",
)
# Of what differs on purpose: the file knows neither the credential nor the image.
EXCEPTIONS = {"id", "inventory", "project", "source_project", "unified_job_template", "execution_environment", "image"}


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
    monkeypatch.setattr(awxkit.config, "base_url", double.url, raising=False)
    monkeypatch.setattr(awxkit.config, "credentials", awxkit.utils.PseudoNamespace(), raising=False)
    root = Api()
    root.connection.login(None, None, token=double.token)
    v2 = root.get().available_versions.v2.get()
    v2.import_assets(assets)
    assert not getattr(v2, "_has_error", False)


def test_awxkit_imports_the_file_as_the_role_makes_it(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    assets = json.loads((ROOT / "extensions/awx/awx-import.json").read_text(encoding="utf-8"))
    few = {**FEW, "awx_setup_templates": ["doctor", "blue_green", "report", "sweep"], "awx_setup_workflow": True}
    assert stage.role(few).changed
    made = {name: dict(stage.double.named(name)) for name in COMPARED}
    specs = {name: stage.double.store.surveys.get(item["id"]) for name, item in made["job_templates"].items()}

    with AwxDouble({assets["projects"][0]["scm_url"]: ROOT}) as double:
        double.store.create("organizations", {"name": "Default"})
        import_into(double, assets, monkeypatch)
        assert {name: len(double.named(name)) for name in ("job_templates", "credential_types")} == {
            "job_templates": 14,
            "credential_types": 5,
        }
        for endpoint, items in made.items():
            for name, item in items.items():
                imported = double.named(endpoint)[name]
                assert _plain(imported) == _plain(item), (endpoint, name)
        for name, spec in specs.items():
            assert double.store.surveys.get(double.named("job_templates")[name]["id"]) == spec
        assert (
            _steps(double)
            == _steps(stage.double)
            == [("doctor", ["blue_green"]), ("blue_green", ["report"]), ("report", [])]
        )
        before = len(double.store.objects["job_templates"])
        import_into(double, assets, monkeypatch)
        assert len(double.store.objects["job_templates"]) == before


def _plain(item: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in item.items() if key not in EXCEPTIONS and key != "local_path"}


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
