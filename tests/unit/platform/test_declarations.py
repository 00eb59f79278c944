# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One declaration of a whole workspace, applied as the role applies it, to services that spell and delay things."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from tests.unit.platform.harness import MEMBER, NETWORK, QUEUE, WORKSPACE, PlatformHarness
from tests.unit.scenarios.harness import TaskOutcome
from tests.unit.scenarios.specs import Json
from tests.unit.trust.interruptions import SimulatedKill, kill_at_request

SERVICES: list[Json] = [
    {},
    {"platform_spelling": "other", "no_rows": "null"},
    {"empty_lists": "refused", "queue_edit": "replace", "workspace_update": "replace"},
    {"new_workspaces": "late", "starting_lists": "refused", "edit_takes": "time", "queue_create_takes": "time"},
    {"queue_min": "always", "queue_sum": "max_cu", "overlapping_edits": "refused"},
]
FIRST: Json = {
    "workspace": {**WORKSPACE, "payment_type": "PayAsYouGo", "dlf_type": "dlf1.0", "release_type": "pro"},
    "queues": [
        {**QUEUE, "description": "for training\n", "environments": ["dev", "prod"]},
        {"name": "batch", "resource_spec": {"cu": 50, "max_cu": 80}},
        {"name": "small", "resource_spec": {"cu": 10}, "description": "goes"},
    ],
    "network": {**NETWORK, "type": "NetworkService"},
    "member": MEMBER,
}
GROWN: Json = {
    **FIRST,
    "workspace": {**FIRST["workspace"], "resource_spec": {"cu": "300cu", "gpu": 8}, "ip_white_list": ["192.0.2.0/24"]},
    "queues": [
        {"name": "gpu", "resource_spec": {"cu": 100}, "environments": ["dev"], "description": ""},
        {"name": "batch", "resource_spec": {"cu": 150, "max_cu": 190}},
    ],
    "member": {**MEMBER, "roles": ["DataScience", "Owner"]},
}
SHRUNK: Json = {
    **GROWN,
    "workspace": {**GROWN["workspace"], "resource_spec": {"cu": 100, "gpu": 8}, "ip_white_list": ["192.0.2.7"]},
    "queues": [
        {"name": "gpu", "resource_spec": {"cu": 40}},
        {"name": "batch", "resource_spec": {"cu": 50, "max_cu": 60}},
        {"name": "small", "state": "absent"},
    ],
}


def apply(harness: PlatformHarness, declared: Json, check: bool = False) -> list[TaskOutcome]:
    """Do what the role ray_platform does; every task must succeed."""
    workspace, size = declared["workspace"], declared["workspace"]["resource_spec"]["cu"]
    first = harness.succeed("workspace", workspace, check=check, shrink=False)
    inside = {"workspace_id": first["workspace_id"]}
    done = [
        first,
        harness.succeed("queue", {"queues": declared["queues"], "workspace_cu": size}, check=check, **inside),
        harness.succeed("network", declared["network"], check=check, **inside),
        harness.succeed("member", declared["member"], check=check, **inside),
    ]
    if first.result.get("postponed") and not check:
        done.append(harness.succeed("workspace", workspace, force=True))
    return done


@pytest.mark.parametrize("rules", SERVICES, ids=str)
def test_a_declaration_is_applied_changed_and_shrunk(harness: PlatformHarness, rules: Json) -> None:
    harness.emulator.rules.set(rules)
    for declared in (FIRST, GROWN, SHRUNK):
        predicted = [outcome["changed"] for outcome in apply(harness, declared, check=True)]
        assert [outcome["changed"] for outcome in apply(harness, declared)][: len(predicted)] == predicted
        assert not any(outcome["changed"] for outcome in apply(harness, declared))
    assert harness.emulator.orders == []


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("declared", [FIRST, SHRUNK], ids=["create", "shrink"])
@pytest.mark.nightly(one_in=4)
@pytest.mark.parametrize("step", range(48))
def test_a_killed_run_is_completed(harness: PlatformHarness, declared: Json, step: int, after: bool) -> None:
    harness.emulator.rules.set(SERVICES[3])
    if declared is not FIRST:
        apply(harness, FIRST)
        apply(harness, GROWN)
    with kill_at_request(step, after):
        try:
            apply(harness, declared)
        except SimulatedKill:
            # Lists are behind when the next run begins.
            harness.emulator.fault("hide_new", "ListWorkspaceQueues", lists=2)
    apply(harness, declared)
    assert not any(outcome["changed"] for outcome in apply(harness, declared))
    (workspace,) = harness.live_workspaces()
    harness.emulator.workspace_id = workspace["workspaceId"]
    names = sorted(queue["name"] for queue in declared["queues"] if queue.get("state") != "absent")
    assert sorted(harness.queue_rows()) == sorted([*names, "root_queue", "dev_queue"])
    assert len(harness.emulator.core.catalog.networks[workspace["workspaceId"]]) == 1
    assert harness.emulator.orders == []


