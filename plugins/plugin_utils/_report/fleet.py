# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Summarize a fleet: running clusters and their CU, idle clusters, drift, pending restarts, and errors. Pure."""

from __future__ import annotations

import csv
import io
import typing as t
from datetime import datetime, timezone
from urllib.parse import urlsplit

from ...module_utils._redaction import strip_tokens
from .._native import Record, Row

# The first come first, in tables and charts.
STATE_ORDER = ("Running", "Starting", "Stopping", "Stopped", "Error")
CSV_COLUMNS = (
    "name", "cluster_id", "state", "cu", "cpu", "memory_gib", "gpus", "queue", "engine", "groups", "uptime_hours",
    "idle_minutes", "waits_for_restart", "drift", "creator", "message", "workspace_id", "region",
)  # fmt: skip
TABLE_COLUMNS = ("NAME", "STATE", "ENGINE", "GROUPS", "CU", "IDLE", "RESTART")
# Longer texts are cut in a table, not in the other formats.
MAX_CELL_WIDTH = 40
# Characters that a spreadsheet reads as the start of a formula.
_FORMULA_PREFIXES = ("=", "+", "-", "@", "\t", "\r", "\n")


def build_report(
    clusters: t.Iterable[Row],
    now: datetime,
    title: str,
    sweep: Row | None,
    drift: Row | None,
) -> Record:
    """Return the report: ``totals``, ``workspaces``, ``states``, ``queues``, ``clusters`` and ``missing``.

    ``clusters`` are clusters or, for several workspaces, results of emr_ray_cluster_info. The largest consumers come
    first. ``sweep`` is the result of the role ray_sweep, ``drift`` that of the filter drift_report; None for not known.
    """
    idle = {row["cluster_id"]: row for row in (sweep or {}).get("clusters") or []}
    drifted, missing = _read_drift(drift)
    located = list(_locate(clusters))
    rows = [_build_row(cluster, now, idle.get(cluster["cluster_id"]), drifted) for cluster in _with_workspace(located)]
    rows.sort(key=lambda row: (not row["consumes"], -(row["cu"] or 0), str(row["name"]), str(row["cluster_id"])))
    return {
        "title": title,
        "generated": now.astimezone(timezone.utc).isoformat(timespec="seconds"),
        "knows_idle": sweep is not None,
        "knows_drift": drift is not None,
        "totals": _build_totals(rows, missing),
        "workspaces": [_build_workspace(place, rows) for place in located if place["workspace_id"]],
        "states": _group_by(rows, "state"),
        "queues": _group_by([row for row in rows if row["consumes"]], "queue"),
        "clusters": rows,
        "missing": missing,
    }


def _locate(given: t.Iterable[Row]) -> t.Iterator[Record]:
    """Yield the region, the workspace, and the clusters of each result; clusters without a result have no workspace."""
    loose = []
    for entry in given:
        if "clusters" in entry:
            names = {key: _to_encodable_text(entry.get(key)) for key in ("workspace_id", "region")}
            yield {**names, "clusters": entry["clusters"]}
        else:
            loose.append(entry)
    if loose:
        yield {"workspace_id": "", "region": "", "clusters": loose}


def _with_workspace(located: t.Iterable[Row]) -> t.Iterator[Record]:
    for place in located:
        for cluster in place["clusters"]:
            yield {**cluster, "workspace_id": place["workspace_id"], "region": place["region"]}


def _build_workspace(place: Row, rows: t.Iterable[Record]) -> Record:
    key = (place["workspace_id"], place["region"])
    chosen = [row for row in rows if (row["workspace_id"], row["region"]) == key]
    running = [row for row in chosen if row["consumes"]]
    return {
        "workspace_id": place["workspace_id"],
        "region": place["region"],
        "clusters": len(chosen),
        "cu": round(_bill_workspaces(running), 2),
    }


def _bill_workspaces(rows: t.Iterable[Record]) -> float:
    """Return the CU that the bills of all workspaces count together."""
    places: dict[tuple[str, str], list[Record]] = {}
    for row in rows:
        places.setdefault((row["workspace_id"], row["region"]), []).append(row)
    return sum(map(bill_cu, places.values()))


def _build_row(cluster: Row, now: datetime, verdict: Row | None, drifted: dict[str, str]) -> Record:
    declared = (cluster.get("capacity") or {}).get("declared") or {}
    state = _to_encodable_text(cluster.get("state") or "unknown")
    head = cluster.get("head_spec") or {}
    gpus = declared.get("gpus") or {}
    # A cluster that is changing state uses capacity already, or still.
    consumes = state not in ("Stopped", "Error")
    return {
        "name": _to_encodable_text(cluster.get("name")),
        "cluster_id": cluster["cluster_id"],
        "workspace_id": cluster["workspace_id"],
        "region": cluster["region"],
        "state": state,
        "consumes": consumes,
        "cu": declared.get("cu"),
        "cpu": declared.get("cpu"),
        "memory_gib": declared.get("memory_gib"),
        "gpus": ", ".join(f"{count} x {kind}" for kind, count in sorted(gpus.items())),
        "queue": _to_encodable_text(head.get("queue_name")),
        "engine": _to_encodable_text(cluster.get("display_release_version")),
        "groups": _to_encodable_text(_format_groups(cluster.get("worker_spec") or [])),
        "started": _to_iso(cluster.get("start_time")) if state == "Running" else None,
        "uptime_hours": _hours_since(cluster.get("start_time"), now) if state == "Running" else None,
        "idle": bool(verdict and verdict.get("verdict") == "stop"),
        "idle_minutes": (verdict or {}).get("idle_minutes"),
        "activity": _to_encodable_text((verdict or {}).get("reason")),
        "waits_for_restart": bool(cluster.get("modified")) and state == "Running",
        "drift": drifted.get(cluster["cluster_id"], ""),
        "dashboard": _dashboard_address(cluster.get("dashboard_url")),
        "creator": _to_encodable_text(cluster.get("creator_name")),
        "message": _to_encodable_text(cluster.get("message")) if state == "Error" else "",
    }


