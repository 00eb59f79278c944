# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""Whether a row of the list is enough to know that a cluster is as declared. Pure. Private to this collection."""

from __future__ import annotations

import typing as t

from .._cluster.plan import Cluster, Goal, at_goal
from .._cluster.result import HEAD_ONLY_IN_GET, ONLY_IN_GET, WORKER_ONLY_IN_GET

Fields = t.Mapping[str, t.Any]


def suffices(goal: Goal, row: Cluster) -> bool:
    """Tell whether a row shows that nothing is to be done or waited for; else the cluster itself is to be read."""
    return shows(goal, row) and at_goal(goal, row)


def shows(goal: Goal, row: Cluster) -> bool:
    """Tell whether a row shows every declared field of the spec.

    A field without a value proves nothing: rows lack some fields (ListRayCluster of the official SDK 2.3.0), and a
    service may leave out others.
    """
    spec = goal.spec
    head, groups = spec.get("head_spec", {}), spec.get("worker_spec", [])
    top = {field: value for field, value in spec.items() if field not in ("head_spec", "worker_spec")}
    found = {group.get("group_name"): group for group in row.get("worker_spec") or []}
    if goal.state == "absent":
        return True
    if not _shows(row, top, ONLY_IN_GET) or not _shows(row.get("head_spec") or {}, head, HEAD_ONLY_IN_GET):
        return False
    return all(_shows(found.get(group["group_name"], {}), group, WORKER_ONLY_IN_GET) for group in groups)


def _shows(observed: Fields, declared: Fields, hidden: t.Container[str]) -> bool:
    return all(field not in hidden and observed.get(field) is not None for field in declared)
