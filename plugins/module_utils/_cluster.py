# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""What emr_ray_cluster does, for whichever mouth asks: goal, look-up, plan, and then show it or apply it.

Private to this collection.
"""

from __future__ import annotations

import typing as t

from ansible_collections.rayops.alicloud.plugins.module_utils._client import Client
from ansible_collections.rayops.alicloud.plugins.module_utils._errors import ClusterError, Failure, ParameterError
from ansible_collections.rayops.alicloud.plugins.module_utils._fields import TOP_FIELDS
from ansible_collections.rayops.alicloud.plugins.module_utils._find import find_by_name, read
from ansible_collections.rayops.alicloud.plugins.module_utils._models import check_spec
from ansible_collections.rayops.alicloud.plugins.module_utils._plan import Cluster, Goal, Plan, Progress, at_goal, plan
from ansible_collections.rayops.alicloud.plugins.module_utils._secrets import HIDDEN
from ansible_collections.rayops.alicloud.plugins.module_utils._settings import resolve_settings
from ansible_collections.rayops.alicloud.plugins.module_utils._spec import missing_for_create
from ansible_collections.rayops.alicloud.plugins.module_utils._task import (
    Result,
    Task,
    TaskFailed,
    check_id,
    check_options,
    check_seconds,
    failed,
    open_client,
)
from ansible_collections.rayops.alicloud.plugins.module_utils._view import declared_view, learn_secrets, view


def run_cluster(task: Task) -> Result:
    """Bring one cluster to what the task declares, or in check mode tell what that would do.

    Returns ``changed``, ``cluster_id``, ``cluster``, ``actions``, ``changes`` and ``diff``. Raises TaskFailed.
    """
    progress = Progress()
    try:
        goal = read_goal(task)
        with open_client(task) as client:
            return t.cast(Result, task.secrets.scrub(_run(task, goal, client, progress)))
    except Failure as failure:
        raise _failed(task, failure, progress) from None


def read_goal(task: Task) -> Goal:
    """Return what the options declare. Raises ParameterError that names every bad one, before any request."""
    params = task.params
    spec: dict[str, t.Any] = {}
    check_options(
        lambda: spec.update(check_spec({field: params.get(field) for field in TOP_FIELDS})),
        lambda: resolve_settings(params, task.environ),
        lambda: check_id(params, "cluster_id"),
        lambda: check_seconds(params, "wait_timeout", 0),
        lambda: check_seconds(params, "wait_interval", 0.001),
        lambda: _check_groups(params),
        lambda: _check_identity(params),
    )
    return Goal(
        state=params.get("state") or "present",
        spec=spec,
        cluster_id=params.get("cluster_id"),
        name=params.get("name"),
        purge=params.get("purge_worker_groups") is not False,
        restart=params.get("restart") == "if_needed",
        wait=params.get("wait") is not False,
    )


def _check_groups(params: t.Mapping[str, t.Any]) -> None:
    if params.get("worker_spec") == [] and params.get("purge_worker_groups") is not False:
        raise ParameterError(
            ["worker_spec: is empty, which would remove every worker group; leave it out to keep them"]
        )


def _check_identity(params: t.Mapping[str, t.Any]) -> None:
    if params.get("cluster_id") or params.get("name"):
        return
    if params.get("state") == "absent":
        raise ParameterError(["cluster_id or name is required"])
    missing = missing_for_create({field: params[field] for field in TOP_FIELDS if params.get(field)})
    raise ParameterError(
        [f"cluster_id or name is required for an existing cluster; creating one needs {', '.join(missing)}"]
    )


def _run(task: Task, goal: Goal, client: Client, progress: Progress) -> Result:
    observed = _observe(client, goal)
    progress.cluster = observed
    if observed:
        learn_secrets(observed, task.secrets, bool(task.params.get("return_secrets")))
    planned = plan(goal, observed)
    cluster = planned.after if task.check_mode else _apply(task, goal, client, progress)
    result = _result(task, goal, planned, cluster, planned.actions if task.check_mode else progress.done)
    return {**result, "adopted": task.secrets.tell(progress.adopted)} if progress.adopted else result


def _observe(client: Client, goal: Goal) -> Cluster | None:
    if not goal.cluster_id:
        return find_by_name(client, goal.name or "")
    found = read(client, goal.cluster_id)
    if found is None and goal.state != "absent":
        raise ClusterError(
            "no cluster of the workspace has this id",
            "ClusterNotFound",
            hint="with cluster_id no cluster is ever created; leave it out and give a name to create one",
        )
    return found


def _apply(task: Task, goal: Goal, client: Client, progress: Progress) -> Cluster | None:
    """Execute what is to be done. A task with nothing to do and nothing to wait for does not pay for the imports."""
    if at_goal(goal, progress.cluster):
        return progress.cluster
    from ansible_collections.rayops.alicloud.plugins.module_utils._apply import Applier
    from ansible_collections.rayops.alicloud.plugins.module_utils._create import Creator
    from ansible_collections.rayops.alicloud.plugins.module_utils._wait import Waiter

    def seen(cluster: Cluster) -> None:
        learn_secrets(cluster, task.secrets, bool(task.params.get("return_secrets")))
        progress.cluster = cluster

    waiter = Waiter(
        read=lambda cluster_id, budget: read(client, cluster_id, budget),
        clock=task.clock,
        timeout=float(task.params.get("wait_timeout", 900)),
        interval=float(task.params.get("wait_interval", 5)),
        seen=seen,
        tell=task.tell,
    )
    creator = Creator(client, task.clock, waiter.ends(), int(task.params.get("retries", 5)), task.warn)
    return Applier(client, goal, waiter, creator, progress, task.warn).run(progress.cluster)


def _result(task: Task, goal: Goal, planned: Plan, cluster: Cluster | None, actions: list[str]) -> Result:
    return_secrets = bool(task.params.get("return_secrets"))
    if cluster:
        learn_secrets(cluster, task.secrets, return_secrets)
    known = cluster or planned.before or {}
    return {
        "changed": bool(actions),
        "cluster_id": known.get("cluster_id") or goal.cluster_id,
        "cluster": view(cluster, return_secrets) if cluster else None,
        "actions": list(actions),
        "changes": [change.shown() for change in planned.changes],
        "diff": _diff(planned),
    }


def _diff(planned: Plan) -> Result:
    """Return before and after; that the Redis password changes is told without either value."""
    before, after = declared_view(planned.before), declared_view(planned.after)
    for change in planned.changes:
        if change.field.endswith("redis_password"):
            for side, value, mark in ((before, change.before, "old"), (after, change.after, "new")):
                gft = (side.get("head_spec") or {}).get("gft_config")
                if gft and value:
                    gft["redis_password"] = f"{HIDDEN} ({mark})"
    return {"before": before, "after": after}


def _failed(task: Task, failure: Failure, progress: Progress) -> TaskFailed:
    cluster = progress.cluster or {}
    learn_secrets(cluster, task.secrets, return_secrets=False)
    known: Result = {
        "changed": bool(progress.done),
        "actions": list(progress.done),
        "cluster_id": cluster.get("cluster_id") or task.params.get("cluster_id"),
        "cluster": view(cluster) if cluster else None,
    }
    if progress.adopted:
        known["adopted"] = task.secrets.tell(progress.adopted)
    name = cluster.get("name") or task.params.get("name")
    if isinstance(failure, ParameterError) and not cluster:
        return failed(
            task, f"The options of the Ray cluster{f' {name!r}' if name else ''} cannot be used", failure, known
        )
    label = [f" {name!r}" if name else "", f" ({known['cluster_id']})" if known["cluster_id"] else ""]
    return failed(task, f"Could not {progress.doing} the Ray cluster{''.join(label)}", failure, known)
