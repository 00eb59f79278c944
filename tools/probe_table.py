# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write the answers of the newest probe in docs/probes into the guide; `python tools/probe_table.py` does so.

Name probes by their date, such as 2026-12-01-cn-hangzhou.json. Without one, every answer is "no probe yet".
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from ansible_collections.rayops.alicloud.plugins.module_utils._probe.questions import QUESTIONS

ROOT = Path(__file__).parents[1]
GUIDE, PROBES = ROOT / "docs/docsite/rst/guide_probe.rst", ROOT / "docs/probes"
BEGIN, END = ".. probe-begin", ".. probe-end"


def newest(folder: Path = PROBES) -> dict[str, Any] | None:
    """Return the content of the newest probe, None if the folder has no probe."""
    found = sorted(folder.glob("*.json"))
    content: dict[str, Any] | None = json.loads(found[-1].read_text(encoding="utf-8")) if found else None
    return content


def table(probe: dict[str, Any] | None) -> str:
    """Return the questions and the answers of a probe as a list-table."""
    answers = {answer["question"]: answer for answer in probe["probe"]["answers"]} if probe else {}
    lines = [f"Probe of {probe['probe']['date']}." if probe else "No probe yet.", "", ".. list-table::"]
    lines += ["   :header-rows: 1", "   :widths: auto", "", "   * - Question", "     - Rules", "     - Answer"]
    for question in QUESTIONS:
        rules = " ".join(f"``{name}``" for name in question.rules if not name.startswith(("stored_", "shown_")))
        rules = rules or ("``stored_*`` ``shown_*``" if question.rules else "")
        lines += [f"   * - {question.text}", f"     - {rules}".rstrip(), f"     - {_answer(answers.get(question.key))}"]
    return "\n".join(lines)


def _answer(answer: dict[str, Any] | None) -> str:
    if answer is None:
        return "no probe yet"
    rules = {name: value for name, value in answer["rules"].items() if value != "as_sent"}
    parts = [f"``{name}={value}``" for name, value in rules.items()] or (["as sent"] if answer["rules"] else [])
    parts += [str(answer["seen"]).replace("`", "'").replace("*", "\\*")] if answer["seen"] else []
    parts += [f"open: {len(answer['open'])} rules"] if answer["open"] else []
    return "; ".join(parts) or "open"


def page(text: str, probe: dict[str, Any] | None) -> str:
    """Return the guide with this probe's table between its two marks."""
    before, rest = text.split(BEGIN)
    return f"{before}{BEGIN}\n\n{table(probe)}\n\n{END}{rest.split(END)[1]}"


if __name__ == "__main__":
    GUIDE.write_text(page(GUIDE.read_text(encoding="utf-8"), newest()), encoding="utf-8")
