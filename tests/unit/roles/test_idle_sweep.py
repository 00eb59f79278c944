# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The sweep: what speaks for a cluster keeps it, and what is not known speaks for it."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from ansible.errors import AnsibleFilterError
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.rayops.alicloud.plugins.filter.sweep_summary import sweep_summary
from ansible_collections.rayops.alicloud.plugins.filter.sweep_verdicts import sweep_verdicts
from ansible_collections.rayops.alicloud.plugins.plugin_utils._operations.idle_sweep import ExpiryError, read_expiry

Json = dict[str, Any]

NOW = datetime(2026, 11, 22, 12, tzinfo=timezone.utc)
OPTIONS: Json = {"now": NOW.isoformat(), "idle_minutes": 60}
QUIET: Json = {"rows": {"jobs": []}, "details": []}


def ago(minutes: float) -> int:
    return int((NOW - timedelta(minutes=minutes)).timestamp() * 1000)


def cluster(**changes: Any) -> Json:
    capacity = {"declared": {"cu": 10}}
    row = {"cluster_id": "ray-1", "name": "a", "state": "Running", "start_time": ago(300), "capacity": capacity}
    return {**row, "description": None, **changes}


def job(status: str = "Succeeded", end: float | None = 120) -> Json:
    return {"submission_id": "x", "status": status, "end_time": None if end is None else ago(end)}


def judge(row: Json | None = None, jobs: Any = (), service: Any = "quiet", **options: Any) -> Json:
    row = row or cluster()
    service = QUIET if service == "quiet" else service
    look = {"item": row["cluster_id"], "jobs": jobs if jobs is None else list(jobs), "cluster": row}
    (verdict,) = sweep_verdicts([row], {**OPTIONS, **options}, [look], service)
    return dict(verdict)


def test_an_idle_cluster_goes_and_says_what_it_cost() -> None:
    found = judge(jobs=[job(end=200), job("Failed", end=90)])
    assert (found["verdict"], found["reason"]) == ("stop", "idle for 90 minutes")
    assert (found["idle_minutes"], found["cu"], found["cu_hours_idle"]) == (90, 10, 15.0)
    assert judge()["idle_minutes"] == 300
    assert judge(cluster(capacity=None))["cu_hours_idle"] is None


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"jobs": [job("Running", None)]}, "1 of its jobs have not ended"),
        ({"jobs": [job("Pending", None), job()]}, "1 of its jobs have not ended"),
        ({"jobs": [job("Rescheduling", None)]}, "not ended"),
        ({"jobs": [job(end=10)]}, "idle for 10 minutes only"),
        ({"jobs": [job(end=None)]}, "the time since when it is idle is unknown"),
        ({"jobs": None}, "cannot be read"),
        ({"row": cluster(start_time=None)}, "its start time is unknown"),
        ({"row": cluster(start_time=ago(59))}, "only recently"),
        ({"exempt": ["b", "a*"]}, "exempt"),
        ({"patterns": ["team-*"]}, "not selected for the sweep"),
        ({"service": None}, "the jobs of the service cannot be read"),
        ({"service": {"rows": {"msg": "denied"}, "details": []}}, "cannot be read: denied"),
        ({"service": {"rows": {"jobs": [{}]}, "details": [{"msg": "lost"}]}}, "cannot be read: lost"),
        ({"row": cluster(description="expires=soon")}, "the expiry in the description cannot be read"),
        ({"row": cluster(description="expires=2026-01-01 expires=2027-01-01")}, "2 expiries"),
    ],
)
def test_what_keeps_a_cluster(options: Json, why: str) -> None:
    given_row = options.pop("row", None)
    found = judge(given_row, **options)
    assert (found["verdict"], why in found["reason"]) == ("keep", True), found


@pytest.mark.parametrize(
    ("found", "verdict"),
    [
        ({"status": "Running"}, "keep"),
        ({"status": "Submitted", "head_spec": {"queue_name": None}}, "keep"),
        ({"status": "Running", "dashboard_url": "https://h/workspace/w/raycluster/ray-1/dashboard"}, "keep"),
        ({"status": "Running", "dashboard_url": "https://h/workspace/w/raycluster/ray-1-abc/dashboard"}, "keep"),
        ({"status": "Running", "dashboard_url": "https://h/workspace/w/raycluster/ray-12/dashboard"}, "stop"),
        ({"status": "Running", "head_spec": {"queue_name": "q"}}, "keep"),
        ({"status": "Succeeded"}, "stop"),
    ],
)
def test_a_job_of_the_service_keeps_every_cluster_that_it_might_run_on(found: Json, verdict: str) -> None:
    service = {"rows": {"jobs": [{}]}, "details": [{"jobs": [{"submission_id": "rj-1", **found}]}]}
    assert judge(service=service)["verdict"] == verdict
    assert judge(service=service, service_jobs="ignore")["verdict"] == "stop"
    temporary = "stop" if (found.get("head_spec") or {}).get("queue_name") else verdict
    assert judge(service=service, service_jobs="unless_temporary")["verdict"] == temporary


