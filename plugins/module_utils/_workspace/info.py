# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""What emr_workspace_info does, for whichever mouth asks. Private to this collection."""

from __future__ import annotations

import typing as t

from .._api.error_kinds import is_denied
from .._api.settings import resolve_settings, setting
from .._errors import ApiError, Failure
from .._task.context import Result, Task, check_id, check_options, failed, open_caller
from .client import Listed, WorkspaceApi
from .result import LIFELESS, network_view, queue_view, release_view, workspace_view

Row = dict[str, t.Any]


class _Part(t.NamedTuple):
    get: t.Callable[[WorkspaceApi, str], Listed]
    show: t.Callable[[Row], Row]


PARTS = {
    "queues": _Part(WorkspaceApi.list_queues, queue_view),
    "release_versions": _Part(WorkspaceApi.list_release_versions, release_view),
    "network_services": _Part(WorkspaceApi.list_network_services, network_view),
}


def run_workspace_info(task: Task) -> Result:
    """Return the workspaces that match the options, with the parts that are asked for. Raises TaskFailed."""
    try:
        check_options(
            lambda: resolve_settings(task.params, task.environ, needs_workspace=False),
            lambda: check_id(task.params, "workspace_id"),
        )
        with open_caller(task, needs_workspace=False) as caller:
            api = WorkspaceApi(caller, setting("region", task.params, task.environ))
            workspaces = [_with_parts(task, api, shown) for shown in _found(task, api)]
    except Failure as failure:
        raise failed(task, "Could not read the workspaces", failure, {"changed": False}) from None
    return t.cast(Result, task.secrets.scrub({"changed": False, "workspaces": workspaces}))


def _found(task: Task, api: WorkspaceApi) -> list[Row]:
    """Return the workspaces that match; the variable that stands in for the id elsewhere means nothing here."""
    workspace_id, name, states = (task.params.get(option) for option in ("workspace_id", "name", "states"))
    if workspace_id:
        rows = [row for row in [api.get_workspace(workspace_id)] if (name or "") in str(row.get("workspaceName"))]
    else:
        rows = list(api.list_workspaces(name))
    wanted = None if states is None else [state.casefold() for state in states]
    return [
        workspace_view(row)
        for row in rows
        if wanted is None or str(row.get("workspaceStatus") or "").casefold() in wanted
    ]


def _with_parts(task: Task, api: WorkspaceApi, workspace: Row) -> Row:
    """Return a workspace with its parts: None for one that cannot be had; ``errors`` explains a refusal."""
    errors: dict[str, str] = {}
    parts: dict[str, list[Row] | None] = {}
    for name in task.params.get("gather") or ():
        parts[name] = None
        if workspace["workspace_status"] not in LIFELESS:
            parts[name] = _part(task, api, str(workspace["workspace_id"]), name, errors)
    return {**workspace, **parts, "errors": errors}


def _part(task: Task, api: WorkspaceApi, workspace_id: str, name: str, errors: dict[str, str]) -> list[Row] | None:
    part = PARTS[name]
    try:
        listed = part.get(api, workspace_id)
    except ApiError as error:
        if not is_denied(error):
            raise
        errors[name] = task.secrets.tell(f"{error}. Hint: {error.hint}" if error.hint else str(error))
        task.warn(f"The {name} of workspace {workspace_id} could not be read: {errors[name]}")
        return None
    if not listed.complete:
        task.warn(f"The service gave only a part of the {name} of workspace {workspace_id}.")
    return [part.show(row) for row in listed.rows]
