# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""What emr_ray_cluster_info does, for whichever mouth asks. Private to this collection."""

from __future__ import annotations

import typing as t

from .._api.settings import resolve_settings
from .._errors import Failure
from .._task.context import Result, Task, check_id, check_options, failed
from .client import Client, open_client
from .lookup import read
from .result import learn_secrets, row_view, view

Cluster = dict[str, t.Any]


def run_info(task: Task) -> Result:
    """Return the clusters of a workspace that match the options, ``[]`` when none does. Raises TaskFailed."""
    try:
        check_options(
            lambda: resolve_settings(task.params, task.environ),
            lambda: check_id(task.params, "cluster_id"),
        )
        with open_client(task) as client:
            names, found = _find(task, client)
    except Failure as failure:
        raise failed(task, "Could not read the Ray clusters", failure, {"changed": False}) from None
    return_secrets = bool(task.params.get("return_secrets"))
    read_ones = [pair[0] for pair in found]
    for cluster in read_ones:
        learn_secrets(cluster, task.secrets, return_secrets)
    clusters = [(view if complete else row_view)(cluster, return_secrets) for cluster, complete in found]
    result = t.cast(Result, task.secrets.scrub({"changed": False, "clusters": clusters}))
    return result | _tasks(task, names, read_ones)


def _find(task: Task, client: Client) -> tuple[list[str | None], list[tuple[Cluster, bool]]]:
    """Return the names of all clusters, and those that match, each with whether it was read with all its fields."""
    if task.params.get("cluster_id"):
        found = read(client, task.params["cluster_id"])
        return [], [(found, True)] if found and _matches(task, found) else []
    rows = list(client.list_clusters())
    names = [row.get("name") for row in rows]
    matching = [row for row in rows if _matches(task, row)]
    if not (task.params.get("details") or task.params.get("as_tasks")):
        return names, [(row, False) for row in matching]
    # A cluster may be deleted or changed by somebody between the list and the read.
    clusters = (read(client, row["cluster_id"]) for row in matching)
    return names, [(cluster, True) for cluster in clusters if cluster and _matches(task, cluster)]


def _tasks(task: Task, names: list[str | None], clusters: list[Cluster]) -> Result:
    """Return the tasks that declare the clusters, where they are asked for."""
    if not task.params.get("as_tasks"):
        return {}
    from .export import export

    # What a caller may see for himself is still nothing for a file.
    for cluster in clusters:
        learn_secrets(cluster, task.secrets, return_secrets=False)
    result, warnings = export(clusters, names, task.secrets, task.params.get("tasks_state") == "as_is")
    for text in warnings:
        task.warn(text)
    return result


def _matches(task: Task, cluster: Cluster) -> bool:
    name, states = task.params.get("name"), task.params.get("states")
    return (name is None or cluster.get("name") == name) and (states is None or cluster.get("state") in states)
