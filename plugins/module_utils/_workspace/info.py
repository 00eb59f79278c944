# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""Entry point of emr_workspace_info, shared by the module and the action plugin."""

from __future__ import annotations

import json
import typing as t

from .._api.error_kinds import is_access_denied
from .._api.settings import option_or_env, resolve_settings
from .._errors import ApiError, Failure, Problems
from .._task.context import Result, TaskContext, id_problems, open_session
from .._task.failures import join_hint, task_failure
from .client import Page, WorkspaceApi
from .result import (
    UNUSABLE_STATES,
    member_to_result,
    network_to_result,
    parse_number,
    queue_to_result,
    release_to_result,
    top_jobs_to_result,
    workspace_to_result,
)

Row = dict[str, t.Any]


class _GatherPart(t.NamedTuple):
    fetch: t.Callable[[WorkspaceApi, str], Page[t.Any]]
    to_result: t.Callable[[t.Any], Row]


GATHER_PARTS = {
    "queues": _GatherPart(WorkspaceApi.list_queues, queue_to_result),
    "release_versions": _GatherPart(WorkspaceApi.list_release_versions, release_to_result),
    "network_services": _GatherPart(WorkspaceApi.list_network_services, network_to_result),
    "members": _GatherPart(WorkspaceApi.list_members, member_to_result),
}
# Parts that are read queue by queue, with one request for each.
QUEUE_PARTS = ("top_jobs", "cu_hours")


def run_workspace_info(task: TaskContext) -> Result:
    """Return the workspaces that match the options, with the parts that are asked for. Raises TaskFailed."""
    try:
        problems = Problems(id_problems(task.params, "workspace_id"))
        with problems:
            resolve_settings(task.params, task.environ, needs_workspace=False)
        period = [task.params.get(name) for name in ("start_time", "end_time")]
        if "cu_hours" in (task.params.get("gather") or ()) and not all(period):
            problems.append("start_time and end_time: are required to gather cu_hours")
        problems.raise_any()
        with open_session(task, needs_workspace=False) as session:
            api = WorkspaceApi(session, option_or_env("region", task.params, task.environ))
            workspaces = [_add_parts(task, api, shown) for shown in _list_matching(task, api)]
    except Failure as failure:
        raise task_failure(task, "Could not read the workspaces", failure, {"changed": False}) from None
    return task.secrets.redact({"changed": False, "workspaces": workspaces})


def _list_matching(task: TaskContext, api: WorkspaceApi) -> list[Row]:
    """Return the workspaces that match; the variable that other modules use as the default id has no effect here."""
    workspace_id, name, states = (task.params.get(option) for option in ("workspace_id", "name", "states"))
    if workspace_id:
        rows = [row for row in [api.get_workspace(workspace_id)] if (name or "") in str(row.get("workspace_name"))]
    else:
        rows = list(api.list_workspaces(name))
    wanted = None if states is None else [state.casefold() for state in states]
    return [
        workspace_to_result(row)
        for row in rows
        if wanted is None or str(row.get("workspace_status") or "").casefold() in wanted
    ]


def _add_parts(task: TaskContext, api: WorkspaceApi, workspace: Row) -> Row:
    """Return a workspace with its parts, None for an unavailable one; ``errors`` explains a refusal."""
    errors: dict[str, str] = {}
    parts: dict[str, list[Row] | None] = {}
    for name in task.params.get("gather") or ():
        parts[name] = None
        if workspace["workspace_status"] not in UNUSABLE_STATES:
            parts[name] = _read_part(task, _part(task, name), api, str(workspace["workspace_id"]), name, errors)
    return {**workspace, **parts, "errors": errors}


def _part(task: TaskContext, name: str) -> _GatherPart:
    """Return the function that reads a part; a part that is read queue by queue starts with the list of queues."""
    if name not in QUEUE_PARTS:
        return GATHER_PARTS[name]
    period = str(task.params.get("start_time")), str(task.params.get("end_time"))

    def read(api: WorkspaceApi, workspace_id: str) -> Page[t.Any]:
        queues = api.list_queues(workspace_id)
        names = [row["queue_name"] for row in queues.rows]
        if name == "top_jobs":
            rows = [{"queue_name": queue, **api.list_top_jobs(workspace_id, queue)} for queue in names]
        else:
            rows = [{"queue_name": queue, "hours": api.get_cu_hours(workspace_id, queue, *period)} for queue in names]
        return Page(rows, queues.is_complete)

    return _GatherPart(read, top_jobs_to_result if name == "top_jobs" else _hours_to_result)


def _hours_to_result(row: Row) -> Row:
    """Return the CU hours of a queue: the text of the service, and the sum of it where it can be read."""
    try:
        points = json.loads(row["hours"])
    except ValueError:
        points = row["hours"]
    numbers = [
        parse_number(point.get("value") if isinstance(point, dict) else point)
        for point in (points if isinstance(points, list) else [points])
    ]
    total = None if None in numbers else sum(number for number in numbers if number is not None)
    return {"queue_name": row["queue_name"], "cu_hours": total, "text": row["hours"]}


def _read_part(
    task: TaskContext, part: _GatherPart, api: WorkspaceApi, workspace_id: str, name: str, errors: dict[str, str]
) -> list[Row] | None:
    try:
        listed = part.fetch(api, workspace_id)
    except ApiError as error:
        if not is_access_denied(error):
            raise
        errors[name] = task.secrets.redact_text(join_hint(str(error), error.hint))
        task.warn(f"The {name} of workspace {workspace_id} could not be read: {errors[name]}")
        return None
    if not listed.is_complete:
        task.warn(f"The service gave only a part of the {name} of workspace {workspace_id}.")
    return [part.to_result(row) for row in listed.rows]
