# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The official SDK makes workspaces, queues, network services and members, under every rule."""

from __future__ import annotations

import json
from typing import Any

import pytest
from alibabacloud_emr_serverless_spark20230808 import models  # type: ignore[import-untyped]
from alibabacloud_emr_serverless_spark20230808.client import Client as SdkClient  # type: ignore[import-untyped]
from alibabacloud_tea_openapi.exceptions import AlibabaCloudException  # type: ignore[import-untyped]
from darabonba.runtime import RuntimeOptions  # type: ignore[import-untyped]

from tests.emulator import Emulator
from tests.emulator.platform_rules import PLATFORM_CHOICES, PlatformRules
from tests.unit.emulator.sdk import make_sdk

USER = "acs:ram::100000000000000001:user/200000000000000077"


class Console:
    """The SDK with the shortest calls for these tests."""

    def __init__(self, emulator: Emulator) -> None:
        self.emulator = emulator
        self.sdk: SdkClient = make_sdk(emulator)

    def create_workspace(self, name: str = "team", cu: Any = "100", **changes: Any) -> str:
        fields = {"workspace_name": name, "oss_bucket": "oss://bucket/", "ram_role_name": "role"}
        fields |= {"payment_type": "PayAsYouGo", "resource_spec": models.CreateWorkspaceRequestResourceSpec(cu=cu)}
        body = self.sdk.create_workspace(models.CreateWorkspaceRequest(**(fields | changes))).body
        assert body.operation_id.startswith("op-")
        return str(body.workspace_id)

    def running(self, cu: int = 100) -> str:
        workspace_id = self.create_workspace(cu=str(cu))
        self.emulator.advance(1)
        return workspace_id

    def workspace(self, workspace_id: str) -> Any:
        return self.sdk.get_workspace(workspace_id, models.GetWorkspaceRequest()).body.workspace

    def update_workspace(self, workspace_id: str, **changes: Any) -> Any:
        return self.sdk.update_workspace(models.UpdateWorkspaceRequest(workspace_id=workspace_id, **changes)).body

    def create_queue(self, workspace_id: str, name: str, *, size: dict[str, Any], **changes: Any) -> Any:
        spec = models.CreateWorkspaceQueueRequestResourceSpec(**size)
        fields = {"workspace_id": workspace_id, "workspace_queue_name": name, "resource_spec": spec}
        return self.sdk.create_workspace_queue(models.CreateWorkspaceQueueRequest(**(fields | changes))).body

    def edit_queue(self, workspace_id: str, name: str, *, size: dict[str, Any] | None = None, **changes: Any) -> Any:
        fields: dict[str, Any] = {"workspace_id": workspace_id, "workspace_queue_name": name}
        if size is not None:
            fields["resource_spec"] = models.EditWorkspaceQueueRequestResourceSpec(**size)
        return self.sdk.edit_workspace_queue(models.EditWorkspaceQueueRequest(**(fields | changes))).body

    def queues(self, workspace_id: str) -> dict[str, Any]:
        rows = self.sdk.list_workspace_queues(workspace_id, models.ListWorkspaceQueuesRequest()).body.queues
        return {row.queue_name: row for row in rows}

    def cpu(self, workspace_id: str, name: str) -> tuple[Any, Any]:
        """Return the lower and the upper number of cores that reads show."""
        row = self.queues(workspace_id)[name]
        return json.loads(row.min_resource)["cpu"], json.loads(row.max_resource)["cpu"]

    def create_network(self, workspace_id: str, name: str = "vpc", **changes: Any) -> Any:
        fields = {"name": name, "vpc_id": "vpc-1", "vswitch_ids": ["vsw-1"], "security_group_id": "sg-1"}
        request = models.CreateNetworkServiceRequest(**(fields | changes))
        return self.sdk.create_network_service(workspace_id, request).body

    def networks(self, workspace_id: str) -> list[Any]:
        request = models.ListNetworkServicesRequest()
        return list(self.sdk.list_network_services(workspace_id, request).body.network_services)

    def members(self, workspace_id: str, **query: Any) -> Any:
        return self.sdk.list_members(workspace_id, models.ListMembersRequest(**query)).body

    def refused(self, call: str, *arguments: Any, **options: Any) -> tuple[str, str]:
        with pytest.raises(AlibabaCloudException) as caught:
            getattr(self, call)(*arguments, **options)
        return str(caught.value.code), str(caught.value.message).partition(", ")[2].partition(" request id")[0]


