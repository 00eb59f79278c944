# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""Find the one cluster that a task refers to."""

from __future__ import annotations

import typing as t

from .._errors import ClusterError
from .client import ClusterClient
from .fields import Cluster

if t.TYPE_CHECKING:
    from .plan import Goal


class NameLookup:
    """Finds the cluster with the name of a goal among rows of the list, and remembers the rows of deleted clusters.

    A list may still show a cluster that was deleted. ``other_ids`` are the clusters that were there, with other names,
    when the absence of this one was proven.
    """

    def __init__(self, goal: Goal, other_ids: t.Iterable[str] = ()) -> None:
        self.goal = goal
        self.gone_ids: set[str] = set()
        self.other_ids = set(other_ids)

    def match(self, rows: t.Iterable[Cluster]) -> list[Cluster]:
        """Return the rows with exactly this name, without those whose cluster is known to be deleted."""
        return [row for row in rows if row.get("name") == self.goal.name and row["cluster_id"] not in self.gone_ids]

    def read(self, client: ClusterClient, rows: t.Iterable[Cluster]) -> Cluster | None:
        """Return the only existing cluster of the rows, or None. Raises ClusterError that lists several."""
        found = []
        for row in self.match(rows):
            cluster = client.get_cluster(row["cluster_id"])
            if cluster is None:
                self.gone_ids.add(row["cluster_id"])
            else:
                found.append(cluster)
        if len(found) > 1:
            from .similar_names import not_unique_error

            raise not_unique_error(cluster["cluster_id"] for cluster in found)
        return found[0] if found else None


def find_by_id(client: ClusterClient, cluster_id: str, may_lack: bool) -> Cluster | None:
    """Return the cluster with this id. Raises ClusterError if it does not exist, unless ``may_lack`` is set."""
    found = client.get_cluster(cluster_id)
    if found is None and not may_lack:
        raise ClusterError(
            "no cluster in the workspace has this ID",
            "ClusterNotFound",
            hint="a task with cluster_id never creates a cluster; to create one, set name instead",
        )
    return found
