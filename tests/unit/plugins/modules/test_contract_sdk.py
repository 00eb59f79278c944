# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The official SDK's models as witness: each field that it sends is an option, each that it reads is read."""

from __future__ import annotations

import inspect
import re
import zlib
from typing import Any

import pytest
from alibabacloud_emr_serverless_spark20230808 import models as sdk  # type: ignore[import-untyped]

from ansible_collections.rayops.alicloud.plugins.module_utils._argspec import cluster as _argspec_cluster
from ansible_collections.rayops.alicloud.plugins.module_utils._cluster import client as _client
from ansible_collections.rayops.alicloud.plugins.module_utils._cluster import models as _models
from ansible_collections.rayops.alicloud.plugins.module_utils._cluster import result as _view
from ansible_collections.rayops.alicloud.plugins.module_utils._cluster import spec as _spec
from ansible_collections.rayops.alicloud.plugins.module_utils._cluster.fields import SPEC_FIELDS
from ansible_collections.rayops.alicloud.plugins.module_utils._payload import fields_of
from ansible_collections.rayops.alicloud.plugins.module_utils._workspace import fields
from tests.unit.plugins.modules.contract import argument_paths, to_camel_case
from tests.unit.scenarios.harness import validated_options
from tests.unit.scenarios.specs import full_options, full_stored_spec

SPEC_OPTIONS = {name: option for name, option in _argspec_cluster.CLUSTER_OPTIONS.items() if name in SPEC_FIELDS}
# The API's pages list it below workerSpec; no version of the SDK has it there.
NOT_IN_SDK = {"workerSpec.extraParam"}
# The option takes it so that a result can be given back, and it is never sent.
NOT_SENT = {"headSpec.replica"}
INNER = {"headSpec": "HeadSpec", "workerSpec": "WorkerSpec", "gftConfig": "GftConfig", "instances": "Instances"}
INNER["rayClusters"] = "RayClusters"


def sdk_paths(name: str, path: str = "") -> set[str]:
    """Return the paths, in the API's spelling, of all fields of a model of the SDK."""
    found = set()
    for parameter in inspect.signature(getattr(sdk, name).__init__).parameters:
        if parameter == "self":
            continue
        field = to_camel_case(parameter)
        found.add(path + field)
        if field in INNER and hasattr(sdk, name + INNER[field]):
            found |= sdk_paths(name + INNER[field], f"{path}{field}.")
    return found


@pytest.mark.parametrize("operation", ["Create", "Update"])
def test_every_field_that_the_sdk_sends_is_an_option(operation: str) -> None:
    sent = sdk_paths(f"{operation}RayClusterRequest")
    assert len(sent) > 30
    assert {to_camel_case(path) for path in argument_paths(SPEC_OPTIONS)} == sent | NOT_IN_SDK | NOT_SENT


def sample(annotation: str, path: str) -> Any:
    """Return a value of a field's type that no other field has."""
    number = zlib.crc32(path.encode())
    return {"int": number, "bool": True, "List[str]": [path]}.get(annotation, path)


def sdk_answer(name: str, path: str = "") -> dict[str, Any]:
    """Return an answer with every field that a model of the SDK reads."""
    answer = {}
    for parameter in inspect.signature(getattr(sdk, name).__init__).parameters.values():
        if parameter.name in ("self", "request_id"):
            continue
        field = to_camel_case(parameter.name)
        below = name + INNER.get(field, "?")
        if hasattr(sdk, below):
            inner = sdk_answer(below, f"{path}{field}.")
            answer[field] = [inner] if "List[" in str(parameter.annotation) else inner
        else:
            answer[field] = sample(str(parameter.annotation), path + field)
    return answer


def snake(name: str) -> str:
    return re.sub(r"([A-Z])", lambda match: "_" + match.group(1).lower(), name)


def snaked(value: Any) -> Any:
    if isinstance(value, dict):
        return {snake(key): snaked(item) for key, item in value.items()}
    return [snaked(item) for item in value] if isinstance(value, list) else value


def without_extra_param(cluster: dict[str, Any]) -> dict[str, Any]:
    """Drop the worker's field that the SDK does not know."""
    for group in cluster["worker_spec"]:
        group.pop("extra_param")
    return cluster


