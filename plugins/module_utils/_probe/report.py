# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""Write what a probe found: a table for people, and a file that the emulator reads. Pure."""

from __future__ import annotations

import textwrap
import typing as t

from .facts import Json
from .questions import Answer, to_json

WIDTH = 110
_QUESTION_WIDTH = 42


def format_table(answers: t.Sequence[Answer]) -> list[str]:
    """Return the answers as lines for a terminal."""
    counts = {status: sum(answer.status == status for answer in answers) for status in ("answered", "partly", "open")}
    lines = [f"{counts['answered']} answered, {counts['partly']} partly answered, {counts['open']} open"]
    for answer in answers:
        parts = [f"{name}={value if value != '' else '(empty)'}" for name, value in _grouped(answer).items()]
        parts += [answer.seen] if answer.seen else []
        parts += [f"open: {', '.join(answer.open)}"] if answer.open else []
        first, *rest = textwrap.wrap("; ".join(parts) or "open", WIDTH - _QUESTION_WIDTH) or ["open"]
        lines.append(f"{answer.text:{_QUESTION_WIDTH}}{first}")
        lines += [f"{'':{_QUESTION_WIDTH}}{line}" for line in rest]
    return lines


def _grouped(answer: Answer) -> Json:
    """Return the rules of an answer; the many that say that texts come back as sent become one."""
    same = [name for name, value in answer.rules.items() if value == "as_sent"]
    if answer.question != "texts" or not same:
        return answer.rules
    fields = list(dict.fromkeys(name.partition("_")[2] for name in same))
    rest = {name: value for name, value in answer.rules.items() if name not in same}
    return {", ".join(fields): "as_sent", **rest}


def to_probe(answers: t.Sequence[Answer], timing: dict[str, float], about: Json) -> Json:
    """Return the content of probe.json: rules and timing for the emulator, and the answers for people."""
    rules = {name: value for answer in answers for name, value in answer.rules.items()}
    return {"rules": rules, "timing": timing, "probe": {**about, "answers": to_json(answers)}}
