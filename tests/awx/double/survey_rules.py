# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What AWX asks of a survey, and what it makes of the answers."""

from __future__ import annotations

from typing import Any

from .fields import Json, Refused

TYPES: dict[str, type] = {
    "text": str,
    "textarea": str,
    "password": str,
    "multiplechoice": str,
    "multiselect": str,
    "integer": int,
    "float": float,
}


def check_survey(spec: Json) -> None:
    """Refuse a survey that AWX refuses, with its words."""
    for key, kind, label in (("name", str, "string"), ("description", str, "string"), ("spec", list, "list of items")):
        if key not in spec:
            _refuse(f"Field '{key}' is missing from survey spec.")
        if not isinstance(spec[key], kind):
            _refuse(f"Expected {label} for field '{key}', received {type(spec[key]).__name__} type.")
    if not spec["spec"]:
        _refuse("'spec' doesn't contain any items.")
    seen: set[str] = set()
    for index, question in enumerate(spec["spec"]):
        if not isinstance(question, dict):
            _refuse(f"Survey question {index} is not a json object.")
        _check_question(index, question)
        if question["variable"] in seen:
            _refuse(f"'variable' '{question['variable']}' duplicated in survey question {index}.")
        seen.add(question["variable"])


def _check_question(index: int, question: Json) -> None:
    for key in ("type", "question_name", "variable", "required"):
        if key not in question:
            _refuse(f"'{key}' missing from survey question {index}")
        wanted, label = (bool, "boolean") if key == "required" else (str, "string")
        if not isinstance(question[key], wanted):
            _refuse(f"'{key}' in survey question {index} expected to be {label}.")
    kind = question["type"]
    if kind not in TYPES:
        _refuse(f"'{kind}' in survey question {index} is not one of '{', '.join(TYPES)}' allowed question types.")
    default = question.get("default", "")
    if default != "" and (not isinstance(default, TYPES[kind]) or isinstance(default, bool)):
        label = kind if kind in {"integer", "float"} else "string"
        _refuse(f"Default value {default} in survey question {index} expected to be {label}.")
    for key in ("min", "max"):
        if question.get(key) is not None and (not isinstance(question[key], int) or isinstance(question[key], bool)):
            _refuse(f"The {key} limit in survey question {index} expected to be integer.")
    if kind in {"multiplechoice", "multiselect"}:
        _check_choices(index, question)
    if isinstance(default, str) and default.startswith("$encrypted$") and kind != "password":
        _refuse(
            f"$encrypted$ is a reserved keyword for password question defaults, survey question {index} is type {kind}."
        )


def _check_choices(index: int, question: Json) -> None:
    if "choices" not in question:
        _refuse(f"Survey question {index} of type {question['type']} must specify choices.")
    if isinstance(question["choices"], str):
        question["choices"] = "\n".join(line for line in question["choices"].splitlines() if line.strip())
    if "default" not in question:
        return
    question["default"] = "\n".join(line for line in question["default"].splitlines() if line.strip())
    defaults = question["default"].splitlines()
    if question["type"] == "multiplechoice" and len(defaults) > 1:
        _refuse("Multiple Choice (Single Select) can only have one default value.")
    if any(line not in question["choices"] for line in defaults):
        _refuse("Default choice must be answered from the choices listed.")


def shown(spec: Json) -> Json:
    """Return a survey as it is read: without the defaults of passwords."""
    return {
        **spec,
        "spec": [
            {**question, "default": "$encrypted$"}
            if question["type"] == "password" and question.get("default")
            else question
            for question in spec["spec"]
        ],
    }


def answer_errors(spec: Json, answers: Json) -> list[str]:
    """Return what is wrong with answers that a schedule or a node of a workflow gives to a survey."""
    errors = []
    for question in spec["spec"]:
        name = question["variable"]
        if name in answers:
            errors += _answer_error(question, answers[name])
        elif question["required"] and question.get("default", "") == "":
            errors.append(f"'{name}' value missing")
    return errors


def _answer_error(question: Json, value: Any) -> list[str]:
    name, kind = question["variable"], question["type"]
    wanted: Any = {"integer": int, "float": (int, float), "multiselect": list}.get(kind, str)
    if value in (None, "") and not question["required"]:
        return []
    if not isinstance(value, wanted):
        return [f"Value {value} for '{name}' expected to be a {kind}."]
    choices = question.get("choices") or []
    choices = choices.splitlines() if isinstance(choices, str) else choices
    if kind == "multiplechoice" and value not in choices:
        return [f"Value {value} for '{name}' expected to be one of {choices}."]
    if kind == "multiselect" and set(value) - set(choices):
        return [f"Value {value} for '{name}' expected to be one of {choices}."]
    size = value if kind in {"integer", "float"} else len(value)
    if isinstance(question.get("min"), int) and kind != "multiselect" and size < question["min"]:
        return [f"'{name}' value {value} is too small (must be at least {question['min']})."]
    if isinstance(question.get("max"), int) and kind != "multiselect" and size > question["max"]:
        return [f"'{name}' value {value} is too large (must be no more than {question['max']})."]
    return []


def _refuse(message: str) -> None:
    raise Refused(400, {"error": message})
