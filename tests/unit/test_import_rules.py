# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Imports among the packages of plugins/ go one way, without a cycle and without private names of another package."""

from __future__ import annotations

import ast
import graphlib
from collections.abc import Iterator
from pathlib import Path

import pytest

PLUGINS = Path(__file__).parents[2] / "plugins"
FILES = sorted(path for path in PLUGINS.rglob("*.py") if path.name != "__init__.py")

# Each row may import the rows above it. Packages of one row do not import each other.
ROWS = [
    {"ground"},
    {"_credentials"},
    {"_api"},
    {"_task"},
    {"_workspace"},
    {"_cluster"},
    {"_argspec"},
    {"_job", "_fleet", "_inventory", "_platform"},
    {"_doctor", "_probe"},
    {"plugin_utils"},
    {"modules", "action", "filter", "inventory", "doc_fragments"},
]
ROW_OF = {package: number for number, packages in enumerate(ROWS) for package in packages}
# The one file of module_utils that imports a library.
GATEWAYS = {
    "ansible": "module_utils._task.module",
    "httpx": "module_utils._api.transport",
    "pydantic": "module_utils._schema",
    "pydantic_core": "module_utils._schema",
    "alibabacloud_credentials": "module_utils._credentials.providers",
}


def package_of(module: str) -> str:
    """Return the package of a module, given as its dotted path below plugins/."""
    folder, _dot, rest = module.partition(".")
    if folder != "module_utils":
        return folder
    return rest.partition(".")[0] if "." in rest else "ground"


def dotted(path: Path) -> str:
    """Return a file's dotted path below plugins/."""
    return ".".join(path.relative_to(PLUGINS).with_suffix("").parts)


MODULES = {dotted(path) for path in FILES}


def imports(path: Path) -> Iterator[tuple[str, str]]:
    """Yield (module, name) for each import, inside functions and for types too; our modules as paths below plugins/."""
    here = dotted(path).split(".")
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((alias.name, "") for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            module = node.module or ""
            if node.level:
                module = ".".join([*here[: -node.level], *([module] if module else [])])
            module = module.removeprefix("ansible_collections.rayops.alicloud.plugins.")
            for alias in node.names:
                whole = f"{module}.{alias.name}"
                yield (whole, "") if whole in MODULES else (module, alias.name)


def test_all_packages_are_seen() -> None:
    assert len(FILES) > 100
    assert {package_of(module) for module in MODULES} == set(ROW_OF)


@pytest.mark.parametrize("path", FILES, ids=dotted)
def test_imports_go_one_way(path: Path) -> None:
    mine = package_of(dotted(path))
    for module, name in imports(path):
        if module not in MODULES:
            continue
        other = package_of(module)
        assert mine == other or ROW_OF[other] < ROW_OF[mine], f"{dotted(path)} imports {module}"
        assert mine == other or not name.startswith("_"), f"{dotted(path)} imports the private {module}.{name}"


def test_there_is_no_cycle() -> None:
    graph = {dotted(path): {module for module, _name in imports(path) if module in MODULES} for path in FILES}
    graphlib.TopologicalSorter(graph).prepare()


@pytest.mark.parametrize("library", GATEWAYS)
def test_one_file_imports_a_library(library: str) -> None:
    core = [path for path in FILES if "module_utils" in path.parts]
    found = {dotted(path) for path in core for module, _name in imports(path) if module.split(".")[0] == library}
    assert found == {GATEWAYS[library]}


def test_packages_export_nothing() -> None:
    """A no-op task would import a whole package through its __init__.py."""
    packages = [path for path in PLUGINS.rglob("__init__.py") if path.parent.name.startswith("_")]
    assert len(packages) >= len(ROWS)
    assert [path for path in packages if path.stat().st_size] == []
