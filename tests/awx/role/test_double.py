# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The double refuses what AWX refuses: else the tests of the role would prove nothing."""

from __future__ import annotations

from typing import Any

import pytest

from tests.awx.double import AwxDouble
from tests.awx.double.credential_rules import check_injectors, check_inputs
from tests.awx.double.fields import Refused
from tests.awx.double.schedule_rules import check_rrule
from tests.awx.double.survey_rules import check_survey

from .conftest import ROOT

FIELDS = {"fields": [{"id": "key", "label": "Key", "type": "string"}]}
START = "DTSTART;TZID=Asia/Shanghai:20260101T000000 "


def question(**changed: Any) -> dict[str, Any]:
    """Return a survey with one question."""
    plain = {"question_name": "Which", "type": "text", "variable": "which", "required": True}
    changes = {key: value for key, value in changed.items() if value is not ...}
    asked = {key: value for key, value in {**plain, **changes}.items() if changed.get(key) is not ...}
    return {"name": "", "description": "", "spec": [asked]}


@pytest.mark.parametrize(
    ("inputs", "words"),
    [
        ({"fields": [{"id": "key"}]}, "'label' is a required property"),
        ({"fields": [{"id": "tower", "label": "x"}]}, "reserved field name"),
        ({"fields": [{"id": "a b", "label": "x"}]}, "does not match"),
        ({"fields": [{"id": "a", "label": "x"}, {"id": "a", "label": "y"}]}, "field IDs must be unique"),
        ({"fields": [{"id": "a", "label": "x", "type": "number"}]}, "is not one of"),
        ({"fields": [{"id": "a", "label": "x", "type": "boolean", "secret": True}]}, "secret not allowed for boolean"),
        ({"fields": [{"id": "a", "label": "x", "default": 1}]}, "is not a string"),
        ({"fields": [{"id": "a", "label": "x", "tooltip": "y"}]}, "Additional properties"),
    ],
)
def test_inputs_that_awx_refuses(inputs: dict[str, Any], words: str) -> None:
    with pytest.raises(Refused, match=words):
        check_inputs(inputs)


@pytest.mark.parametrize(
    ("injectors", "words"),
    [
        ({"env": {"PATH": "{{ key }}"}}, "is not allowed to be used in credentials"),
        ({"env": {"ANSIBLE_CONFIG": "{{ key }}"}}, "may affect Ansible configuration"),
        ({"env": {"A": "{{ other }}"}}, "uses an undefined field"),
        ({"env": {"A": "{{ key"}}, "Syntax error"),
        ({"env": {"A": "{{ tower.filename }}"}}, "Must define unnamed file injector"),
        ({"env": {"A": "{{ tower.filename.b }}"}, "file": {"template.a": ""}}, "undefined field"),
        ({"file": {"template": "", "template.a": ""}}, "multi-file syntax"),
        ({"file": {"other": ""}}, "does not match"),
        ({"vars": {}}, "Additional properties"),
    ],
)
def test_injectors_that_awx_refuses(injectors: dict[str, Any], words: str) -> None:
    with pytest.raises(Refused, match=words):
        check_injectors(injectors, FIELDS)


