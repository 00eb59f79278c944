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

from ansible_collections.rayops.alicloud.plugins.plugin_utils._operations.survey_answers import read_answers
from tests.awx.double.survey_rules import answer_errors, launch_variables

Json = dict[str, Any]

ROOT = Path(__file__).resolve().parents[3]
_FOLDER = ROOT / "roles" / "awx_setup" / "vars" / "main"


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


@cache
def formats() -> dict[str, str]:
    """Return how the playbooks read the text of a variable."""
    found: dict[str, str] = load((_FOLDER / "job_templates.yml").read_text())["awx_setup_answer_formats"]
    return found


def questions(key: str) -> list[Json]:
    """Return the questions of a template's survey."""
    survey = job_templates()[key].get("survey_spec") or {}
    return list(survey.get("spec", []))


def launch_by_api(key: str, answers: Mapping[str, Any]) -> Json:
    """Return the extra variables of a launch by API with these answers.

    Raises ValueError for a launch that AWX refuses.
    """
    spec = job_templates()[key].get("survey_spec") or {"spec": []}
    unknown = set(answers) - {question["variable"] for question in spec["spec"]}
    problems = [f"{name}: there is no such question" for name in sorted(unknown)]
    problems += answer_errors(spec, dict(answers))
    if problems:
        raise ValueError("; ".join(problems))
    return launch_variables(spec, {}, dict(answers))


def read_variables(key: str, variables: Mapping[str, Any]) -> Json:
    """Return the answers that the playbook of a template reads from the extra variables of a job."""
    answers, problems = read_answers(questions(key), variables, formats())
    assert problems == []
    return answers


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
