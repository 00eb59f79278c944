# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""Read the goal of a job task, and validate it as a whole. Pure."""

from __future__ import annotations

import uuid

from .._api.settings import resolve_settings
from .._errors import ParameterError
from .._payload import Params
from .._task.context import TaskContext, check_id, check_options, check_seconds
from .._text_rules import find_label_problem
from .fields import JobKey, JobSpec
from .plan import JobGoal
from .spec import build_job_name, check_cluster_backend, find_missing_options, read_job_spec


def read_job_goal(task: TaskContext) -> JobGoal:
    """Return the goal from the options. Raises ParameterError that names every bad option, before any request."""
    params = task.params
    spec: JobSpec = {}
    check_options(
        lambda: spec.update(read_job_spec(params)),
        lambda: resolve_settings(params, task.environ),
        lambda: check_id(params, "submission_id"),
        lambda: check_id(params, "cluster_id"),
        lambda: check_seconds(params, "wait_timeout", 0),
        lambda: check_seconds(params, "wait_interval", 0.001),
        lambda: _check_numbers(params),
        lambda: _check_key(params),
    )
    check_options(
        lambda: _check_one_cluster(params),
        lambda: _check_job_reference(params, spec),
        lambda: check_cluster_backend(spec) if params.get("via") == "cluster" else None,
    )
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


def _check_numbers(params: Params) -> None:
    problems = [
        f"{name}: must not be negative" for name in ("retries_on_failure", "log_lines") if (params.get(name) or 0) < 0
    ]
    if params.get("retries_on_failure") and (params.get("state") != "finished" or params.get("submission_id")):
        problems.append("retries_on_failure: needs state=finished, and a job that is submitted here")
    if problems:
        raise ParameterError(problems)


def _check_key(params: Params) -> None:
    given = {option: params[option] for option in ("job_key", "cluster_name") if params.get(option) is not None}
    problems = [f"{option}: {problem}" for option, text in given.items() if (problem := find_label_problem(text))]
    if problems:
        raise ParameterError(problems)
    if params.get("resubmit") == "if_failed" and not params.get("job_key"):
        raise ParameterError(["resubmit: requires job_key; otherwise every run submits a job"])


def _check_one_cluster(params: Params) -> None:
    if params.get("cluster_id") and params.get("cluster_name"):
        raise ParameterError(["cluster_name: is given together with cluster_id; one of them is enough"])
    if params.get("via") == "cluster" and not (params.get("cluster_id") or params.get("cluster_name")):
        raise ParameterError(["cluster_id or cluster_name is required with via=cluster"])


def _check_job_reference(params: Params, spec: JobSpec) -> None:
    via_cluster = params.get("via") == "cluster"
    if params.get("submission_id"):
        conflicting = [name for name in spec if not (via_cluster and name == "cluster_id")]
        names = ("job_key",) if via_cluster else ("job_key", "cluster_name")
        conflicting += [name for name in names if params.get(name)]
        if conflicting:
            raise ParameterError(
                [f"submission_id: identifies an existing job; leave out {', '.join(sorted(conflicting))}"]
            )
        return
    if params.get("state") == "cancelled":
        if not params.get("job_key"):
            raise ParameterError(["submission_id or job_key is required to cancel a job"])
        return
    missing = find_missing_options(spec, bool(params.get("cluster_id") or params.get("cluster_name")))
    missing += [] if via_cluster or spec.get("name") or params.get("job_key") else ["name or job_key"]
    if missing:
        raise ParameterError([f"submitting a job requires {', '.join(missing)}"])
