# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""emr_workspace under every rule: one workspace, waits, changes that hold, and nothing that costs a subscription."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from tests.unit.platform.harness import MODULES, QUEUE, WORKSPACE, PlatformHarness

HOSTILE = {"workspace_update": "replace", "edit_takes": "time", "oss_bucket": "slash", "client_tokens": "ignored"}
CHANGED = {
    "resource_spec": {"cu": "300cu", "gpu": 4},
    "gpu_spec": ["ecs.gn6i-c4g1.xlarge", "ecs.gn7i-c8g1.2xlarge"],
    "ip_white_list": ["192.0.2.1", "192.0.2.2"],
    "resource_group_id": "rg-2",
}


@pytest.mark.parametrize("rules", [{}, HOSTILE], ids=["default", "hostile"])
def test_life_of_a_workspace(harness: PlatformHarness, rules: dict[str, str]) -> None:
    harness.emulator.rules.set(rules)
    predicted = harness.succeed("workspace", WORKSPACE, check=True)
    assert (predicted["workspace_id"], predicted["actions"]) == ("(known after create)", ["create"])
    created = harness.converge("workspace", WORKSPACE)
    assert created["workspace"]["workspace_status"] == "RUNNING"
    assert created["workspace"]["ip_white_list"] == ["192.0.2.1"]
    assert created["workspace"]["tags"] == {"team": "a"}
    assert created["capacity_delta"]["maximum"]["cu"] == 200
    assert sum(created.slept) >= 90
    changed = harness.converge("workspace", WORKSPACE, **CHANGED)
    assert changed["actions"] == ["update"]
    assert {change["field"] for change in changed["changes"]} == {"resource_spec.cu", *CHANGED} - {"resource_spec"}
    assert changed["not_compared"] == ["resource_spec.gpu"]
    assert changed["workspace"]["resource_spec"] == "300cu"
    sent = [entry.body for entry in harness.emulator.writes() if entry.operation == "UpdateWorkspace"][-1]
    assert (sent["gpu"], sent["cu"]) == (4, 300)
    shrunk = harness.converge("workspace", {"workspace_id": created["workspace_id"], "resource_spec": {"cu": 100}})
    assert shrunk["workspace"]["gpu_spec"] == CHANGED["gpu_spec"]
    assert shrunk["workspace"]["ip_white_list"] == CHANGED["ip_white_list"]
    renamed = harness.converge("workspace", {"workspace_id": created["workspace_id"], "name": "other"})
    assert "name team → other" in renamed["msg"]
    assert harness.emulator.orders == []
    assert len(harness.live_workspaces("other")) == 1


def test_no_difference_costs_two_reads(harness: PlatformHarness) -> None:
    harness.make_workspace()
    assert harness.unchanged("workspace", {"workspace_id": None, "name": "team"}).operations == [
        "ListWorkspaces",
        "GetWorkspace",
    ]
    assert harness.unchanged("workspace", {"resource_spec": {"cu": "200"}}).operations == ["GetWorkspace"]


def test_another_name_that_contains_it_is_another_workspace(harness: PlatformHarness) -> None:
    harness.emulator.set_workspace("w-2", workspaceName="team-2")
    harness.emulator.set_workspace("w-3", workspaceName="team", workspaceStatus="TERMINATED")
    outcome = harness.converge("workspace", WORKSPACE)
    assert outcome["workspace_id"] not in ("w-2", "w-3")
    harness.emulator.set_workspace("w-4", workspaceName="team")
    refused = harness.fail("workspace", WORKSPACE)
    assert refused["error"]["code"] == "NameNotUnique"
    assert "w-4" in refused["msg"]
    assert outcome["workspace_id"] in refused["msg"]


def test_a_workspace_that_fails_says_why(harness: PlatformHarness) -> None:
    harness.emulator.rules.set({"workspace_create": "fails"})
    failed = harness.fail("workspace", WORKSPACE)
    assert failed["error"]["code"] == "WorkspaceTerminated"
    assert "resources are not sufficient" in failed["msg"]
    assert (failed["changed"], failed["actions"]) == (True, ["create"])
    # Its client token is used up, and the next run must not take the dead workspace for its own.
    harness.emulator.rules.set({"workspace_create": "runs"})
    outcome = harness.converge("workspace", WORKSPACE)
    assert outcome["workspace"]["workspace_status"] == "RUNNING"


@pytest.mark.parametrize(
    "changes",
    [
        {"oss_bucket": "oss://other/"},
        {"ram_role_name": "other"},
        {"payment_type": "Pre"},
        {"release_type": "other"},
        {"tags": {}},
    ],
)
def test_what_cannot_be_changed_says_what_to_do(harness: PlatformHarness, changes: dict[str, Any]) -> None:
    harness.make_workspace()
    refused = harness.fail("workspace", WORKSPACE, **changes)
    assert refused["error"]["code"] == "CannotChange"
    assert refused["error"]["hint"]
    assert refused["sent"] == []


