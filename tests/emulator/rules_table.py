# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The guide's tables of rules, made of the tables in the code; `python -m tests.emulator.rules_table` writes them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import Field, fields
from pathlib import Path
from typing import Any

from .platform_rules import PlatformRules
from .rules import Rules
from .strange_rules import ErrorRules, ListRules, ShowingRules, StoringRules, StrangeRules
from .text_rules import STEPS

GUIDE = Path(__file__).parents[2] / "docs/docsite/rst/guide_emulator.rst"
BEGIN, END = ".. rules-begin", ".. rules-end"
_SECTIONS = (
    (
        StoringRules,
        "Stored values",
        "A create and an update pass their values through these rules. Clusters that a test adds stay unchanged.",
    ),
    (
        ShowingRules,
        "Shown values",
        "These rules change responses, not the stored value. Requests may have a shown format, too.",
    ),
    (ListRules, "Lists", "A list starts when a client reads page 1."),
    (ErrorRules, "Errors", "For errors that end after some time, use faults_."),
)
_PLATFORM = "Workspaces, queues, network services, and members"
_STRANGE = f"""The rules below describe services that behave in unexpected ways. Their defaults change nothing.

Steps
~~~~~

Steps change a text. Join their names with ``+``, for example ``trim+lower+cut:40``. They apply in that order:
{", ".join(f"``{name}``" for name in STEPS)}, and ``cut:NUMBER``, which keeps that many characters.
``printable`` drops zero-width and control characters. ``newline`` and ``blank`` add one at the end.
``as_sent`` is no step."""


def _values(rule: Field[Any]) -> str:
    choices = rule.metadata.get("choices", [rule.default])
    return " ".join(f"``{value}``" for value in choices if value != "") or "empty"


def table(rules: Iterable[Field[Any]]) -> str:
    """Return a list-table of rules."""
    lines = [".. list-table::", "   :header-rows: 1", "   :widths: auto", "", "   * - Rule", "     - Values"]
    lines += ["     - Meaning"]
    for rule in rules:
        meaning = rule.metadata["about"]
        lines += [f"   * - ``{rule.name}``", f"     - {_values(rule)}", f"     - {meaning}" if meaning else "     -"]
    return "\n".join(lines)


def tables() -> str:
    """Return all tables of rules in reStructuredText."""
    elsewhere = {rule.name for group in (PlatformRules, StrangeRules) for rule in fields(group)}
    parts = [table(rule for rule in fields(Rules) if rule.name not in elsewhere)]
    parts += [f"{_PLATFORM}\n{'~' * len(_PLATFORM)}", table(fields(PlatformRules)), _STRANGE]
    for section, title, text in _SECTIONS:
        parts += [f"{title}\n{'~' * len(title)}", *([text] if text else []), table(fields(section))]
    return "\n\n".join(parts)


def page(text: str) -> str:
    """Return the guide with the tables of now between their two marks."""
    before, rest = text.split(BEGIN)
    return f"{before}{BEGIN}\n\n{tables()}\n\n{END}{rest.split(END)[1]}"


if __name__ == "__main__":
    GUIDE.write_text(page(GUIDE.read_text(encoding="utf-8")), encoding="utf-8")
