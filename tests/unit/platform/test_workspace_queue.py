# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""emr_workspace_queue under every rule: converges, sends nothing for nothing, and refuses what would do harm."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from tests.emulator.platform_rules import PLATFORM_CHOICES
from tests.unit.platform.harness import QUEUE, WORKSPACE, PlatformHarness

RULES = {
    name: PLATFORM_CHOICES[name]
    for name in (
        "queue_edit",
        "edit_takes",
        "overlapping_edits",
        "queue_numbers",
        "queue_min",
        "queue_create_takes",
        "queue_environments",
    )
}
SINGLE = [{name: value} for name, values in RULES.items() for value in values[1:]]
HOSTILE = {name: values[-1] for name, values in RULES.items()}
PAIRS = [one | other for one, other in itertools.combinations(SINGLE, 2) if list(one) != list(other)][::3]


@pytest.mark.parametrize("rules", [{}, *SINGLE, *PAIRS, HOSTILE], ids=lambda rules: ",".join(rules.values()) or "none")
def test_life_of_a_queue_under_every_rule(harness: PlatformHarness, rules: dict[str, str]) -> None:
    harness.emulator.rules.set(rules)
    harness.make_workspace()
    created = harness.converge("queue", QUEUE)
    assert created["actions"] == ["create gpu"]
    assert harness.queue_size("gpu") == {"cu": 32, "maxCu": 64, "gpu": 8}
    assert created["not_compared"][-1] == "resource_spec.gpu"
    assert created["capacity_delta"]["maximum"]["cu"] == 64
    grown = harness.converge("queue", QUEUE, resource_spec={"cu": 40, "max_cu": 80, "gpu": 4})
    assert grown["actions"] == ["edit gpu"]
    assert harness.queue_size("gpu") == {"cu": 40, "maxCu": 80, "gpu": 4}
    row = harness.queue_rows()["gpu"]
    assert (row["description"], row["environments"]) == ("for training", ["dev"])
    shrunk = harness.converge("queue", {"name": "gpu", "resource_spec": {"cu": "16cu"}})
    assert shrunk["capacity_delta"]["maximum"]["cu"] == -64
    row = harness.queue_rows()["gpu"]
    assert (row["description"], row["environments"], row["gpuSpec"]) == ("for training", ["dev"], QUEUE["gpu_spec"])
    cleared = harness.converge("queue", QUEUE, resource_spec={"cu": 16}, description="", environments=["production"])
    assert {change["field"] for change in cleared["changes"]} == {"description", "environments"}
    gone = harness.converge("queue", {"name": "gpu", "state": "absent"})
    assert gone["queues"] == []
    assert "gpu" not in harness.queue_rows()
    assert harness.emulator.orders == []


@pytest.mark.parametrize("size", [64, "64", "64cu", " 64 CU", "64.0"])
def test_sizes_are_compared_as_numbers(harness: PlatformHarness, size: Any) -> None:
    harness.make_workspace()
    harness.converge("queue", {"name": "q", "resource_spec": {"cu": 64}})
    assert harness.unchanged("queue", {"name": "q", "resource_spec": {"cu": size}}).operations == [
        "ListWorkspaceQueues"
    ]


def test_no_difference_costs_one_read(harness: PlatformHarness) -> None:
    harness.make_workspace()
    harness.converge("queue", QUEUE)
    again = harness.unchanged("queue", QUEUE, gpu_spec=QUEUE["gpu_spec"] * 2)
    assert again.operations == ["ListWorkspaceQueues"]
    assert again["msg"] == "queue gpu: no change"


def test_what_cannot_be_read_is_sent_and_said(harness: PlatformHarness) -> None:
    harness.make_workspace()
    harness.converge("queue", QUEUE)
    changed = {"cu": 16, "max_cu": 64, "gpu": 2}
    unseen = harness.unchanged("queue", QUEUE, resource_spec=changed)
    assert unseen["not_compared"] == ["resource_spec.cu", "resource_spec.gpu"]
    forced = harness.succeed("queue", QUEUE, resource_spec=changed, force=True)
    assert forced["actions"] == ["edit gpu"]
    assert forced["not_compared"] == ["resource_spec.cu", "resource_spec.gpu"]
    assert harness.queue_size("gpu") == {"cu": 16, "maxCu": 64, "gpu": 2}


