# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""Entry point of emr_workspace, shared by the module and the action plugin."""

from __future__ import annotations

import functools

from .._api.exactly_once import ResourceKind, with_text
from .._api.operations import checked_id
from .._api.settings import option_or_env
from .._cluster.guardrails import guardrail_error
from .._errors import ApiError, ClusterError, Problems
from .._task.context import KNOWN_AFTER_CREATE, Result, TaskContext, id_problems
from .._workspace.fields import Workspace
from .._workspace.result import workspace_to_result
from . import workspace_plan as plan
from .client import PlatformApi
from .queue_plan import ROOT_QUEUE, sizes
from .values import Change, Row, check_no_similar, parse_cu_or_none
from .work import (
    CONVERGE_SECONDS,
    Work,
    capacity_delta,
    check_max_cu,
    not_converged,
    read_new_workspace,
    run_work,
    wait_for_running,
)

WORKSPACE_KIND = ResourceKind(
    "workspace",
    undecided=ClusterError(
        "", "CreateUndecided", hint="run the task again: it adopts the workspace if it exists by then"
    ),
    duplicate=ClusterError("", "NameNotUnique", hint="set workspace_id, and delete the others in the console"),
)


def run_workspace(task: TaskContext) -> Result:
    """Create or change one workspace, or report the changes in check mode. Raises TaskFailed."""
    return _WorkspaceTask(task).run()


