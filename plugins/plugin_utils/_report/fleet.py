# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A fleet in figures: what runs and costs, what idles, drifted, waits for a restart or errs. Pure.

Private to this collection.
"""

from __future__ import annotations

import csv
import io
import typing as t
from datetime import datetime, timezone

from .._native import Record, Row

# The first come first, in tables and charts.
STATE_ORDER = ("Running", "Starting", "Stopping", "Stopped", "Error")
CSV_COLUMNS = (
    "name", "cluster_id", "state", "cu", "cpu", "memory_gib", "gpus", "queue", "engine", "uptime_hours", "idle_minutes",
    "waits_for_restart", "drift", "creator", "message",
)  # fmt: skip
# What a spreadsheet takes for the beginning of a formula.
_FORMULA_PREFIXES = ("=", "+", "-", "@", "\t", "\r", "\n")


def build_report(clusters: t.Iterable[Row], now: datetime, title: str, sweep: Row | None, drift: Row | None) -> Record:
    """Return the report: ``totals``, ``states``, ``queues``, ``clusters`` and ``missing``, largest consumers first.

    ``sweep`` is the result of the role ray_sweep, ``drift`` that of the filter drift_report; None for not known.
    """
    idle = {row["cluster_id"]: row for row in (sweep or {}).get("clusters") or []}
    drifted, missing = _read_drift(drift)
    rows = [_build_row(cluster, now, idle.get(cluster["cluster_id"]), drifted) for cluster in clusters]
    rows.sort(key=lambda row: (not row["consumes"], -(row["cu"] or 0), str(row["name"]), str(row["cluster_id"])))
    return {
        "title": title,
        "generated": now.astimezone(timezone.utc).isoformat(timespec="seconds"),
        "knows_idle": sweep is not None,
        "knows_drift": drift is not None,
        "totals": _build_totals(rows, missing),
        "states": _group_by(rows, "state"),
        "queues": _group_by([row for row in rows if row["consumes"]], "queue"),
        "clusters": rows,
        "missing": missing,
    }


def _build_row(cluster: Row, now: datetime, verdict: Row | None, drifted: dict[str, str]) -> Record:
    declared = (cluster.get("capacity") or {}).get("declared") or {}
    state = _to_encodable_text(cluster.get("state") or "unknown")
    head = cluster.get("head_spec") or {}
    gpus = declared.get("gpus") or {}
    # What moves costs already, or still.
    consumes = state not in ("Stopped", "Error")
    return {
        "name": _to_encodable_text(cluster.get("name")),
        "cluster_id": cluster["cluster_id"],
        "state": state,
        "consumes": consumes,
        "cu": declared.get("cu"),
        "cpu": declared.get("cpu"),
        "memory_gib": declared.get("memory_gib"),
        "gpus": ", ".join(f"{count} x {kind}" for kind, count in sorted(gpus.items())),
        "queue": _to_encodable_text(head.get("queue_name")),
        "engine": _to_encodable_text(cluster.get("display_release_version")),
        "uptime_hours": _hours_since(cluster.get("start_time"), now) if state == "Running" else None,
        "idle": bool(verdict and verdict.get("verdict") == "stop"),
        "idle_minutes": (verdict or {}).get("idle_minutes"),
        "activity": _to_encodable_text((verdict or {}).get("reason")),
        "waits_for_restart": bool(cluster.get("modified")) and state == "Running",
        "drift": drifted.get(cluster["cluster_id"], ""),
        "creator": _to_encodable_text(cluster.get("creator_name")),
        "message": _to_encodable_text(cluster.get("message")) if state == "Error" else "",
    }


def _to_encodable_text(value: t.Any) -> str:
    """Return a value as text that every file can hold; JSON may name half a character."""
    return ("" if value is None else str(value)).encode("utf-8", "replace").decode("utf-8")


def _hours_since(milliseconds: t.Any, now: datetime) -> float | None:
    if not isinstance(milliseconds, int) or milliseconds <= 0:
        return None
    return round(max(0.0, now.timestamp() - milliseconds / 1000) / 3600, 1)


def _read_drift(drift: Row | None) -> tuple[dict[str, str], list[str]]:
    """Return what drifted of each cluster, in words, and the names of declared clusters that are not there."""
    texts: dict[str, str] = {}
    missing: list[str] = []
    for entry in (drift or {}).get("clusters") or []:
        status = entry.get("status")
        if status == "missing":
            missing.append(str(entry.get("name")))
        elif status != "as_declared" and entry.get("cluster_id"):
            fields = ", ".join(str(change.get("field")) for change in entry.get("changes") or [])
            texts[entry["cluster_id"]] = str(entry.get("msg") or fields or status)
    for entry in (drift or {}).get("undeclared") or []:
        texts[entry["cluster_id"]] = "not declared"
    return texts, missing


def _build_totals(rows: list[Record], missing: list[str]) -> Record:
    def sum_cu(chosen: t.Iterable[Record]) -> float:
        return round(sum(row["cu"] or 0 for row in chosen), 2)

    consuming = [row for row in rows if row["consumes"]]
    return {
        "clusters": len(rows),
        "running": sum(row["state"] == "Running" for row in rows),
        "cu": sum_cu(consuming),
        "cu_per_day": round(sum_cu(consuming) * 24, 2),
        "idle": sum(row["idle"] for row in rows),
        "cu_idle": sum_cu(row for row in rows if row["idle"]),
        "drifted": sum(bool(row["drift"]) for row in rows) + len(missing),
        "waiting": sum(row["waits_for_restart"] for row in rows),
        "errors": sum(row["state"] == "Error" for row in rows),
    }


def _group_by(rows: list[Record], key: str) -> list[Record]:
    groups: dict[str, Record] = {}
    for row in rows:
        group = groups.setdefault(row[key], {key: row[key], "clusters": 0, "cu": 0.0})
        group["clusters"] += 1
        group["cu"] = round(group["cu"] + (row["cu"] or 0), 2)

    def sort_key(group: Record) -> tuple[int, float, str]:
        position = STATE_ORDER.index(group[key]) if key == "state" and group[key] in STATE_ORDER else len(STATE_ORDER)
        return position, -group["cu"], group[key]

    return sorted(groups.values(), key=sort_key)


def to_csv(report: Row) -> str:
    """Return the clusters of a report as CSV; what a spreadsheet would take for a formula gets a quote in front."""
    text = io.StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerow(CSV_COLUMNS)
    writer.writerows([[_escape_cell(row[column]) for column in CSV_COLUMNS] for row in report["clusters"]])
    return text.getvalue()


def _escape_cell(value: t.Any) -> t.Any:
    if not isinstance(value, str):
        return "" if value is None else value
    return f"'{value}" if value.lstrip(" ").startswith(_FORMULA_PREFIXES) else value
