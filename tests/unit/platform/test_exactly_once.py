# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lost answers, lists that lag, and runs that die between any two requests leave one of each, and the next run ends."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import pytest

from tests.unit.platform.harness import MEMBER, NETWORK, QUEUE, WORKSPACE, PlatformHarness
from tests.unit.trust.interruptions import SimulatedKill, kill_at_request

CREATES = {
    "workspace": ("CreateWorkspace", WORKSPACE),
    "queue": ("CreateWorkspaceQueue", QUEUE),
    "network": ("CreateNetworkService", NETWORK),
}
LISTS = {"workspace": "ListWorkspaces", "queue": "ListWorkspaceQueues", "network": "ListNetworkServices"}
# What a lost answer can look like.
LOST: list[dict[str, Any]] = [
    {"kind": "cut_after"},
    {"kind": "cut_during"},
    {"kind": "after_effect_error"},
    {"kind": "after_effect_error", "status": 503, "code": "ServiceUnavailable"},
    {"kind": "empty_body"},
    {"kind": "broken_json"},
    {"kind": "wrong_types"},
]
NOT_DONE: list[dict[str, Any]] = [
    {"kind": "cut_before"},
    {"kind": "http_500"},
    {"kind": "html_502"},
    {"kind": "throttle"},
    {"kind": "unavailable_503"},
]
HOSTILE = {"client_tokens": "ignored", "network_names": "any", "queue_edit": "replace", "workspace_update": "replace"}


def existing(harness: PlatformHarness, module: str) -> int:
    """Return how many there are of what a module creates."""
    if module == "workspace":
        return len(harness.live_workspaces())
    if module == "queue":
        return sum(name == "gpu" for name in harness.queue_rows())
    rows = harness.emulator.core.catalog.networks[harness.emulator.workspace_id]
    return sum(row["name"] == "redis" for row in rows)


@pytest.mark.parametrize("rules", [{}, HOSTILE], ids=["default", "hostile"])
@pytest.mark.parametrize("fault", [*LOST, *NOT_DONE], ids=lambda fault: "-".join(map(str, fault.values())))
@pytest.mark.parametrize("module", CREATES)
def test_lost_answer_to_a_create(
    harness: PlatformHarness, module: str, fault: dict[str, Any], rules: dict[str, str]
) -> None:
    operation, given = CREATES[module]
    harness.emulator.rules.set(rules)
    harness.emulator.fault(operation=operation, **fault)
    outcome = harness.succeed(module, given)
    assert outcome["actions"][0].startswith("create")
    assert existing(harness, module) == 1
    harness.unchanged(module, given)
    if fault in LOST and module == "workspace":
        assert "adopted" in outcome.result


@pytest.mark.parametrize("module", CREATES)
def test_list_that_lags_after_a_lost_answer(harness: PlatformHarness, module: str) -> None:
    operation, given = CREATES[module]
    harness.emulator.rules.set(HOSTILE)
    harness.emulator.fault("hide_new", LISTS[module], lists=4)
    harness.emulator.fault("cut_after", operation)
    harness.succeed(module, given)
    assert existing(harness, module) == 1
    harness.emulator.core.faults.clear()
    harness.unchanged(module, given)


def test_client_token_saves_a_run_whose_list_lags(harness: PlatformHarness) -> None:
    harness.emulator.fault("hide_new", "ListWorkspaces")
    first = harness.succeed("workspace", WORKSPACE)
    second = harness.succeed("workspace", WORKSPACE)
    assert first["workspace_id"] == second["workspace_id"]
    assert existing(harness, "workspace") == 1


def test_lost_answers_to_other_writes(harness: PlatformHarness) -> None:
    harness.make_workspace()
    harness.converge("queue", QUEUE)
    for operation in (
        "EditWorkspaceQueue",
        "DeleteWorkspaceQueue",
        "UpdateWorkspace",
        "AddMembers",
        "GrantRoleToUsers",
    ):
        for kind in ("cut_after", "after_effect_error", "cut_before"):
            harness.emulator.fault(kind, operation)
    harness.emulator.rules.set({"add_member_again": "refused"})
    harness.converge("queue", QUEUE, description="other")
    harness.converge("workspace", {"resource_spec": {"cu": 210}})
    harness.converge("member", MEMBER)
    harness.converge("queue", {"name": "gpu", "state": "absent"})


