# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role as an administrator runs it: once, again, after somebody's click, as a check, and to be rid of it."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import pytest

from tests.awx.double import AwxDouble
from tests.awx.double.fields import Refused
from tools import awx_files

from .conftest import FEW, ROOT, URL, RoleHarness
from .test_files import import_into

ABSENT = {"awx_setup_state": "absent", "awx_setup_poll_interval": 0}
EVERYTHING: dict[str, Any] = {
    **{key: FEW[key] for key in ("awx_setup_execution_environment_image", "awx_setup_poll_interval")},
    "awx_setup_credentials": [
        {
            "name": "Ray - production",
            "kind": "access_key",
            "inputs": {
                "access_key_id": "LTAI-planted",
                "access_key_secret": "planted-secret",
                "region": "cn-hangzhou",
                "workspace_id": "w-d2d82aa09155",
            },
        }
    ],
    "awx_setup_notification_type": "webhook",
    "awx_setup_notification_configuration": {
        "url": "https://chat.example.com/hook",
        "username": "awx",
        "password": "planted-hook",
    },
    "awx_setup_approval": True,
    # `test_definitions.py` tries them all in less time; RAYOPS_AWX=all makes this test take them all.
    "awx_setup_templates": ["doctor", "blue_green", "report", "fleet"],
    "awx_setup_credential_kinds": ["access_key"],
}
if os.environ.get("RAYOPS_AWX") == "all":
    del EVERYTHING["awx_setup_templates"], EVERYTHING["awx_setup_credential_kinds"]
COMPARED = (
    "job_templates",
    "projects",
    "inventories",
    "inventory_sources",
    "hosts",
    "schedules",
    "execution_environments",
)
# Of what differs on purpose: the file knows no credential and no image; and ids.
EXCEPTIONS = {
    *("id", "inventory", "project", "source_project", "unified_job_template", "execution_environment", "organization"),
    *("credential", "image", "local_path", "ask_credential_on_launch"),
}
# Templates with a question that has no sensible default.
DECISIONS = ("create", "scale", "submit_job", "blue_green", "fleet")
PLANTED = ("planted-secret", "planted-hook")
CREDENTIALS = {"awx_setup_credentials": EVERYTHING["awx_setup_credentials"]}


def test_everything_is_made_once_and_removed_once(harness: RoleHarness, monkeypatch: pytest.MonkeyPatch) -> None:
    harness.login = {
        "CONTROLLER_HOST": harness.double.url,
        "CONTROLLER_USERNAME": AwxDouble.username,
        "CONTROLLER_PASSWORD": AwxDouble.password,
    }
    before = {endpoint: set(items) for endpoint, items in harness.double.store.objects.items()}
    first = harness.role(EVERYTHING, "-vvv", "--diff")
    assert first.changed
    sent = str([body for _method, _path, body in harness.double.requests])
    assert all(text in sent for text in PLANTED), "they did reach AWX"
    assert [text for text in (*PLANTED, AwxDouble.password) if text in first.output] == []
    _look_at_everything(harness)
    _launch_everything(harness)
    _import_the_same(harness, monkeypatch)
    assert list(harness.double.store.tokens) == [0], "the token of the run was given back"

    written = len(harness.double.written())
    assert harness.role(EVERYTHING).changed == 0
    again = harness.double.written()[written:]
    assert [path.rpartition("projects/")[2].partition("/")[2] for _method, path in again] == ["update/"], (
        "a sync, no more"
    )

    assert harness.role({**ABSENT, **CREDENTIALS}).changed
    assert {endpoint: set(items) for endpoint, items in harness.double.store.objects.items()} == before


def _look_at_everything(harness: RoleHarness) -> None:
    double, store = harness.double, harness.double.store
    assert len(harness.names("job_templates")) == len(EVERYTHING.get("awx_setup_templates", range(15)))
    assert len(harness.names("credential_types")) == 1 + len(EVERYTHING.get("awx_setup_credential_kinds", range(5)))
    secret = double.named("credentials")["Ray - production"]
    clusters, image = (
        double.named("inventories")["Ray - clusters"],
        double.named("execution_environments")["Ray - execution environment"],
    )
    (source,) = store.objects["inventory_sources"].values()
    assert (source["inventory"], source["credential"], source["execution_environment"]) == (
        clusters["id"],
        secret["id"],
        image["id"],
    )
    assert (source["update_on_launch"], source["update_cache_timeout"]) == (True, 300)
    (host,) = store.objects["hosts"].values()
    assert '"ansible_python_interpreter": "{{ ansible_playbook_python }}"' in host["variables"]
    (told,) = store.objects["notification_templates"].values()
    for template in store.objects["job_templates"].values():
        assert store.links[template["id"], "credentials"] == [secret["id"]]
        assert store.links[template["id"], "notification_templates_error"] == [told["id"]]
        assert template["execution_environment"] == image["id"]
        assert template["survey_enabled"] == (template["id"] in store.surveys)
        assert (template["inventory"] == clusters["id"]) == template["playbook"].endswith("fleet.yml")
    # The module of awx.awx sends the fields of the node for its approval, too.
    dropped = [name for endpoint, name in store.dropped if endpoint != "workflow_approval_templates"]
    assert dropped == [], "AWX ignores fields that it does not know"
    _look_at_the_workflow(harness)


