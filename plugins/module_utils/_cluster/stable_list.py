# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""Prove by the list of clusters that a cluster or a name does not exist."""

from __future__ import annotations

import typing as t

from .._api.absence import is_absent, may_mean_absent
from .._api.stable_list import ListReading, StableListReader, read_to_empty_page
from .._clock import Clock
from .._errors import ApiError, ClusterError, Failure
from .client import ClusterClient
from .fields import Cluster


def stable_cluster_list(
    client: ClusterClient, clock: Clock, deadline: float, progress: t.Callable[[str], None] | None = None
) -> StableListReader[Cluster]:
    """Return a reader that reads the list of clusters until two readings agree, at most until ``deadline``."""
    return StableListReader(
        read_list=lambda: read_clusters(client),
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


def read_clusters(client: ClusterClient) -> ListReading[Cluster]:
    """Read the list of clusters to an empty page."""

    def list_page(number: int) -> list[Cluster]:
        client.check_page_number(number)
        return client.list_page(number)

    return read_to_empty_page(list_page, "cluster_id")


def proves_absence(client: ClusterClient, cluster_id: str, error: Failure) -> bool:
    """Return whether a cluster whose operation ended in ``error`` is proven absent.

    The error proves it where its code names the cluster. For other errors of this kind, two complete readings of the
    list decide.
    """
    if isinstance(error, ApiError) and is_absent(error, "cluster"):
        return True
    if not may_mean_absent(error):
        return False
    try:
        return all(_is_not_listed(client, cluster_id) for _reading in range(2))
    except Failure:
        return False


def _is_not_listed(client: ClusterClient, cluster_id: str) -> bool:
    reading = read_clusters(client)
    return reading.is_complete and all(row["cluster_id"] != cluster_id for row in reading.rows)