@pytest.fixture
def console(emulator: Emulator) -> Console:
    return Console(emulator)


def test_first_choice_is_the_default() -> None:
    defaults = vars(PlatformRules())
    assert {name: defaults[name] for name in PLATFORM_CHOICES} == {
        name: choices[0] for name, choices in PLATFORM_CHOICES.items()
    }


def test_workspace_starts_with_time(console: Console, emulator: Emulator) -> None:
    gpu = ["ecs.gn7i-c8g1.2xlarge"]
    tags = [models.CreateWorkspaceRequestTag(key="team", value="a")]
    workspace_id = console.create_workspace(gpu_spec=gpu, tag=tags, resource_group_id="rg-1", release_type="pro")
    row = console.workspace(workspace_id)
    assert (row.workspace_status, row.resource_spec, row.storage) == ("STARTING", "100cu", "oss://bucket/")
    assert (row.gpu_spec, row.resource_group_id, row.ram_role_name) == (gpu, "rg-1", "role")
    assert [(tag.tag_key, tag.tag_value) for tag in row.tags] == [("team", "a")]
    assert console.queues(workspace_id) == {}
    assert console.refused("create_queue", workspace_id, "q", size={"cu": 4})[0] == "OperationDenied"
    emulator.advance(1)
    assert console.workspace(workspace_id).workspace_status == "RUNNING"
    assert list(console.queues(workspace_id)) == ["root_queue", "dev_queue"]
    assert emulator.clusters(workspace_id) == []
    assert emulator.orders == []


def test_client_token_makes_one_workspace(console: Console, emulator: Emulator) -> None:
    first = console.create_workspace(client_token="t")
    assert console.create_workspace(client_token="t") == first
    assert console.create_workspace(client_token="u") != first
    emulator.rules.set({"client_tokens": "ignored"})
    assert console.create_workspace(client_token="t") != first
    emulator.rules.set({"workspace_names": "unique"})
    assert console.refused("create_workspace")[0] == "InvalidParameter"


def test_lost_answer_leaves_a_workspace(console: Console, emulator: Emulator) -> None:
    emulator.fault("cut_after", "CreateWorkspace")
    request = models.CreateWorkspaceRequest(workspace_name="team", client_token="t", oss_bucket="oss://b/")
    request.ram_role_name, request.payment_type = "role", "PayAsYouGo"
    request.resource_spec = models.CreateWorkspaceRequestResourceSpec(cu="10")
    with pytest.raises(Exception, match=r"(?i)connection|remote|aborted"):
        console.sdk.create_workspace_with_options(request, {}, RuntimeOptions(autoretry=False))
    again = console.sdk.create_workspace(request).body.workspace_id
    rows = console.sdk.list_workspaces(models.ListWorkspacesRequest(name="team")).body.workspaces
    assert [row.workspace_id for row in rows] == [again]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"name": "a b"}, "InvalidParameter"),
        ({"cu": "010"}, "InvalidParameter"),
        ({"cu": "100cu"}, "InvalidParameter"),
        ({"oss_bucket": "bucket"}, "InvalidParameter"),
        ({"oss_bucket": None}, "MissingParameter"),
        ({"payment_type": "Subscription"}, "InvalidParameter"),
        ({"payment_type": "Pre"}, "MissingParameter"),
    ],
)
def test_workspace_that_is_refused(console: Console, changes: dict[str, Any], code: str) -> None:
    assert console.refused("create_workspace", **changes)[0] == code


