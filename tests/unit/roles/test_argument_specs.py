# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The roles are what their argument specs, defaults and READMEs say."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.rayops.alicloud.plugins.module_utils._argspec.common import COMMON_OPTIONS

ROOT = Path(__file__).parents[3]
ROLES = sorted(path.name for path in (ROOT / "roles").iterdir() if path.is_dir())
OURS = re.compile(r"^\s+rayops\.alicloud\.emr_\w+:", re.MULTILINE)

roles = pytest.mark.parametrize("role", ROLES)


def entry_points(role: str) -> dict[str, Any]:
    text = (ROOT / "roles" / role / "meta/argument_specs.yml").read_text(encoding="utf-8")
    return dict(yaml.safe_load(text)["argument_specs"])


def options(role: str) -> dict[str, Any]:
    """Return the options of all entry points."""
    return {name: option for entry in entry_points(role).values() for name, option in entry["options"].items()}


def files(role: str) -> dict[str, str]:
    """Return the texts of the tasks and templates of a role."""
    folder = ROOT / "roles" / role
    found = [*folder.glob("tasks/*.yml"), *folder.glob("templates/*"), *folder.glob("vars/main/*.yml")]
    return {str(path.relative_to(folder)): path.read_text(encoding="utf-8") for path in found}


@roles
def test_a_variable_that_is_used_is_an_option_or_made_by_the_role(role: str) -> None:
    text = "\n".join(files(role).values())
    used = set(re.findall(rf"\b{role}_[a-z_]+", text))
    made = set(re.findall(rf"^\s+(?:register: )?({role}_[a-z_]+)(?::|$)", text, re.MULTILINE))
    made |= set(re.findall(rf"^\s+loop_var: ({role}_[a-z_]+)$", text, re.MULTILINE))
    made |= set(re.findall(rf"^({role}_[a-z_]+):", text, re.MULTILINE))
    assert used - made - set(options(role)) == set()
    assert set(options(role)) <= used, "an option that nobody reads"


@roles
def test_the_defaults_are_those_that_are_documented(role: str) -> None:
    text = (ROOT / "roles" / role / "defaults/main.yml").read_text(encoding="utf-8")
    documented = {name: option["default"] for name, option in options(role).items() if "default" in option}
    assert yaml.safe_load(text) == documented


@roles
def test_every_entry_point_has_its_tasks(role: str) -> None:
    assert {f"tasks/{name}.yml" for name in entry_points(role)} <= set(files(role))


@roles
def test_the_readme_has_every_variable(role: str) -> None:
    text = (ROOT / "roles" / role / "README.md").read_text(encoding="utf-8")
    assert [name for name in options(role) if f"`{name}`" not in text] == []


@pytest.mark.parametrize("role", [role for role in ROLES if role != "awx_setup"])
def test_the_connection_is_that_of_the_modules_and_handed_to_each(role: str) -> None:
    given = options(role)[f"{role}_connection"]["options"]
    assert set(given) == set(COMMON_OPTIONS)
    for name, option in given.items():
        assert option["type"] == COMMON_OPTIONS[name]["type"], name
        assert option.get("choices") == COMMON_OPTIONS[name].get("choices"), name
        assert bool(option.get("no_log")) is bool(COMMON_OPTIONS[name].get("no_log")), name
        assert "default" not in option, "it would hide what module_defaults say"
    calls = 0
    for text in files(role).values():
        for task in OURS.split(text)[1:]:
            body = task.split("\n- name:")[0]
            calls += 1
            if "workspace_id: (known after create)" in body:
                # Without a workspace, the task checks its options only, and sends nothing.
                assert "check_mode: true" in body
                continue
            for name in COMMON_OPTIONS:
                # A report may be about several workspaces, each with a connection of its own.
                handed = any(
                    f'{name}: "{{{{ {role}_{source}.{name} | default(omit) }}}}"' in body
                    for source in ("connection", "at")
                )
                # The workspace of a task may be one that the role has created.
                assert handed or (name == "workspace_id" and f'"{{{{ {role}_created.workspace_id }}}}"' in body), name
    assert calls
