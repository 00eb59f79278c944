# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""What emr_workspace_info does, for whichever mouth asks."""

from __future__ import annotations

import typing as t

from .._api.error_kinds import is_access_denied
from .._api.settings import option_or_env, resolve_settings
from .._errors import ApiError, Failure
from .._task.context import Result, TaskContext, check_id, check_options, open_session, task_failure
from .client import Page, Row, WorkspaceApi
from .result import UNUSABLE_STATES, network_to_result, queue_to_result, release_to_result, workspace_to_result


def _show(page: Page[Row], to_result: t.Callable[[Row], dict[str, object]]) -> Page[dict[str, object]]:
    return Page([to_result(row) for row in page.rows], page.is_complete)


GATHER_PARTS: dict[str, t.Callable[[WorkspaceApi, str], Page[dict[str, object]]]] = {
    "queues": lambda api, workspace_id: _show(api.list_queues(workspace_id), queue_to_result),
    "release_versions": lambda api, workspace_id: _show(api.list_release_versions(workspace_id), release_to_result),
    "network_services": lambda api, workspace_id: _show(api.list_network_services(workspace_id), network_to_result),
}


def run_workspace_info(task: TaskContext) -> Result:
    """Return the workspaces that match the options, with the parts that are asked for. Raises TaskFailed."""
    try:
        check_options(
            lambda: resolve_settings(task.params, task.environ, needs_workspace=False),
            lambda: check_id(task.params, "workspace_id"),
        )
        with open_session(task, needs_workspace=False) as session:
            api = WorkspaceApi(session, option_or_env("region", task.params, task.environ))
            workspaces = [_add_parts(task, api, shown) for shown in _list_matching(task, api)]
    except Failure as failure:
        raise task_failure(task, "Could not read the workspaces", failure, {"changed": False}) from None
    return task.secrets.redact({"changed": False, "workspaces": workspaces})


def _list_matching(task: TaskContext, api: WorkspaceApi) -> list[dict[str, object]]:
    """Return the workspaces that match; the variable that stands in for the id elsewhere means nothing here."""
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


def _add_parts(task: TaskContext, api: WorkspaceApi, workspace: dict[str, object]) -> dict[str, object]:
    """Return a workspace with its parts: None for one that cannot be had; ``errors`` explains a refusal."""
    errors: dict[str, str] = {}
    parts: dict[str, list[dict[str, object]] | None] = {}
    for name in task.params.get("gather") or ():
        parts[name] = None
        if workspace["workspace_status"] not in UNUSABLE_STATES:
            parts[name] = _read_part(task, api, str(workspace["workspace_id"]), name, errors)
    return {**workspace, **parts, "errors": errors}


def _read_part(
    task: TaskContext, api: WorkspaceApi, workspace_id: str, name: str, errors: dict[str, str]
) -> list[dict[str, object]] | None:
    try:
        listed = GATHER_PARTS[name](api, workspace_id)
    except ApiError as error:
        if not is_access_denied(error):
            raise
        errors[name] = task.secrets.redact_text(f"{error}. Hint: {error.hint}" if error.hint else str(error))
        task.warn(f"The {name} of workspace {workspace_id} could not be read: {errors[name]}")
        return None
    if not listed.is_complete:
        task.warn(f"The service gave only a part of the {name} of workspace {workspace_id}.")
    return listed.rows
