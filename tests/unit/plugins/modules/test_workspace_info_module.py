# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""emr_workspace_info against the emulator: which workspaces, which parts of them, and what a refusal does."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from ansible_collections.rayops.alicloud.plugins.module_utils._argspec.workspace import WORKSPACE_INFO_OPTIONS
from ansible_collections.rayops.alicloud.plugins.module_utils._payload import field_names
from ansible_collections.rayops.alicloud.plugins.module_utils._workspace import fields
from ansible_collections.rayops.alicloud.plugins.module_utils._workspace.info import GATHER_PARTS, run_workspace_info
from tests.emulator import Emulator
from tests.unit.scenarios.harness import TaskHarness, TaskOutcome

# What is read unless a task says otherwise.
DEFAULT_PARTS = set(WORKSPACE_INFO_OPTIONS["gather"]["default"])
Info = Callable[..., TaskOutcome]


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    with Emulator() as emulator:
        yield emulator


@pytest.fixture
def info(emulator: Emulator) -> Info:
    """Return a way to run the core: no workspace is given unless a test does."""
    harness = TaskHarness(emulator)

    def run(**given: Any) -> TaskOutcome:
        return harness._run(run_workspace_info, WORKSPACE_INFO_OPTIONS, {"workspace_id": None, **given}, False)

    return run


def named(outcome: TaskOutcome) -> list[str]:
    """Return the ids of the workspaces in a result."""
    assert not outcome.failed, outcome.result
    return [row["workspace_id"] for row in outcome["workspaces"]]


def test_one_workspace_with_all_that_a_cluster_names(emulator: Emulator, info: Info) -> None:
    resources = {"maxResource": {"cpu": "100", "memory": "400Gi"}, "usedResource": {"cpu": "0.5", "memory": "512Mi"}}
    emulator.set_workspace(queues=[{"queueName": "root_queue", **resources}], tags=[{"tagKey": "a", "tagValue": "b"}])
    found = info(workspace_id=emulator.workspace_id)
    assert found.operations == ["GetWorkspace", "ListWorkspaceQueues", "ListReleaseVersions", "ListNetworkServices"]
    (workspace,) = found["workspaces"]
    assert set(field_names(fields.Workspace)) | DEFAULT_PARTS < set(workspace)
    assert (workspace["workspace_id"], workspace["tags"]) == (emulator.workspace_id, {"a": "b"})
    (queue,) = workspace["queues"]
    assert set(queue) == {*field_names(fields.Queue)} - {"declared_cu"}
    assert queue["max_resource"] == {"cpu": 100, "memory_gib": 400}
    assert queue["used_resource"] == {"cpu": 0.5, "memory_gib": 0.5}
    assert set(workspace["release_versions"][0]) == set(field_names(fields.ReleaseVersion))
    names = [row["display_release_version"] for row in workspace["release_versions"]]
    assert "ray-1.0.0 (Ray 2.47.1, Python 3.12)" in names
    (network,) = workspace["network_services"]
    assert set(network) == set(field_names(fields.NetworkService))
    assert (network["name"], network["state"]) == ("vpc", "running")
    assert (workspace["errors"], found.warnings, found["changed"]) == ({}, [], False)


def test_all_workspaces_or_those_that_match(emulator: Emulator, info: Info) -> None:
    emulator.set_workspace("w-2", workspaceName="nightly")
    emulator.set_workspace("w-3", workspaceName="nightly-old", workspaceStatus="TERMINATED")
    everything = info(gather=[])
    assert set(named(everything)) == {emulator.workspace_id, "w-2", "w-3"}
    assert everything.operations == ["ListWorkspaces"]
    assert not set(GATHER_PARTS) & set(everything["workspaces"][0])
    assert set(named(info(gather=[], name="night"))) == {"w-2", "w-3"}
    assert named(info(gather=[], name="night", states=["running"])) == ["w-2"]
    assert named(info(gather=[], workspace_id="w-2", name="night")) == ["w-2"]
    assert named(info(gather=[], workspace_id="w-2", name="day")) == []
    assert named(info(gather=[], workspace_id="w-2", states=["TERMINATED"])) == []
    assert named(info(gather=[], region="eu-central-1")) == []


def test_the_variable_that_names_a_workspace_means_nothing(emulator: Emulator, info: Info) -> None:
    harness = TaskHarness(emulator)
    harness.environ = {"ALIBABA_CLOUD_EMR_SERVERLESS_SPARK_WORKSPACE_ID": emulator.workspace_id}
    emulator.set_workspace("w-2")
    found = harness._run(run_workspace_info, WORKSPACE_INFO_OPTIONS, {"workspace_id": None, "gather": []}, False)
    assert set(named(found)) == {emulator.workspace_id, "w-2"}


def test_a_workspace_that_is_gone_is_not_looked_into(emulator: Emulator, info: Info) -> None:
    emulator.set_workspace(workspaceStatus="TERMINATED")
    found = info(gather=["queues"])
    assert found.operations == ["ListWorkspaces"]
    assert found["workspaces"][0]["queues"] is None


