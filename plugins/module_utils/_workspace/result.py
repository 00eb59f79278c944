# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""Workspaces, queues, engine versions and network services as users see them: snake_case, numbers as numbers. Pure.

Fields are those of the official SDK 2.3.0; one that the service did not give is None. Private to this collection.
"""

from __future__ import annotations

import json
import math
import re
import typing as t
from decimal import Decimal

from .._quantities import int_or_float, parse_cpu, parse_memory
from .._redaction import redact_labeled, to_printable

Row = dict[str, t.Any]
ResultDict = dict[str, t.Any]

# In these a workspace has nothing in it yet, or nothing any more.
UNUSABLE_STATES = ("STARTING", "TERMINATING", "TERMINATED")

WORKSPACE_FIELDS = (
    "workspaceId",
    "workspaceName",
    "workspaceStatus",
    "regionId",
    "paymentType",
    "paymentStatus",
    "resourceSpec",
    "storage",
    "gpuSpec",
    "ipWhiteList",
    "resourceGroupId",
    "releaseType",
    "failReason",
    "createTime",
    "endTime",
)
QUEUE_FIELDS = (
    "queueName",
    "queueStatus",
    "queueType",
    "queueCategory",
    "gpuSpec",
    "gpuMachineNum",
    "paymentType",
    "environments",
    "description",
    "creator",
    "createTime",
)
RELEASE_FIELDS = (
    "displayReleaseVersion",
    "releaseVersion",
    "communityVersion",
    "state",
    "type",
    "isCustom",
    "cpuArchitectures",
    "gmtCreate",
)
NETWORK_FIELDS = ("networkServiceId", "name", "state", "type", "vpcId", "vswitchIds")

_ZERO = re.compile(r"\s*0+(\.0+)?\s*([MGT]i?B?)?\s*", re.IGNORECASE)


def to_snake_case(name: str) -> str:
    """Return the option spelling of a name of the API."""
    return "".join(f"_{mark.lower()}" if mark.isupper() else mark for mark in name)


def workspace_to_result(row: Row) -> ResultDict:
    """Return a workspace; ``tags`` are a mapping."""
    tags = [tag for tag in _list_or_empty(row.get("tags")) if isinstance(tag, dict)]
    return {
        **_fields_to_result(row, WORKSPACE_FIELDS),
        "tags": {str(tag.get("tagKey")): _clean_value(tag.get("tagValue")) for tag in tags},
        "state_change_reason": _format_reason(row.get("stateChangeReason")),
    }


def queue_to_result(row: Row) -> ResultDict:
    """Return a queue; ``max_resource``, ``min_resource`` and ``used_resource`` have ``cpu`` and ``memory_gib``."""
    return {
        **_fields_to_result(row, QUEUE_FIELDS),
        **{
            to_snake_case(field): parse_capacity(row.get(field))
            for field in ("maxResource", "minResource", "usedResource")
        },
    }


def release_to_result(row: Row) -> ResultDict:
    """Return an engine version."""
    return _fields_to_result(row, RELEASE_FIELDS)


def network_to_result(row: Row) -> ResultDict:
    """Return a network service."""
    return {
        **_fields_to_result(row, NETWORK_FIELDS),
        "state_change_reason": _format_reason(row.get("stateChangeReason")),
    }


def parse_capacity(value: t.Any) -> ResultDict | None:
    """Return cores and GiB from JSON text such as ``{"cpu":"2","memory":"2Gi"}``; None for what cannot be read."""
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            return None
    if not isinstance(value, dict):
        return None
    return {
        "cpu": _parse_amount(parse_cpu, value.get("cpu")),
        "memory_gib": _parse_amount(parse_memory, value.get("memory")),
    }


def _parse_amount(parse: t.Callable[[object], Decimal], value: t.Any) -> int | float | None:
    """Return a number of cores or GiB, which for a queue, unlike for a node, may be 0."""
    try:
        return 0 if _ZERO.fullmatch(str(value)) else int_or_float(parse(value))
    except ValueError:
        return None


def _fields_to_result(row: Row, fields: t.Iterable[str]) -> ResultDict:
    return {to_snake_case(field): _clean_value(row.get(field)) for field in fields}


def _clean_value(value: t.Any) -> t.Any:
    """Return text in one line, lists of such, numbers and truth values; None for anything else."""
    if isinstance(value, str):
        return to_printable(redact_labeled(value))
    if isinstance(value, list):
        return [item for item in map(_clean_value, value) if item is not None]
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value if isinstance(value, (bool, int)) else None


def _format_reason(value: t.Any) -> str | None:
    parts = [str(value[key]) for key in ("code", "message") if value.get(key)] if isinstance(value, dict) else []
    return str(_clean_value(": ".join(parts))) if parts else None


def _list_or_empty(value: t.Any) -> list[t.Any]:
    return value if isinstance(value, list) else []
