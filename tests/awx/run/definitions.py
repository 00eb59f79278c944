# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The definitions that the role awx_setup makes in AWX, and what AWX makes of them before a job begins."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

Json = dict[str, Any]

ROOT = Path(__file__).resolve().parents[3]
_FOLDER = ROOT / "roles" / "awx_setup" / "vars" / "main"
_TYPES: dict[str, tuple[type, ...]] = {
    "text": (str,),
    "textarea": (str,),
    "password": (str,),
    "multiplechoice": (str,),
    "multiselect": (list,),
    "integer": (int,),
    "float": (int, float),
}


class _Loader(yaml.SafeLoader):
    """YAML as Ansible reads it, as far as these files go."""


_Loader.add_constructor("!unsafe", lambda loader, node: loader.construct_scalar(node))


def load(text: str) -> Any:
    """Return YAML with Ansible's tag for text that is no template."""
    return yaml.load(text, _Loader)


@cache
def credential_types() -> dict[str, Json]:
    """Return the credential types by key."""
    found = load((_FOLDER / "credential_type.yml").read_text())["awx_setup_credential_types"]
    return {kind["key"]: kind for kind in found}


@cache
def job_templates() -> dict[str, Json]:
    """Return the job templates by key."""
    found = load((_FOLDER / "job_templates.yml").read_text())["awx_setup_job_templates"]
    return {template["key"]: template for template in found}


def questions(key: str) -> list[Json]:
    """Return the questions of a template's survey."""
    survey = job_templates()[key].get("survey_spec") or {}
    return list(survey.get("spec", []))


def problem(question: Json, value: Any) -> str | None:
    """Return why AWX refuses an answer, None when it takes it."""
    name, kind = question["variable"], question["type"]
    if type(value) not in _TYPES[kind]:
        return f"{name}: {value!r} is not of the type {kind}"
    if kind in ("multiplechoice", "multiselect"):
        wrong = [one for one in (value if isinstance(value, list) else [value]) if one not in question["choices"]]
        return f"{name}: {wrong} are no choices" if wrong else None
    size = value if kind in ("integer", "float") else len(value)
    low, high = question.get("min"), question.get("max")
    if (low is not None and size < low) or (high is not None and size > high):
        return f"{name}: {value!r} is not within {low} and {high}"
    return None


def answered(key: str, answers: Mapping[str, Any]) -> Json:
    """Return the extra variables of a launch: defaults that AWX accepts, and over them the answers.

    Raises ValueError for a launch that AWX refuses.
    """
    spec = {question["variable"]: question for question in questions(key)}
    problems = [f"{name}: there is no such question" for name in answers if name not in spec]
    problems += [told for name, value in answers.items() if name in spec and (told := problem(spec[name], value))]
    defaults = {
        name: question["default"]
        for name, question in spec.items()
        if question.get("default") is not None and problem(question, question["default"]) is None
    }
    lacking = [name for name, question in spec.items() if question["required"] and name not in {**defaults, **answers}]
    # A multiselect's default is text with a choice in each line: AWX's page sends it as a list, its API leaves it out.
    problems += [f"{name}: required" for name in lacking if not spec[name].get("default")]
    if problems:
        raise ValueError("; ".join(problems))
    return {**defaults, **answers}


class _Unsafe(str):
    """Text that AWX marks as no template."""

    __slots__ = ()


class _Dumper(yaml.SafeDumper):
    """What AWX writes extra variables with."""


_Dumper.add_representer(_Unsafe, lambda dumper, text: dumper.represent_scalar("!unsafe", str(text)))


def _marked(value: Any) -> Any:
    if isinstance(value, dict):
        return {_Unsafe(key): _marked(entry) for key, entry in value.items()}
    if isinstance(value, list):
        return [_marked(entry) for entry in value]
    return _Unsafe(value) if isinstance(value, str) else value


def extra_vars_file(template: Json, launch: Json) -> str:
    """Return the file of extra variables: those of the template may be templates, those of the launch may not."""
    parts = [yaml.dump(template, Dumper=_Dumper)] if template else []
    parts += [yaml.dump(_marked(launch), Dumper=_Dumper)] if launch else []
    return "".join(parts)


def inventory_script(hosts: Mapping[str, Json], groups: Mapping[str, list[str]] | None = None) -> str:
    """Return the script that AWX puts into `inventory/hosts`."""
    data: Json = {"all": {"hosts": sorted(hosts)}, "_meta": {"hostvars": dict(hosts)}}
    data.update({name: {"hosts": members} for name, members in (groups or {}).items()})
    return f"#! /usr/bin/env python3\n# -*- coding: utf-8 -*-\nprint({json.dumps(data)!r})\n"


LOCAL = inventory_script(
    {"localhost": {"ansible_connection": "local", "ansible_python_interpreter": "{{ ansible_playbook_python }}"}}
)