def test_bucket_may_need_its_slash(console: Console, emulator: Emulator) -> None:
    console.create_workspace(oss_bucket="oss://bucket")
    emulator.rules.set({"oss_bucket": "slash"})
    assert console.refused("create_workspace", oss_bucket="oss://bucket")[0] == "InvalidParameter"


def test_workspace_that_fails(console: Console, emulator: Emulator) -> None:
    emulator.rules.set({"workspace_create": "fails"})
    row = console.workspace(console.running())
    assert (row.workspace_status, row.state_change_reason.code) == ("TERMINATED", "NoStock")


def test_update_patches_or_replaces(console: Console, emulator: Emulator) -> None:
    workspace_id = console.create_workspace(gpu_spec=["g"])
    assert console.refused("update_workspace", workspace_id, cu=10)[0] == "OperationDenied"
    emulator.advance(1)
    console.update_workspace(workspace_id, cu=200, ip_white_list=["192.0.2.1"])
    row = console.workspace(workspace_id)
    assert (row.resource_spec, row.gpu_spec, row.ip_white_list) == ("200cu", ["g"], ["192.0.2.1"])
    emulator.rules.set({"workspace_update": "replace"})
    assert console.refused("update_workspace", workspace_id, cu=10)[0] == "MissingParameter"
    console.update_workspace(workspace_id, cu=300, workspace_name="other", resource_group_id="rg-9")
    row = console.workspace(workspace_id)
    assert (row.resource_spec, row.workspace_name, row.gpu_spec, row.ip_white_list) == ("300cu", "other", [], [])
    assert row.resource_group_id == "rg-9"


def test_update_may_take_time(console: Console, emulator: Emulator) -> None:
    emulator.rules.set({"edit_takes": "time"})
    workspace_id = console.running()
    console.update_workspace(workspace_id, cu=200)
    assert console.workspace(workspace_id).resource_spec == "100cu"
    emulator.advance(1)
    assert console.workspace(workspace_id).resource_spec == "200cu"


def test_a_purchase_is_written_down(console: Console, emulator: Emulator) -> None:
    workspace_id = console.running()
    bought = models.UpdateWorkspaceRequestGpuSubscription(operation="BUY", gpu_machine_num=1)
    assert console.update_workspace(workspace_id, gpu_subscription=bought).order_id
    console.create_workspace(payment_type="Pre", payment_duration_unit="MONTH", duration="1")
    assert [order["operation"] for order in emulator.orders] == ["UpdateWorkspace", "CreateWorkspace"]


def test_resource_group(console: Console) -> None:
    workspace_id = console.running()
    request = models.ChangeResourceGroupRequest(resource_id=workspace_id, resource_type="Workspace")
    request.resource_group_id = "rg-2"
    console.sdk.change_resource_group(request)
    assert console.workspace(workspace_id).resource_group_id == "rg-2"


def test_ai_center(console: Console, emulator: Emulator) -> None:
    workspace_id = console.running()

    def state() -> str:
        return str(console.sdk.get_aicenter_state(workspace_id, models.GetAICenterStateRequest()).body.state)

    assert state() == "inactive"
    console.sdk.activate_aicenter(workspace_id, models.ActivateAICenterRequest())
    assert state() == "activating"
    emulator.advance(1)
    assert state() == "Running"


