# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""Create exactly one cluster, which is identified by its name."""

from __future__ import annotations

import functools
import typing as t
from dataclasses import dataclass

from .._api.exactly_once import ExactlyOnce, ResourceKind
from .._clock import Clock
from .._errors import ClusterError
from .client import ClusterClient
from .fields import Cluster, Spec
from .lookup import NameLookup
from .similar_names import NearNames, altered_name_error

CLUSTER_KIND = ResourceKind(
    "cluster",
    undecided=ClusterError(
        "", "CreateUndecided", hint="run the task again: it adopts the cluster if it exists by then"
    ),
    duplicate=ClusterError(
        "",
        "NameNotUnique",
        hint="no cluster was deleted; delete or rename the unwanted ones by their cluster_id",
    ),
)


@dataclass
class ClusterCreator:
    """Creates clusters until ``deadline``, a time of the clock.

    ``list_rows`` returns the rows of all clusters, from a list that is read after it is called.
    ``reject_created_meanwhile`` raises Failure unless it is proven that no cluster has the name by now. ``lookup``
    knows the clusters that were there before, with other names.
    """

    client: ClusterClient
    list_rows: t.Callable[[], t.Iterable[Cluster]]
    clock: Clock
    deadline: float
    retries: int
    warn: t.Callable[[str], None]
    reject_created_meanwhile: t.Callable[[], None]
    lookup: NameLookup

    def exactly_once(self, name: str, spec: Spec) -> ExactlyOnce:
        """Return an object that creates the cluster with a name and the service's spec, exactly once.

        No cluster had the name, or a similar one, before: a cluster that appears with it is the new one.
        """

        near = NearNames([name])

        def list_ids() -> list[str]:
            rows = list(self.list_rows())
            ids = [row["cluster_id"] for row in rows if row.get("name") == name]
            for row in [] if ids else rows:
                shown, cluster_id = row.get("name") or "", row["cluster_id"]
                if cluster_id not in self.lookup.other_ids and (not shown or near.include(shown)):
                    ids += self._check_new(name, cluster_id, shown)
                elif shown and cluster_id == once.created_id:
                    raise altered_name_error(name, cluster_id, shown)
            return ids

        send = functools.partial(self.client.create_cluster, spec)
        once = self._build(list_ids, send, display_name=f"cluster {name!r}")
        return once

    def _check_new(self, name: str, cluster_id: str, shown: str) -> list[str]:
        """Return the id of a new cluster that the list shows as ``shown`` if it is ours.

        Raises ClusterError if its own name does not decide that.
        """
        cluster = self.client.get_cluster(cluster_id)
        found = cluster.get("name") if cluster else None
        if cluster is not None and found != name and (shown or not found):
            raise altered_name_error(name, cluster_id, found)
        return [cluster_id] if found == name else []

    def reject_altered_name(self, name: str, cluster: Cluster) -> None:
        """Raise ClusterError for a new cluster with another name, once the list shows it to the next run, too."""
        found = cluster.get("name")
        if found == name:
            return
        cluster_id = str(cluster["cluster_id"])

        def list_ids() -> list[str]:
            return [row["cluster_id"] for row in self.list_rows() if row["cluster_id"] == cluster_id]

        self._build(list_ids, lambda done: cluster_id, display_name=f"cluster {cluster_id}").verify_unique(  # noqa: ARG005
            cluster_id
        )
        raise altered_name_error(name, cluster_id, found)

    def _build(
        self,
        list_ids: t.Callable[[], list[str]],
        send_create: t.Callable[[t.Callable[[], str | None]], str],
        display_name: str,
    ) -> ExactlyOnce:
        return ExactlyOnce(
            resource_kind=CLUSTER_KIND,
            send_create=send_create,
            list_ids=list_ids,
            clock=self.clock,
            deadline=self.deadline,
            retries=self.retries,
            warn=self.warn,
            display_name=display_name,
            exists=self._exists,
        )

    def _exists(self, cluster_id: str) -> bool:
        return self.client.get_cluster(cluster_id) is not None
