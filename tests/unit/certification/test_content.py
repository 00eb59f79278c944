# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is asked of modules, plugins, roles and playbooks, and of the first lines of every file."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.rayops.alicloud.plugins.module_utils._argspec.common import COMMON_OPTIONS
from tests.unit.plugins.modules.contract import ARGUMENT_SPECS, MODULES, documentation, module_constant

ROOT = Path(__file__).parents[3]
GPL = "GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)"
BSD = "Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)"
ROLES = sorted(path.name for path in (ROOT / "roles").iterdir() if path.is_dir())
PLUGINS = sorted((ROOT / "plugins").rglob("*.py"))
PLUGINS = [path for path in PLUGINS if path.stat().st_size]
# Words that a state may not have: what only reads is a module of its own, with _info at the end of its name.
QUERIES = {"get", "list", "query", "info", "gathered"}
# What may be a secret by its name; Ansible asks for a word on each of them.
MAY_BE_SECRET = re.compile(r"pass(?!ed)|secret|token|credential|(?:access|private|api)_?key")

modules = pytest.mark.parametrize("module", MODULES)
roles = pytest.mark.parametrize("role", ROLES)


def options(spec: dict[str, Any], path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every option with its path, suboptions included."""
    for name, option in spec.items():
        yield path + name, option
        if isinstance(option.get("options"), dict):
            yield from options(option["options"], f"{path}{name}.")


class Loader(yaml.SafeLoader):
    """Reads what Ansible's own loader reads, !unsafe and !vault, too."""


Loader.add_multi_constructor("!", lambda loader, suffix, node: loader.construct_scalar(node))


def loaded(path: Path) -> Any:
    """Return a YAML file."""
    return yaml.load(path.read_text(encoding="utf-8"), Loader)


@pytest.mark.parametrize("path", PLUGINS, ids=lambda path: str(path.relative_to(ROOT / "plugins")))
def test_a_plugin_has_the_licence_of_its_kind(path: Path) -> None:
    """module_utils end up in modules of others, so they are free for more; everything else is under the GPL."""
    head = path.read_text(encoding="utf-8")[:600]
    ours = "module_utils" in path.parts
    assert (BSD if ours else GPL) in head
    # In two parts, for reuse takes it for the licence of this file otherwise.
    assert "SPDX-License-" + f"Identifier: {'BSD-2-Clause' if ours else 'GPL-3.0-or-later'}\n" in head


def test_module_utils_are_private_by_name() -> None:
    for path in (ROOT / "plugins/module_utils").rglob("*.py"):
        if not path.stat().st_size:
            continue
        assert path.relative_to(ROOT / "plugins/module_utils").parts[0].startswith("_"), path.name
    assert all(
        path.relative_to(ROOT / "plugins/plugin_utils").parts[0].startswith("_")
        for path in (ROOT / "plugins/plugin_utils").rglob("*.py")
    )


def test_no_plugin_asserts() -> None:
    for path in PLUGINS:
        assert not re.search(r"^\s*assert ", path.read_text(encoding="utf-8"), re.MULTILINE), path.name


@modules
def test_a_module_is_in_the_action_group_and_says_so(module: str) -> None:
    groups = loaded(ROOT / "meta/runtime.yml")["action_groups"]
    assert set(groups) == {"all"}
    assert sorted(groups["all"]) == MODULES
    attribute = documentation(module)["attributes"]["action_group"]
    assert attribute["membership"] == ["rayops.alicloud.all"]
    assert {"region", "access_key_id", "access_key_secret", "timeout"} <= set(COMMON_OPTIONS)
    given = ARGUMENT_SPECS[module]
    assert {name: given.get(name) for name in COMMON_OPTIONS} == COMMON_OPTIONS


@modules
def test_a_module_has_the_conventions(module: str) -> None:
    spec = ARGUMENT_SPECS[module]
    assert not {"action", "command"} & set(spec)
    assert not QUERIES & set(spec.get("state", {}).get("choices", []))
    assert not module.endswith("_facts")
    for path, option in options(spec):
        assert option["type"] != "list" or "elements" in option, path
        if option["type"] != "bool" and MAY_BE_SECRET.search(path.rsplit(".", 1)[-1]):
            assert "no_log" in option, path


@modules
def test_a_module_supports_check_mode(module: str) -> None:
    assert "supports_check_mode=True" in (ROOT / f"plugins/modules/{module}.py").read_text(encoding="utf-8")
    support = documentation(module)["attributes"]["check_mode"]["support"]
    assert support == "full"


@modules
def test_a_module_names_its_requirements_and_examples_by_full_name(module: str) -> None:
    fragments = module_constant(module, "DOCUMENTATION")["extends_documentation_fragment"]
    assert "rayops.alicloud.common" in fragments
    text = (ROOT / "plugins/doc_fragments/common.py").read_text(encoding="utf-8")
    assert re.search(r"^requirements:\n  - python >= 3\.10\n", text, re.MULTILINE)
    examples = yaml.safe_load(_examples(module))
    words = {
        "name",
        "register",
        "loop",
        "loop_control",
        "when",
        "vars",
        "no_log",
        "delegate_to",
        "until",
        "retries",
        "delay",
    }
    for task in examples:
        used = [
            key for key in task if key not in words and not key.startswith(("with_", "async", "poll", "check", "diff"))
        ]
        for key in used:
            assert "." in key or key in {"hosts", "gather_facts", "tasks", "module_defaults", "block"}, (
                f"{module}: {key}"
            )


def _examples(module: str) -> str:
    tree = ast.parse((ROOT / f"plugins/modules/{module}.py").read_text(encoding="utf-8"))
    found = {node.targets[0].id: node.value for node in tree.body if isinstance(node, ast.Assign)}  # type: ignore[attr-defined]
    return str(ast.literal_eval(found["EXAMPLES"]))


@roles
def test_a_role_has_its_arguments_and_its_page(role: str) -> None:
    folder = ROOT / "roles" / role
    entries = loaded(folder / "meta/argument_specs.yml")["argument_specs"]
    assert "main" in entries
    assert all(entry["short_description"] and entry["options"] for entry in entries.values())
    assert len((folder / "README.md").read_text(encoding="utf-8")) > 500
    about = loaded(folder / "meta/main.yml")["galaxy_info"]
    assert about["description"]
    assert about["license"] == "GPL-3.0-or-later"
    assert loaded(folder / "meta/main.yml").get("dependencies", []) == []


@roles
def test_a_role_prefixes_its_variables(role: str) -> None:
    folder = ROOT / "roles" / role
    entries = loaded(folder / "meta/argument_specs.yml")["argument_specs"]
    names = {name for entry in entries.values() for name in entry["options"]}
    for kind in ("defaults", "vars"):
        for path in folder.glob(f"{kind}/**/*.yml"):
            names |= set(loaded(path) or {})
    assert names
    assert [name for name in names if not name.startswith((f"{role}_", f"_{role}_", f"__{role}_"))] == []


def test_nothing_is_redirected_or_removed_without_a_word() -> None:
    routing = loaded(ROOT / "meta/runtime.yml").get("plugin_routing", {})
    for kind in routing.values():
        for entry in kind.values():
            assert "redirect" in entry or {"removal_version", "warning_text"} <= set(entry["deprecation"])