def test_every_field_that_the_sdk_reads_from_a_get_is_shown() -> None:
    answer = sdk_answer("GetRayClusterResponseBody")
    assert sdk.GetRayClusterResponseBody().from_map(answer).to_map() == answer, "the SDK reads all of it"

    shown = _view.cluster_to_result(_models.parse_cluster(answer, "GetRayCluster"), return_secrets=True)

    expected = snaked(answer)
    for node in (expected["head_spec"], *expected["worker_spec"]):
        node["env"] = {node["env"]: ""}  # a line without an equals sign
    expected["head_spec"]["gft_config"]["redis_password"] = None
    assert shown.pop("capacity")["declared"]["cu"] is None, "the sample has texts for sizes"
    assert without_extra_param(shown) == expected


def test_every_field_that_the_sdk_reads_from_a_list_is_shown() -> None:
    answer = sdk_answer("ListRayClusterResponseBodyRayClusters")
    shown = _view.list_row_to_result(_models.parse_cluster(answer, "ListRayCluster"), return_secrets=True)
    assert shown.pop("capacity")["declared"]["memory_gib"] is None
    assert shown == snaked(answer)


def test_the_list_is_asked_for_with_parameters_that_exist() -> None:
    assert sdk_paths("ListRayClusterRequest") == {"pageNum", "pageSize"}
    assert _client.PAGE_SIZE == 100


def full_spec() -> dict[str, Any]:
    """Return a spec with every field, without what the SDK does not know."""
    spec = _models.parse_spec(validated_options(SPEC_OPTIONS, full_options()))
    del spec["worker_spec"][0]["extra_param"]
    return spec


@pytest.mark.parametrize("operation", ["Create", "Update"])
def test_a_body_of_ours_is_one_of_the_sdk(operation: str) -> None:
    assert set(full_options()) == set(SPEC_OPTIONS)
    body = _client.to_wire(full_spec())
    theirs = getattr(sdk, f"{operation}RayClusterRequest")().from_map(body).to_map()

    assert theirs == body
    expected = full_stored_spec()
    del expected["workerSpec"][0]["extraParam"]
    assert body == expected


def test_an_answer_of_the_sdk_is_read_as_it_was_meant() -> None:
    expected = full_spec()
    body = _client.to_wire(expected)
    answer = sdk.GetRayClusterResponseBody().from_map({**body, "clusterId": "ray-1", "state": "Running"}).to_map()
    cluster = _models.parse_cluster(answer, "GetRayCluster")
    assert (
        _spec.find_differences(
            _spec.writable_spec(cluster), expected, _spec.merge(_spec.writable_spec(cluster), expected, True)
        )
        == []
    )
    assert cluster["state"] == "Running"


def test_start_and_stop_send_fields_that_exist() -> None:
    assert sdk_paths("StartRayClusterRequest") == {"clientToken"}
    assert sdk_paths("StopRayClusterRequest") == {"instanceId"}


WORKSPACE_PAYLOADS: dict[str, type] = {
    "GetWorkspaceResponseBodyWorkspace": fields.Workspace,
    "GetWorkspaceResponseBodyWorkspacePrePaidQuota": fields.Quota,
    "GetWorkspaceResponseBodyWorkspacePrePaidQuotaGpu": fields.GpuQuota,
    "ListWorkspaceQueuesResponseBodyQueues": fields.Queue,
    "ListReleaseVersionsResponseBodyReleaseVersions": fields.ReleaseVersion,
    "ListNetworkServicesResponseBodyNetworkServices": fields.NetworkService,
    "ListMembersResponseBodyMembers": fields.Member,
    "ListMembersResponseBodyMembersRoles": fields.Role,
    "ListQueueTopJobsResponseBodyQueueTopJobs": fields.TopJobs,
    "ListQueueTopJobsResponseBodyQueueTopJobsJobs": fields.QueueJob,
}
# The spelling that the SDK makes of memoryGiB.
RESPELLED = {"memory_gib": "memory_gi_b"}
# No answer has it: a prediction keeps the declared size there.
PREDICTED = {"declared_cu"}


@pytest.mark.parametrize("model", WORKSPACE_PAYLOADS)
def test_what_is_read_of_workspaces_has_the_types_of_the_sdk(model: str) -> None:
    sent = {
        name: str(its.annotation) for name, its in inspect.signature(getattr(sdk, model).__init__).parameters.items()
    }
    declared = {name: field for name, field in fields_of(WORKSPACE_PAYLOADS[model]).items() if name not in PREDICTED}
    assert len(declared) > 3
    for name, field in declared.items():
        told = sent[RESPELLED.get(name, name)]
        assert ("List[" in told) == field.is_list, name
        if not field.is_payload and field.type is not object:
            assert told.removeprefix("List[").removesuffix("]") == field.type.__name__, name
