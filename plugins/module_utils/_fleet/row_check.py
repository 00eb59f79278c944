# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""Whether a row of the list is enough to know that a cluster is as declared. Pure. Private to this collection."""

from __future__ import annotations

import typing as t

from .._cluster.fields import Cluster, HeadSpec
from .._cluster.plan import Goal, is_converged
from .._cluster.result import HEAD_ONLY_IN_GET, ONLY_IN_GET, WORKER_ONLY_IN_GET


def row_proves_converged(goal: Goal, row: Cluster) -> bool:
    """Tell whether a row shows that nothing is to be done or waited for; else the cluster itself is to be read."""
    return row_covers_declared(goal, row) and is_converged(goal, row)


def row_covers_declared(goal: Goal, row: Cluster) -> bool:
    """Tell whether a row shows every declared field of the spec.

    A field without a value proves nothing: rows lack some fields (ListRayCluster of the official SDK 2.3.0), and a
    service may leave out others.
    """
    spec = goal.spec
    head: HeadSpec = spec.get("head_spec", {})
    groups = spec.get("worker_spec", [])
    top_level = {field: value for field, value in spec.items() if field not in ("head_spec", "worker_spec")}
    observed_groups = {group.get("group_name"): group for group in row.get("worker_spec") or []}
    if goal.state == "absent":
        return True
    if not _covers_fields(row, top_level, ONLY_IN_GET) or not _covers_fields(
        row.get("head_spec") or {}, head, HEAD_ONLY_IN_GET
    ):
        return False
    return all(
        _covers_fields(observed_groups.get(group["group_name"], {}), group, WORKER_ONLY_IN_GET) for group in groups
    )


def _covers_fields(
    observed: t.Mapping[str, object], declared: t.Mapping[str, object], hidden: t.Container[str]
) -> bool:
    return all(field not in hidden and observed.get(field) is not None for field in declared)