def test_queue_life(console: Console, emulator: Emulator) -> None:
    workspace_id = console.running()
    size = {"cu": 16, "max_cu": 32, "gpu": 1}
    options = {"queue_category": "GPU", "gpu_spec": ["g"], "description": "for us", "preheat": True}
    assert console.create_queue(workspace_id, "gpu", size=size, **options).request_id
    row = console.queues(workspace_id)["gpu"]
    assert (row.queue_status, row.queue_category, row.gpu_spec, row.preheat) == ("RUNNING", "GPU", ["g"], True)
    assert (row.description, row.environments, row.payment_type) == ("for us", [], "PayAsYouGo")
    assert "create_queue" in {action.action_name for action in row.allow_actions}
    assert console.cpu(workspace_id, "gpu") == ("0", "32")
    assert console.refused("create_queue", workspace_id, "gpu", size=size)[0] == "InvalidParameter"
    edited = console.edit_queue(workspace_id, "gpu", size={"cu": 8, "max_cu": 8}, environments=["dev"])
    assert edited.request_id
    row = console.queues(workspace_id)["gpu"]
    assert (row.description, row.environments, row.gpu_spec) == ("for us", ["dev"], ["g"])
    assert console.cpu(workspace_id, "gpu") == ("0", "8")
    done = console.sdk.delete_workspace_queue(workspace_id, "gpu", models.DeleteWorkspaceQueueRequest()).body
    assert done.request_id
    assert "gpu" not in console.queues(workspace_id)
    assert console.refused("edit_queue", workspace_id, "gpu", size={"cu": 1})[0] == "Queue.NotFound"


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("patch", ("0", "128", "text", ["dev"])),
        ("clear", ("0", "16", "text", ["dev"])),
        ("replace", ("0", "16", "", [])),
    ],
)
def test_what_an_edit_leaves(console: Console, emulator: Emulator, rule: str, expected: tuple[Any, ...]) -> None:
    emulator.rules.set({"queue_edit": rule})
    workspace_id = console.running(500)
    console.create_queue(workspace_id, "q", size={"cu": 64, "max_cu": 128}, description="text")
    console.edit_queue(workspace_id, "q", size={"cu": 64, "max_cu": 128}, environments=["dev"], description="text")
    console.edit_queue(workspace_id, "q", size={"cu": 16})
    row = console.queues(workspace_id)["q"]
    assert (*console.cpu(workspace_id, "q"), row.description, row.environments) == expected


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        ({}, ("0", "8")),
        ({"queue_min": "always"}, ("4", "8")),
        ({"queue_numbers": "decimal"}, ("0.0", "8.0")),
        ({"queue_numbers": "number"}, (0, 8)),
    ],
)
def test_how_numbers_are_read(
    console: Console, emulator: Emulator, rules: dict[str, str], expected: tuple[Any, Any]
) -> None:
    emulator.rules.set(rules)
    workspace_id = console.running()
    console.create_queue(workspace_id, "q", size={"cu": 4, "max_cu": 8})
    assert console.cpu(workspace_id, "q") == expected


def test_sum_of_queues(console: Console, emulator: Emulator) -> None:
    workspace_id = console.running(100)
    console.create_queue(workspace_id, "a", size={"cu": 60, "max_cu": 90})
    console.create_queue(workspace_id, "b", size={"cu": 40})
    refused = ("UnSupportedOperator", "workspace rest cpu is not enough")
    assert console.refused("edit_queue", workspace_id, "b", size={"cu": 41}) == refused
    assert console.refused("update_workspace", workspace_id, cu=99) == refused
    emulator.rules.set({"queue_sum": "max_cu"})
    assert console.refused("create_queue", workspace_id, "c", size={"cu": 1}) == refused
    console.edit_queue(workspace_id, "a", size={"cu": 20, "max_cu": 20})
    console.edit_queue(workspace_id, "b", size={"cu": 80})


def test_root_queue_may_count(console: Console, emulator: Emulator) -> None:
    emulator.rules.set({"root_queue": "counted"})
    workspace_id = console.running(100)
    assert console.cpu(workspace_id, "root_queue")[1] == "50"
    assert console.refused("create_queue", workspace_id, "a", size={"cu": 51})[0] == "UnSupportedOperator"
    console.create_queue(workspace_id, "a", size={"cu": 50})


def test_edits_may_take_time_and_not_overlap(console: Console, emulator: Emulator) -> None:
    emulator.rules.set({"edit_takes": "time", "overlapping_edits": "refused", "queue_environments": "all"})
    workspace_id = console.running()
    console.create_queue(workspace_id, "q", size={"cu": 4})
    assert console.queues(workspace_id)["q"].environments == ["production", "dev"]
    refused = ("Error.Internal", "fail to update app instance queue")
    assert console.refused("edit_queue", workspace_id, "q", size={"cu": 8}) == refused
    emulator.advance(1)
    console.edit_queue(workspace_id, "q", size={"cu": 8})
    assert console.cpu(workspace_id, "q")[1] == "4"
    emulator.advance(1)
    assert console.cpu(workspace_id, "q")[1] == "8"


