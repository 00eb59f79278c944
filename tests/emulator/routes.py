# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which operation a method and a path mean."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import unquote

from .errors import gateway_error

_WORKSPACE = "/api/v1/workspaces/{}"
_LOGS = "/api/interactive/v1/workspace/{}/ray/{}"
_PATHS = {
    "CreateRayCluster": ("POST", f"{_WORKSPACE}/rayCluster"),
    "ListRayCluster": ("GET", f"{_WORKSPACE}/rayCluster"),
    "UpdateRayCluster": ("POST", f"{_WORKSPACE}/rayCluster/{{}}"),
    "GetRayCluster": ("GET", f"{_WORKSPACE}/rayCluster/{{}}"),
    "DeleteRayCluster": ("DELETE", f"{_WORKSPACE}/rayCluster/{{}}"),
    "StartRayCluster": ("POST", f"{_WORKSPACE}/rayCluster/{{}}/start"),
    "StopRayCluster": ("POST", f"{_WORKSPACE}/rayCluster/{{}}/stop"),
    "SubmitRayJob": ("POST", f"{_WORKSPACE}/rayJob"),
    "ListRayJob": ("GET", f"{_WORKSPACE}/rayJob"),
    "GetRayJob": ("GET", f"{_WORKSPACE}/rayJob/{{}}"),
    "CancelRayJob": ("POST", f"{_WORKSPACE}/rayJob/{{}}/cancel"),
    "ListRayLogs": ("GET", f"{_LOGS}/logs"),
    "GetRayLog": ("GET", f"{_LOGS}/log"),
    "ListWorkspaces": ("GET", "/api/v1/workspaces"),
    "GetWorkspace": ("GET", _WORKSPACE),
    "ListWorkspaceQueues": ("GET", f"{_WORKSPACE}/queues"),
    "ListNetworkServices": ("GET", f"{_WORKSPACE}/networkServices"),
    "ListReleaseVersions": ("GET", "/api/v1/releaseVersions"),
    "CreateWorkspace": ("POST", "/api/v1/workspaces"),
    "UpdateWorkspace": ("POST", "/api/v1/workspaces/update"),
    "ChangeResourceGroup": ("POST", "/changeResourceGroup"),
    "ActivateAICenter": ("POST", f"{_WORKSPACE}/activateaicenter"),
    "GetAICenterState": ("GET", f"{_WORKSPACE}/aicenter"),
    "CreateWorkspaceQueue": ("POST", "/api/v1/workspaces/queues"),
    "EditWorkspaceQueue": ("POST", "/api/v1/workspaces/queues/action/edit"),
    "DeleteWorkspaceQueue": ("DELETE", f"{_WORKSPACE}/queues/{{}}"),
    "ListQueueTopJobs": ("GET", f"{_WORKSPACE}/queues/{{}}/topJobs"),
    "GetCuHours": ("GET", f"{_WORKSPACE}/metric/cuHours/{{}}"),
    "CreateNetworkService": ("POST", f"{_WORKSPACE}/networkServices"),
    "AddMembers": ("POST", "/api/v1/auth/members"),
    "ListMembers": ("GET", "/api/v1/auth/{}/members"),
    "GrantRoleToUsers": ("POST", "/api/v1/auth/roles/grant"),
}
OPERATIONS = tuple(_PATHS)
# Operations whose answers name the request in another way than `requestId`.
REQUEST_IDS = {"EditWorkspaceQueue": ("RequestId",), "DeleteWorkspaceQueue": ("requestId", "RequestId")}


def _by_shape() -> dict[tuple[str, int], list[tuple[str, list[str]]]]:
    """Return the operations and their split paths by method and number of parts."""
    result: dict[tuple[str, int], list[tuple[str, list[str]]]] = {}
    for operation, (method, path) in _PATHS.items():
        parts = path.split("/")
        result.setdefault((method, len(parts)), []).append((operation, parts))
    return result


_BY_SHAPE = _by_shape()


@dataclass(frozen=True)
class Route:
    """An operation and the ids in its path, decoded; `target_id` is that of the cluster, the job or the queue."""

    operation: str
    workspace_id: str = ""
    target_id: str = ""


def match(method: str, raw_path: str) -> Route:
    """Return the route of a still encoded path; raises the gateway's InvalidApi.NotFound."""
    parts = raw_path.split("/")
    for operation, template in _BY_SHAPE.get((method, len(parts)), ()):
        if all(want == part if want != "{}" else part for want, part in zip(template, parts, strict=True)):
            ids = [unquote(part) for want, part in zip(template, parts, strict=True) if want == "{}"]
            return Route(operation, *ids)
    message = "Specified api is not found, please check your url and method."
    raise gateway_error(404, "InvalidApi.NotFound", message)