def _launch_everything(harness: RoleHarness) -> None:
    """Launch with no answer at all what needs no decision."""
    for item in harness.double.store.objects["job_templates"].values():
        path = f"/api/v2/job_templates/{item['id']}/launch/"
        key = item["playbook"].rpartition("/")[2].removesuffix(".yml")
        status = _status(lambda path=path: harness.double.api.answer("POST", path, {}, {}))
        assert status == (400 if key in DECISIONS else 201), key
    harness.double.store.active.clear()


def _status(answer: Callable[[], tuple[int, Any]]) -> int:
    try:
        return answer()[0]
    except Refused as refused:
        return refused.status


def _import_the_same(harness: RoleHarness, monkeypatch: pytest.MonkeyPatch) -> None:
    """awxkit makes of the file what the role made, as far as the role made it here."""
    assets = awx_files.assets()
    with AwxDouble({assets["projects"][0]["scm_url"]: ROOT}) as double:
        double.store.create("organizations", {"name": "Default"})
        import_into(double, assets, monkeypatch)
        for endpoint in COMPARED:
            for name, item in harness.double.named(endpoint).items():
                assert _plain(double.named(endpoint)[name]) == _plain(item), (endpoint, name)
        for name, item in harness.double.named("job_templates").items():
            imported = double.named("job_templates")[name]["id"]
            assert double.store.surveys.get(imported) == harness.double.store.surveys.get(item["id"])


def _plain(item: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in item.items() if key not in EXCEPTIONS}


def _steps(harness: RoleHarness) -> list[tuple[str, str, list[str]]]:
    """Return the nodes of the workflow: identifier, template, and the nodes that follow in whatever case."""
    store = harness.double.store
    found = store.objects["workflow_job_template_nodes"]
    steps = []
    for node in found.values():
        following = [
            found[other]["identifier"]
            for outcome in ("success", "failure", "always")
            for other in store.links.get((node["id"], f"{outcome}_nodes"), [])
        ]
        steps.append((node["identifier"], (store.unified(node["unified_job_template"]) or {})["name"], following))
    return sorted(steps)


WORKFLOW = "Ray - replace a cluster, with a report"
WITH_APPROVAL = [
    ("approval", f"{WORKFLOW} - approval", ["blue_green"]),
    ("blue_green", "Ray - replace a cluster (blue/green)", ["report"]),
    ("doctor", "Ray - doctor", ["approval"]),
    ("report", "Ray - report", []),
]
WITHOUT_APPROVAL = [WITH_APPROVAL[1], ("doctor", "Ray - doctor", ["blue_green"]), WITH_APPROVAL[3]]


def _look_at_the_workflow(harness: RoleHarness) -> None:
    store = harness.double.store
    assert _steps(harness) == WITH_APPROVAL
    (workflow,) = store.objects["workflow_job_templates"].values()
    blue_green = harness.double.named("job_templates")["Ray - replace a cluster (blue/green)"]
    assert store.surveys[workflow["id"]] == store.surveys[blue_green["id"]]


def test_the_workflow_is_made_as_a_whole(harness: RoleHarness) -> None:
    """No node starts beside the doctor: not an approval that was switched off, not one that somebody added."""
    store, steps = harness.double.store, {**FEW, "awx_setup_approval": False}
    _make_templates(harness, "doctor", "blue_green", "report")
    assert harness.role({**steps, "awx_setup_approval": True}, tasks_from="workflow.yml").changed == 2
    assert _steps(harness) == WITH_APPROVAL
    written = len(harness.double.written())
    check = harness.role(steps, "--check", tasks_from="workflow.yml")
    assert check.changed == 1
    assert "Create the nodes of the workflow, doctor, then blue_green, then report" in check.message
    assert harness.double.written()[written:] == []
    nodes = harness.double.named("workflow_job_template_nodes")
    store.link(nodes["doctor"]["id"], "failure_nodes", {"id": nodes["report"]["id"]})
    assert harness.role(steps, tasks_from="workflow.yml").changed == 1
    assert _steps(harness) == WITHOUT_APPROVAL
    assert store.objects["workflow_approval_templates"] == {}
    assert all(not node["extra_data"] for node in harness.double.named("workflow_job_template_nodes").values())
    assert harness.role(steps, tasks_from="workflow.yml").changed == 0


