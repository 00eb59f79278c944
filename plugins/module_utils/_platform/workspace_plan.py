# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""Deciding what to do with a workspace: differences and bodies. Pure."""

from __future__ import annotations

import re
import typing as t

from .._errors import ClusterError, ParameterError, Problems
from .._payload import Params, pick
from .._text_rules import find_label_problem, find_text_problem
from .._workspace.fields import Workspace
from .payloads import CreateWorkspace, UpdateWorkspace, WorkspaceSize
from .values import (
    Change,
    Row,
    client_token,
    is_same_set,
    is_same_word,
    name_problems,
    parse_cu,
    parse_cu_or_none,
    text_problems,
    texts_of,
    texts_to_send,
)

CONSOLE = "https://emr-next.console.aliyun.com, Serverless Spark, Workspaces"
# The pages that create what a workspace needs and no operation of the service creates.
BUCKET_PAGE = "https://oss.console.aliyun.com/bucket"
ROLE_PAGE = "https://ram.console.aliyun.com/roles"
SERVICE_ROLE = "AliyunServiceRoleForEMRServerlessSpark"
MAX_TAGS = 20
# Users cannot set tags with these beginnings.
_SYSTEM_TAGS = ("acs:", "aliyun")

_BUCKET = re.compile(r"oss://[a-z0-9][a-z0-9-]{1,61}[a-z0-9](/\S*)?")
_REQUIRED = ("name", "oss_bucket", "ram_role_name")
# Options that cannot be changed, with the field of GetWorkspace that shows them.
_FIXED = {
    "oss_bucket": "storage",
    **{name: name for name in ("ram_role_name", "payment_type", "dlf_catalog_id", "dlf_type", "release_type")},
}


class WorkspaceGoal(t.NamedTuple):
    """Declared options of a workspace; None is not declared."""

    workspace_id: str | None = None
    name: str | None = None
    state: str = "present"
    cu: int | None = None
    gpu: int | None = None
    gpu_spec: list[str] | None = None
    oss_bucket: str | None = None
    ram_role_name: str | None = None
    payment_type: str | None = None
    dlf_catalog_id: str | None = None
    dlf_type: str | None = None
    release_type: str | None = None
    resource_group_id: str | None = None
    ip_white_list: list[str] | None = None
    tags: dict[str, t.Any] | None = None


def read_goal(params: Params) -> WorkspaceGoal:
    """Return the declaration. Raises ParameterError that names every problem."""
    problems = Problems()
    name, workspace_id = params.get("name"), params.get("workspace_id")
    if name is None and workspace_id is None:
        problems.append("name: is required unless workspace_id is given")
    if name is not None:
        problems += name_problems("name", name)
    size = params.get("resource_spec") or {}
    cu = problems.parse("resource_spec.cu", parse_cu, size.get("cu"))
    if cu == 0:
        problems.append("resource_spec.cu: must be at least 1")
    if (size.get("gpu") or 0) < 0:
        problems.append("resource_spec.gpu: must not be negative")
    bucket = params.get("oss_bucket")
    if bucket is not None and not _BUCKET.fullmatch(bucket):
        problems.append("oss_bucket: must look like oss://my-bucket/ or oss://my-bucket/path")
    problems += text_problems(params, "gpu_spec", "ip_white_list", "ram_role_name", "dlf_catalog_id", "dlf_type")
    problems += text_problems(params, "release_type", "resource_group_id")
    problems += [
        f"ip_white_list: {text!r} is no address" for text in params.get("ip_white_list") or () if not _is_address(text)
    ]
    tags = params.get("tags")
    problems += _tag_problems(tags or {})
    problems.raise_any()
    same: Row = {key: params.get(key) for key in WorkspaceGoal._fields if key not in ("cu", "gpu", "tags", "state")}
    goal = WorkspaceGoal(**same)
    if tags is not None:
        goal = goal._replace(tags={str(key): str(value) for key, value in tags.items()})
    return goal._replace(cu=cu, gpu=size.get("gpu"), state=params.get("state") or "present")


