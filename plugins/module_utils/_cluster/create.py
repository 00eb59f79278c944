# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""Creating exactly one cluster, which is known by its name. Private to this collection."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from .._api.exactly_once import Once, Thing
from .._clock import Clock
from .._errors import ClusterError
from .client import Client

CLUSTER = Thing(
    noun="cluster",
    mark="name",
    act="create",
    done="created",
    listing="ListRayCluster",
    undecided=lambda why: ClusterError(
        why, "CreateUndecided", hint="run the task again: it takes the cluster if it has shown up by then"
    ),
    not_unique=lambda why: ClusterError(
        why,
        "NameNotUnique",
        hint="nothing was deleted: delete or rename the ones that are not wanted, by their cluster_id",
    ),
)


@dataclass
class Creator:
    """Creates clusters.

    ``rows_named`` returns the rows of the clusters with a name, from a list that is read after it is called. ``ends``
    is the clock's time at which the task's patience ends.
    """

    client: Client
    rows_named: t.Callable[[str], list[dict[str, t.Any]]]
    clock: Clock
    ends: float
    retries: int
    warn: t.Callable[[str], None]

    def once(self, name: str, spec: dict[str, t.Any]) -> Once:
        """Return what creates the cluster of a name and the service's spec, exactly once."""
        return Once(
            thing=CLUSTER,
            send=lambda done: self.client.create_cluster(spec, done),
            look=lambda: [row["cluster_id"] for row in self.rows_named(name)],
            clock=self.clock,
            ends=self.ends,
            retries=self.retries,
            warn=self.warn,
            called=f"cluster {name!r}",
        )
