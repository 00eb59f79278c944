# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""Entry point of emr_ray_cluster: read the goal, find the cluster, make a plan, then show or apply the plan."""

from __future__ import annotations

import functools

from .._api.settings import resolve_settings
from .._errors import ClusterError, Failure, Problems
from .._task.context import Result, TaskContext, builds_on_create
from .client import ClusterClient, open_client
from .fields import Cluster
from .lookup import NameLookup, find_by_id
from .plan import Goal
from .reconcile import ClusterReconciler, read_task_goal
from .result import label


def run_cluster(task: TaskContext) -> Result:
    """Reconcile one cluster with its declaration, or report the changes in check mode.

    Returns ``changed``, ``cluster_id``, ``cluster``, ``actions``, ``changes``, and ``diff``. Raises TaskFailed.
    """
    reconciler = ClusterReconciler(task, Goal(state="present", spec={}))
    try:
        problems = Problems()
        with problems:
            reconciler.goal = read_task_goal(task)
        with problems:
            resolve_settings(task.params, task.environ)
        problems.raise_any()
        if builds_on_create(task, "cluster_id"):
            return reconciler.build_result_for_later()
        with open_client(task) as client:
            goal = reconciler.goal
            if goal.cluster_id:
                found = find_by_id(client, goal.cluster_id, may_lack=goal.state == "absent")
            else:
                found = _find_by_name(reconciler, client)
            return _reconcile(reconciler, client, found)
    except Failure as failure:
        raise reconciler.build_failure(failure) from None


def _reconcile(work: ClusterReconciler, client: ClusterClient, found: Cluster | None) -> Result:
    planned = work.plan_from(found)
    _run_preflight(work, client)
    if work.task.check_mode:
        result = work.build_result(planned.after, planned.actions)
        if work.impact:
            work.warn(f"Planned: {result['msg']}")
    else:
        cluster = work.progress.cluster if work.is_converged else _apply(work, client)
        result = work.build_result(cluster, work.progress.done)
    if work.pending:
        work.warn(f"{label(work.goal.name, result['cluster_id'])}: {work.pending}.")
    return result


def _run_preflight(work: ClusterReconciler, client: ClusterClient) -> None:
    """Check the plan against the workspace, if the task asks for it. Raises ClusterError."""
    spec = work.preflight_spec
    if spec is not None:
        from .preflight import run_preflight
        from .workspace_facts import load_catalog

        catalog = load_catalog(client.session, spec)
        for text in catalog.unavailable:
            work.task.warn(text)
        run_preflight(work, spec, catalog)


def _apply(work: ClusterReconciler, client: ClusterClient) -> Cluster | None:
    from .._task.waiting import heartbeat, run_sync
    from .steps import reconcile_steps

    try:
        with heartbeat(work.task):
            return run_sync(
                reconcile_steps(work, client, client.list_clusters),
                client.get_cluster,
                work.task.clock,
            )
    except ClusterError as error:
        from .._workspace.queue_usage import explain_queues
        from .stuck import explain_start

        explain_start(error, work.progress.cluster, functools.partial(explain_queues, client.session))
        raise


def _find_by_name(work: ClusterReconciler, client: ClusterClient) -> Cluster | None:
    lookup = NameLookup(work.goal)
    rows = list(client.list_clusters(stop_at_short_page=True))
    work.known_names = [row.get("name") for row in rows]
    found = lookup.read(client, rows)
    if found is not None:
        return found
    from .absence import find_with_patience

    return find_with_patience(work, client, lookup, rows)
