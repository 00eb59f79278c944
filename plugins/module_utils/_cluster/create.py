# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""Creating exactly one cluster, which is known by its name. Private to this collection."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from .._api.exactly_once import ExactlyOnce, ResourceKind
from .._clock import Clock
from .._errors import ClusterError
from .client import ClusterClient
from .fields import Cluster, Spec

CLUSTER_KIND = ResourceKind(
    kind_name="cluster",
    identity_field="name",
    creation_noun="create",
    created_participle="created",
    list_operation="ListRayCluster",
    unknown_outcome_error=lambda why: ClusterError(
        why, "CreateUndecided", hint="run the task again: it takes the cluster if it has shown up by then"
    ),
    duplicate_error=lambda why: ClusterError(
        why,
        "NameNotUnique",
        hint="nothing was deleted: delete or rename the ones that are not wanted, by their cluster_id",
    ),
)


@dataclass
class ClusterCreator:
    """Creates clusters.

    ``list_by_name`` returns the rows of the clusters with a name, from a list that is read after it is called. ``ends``
    is the clock's time at which the task's patience ends.
    """

    client: ClusterClient
    list_by_name: t.Callable[[str], list[Cluster]]
    clock: Clock
    deadline: float
    retries: int
    warn: t.Callable[[str], None]

    def exactly_once(self, name: str, spec: Spec) -> ExactlyOnce:
        """Return what creates the cluster of a name and the service's spec, exactly once."""
        return ExactlyOnce(
            resource_kind=CLUSTER_KIND,
            send_create=lambda done: self.client.create_cluster(spec, done),
            list_ids=lambda: [row["cluster_id"] for row in self.list_by_name(name)],
            clock=self.clock,
            deadline=self.deadline,
            retries=self.retries,
            warn=self.warn,
            display_name=f"cluster {name!r}",
        )
