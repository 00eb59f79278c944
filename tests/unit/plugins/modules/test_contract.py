# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One contract in five places: argument spec, documentation, models, the fields of a spec, and results."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml
from hypothesis import given

from ansible_collections.rayops.alicloud.plugins.doc_fragments.common import ModuleDocFragment
from ansible_collections.rayops.alicloud.plugins.module_utils._api import settings as _settings
from ansible_collections.rayops.alicloud.plugins.module_utils._argspec import cluster as _argspec_cluster
from ansible_collections.rayops.alicloud.plugins.module_utils._argspec import common as _argspec
from ansible_collections.rayops.alicloud.plugins.module_utils._cluster import fields as _fields
from ansible_collections.rayops.alicloud.plugins.module_utils._cluster import models as _models
from ansible_collections.rayops.alicloud.plugins.module_utils._cluster import result as _view
from ansible_collections.rayops.alicloud.plugins.module_utils._credentials import chain as _sources
from ansible_collections.rayops.alicloud.plugins.module_utils._credentials import static as _credentials_static
from ansible_collections.rayops.alicloud.plugins.module_utils._errors import ApiError
from ansible_collections.rayops.alicloud.plugins.module_utils._payload import fields_of
from ansible_collections.rayops.alicloud.plugins.module_utils._task import module as _module
from ansible_collections.rayops.alicloud.plugins.module_utils._task import requirements as _libraries
from tests.unit.plugins.modules.contract import (
    ARGUMENT_SPECS,
    MODULES,
    ROOT,
    argument_paths,
    documentation,
    flatten_options,
    module_constant,
    payload_paths,
)
from tests.unit.plugins.strategies import cluster_payloads

SPEC_OPTIONS = {
    name: option for name, option in _argspec_cluster.CLUSTER_OPTIONS.items() if name in _fields.SPEC_FIELDS
}


def test_every_module_is_in_the_action_group() -> None:
    runtime = yaml.safe_load((ROOT / "meta" / "runtime.yml").read_text())
    assert sorted(runtime["action_groups"]["all"]) == MODULES
    assert set(MODULES) == set(ARGUMENT_SPECS)


@pytest.mark.parametrize("module", MODULES)
def test_documentation_is_the_argument_spec(module: str) -> None:
    assert flatten_options(documentation(module)["options"], "suboptions") == flatten_options(
        ARGUMENT_SPECS[module], "options"
    )


@pytest.mark.parametrize("module", MODULES)
def test_every_option_is_described_and_every_module_has_the_fragments(module: str) -> None:
    text = documentation(module)
    assert text["module"] == module
    assert set(text["extends_documentation_fragment"]) >= {"rayops.alicloud.common", "rayops.alicloud.attributes"}
    assert set(_argspec.COMMON_OPTIONS) <= set(ARGUMENT_SPECS[module])
    assert {"check_mode", "diff_mode", "idempotent", "action_group"} <= set(text["attributes"])
    for attribute in text["attributes"].values():
        assert attribute["support"] in ("full", "partial", "none", "N/A")
        assert attribute["description"]
    undescribed = [path for path, option in _options(text["options"]) if not option.get("description")]
    assert undescribed == []
    assert text["attributes"]["action_group"]["membership"] == ["rayops.alicloud.all"]


def _options(options: dict[str, Any], path: str = "") -> list[tuple[str, dict[str, Any]]]:
    found = []
    for name, option in options.items():
        found.append((path + name, option))
        found += _options(option.get("suboptions") or {}, f"{path}{name}.")
    return found


@pytest.mark.parametrize("module", MODULES)
def test_every_secret_option_is_hidden_and_no_other(module: str) -> None:
    secret = {
        path: option
        for path, option in _arguments(ARGUMENT_SPECS[module])
        if re.search(r"secret|password|token|key|uri", path.rsplit(".", 1)[-1])
    }
    hidden = {path for path, option in _arguments(ARGUMENT_SPECS[module]) if option.get("no_log")}
    assert all("no_log" in option for path, option in secret.items())
    expected = {"access_key_secret", "security_token", "credentials_uri"}
    if module == "emr_ray_cluster":
        expected.add("head_spec.gft_config.redis_password")
    if module == "emr_ray_fleet":
        expected |= {f"{option}.head_spec.gft_config.redis_password" for option in ("clusters", "defaults")}
    assert hidden == expected


def _arguments(options: dict[str, Any], path: str = "") -> list[tuple[str, dict[str, Any]]]:
    found = []
    for name, option in options.items():
        found.append((path + name, option))
        found += _arguments(option.get("options") or {}, f"{path}{name}.")
    return found


def test_a_cluster_of_a_fleet_has_the_options_of_a_cluster() -> None:
    own = {
        name: option for name, option in _argspec_cluster.CLUSTER_OPTIONS.items() if name not in _argspec.COMMON_OPTIONS
    }
    fleet = ARGUMENT_SPECS["emr_ray_fleet"]
    entry = fleet["clusters"]["options"]
    assert set(entry) == set(own)
    assert [name for name, option in entry.items() if "default" in option] == []
    assert set(fleet["defaults"]["options"]) == set(own) - {"name", "cluster_id"}
    texts = {module: documentation(module)["options"] for module in ("emr_ray_cluster", "emr_ray_fleet")}
    described = texts["emr_ray_fleet"]["clusters"]["suboptions"]
    for name in own:
        there, here = (
            yaml.safe_dump(text[name]["description"], width=10**6) for text in (texts["emr_ray_cluster"], described)
        )
        assert re.sub(r"\bR?O\(|RV\(", "C(", there) == here, name


