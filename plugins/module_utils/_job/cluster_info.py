# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""Run emr_ray_job_info with via=cluster: read the jobs of one running cluster."""

from __future__ import annotations

from .._api.session import ApiSession
from .._api.settings import resolve_settings
from .._cluster.client import ClusterClient
from .._cluster.result import cluster_to_result as view_cluster
from .._cluster.result import register_secrets as learn_cluster_secrets
from .._errors import JobError
from .._payload import Params
from .._task.context import Result, TaskContext
from .backends import ABSENT, find_cluster_id, user_agent
from .fields import Job
from .ray_api import RayJobClient, read_endpoint
from .result import register_secrets, to_result

_CLUSTER_ONLY_OPTIONS = ("cluster_id", "cluster_name")
_SERVICE_ONLY_OPTIONS = ("task_biz_id", "submit_time")


def backend_problems(params: Params) -> list[str]:
    """Return the problems of options that conflict with ``via``."""
    by_cluster = params.get("via") == "cluster"
    unsupported = [
        name
        for name in (_SERVICE_ONLY_OPTIONS if by_cluster else _CLUSTER_ONLY_OPTIONS)
        if params.get(name) is not None
    ]
    reason = (
        "only the service has this information"
        if by_cluster
        else "needs via=cluster: the service does not tell where a job runs"
    )
    problems = [f"{name}: {reason}" for name in unsupported]
    if by_cluster and sum(bool(params.get(name)) for name in _CLUSTER_ONLY_OPTIONS) != 1:
        problems.append("via=cluster needs cluster_id or cluster_name, one of them")
    return problems


def list_cluster_jobs(task: TaskContext, session: ApiSession) -> Result:
    """Return ``jobs`` that match the options, and the ``cluster``. Raises Failure."""
    cluster_id = task.params.get("cluster_id") or find_cluster_id(session, task.params["cluster_name"])
    cluster = ClusterClient(session).get_cluster(cluster_id)
    if cluster is None:
        raise JobError(f"there is no cluster {cluster_id}", ABSENT)
    learn_cluster_secrets(cluster, task.secrets, return_secrets=False)
    settings = resolve_settings(task.params, task.environ)
    ray_client = RayJobClient(
        read_endpoint(cluster, settings, task.params.get("network") == "vpc", user_agent(task)), task.clock
    )
    try:
        jobs = ray_client.list_jobs()
    finally:
        ray_client.close()
    for job in jobs:
        register_secrets(job, task.secrets)
    return {"jobs": [to_result(job) for job in jobs if _matches(task.params, job)], "cluster": view_cluster(cluster)}


def _matches(params: Params, job: Job) -> bool:
    expected = {name: params[name] for name in ("submission_id", "name") if params.get(name) is not None}
    if any(job.get(name) != value for name, value in expected.items()):
        return False
    return params.get("statuses") is None or job.get("status") in params["statuses"]
