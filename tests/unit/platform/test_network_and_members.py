# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""emr_network_service and emr_workspace_member: they only add, and say what to do where the service cannot follow."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.platform.harness import MEMBER, NETWORK, ROLE, USER, PlatformHarness


@pytest.mark.parametrize("names", ["unique", "any"])
def test_network_service_is_created_and_waited_for(harness: PlatformHarness, names: str) -> None:
    harness.emulator.rules.set({"network_names": names})
    created = harness.converge("network", NETWORK)
    assert created["network_service"]["state"] == "running"
    assert created["network_service"]["network_service_id"].startswith("ns-")
    assert created["not_compared"] == ["security_group_id"]
    assert sum(created.slept) >= 20
    again = harness.unchanged("network", NETWORK, vswitch_ids=["vsw-1", "vsw-2"], security_group_id="sg-9")
    assert again.operations == ["ListNetworkServices"]


def test_network_service_that_differs(harness: PlatformHarness) -> None:
    harness.converge("network", NETWORK)
    for changes in ({"vpc_id": "vpc-2"}, {"vswitch_ids": ["vsw-1"]}, {"type": "Other"}):
        refused = harness.fail("network", NETWORK, **changes)
        assert refused["error"]["code"] == "CannotChange"
        assert "another name" in refused["error"]["hint"]
        assert refused["sent"] == []


def test_network_service_that_fails(harness: PlatformHarness) -> None:
    harness.emulator.rules.set({"network_create": "fails"})
    failed = harness.fail("network", NETWORK)
    assert failed["error"]["code"] == "NetworkServiceFailed"
    assert "zone of the vSwitch is not supported" in failed["msg"]
    assert failed["actions"] == ["create"]
    assert harness.fail("network", NETWORK)["sent"] == []


def test_network_service_absent(harness: PlatformHarness) -> None:
    harness.unchanged("network", {"name": "redis", "state": "absent"})
    harness.converge("network", NETWORK)
    refused = harness.fail("network", {"name": "redis", "state": "absent"})
    assert refused["error"]["code"] == "NoSuchOperation"
    assert "console" in refused["error"]["hint"]


def test_network_services_of_one_name(harness: PlatformHarness) -> None:
    harness.emulator.set_workspace(networkServices=["redis", {"name": "redis", "networkServiceId": "ns-2"}])
    refused = harness.fail("network", NETWORK)
    assert refused["error"]["code"] == "NameNotUnique"
    assert "ns-2" in refused["msg"]


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({"name": "a b"}, "name: must be"),
        ({"vswitch_ids": []}, "vswitch_ids: at least one"),
        ({"vswitch_ids": ["vsw 1 "]}, "vswitch_ids"),
        ({"vpc_id": ""}, "vpc_id"),
    ],
)
def test_bad_network_service(harness: PlatformHarness, given: dict[str, Any], problem: str) -> None:
    refused = harness.fail("network", NETWORK, **given)
    assert problem in refused["msg"]
    assert refused["asked"] == []


def test_what_a_network_service_needs(harness: PlatformHarness) -> None:
    refused = harness.fail("network", {"name": "redis"})
    for option in ("vpc_id", "vswitch_ids", "security_group_id"):
        assert option in refused["msg"]


@pytest.mark.parametrize(
    "rules", [{}, {"member_ids": "opaque", "add_member_again": "refused"}], ids=["default", "hostile"]
)
def test_members_and_roles(harness: PlatformHarness, rules: dict[str, str]) -> None:
    harness.emulator.rules.set(rules)
    added = harness.converge("member", MEMBER)
    assert added["actions"] == ["add", "grant DataScience"]
    assert [[role["role_name"] for role in row["roles"]] for row in added["members"]] == [["DataScience"]] * 2
    more = harness.converge("member", MEMBER, roles=["DataScience", "Owner"])
    assert more["actions"] == ["grant Owner"]
    other = USER.replace("77", "78")
    mixed = harness.converge("member", {"member_arns": [other, ROLE], "roles": ["Owner"]})
    assert mixed["actions"] == ["add", "grant Owner"]
    assert f"members[{other}] absent → present" in mixed["msg"]
    assert harness.unchanged("member", MEMBER).operations == ["ListMembers"]
    arn = mixed["members"][0]["member_arn"]
    harness.converge(
        "member", {"member_arns": [arn], "roles": [f"acs:emr::{harness.emulator.workspace_id}:role/Guest"]}
    )


def test_a_member_that_cannot_be_recognized(harness: PlatformHarness) -> None:
    harness.emulator.rules.set({"member_ids": "opaque"})
    harness.converge("member", {"member_arns": [ROLE]})
    rows = harness.emulator.core.platform.members.rows[harness.emulator.workspace_id]
    added = harness.succeed("member", {"member_arns": [USER], "roles": ["Guest"]})
    rows[-1] |= {"userName": "alice", "displayName": "Alice"}
    failed = harness.fail("member", {"member_arns": [USER], "roles": ["Guest"]})
    assert failed["error"]["code"] == "MemberNotFound"
    harness.unchanged("member", {"member_arns": [added["members"][0]["member_arn"]], "roles": ["Guest"]})


def test_members_are_not_removed(harness: PlatformHarness) -> None:
    harness.unchanged("member", MEMBER, state="absent")
    harness.converge("member", MEMBER)
    refused = harness.fail("member", MEMBER, state="absent")
    assert refused["error"]["code"] == "NoSuchOperation"
    assert refused["sent"] == []


def test_a_role_that_does_not_exist(harness: PlatformHarness) -> None:
    refused = harness.fail("member", MEMBER, roles=["Nobody"])
    assert "there is no role Nobody" in refused["msg"]
    assert refused["msg"].startswith("Could not grant Nobody to the member")
    assert refused["actions"] == ["add"]


@pytest.mark.parametrize("arns", [[], ["someone"], ["acs:ram::1:group/x"], ["acs:emr::w:member/"]])
def test_bad_members(harness: PlatformHarness, arns: list[str]) -> None:
    refused = harness.fail("member", {"member_arns": arns})
    assert "member_arns" in refused["msg"]
    assert refused["asked"] == []
