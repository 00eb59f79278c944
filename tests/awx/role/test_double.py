# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The double refuses what AWX refuses: else the tests of the role would prove nothing."""

from __future__ import annotations

from typing import Any

import pytest

from tests.awx.double import AwxDouble
from tests.awx.double.api import Api
from tests.awx.double.credential_rules import check_injectors, check_inputs
from tests.awx.double.fields import Refused
from tests.awx.double.schedule_rules import check_rrule
from tests.awx.double.store import Store
from tests.awx.double.survey_rules import check_survey, form_answers, launch_variables

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
        ({"fields": [{"id": "a", "label": "x", "choices": ["b", "b"]}]}, "non-unique elements"),
        ({"fields": [{"id": "a", "label": "x", "ask_at_runtime": True}]}, "not supported for custom credentials"),
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
        (question(type="float", default="3"), "expected to be float"),
        ({}, "Field 'spec' is missing"),
        (question(type="password", default="$encrypted$"), "may not be used for new default"),
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
        (START + "RRULE:FREQ=DAILY;INTERVAL=0", "at least 1"),
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
        ("projects", {"name": "x", "scm_type": "git"}, "SCM URL is required"),
        ("projects", {"name": "x", "scm_type": ""}, "Invalid path choice"),
        ("job_templates", {**template, "playbook": "playbooks/awx/nothing.yml"}, "Playbook not found for project"),
        ("job_templates", {**template, "playbook": "roles/awx_setup/tasks/main.yml"}, "Playbook not found for project"),
        ("job_templates", {**template, "inventory": 999}, "object does not exist"),
        ("job_templates", {**template, "verbosity": 9}, "is not a valid choice"),
        ("job_templates", {**template, "timeout": "soon"}, "A valid integer is required"),
        ("job_templates", {**template, "extra_vars": "[1]"}, "Cannot parse as JSON"),
        ("job_templates", {**template, "extra_vars": {"a": 1}}, "Not a valid string"),
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


@pytest.mark.parametrize(
    ("asked", "answer", "words"),
    [
        ({"required": True, "default": "x"}, ..., "'which' value missing"),
        ({"required": False}, None, "expected to be a string"),
        ({"required": False, "type": "integer"}, "", "expected to be an integer"),
        ({"required": False, "type": "integer"}, None, "expected to be an integer"),
        ({"required": False, "type": "integer"}, True, "expected to be an integer"),
        ({"required": False, "type": "float"}, "", "expected to be a numeric type"),
        ({"required": False, "type": "float"}, None, "expected to be a numeric type"),
        ({"required": False, "type": "multiselect", "choices": ["a"]}, "a", "expected to be a list"),
        ({"required": False, "type": "multiplechoice", "choices": ["a"]}, "", "expected to be one of"),
        ({"required": False, "min": 1}, "", "too small"),
    ],
)
def test_answers_that_awx_refuses(asked: dict[str, Any], answer: Any, words: str) -> None:
    """In a launch by API, in a schedule, and in a node of a workflow."""
    store = AwxDouble({"url": ROOT}).store
    template = _template(store)
    template["survey_enabled"] = True
    store.set_survey(template["id"], question(**asked))
    answers = {} if answer is ... else {"which": answer}
    with pytest.raises(Refused, match=words):
        Api(store).answer("POST", f"/api/v2/job_templates/{template['id']}/launch/", {}, {"extra_vars": answers})
    sent = {"unified_job_template": template["id"], "extra_data": answers}
    with pytest.raises(Refused, match=words):
        store.create("schedules", {**sent, "name": "s", "rrule": START + "RRULE:FREQ=DAILY;INTERVAL=1"})
    workflow = store.create("workflow_job_templates", {"name": "w", "organization": template["organization"]})
    node = {**sent, "identifier": "n", "workflow_job_template": workflow["id"]}
    if answer is ...:
        # The survey of the workflow may ask for it.
        store.create("workflow_job_template_nodes", node)
        return
    with pytest.raises(Refused, match=words):
        store.create("workflow_job_template_nodes", node)


