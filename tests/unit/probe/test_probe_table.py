# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The table of questions covers rules that exist, and the guide has the answers of the newest probe."""

from __future__ import annotations

import importlib.util
from dataclasses import fields
from pathlib import Path
from typing import Any

from ansible_collections.rayops.alicloud.plugins.module_utils._probe.questions import QUESTIONS
from tests.emulator.rules import Rules
from tests.unit.probe.harness import ProbeHarness

ROOT = Path(__file__).parents[3]


def _tool() -> Any:
    spec = importlib.util.spec_from_file_location("probe_table", ROOT / "tools/probe_table.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_each_rule_answers_one_question() -> None:
    named = [name for question in QUESTIONS for name in question.rules]
    assert len(named) == len(set(named))
    assert set(named) <= {rule.name for rule in fields(Rules)}
    assert len({question.key for question in QUESTIONS}) == len(QUESTIONS)


def test_the_guide_has_the_answers_of_the_newest_probe() -> None:
    tool = _tool()
    text = tool.GUIDE.read_text(encoding="utf-8")
    assert text == tool.page(text, tool.newest()), "run python tools/probe_table.py"


def test_the_table_of_a_probe_names_its_answers(harness: ProbeHarness) -> None:
    harness.reset({"update": "replace"})
    outcome = harness.probe()
    text = _tool().table(outcome["probe"])
    assert "``update=replace``" in text
    assert "no probe yet" not in text
    assert _tool().table(None).count("no probe yet") == len(QUESTIONS)
    assert set(_tool().HANDLING) == {question.key for question in QUESTIONS}
