# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""Opens the way to jobs that a task asks for: the service, or a cluster's own endpoint. Private to this collection."""

from __future__ import annotations

import contextlib
import typing as t

from .._api.error_kinds import is_absent
from .._api.resumable_download import Fetcher
from .._api.session import Caller
from .._api.settings import resolve_settings
from .._cluster.client import Client
from .._cluster.result import learn_secrets
from .._errors import ApiError, Failure, JobError
from .._task.context import Task
from .._version import VERSION
from .client import JobClient
from .cluster_backend import ClusterWay
from .fields import Job
from .log_files import JobLogs, driver_log
from .ray_api import RayJobs, endpoint_of
from .result import log_line
from .service_backend import ServiceWay, Way

ABSENT, NOT_RUNNING = "ClusterNotFound", "ClusterNotRunning"


@contextlib.contextmanager
def open_way(task: Task, caller: Caller, follow: bool) -> t.Iterator[Way]:
    """Give the way that ``via`` names; with ``follow`` the log of a job on a cluster is followed."""
    retries = int(task.params.get("retries", 5))
    if task.params.get("via") != "cluster":
        client = JobClient(caller)
        yield ServiceWay(client, task.clock, retries, task.warn, lambda job, lines: _tail(task, client, job, lines))
        return
    cluster_id = task.params.get("cluster_id") or resolve_cluster(caller, task.params["cluster_name"])
    clusters = Client(caller)
    try:
        cluster = clusters.get_cluster(cluster_id)
    except ApiError as error:
        if is_absent(error):
            raise JobError(f"there is no cluster {cluster_id}", ABSENT) from None
        raise
    learn_secrets(cluster, task.secrets, return_secrets=False)
    settings = resolve_settings(task.params, task.environ)
    endpoint = endpoint_of(cluster, settings, task.params.get("network") == "vpc", agent(task))
    rays = RayJobs(endpoint, task.clock)

    def state() -> str | None:
        try:
            return str(clusters.get_cluster(cluster_id).get("state"))
        except Failure:
            return None

    keep = int(task.params.get("log_lines") or 0) if follow else 0
    try:
        yield ClusterWay(rays, task.clock, retries, task.warn, state, keep, _teller(task))
    finally:
        rays.close()


def agent(task: Task) -> str:
    """Return what a request says of who sends it."""
    return f"rayops.alicloud/{VERSION} {task.user_agent}".strip()


def make_logs(task: Task, client: JobClient, job: Job) -> JobLogs:
    """Return the logs of a job, fetched within the patience of the task."""
    settings = resolve_settings(task.params, task.environ)
    ends = task.clock.monotonic() + float(task.params.get("wait_timeout") or 3600)
    return JobLogs(client, job, lambda address: Fetcher(address, settings, task.clock, task.secrets, agent(task), ends))


def resolve_cluster(caller: Caller, name: str) -> str:
    """Return the id of the one cluster with a name. Raises JobError that lists the ids of several."""
    ids = sorted(row["cluster_id"] for row in Client(caller).list_clusters() if row.get("name") == name)
    if len(ids) > 1:
        raise JobError(
            f"{len(ids)} clusters are called {name!r}: {', '.join(ids)}",
            "NameNotUnique",
            hint="say which one is meant with cluster_id",
        )
    if not ids:
        raise JobError(f"no cluster is called {name!r}", ABSENT)
    return str(ids[0])


def _tail(task: Task, client: JobClient, job: Job, lines: int) -> list[str] | None:
    logs = make_logs(task, client, job)
    file = driver_log(logs.files(), job["submission_id"])
    return None if file is None else logs.tail(file, lines)


def _teller(task: Task) -> t.Callable[[str], None]:
    # The indentation of a line stays, behind a mark that tells the job's words from ours.
    return lambda line: task.tell(f"| {log_line(line, task.secrets)}")