class _WorkspaceTask:
    def __init__(self, task: TaskContext) -> None:
        self.task = task
        self.goal = plan.WorkspaceGoal()
        self.work = Work(task, "workspace", str(task.params.get("name") or task.params.get("workspace_id")))
        self.work.known = {"workspace_id": task.params.get("workspace_id"), "workspace": None}

    def run(self) -> Result:
        """Converge. Raises TaskFailed."""
        return run_work(self.task, self.work, self._read_goal, self._converge, needs_workspace=False)

    def _read_goal(self) -> None:
        problems = Problems(id_problems(self.task.params, "workspace_id"))
        with problems:
            self.goal = plan.read_goal(self.task.params)
        problems.raise_any()

    def _converge(self, api: PlatformApi) -> Result:
        row = self._find(api)
        self.work.known["not_compared"] = plan.not_compared(self.goal)
        if self.goal.state == "absent":
            return self._absent(row)
        if row is None:
            return self._create(api)
        self.work.known["workspace_id"] = row["workspace_id"]
        return self._update(api, row)

    # Looking

    def _find(self, api: PlatformApi) -> Workspace | None:
        if self.goal.workspace_id:
            return api.get_workspace(self.goal.workspace_id)
        ids = self._list_ids(api)
        self._reject_several(ids)
        return api.get_workspace(ids[0]) if ids else None

    def _list_ids(self, api: PlatformApi) -> list[str]:
        """Return the ids of existing workspaces with exactly this name; the list matches parts of names."""
        named = [row for row in api.list_workspaces(self.goal.name) if row.get("workspace_name") == self.goal.name]
        return sorted(
            checked_id("ListWorkspaces", "workspace id", row["workspace_id"]) for row in named if not plan.is_gone(row)
        )

    @staticmethod
    def _reject_several(ids: list[str]) -> None:
        if len(ids) > 1:
            raise with_text(WORKSPACE_KIND.duplicate, f"{len(ids)} workspaces have this name: {', '.join(ids)}")

    def _absent(self, row: Workspace | None) -> Result:
        if row is None or plan.is_gone(row):
            return self.work.build_result([], self.work.plan_text([]))
        self.work.doing = "delete"
        raise ClusterError(
            f"the workspace exists ({row['workspace_id']}), and the service publishes no operation that deletes one",
            "NoSuchOperation",
            hint=f"delete it in the console: {plan.CONSOLE}",
        )

    # Creating

    def _create(self, api: PlatformApi) -> Result:
        goal, work = self.goal, self.work
        plan.check_create(goal)
        self._show_plan(None, [Change("state", "absent", "present", "the workspace does not exist")])
        check_max_cu(self.task.params, 0, goal.cu or 0, "the workspace")
        # The list is read again without a filter: it may lag behind, or compare names in another way.
        rows = [row for row in api.list_workspaces() if not plan.is_gone(row)]
        check_no_similar("workspace", str(goal.name), (row.get("workspace_name") for row in rows))
        if self.task.check_mode:
            work.known |= {"workspace_id": KNOWN_AFTER_CREATE, "workspace": _shown(plan.predict(goal, None))}
            work.known["workspace"]["workspace_id"] = KNOWN_AFTER_CREATE
            return work.build_result(["create"], work.plan_text(["create"]))
        work.doing = "create"
        ids = [str(row.get("workspace_id")) for row in rows if row.get("workspace_name") == goal.name]
        self._reject_several(ids)
        workspace_id = ids[0] if ids else self._send_create(api)
        work.done.append("create")
        work.known["workspace_id"] = workspace_id
        row = read_new_workspace(work, api, workspace_id)
        if self.task.params.get("wait", True):
            row = wait_for_running(work, api, workspace_id)
        if row.get("workspace_name") != goal.name:
            raise ClusterError(
                f"the workspace was declared as {goal.name!r}, and the service named it {row.get('workspace_name')!r}",
                "NameAltered",
                hint="declare the name that the service gave it, with workspace_id",
            )
        if self.task.params.get("wait", True) and plan.differences(goal, row):
            # The allow list cannot be given to a create.
            row = self._send_update(api, row)
        work.known["workspace"] = _shown(row)
        return work.build_result(["create"], work.plan_text(["create"]))

    def _send_create(self, api: PlatformApi) -> str:
        region = option_or_env("region", self.task.params, self.task.environ)
        salt = str(region)
        while True:
            once = self.work.exactly_once(
                WORKSPACE_KIND,
                functools.partial(api.create_workspace, plan.create_body(self.goal, salt)),
                lambda: self._list_ids(api),
                self.goal.name,
            )
            try:
                created = once.create()
            except ApiError as error:
                self._hint_at_prerequisites(error)
                return self.work.find_after_refusal(error, lambda: self._list_ids(api))[0]
            self.work.adopted = created.adoption_reason
            new = read_new_workspace(self.work, api, created.resource_id)
            if created.adoption_reason or not plan.is_gone(new) or salt.endswith(created.resource_id):
                once.verify_unique(created.resource_id)
                return created.resource_id
            # The token belongs to a workspace that was created earlier and no longer exists.
            salt = f"{salt}/{created.resource_id}"

    def _hint_at_prerequisites(self, error: ApiError) -> None:
        """Name what a create needs and no operation creates, unless the error has a hint of its own."""
        if not error.hint and 400 <= (error.http_status or 0) < 500:
            error.hint = (
                f"check that the bucket {self.goal.oss_bucket} exists ({plan.BUCKET_PAGE}), and that the RAM roles "
                f"{self.goal.ram_role_name} and {plan.SERVICE_ROLE} exist ({plan.ROLE_PAGE})"
            )

    # Changing

    def _update(self, api: PlatformApi, row: Workspace) -> Result:
        goal, work = self.goal, self.work
        changes = plan.differences(goal, row)
        if not self.task.params.get("shrink", True):
            sizes_changed = (change for change in changes if change.field == "resource_spec.cu")
            later = [change for change in sizes_changed if change.after < (change.before or 0)]
            if later:
                self.goal = goal = goal._replace(cu=None)
                changes = [change for change in changes if change not in later]
            work.known["postponed"] = [change.to_result() for change in later]
        if self.task.params.get("force") and not changes:
            changes = [Change("force", None, None, "force is true")]
        self._show_plan(row, changes)
        starting = str(row.get("workspace_status")).upper() != "RUNNING"
        if changes:
            self._check_size(api, row)
        if changes and goal.gpu is None and row.get("gpu_spec"):
            self.task.warn(
                "resource_spec.gpu is not declared and cannot be read. A service that replaces the whole configuration "
                "would lose the limit."
            )
        actions = ["update"] if changes else []
        if self.task.check_mode:
            work.known["workspace"] = _shown(plan.predict(goal, row))
            return work.build_result(actions, work.plan_text(actions))
        if starting and (changes or self.task.params.get("wait", True)):
            row = wait_for_running(work, api, str(row["workspace_id"]))
        if changes:
            work.doing = "update"
            row = self._send_update(api, row)
            work.done.append("update")
        work.known["workspace"] = _shown(row)
        return work.build_result(actions, work.plan_text(actions))

    def _check_size(self, api: PlatformApi, row: Workspace) -> None:
        had, has = parse_cu_or_none(row.get("resource_spec")), self.goal.cu
        if has is None or had is None or has == had:
            return
        check_max_cu(self.task.params, had, has, "the workspace")
        if has > had:
            return
        if self.task.params.get("protected"):
            raise guardrail_error(
                f"protected: the workspace must not shrink, and this plan would take it from {had} to {has} CU"
            )
        if self.task.params.get("force"):
            # Reads do not show the CU of a queue that may grow, so the sum may be too high.
            return
        queues = {
            str(queue.get("queue_name")): sizes(queue)[1] for queue in api.list_queues(str(row["workspace_id"])).rows
        }
        if queues.get(ROOT_QUEUE, 0) >= had:
            del queues[ROOT_QUEUE]
        if sum(queues.values()) > has:
            parts = ", ".join(f"{name} {cu}" for name, cu in sorted(queues.items()))
            raise ClusterError(
                f"the workspace would have {has} CU, and its queues have {sum(queues.values())} ({parts})",
                "WorkspaceTooSmall",
                hint="shrink its queues first, with emr_workspace_queue",
            )

    def _send_update(self, api: PlatformApi, row: Workspace) -> Workspace:
        body = plan.update_body(self.goal, row)
        self.work.write(lambda: api.update_workspace(body))
        workspace_id = str(row["workspace_id"])
        try:
            return self.work.wait_until(
                lambda: api.get_workspace(workspace_id),
                lambda seen: not plan.differences(self.goal, seen),
                lambda seen: f"workspace is {seen.get('workspace_status')}",
                CONVERGE_SECONDS,
                "for the update to appear",
            )
        except ClusterError as error:
            left = plan.differences(self.goal, api.get_workspace(workspace_id)) if error.code == "WaitTimeout" else []
            if not left:
                raise
            hint = f"declare the value that the service has, or change it in the console: {plan.CONSOLE}"
            raise not_converged(left[0].field, left[0].after, left[0].before, hint) from None

    # Results

    def _show_plan(self, row: Workspace | None, changes: list[Change]) -> None:
        self.work.changes = changes
        if changes:
            self.work.before = _to_diff(row) if row else {}
            self.work.after = _to_diff(plan.predict(self.goal, row))
        had, has = (
            parse_cu_or_none((each or {}).get("resource_spec")) or 0 for each in (row, plan.predict(self.goal, row))
        )
        # A workspace guarantees no capacity: its size is a limit.
        self.work.known["capacity_delta"] = capacity_delta((0, had, had), (0, has, has))


def _shown(row: Workspace) -> Row:
    return workspace_to_result(row)


def _to_diff(row: Workspace) -> Row:
    shown = workspace_to_result(row)
    kept = ("workspace_name", "resource_spec", "gpu_spec", "ip_white_list", "resource_group_id", "storage", "tags")
    return {key: shown[key] for key in kept if shown[key]}