class Way(NamedTuple):
    """A task that may die: its module, options, and what is there before."""

    module: str
    given: dict[str, Any]
    set_up: Callable[[PlatformHarness], Any] = lambda harness: None


WAYS = {
    "create a workspace": Way("workspace", WORKSPACE),
    "update a workspace": Way(
        "workspace", {**WORKSPACE, "resource_spec": {"cu": 300}}, lambda harness: harness.make_workspace()
    ),
    "create a queue": Way("queue", QUEUE, lambda harness: harness.make_workspace()),
    "several queues": Way(
        "queue",
        {
            "queues": [
                {"name": "a", "resource_spec": {"cu": 60}},
                {"name": "b", "resource_spec": {"cu": 20}},
                {"name": "c", "state": "absent"},
                {"name": "d", "resource_spec": {"cu": 20}, "environments": ["dev"]},
            ]
        },
        lambda harness: (
            harness.make_workspace(100),
            harness.succeed(
                "queue",
                {
                    "queues": [
                        {"name": name, "resource_spec": {"cu": cu}} for name, cu in (("a", 20), ("b", 50), ("c", 30))
                    ]
                },
            ),
        ),
    ),
    "network service": Way("network", NETWORK),
    "members": Way("member", {**MEMBER, "roles": ["DataScience", "Owner"]}),
}


@pytest.mark.parametrize("rules", [{}, {**HOSTILE, "edit_takes": "time"}], ids=["default", "hostile"])
@pytest.mark.parametrize("name", WAYS)
@pytest.mark.nightly(one_in=2)
def test_killed_between_any_two_requests(
    running: Any, harness: PlatformHarness, name: str, rules: dict[str, str]
) -> None:
    way = WAYS[name]
    timing = running.timing.as_dict()

    def start_over() -> None:
        running.reset(rules=True)
        running.timing.set(timing)
        running.rules.set(rules)
        running.workspace_id = "w-emulator"
        way.set_up(harness)

    start_over()
    with kill_at_request(-1, after=False) as count:
        expected = harness.succeed(way.module, way.given)
    reached = _state(harness)
    steps = count[0]
    assert steps > 2
    for step in range(steps):
        for after in (False, True):
            start_over()
            with kill_at_request(step, after=after), pytest.raises(SimulatedKill):
                harness.run(way.module, way.given)
            harness.succeed(way.module, way.given)
            harness.unchanged(way.module, way.given)
            assert _state(harness) == reached, (step, after)
    assert expected["changed"]


def _state(harness: PlatformHarness) -> dict[str, Any]:
    """Return everything that the tasks of these tests change, without ids and times."""
    core = harness.emulator.core
    sizes = sorted((name, sorted(size.items())) for (_owner, name), size in core.platform.queues.sizes.items())
    networks = [(row["name"], row["state"]) for rows in core.catalog.networks.values() for row in rows]
    members = [
        (row["userName"], sorted(role["roleName"] for role in row["roles"]))
        for rows in core.platform.members.rows.values()
        for row in rows
    ]
    workspaces = [
        (row["workspaceName"], row["workspaceStatus"], row["resourceSpec"], row["ipWhiteList"], row["gpuSpec"])
        for row in core.catalog.workspaces.values()
    ]
    return {"workspaces": workspaces, "sizes": sizes, "networks": networks, "members": members}


@pytest.mark.parametrize("module", CREATES)
def test_nothing_is_created_beside_a_similar_name(harness: PlatformHarness, module: str) -> None:
    _operation, given = CREATES[module]
    harness.succeed(module, given, name=given["name"].upper())
    for check in (True, False):
        refused = harness.fail(module, given, check=check)
        assert refused["error"]["code"] == "NameSimilar"
        assert repr(given["name"].upper()) in refused["msg"]
        assert refused["sent"] == []
