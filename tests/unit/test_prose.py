# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Check that tools/prose.py finds bad language in every kind of file, and ignores code."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def prose() -> ModuleType:
    spec = importlib.util.spec_from_file_location("prose", ROOT / "tools/prose.py")
    assert spec
    assert spec.loader
    module = sys.modules["prose"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    # It has tests of its own, and takes a second for each file.
    module.proselint = lambda _texts: iter(())  # type: ignore[attr-defined]
    return module


BAD = {
    "page.md": "# Title\n\nRun it.\n\n- A cluster that somebody changed.\n",
    "table.md": "| Column | Other |\n| --- | --- |\n| fine | a cluster that somebody changed |\n",
    "page.rst": "Title\n=====\n\nRun it.\n\n:ref:`Here <label>` somebody changed it.\n",
    "docstring.py": 'def f():\n    """Return it.\n\n    Somebody changed it.\n    """\n',
    "comment.py": "x = 1\n\n# Somebody changed it.\n",
    "message.py": 'raise ValueError(f"somebody changed the cluster {name}")\n',
    "options.py": 'DOCUMENTATION = """\noptions:\n  name:\n    description: The cluster that somebody changed.\n"""\n',
    "tasks.yml": "---\n- name: See what somebody changed\n  ansible.builtin.debug:\n",
    "messages.yml": "---\n- name: Fail\n  ansible.builtin.fail:\n    msg: somebody changed {{ name }}\n",
    "comment.sh": "#!/bin/sh\n# Somebody changed it.\n",
    "page.html.j2": "<p>{{ name }}: somebody changed the cluster</p>\n",
}
GOOD = {
    "code.md": "Run `somebody` now:\n\n```shell\nsomebody --else\n```\n",
    "code.rst": "Run ``somebody`` now:\n\n.. code-block:: shell\n\n   somebody --else\n\nDone.\n",
    "code.py": 'somebody = {"somebody": 1}\n',
    "allowed.py": "# prose: ok\n# Somebody changed it.\n",
    "tasks.yml": "---\n- name: Run it\n  ansible.builtin.shell:\n    cmd: somebody else did it\n",
}


@pytest.mark.parametrize("name", BAD)
def test_bad_language_is_found_with_its_line(prose: ModuleType, name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_text(BAD[name], encoding="utf-8")
    found = [problem for problem in prose.found_in(path) if "somebody" in problem.rule.lower()]
    assert found
    lines = BAD[name].splitlines()
    assert any("somebody" in lines[problem.line - 1].lower() for problem in found) or name.endswith((".md", ".rst"))


@pytest.mark.parametrize("name", GOOD)
def test_code_is_ignored(prose: ModuleType, name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_text(GOOD[name], encoding="utf-8")
    assert prose.found_in(path) == []


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("What the module does is listed.", "starts with"),
        ("Which option to set.", "starts with"),
        ("Read this; then that; then the rest.", "semicolons"),
        (" ".join(["word"] * 20 + ["and", "more"] * 8) + ".", "split the sentence"),
        ("A cluster whose colour is gray.", "colour"),
    ],
)
def test_a_rule_is_applied(prose: ModuleType, text: str, rule: str) -> None:
    assert [problem for problem in prose.problems(prose.Text(1, "page", text)) if rule in problem.rule]


def test_a_question_may_start_with_what(prose: ModuleType) -> None:
    assert list(prose.problems(prose.Text(1, "page", "Which option do you need?"))) == []


def test_the_paths_that_are_held_exist(prose: ModuleType) -> None:
    assert [path for path in prose.RULES["held"] if path[:2] != ":!" and not (ROOT / path).exists()] == []
