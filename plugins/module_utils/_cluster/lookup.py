# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""Finding the one cluster that a task is about. Private to this collection."""

from __future__ import annotations

from .._errors import ApiError, ClusterError
from .client import ClusterClient
from .fields import Cluster


def get_cluster_or_none(client: ClusterClient, cluster_id: str, budget: float | None = None) -> Cluster | None:
    """Return a cluster with all its fields, None when the service says that it does not exist.

    ``budget`` is in seconds, as for ``Client.get_cluster``.
    """
    try:
        return client.get_cluster(cluster_id, budget)
    except ApiError as error:
        from .._api.error_kinds import is_not_found

        if is_not_found(error):
            return None
        raise


def list_by_name(client: ClusterClient, name: str) -> list[Cluster]:
    """Return the rows of all clusters with this very name. Every page is read: names need not be unique."""
    return [row for row in client.list_clusters() if row.get("name") == name]


def not_unique_error(rows: list[Cluster]) -> ClusterError:
    """Return the error for several clusters with one name."""
    ids = ", ".join(sorted(row["cluster_id"] for row in rows))
    return ClusterError(
        f"{len(rows)} clusters have this name: {ids}", "NameNotUnique", hint="say which one is meant with cluster_id"
    )


def find_by_name(client: ClusterClient, name: str) -> Cluster | None:
    """Return the one cluster with this name, None for none. Raises ClusterError that lists the ids of several."""
    rows = list_by_name(client, name)
    if len(rows) > 1:
        raise not_unique_error(rows)
    return get_cluster_or_none(client, rows[0]["cluster_id"]) if rows else None


def find_by_id(client: ClusterClient, cluster_id: str, may_lack: bool) -> Cluster | None:
    """Return the cluster with this id. Raises ClusterError when there is none, unless it ``may_lack``."""
    found = get_cluster_or_none(client, cluster_id)
    if found is None and not may_lack:
        raise ClusterError(
            "no cluster of the workspace has this id",
            "ClusterNotFound",
            hint="with cluster_id no cluster is ever created; leave it out and give a name to create one",
        )
    return found
