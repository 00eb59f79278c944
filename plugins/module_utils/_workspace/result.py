# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""Convert workspaces, queues, engine versions, and network services to results: snake_case, numbers as numbers. Pure.

Fields are those of the official SDK 2.3.0; fields that the service did not return are None.
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
    "ramRoleName",
    "dlfType",
    "dlfCatalogId",
    "autoRenew",
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
    "preheat",
    "instanceId",
    "creator",
    "createTime",
)
QUOTA_FIELDS = ("instanceId", "paymentStatus", "orderId", "autoRenewal", "createTime", "expireTime")
GPU_QUOTA_FIELDS = (
    *QUOTA_FIELDS,
    "instanceTypeId",
    "instanceTypeFamily",
    "gpuSpec",
    "gpuNum",
    "gpuAmount",
    "gpuMachineNum",
    "gpuMemorySize",
    "cpuCoreCount",
    "memorySize",
)
MEMBER_FIELDS = ("memberArn", "userName", "displayName", "userType", "visible", "createTime")
ROLE_FIELDS = ("roleArn", "roleName", "description", "createTime")
JOB_FIELDS = ("jobId", "jobType")
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
        "pre_paid_quota": _quota_to_result(row.get("prePaidQuota")),
        "pre_paid_quota_gpu": [
            _fields_to_result(quota, GPU_QUOTA_FIELDS)
            for quota in _list_or_empty(row.get("prePaidQuotaGpu"))
            if isinstance(quota, dict)
        ],
    }


def _quota_to_result(quota: t.Any) -> ResultDict | None:
    """Return the prepaid resources with their capacity in cores and GiB, or None if the list is empty."""
    if not isinstance(quota, dict):
        return None
    capacities = ("maxResource", "allocatedResource", "usedResource")
    return {
        **_fields_to_result(quota, QUOTA_FIELDS),
        **{to_snake_case(field): parse_capacity(quota.get(field)) for field in capacities},
    }


def member_to_result(row: Row) -> ResultDict:
    """Return a member with its roles; ``actions`` are the names of what it may do."""
    return {
        **_fields_to_result(row, MEMBER_FIELDS),
        "roles": [
            {**_fields_to_result(role, ROLE_FIELDS), "actions": action_names(role.get("actions"))}
            for role in _list_or_empty(row.get("roles"))
            if isinstance(role, dict)
        ],
        "actions": action_names(row.get("actions")),
    }


def action_names(actions: t.Any) -> list[str]:
    """Return the names of actions that a user may do, from their ARNs where they have no name."""
    rows = [action for action in _list_or_empty(actions) if isinstance(action, dict)]
    names = [action.get("actionName") or str(action.get("actionArn")).rpartition("/")[2] for action in rows]
    return sorted(str(_clean_value(str(name))) for name in names)


def top_jobs_to_result(row: Row) -> ResultDict:
    """Return the usage of a queue and its jobs, the largest first; numbers as numbers."""
    return {
        "queue_name": _clean_value(row.get("queueName")),
        "total_cu": parse_number(row.get("totalCu")),
        "total_job_count": parse_number(row.get("totalJobCount")),
        "jobs": [
            {
                **_fields_to_result(job, JOB_FIELDS),
                **{name: parse_number(job.get(field)) for name, field in _JOB_NUMBERS.items()},
            }
            for job in _list_or_empty(row.get("jobs"))
            if isinstance(job, dict)
        ],
    }


_JOB_NUMBERS = {"cu": "cu", "cpu_cores": "cpuCores", "memory_gib": "memoryGiB"}


def parse_number(value: t.Any) -> int | float | None:
    """Return the number in a text, or None if it cannot be read."""
    try:
        number = float(str(value))
    except ValueError:
        return None
    if not math.isfinite(number):
        return None
    return int(number) if number == int(number) else number


def queue_to_result(row: Row) -> ResultDict:
    """Return a queue; ``max_resource``, ``min_resource`` and ``used_resource`` have ``cpu`` and ``memory_gib``.

    ``allow_actions`` are the names of what this user may do with it.
    """
    return {
        **_fields_to_result(row, QUEUE_FIELDS),
        "allow_actions": action_names(row.get("allowActions")),
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
