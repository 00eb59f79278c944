# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""Entry point of emr_ray_cluster_info: read clusters, and export them as tasks."""

from __future__ import annotations

from .._api.settings import option_or_env, resolve_settings
from .._errors import Failure, Problems
from .._task.context import BUILDS_ON_CREATE, Result, TaskContext, builds_on_create, id_problems
from .._task.failures import task_failure
from .client import ClusterClient, open_client
from .fields import Cluster
from .result import cluster_to_result, label, list_row_to_result, register_secrets


def run_info(task: TaskContext) -> Result:
    """Return the clusters of a workspace that match the options, ``[]`` when none does. Raises TaskFailed."""
    if builds_on_create(task, "cluster_id"):
        task.warn(f"cluster_id {BUILDS_ON_CREATE}.")
        return {"changed": False, "clusters": []}
    try:
        problems = Problems(id_problems(task.params, "cluster_id"))
        with problems:
            resolve_settings(task.params, task.environ)
        problems.raise_any()
        with open_client(task) as client:
            names, found = _find_clusters(task, client)
    except Failure as failure:
        raise task_failure(task, "Could not read the Ray clusters", failure, {"changed": False}) from None
    return_secrets = bool(task.params.get("return_secrets"))
    read_clusters = [pair[0] for pair in found]
    for cluster in read_clusters:
        register_secrets(cluster, task.secrets, return_secrets)
    _warn_pending(task, read_clusters)
    clusters = [
        (cluster_to_result if complete else list_row_to_result)(cluster, return_secrets) for cluster, complete in found
    ]
    where = {option: option_or_env(option, task.params, task.environ) for option in ("region", "workspace_id")}
    result = task.secrets.redact({"changed": False, "clusters": clusters, **where})
    return result | _export_tasks(task, names, read_clusters)


def _warn_pending(task: TaskContext, clusters: list[Cluster]) -> None:
    """Warn about running clusters with a configuration that is pending a restart."""
    modified = [cluster for cluster in clusters if cluster.get("modified")]
    if not modified:
        return
    from .plan_text import name_clusters, pending_restart

    groups: dict[str, list[str]] = {}
    for cluster in modified:
        text = pending_restart(cluster)
        if text:
            groups.setdefault(text, []).append(label(cluster.get("name"), cluster["cluster_id"]))
    for text in name_clusters(groups):
        task.warn(text)


def _find_clusters(task: TaskContext, client: ClusterClient) -> tuple[list[str | None], list[tuple[Cluster, bool]]]:
    """Return the names of all clusters, and those that match, each with whether it was read with all its fields."""
    if task.params.get("cluster_id"):
        found = client.get_cluster(task.params["cluster_id"])
        return [], [(found, True)] if found and _matches(task, found) else []
    rows = list(client.list_clusters())
    names = [row.get("name") for row in rows]
    matching = [row for row in rows if _matches(task, row)]
    if not (task.params.get("details") or task.params.get("as_tasks")):
        return names, [(row, False) for row in matching]
    # Another user may delete or change a cluster between the list and the read.
    clusters = (client.get_cluster(row["cluster_id"]) for row in matching)
    return names, [(cluster, True) for cluster in clusters if cluster and _matches(task, cluster)]


def _export_tasks(task: TaskContext, names: list[str | None], clusters: list[Cluster]) -> Result:
    """Return the tasks that declare the clusters, if the task asks for them."""
    if not task.params.get("as_tasks"):
        return {}
    from .export import export_clusters

    as_is, return_secrets = task.params.get("tasks_state") == "as_is", bool(task.params.get("return_secrets"))
    # Tokens do not belong in a file, even if the task returns them.
    for cluster in clusters:
        register_secrets(cluster, task.secrets, return_secrets=False)
    result, warnings = export_clusters(clusters, names, task.secrets, as_is, return_secrets)
    for text in warnings:
        task.warn(text)
    return result


def _matches(task: TaskContext, cluster: Cluster) -> bool:
    name, states = task.params.get("name"), task.params.get("states")
    return (name is None or cluster.get("name") == name) and (
        states is None or str(cluster.get("state")).lower() in {state.lower() for state in states}
    )