def test_queue_may_come_with_time(console: Console, emulator: Emulator) -> None:
    emulator.rules.set({"queue_create_takes": "time"})
    workspace_id = console.running()
    console.create_queue(workspace_id, "q", size={"cu": 4})
    assert console.queues(workspace_id)["q"].queue_status == "CREATING"
    emulator.advance(1)
    assert console.queues(workspace_id)["q"].queue_status == "RUNNING"


def delete(console: Console, workspace_id: str, name: str) -> None:
    console.sdk.delete_workspace_queue(workspace_id, name, models.DeleteWorkspaceQueueRequest())


def test_who_may_go_and_who_fills(console: Console, emulator: Emulator) -> None:
    workspace_id = emulator.workspace_id
    part = {"queueName": "gpu_queue", "cpu": "4", "memory": "32Gi"}
    spec = {"headSpec": part, "workerSpec": [{**part, "groupName": "g", "replica": 2}]}
    (cluster_id,) = emulator.seed(spec=spec, state="Running")
    emulator.set_top_jobs("gpu_queue", {"jobId": "jr-1", "jobType": "SPARK", "cu": "30"})
    request = models.ListQueueTopJobsRequest(top_n=1)
    found = console.sdk.list_queue_top_jobs(workspace_id, "gpu_queue", request).body.queue_top_jobs
    assert (found.total_cu, found.total_job_count, found.max_results) == ("54", 2, 1)
    assert [job.job_id for job in found.jobs] == ["jr-1"]
    request = models.ListQueueTopJobsRequest()
    found = console.sdk.list_queue_top_jobs(workspace_id, "gpu_queue", request).body.queue_top_jobs
    job = found.jobs[1]
    assert (job.job_id, job.cu, job.cpu_cores, job.memory_gi_b) == (cluster_id, "24", "12", "96")
    with pytest.raises(AlibabaCloudException, match="root_queue"):
        delete(console, workspace_id, "root_queue")
    emulator.rules.set({"delete_used_queue": "refused"})
    with pytest.raises(AlibabaCloudException, match=cluster_id):
        delete(console, workspace_id, "gpu_queue")
    emulator.rules.set({"delete_used_queue": "allowed"})
    delete(console, workspace_id, "gpu_queue")
    with pytest.raises(AlibabaCloudException, match=r"Queue\.NotFound"):
        delete(console, workspace_id, "gpu_queue")


def test_cu_hours(console: Console, emulator: Emulator) -> None:
    emulator.set_cu_hours("root_queue", "12.5")
    request = models.GetCuHoursRequest(start_time="2026-11-01 00:00:00", end_time="2026-11-02 00:00:00")

    def hours() -> str:
        return str(console.sdk.get_cu_hours(emulator.workspace_id, "root_queue", request).body.data.cu_hours)

    assert json.loads(hours())[0]["value"] == "12.5"
    emulator.rules.set({"cu_hours": "number"})
    assert hours() == "12.5"


def test_network_life(console: Console, emulator: Emulator) -> None:
    workspace_id = console.running()
    assert console.create_network(workspace_id, client_token="t").operation_id.startswith("op-")
    console.create_network(workspace_id, client_token="t")
    (row,) = console.networks(workspace_id)
    assert (row.name, row.state, row.vpc_id, row.vswitch_ids) == ("vpc", "creating", "vpc-1", ["vsw-1"])
    emulator.advance(1)
    assert console.networks(workspace_id)[0].state == "running"
    assert console.refused("create_network", workspace_id)[0] == "InvalidParameter"
    assert console.refused("create_network", workspace_id, "other", vswitch_ids=None)[0] == "MissingParameter"
    emulator.rules.set({"network_names": "any", "network_create": "fails"})
    console.create_network(workspace_id)
    emulator.advance(1)
    broken = console.networks(workspace_id)[1]
    assert (broken.state, broken.state_change_reason.code) == ("failed", "InvalidVSwitchId")