def test_a_part_that_is_refused_is_told_and_the_rest_is_there(emulator: Emulator, info: Info) -> None:
    emulator.deny("ListWorkspaceQueues")
    found = info(gather=["queues", "network_services"])
    (workspace,) = found["workspaces"]
    assert workspace["queues"] is None
    assert [row["name"] for row in workspace["network_services"]] == ["vpc"]
    assert list(workspace["errors"]) == ["queues"]
    assert "emr-serverless-spark:ListWorkspaceQueues" in workspace["errors"]["queues"]
    (warning,) = found.warnings
    assert warning.startswith(f"The queues of workspace {emulator.workspace_id} could not be read: NoPermission")


@pytest.mark.parametrize(
    ("given", "operation"),
    [({}, "ListWorkspaces"), ({"workspace_id": "w-emulator"}, "GetWorkspace")],
    ids=["list", "get"],
)
def test_a_refused_workspace_is_a_failure(emulator: Emulator, info: Info, given: Any, operation: str) -> None:
    emulator.deny(operation)
    found = info(**given)
    assert found.failed
    assert found["msg"].startswith("Could not read the workspaces: NoPermission")
    assert f"emr-serverless-spark:{operation}" in found["error"]["hint"]


def test_a_broken_part_and_an_unknown_workspace_are_failures(emulator: Emulator, info: Info) -> None:
    unknown = info(workspace_id="w-unknown")
    assert unknown.failed
    assert "check workspace_id" in unknown["error"]["hint"]
    emulator.fault("wrong_types", "ListWorkspaceQueues", times=100)
    broken = info(gather=["queues"])
    assert broken.failed
    assert broken["error"]["operation"] == "ListWorkspaceQueues"


def test_bad_options_fail_before_any_request(emulator: Emulator, info: Info) -> None:
    failed = info(workspace_id="../x")
    assert failed.failed
    assert "workspace_id: is not an ID" in failed["msg"]
    assert failed.operations == []


def test_members_jobs_and_cu_hours(emulator: Emulator, info: Info) -> None:
    quota = {"instanceId": "i-1", "expireTime": 1_800_000_000_000, "maxResource": '{"cpu":"64","memory":"256Gi"}'}
    gpus = [{"instanceId": "i-2", "gpuMachineNum": 2, "expireTime": 1_800_000_000_000}]
    actions = [{"actionArn": "acs:emr::w-emulator:action/create_queue"}]
    queues = ["root_queue", {"queueName": "gpu", "allowActions": actions}]
    emulator.set_workspace(prePaidQuota=quota, prePaidQuotaGpu=gpus, queues=queues)
    emulator.set_top_jobs("gpu", {"jobId": "jr-1", "jobType": "RAY", "cu": "2.5", "cpuCores": "2", "memoryGiB": "10"})
    emulator.set_cu_hours("gpu", "12.5")
    arn = "acs:ram::100000000000000001:user/200000000000000077"
    emulator.core.platform.members.add({"workspaceId": "w-emulator", "memberArns": [arn]})
    gather = ["members", "top_jobs", "cu_hours", "queues"]
    period = {"start_time": "2026-11-01 00:00:00", "end_time": "2026-12-01 00:00:00"}
    found = info(workspace_id="w-emulator", gather=gather, **period)
    (workspace,) = found["workspaces"]
    assert workspace["pre_paid_quota"]["expire_time"] == 1_800_000_000_000
    assert workspace["pre_paid_quota"]["max_resource"] == {"cpu": 64, "memory_gib": 256}
    assert workspace["pre_paid_quota_gpu"][0]["gpu_machine_num"] == 2
    assert [row["user_name"] for row in workspace["members"]] == ["200000000000000077"]
    assert workspace["queues"][1]["allow_actions"] == ["create_queue"]
    root, gpu = workspace["top_jobs"]
    assert (root["queue_name"], root["total_cu"], root["jobs"]) == ("root_queue", 0, [])
    job = {"job_id": "jr-1", "job_type": "RAY", "cu": 2.5, "cpu_cores": 2, "memory_gib": 10}
    assert (gpu["total_cu"], gpu["total_job_count"], gpu["jobs"]) == (2.5, 1, [job])
    assert [row["cu_hours"] for row in workspace["cu_hours"]] == [0, 12.5]
    emulator.rules.set({"cu_hours": "number"})
    (workspace,) = info(workspace_id="w-emulator", gather=["cu_hours"], **period)["workspaces"]
    assert workspace["cu_hours"][1] == {"queue_name": "gpu", "cu_hours": 12.5, "text": "12.5"}
    emulator.set_cu_hours("gpu", "much")
    (workspace,) = info(workspace_id="w-emulator", gather=["cu_hours"], **period)["workspaces"]
    assert workspace["cu_hours"][1]["cu_hours"] is None


def test_cu_hours_need_a_period(info: Info) -> None:
    refused = info(gather=["cu_hours"])
    assert refused.failed
    assert "start_time and end_time" in refused["msg"]
    assert refused.operations == []


def test_a_refused_part_of_queues_is_told(emulator: Emulator, info: Info) -> None:
    emulator.deny("ListQueueTopJobs", "ListMembers")
    (workspace,) = info(workspace_id="w-emulator", gather=["top_jobs", "members"])["workspaces"]
    assert (workspace["top_jobs"], workspace["members"]) == (None, None)
    assert set(workspace["errors"]) == {"top_jobs", "members"}
