# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""Prove that a cluster is absent: by the code of an error, or by readings of the list that agree."""

from __future__ import annotations

import typing as t

from .._api.stable_list import StableListReader
from .._clock import Clock
from .._errors import ClusterError
from .._payload import pick
from .client import ClusterClient
from .fields import Cluster
from .lookup import NameLookup
from .reconcile import ClusterReconciler
from .similar_names import NearNames, reject_uncertain_name


def stable_cluster_list(
    client: ClusterClient, clock: Clock, deadline: float, progress: t.Callable[[str], None] | None = None
) -> StableListReader[Cluster]:
    """Return a reader that reads the list of clusters until two readings agree, at most until ``deadline``."""
    return StableListReader(
        read_list=client.read_list,
        id_field="cluster_id",
        unstable_error=lambda why: ClusterError(
            f"the list of clusters {why}, so it is unknown whether the cluster exists",
            "ListUnstable",
            hint="no create request was sent; run the task again when the workspace is quieter, raise wait_timeout, or "
            "give cluster_id",
        ),
        clock=clock,
        deadline=deadline,
        progress=progress,
    )


def find_or_prove_absent(
    lookup: NameLookup, client: ClusterClient, rows: list[Cluster], reader: StableListReader[Cluster]
) -> Cluster | None:
    """Return the one cluster with a name that ``rows`` do not show, or prove that it does not exist.

    Raises ClusterError if that cannot be proven.
    """
    while True:
        rows = reader.read(rows, lambda latest: bool(lookup.match(latest)))
        if not lookup.match(rows):
            break
        found = lookup.read(client, rows)
        if found is not None:
            return found
    rows = add_missing_names(client, rows, [lookup.goal.name])
    found = lookup.read(client, rows)
    if found is None:
        reject_uncertain(lookup, rows)
    return found


def find_with_patience(
    work: ClusterReconciler, client: ClusterClient, lookup: NameLookup, rows: list[Cluster]
) -> Cluster | None:
    """Return the result of :func:`find_or_prove_absent`; the time limit of the task starts here."""
    clock = work.task.clock
    work.started = clock.monotonic()
    reader = stable_cluster_list(client, clock, work.started + work.patience, work.task.progress)
    found = find_or_prove_absent(lookup, client, rows, reader)
    work.other_ids = lookup.other_ids
    return found


def reject_created_meanwhile(lookup: NameLookup, client: ClusterClient, reader: StableListReader[Cluster]) -> None:
    """Raise ClusterError unless it is proven that no cluster has a name yet."""
    rows = list(client.list_clusters(stop_at_short_page=True))
    found = lookup.read(client, rows) or find_or_prove_absent(lookup, client, rows, reader)
    if found is not None:
        raise ClusterError(
            f"another cluster with this name was created in the meantime: {found['cluster_id']}",
            "ClusterGone",
            hint="run the task again: it adopts that cluster",
        )


def reject_uncertain(lookup: NameLookup, rows: t.Iterable[Cluster]) -> None:
    """Raise ClusterError if a cluster with another name may still be the declared one; remember the others."""
    others = [row for row in rows if row["cluster_id"] not in lookup.gone_ids]
    lookup.other_ids = {row["cluster_id"] for row in others}
    reject_uncertain_name(lookup.goal, others)


def add_missing_names(
    client: ClusterClient, rows: t.Iterable[Cluster], wanted: t.Collection[str | None]
) -> list[Cluster]:
    """Return rows with the names that only reads of single clusters give, without deleted clusters.

    A list may also show one of the ``wanted`` names in another spelling, so rows with a near name are read, too.
    """
    rows = list(rows)
    shown = {row.get("name") for row in rows}
    near = NearNames(name for name in wanted if name and name not in shown)
    named: list[Cluster] = []
    for row in rows:
        name = row.get("name")
        is_certain = name and (name in wanted or not near.include(name))
        cluster = row if is_certain else client.get_cluster(row["cluster_id"])
        if cluster is not None:
            named.append(pick(Cluster, {**row, "name": cluster.get("name")}))
    return named