def test_several_queues_shrink_before_they_grow(harness: PlatformHarness) -> None:
    harness.emulator.rules.set({"overlapping_edits": "refused", "edit_takes": "time", "queue_edit": "replace"})
    harness.make_workspace(100)
    queues = [{"name": name, "resource_spec": {"cu": cu}} for name, cu in (("a", 20), ("b", 50), ("c", 30))]
    harness.converge("queue", {"queues": queues})
    moved = [{"name": name, "resource_spec": {"cu": cu}} for name, cu in (("a", 60), ("b", 10), ("d", 30))]
    moved.append({"name": "c", "state": "absent"})
    outcome = harness.converge("queue", {"queues": moved})
    assert outcome["actions"] == ["edit b", "delete c", "create d", "edit a"]
    assert [harness.queue_cpu(name) for name in ("a", "b", "d")] == [60, 10, 30]
    assert [row["queue_name"] for row in outcome["queues"]] == ["a", "b", "d"]
    assert outcome["capacity_delta"]["declared"]["cu"] == 0
    assert "queues[b].resource_spec.cu 50 → 10" in outcome["msg"]


@pytest.mark.parametrize("root", ["whole", "counted"])
def test_sum_is_checked_before_the_first_write(harness: PlatformHarness, root: str) -> None:
    harness.emulator.rules.set({"root_queue": root})
    harness.make_workspace(100)
    share = 100 if root == "whole" else 50
    harness.converge("queue", {"name": "a", "resource_spec": {"cu": share}})
    queues = [{"name": "a", "resource_spec": {"cu": share - 10}}, {"name": "b", "resource_spec": {"cu": 11}}]
    for check in (True, False):
        refused = harness.fail("queue", {"queues": queues}, check=check)
        assert refused["error"]["code"] == "WorkspaceTooSmall"
        assert "b 11" in refused["msg"]
        assert refused["sent"] == []
    queues[1]["resource_spec"]["cu"] = 10
    harness.converge("queue", {"queues": queues})


def test_a_queue_in_use_is_not_deleted(harness: PlatformHarness) -> None:
    spec = {"headSpec": {"queueName": "gpu_queue", "cpu": "4", "memory": "16Gi"}, "workerSpec": []}
    (cluster_id,) = harness.emulator.seed("training", spec=spec)
    for check in (True, False):
        refused = harness.fail("queue", {"name": "gpu_queue", "state": "absent"}, check=check)
        assert refused["error"]["code"] == "QueueInUse"
        assert f"training ({cluster_id}, Stopped) in gpu_queue" in refused["msg"]
        assert refused["sent"] == []
    harness.emulator.service.remove(cluster_id)
    harness.emulator.set_top_jobs("gpu_queue", {"jobId": "jr-7", "jobType": "SPARK", "cu": "3"})
    assert "job jr-7 in gpu_queue" in harness.fail("queue", {"name": "gpu_queue", "state": "absent"})["msg"]
    harness.emulator.set_top_jobs("gpu_queue")
    harness.converge("queue", {"name": "gpu_queue", "state": "absent"})


def test_what_cannot_be_changed_says_what_to_do(harness: PlatformHarness) -> None:
    harness.make_workspace()
    harness.converge("queue", QUEUE)
    for changes in ({"queue_category": "CPU"}, {"preheat": True}, {"payment_type": "Pre", "instance_id": "i-1"}):
        refused = harness.fail("queue", QUEUE, **changes)
        assert refused["error"]["code"] == "CannotChange"
        assert refused["error"]["hint"].startswith("declare another queue")
        assert refused["sent"] == []


def test_nothing_is_bought(harness: PlatformHarness) -> None:
    workspace_id = harness.make_workspace()
    prepaid = {**QUEUE, "payment_type": "Pre", "instance_id": "i-1"}
    refused = harness.fail("queue", prepaid)
    assert "no prepaid quota i-1" in refused["msg"]
    assert "console" in refused["error"]["hint"]
    assert refused["sent"] == []
    harness.emulator.set_workspace(workspace_id, prePaidQuota={"instanceId": "i-1"})
    harness.converge("queue", prepaid)
    assert harness.queue_rows()["gpu"]["paymentType"] == "Pre"
    harness.converge("queue", prepaid, resource_spec={"cu": 48, "max_cu": 64, "gpu_machine_num": 2})
    assert harness.emulator.orders == []


