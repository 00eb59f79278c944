# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""Entry point of emr_workspace_queue, shared by the module and the action plugin."""

from __future__ import annotations

import typing as t

from .._api.error_kinds import is_access_denied
from .._api.exactly_once import ResourceKind
from .._cluster.client import ClusterClient
from .._errors import ApiError, ClusterError, ParameterError
from .._task.context import Result, TaskContext
from .._workspace.fields import Queue, Workspace
from .._workspace.result import queue_to_result
from . import queue_plan as plan
from .client import PlatformApi
from .queue_plan import QueueGoal, QueueStep
from .values import Row, check_no_similar
from .work import (
    CONVERGE_SECONDS,
    StartingError,
    Work,
    capacity_delta,
    not_converged,
    run_work,
    wait_for_running,
)

QUEUE_KIND = ResourceKind(
    "queue",
    undecided=ClusterError("", "CreateUndecided", hint="run the task again: it adopts the queue if it exists by then"),
    duplicate=ClusterError("", "NameNotUnique", hint="delete the unwanted one"),
)


def run_queue(task: TaskContext) -> Result:
    """Create, edit or delete queues of a workspace, or report the changes in check mode. Raises TaskFailed."""
    return _QueueTask(task).run()


class _QueueTask:
    def __init__(self, task: TaskContext) -> None:
        self.task = task
        self.goals: list[QueueGoal] = []
        self.future: int | None = None
        names = [entry.get("name") for entry in task.params.get("queues") or [task.params] if isinstance(entry, dict)]
        self.work = Work(task, "queue" if len(names) == 1 else "queues", ", ".join(str(name) for name in names))
        self.work.known = {"queues": [], "not_compared": []}

    def run(self) -> Result:
        return run_work(self.task, self.work, self._read_goals, self._converge)

    def _read_goals(self) -> None:
        self.goals, self.future = plan.read_goals(self.task.params)
        self.work.creates = [f"create {goal.name}" for goal in self.goals if goal.state == "present"]

    def _converge(self, api: PlatformApi) -> Result:
        workspace_id = api.session.workspace_id
        rows = self.work.read_running(api, lambda: self._list_rows(api, workspace_id))
        if not rows:
            # One that runs has root_queue at least.
            if self.task.check_mode and api.get_workspace(workspace_id).get("workspace_status") == "STARTING":
                raise StartingError
            wait_for_running(self.work, api, workspace_id)
            rows = self._list_rows(api, workspace_id)
        steps = self._plan(rows)
        todo = [step for step in steps if step.action]
        if todo:
            self._check_before_writes(api, wait_for_running(self.work, api, workspace_id), rows, steps)
        self._describe(steps)
        actions = [f"{step.action} {step.goal.name}" for step in todo]
        after = [step.after for step in self._in_declared_order(steps)]
        if not self.task.check_mode:
            for step in todo:
                self._apply(api, workspace_id, step)
            if todo:
                rows = self._list_rows(api, workspace_id)
                after = [rows.get(goal.name) for goal in self.goals]
        self._show(after)
        return self.work.build_result(actions, self.work.plan_text(actions))

    def _plan(self, rows: t.Mapping[str, Queue]) -> list[QueueStep]:
        return plan.plan_steps(self.goals, rows, bool(self.task.params.get("force")))

    def _in_declared_order(self, steps: t.Iterable[QueueStep]) -> list[QueueStep]:
        by_name = {step.goal.name: step for step in steps}
        return [by_name[goal.name] for goal in self.goals]

    @staticmethod
    def _list_rows(api: PlatformApi, workspace_id: str) -> dict[str, Queue]:
        page = api.list_queues(workspace_id)
        if not page.is_complete:
            raise ApiError("ListWorkspaceQueues", "the service returned only a part of the queues")
        return {str(row.get("queue_name")): row for row in page.rows}

    # Before the first write

    def _check_before_writes(
        self, api: PlatformApi, workspace: Workspace, rows: t.Mapping[str, Queue], steps: list[QueueStep]
    ) -> None:
        for step in steps:
            if step.action == "create":
                check_no_similar("queue", step.goal.name, rows)
        plan.check_guardrails(self.task.params, steps)
        plan.check_sum(steps, rows, workspace, self.future)
        quotas = [workspace.get("pre_paid_quota") or {}, *(workspace.get("pre_paid_quota_gpu") or [])]
        known = {quota.get("instance_id") for quota in quotas if isinstance(quota, dict)}
        for step in steps:
            moves = step.action == "create" or any(change.field == "instance_id" for change in step.changes)
            if moves and step.goal.payment_type == "Pre" and step.goal.instance_id not in known:
                raise ParameterError(
                    [f"instance_id: the workspace has no prepaid quota {step.goal.instance_id}"],
                    hint=f"this module makes no purchases: buy a subscription in the console ({plan.CONSOLE})",
                )
        deleted = [step.goal.name for step in steps if step.action == "delete"]
        if deleted:
            self._check_unused(api, deleted)

    def _check_unused(self, api: PlatformApi, names: list[str]) -> None:
        """Refuse to delete queues that clusters or jobs use: the service may not refuse it, and harm them."""
        users: list[str] = []
        for cluster in ClusterClient(api.session).list_clusters():
            parts = [cluster.get("head_spec") or {}, *(cluster.get("worker_spec") or [])]
            used = sorted({str(part.get("queue_name")) for part in parts} & set(names))
            if used:
                users.append(f"{cluster.get('name')} ({cluster['cluster_id']}, {cluster.get('state')}) in {used[0]}")
        for name in names:
            try:
                jobs = api.list_top_jobs(api.session.workspace_id, name).get("jobs") or []
            except ApiError as error:
                if not is_access_denied(error):
                    raise
                self.task.warn(f"The jobs of queue {name} could not be read: {error}")
                continue
            users += [f"job {job.get('job_id')} in {name}" for job in jobs if str(job.get("job_id")) not in str(users)]
        if users:
            raise ClusterError(
                f"{', '.join(names)} cannot be deleted while something uses it: {'; '.join(users)}",
                "QueueInUse",
                hint="set another queue_name for these clusters or delete them, and wait for the jobs to finish",
            )

    # Writes

    def _apply(self, api: PlatformApi, workspace_id: str, step: QueueStep) -> None:
        self.work.doing = str(step.action)
        if step.action == "delete":
            self._delete(api, workspace_id, step.goal.name)
        elif step.row is None:
            self._create(api, workspace_id, step.goal)
        else:
            self._edit(api, workspace_id, step.goal, step.row)
        if not self.work.done or self.work.done[-1] != f"{step.action} {step.goal.name}":
            self.work.done.append(f"{step.action} {step.goal.name}")

    def _delete(self, api: PlatformApi, workspace_id: str, name: str) -> None:
        def send() -> None:
            try:
                api.delete_queue(workspace_id, name)
            except ApiError:
                # A retry of a delete whose response was lost finds no queue, with a code that is not documented.
                if name in self._list_rows(api, workspace_id):
                    raise

        self.work.write(send)
        self.work.done.append(f"delete {name}")
        self._wait(api, workspace_id, lambda rows: name not in rows, f"for queue {name} to be deleted")

    def _create(self, api: PlatformApi, workspace_id: str, goal: QueueGoal) -> None:
        def list_ids() -> list[str]:
            return [goal.name] if goal.name in self._list_rows(api, workspace_id) else []

        body = plan.create_body(goal, workspace_id)
        once = self.work.exactly_once(QUEUE_KIND, lambda found: api.create_queue(body, found), list_ids, goal.name)

        def send() -> None:
            try:
                self.work.adopted = once.create().adoption_reason or self.work.adopted
            except ApiError as error:
                # Names are unique: another user may have created it at the same time. Then the task edits it.
                self.work.find_after_refusal(error, list_ids)

        self.work.write(send)
        self.work.done.append(f"create {goal.name}")
        rows = self._wait(
            api,
            workspace_id,
            lambda rows: str((rows.get(goal.name) or {}).get("queue_status")).upper() == "RUNNING",
            f"for queue {goal.name} to run",
            self.work.deadline() - self.task.clock.monotonic(),
        )
        if plan.differences(goal, rows[goal.name]):
            # Environments cannot be given to a create.
            self._edit(api, workspace_id, goal, rows[goal.name])

    def _edit(self, api: PlatformApi, workspace_id: str, goal: QueueGoal, row: Queue) -> None:
        body = plan.edit_body(goal, row, workspace_id)
        self.work.write(lambda: api.edit_queue(body))
        self.work.done.append(f"edit {goal.name}")
        try:
            self._wait(
                api,
                workspace_id,
                lambda rows: goal.name in rows and not plan.differences(goal, rows[goal.name]),
                f"for the edit of queue {goal.name} to show",
            )
        except ClusterError as error:
            rows = self._list_rows(api, workspace_id)
            left = plan.differences(goal, rows[goal.name]) if error.code == "WaitTimeout" and goal.name in rows else []
            if not left:
                raise
            hint = "declare the value that the service has, or change it in the console: " + plan.CONSOLE
            raise not_converged(left[0].field, left[0].after, left[0].before, hint) from None

    def _wait(
        self,
        api: PlatformApi,
        workspace_id: str,
        is_reached: t.Callable[[dict[str, Queue]], bool],
        what: str,
        limit: float = CONVERGE_SECONDS,
    ) -> dict[str, Queue]:
        return self.work.wait_until(
            lambda: self._list_rows(api, workspace_id),
            is_reached,
            lambda rows: ", ".join(
                f"{goal.name} is {rows[goal.name].get('queue_status') if goal.name in rows else 'not there'}"
                for goal in self.goals
            ),
            limit,
            what,
        )

    # Results

    def _describe(self, steps: list[QueueStep]) -> None:
        work, many = self.work, len(self.goals) > 1
        work.changes = [
            change._replace(field=f"queues[{step.goal.name}].{change.field}") if many else change
            for step in steps
            for change in step.changes
        ]
        work.before = {step.goal.name: _to_diff(step.row) for step in steps if step.row and step.action}
        work.after = {step.goal.name: _to_diff(step.after) for step in steps if step.after and step.action}
        sizes = [(plan.sizes(step.row), plan.sizes(step.after)) for step in steps if step.action]
        had, has = ([sum(size[side][bound] for size in sizes) for bound in range(3)] for side in (0, 1))
        hidden = sorted({name for step in steps if step.after for name in plan.not_compared(step.goal, step.row)})
        work.known |= {"capacity_delta": capacity_delta(had, has), "not_compared": hidden}

    def _show(self, rows: t.Iterable[Queue | None]) -> None:
        self.work.known["queues"] = [queue_to_result(row) for row in rows if row is not None]


def _to_diff(row: Queue | None) -> Row:
    """Return what a diff shows of a queue: what can be declared and read."""
    shown = queue_to_result(row or {})
    least, _declared, most = plan.sizes(row)
    kept = {key: shown[key] for key in ("queue_category", "payment_type", "gpu_spec", "environments", "description")}
    return {"resource_spec": {"cu": least or most, "max_cu": most}, **{k: v for k, v in kept.items() if v}}