def test_an_expiry_goes_before_the_clock_but_not_before_a_job() -> None:
    late = cluster(start_time=ago(5), description="for Ann, expires=2026-11-22T11:59Z; ask her")
    assert judge(late)["reason"] == "it has expired, and no job runs"
    assert judge(late, jobs=[job("Running", None)])["verdict"] == "keep"
    assert judge(late, expiry=False)["verdict"] == "keep"
    assert judge(cluster(start_time=ago(5), description="expires=2026-11-22T12:01Z"))["verdict"] == "keep"
    # A wish for a late expiry does not make a cluster busy.
    assert judge(cluster(description="expires=2027-01-01"))["verdict"] == "stop"


def test_texts_of_expiries() -> None:
    assert read_expiry("expires=2026-12-01") == datetime(2026, 12, 1, tzinfo=timezone.utc)
    assert read_expiry("(expires=2026-12-01T18:00+08:00)") == datetime(2026, 12, 1, 10, tzinfo=timezone.utc)
    assert read_expiry("noexpires=1 never") is None
    assert read_expiry(None) is None
    with pytest.raises(ExpiryError):
        read_expiry("Expires=2026-12-01T18:00")


def test_only_running_clusters_are_judged_and_none_goes_unasked() -> None:
    rows = [cluster(cluster_id="ray-1"), cluster(cluster_id="ray-2", state="Stopped"), cluster(cluster_id="ray-3")]
    assert [row["verdict"] for row in sweep_verdicts(rows, OPTIONS)] == ["ask", "ask"]
    look = {"item": "ray-1", "jobs": [], "cluster": cluster()}
    assert [row["verdict"] for row in sweep_verdicts(rows, OPTIONS, [look], QUIET)] == ["stop", "ask"]
    stopped = {**look, "cluster": cluster(state="Stopping")}
    assert [row["verdict"] for row in sweep_verdicts(rows, OPTIONS, [stopped], QUIET)] == ["keep", "ask"]


def test_a_retired_generation_is_kept() -> None:
    row = cluster(description="nightly [blue-green retired]")
    assert (judge(row)["verdict"], judge(row)["reason"]) == ("keep", "blue/green has retired this generation")


def test_the_summary_counts_what_goes() -> None:
    gone = judge(jobs=[job(end=90)])
    kept, unknown = judge(jobs=[job("Running", None)]), judge(cluster(cluster_id="ray-2", capacity=None))
    found = sweep_summary([gone, kept, unknown], ["ray-1"], dry_run=False)
    assert (found["idle"], found["stopped"], found["dry_run"]) == (["ray-1", "ray-2"], ["ray-1"], False)
    assert (found["cu"], found["cu_hours_idle"], found["cu_hours_saved_per_day"]) == (10, 15.0, 240)
    assert len(found["clusters"]) == 3


def test_options_that_cannot_be_used_are_said() -> None:
    for options in ({"idle_minutes": 0}, {"now": "now"}, {"exempt": ["~("]}):
        with pytest.raises(AnsibleFilterError):
            sweep_verdicts([], {**OPTIONS, **options})


STATUSES = st.sampled_from(["Succeeded", "Failed", "Cancelled", "Running", "Pending", "Weird", "None", None])
TIMES = st.none() | st.integers(-100, 10_000).map(ago) | st.booleans()
JOBS = st.lists(st.fixed_dictionaries({"status": STATUSES, "end_time": TIMES}), max_size=4)
WORDS = st.sampled_from([None, "expires=2020-01-01", "expires=2030-01-01", "expires=never", "x"])


@given(JOBS, TIMES, WORDS, st.integers(1, 600))
def test_no_cluster_with_a_job_that_may_run_is_ever_stopped(jobs: Any, start: Any, words: Any, idle: int) -> None:
    found = judge(cluster(start_time=start, description=words), jobs=jobs, idle_minutes=idle)
    if any(item["status"] not in ("Succeeded", "Failed", "Cancelled") for item in jobs):
        assert found["verdict"] == "keep"
    if found["verdict"] == "stop":
        assert all(isinstance(item["end_time"], int) for item in jobs)
        assert words == "expires=2020-01-01" or found["idle_minutes"] >= idle
