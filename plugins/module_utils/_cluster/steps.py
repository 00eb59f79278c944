# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""The steps that bring one observed cluster to its goal."""

from __future__ import annotations

import typing as t

from .._task.waiting import WaitCoroutine
from .absence import reject_created_meanwhile, stable_cluster_list
from .apply import Applier
from .client import ClusterClient
from .create import ClusterCreator
from .fields import Cluster
from .lookup import NameLookup
from .reconcile import ClusterReconciler
from .waiter import ClusterWaiter


def reconcile_steps(
    work: ClusterReconciler,
    client: ClusterClient,
    list_rows: t.Callable[[], t.Iterable[Cluster]],
) -> WaitCoroutine[Cluster | None]:
    """Give the steps from the observed cluster to the goal; waiting starts with the first of them.

    ``list_rows`` returns the rows of all clusters, from a list that is read after the call.
    """
    task = work.task
    waiter = ClusterWaiter(
        clock=task.clock,
        timeout=work.patience,
        interval=float(task.params.get("wait_interval", 5)),
        on_read=work.record,
        on_progress=task.progress,
        started=work.started,
    )
    reader = stable_cluster_list(client, task.clock, waiter.deadline(), task.progress)
    lookup = NameLookup(work.goal, work.other_ids)
    creator = ClusterCreator(
        client,
        list_rows,
        task.clock,
        waiter.deadline(),
        int(task.params.get("retries", 5)),
        task.warn,
        lambda: reject_created_meanwhile(lookup, client, reader),
        lookup,
    )
    applier = Applier(client, work.goal, waiter, creator, work.progress, task.warn, work.check_guardrails_before)
    return (yield from applier.run(work.progress.cluster))