def test_nothing_is_bought(harness: PlatformHarness) -> None:
    for check in (True, False):
        refused = harness.fail("workspace", WORKSPACE, payment_type="Pre", check=check)
        assert "makes no purchases" in refused["msg"]
        assert "console" in refused["error"]["hint"]
        assert refused["sent"] == []
    harness.emulator.set_workspace("w-2", workspaceName="team", paymentType="Pre")
    harness.emulator.set_workspace("w-2", tags=[{"tagKey": "team", "tagValue": "a"}], storage="oss://bucket/")
    harness.converge("workspace", WORKSPACE, payment_type="Pre", resource_spec={"cu": 1_000_001})
    assert harness.emulator.orders == []
    options = {name for module in ("workspace", "queue") for name in MODULES[module][1]}
    assert not {"subscription", "gpu_subscription", "duration", "auto_renew"} & options


def test_delete_is_not_published(harness: PlatformHarness) -> None:
    absent = {"workspace_id": None, "name": "team", "state": "absent"}
    harness.unchanged("workspace", absent)
    harness.make_workspace()
    refused = harness.fail("workspace", absent)
    assert refused["error"]["code"] == "NoSuchOperation"
    assert "console" in refused["error"]["hint"]
    assert refused["sent"] == []


def test_guardrails(harness: PlatformHarness) -> None:
    for check in (True, False):
        refused = harness.fail("workspace", WORKSPACE, max_cu=199, check=check)
        assert (refused["error"]["code"], refused["sent"]) == ("GuardrailBroken", [])
    harness.make_workspace()
    refused = harness.fail("workspace", WORKSPACE, resource_spec={"cu": 201}, max_cu=200)
    assert (refused["error"]["code"], refused["sent"]) == ("GuardrailBroken", [])
    refused = harness.fail("workspace", WORKSPACE, resource_spec={"cu": 100}, protected=True)
    assert (refused["error"]["code"], refused["sent"]) == ("GuardrailBroken", [])
    harness.converge("workspace", WORKSPACE, resource_spec={"cu": 150}, max_cu=10)
    harness.converge("queue", QUEUE, resource_spec={"cu": 120})
    refused = harness.fail("workspace", WORKSPACE, resource_spec={"cu": 119})
    assert refused["error"]["code"] == "WorkspaceTooSmall"
    assert "gpu 120" in refused["msg"]
    assert refused["sent"] == []


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({"name": None}, "name: is required"),
        ({"name": "a b"}, "name: must be"),
        ({"name": "x" * 65}, "name: must be"),
        ({"resource_spec": {"cu": "0100"}}, "resource_spec.cu: is not a whole number"),
        ({"resource_spec": {"cu": 0}}, "at least 1"),
        ({"resource_spec": {"cu": 1, "gpu": -1}}, "must not be negative"),
        ({"oss_bucket": "bucket"}, "oss_bucket: must look like"),
        ({"ip_white_list": [""]}, "ip_white_list"),
        ({"tags": {str(number): "" for number in range(21)}}, "at most 20"),
        ({"workspace_id": "a/b"}, "workspace_id: is not an ID"),
        ({"workspace_id": ""}, "workspace_id: is empty"),
    ],
)
def test_bad_input_fails_before_any_request(harness: PlatformHarness, given: dict[str, Any], problem: str) -> None:
    refused = harness.fail("workspace", WORKSPACE, **given)
    assert problem in refused["msg"]
    assert refused["asked"] == []


def test_what_a_create_needs_is_said_at_once(harness: PlatformHarness) -> None:
    refused = harness.fail("workspace", {"workspace_id": None, "name": "team"})
    for option in ("oss_bucket", "ram_role_name", "resource_spec.cu"):
        assert option in refused["msg"]
    assert refused["sent"] == []


def test_a_change_that_does_not_show_fails(harness: PlatformHarness) -> None:
    harness.make_workspace()
    harness.emulator.fault("inner_code", "UpdateWorkspace", code="1000000")
    refused = harness.fail("workspace", WORKSPACE, ip_white_list=["192.0.2.9"])
    assert refused["error"]["code"] == "NotConverged"


def test_a_wait_tells_how_it_goes(harness: PlatformHarness) -> None:
    core, spec = MODULES["workspace"]
    lines: list[str] = []
    outcome = harness._run(core, spec, {**WORKSPACE, "wait_interval": 1}, False, lines.append)
    assert not outcome.failed
    assert lines[0] == "workspace team: workspace is STARTING, waiting for the workspace to run, 0 s"
    assert lines[-1].startswith("workspace team: workspace is RUNNING after ")
    seconds = [int(line.removesuffix(" s").rpartition(" ")[2]) for line in lines]
    assert all(later - earlier <= 36 for earlier, later in itertools.pairwise(seconds))
    assert seconds[-1] >= 60
    assert outcome.slept[0] == 1


def test_a_wait_ends_with_its_time(harness: PlatformHarness) -> None:
    failed = harness.fail("workspace", WORKSPACE, wait_timeout=30)
    assert failed["error"]["code"] == "WaitTimeout"
    assert "last state: workspace is STARTING" in failed["msg"]
    assert failed["actions"] == ["create"]
    resumed = harness.succeed("workspace", WORKSPACE)
    assert resumed["workspace"]["workspace_status"] == "RUNNING"
    assert len(harness.live_workspaces()) == 1