def add(console: Console, workspace_id: str, *arns: str) -> None:
    console.sdk.add_members(models.AddMembersRequest(workspace_id=workspace_id, member_arns=list(arns)))


def grant(console: Console, workspace_id: str, role: str, *arns: str) -> None:
    request = models.GrantRoleToUsersRequest(role_arn=f"acs:emr::{workspace_id}:role/{role}", user_arns=list(arns))
    console.sdk.grant_role_to_users(request)


def test_members_and_roles(console: Console, emulator: Emulator) -> None:
    workspace_id = console.running()
    add(console, workspace_id, USER, "acs:ram::100000000000000001:role/automation")
    add(console, workspace_id, USER)
    page = console.members(workspace_id, max_results=1)
    assert (page.total_count, len(page.members)) == (2, 1)
    rest = console.members(workspace_id, max_results=1, next_token=page.next_token)
    assert rest.members[0].member_arn == f"acs:emr::{workspace_id}:member/automation"
    one = page.members[0].member_arn
    assert one == f"acs:emr::{workspace_id}:member/200000000000000077"
    grant(console, workspace_id, "DataScience", one)
    grant(console, workspace_id, "DataScience", one)
    assert [role.role_name for role in console.members(workspace_id).members[0].roles] == ["DataScience"]
    with pytest.raises(AlibabaCloudException, match="no role"):
        grant(console, workspace_id, "Nobody", one)
    with pytest.raises(AlibabaCloudException, match="not a member"):
        grant(console, workspace_id, "Owner", USER)
    with pytest.raises(AlibabaCloudException, match="RAM user"):
        add(console, workspace_id, one)
    emulator.rules.set({"add_member_again": "refused", "member_ids": "opaque", "unknown_role": "taken"})
    with pytest.raises(AlibabaCloudException, match="member already"):
        add(console, workspace_id, USER)
    add(console, workspace_id, USER.replace("77", "78"))
    other = console.members(workspace_id).members[2]
    assert other.user_name == "200000000000000078"
    assert other.member_arn.startswith(f"acs:emr::{workspace_id}:member/m-")
    grant(console, workspace_id, "Nobody", other.member_arn)


def test_lists_that_lag(console: Console, emulator: Emulator) -> None:
    workspace_id = console.running()
    emulator.fault("hide_new", "ListWorkspaceQueues", lists=1)
    emulator.fault("hide_new", "ListNetworkServices", lists=1)
    emulator.fault("hide_new", "ListWorkspaces", lists=1)
    console.create_queue(workspace_id, "q", size={"cu": 4})
    console.create_network(workspace_id)
    new = console.create_workspace("second")

    def names() -> list[str]:
        rows = console.sdk.list_workspaces(models.ListWorkspacesRequest(name="second")).body.workspaces
        return [row.workspace_id for row in rows]

    assert ("q" in console.queues(workspace_id), console.networks(workspace_id), names()) == (False, [], [])
    assert ("q" in console.queues(workspace_id), len(console.networks(workspace_id)), names()) == (True, 1, [new])
    emulator.core.faults.clear()
    emulator.fault("stale_list", "ListWorkspaceQueues")
    console.create_queue(workspace_id, "r", size={"cu": 4})
    assert "r" not in console.queues(workspace_id)
    assert "r" in console.queues(workspace_id)


def test_reset_forgets(console: Console, emulator: Emulator) -> None:
    workspace_id = console.running()
    add(console, workspace_id, USER)
    console.create_queue(emulator.workspace_id, "q", size={"cu": 4})
    emulator.reset()
    assert list(console.queues(emulator.workspace_id)) == ["root_queue", "dev_queue", "gpu_queue"]
    assert console.members(emulator.workspace_id).members == []
    with pytest.raises(AlibabaCloudException):
        console.workspace(workspace_id)
