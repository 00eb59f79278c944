# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read drift from a check of a fleet: clusters that differ from their declaration, and undeclared ones. Pure."""

from __future__ import annotations

import json
import typing as t

from ...module_utils._name_pattern import compile_name_pattern
from .._native import Record, Row

AS_DECLARED, DRIFTED, MISSING, UNWANTED, FAILED = "as_declared", "drifted", "missing", "unwanted", "failed"
_DECLARED_KEYS = ("name", "cluster_id", "actions", "changes")
_UNDECLARED_KEYS = ("name", "cluster_id", "state", "capacity")


def drift_status(entry: Row) -> str:
    """Return the result of a check for one declared cluster."""
    if entry.get("failed"):
        return FAILED
    actions = entry.get("actions") or []
    if "create" in actions:
        return MISSING
    if "delete" in actions:
        return UNWANTED
    return DRIFTED if actions else AS_DECLARED


def drift_report(checked: Row, listed: t.Iterable[Row], pattern: str = "*") -> Record:
    """Return ``drifted``, ``summary``, ``clusters``, ``undeclared``, and ``lines`` for people.

    ``checked`` is the result of emr_ray_fleet in check mode, ``listed`` are all clusters of the workspace, and
    ``pattern`` is as the option ``prune_pattern`` of that module. Raises re.error.
    """
    declared = [_build_entry(entry) for entry in checked["clusters"]]
    name_filter = compile_name_pattern(pattern)
    names = {entry["name"] for entry in declared}
    ids = {entry["cluster_id"] for entry in declared}
    undeclared = [
        {key: row.get(key) for key in _UNDECLARED_KEYS}
        for row in listed
        if row["cluster_id"] not in ids and row.get("name") not in names and name_filter.match(row.get("name") or "")
    ]
    statuses = [entry["status"] for entry in declared]
    summary = {status: statuses.count(status) for status in (AS_DECLARED, DRIFTED, MISSING, UNWANTED, FAILED)}
    summary["undeclared"] = len(undeclared)
    undeclared.sort(key=lambda row: (str(row["name"]), str(row["cluster_id"])))
    return {
        "drifted": sum(summary.values()) > summary[AS_DECLARED],
        "summary": summary,
        "clusters": declared,
        "undeclared": undeclared,
        "lines": _format_lines(declared, undeclared),
    }


def _format_lines(declared: list[Record], undeclared: list[Record]) -> list[str]:
    """Return a line for each cluster that differs, or one line that reports no drift."""
    lines = [_format_entry(entry) for entry in declared if entry["status"] != AS_DECLARED]
    lines += [f"{row['name']} ({row['cluster_id']}): undeclared, {row['state']}" for row in undeclared]
    count = len(declared)
    return lines or [f"No drift: {count} {'cluster is' if count == 1 else 'clusters are'} as declared."]


def _format_entry(entry: Record) -> str:
    name = f"{entry['name']} ({entry['cluster_id']})" if entry["cluster_id"] else str(entry["name"])
    if entry["status"] == FAILED:
        return f"{name}: failed: {entry['msg']}"
    changes = [f"{change['field']} {_show(change['before'])} → {_show(change['after'])}" for change in entry["changes"]]
    actions = [] if changes or entry["status"] != DRIFTED else [", ".join(entry["actions"] or [])]
    return f"{name}: {entry['status']}" + "".join(f"; {text}" for text in changes + actions)


def _show(value: object) -> str:
    """Return a value of a change as the declaration would have it."""
    return "unset" if value is None else value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _build_entry(entry: Row) -> Record:
    result = {key: entry.get(key) for key in _DECLARED_KEYS}
    result["changes"] = result["changes"] or []
    return {**result, "status": drift_status(entry), "msg": entry.get("msg"), "error": entry.get("error")}