def test_guardrails(harness: PlatformHarness) -> None:
    harness.make_workspace()
    harness.converge("queue", {"name": "q", "resource_spec": {"cu": 50}}, max_cu=50)
    for check in (True, False):
        refused = harness.fail("queue", {"name": "q", "resource_spec": {"cu": 51}}, max_cu=50, check=check)
        assert (refused["error"]["code"], refused["sent"]) == ("GuardrailBroken", [])
        for shrunk in ({"resource_spec": {"cu": 49}}, {"state": "absent"}):
            refused = harness.fail("queue", {"name": "q", **shrunk}, protected=True, check=check)
            assert (refused["error"]["code"], refused["sent"]) == ("GuardrailBroken", [])
    harness.converge("queue", {"name": "q", "resource_spec": {"cu": 49}}, max_cu=10)


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({}, "name: must be"),
        ({"name": "a b"}, "name: must be"),
        ({"name": "q\u200b"}, "name: must be"),
        ({"name": "q", "queues": [{"name": "r"}]}, "name and queues"),
        ({"queues": []}, "at least one queue"),
        ({"queues": [{"name": "r"}, {"name": "r"}]}, "declared twice"),
        ({"name": "q", "resource_spec": {"cu": "many"}}, "resource_spec.cu: is not a whole number"),
        ({"name": "q", "resource_spec": {"cu": True}}, "resource_spec.cu: is not a whole number"),
        ({"name": "q", "resource_spec": {"cu": "-1"}}, "resource_spec.cu: is not a whole number"),
        ({"name": "q", "resource_spec": {"cu": 2, "max_cu": 1}}, "must not be less"),
        ({"name": "q", "resource_spec": {"max_cu": 1}}, "needs resource_spec.cu"),
        ({"name": "q", "resource_spec": {"gpu": 1}}, "needs resource_spec.cu"),
        ({"name": "q", "resource_spec": {"cu": 1, "gpu": -1}}, "must not be negative"),
        ({"name": "q", "resource_spec": {"cu": 1, "gpu_machine_num": 1}}, "payment_type Pre"),
        ({"name": "q", "payment_type": "Pre"}, "requires instance_id"),
        ({"name": "root_queue", "state": "absent"}, "cannot be deleted"),
        ({"name": "q", "environments": ["dev", " "]}, "environments"),
        ({"name": "q", "wait_interval": 0}, "wait_interval"),
    ],
)
def test_bad_input_fails_before_any_request(harness: PlatformHarness, given: dict[str, Any], problem: str) -> None:
    refused = harness.fail("queue", given)
    assert problem in refused["msg"]
    assert refused["error"]["code"] == "InvalidOption"
    assert refused["asked"] == []


def test_a_size_is_needed_to_create_and_to_edit(harness: PlatformHarness) -> None:
    refused = harness.fail("queue", {"name": "q", "description": "text"})
    assert "resource_spec.cu: queue q does not exist" in refused["msg"]
    refused = harness.fail("queue", {"name": "gpu_queue", "description": "text"})
    assert "reads show a maximum of 100000 CU" in refused["msg"]
    assert refused["sent"] == []
    harness.emulator.rules.set({"queue_min": "always"})
    harness.succeed("queue", {"name": "gpu_queue", "description": "text", "resource_spec": {"cu": 5}})
    harness.converge("queue", {"name": "gpu_queue", "description": "other"})
    assert harness.queue_size("gpu_queue") == {"cu": 5, "maxCu": 5}


def test_a_change_that_does_not_show_fails(harness: PlatformHarness) -> None:
    harness.make_workspace()
    harness.converge("queue", QUEUE)
    harness.emulator.fault("inner_code", "EditWorkspaceQueue", code="1000000")
    refused = harness.fail("queue", QUEUE, description="other")
    assert refused["error"]["code"] == "NotConverged"
    assert "description: declared 'other'" in refused["msg"]


def test_a_refusal_is_explained(harness: PlatformHarness) -> None:
    harness.emulator.deny("CreateWorkspaceQueue")
    refused = harness.fail("queue", {"name": "q", "resource_spec": {"cu": 1}})
    assert "emr-serverless-spark:CreateWorkspaceQueue" in refused["error"]["hint"]
    assert refused["msg"].startswith("Could not create the queue 'q'")
    assert refused["changed"] is False


def test_a_starting_workspace_is_waited_for(harness: PlatformHarness) -> None:
    outcome = harness.succeed("workspace", WORKSPACE, wait=False)
    harness.emulator.workspace_id = outcome["workspace_id"]
    early = harness.succeed("queue", QUEUE, check=True)
    assert early["msg"] == "queue gpu: create gpu; it requires a workspace that does not run yet"
    assert harness.succeed("queue", QUEUE)["actions"] == ["create gpu"]
    harness.unchanged("queue", QUEUE)


def test_check_mode_on_a_workspace_that_would_be_created(harness: PlatformHarness) -> None:
    outcome = harness.succeed("queue", QUEUE, check=True, workspace_id="(known after create)")
    assert outcome["changed"] is True
    assert outcome.operations == []
    assert "it requires a workspace that does not run yet" in outcome["msg"]