def test_launches_that_awx_ignores_in_part_or_refuses() -> None:
    """A job template ignores what it does not ask for, a workflow refuses it."""
    store = AwxDouble({"url": ROOT}).store
    template = _template(store)
    store.change("job_templates", template["id"], {"ask_job_slice_count_on_launch": True, "ask_limit_on_launch": True})
    kinds = [store.create("credential_types", {"name": name, "kind": "cloud", "inputs": FIELDS}) for name in "ab"]
    plain = {"organization": template["organization"], "inputs": {}}
    keys = [store.create("credentials", {**plain, "name": "c", "credential_type": kind["id"]})["id"] for kind in kinds]
    store.link(template["id"], "credentials", {"id": keys[0]})
    workflow = store.create("workflow_job_templates", {"name": "w", "organization": template["organization"]})

    def launch(kind: str, number: int, **sent: Any) -> dict[str, Any]:
        answer: dict[str, Any] = Api(store).answer("POST", f"/api/v2/{kind}/{number}/launch/", {}, sent)[1]
        return answer

    done = launch("job_templates", template["id"], limit="a", forks=3, extra_vars="other: 1", credentials=keys)
    assert done["limit"] == "a"
    assert done["ignored_fields"] == {"forks": 3, "extra_vars": {"other": 1}}
    assert store.active[done["job"]]["extra_vars"] == "{}"
    for words, sent in (
        ("without replacement", {"credentials": keys[1:]}),
        ("multiple credentials", {"credentials": [keys[0], keys[0]]}),
        ("not have enough hosts", {"job_slice_count": 3}),
    ):
        with pytest.raises(Refused, match=words):
            launch("job_templates", template["id"], **sent)
    for name in "xy":
        store.create("hosts", {"name": name, "inventory": template["inventory"]})
    sliced = launch("job_templates", template["id"], job_slice_count=3)
    assert (sliced["workflow_job"], sliced["is_sliced_job"], sliced["job_slice_count"]) == (sliced["id"], True, 2)
    with pytest.raises(Refused, match="Variables other are not allowed"):
        launch("workflow_job_templates", workflow["id"], extra_vars={"other": 1})
    assert launch("workflow_job_templates", workflow["id"])["type"] == "workflow_job"


def _template(store: Store) -> dict[str, Any]:
    organization = store.create("organizations", {"name": "Default"})["id"]
    project = store.create("projects", {"name": "p", "organization": organization, "scm_type": "git", "scm_url": "url"})
    inventory = store.create("inventories", {"name": "i", "organization": organization})["id"]
    sent = {"name": "t", "project": project["id"], "inventory": inventory, "playbook": "playbooks/awx/sweep.yml"}
    return store.create("job_templates", sent)


def test_what_awx_makes_of_answers() -> None:
    """A default that is no answer of its type is not applied; the form drops an answer that was emptied."""
    spec = question(required=False, type="multiselect", choices=["a", "b"], default="a\nb")
    assert launch_variables(spec, {"own": 1}, {}) == {"own": 1}
    assert form_answers(spec, {}) == {"which": ["a", "b"]}
    assert form_answers(spec, {"which": []}) == {}
    spec = question(required=False, type="float", default=3)
    assert launch_variables(spec, {"which": 1}, {}) == {"which": 3}
    assert launch_variables(spec, {}, {"which": 2.5}) == {"which": 2.5}
    assert launch_variables(question(required=False, type="integer", default=""), {}, {}) == {}


def test_what_awx_accepts() -> None:
    store = AwxDouble({"url": ROOT}).store
    template = _template(store)
    store.change("job_templates", template["id"], {"colour": "red", "credentials": [1]})
    assert store.dropped == [("job_templates", "colour"), ("job_templates", "credentials")]
    for asked in (
        {"type": "float", "default": 3},
        {"type": "integer", "default": True},
        {"type": "integer", "min": True},
    ):
        check_survey(question(**asked))
    check_injectors({"extra_vars": {"a": {"b": ["{{ key }}"]}}}, FIELDS)
    with pytest.raises(Refused, match="undefined field"):
        check_injectors({"extra_vars": {"a": {"b": ["{{ other }}"]}}}, FIELDS)
    kind = store.create("credential_types", {"name": "k", "kind": "cloud", "inputs": FIELDS})
    sent = {"name": "c", "organization": template["organization"], "credential_type": kind["id"]}
    store.create("credentials", {**sent, "inputs": {"key": None}})
    with pytest.raises(Refused, match="reserved keyword"):
        store.create("credentials", {**sent, "name": "d", "inputs": {"key": "$encrypted$"}})


def test_what_a_job_uses_stays() -> None:
    store = AwxDouble({"url": ROOT}).store
    template = _template(store)
    job = store.start(template, {})
    for endpoint, number in (("job_templates", template["id"]), ("inventories", template["inventory"])):
        with pytest.raises(Refused, match="being used by running jobs"):
            store.delete(endpoint, number)
    store.end(job, events_are_processed=False)
    with pytest.raises(Refused, match="still processing events"):
        store.delete("job_templates", template["id"])
    store.storing.clear()
    assert store.delete("job_templates", template["id"]) == 204
