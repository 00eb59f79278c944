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

from .._payload import field_names, without
from .._quantities import int_or_float, parse_cpu, parse_memory
from .._redaction import redact_labeled, to_printable
from .fields import (
    Action,
    GpuQuota,
    Member,
    NetworkService,
    Queue,
    QueueJob,
    Quota,
    Reason,
    ReleaseVersion,
    Role,
    TopJobs,
    Workspace,
)

ResultDict = dict[str, t.Any]

# In these a workspace has nothing in it yet, or nothing any more.
UNUSABLE_STATES = ("STARTING", "TERMINATING", "TERMINATED")

_ZERO = re.compile(r"\s*0+(\.0+)?\s*([MGT]i?B?)?\s*", re.IGNORECASE)


def workspace_to_result(row: Workspace) -> ResultDict:
    """Return a workspace; ``tags`` are a mapping."""
    return {
        **_fields_to_result(Workspace, row),
        "tags": {str(tag.get("tag_key")): _clean_value(tag.get("tag_value")) for tag in row.get("tags") or []},
        "state_change_reason": _format_reason(row.get("state_change_reason")),
        "pre_paid_quota": _quota_to_result(row["pre_paid_quota"]) if row.get("pre_paid_quota") else None,
        "pre_paid_quota_gpu": [_fields_to_result(GpuQuota, quota) for quota in row.get("pre_paid_quota_gpu") or []],
    }


def _quota_to_result(quota: Quota) -> ResultDict:
    """Return the prepaid resources with their capacity in cores and GiB."""
    capacities = ("max_resource", "allocated_resource", "used_resource")
    return {**_fields_to_result(Quota, quota), **{field: parse_capacity(quota.get(field)) for field in capacities}}


def member_to_result(row: Member) -> ResultDict:
    """Return a member with its roles; ``actions`` are the names of what it may do."""
    return {
        **_fields_to_result(Member, row),
        "roles": [
            {**_fields_to_result(Role, role), "actions": action_names(role.get("actions"))}
            for role in row.get("roles") or []
        ],
        "actions": action_names(row.get("actions")),
    }


def action_names(actions: list[Action] | None) -> list[str]:
    """Return the names of actions that a user may do, from their ARNs where they have no name."""
    names = [action.get("action_name") or str(action.get("action_arn")).rpartition("/")[2] for action in actions or []]
    return sorted(str(_clean_value(name)) for name in names)


def top_jobs_to_result(row: TopJobs) -> ResultDict:
    """Return the usage of a queue and its jobs, the largest first; numbers as numbers."""
    return {
        "queue_name": _clean_value(row.get("queue_name")),
        "total_cu": parse_number(row.get("total_cu")),
        "total_job_count": row.get("total_job_count"),
        "jobs": [
            {
                **_fields_to_result(QueueJob, job),
                **{field: parse_number(job.get(field)) for field in ("cu", "cpu_cores", "memory_gib")},
            }
            for job in row.get("jobs") or []
        ],
    }


def parse_number(value: t.Any) -> int | float | None:
    """Return the number in a text, or None if it cannot be read."""
    try:
        number = float(str(value))
    except ValueError:
        return None
    if not math.isfinite(number):
        return None
    return int(number) if number == int(number) else number


def queue_to_result(row: Queue) -> ResultDict:
    """Return a queue; ``max_resource``, ``min_resource`` and ``used_resource`` have ``cpu`` and ``memory_gib``.

    ``allow_actions`` are the names of what this user may do with it.
    """
    capacities = ("max_resource", "min_resource", "used_resource")
    return {
        **without(_fields_to_result(Queue, row), "declared_cu"),
        "allow_actions": action_names(row.get("allow_actions")),
        **{field: parse_capacity(row.get(field)) for field in capacities},
    }


def release_to_result(row: ReleaseVersion) -> ResultDict:
    """Return an engine version."""
    return _fields_to_result(ReleaseVersion, row)


def network_to_result(row: NetworkService) -> ResultDict:
    """Return a network service."""
    reason = _format_reason(row.get("state_change_reason"))
    return {**_fields_to_result(NetworkService, row), "state_change_reason": reason}


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


def _fields_to_result(payload: type, row: t.Mapping[str, object]) -> ResultDict:
    """Return the fields without subfields, cleaned; fields that the service did not return are None."""
    return {field: _clean_value(row.get(field)) for field in field_names(payload, plain=True)}


def _clean_value(value: t.Any) -> t.Any:
    """Return text in one line, and any other value unchanged."""
    if isinstance(value, list):
        return list(map(_clean_value, value))
    return to_printable(redact_labeled(value)) if isinstance(value, str) else value


def _format_reason(reason: Reason | None) -> str | None:
    parts = [reason[key] for key in ("code", "message") if reason.get(key)] if reason else []
    return str(_clean_value(": ".join(parts))) if parts else None
