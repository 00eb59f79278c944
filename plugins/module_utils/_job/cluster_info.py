# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""What emr_ray_job_info does with via=cluster: the jobs of one running cluster. Private to this collection."""

from __future__ import annotations

import typing as t

from .._api.error_kinds import is_absent
from .._api.session import Caller
from .._api.settings import resolve_settings
from .._cluster.client import Client
from .._cluster.result import learn_secrets as learn_cluster_secrets
from .._cluster.result import view as view_cluster
from .._errors import ApiError, JobError, ParameterError
from .._task.context import Result, Task
from .backends import ABSENT, agent, resolve_cluster
from .ray_api import endpoint_of
from .ray_listing import RayJobList
from .result import learn_secrets, view

_CLUSTER_ONLY = ("cluster_id", "cluster_name")
_SERVICE_ONLY = ("task_biz_id", "submit_time")


def check_way(params: t.Mapping[str, t.Any]) -> None:
    """Raise ParameterError for options that do not go with the way that ``via`` names."""
    by_cluster = params.get("via") == "cluster"
    wrong = [name for name in (_SERVICE_ONLY if by_cluster else _CLUSTER_ONLY) if params.get(name) is not None]
    why = "only the service knows" if by_cluster else "needs via=cluster: the service does not tell where a job runs"
    problems = [f"{name}: {why}" for name in wrong]
    if by_cluster and sum(bool(params.get(name)) for name in _CLUSTER_ONLY) != 1:
        problems.append("via=cluster needs cluster_id or cluster_name, one of them")
    if problems:
        raise ParameterError(problems)


def cluster_jobs(task: Task, caller: Caller) -> Result:
    """Return ``jobs`` that match the options, and the ``cluster``. Raises Failure."""
    cluster_id = task.params.get("cluster_id") or resolve_cluster(caller, task.params["cluster_name"])
    try:
        cluster = Client(caller).get_cluster(cluster_id)
    except ApiError as error:
        if is_absent(error):
            raise JobError(f"there is no cluster {cluster_id}", ABSENT) from None
        raise
    learn_cluster_secrets(cluster, task.secrets, return_secrets=False)
    settings = resolve_settings(task.params, task.environ)
    rays = RayJobList(endpoint_of(cluster, settings, task.params.get("network") == "vpc", agent(task)), task.clock)
    try:
        jobs = rays.list()
    finally:
        rays.close()
    for job in jobs:
        learn_secrets(job, task.secrets)
    return {"jobs": [view(job) for job in jobs if _matches(task.params, job)], "cluster": view_cluster(cluster)}


def _matches(params: t.Mapping[str, t.Any], job: t.Mapping[str, t.Any]) -> bool:
    wanted = {name: params[name] for name in ("submission_id", "name") if params.get(name) is not None}
    if any(job.get(name) != value for name, value in wanted.items()):
        return False
    return params.get("statuses") is None or job.get("status") in params["statuses"]
