# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""Workspaces, queues, engine versions and network services as users see them: snake_case, numbers as numbers. Pure.

A field that the service did not give is None.
"""

from __future__ import annotations

import json
import re
import typing as t
from decimal import Decimal

from .._payload import field_names, overlay, pick
from .._quantities import int_or_float, parse_cpu, parse_memory
from .._redaction import redact_labeled, to_printable
from .fields import NetworkService, Queue, QueueCapacity, Reason, ReleaseVersion, ShownQueue, Workspace

UNUSABLE_STATES = ("STARTING", "TERMINATING", "TERMINATED")

_ZERO = re.compile(r"\s*0+(\.0+)?\s*([MGT]i?B?)?\s*", re.IGNORECASE)


def workspace_to_result(row: Workspace) -> dict[str, object]:
    """Return a workspace; ``tags`` are a mapping."""
    tags = row.get("tags", [])
    return {
        **_fields_to_result(row, Workspace),
        "tags": {str(tag.get("tag_key")): _clean_value(tag.get("tag_value")) for tag in tags},
        "state_change_reason": _format_reason(row.get("state_change_reason", {})),
    }


def queue_to_result(row: Queue) -> dict[str, object]:
    """Return a queue; ``max_resource``, ``min_resource`` and ``used_resource`` have ``cpu`` and ``memory_gib``."""
    return {
        **_fields_to_result(row, Queue),
        **{field: parse_capacity(row.get(field)) for field in ("max_resource", "min_resource", "used_resource")},
    }


def queue_to_catalog(row: Queue) -> ShownQueue:
    """Return the part of a queue that a spec is held against."""
    shown: ShownQueue = {
        "max_resource": parse_capacity(row.get("max_resource")),
        "used_resource": parse_capacity(row.get("used_resource")),
        "gpu_spec": row.get("gpu_spec", []),
    }
    return overlay(pick(ShownQueue, {**row, **shown}), shown)


def release_to_result(row: ReleaseVersion) -> dict[str, object]:
    """Return an engine version."""
    return _fields_to_result(row, ReleaseVersion)


def network_to_result(row: NetworkService) -> dict[str, object]:
    """Return a network service."""
    return {
        **_fields_to_result(row, NetworkService),
        "state_change_reason": _format_reason(row.get("state_change_reason", {})),
    }


def parse_capacity(value: object) -> QueueCapacity | None:
    """Return cores and GiB from JSON text such as ``{"cpu":"2","memory":"2Gi"}``; None for what cannot be read."""
    try:
        value = json.loads(value) if isinstance(value, str) else value
    except (ValueError, RecursionError):
        return None
    if not isinstance(value, dict):
        return None
    return {
        "cpu": _parse_amount(parse_cpu, value.get("cpu")),
        "memory_gib": _parse_amount(parse_memory, value.get("memory")),
    }


def _parse_amount(parse: t.Callable[[object], Decimal], value: object) -> int | float | None:
    """Return a number of cores or GiB, which for a queue, unlike for a node, may be 0."""
    try:
        return 0 if _ZERO.fullmatch(str(value)) else int_or_float(parse(value))
    except ValueError:
        return None


def _fields_to_result(row: t.Mapping[str, object], payload: type) -> dict[str, object]:
    return {field: _clean_value(row.get(field)) for field in field_names(payload)}


def _clean_value(value: object) -> object:
    """Return texts in one line."""
    if isinstance(value, list):
        return [_clean_value(item) for item in value]
    return to_printable(redact_labeled(value)) if isinstance(value, str) else value


def _format_reason(reason: Reason) -> str | None:
    parts = [text for text in (reason.get("code"), reason.get("message")) if text]
    return to_printable(redact_labeled(": ".join(parts))) if parts else None
