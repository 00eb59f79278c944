# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""Open the job backend that a task asks for: the service, or a cluster's own endpoint."""

from __future__ import annotations

import contextlib
import typing as t

from .._api.resumable_download import ResumableDownload
from .._api.session import ApiSession
from .._api.settings import resolve_settings
from .._cluster.client import ClusterClient
from .._cluster.result import register_secrets
from .._cluster.similar_names import add_near_names
from .._errors import Failure, JobError
from .._task.context import TaskContext
from .._version import VERSION
from .client import JobClient
from .cluster_backend import ClusterBackend
from .fields import Job
from .log_files import JobLogFiles, find_driver_log
from .ray_api import RayJobClient, read_endpoint
from .result import clean_log_line
from .service_backend import JobBackend, ServiceBackend

ABSENT, NOT_RUNNING = "ClusterNotFound", "ClusterNotRunning"


@contextlib.contextmanager
def open_backend(task: TaskContext, session: ApiSession, follow: bool) -> t.Iterator[JobBackend]:
    """Return the backend that ``via`` names; with ``follow``, the log of a job on a cluster is followed."""
    retries = int(task.params.get("retries", 5))
    if task.params.get("via") != "cluster":
        client = JobClient(session)
        yield ServiceBackend(
            client,
            task.clock,
            retries,
            task.warn,
            lambda job, lines: _read_log_tail(task, client, job, lines),
            float(task.params.get("wait_timeout") or 3600),
        )
        return
    cluster_id = task.params.get("cluster_id") or find_cluster_id(session, task.params["cluster_name"])
    clusters = ClusterClient(session)
    cluster = clusters.get_cluster(cluster_id)
    if cluster is None:
        raise JobError(f"there is no cluster {cluster_id}", ABSENT)
    register_secrets(cluster, task.secrets, return_secrets=False)
    settings = resolve_settings(task.params, task.environ)
    endpoint = read_endpoint(cluster, settings, task.params.get("network") == "vpc", user_agent(task))
    ray_client = RayJobClient(endpoint, task.clock)

    def read_cluster_state() -> str | None:
        try:
            found = clusters.get_cluster(cluster_id)
        except Failure:
            return None
        return str(found.get("state")) if found else None

    tail_lines = int(task.params.get("log_lines") or 0) if follow else 0
    try:
        yield ClusterBackend(
            ray_client, task.clock, retries, task.warn, read_cluster_state, tail_lines, _make_log_printer(task)
        )
    finally:
        ray_client.close()


def user_agent(task: TaskContext) -> str:
    """Return the part of a request that identifies its sender."""
    return f"rayops.alicloud/{VERSION} {task.user_agent}".strip()


def open_job_logs(task: TaskContext, client: JobClient, job: Job) -> JobLogFiles:
    """Return the logs of a job, fetched within the time limit of the task."""
    settings = resolve_settings(task.params, task.environ)
    deadline = task.clock.monotonic() + float(task.params.get("wait_timeout") or 3600)
    return JobLogFiles(
        client,
        job,
        lambda address: ResumableDownload(address, settings, task.clock, task.secrets, user_agent(task), deadline),
    )


def find_cluster_id(session: ApiSession, name: str) -> str:
    """Return the id of the one cluster with a name. Raises JobError that lists the ids of several."""
    client = ClusterClient(session)
    rows = list(client.list_clusters())
    ids = sorted(row["cluster_id"] for row in rows if row.get("name") == name)
    if len(ids) > 1:
        # A list may still show a cluster that was deleted.
        ids = [cluster_id for cluster_id in ids if client.get_cluster(cluster_id)]
    if len(ids) > 1:
        raise JobError(
            f"{len(ids)} clusters have the name {name!r}: {', '.join(ids)}",
            "NameNotUnique",
            hint="set cluster_id to select one",
        )
    if not ids:
        error = JobError(f"no cluster has the name {name!r}", ABSENT)
        add_near_names(error, name, (row.get("name") for row in rows))
        raise error
    return str(ids[0])


def _read_log_tail(task: TaskContext, client: JobClient, job: Job, lines: int) -> list[str] | None:
    logs = open_job_logs(task, client, job)
    file = find_driver_log(logs.list_files(), job["submission_id"])
    return None if file is None else logs.read_tail(file, lines)


def _make_log_printer(task: TaskContext) -> t.Callable[[str], None]:
    # Keep the indentation of a line, after a mark that distinguishes the job's output from ours.
    return lambda line: task.progress(f"| {clean_log_line(line, task.secrets)}")
