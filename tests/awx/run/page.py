# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The parts of the page guide_awx_templates.rst that are made: surveys, what runs print, and policies.

The tests hold the page to them. With RAYOPS_WRITE=1 in the environment they write them.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
from collections.abc import Iterable
from typing import Any

from .definitions import ROOT, questions
from .job import Finished

PAGE = ROOT / "docs" / "docsite" / "rst" / "guide_awx_templates.rst"
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
# What differs from run to run, and what stands for it.
_PASSING = (
    (re.compile(r"\bray-[0-9a-z]{16}\b"), "ray-k7nm8ahl5te4tg91"),
    (re.compile(r"\brj-[0-9a-z]{16}\b"), "rj-k7nm8ahl5te4tg91"),
    (re.compile(r"\bw-[0-9a-z]{16}\b"), "w-d2d82aa09155"),
    (re.compile(r"(-g\d+)-[0-9a-f]{8}\b"), r"\1-1a2b3c4d"),
)


def shown_output(done: Finished) -> str:
    """Return what a job prints for people: the tasks of its playbook that show something."""
    blocks = []
    for event in done.events:
        data = event.get("event_data", {})
        named = str(data.get("task", "")).startswith("Show ") and "role" not in data
        if named and event["event"] == "runner_on_ok":
            text = _COLOUR.sub("", event["stdout"]).replace("\r\n", "\n").strip("\n")
            blocks.append(f"TASK [{data['task']}] ***\n{text}")
    whole = "\n\n".join(blocks)
    for pattern, stand_in in _PASSING:
        whole = pattern.sub(stand_in, whole)
    return whole


def output_block(done: Finished) -> list[str]:
    """Return the block with what a job prints."""
    lines = [f"   {line}".rstrip() for line in shown_output(done).splitlines()]
    return [".. code-block:: text", "", *lines]


def policy_block(operations: Iterable[str]) -> list[str]:
    """Return the block with the policy that allows these operations."""
    actions = sorted({f"emr-serverless-spark:{name}" for name in operations})
    statement = {"Effect": "Allow", "Action": actions, "Resource": "*"}
    text = json.dumps({"Version": "1", "Statement": [statement]}, indent=2)
    return [".. code-block:: json", "", *(f"   {line}" for line in text.splitlines())]


def survey_block(key: str) -> list[str]:
    """Return the table of a template's questions."""
    head = [".. list-table::", "   :header-rows: 1", "   :widths: auto", ""]
    rows = [("Question", "Variable", "Type", "Default")]
    for question in questions(key):
        kind = question["type"] + (": " + ", ".join(f"``{one}``" for one in question.get("choices", [])))
        must = "" if question["required"] else ", optional"
        rows.append(
            (question["question_name"], f"``{question['variable']}``", kind.rstrip(": ") + must, _default(question))
        )
    cells = [f"   {'* -' if place == 0 else '  -'} {text}".rstrip() for row in rows for place, text in enumerate(row)]
    return head + cells


def _default(question: dict[str, Any]) -> str:
    value = question.get("default", "")
    return f"``{str(value).replace(chr(10), '``, ``')}``" if value != "" else ""


def assert_block(key: str, part: str, block: list[str]) -> None:
    """See that the page has this block, between comments that name it; or write it there."""
    begin, end = f".. made: {key} {part}", ".. made: end"
    if os.environ.get("RAYOPS_WRITE"):
        with PAGE.open("r+") as page:
            fcntl.flock(page, fcntl.LOCK_EX)
            before, mark, rest = page.read().partition(f"{begin}\n")
            after = rest.partition(f"{end}\n")[2]
            page.seek(0)
            page.write("\n".join([before + begin, "", *block, "", end, after]) if mark else before + rest)
            page.truncate()
    inside = PAGE.read_text().partition(f"{begin}\n")[2].partition(f"{end}\n")[0]
    assert inside.strip("\n").splitlines() == block, (
        f"make test-awx with RAYOPS_WRITE=1 writes {begin[3:]} of {PAGE.name}"
    )
