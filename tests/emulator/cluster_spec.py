# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The wire fields of a cluster's specification: the checks of the service, and the three kinds of updates."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from .errors import ApiError, invalid, missing
from .sizes import cores, gibibytes

Json = dict[str, Any]

MAX_WORKER_GROUPS = 50
MAX_NAME = 64

GFT_FIELDS: dict[str, type] = {"redisUrl": str, "redisUsername": str, "redisPassword": str}
_NODE: dict[str, type] = {
    "queueName": str, "cpu": str, "memory": str, "gpuSpec": str,
    "displayReleaseVersion": str, "env": str, "rayStartParams": str,
}  # fmt: skip
HEAD_FIELDS: dict[str, type] = {
    **_NODE, "enableAutoScaling": bool, "idleTimeoutSeconds": int, "gftEnabled": bool, "gftConfig": dict,
}  # fmt: skip
WORKER_FIELDS: dict[str, type] = {
    "groupName": str, "workerType": str, "replica": int, "minReplica": int, "maxReplica": int,
    **_NODE, "extraParam": str,
}  # fmt: skip
TOP_FIELDS: dict[str, type] = {
    "name": str, "displayReleaseVersion": str, "description": str, "networkServiceName": str,
    "extraParam": str, "volumeIds": list, "headSpec": dict, "workerSpec": list,
}  # fmt: skip

# What the rows of a list do not have.
TOP_ONLY_IN_GET = ("extraParam", "volumeIds")
NODE_ONLY_IN_GET = ("displayReleaseVersion", "env", "rayStartParams", "gftEnabled", "gftConfig", "extraParam")

# What seeded clusters and jobs are made of unless a test says otherwise.
DEFAULT_SPEC: Json = {
    "displayReleaseVersion": "ray-1.0.0 (Ray 2.47.1, Python 3.12)",
    "headSpec": {"queueName": "root_queue", "cpu": "2", "memory": "8Gi", "enableAutoScaling": False},
    "workerSpec": [
        {
            "groupName": "WorkerGroup1", "workerType": "CPU", "replica": 2,
            "queueName": "root_queue", "cpu": "4", "memory": "16Gi",
        }
    ],
}  # fmt: skip

_WORDS = {str: "text", bool: "true or false", int: "a whole number", list: "a list", dict: "an object"}


def typed(values: object, known: Mapping[str, type], where: str) -> Json:
    """Keep the known fields that are set (null counts as unset); raises ApiError for a wrong type."""
    if not isinstance(values, dict):
        raise invalid(f"{where or 'body'} must be an object")
    result: Json = {}
    for key, kind in known.items():
        value = values.get(key)
        if value is None:
            continue
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            raise invalid(f"{where}{key} must be {_WORDS[kind]}")
        result[key] = value
    return result


def parse(body: object) -> Json:
    """Return the known fields of a create or update body; unknown keys are ignored, wrong types refused."""
    spec = typed(body, TOP_FIELDS, "")
    if "volumeIds" in spec and not all(isinstance(item, str) for item in spec["volumeIds"]):
        raise invalid("volumeIds[] must be text")
    if "headSpec" in spec:
        head = typed(spec["headSpec"], HEAD_FIELDS, "headSpec.")
        if "gftConfig" in head:
            head["gftConfig"] = typed(head["gftConfig"], GFT_FIELDS, "headSpec.gftConfig.")
        spec["headSpec"] = head
    if "workerSpec" in spec:
        spec["workerSpec"] = [typed(item, WORKER_FIELDS, "workerSpec[].") for item in spec["workerSpec"]]
    return spec


def check_node(node: Json, where: str) -> None:
    """Raise ApiError for a head or a worker group that lacks its queue, cpu or memory."""
    if not node.get("queueName"):
        # The service answers this one without a code.
        raise ApiError(400, "", "queueName: null is not valid")
    for key, read in (("cpu", cores), ("memory", gibibytes)):
        if key not in node:
            raise missing(where + key)
        if read(node[key]) is None:
            raise invalid(f"{where}{key}: {node[key]} is not valid")


def _check_worker(group: Json) -> None:
    if not group.get("groupName"):
        raise missing("workerSpec[].groupName")
    check_node(group, "workerSpec[].")
    for key in ("replica", "minReplica", "maxReplica"):
        if group.get(key, 1) < 1:
            raise invalid(f"workerSpec[].{key} must be at least 1")
    if group.get("minReplica", 1) > group.get("maxReplica", group.get("minReplica", 1)):
        raise invalid("workerSpec[].minReplica must not be greater than maxReplica")
    _check_json(group, "workerSpec[].extraParam")


def _check_json(values: Json, where: str) -> None:
    text = values.get("extraParam")
    if text is None:
        return
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        raise invalid(f"{where} is not valid JSON") from None


def check(spec: Json) -> None:
    """Raise ApiError for the first thing in a complete spec that the service does not take."""
    for key in ("name", "displayReleaseVersion", "headSpec", "workerSpec"):
        if key not in spec:
            raise missing(key)
    if not 1 <= len(spec["name"]) <= MAX_NAME:
        raise invalid(f"name must be 1 to {MAX_NAME} characters in length")
    _check_json(spec, "extraParam")
    check_node(spec["headSpec"], "headSpec.")
    check_workers(spec["workerSpec"])


def check_workers(groups: list[Json]) -> None:
    """Raise ApiError for the first worker group that the service does not take."""
    if not groups:
        raise missing("workerSpec")
    if len(groups) > MAX_WORKER_GROUPS:
        raise invalid(f"workerSpec can have up to {MAX_WORKER_GROUPS} worker groups")
    for group in groups:
        _check_worker(group)
    if len({group["groupName"] for group in groups}) != len(groups):
        raise invalid("workerSpec[].groupName must be unique")


def merge(old: Json, new: Json) -> Json:
    """Overlay `new` on `old`: objects merge key by key, worker groups by name (groups not in `new` go)."""
    result = dict(old)
    for key, value in new.items():
        before = old.get(key)
        if isinstance(value, dict) and isinstance(before, dict):
            result[key] = merge(before, value)
        elif key == "workerSpec" and isinstance(before, list):
            named = {group.get("groupName"): group for group in before}
            result[key] = [merge(named.get(group.get("groupName"), {}), group) for group in value]
        else:
            result[key] = value
    return result


def with_kept(old: Json, new: Json, names: tuple[str, ...]) -> Json:
    """Return `new` with these fields (`description`, `headSpec.env`, `workerSpec.cpu`) as they are in `old`."""
    result = dict(new)
    for name in names:
        part, _dot, key = name.rpartition(".")
        if part == "headSpec" and part in new:
            result[part] = _keep(old.get(part) or {}, result[part], key)
        elif part == "workerSpec" and part in new:
            before = {group.get("groupName"): group for group in old.get(part) or []}
            result[part] = [
                _keep(before[group.get("groupName")], group, key) if group.get("groupName") in before else group
                for group in result[part]
            ]
        elif not part:
            result = _keep(old, result, key)
    return result


def _keep(old: Json, new: Json, key: str) -> Json:
    rest = {name: value for name, value in new.items() if name != key}
    return {**rest, key: old[key]} if key in old else rest


def updated(old: Json, body: Json, how: str) -> Json:
    """Return the spec after an update under the rule `update` (patch, replace or clear)."""
    if how == "patch":
        return merge(old, body)
    if how == "clear":
        return {**old, **body}
    return body
