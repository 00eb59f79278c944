# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules of AWX for surveys: which it stores, which answers it accepts, and which variables a launch ends with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .fields import Json, Refused

if TYPE_CHECKING:
    from .store import Store

TYPES: dict[str, type] = {
    "text": str,
    "textarea": str,
    "password": str,
    "multiplechoice": str,
    "multiselect": str,
    "integer": int,
    "float": float,
}
_ANSWERS: dict[str, tuple[tuple[type, ...], str]] = {
    "text": ((str,), "a string"),
    "textarea": ((str,), "a string"),
    "password": ((str,), "a string"),
    "integer": ((int,), "an integer"),
    "float": ((int, float), "a numeric type"),
}


def check_survey(spec: Json, old: Json | None = None) -> None:
    """Refuse a survey that AWX refuses, with its words; `old` is the survey that it replaces."""
    for key, kind, label in (("spec", list, "list of items"), ("name", str, "string"), ("description", str, "string")):
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
        _check_hidden_default(index, question, old)
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
    # isinstance, as AWX: true is an integer, and a whole number is a float.
    if default != "" and not isinstance(default, (int, float) if kind == "float" else TYPES[kind]):
        label = kind if kind in {"integer", "float"} else "string"
        _refuse(f"Default value {default} in survey question {index} expected to be {label}.")
    for key in ("min", "max"):
        if question.get(key) is not None and not isinstance(question[key], int):
            _refuse(f"The {key} limit in survey question {index} expected to be integer.")
    if kind in {"multiplechoice", "multiselect"}:
        _check_choices(index, question)
    if isinstance(default, str) and default.startswith("$encrypted$") and kind != "password":
        _refuse(
            f"$encrypted$ is a reserved keyword for password question defaults, survey question {index} is type {kind}."
        )


def _check_hidden_default(index: int, question: Json, old: Json | None) -> None:
    """Refuse a hidden default of a password that replaces none."""
    if question["type"] != "password" or question.get("default") != "$encrypted$":
        return
    before = {asked["variable"]: asked.get("default") for asked in (old or {"spec": []})["spec"]}
    if not before.get(question["variable"]):
        _refuse(f"$encrypted$ may not be used for new default, survey question {index}")
    question["default"] = before[question["variable"]]


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


def answer_errors(spec: Json, answers: Json, *, required: bool = True) -> list[str]:
    """Return why AWX refuses answers of a launch, a schedule, or a node of a workflow.

    A default does not answer a required question. A node need not answer it, since the workflow may: ``required``.
    """
    errors = []
    for question in spec["spec"]:
        name = question["variable"]
        if name in answers:
            errors += _answer_errors(question, answers[name])
        elif question["required"] and required:
            errors.append(f"'{name}' value missing")
    return errors


def _answer_errors(question: Json, value: Any) -> list[str]:
    """Return the errors of one answer. The types are exact: true is no number, and null is nothing at all."""
    name, kind = question["variable"], question["type"]
    if kind == "password" and value == "$encrypted$":
        return []
    if kind in {"multiplechoice", "multiselect"}:
        return _choice_errors(question, value)
    types, label = _ANSWERS[kind]
    if type(value) not in types:
        return [f"Value {value} for '{name}' expected to be {label}."]
    size = value if kind in {"integer", "float"} else len(value)
    if question.get("min") not in (None, "") and size < int(question["min"]):
        return [f"'{name}' value {value} is too small (must be at least {question['min']})."]
    if question.get("max") not in (None, "") and size > int(question["max"]):
        return [f"'{name}' value {value} is too large (must be no more than {question['max']})."]
    return []


def _choice_errors(question: Json, value: Any) -> list[str]:
    name, choices = question["variable"], question["choices"]
    choices = [one for one in choices.splitlines() if one.strip()] if isinstance(choices, str) else choices
    if question["type"] == "multiselect" and not isinstance(value, list):
        return [f"'{name}' value is expected to be a list."]
    values = value if question["type"] == "multiselect" else [value]
    return [f"Value {one} for '{name}' expected to be one of {choices}." for one in values if one not in choices]


def launch_variables(spec: Json | None, template_variables: Json, answers: Json) -> Json:
    """Return the extra variables of a job: of its template, then the defaults of the survey, then the answers.

    AWX applies no default that it would refuse as an answer: that of a multiselect question, which is text, and empty
    text for a number.
    """
    defaults = {
        question["variable"]: question["default"]
        for question in (spec["spec"] if spec else ())
        if question.get("default") is not None and not _answer_errors(question, question["default"])
    }
    return {**template_variables, **defaults, **answers}


def node_variables(store: Store, node: Json, artifacts: Json, workflow_variables: Json) -> Json:
    """Return the extra variables of the job of a node.

    The artifacts of earlier nodes replace the answers of the node, and the variables of the workflow replace both.
    """
    template = store.unified(node["unified_job_template"]) or {}
    spec = store.surveys.get(template["id"]) if template.get("survey_enabled") else None
    return launch_variables(spec, {}, {**node["extra_data"], **artifacts, **workflow_variables})


def form_answers(spec: Json, filled: Json) -> Json:
    """Return what the form of AWX's page sends: defaults that were left alone, and no answer that was emptied."""
    shown = {}
    for question in spec["spec"]:
        default = question.get("default", "")
        shown[question["variable"]] = default.splitlines() if question["type"] == "multiselect" else default
    return {name: value for name, value in {**shown, **filled}.items() if value not in ("", None, [])}


def _refuse(message: str) -> None:
    raise Refused(400, {"error": message})