def test_the_fields_of_a_spec_are_its_options() -> None:
    assert len(argument_paths(SPEC_OPTIONS)) > 30
    assert payload_paths(_fields.Spec) == argument_paths(SPEC_OPTIONS)
    assert payload_paths(_fields.Spec) < payload_paths(_fields.Cluster)


def test_the_documented_cluster_is_what_a_result_has() -> None:
    contains = module_constant("emr_ray_cluster", "RETURN")["cluster"]["contains"]
    shown = _view.cluster_to_result({"cluster_id": "ray-1"})
    assert set(contains) == set(shown)
    assert set(shown) == {*fields_of(_fields.Cluster), "capacity"}
    assert all(field["description"] and field["type"] for field in contains.values())


def test_the_kinds_of_the_documented_cluster_are_those_that_are_read() -> None:
    contains = module_constant("emr_ray_cluster", "RETURN")["cluster"]["contains"]
    assert contains.pop("capacity")["type"] == "dict"
    for name, field in contains.items():
        read = fields_of(_fields.Cluster)[name]
        item = "dict" if read.is_payload else read.type.__name__
        assert (field["type"], field.get("elements")) == (("list", item) if read.is_list else (item, None)), name


def test_the_documented_error_is_what_a_failure_has() -> None:
    contains = module_constant("emr_ray_cluster", "RETURN")["error"]["contains"]
    failure = ApiError("GetRayCluster", "text")
    assert set(contains) == set(failure.details())
    text = module_constant("emr_ray_cluster_info", "RETURN")["error"]["description"]
    assert set(re.findall(r"C\((\w+)\)", text)) == set(failure.details())


@given(cluster_payloads())
def test_every_view_has_the_same_keys(payload: dict[str, Any]) -> None:
    shown = _view.cluster_to_result(_models.parse_cluster(payload, "GetRayCluster"))
    assert set(shown) == {*fields_of(_fields.Cluster), "capacity"}
    assert set(shown["head_spec"]) == set(SPEC_OPTIONS["head_spec"]["options"])
    assert all(set(group) == set(SPEC_OPTIONS["worker_spec"]["options"]) for group in shown["worker_spec"])
    assert isinstance(shown["head_spec"]["env"], dict)


def test_the_documentation_of_the_thin_rows_is_true() -> None:
    full = _view.cluster_to_result({"cluster_id": "r", "worker_spec": [{"group_name": "g"}]})
    thin = _view.list_row_to_result({"cluster_id": "r", "worker_spec": [{"group_name": "g"}]})
    described = module_constant("emr_ray_cluster_info", "DOCUMENTATION")["options"]["details"]["description"][1]
    words = set(re.findall(r"C\((\w+)\)", described))
    lacking = set(full) - set(thin) | set(full["head_spec"]) - set(thin["head_spec"])
    lacking |= set(full["worker_spec"][0]) - set(thin["worker_spec"][0])
    assert words == lacking


def test_every_variable_of_the_environment_is_documented_with_its_option() -> None:
    options = yaml.safe_load(ModuleDocFragment.DOCUMENTATION)["options"]
    (first, second) = _credentials_static.STATIC_KEY_VARIABLES
    variables = {**_settings.OPTION_VARIABLES, **_sources.CREDENTIAL_VARIABLES}
    for position, option in enumerate(("access_key_id", "access_key_secret", "security_token")):
        variables[option] = (*first[position], *second[position])
    documented = {
        name: tuple(re.findall(r"E\((\w+)\)", str(option["description"]))) for name, option in options.items()
    }
    assert {name: found for name, found in documented.items() if found} == variables


def test_the_documented_floors_are_those_that_are_checked() -> None:
    text = " ".join(yaml.safe_load(ModuleDocFragment.DOCUMENTATION)["requirements"])
    assert f"httpx >= {_libraries.HTTPX_FLOOR}" in text
    assert f"pydantic >= {_libraries.PYDANTIC_FLOOR}" in text
    assert f"python >= {'.'.join(str(part) for part in _module.PYTHON_FLOOR)}" in text


@pytest.mark.parametrize("module", MODULES)
def test_a_module_refers_to_all_others(module: str) -> None:
    python = __import__(f"ansible_collections.rayops.alicloud.plugins.modules.{module}", fromlist=["DOCUMENTATION"])
    named = [entry["module"] for entry in yaml.safe_load(python.DOCUMENTATION)["seealso"]]
    assert named == [f"rayops.alicloud.{other}" for other in sorted(MODULES) if other != module]


@pytest.mark.parametrize("module", MODULES)
def test_the_examples_use_options_that_exist(module: str) -> None:
    python = __import__(f"ansible_collections.rayops.alicloud.plugins.modules.{module}", fromlist=["EXAMPLES"])
    tasks = [task for task in yaml.safe_load(python.EXAMPLES) if f"rayops.alicloud.{module}" in task]
    assert tasks
    for task in tasks:
        _check_options(task[f"rayops.alicloud.{module}"], ARGUMENT_SPECS[module])


def _check_options(given_options: dict[str, Any], options: dict[str, Any]) -> None:
    assert set(given_options) <= set(options)
    for name, value in given_options.items():
        inner = options[name].get("options")
        for item in value if isinstance(value, list) else [value]:
            if inner and isinstance(item, dict):
                _check_options(item, inner)
        for item in value if isinstance(value, list) else [value]:
            assert item in options[name].get("choices", [item])