def _make_templates(harness: RoleHarness, *keys: str) -> None:
    """Make job templates in the double as the role does, without a run of it."""
    store, organization = harness.double.store, harness.double.named("organizations")["Default"]["id"]
    source = {
        "name": "p",
        "organization": organization,
        "scm_type": "git",
        "scm_url": URL,
    }
    base = {"project": store.create("projects", source)["id"]}
    base["inventory"] = store.create("inventories", {"name": "i", "organization": organization})["id"]
    for definition in (one for one in awx_files.definitions()["job_templates"] if one["key"] in keys):
        survey = definition.get("survey_spec")
        sent = {"name": definition["name"], "playbook": definition["playbook"], "survey_enabled": survey is not None}
        store.set_survey(store.create("job_templates", {**sent, **base})["id"], survey)


def test_a_check_of_an_empty_awx_tells_what_a_run_would_make(harness: RoleHarness) -> None:
    some = {**FEW, **CREDENTIALS, "awx_setup_templates": ["doctor", "blue_green", "report"], "awx_setup_workflow": True}
    empty = harness.role(some, "--check")
    assert empty.changed
    for name in (
        "Ray - production",
        "Ray - doctor",
        "Ray - clusters of the workspace",
        "Ray - replace a cluster, with a report",
    ):
        assert name in empty.output
    assert harness.double.written() == []


def test_what_somebody_clicked_is_told_and_put_right(harness: RoleHarness) -> None:
    """In a setup with a prefix and with playbooks of the user's own, in a folder of the AWX server."""
    own = _own_project(harness)
    assert harness.role(own).changed
    store = harness.double.store
    (template,) = store.objects["job_templates"].values()
    assert template["playbook"] == "plays/sweep.yml"
    for endpoint in ("job_templates", "projects", "inventories", "schedules", "execution_environments"):
        assert all(name.startswith("staging Ray - ") for name in harness.names(endpoint))
    (schedule,) = store.objects["schedules"].values()
    template.update({"timeout": 1, "ask_limit_on_launch": True, "verbosity": 4})
    store.surveys[template["id"]]["spec"][0]["default"] = "no"
    schedule.update({"enabled": True})
    (host,) = store.objects["hosts"].values()
    host.update({"variables": "{}"})
    harness.double.named("credentials")["staging Ray - production"]["inputs"]["access_key_secret"] = "another"
    check = harness.role(own, "--check")
    assert check.changed == 3, "nobody sees that the secret differs"
    run = harness.role({**own, "awx_setup_update_secrets": True})
    assert run.changed == 4
    secret = harness.double.named("credentials")["staging Ray - production"]["inputs"]["access_key_secret"]
    assert secret == "planted-secret"
    (template,) = store.objects["job_templates"].values()
    assert (template["timeout"], template["ask_limit_on_launch"], template["verbosity"]) == (3600, False, 0)
    assert store.surveys[template["id"]]["spec"][0]["default"] == "yes"
    assert not next(iter(store.objects["schedules"].values()))["enabled"]
    _remove_all_but_what_others_use(harness)


def _own_project(harness: RoleHarness) -> dict[str, Any]:
    """Return the variables of a setup with a prefix and a project of the user's own."""
    project = harness.folder / "own"
    (project / "plays").mkdir(parents=True)
    (project / "plays/sweep.yml").write_text(
        "- name: Ours\n  import_playbook: rayops.alicloud.awx.sweep\n", encoding="utf-8"
    )
    harness.double.store.trees.folders["own"] = project
    return {
        **FEW,
        **CREDENTIALS,
        "awx_setup_prefix": "staging ",
        "awx_setup_project_scm_type": "manual",
        "awx_setup_project_local_path": "own",
        "awx_setup_project_playbooks": "plays",
        "awx_setup_project_inventory": "clusters.emr_ray.yml",
    }


def _remove_all_but_what_others_use(harness: RoleHarness) -> None:
    double, store = harness.double, harness.double.store
    absent = {**ABSENT, **CREDENTIALS, "awx_setup_prefix": "staging "}
    (template,) = store.objects["job_templates"].values()
    job = store.start(template, {})
    written = len(double.written())
    blocked = harness.role(absent)
    assert blocked.code != 0
    assert f"jobs still use its objects: {job['id']} ({template['name']}, running)" in blocked.message
    assert double.written()[written:] == [], "nothing was removed"
    store.end(job, events_are_processed=False)
    blocked = harness.role(absent)
    assert "AWX still stores the events of a job that has just ended. Run the role again." in blocked.message
    store.storing.clear()
    ours = double.named("credential_types")["staging Alibaba Cloud EMR Serverless Spark (access key)"]
    organization = double.named("organizations")["Default"]
    theirs = {"name": "Theirs", "credential_type": ours["id"], "organization": organization["id"], "inputs": {}}
    store.create("credentials", theirs)
    store.create("inventories", {"name": "Ray - clusters", "organization": organization["id"]})
    run = harness.role(absent)
    assert run.changed
    assert "(access key) stays" in run.message
    assert harness.names("credentials") == ["Ansible Galaxy", "Theirs"]
    assert harness.names("inventories") == ["Ray - clusters"], "what has another prefix is left alone"
    assert harness.names("job_templates") == harness.names("projects") == []
