# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The page about troubleshooting explains every error code of the source, and shows what the doctor says."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from ansible_collections.rayops.alicloud.plugins.module_utils._api import error_responses as _refusals
from tests.docs.pages import block_texts, guide_path, table_rows
from tests.unit.doctor.conftest import DoctorHarness

ROOT = Path(__file__).parents[3]
PAGE = guide_path("troubleshooting")
# Where the code is among the arguments of an error.
POSITIONS = {"ClusterError": 1, "JobError": 1, "ApiError": 2, "transport_error": 1}
# Where an error carries a code that came from outside: its service's, its storage's, or the argument of an error.
FROM_OUTSIDE = {"_api.error_responses", "_errors", "_job.client", "_api.resumable_download", "_probe.lab"}


def trees() -> dict[str, ast.Module]:
    """Return the syntax of every file of the core."""
    files = sorted((ROOT / "plugins/module_utils").rglob("*.py"))
    top = ROOT / "plugins/module_utils"
    return {
        ".".join(file.relative_to(top).with_suffix("").parts): ast.parse(file.read_text(encoding="utf-8"))
        for file in files
    }


def names(known: dict[str, ast.Module]) -> dict[str, set[str]]:
    """Return the texts that are assigned to a name, in any file that makes codes; of a choice, all of them."""
    found: dict[str, set[str]] = {}
    for node in (
        node for file, tree in known.items() if file not in FROM_OUTSIDE - {"_errors"} for node in ast.walk(tree)
    ):
        for target in node.targets if isinstance(node, ast.Assign) else ():
            several = isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple)
            pairs = zip(target.elts, node.value.elts, strict=False) if several else [(target, node.value)]
            for its, value in pairs:
                if isinstance(its, ast.Name):
                    found.setdefault(its.id, set()).update(texts(value))
    return found


def texts(node: ast.AST) -> set[str]:
    """Return the constant texts inside an expression that look like a code."""
    values = (part.value for part in ast.walk(node) if isinstance(part, ast.Constant))
    return {value for value in values if isinstance(value, str) and re.fullmatch(r"[A-Z]\w+", value)}


def given_codes(tree: ast.Module) -> Iterator[ast.expr]:
    """Yield the expressions that a file gives to errors as their code."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in POSITIONS:
            yield from node.args[POSITIONS[node.func.id] : POSITIONS[node.func.id] + 1]
            yield from (keyword.value for keyword in node.keywords if keyword.arg == "code")
        elif isinstance(node, ast.Assign):
            yield from (
                node.value for target in node.targets if isinstance(target, ast.Attribute) and target.attr == "code"
            )


def codes() -> dict[str, str]:
    """Return every code that the source gives to an error, with a file that does; fail for one that cannot be read."""
    known = trees()
    values = names(known)
    found: dict[str, str] = {}
    for file, tree in known.items():
        for given in given_codes(tree):
            outside = file in FROM_OUTSIDE
            its = values.get(given.id, set()) if isinstance(given, ast.Name) and not outside else texts(given)
            assert its or outside, f"{file}.py:{given.lineno}: which code is {ast.unparse(given)}?"
            found |= dict.fromkeys(its, file)
    return found


def explained() -> dict[str, str]:
    """Return what the page says of each code, in its tables."""
    return {row[0].strip("`"): row[1] for row in table_rows(PAGE) if re.fullmatch(r"``[A-Z]\w+``", row[0]) and all(row)}


def test_the_page_explains_every_code_that_the_source_can_raise() -> None:
    found = codes()
    assert len(found) >= 30
    assert {"NameNotUnique", "ClusterNotFound", "JobTimeout", "GuardrailBroken", "InvalidOption", "Bug"} <= set(found)
    assert {code: file for code, file in found.items() if code not in explained()} == {}


def test_the_page_explains_every_code_of_the_service_that_has_a_hint() -> None:
    assert {code for code, _hint in _refusals._HINTS} <= set(explained())


def test_the_page_explains_no_code_that_nobody_gives() -> None:
    text = PAGE.read_text(encoding="utf-8")
    part = text[text.index("\nCodes of this collection\n---") : text.index("\nCodes of the service\n---")]
    listed = set(re.findall(r"^ +\* - ``(\w+)``$", part, re.MULTILINE))
    assert listed == set(codes()) & listed


def test_the_doctor_says_what_the_page_shows(doctor_harness: DoctorHarness) -> None:
    (shown,) = block_texts(PAGE, "text")
    first, *lines = shown.splitlines()
    doctor_harness.environ = {
        "ALIBABA_CLOUD_ACCESS_KEY_ID": doctor_harness.emulator.access_key_id,
        "ALIBABA_CLOUD_ACCESS_KEY_SECRET": doctor_harness.emulator.access_key_secret,
    }
    report = doctor_harness.run(access_key_id=None, access_key_secret=None, workspace_id="w-nowhere").result["report"]
    assert report[0] == first
    assert [line for line in lines if line not in report and "interpreter" not in line] == ["[...]"]
