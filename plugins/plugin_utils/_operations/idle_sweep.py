# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Decide which clusters may be stopped because they are idle or expired. Pure.

If a fact is not known for certain, the cluster is kept.
"""

from __future__ import annotations

import re
import typing as t
from datetime import datetime, timedelta, timezone

from ...module_utils._job.fields import FINAL_STATUSES
from .._native import Record, Row
from .blue_green import is_retired
from .office_hours import HoursError, read_datetime
from .schedule import compile_patterns

ASK, KEEP, STOP = "ask", "keep", "stop"
_EXPIRY_PATTERN = re.compile(r"(?:^|[\s;,(\[])expires=([^\s;,)\]]+)", re.IGNORECASE)
# The address of a job's dashboard may lead through the cluster that it runs on.
_CLUSTER_IN_URL = re.compile(r"/raycluster/([^/?#]+)")


class SweepOptions(t.NamedTuple):
    """The settings of a sweep."""

    now: datetime
    min_idle: timedelta
    include: list[re.Pattern[str]]
    exempt: list[re.Pattern[str]]
    honors_expiry: bool
    service_jobs: str


class ExpiryError(ValueError):
    """An invalid expiry."""


def read_sweep_options(options: Row) -> SweepOptions:
    """Return the options of a sweep, checked. Raises HoursError."""
    minutes = float(options["idle_minutes"])
    if not 0 < minutes < float("inf"):
        raise HoursError("idle_minutes must be more than 0")
    return SweepOptions(
        read_datetime(options["now"]),
        timedelta(minutes=minutes),
        compile_patterns(options.get("patterns") or ["*"]),
        compile_patterns(options.get("exempt") or []),
        bool(options.get("expiry", True)),
        str(options.get("service_jobs", "block")),
    )


def read_expiry(description: object) -> datetime | None:
    """Return until when a cluster is wanted by its description, None if it does not say. Raises ExpiryError."""
    found = _EXPIRY_PATTERN.findall(str(description or ""))
    if not found:
        return None
    if len(found) > 1:
        raise ExpiryError(f"the description has {len(found)} expiries")
    text = found[0] if len(found[0]) > 10 else f"{found[0]}T00:00Z"
    # Python 3.10 reads no hours without minutes, nor offsets without a colon; neither is taken.
    try:
        return read_datetime(text)
    except HoursError as error:
        raise ExpiryError(f"the expiry in the description cannot be read: {error}") from None


def build_verdicts(
    rows: t.Iterable[Row], sweep: SweepOptions, looks: t.Iterable[Row] | None, service: Row | None
) -> list[Row]:
    """Return a verdict on each running cluster.

    Without ``looks``, candidates get the verdict to ask for their jobs. ``looks`` are results of emr_ray_job_info with
    via=cluster; their ``item`` is the requested ID. ``service`` has results from the service: ``rows``, and ``details``
    of the jobs that have not ended.
    """
    asked = None if looks is None else {look["item"]: look for look in looks}
    return [_cluster_verdict(row, sweep, asked, service) for row in rows if row.get("state") == "Running"]


def _cluster_verdict(row: Row, sweep: SweepOptions, asked: dict[str, Row] | None, service: Row | None) -> Row:
    name = str(row.get("name") or "")
    cu = (((row.get("capacity") or {}).get("declared")) or {}).get("cu")
    known: Record = {"cluster_id": row["cluster_id"], "name": name, "cu": cu}
    if not any(pattern.match(name) for pattern in sweep.include):
        return {**known, "verdict": KEEP, "reason": "not selected for the sweep"}
    if any(pattern.match(name) for pattern in sweep.exempt):
        return {**known, "verdict": KEEP, "reason": "exempt"}
    if is_retired(row):
        return {**known, "verdict": KEEP, "reason": "blue/green has retired this generation"}
    look = (asked or {}).get(row["cluster_id"])
    if asked is None or look is None:
        return {**known, **_preliminary_verdict(row, sweep)}
    told = _final_verdict(look, sweep, service)
    hours = told.get("idle_minutes", 0) / 60
    return {**known, **told, "cu_hours_idle": None if cu is None else round(cu * hours, 2)}


def _preliminary_verdict(row: Row, sweep: SweepOptions) -> Record:
    """Return whether a cluster has run long enough, or past its expiry, so that its jobs must be read."""
    try:
        expired = _is_expired(row, sweep)
    except ExpiryError as error:
        return {"verdict": KEEP, "reason": str(error)}
    started = _from_milliseconds(row.get("start_time"))
    if started is None:
        return {"verdict": KEEP, "reason": "its start time is unknown"}
    if expired or sweep.now - started >= sweep.min_idle:
        return {"verdict": ASK, "reason": "its jobs must be read"}
    return {"verdict": KEEP, "reason": "it was started only recently"}


def _final_verdict(look: Row, sweep: SweepOptions, service: Row | None) -> Record:
    """Return whether to stop a cluster, by its own latest report."""
    jobs, cluster = look.get("jobs"), look.get("cluster") or {}
    if jobs is None or cluster.get("state") != "Running":
        return {"verdict": KEEP, "reason": f"its jobs cannot be read: {look.get('msg') or 'no reason given'}"}
    busy = [job for job in jobs if job.get("status") not in FINAL_STATUSES]
    if busy:
        return {"verdict": KEEP, "reason": f"{len(busy)} of its jobs have not ended", "busy": True}
    held = _find_service_job_reason(str(cluster.get("cluster_id")), sweep, service)
    if held:
        return {"verdict": KEEP, "reason": held}
    first = _preliminary_verdict(cluster, sweep)
    if first["verdict"] == KEEP:
        return first
    since = _find_idle_since(cluster, jobs)
    if since is None:
        return {"verdict": KEEP, "reason": "the time since when it is idle is unknown"}
    idle = sweep.now - since
    told = {"idle_minutes": max(0, int(idle.total_seconds() // 60)), "idle_since": since.isoformat(timespec="seconds")}
    if _is_expired(cluster, sweep):
        return {**told, "verdict": STOP, "reason": "it has expired, and no job runs"}
    if idle >= sweep.min_idle:
        return {**told, "verdict": STOP, "reason": f"idle for {told['idle_minutes']} minutes"}
    return {**told, "verdict": KEEP, "reason": f"idle for {told['idle_minutes']} minutes only"}


def _is_expired(row: Row, sweep: SweepOptions) -> bool:
    expiry = read_expiry(row.get("description")) if sweep.honors_expiry else None
    return expiry is not None and expiry <= sweep.now


def _find_idle_since(cluster: Row, jobs: t.Iterable[Row]) -> datetime | None:
    """Return when the last job ended, or the cluster was started; None when a job does not say."""
    moments = [_from_milliseconds(cluster.get("start_time"))]
    moments += [_from_milliseconds(job.get("end_time")) for job in jobs]
    known = [moment for moment in moments if moment is not None]
    return max(known) if len(known) == len(moments) else None


def _find_service_job_reason(cluster_id: str, sweep: SweepOptions, service: Row | None) -> str | None:
    """Return why jobs of the service keep a cluster. The service does not report which cluster runs a job."""
    if sweep.service_jobs == "ignore":
        return None
    results: list[Row] = [] if service is None else [service["rows"], *service["details"]]
    unknown = [result for result in results if result.get("jobs") is None]
    if unknown or not results:
        why = unknown[0].get("msg") if unknown else None
        return f"the jobs of the service cannot be read: {why or 'no reason given'}"
    for job in (job for result in results[1:] for job in result["jobs"]):
        # A job with a head of its own most likely has a temporary cluster, but nothing says that it must.
        has_head = bool((job.get("head_spec") or {}).get("queue_name"))
        if job.get("status") in FINAL_STATUSES or (has_head and sweep.service_jobs == "unless_temporary"):
            continue
        found = _CLUSTER_IN_URL.search(str(job.get("dashboard_url") or ""))
        # An id in this field may be that of a run, which starts with the cluster's id.
        if not found or found[1] == cluster_id or found[1].startswith(f"{cluster_id}-"):
            return f"the job {job.get('submission_id')} of the service may run on this cluster"
    return None


def _from_milliseconds(milliseconds: object) -> datetime | None:
    if isinstance(milliseconds, bool) or not isinstance(milliseconds, int) or milliseconds <= 0:
        return None
    return datetime.fromtimestamp(milliseconds / 1000, timezone.utc)


def build_summary(told: t.Iterable[Row], stopped: t.Iterable[object], dry_run: bool) -> Record:
    """Return the outcome of a sweep, with the cost of the idle clusters, and the savings of a day without them."""
    rows = list(told)
    going = [row for row in rows if row["verdict"] == STOP]
    cu = round(sum(row["cu"] or 0 for row in going), 2)
    return {
        "dry_run": dry_run,
        "clusters": rows,
        "idle": [row["cluster_id"] for row in going],
        "stopped": list(stopped),
        "cu": cu,
        "cu_hours_idle": round(sum(row.get("cu_hours_idle") or 0 for row in going), 2),
        "cu_hours_saved_per_day": round(cu * 24, 2),
    }