def test_a_sum_is_checked_against_the_size_that_the_workspace_is_to_have(harness: PlatformHarness) -> None:
    harness.make_workspace(cu=100)
    large = {"name": "large", "resource_spec": {"cu": 120}}
    refused = harness.fail("queue", large)
    assert (refused["error"]["code"], refused["sent"]) == ("WorkspaceTooSmall", [])
    assert harness.succeed("queue", large, workspace_cu="150cu", check=True)["actions"] == ["create large"]
    harness.succeed("queue", {**large, "resource_spec": {"cu": 90}})
    for check in (True, False):
        refused = harness.fail("queue", {**large, "resource_spec": {"cu": 80}}, workspace_cu=70, check=check)
        assert (refused["error"]["code"], refused["sent"]) == ("WorkspaceTooSmall", [])
        assert "is to have 70" in refused["msg"]


def test_a_workspace_shrinks_later(harness: PlatformHarness) -> None:
    harness.make_workspace(cu=200)
    smaller = {**WORKSPACE, "resource_spec": {"cu": 100}, "ip_white_list": ["192.0.2.9"]}
    later = harness.succeed("workspace", smaller, shrink=False)
    assert [change["field"] for change in later["changes"]] == ["ip_white_list"]
    assert [(change["before"], change["after"]) for change in later["postponed"]] == [(200, 100)]
    assert later["workspace"]["resource_spec"] == "200cu"
    assert harness.succeed("workspace", smaller)["workspace"]["resource_spec"] == "100cu"
    larger = harness.succeed("workspace", smaller, resource_spec={"cu": 300}, shrink=False)
    assert (larger["postponed"], larger["workspace"]["resource_spec"]) == ([], "300cu")


@pytest.mark.parametrize(
    ("module", "given", "problem"),
    [
        ("workspace", {**WORKSPACE, "ip_white_list": ["192.0.2.300"]}, "ip_white_list: '192.0.2.300' is no address"),
        ("workspace", {**WORKSPACE, "tags": {"team": None}}, "tags: team: is null"),
        ("workspace", {**WORKSPACE, "tags": {"version": 1.10}}, "quote it"),
        ("workspace", {**WORKSPACE, "tags": {"team": ["a"]}}, "tags: team: takes text, not a list"),
        ("workspace", {**WORKSPACE, "tags": {"acs:x": "a"}}, "only Alibaba Cloud sets tags"),
        ("workspace", {**WORKSPACE, "oss_bucket": "oss://bucket/a b"}, "oss_bucket: must look like"),
        ("workspace", {**WORKSPACE, "ram_role_name": "a b"}, "ram_role_name: 'a b' is empty, has blanks"),
        ("network", {**NETWORK, "vpc_id": "vpc 1"}, "vpc_id: 'vpc 1' is empty, has blanks"),
        ("queue", {**QUEUE, "description": "a\x00"}, "description: has characters"),
        ("queue", {**QUEUE, "workspace_cu": "many"}, "workspace_cu: is not a whole number"),
        ("member", {**MEMBER, "roles": ["acs:ram::1:role/Owner"]}, "roles: 'acs:ram::1:role/Owner' is neither"),
        ("member", {**MEMBER, "roles": ["acs:emr::w-other:role/Owner"]}, "belongs to workspace w-other"),
        ("member", {"member_arns": ["acs:emr::w-other:member/1"]}, "belongs to workspace w-other"),
    ],
)
def test_bad_input_is_refused_before_any_request(
    harness: PlatformHarness, module: str, given: Json, problem: str
) -> None:
    refused = harness.fail(module, given)
    assert problem in refused["msg"]
    assert refused["asked"] == []


def test_a_refused_create_names_what_no_operation_creates(harness: PlatformHarness) -> None:
    fault: dict[str, Any] = {"status": 400, "code": "InvalidParameter"}
    harness.emulator.fault("error", "CreateWorkspace", **fault)
    refused = harness.fail("workspace", copy.deepcopy(WORKSPACE))
    for text in (
        "oss://bucket",
        "https://oss.console.aliyun.com",
        "AliyunEMRSparkJobRunDefaultRole",
        "AliyunServiceRole",
    ):
        assert text in refused["error"]["hint"]