def _is_address(text: str) -> bool:
    """Return whether a text is an address, or a range of addresses such as 192.0.2.0/24."""
    # Few tasks have an allow list, and the import takes as long as a request.
    import ipaddress

    try:
        ipaddress.ip_network(text, strict=False)
    except ValueError:
        return False
    return True


def _tag_problems(tags: t.Mapping[str, t.Any]) -> list[str]:
    problems = [f"tags: at most {MAX_TAGS} are allowed"] if len(tags) > MAX_TAGS else []
    for key, value in tags.items():
        odd = find_label_problem(str(key))
        if odd:
            problems.append(f"tags: {key!r} {odd}")
        if str(key).startswith(_SYSTEM_TAGS):
            problems.append(f"tags: {key}: only Alibaba Cloud sets tags that start with {' or '.join(_SYSTEM_TAGS)}")
        problem = "is null" if value is None else find_text_problem(value)
        if problem:
            problems.append(f"tags: {key}: {problem}")
    return problems


def missing_for_create(goal: WorkspaceGoal) -> list[str]:
    """Return the fields that a create needs and the declaration lacks."""
    missing = [option for option in _REQUIRED if getattr(goal, option) is None]
    return [*missing, *(["resource_spec.cu"] if goal.cu is None else [])]


def check_create(goal: WorkspaceGoal) -> None:
    """Raise ParameterError unless a workspace can be created as declared, without buying anything."""
    missing = missing_for_create(goal)
    if missing:
        raise ParameterError([f"{option}: is required to create a workspace" for option in missing])
    if goal.payment_type == "Pre":
        raise ParameterError(
            ["payment_type: Pre would buy a subscription, and this module makes no purchases"],
            hint=f"buy the workspace in the console ({CONSOLE}), and declare it here afterwards",
        )


def is_gone(row: Workspace) -> bool:
    """Return whether a workspace counts as deleted, so that another one may have its name."""
    return str(row.get("workspace_status")).upper() in ("TERMINATING", "TERMINATED")


def bucket_path(bucket: t.Any) -> str:
    """Return the address of a bucket, or of a folder in it, with the slash that some responses omit."""
    return str(bucket or "").rstrip("/") + "/"


def tags_of(row: Workspace) -> dict[str, str]:
    """Return the tags of a workspace as a mapping, without those that Alibaba Cloud sets by itself."""
    found = {str(tag.get("tag_key")): tag.get("tag_value") or "" for tag in row.get("tags") or []}
    return {key: value for key, value in found.items() if not key.startswith(_SYSTEM_TAGS)}


def differences(goal: WorkspaceGoal, row: Workspace) -> list[Change]:
    """Return the differences between a workspace and its declaration. Raises ClusterError for fixed fields."""
    _check_fixed_fields(goal, row)
    changes = []
    if goal.name is not None and goal.name != row.get("workspace_name"):
        changes.append(Change("name", row.get("workspace_name"), goal.name))
    cu = parse_cu_or_none(row.get("resource_spec"))
    if goal.cu is not None and goal.cu != cu:
        changes.append(Change("resource_spec.cu", cu, goal.cu))
    for option in ("gpu_spec", "ip_white_list"):
        declared = getattr(goal, option)
        if declared is not None and not is_same_set(declared, row.get(option)):
            changes.append(Change(option, texts_of(row.get(option)), declared))
    group = row.get("resource_group_id")
    if goal.resource_group_id is not None and goal.resource_group_id != group:
        changes.append(Change("resource_group_id", group, goal.resource_group_id))
    return changes


def _check_fixed_fields(goal: WorkspaceGoal, row: Workspace) -> None:
    for option, field in _FIXED.items():
        declared, stored = getattr(goal, option), row.get(field)
        if declared is not None and stored is not None and not _is_same_fixed(option, declared, stored):
            raise ClusterError(
                f"{option}: the workspace has {stored!r}, and the service cannot change it to {declared!r}",
                "CannotChange",
                hint=f"declare another workspace with {option} {declared!r}, or the value that this one has",
            )
    if goal.tags is not None and goal.tags != tags_of(row):
        raise ClusterError(
            f"tags: the workspace has {tags_of(row)}, and this service cannot change them",
            "CannotChange",
            hint=f"change the tags in the console ({CONSOLE}), or declare those that it has",
        )


