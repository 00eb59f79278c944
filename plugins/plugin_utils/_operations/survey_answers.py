# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read answers to the surveys of the job templates: trim, check, and complete them by defaults. Pure. Private.

AWX's form, its API, a schedule, and ``-e`` on a command line spell the same answer in different ways. An emptied answer
is left out, sent as empty text, or sent as null: each means the default of the question.
"""

from __future__ import annotations

import math
import re
import typing as t

from .._native import Record, Row

PREFIX = "rayops_"
_YES = ("yes", "true", "on", "1")
_NO = ("no", "false", "off", "0")


class AnswerError(ValueError):
    """An invalid answer; the text says why, without the answer itself."""


def read_answers(questions: t.Iterable[Row], given: Row, formats: t.Mapping[str, str]) -> tuple[Record, list[str]]:
    """Return the answers by variable without its prefix, and a sentence for each answer that cannot be used.

    ``formats`` says how to read the text of a variable. The answer none, and a question without answer and default,
    are left out of the answers.
    """
    answers: Record = {}
    problems = []
    for question in questions:
        variable = question["variable"]
        try:
            read = _read_or_default(question, given.get(variable), formats.get(variable, "text"))
        except AnswerError as error:
            problems.append(f"{question['question_name']} ({variable}) {error}.")
            continue
        if read is not None:
            answers[variable.removeprefix(PREFIX)] = read
    return answers, problems


def _read_or_default(question: Row, value: object, form: str) -> object:
    """Return an answer, or the default of its question, or None without both."""
    value = question.get("default") if _is_empty(value) else value
    if not _is_empty(value):
        return _read(question, value, form)
    if question["required"]:
        raise AnswerError("needs an answer")
    return None


def _is_empty(value: object) -> bool:
    return value is None or value in ([], {}) or (isinstance(value, str) and not value.strip())


def _read(question: Row, value: object, form: str) -> object:
    kind = question["type"]
    if kind in ("integer", "float"):
        return _within(question, _number(value, whole=kind == "integer"))
    if kind == "multiplechoice":
        return _choice(question["choices"], value)
    if kind == "multiselect":
        return _choices(question["choices"], value)
    if kind == "password":
        return _as_text(value)
    return _TEXTS[form](value)


def _as_text(value: object) -> str:
    if isinstance(value, (dict, list, tuple)):
        raise AnswerError("must be text")
    return str(value)


def _one_line(value: object) -> str:
    text = _as_text(value).strip()
    if not text.isprintable():
        raise AnswerError("must not contain line breaks, control characters, or other invisible characters")
    return text


def _lines(value: object) -> list[str]:
    """Return the lines of text, or of each entry of a list, which a command line can give."""
    entries = value if isinstance(value, (list, tuple)) else [value]
    lines = [line for entry in entries for line in re.split(r"[\r\n]+", _as_text(entry))]
    return [_one_line(line) for line in lines if line.strip()]


def _patterns(value: object) -> list[str]:
    """Return shell patterns. Every version of Ansible reads the word all as text, unlike a lone asterisk."""
    return ["*" if line.lower() == "all" else line for line in _lines(value)]


def _environment(value: object) -> dict[str, str]:
    if isinstance(value, dict):
        return {_one_line(name): _one_line(text) for name, text in value.items()}
    found: dict[str, str] = {}
    for line in (line for line in re.split(r"[\r\n]+", _as_text(value)) if line.strip()):
        name, sign, text = line.partition("=")
        name = name.strip()
        if not sign or not name or not name.isprintable() or " " in name:
            raise AnswerError("must have one NAME=value per line")
        if name in found:
            raise AnswerError(f"sets {name} twice")
        found[name] = text
    return found


def _number(value: object, *, whole: bool) -> int | float:
    if isinstance(value, bool):
        raise AnswerError("must be a number")
    try:
        number = float(str(value))
    except (TypeError, ValueError):
        raise AnswerError("must be a number") from None
    if not math.isfinite(number) or (whole and number != int(number)):
        raise AnswerError("must be a whole number" if whole else "must be a number")
    return int(number) if whole else number


def _within(question: Row, number: float) -> float:
    low, high = question.get("min"), question.get("max")
    if (low is not None and number < low) or (high is not None and number > high):
        raise AnswerError(f"must be {low} to {high}")
    return number


def _number_or_none(value: object, *, whole: bool) -> float | None:
    if str(value).strip().lower() == "none":
        return None
    try:
        number = _number(value, whole=whole)
    except AnswerError as error:
        raise AnswerError(f"{error} or none") from None
    if number < 0:
        raise AnswerError("must not be negative")
    return number


def _hours(value: object) -> list[str]:
    entries = value if isinstance(value, (list, tuple)) else _as_text(value).split(",")
    ranges = [text for text in (_one_line(entry) for entry in entries) if text]
    closed = [text for text in ranges if text.lower() == "closed"]
    if closed and len(ranges) > 1:
        raise AnswerError("must be ranges or closed, not both")
    return [] if closed else ranges


def _moment(value: object) -> str | None:
    text = _one_line(value)
    return None if text.lower() == "now" else text


def _choice(choices: t.Sequence[str], value: object) -> object:
    # YAML reads off as false.
    text = "off" if value is False and "off" in choices else str(value).strip()
    if sorted(choices) == ["no", "yes"] and text.lower() in _YES + _NO:
        return text.lower() in _YES
    if text not in choices:
        raise AnswerError(f"must be {' or '.join(choices)}")
    return text


def _choices(choices: t.Sequence[str], value: object) -> list[str]:
    chosen = _lines(value)
    wrong = [text for text in chosen if text not in choices]
    if wrong:
        raise AnswerError(f"must be one or more of {', '.join(choices)}")
    if "none" in chosen and len(chosen) > 1:
        raise AnswerError("must be none or other choices, not both")
    return [text for text in chosen if text != "none"]


_TEXTS: dict[str, t.Callable[[object], object]] = {
    "text": _one_line,
    "yaml": lambda value: value,
    "lines": _lines,
    "patterns": _patterns,
    "pattern": lambda value: _patterns(_one_line(value))[0],
    "environment": _environment,
    "number": lambda value: _number_or_none(value, whole=False),
    "integer": lambda value: _number_or_none(value, whole=True),
    "hours": _hours,
    "moment": _moment,
}
