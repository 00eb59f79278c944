# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which operation a method and a path mean."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import unquote

from .errors import gateway_error

_PREFIX = ["", "api", "v1", "workspaces"]
_BY_SHAPE = {
    ("POST", 0, ""): "CreateRayCluster",
    ("GET", 0, ""): "ListRayCluster",
    ("POST", 1, ""): "UpdateRayCluster",
    ("GET", 1, ""): "GetRayCluster",
    ("DELETE", 1, ""): "DeleteRayCluster",
    ("POST", 1, "start"): "StartRayCluster",
    ("POST", 1, "stop"): "StopRayCluster",
}
OPERATIONS = tuple(_BY_SHAPE.values())


@dataclass(frozen=True)
class Route:
    """An operation and the ids in its path, decoded."""

    operation: str
    workspace_id: str
    cluster_id: str = ""


def match(method: str, raw_path: str) -> Route:
    """Return the route of a still encoded path; raises the gateway's InvalidApi.NotFound."""
    parts = raw_path.split("/")
    if parts[:4] == _PREFIX and len(parts) >= 6 and parts[5] == "rayCluster" and all(parts[1:]):
        rest = parts[6:]
        shape = (method, 1 if rest else 0, rest[1] if len(rest) > 1 else "")
        operation = _BY_SHAPE.get(shape)
        if operation is not None and len(rest) <= 2:
            return Route(operation, unquote(parts[4]), unquote(rest[0]) if rest else "")
    message = "Specified api is not found, please check your url and method."
    raise gateway_error(404, "InvalidApi.NotFound", message)
