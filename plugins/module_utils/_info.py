# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""What emr_ray_cluster_info does, for whichever mouth asks. Private to this collection."""

from __future__ import annotations

import typing as t

from ansible_collections.rayops.alicloud.plugins.module_utils._client import Client
from ansible_collections.rayops.alicloud.plugins.module_utils._errors import Failure
from ansible_collections.rayops.alicloud.plugins.module_utils._find import read
from ansible_collections.rayops.alicloud.plugins.module_utils._settings import resolve_settings
from ansible_collections.rayops.alicloud.plugins.module_utils._task import (
    Result,
    Task,
    check_id,
    check_options,
    failed,
    open_client,
)
from ansible_collections.rayops.alicloud.plugins.module_utils._view import learn_secrets, row_view, view


def run_info(task: Task) -> Result:
    """Return the clusters of a workspace that match the options, ``[]`` when none does. Raises TaskFailed."""
    try:
        check_options(
            lambda: resolve_settings(task.params, task.environ),
            lambda: check_id(task.params, "cluster_id"),
        )
        with open_client(task) as client:
            clusters = list(_clusters(task, client))
    except Failure as failure:
        raise failed(task, "Could not read the Ray clusters", failure, {"changed": False}) from None
    return t.cast(Result, task.secrets.scrub({"changed": False, "clusters": clusters}))


def _clusters(task: Task, client: Client) -> t.Iterator[dict[str, t.Any]]:
    return_secrets = bool(task.params.get("return_secrets"))
    for cluster, complete in _read(task, client):
        if _matches(task, cluster):
            learn_secrets(cluster, task.secrets, return_secrets)
            yield view(cluster, return_secrets) if complete else row_view(cluster, return_secrets)


def _read(task: Task, client: Client) -> t.Iterator[tuple[dict[str, t.Any], bool]]:
    """Yield clusters, and whether they were read with all their fields."""
    if task.params.get("cluster_id"):
        found = read(client, task.params["cluster_id"])
        if found:
            yield found, True
        return
    for row in list(client.list_clusters()):
        if not task.params.get("details"):
            yield row, False
        elif _matches(task, row):
            found = read(client, row["cluster_id"])
            if found:
                yield found, True


def _matches(task: Task, cluster: dict[str, t.Any]) -> bool:
    name, states = task.params.get("name"), task.params.get("states")
    return (name is None or cluster.get("name") == name) and (states is None or cluster.get("state") in states)