@pytest.mark.parametrize(
    ("survey", "words"),
    [
        ({"name": "", "description": "", "spec": []}, "doesn't contain any items"),
        ({"name": "", "spec": []}, "Field 'description' is missing"),
        (question(required=...), "'required' missing"),
        (question(type="number"), "allowed question types"),
        (question(type="integer", default="3"), "expected to be integer"),
        (question(type="float", default=3), "expected to be float"),
        (question(min=0.5), "expected to be integer"),
        (question(type="multiplechoice"), "must specify choices"),
        (question(type="multiplechoice", choices=["a"], default="b"), "Default choice must be answered"),
        (question(type="multiplechoice", choices=["a", "b"], default="a\nb"), "only have one default"),
        ({**question(), "spec": question()["spec"] * 2}, "duplicated in survey question 1"),
    ],
)
def test_surveys_that_awx_refuses(survey: dict[str, Any], words: str) -> None:
    with pytest.raises(Refused, match=words):
        check_survey(survey)


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ("RRULE:FREQ=DAILY;INTERVAL=1", "Valid DTSTART required"),
        ("DTSTART:20260101T000000 RRULE:FREQ=DAILY;INTERVAL=1", "naive"),
        (START + START + "RRULE:FREQ=DAILY;INTERVAL=1", "Multiple DTSTART"),
        (START, "One or more rule required"),
        (START + "RRULE:FREQ=DAILY", "INTERVAL required"),
        (START + "RRULE:FREQ=SECONDLY;INTERVAL=9", "SECONDLY is not supported"),
        (START + "RRULE:FREQ=DAILY;INTERVAL=1;COUNT=1000", "COUNT > 999"),
        (START + "RRULE:FREQ=MONTHLY;INTERVAL=1;BYDAY=1MO", "numeric prefix"),
        (START + "RRULE:FREQ=SOMETIMES;INTERVAL=1", "failed validation"),
        (START.replace("Shanghai", "Nowhere") + "RRULE:FREQ=DAILY;INTERVAL=1", "failed validation"),
    ],
)
def test_rules_that_awx_refuses(rule: str, words: str) -> None:
    check_rrule(START + "RRULE:FREQ=DAILY;INTERVAL=1")
    with pytest.raises(Refused, match=words):
        check_rrule(rule)


def test_objects_that_awx_refuses() -> None:
    store = AwxDouble({"url": ROOT}).store
    organization = store.create("organizations", {"name": "Default"})["id"]
    project = store.create("projects", {"name": "p", "organization": organization, "scm_type": "git", "scm_url": "url"})
    inventory = store.create("inventories", {"name": "i", "organization": organization})["id"]
    template = {"name": "t", "project": project["id"], "inventory": inventory, "playbook": "playbooks/awx/sweep.yml"}
    wrong: list[tuple[str, dict[str, Any], str]] = [
        ("organizations", {"name": "Default"}, "already exists"),
        ("organizations", {}, "This field is required"),
        ("organizations", {"name": "x", "colour": "red"}, "This field does not exist"),
        ("projects", {"name": "x", "scm_type": "git"}, "SCM URL is required"),
        ("projects", {"name": "x", "scm_type": ""}, "Invalid path choice"),
        ("job_templates", {**template, "playbook": "playbooks/awx/nothing.yml"}, "Playbook not found for project"),
        ("job_templates", {**template, "playbook": "roles/awx_setup/tasks/main.yml"}, "Playbook not found for project"),
        ("job_templates", {**template, "inventory": 999}, "object does not exist"),
        ("job_templates", {**template, "verbosity": 9}, "is not a valid choice"),
        ("job_templates", {**template, "timeout": "soon"}, "A valid integer is required"),
        ("job_templates", {**template, "extra_vars": "[1]"}, "Cannot parse as JSON"),
        ("inventory_sources", {"name": "s", "inventory": inventory, "source": "scm"}, "Project required"),
        ("hosts", {"name": "h"}, "This field is required"),
        ("credentials", {"name": "c", "credential_type": 999}, "object does not exist"),
        (
            "notification_templates",
            {"name": "n", "organization": organization, "notification_type": "pigeon"},
            "valid choice",
        ),
        (
            "notification_templates",
            {"name": "n", "organization": organization, "notification_type": "webhook"},
            "Missing required",
        ),
    ]
    for endpoint, sent, words in wrong:
        with pytest.raises(Refused, match=words):
            store.create(endpoint, sent)
    made = store.create("job_templates", template)
    answers = {
        "unified_job_template": made["id"],
        "rrule": START + "RRULE:FREQ=DAILY;INTERVAL=1",
        "extra_data": {"a": 1},
    }
    with pytest.raises(Refused, match="not allowed on launch"):
        store.create("schedules", {"name": "s", **answers})