def _format_groups(groups: t.Iterable[Row]) -> str:
    """Return the worker groups with their numbers of workers, such as ``cpu x2, gpu x4``."""
    return ", ".join(f"{group.get('group_name')} x{group.get('replica') or 1}" for group in groups)


def _to_encodable_text(value: object) -> str:
    """Return a value as text that every file can hold; JSON may name half a character."""
    return ("" if value is None else str(value)).encode("utf-8", "replace").decode("utf-8")


def _dashboard_address(url: object) -> str | None:
    """Return the address of a dashboard without tokens, or None if it is missing or unsafe to link to."""
    try:
        address = urlsplit(strip_tokens(_to_encodable_text(url)))
    except ValueError:
        return None
    # A user in front of the host could be a password, or disguise the host.
    safe = address.scheme in ("http", "https") and address.hostname and "@" not in address.netloc
    return address.geturl() if safe else None


def _to_iso(milliseconds: object) -> str | None:
    """Return a time of the service in ISO 8601, or None."""
    if not isinstance(milliseconds, int) or milliseconds <= 0:
        return None
    try:
        return datetime.fromtimestamp(milliseconds / 1000, timezone.utc).isoformat(timespec="seconds")
    except (OverflowError, ValueError, OSError):
        return None


def _hours_since(milliseconds: object, now: datetime) -> float | None:
    if not isinstance(milliseconds, int) or milliseconds <= 0:
        return None
    return round(max(0.0, now.timestamp() - milliseconds / 1000) / 3600, 1)


def _read_drift(drift: Row | None) -> tuple[dict[str, str], list[str]]:
    """Return the drift of each cluster, in words, and the names of declared clusters that do not exist."""
    texts: dict[str, str] = {}
    missing: list[str] = []
    for entry in (drift or {}).get("clusters") or []:
        status = entry.get("status")
        if status == "missing":
            missing.append(str(entry.get("name")))
        elif status != "as_declared" and entry.get("cluster_id"):
            fields = ", ".join(str(change.get("field")) for change in entry.get("changes") or [])
            # If a check failed, its message says why; otherwise the message is the plan with all its operations.
            reason = entry.get("msg") if entry.get("error") else fields or entry.get("msg")
            texts[entry["cluster_id"]] = str(reason or status)
    for entry in (drift or {}).get("undeclared") or []:
        texts[entry["cluster_id"]] = "not declared"
    return texts, missing


def _build_totals(rows: list[Record], missing: list[str]) -> Record:
    def sum_cu(chosen: t.Iterable[Record]) -> float:
        return round(_bill_workspaces(chosen), 2)

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
    chosen: dict[str, list[Record]] = {}
    for row in rows:
        chosen.setdefault(row[key], []).append(row)
    groups = [
        {key: value, "clusters": len(members), "cu": round(_bill_workspaces(members), 2)}
        for value, members in chosen.items()
    ]

    def sort_key(group: Record) -> tuple[int, float, str]:
        position = STATE_ORDER.index(group[key]) if key == "state" and group[key] in STATE_ORDER else len(STATE_ORDER)
        return position, -group["cu"], group[key]

    return sorted(groups, key=sort_key)


def to_table(report: Row) -> list[str]:
    """Return a report as lines: column names, a line for each cluster, and the totals."""
    rows = [TABLE_COLUMNS, *(_table_row(row, report["knows_idle"]) for row in report["clusters"])]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    totals = report["totals"]
    lines.append(
        f"{totals['clusters']} clusters, {totals['running']} running, {totals['cu']:g} CU in use, "
        f"{totals['waiting']} waiting for a restart, {totals['errors']} in error"
    )
    return lines


def _table_row(row: Row, knows_idle: bool) -> tuple[str, ...]:
    idle = row["idle_minutes"]
    cells = (
        row["name"] or row["cluster_id"],
        row["state"],
        row["engine"],
        row["groups"],
        "" if row["cu"] is None else f"{row['cu']:g}",
        "" if idle is None else f"{idle / 60:.1f} h" if knows_idle else "",
        "due" if row["waits_for_restart"] else "",
    )
    return tuple(_table_cell(cell) for cell in cells)


def _table_cell(text: str) -> str:
    """Return a text on one line, without control characters for terminals."""
    visible = "".join(letter if letter.isprintable() else "?" for letter in text)
    return visible if len(visible) <= MAX_CELL_WIDTH else visible[: MAX_CELL_WIDTH - 1] + "…"


def to_csv(report: Row) -> str:
    """Return the clusters of a report as CSV; a value that a spreadsheet would run as a formula is quoted."""
    text = io.StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerow(CSV_COLUMNS)
    writer.writerows([[_escape_cell(row[column]) for column in CSV_COLUMNS] for row in report["clusters"]])
    return text.getvalue()


def _escape_cell(value: object) -> object:
    if not isinstance(value, str):
        return "" if value is None else value
    return f"'{value}" if value.lstrip(" ").startswith(_FORMULA_PREFIXES) else value


def bill_cu(capacities: t.Iterable[t.Mapping[str, t.Any]]) -> float:
    """Return the CU that a bill counts for several capacities of results; one without sizes counts as zero."""
    known = [one for one in capacities if one.get("cpu") is not None and one.get("memory_gib") is not None]
    return float(max(sum(one["cpu"] for one in known), sum(one["memory_gib"] for one in known) / 4))
