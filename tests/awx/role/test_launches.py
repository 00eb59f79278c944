# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Launch every template, schedule, and workflow node in the double, and read the variables as the playbooks do."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.awx.double import AwxDouble
from tests.awx.double.api import Api
from tests.awx.double.fields import Refused
from tests.awx.double.survey_rules import node_variables
from tests.awx.run.definitions import questions, read_variables
from tools import awx_files

from .conftest import ROOT

KEYS = {template["name"]: template["key"] for template in awx_files.definitions()["job_templates"]}
# Templates with a question that has no sensible default, and an answer to each such question.
DECISIONS: dict[str, dict[str, Any]] = {
    "create": {"rayops_name": "a"},
    "scale": {"rayops_workers": 2},
    "submit_job": {"rayops_entrypoint": "python main.py"},
    "blue_green": {"rayops_name": "a"},
    "fleet": {"rayops_fleet_state": "stopped"},
}


@pytest.fixture
def double() -> AwxDouble:
    """Return a double with every job template, survey, and schedule of the role, and the workflow."""
    double = AwxDouble({"url": ROOT})
    store = double.store
    organization = store.create("organizations", {"name": "Default"})["id"]
    source = {"name": "p", "organization": organization, "scm_type": "git", "scm_url": "url"}
    base = {
        "project": store.create("projects", source)["id"],
        "inventory": store.create("inventories", {"name": "i", "organization": organization})["id"],
    }
    for asset in awx_files.assets()["job_templates"]:
        plain = {key: asset[key] for key in asset if key.startswith("ask_") or key in ("name", "playbook")}
        template = store.create("job_templates", {**plain, **base, "survey_enabled": asset["survey_enabled"]})
        store.set_survey(template["id"], asset["related"].get("survey_spec"))
        for schedule in asset["related"]["schedules"]:
            sent = {key: schedule[key] for key in ("name", "rrule", "extra_data")}
            store.create("schedules", {**sent, "unified_job_template": template["id"]})
    (asset,) = awx_files.workflow_assets()["workflow_job_templates"]
    workflow = store.create("workflow_job_templates", {"name": "w", "organization": organization})
    workflow["survey_enabled"] = True
    store.set_survey(workflow["id"], asset["related"]["survey_spec"])
    for node in asset["related"]["workflow_nodes"]:
        started = double.named("job_templates")[node["unified_job_template"]["name"]]["id"]
        sent = {"identifier": node["identifier"], "extra_data": node["extra_data"], "unified_job_template": started}
        store.create("workflow_job_template_nodes", {**sent, "workflow_job_template": workflow["id"]})
    return double


def launch(double: AwxDouble, kind: str, template: dict[str, Any], answers: dict[str, Any]) -> dict[str, Any]:
    """Launch by API, and return the extra variables of the job."""
    path = f"/api/v2/{kind}/{template['id']}/launch/"
    job = Api(double.store).answer("POST", path, {}, {"extra_vars": answers} if answers else {})[1]
    variables: dict[str, Any] = json.loads(double.store.active[job["id"]]["extra_vars"])
    return variables


@pytest.mark.parametrize("name", sorted(KEYS))
def test_a_launch_without_answers_starts_what_needs_no_decision(double: AwxDouble, name: str) -> None:
    key, template = KEYS[name], double.named("job_templates")[name]
    if key in DECISIONS:
        (missing,) = DECISIONS[key]
        with pytest.raises(Refused, match=f"'{missing}' value missing"):
            launch(double, "job_templates", template, {})
    answers = read_variables(key, launch(double, "job_templates", template, DECISIONS.get(key, {})))
    asked = {q["variable"].removeprefix("rayops_"): q.get("default", "") for q in questions(key)}
    lifted = {variable for variable, default in asked.items() if default in ("", "none", "now")}
    assert set(answers) == (set(asked) - lifted) | {name.removeprefix("rayops_") for name in DECISIONS.get(key, {})}


def test_the_schedules_of_the_role_start_what_they_say(double: AwxDouble) -> None:
    found = {}
    for schedule in double.named("schedules").values():
        job = double.store.fire(schedule)
        found[KEYS[job["name"]]] = read_variables(KEYS[job["name"]], json.loads(job["extra_vars"]))
    assert set(found) == {"office_hours", "sweep"}
    assert found["sweep"]["dry_run"] is False
    assert found["office_hours"]["weekdays"] == ["09:00-20:00"]
    assert found["office_hours"]["weekends"] == []
    assert found["office_hours"]["actions"] == ["start", "stop"]


def test_the_answers_of_the_workflow_reach_its_steps(double: AwxDouble) -> None:
    workflow, nodes = double.named("workflow_job_templates")["w"], double.named("workflow_job_template_nodes")
    for answers in ({}, {"rayops_name": ""}):
        with pytest.raises(Refused, match="rayops_name"):
            launch(double, "workflow_job_templates", workflow, answers)
    given = {"rayops_name": "serving", "rayops_max_cu": "none", "rayops_old": "delete"}
    whole = launch(double, "workflow_job_templates", workflow, given)
    artifacts = {"rayops_result": {"summary": "Doctor: fine"}, "rayops_cluster_id": "ray-1"}
    for identifier in ("doctor", "blue_green", "report"):
        variables = node_variables(double.store, nodes[identifier], artifacts, whole)
        answers = read_variables(identifier, variables) if questions(identifier) else {}
        if identifier == "blue_green":
            assert (answers["name"], answers["old"], "max_cu" in answers) == ("serving", "delete", False)
            assert answers == read_variables("blue_green", {**whole, **given})