def _is_same_fixed(option: str, declared: str, stored: t.Any) -> bool:
    if option == "oss_bucket":
        return bucket_path(declared) == bucket_path(stored)
    # A role may be shown as its ARN.
    return is_same_word(declared, str(stored).rpartition("/")[2] if option == "ram_role_name" else stored)


def not_compared(goal: WorkspaceGoal) -> list[str]:
    """Return the declared options that the service does not return."""
    return ["resource_spec.gpu"] if goal.gpu is not None else []


def create_body(goal: WorkspaceGoal, salt: str) -> CreateWorkspace:
    """Return the body of CreateWorkspace; the same declaration and ``salt`` give the same client token."""
    size = WorkspaceSize(cu=str(goal.cu))
    if goal.gpu is not None:
        size["gpu"] = goal.gpu
    body = CreateWorkspace(
        workspaceName=str(goal.name),
        resourceSpec=size,
        ossBucket=bucket_path(goal.oss_bucket),
        ramRoleName=str(goal.ram_role_name),
        paymentType="PayAsYouGo",
        autoStartSessionCluster=False,
    )
    if goal.gpu_spec is not None:
        body["gpuSpec"] = goal.gpu_spec
    if goal.dlf_catalog_id is not None:
        body["dlfCatalogId"] = goal.dlf_catalog_id
    if goal.dlf_type is not None:
        body["dlfType"] = goal.dlf_type
    if goal.release_type is not None:
        body["releaseType"] = goal.release_type
    if goal.resource_group_id is not None:
        body["resourceGroupId"] = goal.resource_group_id
    if goal.tags is not None:
        body["tag"] = [{"key": key, "value": value} for key, value in sorted(goal.tags.items())]
    body["clientToken"] = client_token("workspace", body, salt)
    return body


def update_body(goal: WorkspaceGoal, row: Workspace) -> UpdateWorkspace:
    """Return the body of UpdateWorkspace: observed values, overlaid with declared ones."""
    cu = goal.cu if goal.cu is not None else parse_cu_or_none(row.get("resource_spec"))
    body = UpdateWorkspace(
        workspaceId=str(row["workspace_id"]),
        workspaceName=str(row.get("workspace_name")) if goal.name is None else goal.name,
    )
    gpu_spec = texts_to_send(goal.gpu_spec, row.get("gpu_spec"))
    if gpu_spec is not None:
        body["gpuSpec"] = gpu_spec
    addresses = texts_to_send(goal.ip_white_list, row.get("ip_white_list"))
    if addresses is not None:
        body["ipWhiteList"] = addresses
    if cu is not None:
        body["cu"] = cu
    if goal.gpu is not None:
        body["gpu"] = goal.gpu
    group = goal.resource_group_id or row.get("resource_group_id")
    if group:
        body["resourceGroupId"] = str(group)
    return body


def predict(goal: WorkspaceGoal, row: Workspace | None) -> Workspace:
    """Return the expected workspace after the task, by the fields of GetWorkspace."""
    after: Row = {**(row or {"workspace_id": "", "workspace_status": "RUNNING", "payment_type": "PayAsYouGo"})}
    same = {field: field for field in ("gpu_spec", "ip_white_list", "resource_group_id")}
    for option, field in {"name": "workspace_name", **same, **_FIXED}.items():
        if getattr(goal, option) is not None:
            after[field] = getattr(goal, option)
    if goal.cu is not None:
        after["resource_spec"] = f"{goal.cu}cu"
    if goal.tags is not None:
        after["tags"] = [{"tag_key": key, "tag_value": value} for key, value in goal.tags.items()]
    return pick(Workspace, after)
