# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write the table of unknowns, with the answers of the newest probe in docs/probes, into the guide about the service.

`python tools/probe_table.py` does so. Name probes by their date, such as 2026-12-01-cn-hangzhou.json. Without one, each
answer is "no probe yet".
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from ansible_collections.rayops.alicloud.plugins.module_utils._probe.questions import QUESTIONS

ROOT = Path(__file__).parents[1]
GUIDE, PROBES = ROOT / "docs/docsite/rst/guide_service.rst", ROOT / "docs/probes"
# How the collection handles each unknown, by the key of the question.
HANDLING = {
    "created": "Reads the state after a create, and starts the cluster only if it is ``Stopped``.",
    "states": "Compares states without case. Treats an unknown state as transitional.",
    "update": "Always sends the complete spec: the current one, overlaid with the declaration.",
    "update_ignores": "Reads the declared fields back, and fails if one still differs.",
    "update_while_running": "Sends the update, and reports a refusal in the words of the service.",
    "update_while_moving": "Waits until the cluster has settled.",
    "delete_while_running": "Sends the delete. If it is refused, stops the cluster first.",
    "delete_takes": "Waits until the absence is proven.",
    "modified": "Reads it after an update. ``restart: if_needed`` relies on it.",
    "unique_names": "Finds all clusters with a name, and refuses to choose among several.",
    "texts": "Compares texts by meaning. Fails if the name of a new cluster is altered.",
    "sizes": "Compares numbers, not spellings.",
    "types": "Reads numbers and booleans in every format.",
    "env": "Compares variables, not lines.",
    "extra_param": "Supports both places, and compares JSON by meaning.",
    "worker_groups": "Compares groups by name, in any order.",
    "empty": "Takes an empty, a missing, and a null value for the same.",
    "hidden": "Does not compare what reads leave out.",
    "password": "Handles plain, masked, and missing passwords. Never sends a mask.",
    "reads_behind": "Reads again for a while before it reports a difference.",
    "page_size": "Asks for fewer rows if the service refuses a page.",
    "list": "Reads pages until one adds no cluster.",
    "list_lag": "Before a create, reads the list until two readings agree.",
    "next_token": "Reads pages until one adds no workspace.",
    "missing": "Absence needs a code that names the cluster, or a complete list without it.",
    "wrong_state": "Reads the state after a refusal.",
    "start": "Starts only a cluster that is ``Stopped``.",
    "stop": "Sends a stop at once, and again once the cluster has settled.",
    "ends": "Reports a cluster that ends in ``Error`` with its message.",
    "unknown_field": "Sends documented fields only.",
    "missing_names": "Compares queues and versions with those of the workspace before a create.",
    "start_token": "Sends the same token in every attempt of a start.",
    "rename_while_running": "As for every other update.",
    "throttling": "Follows ``x-acs-retry-after``, ``Retry-After``, and the older headers.",
}
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
    lines += ["   :header-rows: 1", "   :widths: auto", "", "   * - Question", "     - Handling"]
    lines += ["     - Switches of the emulator", "     - Answer"]
    for question in QUESTIONS:
        rules = " ".join(f"``{name}``" for name in question.rules if not name.startswith(("stored_", "shown_")))
        rules = rules or ("``stored_*`` ``shown_*``" if question.rules else "")
        lines += [f"   * - {question.text}", f"     - {HANDLING[question.key]}", f"     - {rules}".rstrip()]
        lines += [f"     - {_answer(answers.get(question.key))}"]
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
