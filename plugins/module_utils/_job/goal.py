# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""Read the goal of a job task, and validate it as a whole. Pure."""

from __future__ import annotations

import uuid

from .._api.settings import resolve_settings
from .._errors import Problems
from .._payload import Params
from .._task.context import TaskContext, id_problems, seconds_problems
from .._text_rules import find_label_problem
from .fields import JobKey, JobSpec
from .plan import JobGoal
from .spec import build_job_name, cluster_backend_problems, find_missing_options, read_job_spec


def read_job_goal(task: TaskContext) -> JobGoal:
    """Return the goal from the options. Raises ParameterError that names every bad option, before any request."""
    params = task.params
    spec: JobSpec = {}
    problems = Problems()
    with problems:
        spec = read_job_spec(params)
    with problems:
        resolve_settings(params, task.environ)
    problems += id_problems(params, "submission_id", "cluster_id")
    problems += seconds_problems(params, wait_timeout=0, wait_interval=0.001)
    problems += _number_problems(params) + _key_problems(params)
    problems.raise_any()
    problems += _cluster_problems(params) + _reference_problems(params, spec)
    if params.get("via") == "cluster":
        problems += cluster_backend_problems(spec)
    problems.raise_any()
    key = (
        JobKey(params["job_key"], is_user_key=True)
        if params.get("job_key")
        else JobKey(uuid.uuid4().hex, is_user_key=False)
    )
    if key.is_user_key and params.get("via") != "cluster":
        spec.setdefault("name", build_job_name(key))
    return JobGoal(
        state=params.get("state") or "submitted",
        spec=spec,
        key=key,
        submission_id=params.get("submission_id"),
        retries=int(params.get("retries_on_failure") or 0),
        resubmit=params.get("resubmit") == "if_failed",
    )


def _number_problems(params: Params) -> list[str]:
    problems = [
        f"{name}: must not be negative" for name in ("retries_on_failure", "log_lines") if (params.get(name) or 0) < 0
    ]
    if params.get("retries_on_failure") and (params.get("state") != "finished" or params.get("submission_id")):
        problems.append("retries_on_failure: needs state=finished, and a job that is submitted here")
    return problems


def _key_problems(params: Params) -> list[str]:
    given = {option: params[option] for option in ("job_key", "cluster_name") if params.get(option) is not None}
    problems = [f"{option}: {problem}" for option, text in given.items() if (problem := find_label_problem(text))]
    if not problems and params.get("resubmit") == "if_failed" and not params.get("job_key"):
        problems.append("resubmit: requires job_key; otherwise every run submits a job")
    return problems


def _cluster_problems(params: Params) -> list[str]:
    if params.get("cluster_id") and params.get("cluster_name"):
        return ["cluster_name: is given together with cluster_id; one of them is enough"]
    if params.get("via") == "cluster" and not (params.get("cluster_id") or params.get("cluster_name")):
        return ["cluster_id or cluster_name is required with via=cluster"]
    return []


def _reference_problems(params: Params, spec: JobSpec) -> list[str]:
    via_cluster = params.get("via") == "cluster"
    if params.get("submission_id"):
        conflicting = [name for name in spec if not (via_cluster and name == "cluster_id")]
        names = ("job_key",) if via_cluster else ("job_key", "cluster_name")
        conflicting += [name for name in names if params.get(name)]
        text = f"submission_id: identifies an existing job; leave out {', '.join(sorted(conflicting))}"
        return [text] if conflicting else []
    if params.get("state") == "cancelled":
        return [] if params.get("job_key") else ["submission_id or job_key is required to cancel a job"]
    missing = find_missing_options(spec, bool(params.get("cluster_id") or params.get("cluster_name")))
    missing += [] if via_cluster or spec.get("name") or params.get("job_key") else ["name or job_key"]
    return [f"submitting a job requires {', '.join(missing)}"] if missing else []
