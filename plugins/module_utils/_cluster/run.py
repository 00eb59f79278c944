# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""What emr_ray_cluster does, for whichever mouth asks: goal, look-up, plan, and then show it or apply it.

Private to this collection.
"""

from __future__ import annotations

import functools

from .._api.settings import resolve_settings
from .._errors import Failure
from .._task.context import Result, Task, check_options
from .client import Client, open_client
from .lookup import find_by_id, find_by_name, read, rows_named
from .plan import Cluster, Goal
from .reconcile import Work, read_goal


def run_cluster(task: Task) -> Result:
    """Bring one cluster to what the task declares, or in check mode tell what that would do.

    Returns ``changed``, ``cluster_id``, ``cluster``, ``actions``, ``changes`` and ``diff``. Raises TaskFailed.
    """
    work = Work(task, Goal(state="present", spec={}))
    try:
        check_options(
            lambda: setattr(work, "goal", read_goal(task.params)),
            lambda: resolve_settings(task.params, task.environ),
        )
        with open_client(task) as client:
            return _run(work, client)
    except Failure as failure:
        raise work.failed(failure) from None


def _run(work: Work, client: Client) -> Result:
    planned = work.observe(_observe(client, work.goal))
    _check(work, client)
    if work.task.check_mode:
        return work.result(planned.after, planned.actions)
    cluster = work.progress.cluster if work.idle else _apply(work, client)
    return work.result(cluster, work.progress.done)


def _check(work: Work, client: Client) -> None:
    """Hold the plan against what the workspace has, where that is asked for. Raises ClusterError."""
    spec = work.to_check
    if spec is not None:
        from .workspace_facts import look

        known = look(client.caller, spec)
        for text in known.unseen:
            work.task.warn(text)
        work.check(spec, known)


def _apply(work: Work, client: Client) -> Cluster | None:
    from .waiter import drive

    return drive(
        work.steps(client, functools.partial(rows_named, client)),
        lambda cluster_id, budget: read(client, cluster_id, budget),
        work.task.clock,
    )


def _observe(client: Client, goal: Goal) -> Cluster | None:
    if goal.cluster_id:
        return find_by_id(client, goal.cluster_id, may_lack=goal.state == "absent")
    return find_by_name(client, goal.name or "")
