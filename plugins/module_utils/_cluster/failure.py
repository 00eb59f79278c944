# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""Report a failed operation on one cluster to the user."""

from __future__ import annotations

import typing as t

from .._errors import Failure, ParameterError
from .._task.context import Result, TaskContext, TaskFailed
from .._task.failures import task_failure
from .plan import SETTLED_STATES
from .result import cluster_to_result, register_secrets

if t.TYPE_CHECKING:
    from .fields import Cluster
    from .plan import Progress

Capacity = t.Callable[["Result | None", "Cluster | None"], Result]


def failure_result(
    task: TaskContext, progress: Progress, capacity: Capacity, failure: Failure, doing: str | None
) -> TaskFailed:
    """Return the failure with all known facts about the cluster, secrets removed; ``doing`` names other operations."""
    cluster: Cluster = progress.cluster or {}
    register_secrets(cluster, task.secrets, return_secrets=False)
    shown = cluster_to_result(cluster) if cluster else None
    result: Result = {
        "changed": bool(progress.done),
        "actions": list(progress.done),
        "cluster_id": cluster.get("cluster_id") or task.params.get("cluster_id"),
        "cluster": shown,
    }
    if cluster:
        sizes = capacity(shown, progress.cluster)
        # A table of zeros would only hide the message.
        result.update({key: value for key, value in sizes.items() if key != "capacity_delta" or progress.done})
    if failure.code and failure.code.startswith("OperationDenied") and cluster.get("state") in SETTLED_STATES:
        failure.hint = (
            f"the service does not allow this for a cluster in the state {cluster['state']}, and waiting does not help"
        )
    if progress.adopted:
        result["adopted"] = task.secrets.redact_text(progress.adopted)
    name = cluster.get("name") or task.params.get("name")
    if doing:
        return task_failure(task, doing, failure, result)
    if isinstance(failure, ParameterError) and not cluster:
        of = f" {name!r}" if name else ""
        return task_failure(task, f"The options of the Ray cluster{of} cannot be used", failure, result)
    label = [f" {name!r}" if name else "", f" ({result['cluster_id']})" if result["cluster_id"] else ""]
    return task_failure(task, f"Could not {progress.doing} the Ray cluster{''.join(label)}", failure, result)
