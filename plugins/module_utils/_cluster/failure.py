# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""What the user is told of a work on one cluster that failed. Private to this collection."""

from __future__ import annotations

import typing as t

from .._errors import Failure, ParameterError
from .._task.context import Result, Task, TaskFailed, failed
from .result import learn_secrets, view

if t.TYPE_CHECKING:
    from .plan import Cluster, Progress

Capacity = t.Callable[[t.Any, t.Any], Result]


def told(task: Task, progress: Progress, capacity: Capacity, failure: Failure, doing: str | None) -> TaskFailed:
    """Return the failure with what is known of the cluster, secrets removed; ``doing`` says what else was done."""
    cluster: Cluster = progress.cluster or {}
    learn_secrets(cluster, task.secrets, return_secrets=False)
    shown = view(cluster) if cluster else None
    known: Result = {
        "changed": bool(progress.done),
        "actions": list(progress.done),
        "cluster_id": cluster.get("cluster_id") or task.params.get("cluster_id"),
        "cluster": shown,
        **capacity(shown, progress.cluster),
    }
    if progress.adopted:
        known["adopted"] = task.secrets.tell(progress.adopted)
    name = cluster.get("name") or task.params.get("name")
    if doing:
        return failed(task, doing, failure, known)
    if isinstance(failure, ParameterError) and not cluster:
        of = f" {name!r}" if name else ""
        return failed(task, f"The options of the Ray cluster{of} cannot be used", failure, known)
    label = [f" {name!r}" if name else "", f" ({known['cluster_id']})" if known["cluster_id"] else ""]
    return failed(task, f"Could not {progress.doing} the Ray cluster{''.join(label)}", failure, known)
