# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""Deciding what to do with queues: differences, order, sums. Pure."""

from __future__ import annotations

import typing as t

from .._cluster.guardrails import guardrail_error
from .._errors import ClusterError, ParameterError, Problems
from .._payload import Params, pick
from .._workspace.fields import Queue, Workspace
from .payloads import CreateQueue, EditQueue, QueueSize
from .values import (
    Change,
    Row,
    capacity_cores,
    is_same_set,
    is_same_text,
    is_same_word,
    is_same_words,
    line_problems,
    name_problems,
    parse_cu,
    parse_cu_or_none,
    text_problems,
    texts_of,
    texts_to_send,
)

ROOT_QUEUE = "root_queue"
# Options that reads show under the same name.
_READABLE = (
    *("queue_category", "gpu_spec", "payment_type", "instance_id", "description", "environments", "preheat"),
    "gpu_machine_num",
)
CONSOLE = "https://emr-next.console.aliyun.com, Serverless Spark, the workspace, Queues"


class QueueGoal(t.NamedTuple):
    """Declared options of a queue; None is not declared. ``cu`` and ``max_cu`` are CU."""

    name: str
    state: str = "present"
    cu: int | None = None
    max_cu: int | None = None
    gpu: int | None = None
    gpu_machine_num: int | None = None
    queue_category: str | None = None
    gpu_spec: list[str] | None = None
    payment_type: str | None = None
    instance_id: str | None = None
    description: str | None = None
    environments: list[str] | None = None
    preheat: bool | None = None


class QueueStep(t.NamedTuple):
    """Planned action for one queue: ``action`` is create, edit, delete, or None; ``row`` is the queue as read."""

    goal: QueueGoal
    row: Queue | None
    action: str | None
    changes: list[Change]

    @property
    def growth(self) -> int:
        """Return the growth of the queue in CU."""
        return sizes(self.after)[1] - sizes(self.row)[1]

    @property
    def after(self) -> Queue | None:
        """Return the queue as reads are expected to show it."""
        return self.row if self.action is None else predict(self.goal, self.row)


def read_goals(params: Params) -> tuple[list[QueueGoal], int | None]:
    """Return the declared queues, and the CU that the workspace is to have, None if they are not given.

    Raises ParameterError that names every problem.
    """
    problems = Problems()
    future = problems.parse("workspace_cu", parse_cu, params.get("workspace_cu"))
    entries: list[tuple[str, Row]] = [
        (f"queues[{number}].", entry) for number, entry in enumerate(params.get("queues") or [])
    ]
    if params.get("name") is not None and params.get("queues") is not None:
        problems.append("name and queues: set exactly one of them")
    elif params.get("queues") is None:
        entries = [("", {key: params.get(key) for key in (*QueueGoal._fields, "resource_spec")})]
    goals = [_read_goal(path, entry, problems) for path, entry in entries]
    names = [goal.name for goal in goals]
    problems += [f"queues: {name} is declared twice" for name in sorted(set(names)) if names.count(name) > 1]
    if not goals:
        problems.append("queues: at least one queue is required")
    problems.raise_any()
    return goals, future


def _read_goal(path: str, entry: Row, problems: Problems) -> QueueGoal:
    problems += name_problems(f"{path}name", entry.get("name"))
    state = entry.get("state") or "present"
    size = entry.get("resource_spec") or {}
    where = f"{path}resource_spec."
    cu = problems.parse(f"{where}cu", parse_cu, size.get("cu"))
    max_cu = problems.parse(f"{where}max_cu", parse_cu, size.get("max_cu"))
    if max_cu is not None and cu is None:
        problems.append(f"{where}max_cu: needs {where}cu, which the service does not return")
    if cu is not None and max_cu is not None and max_cu < cu:
        problems.append(f"{where}max_cu: must not be less than {where}cu")
    for option in ("gpu", "gpu_machine_num"):
        if (size.get(option) or 0) < 0:
            problems.append(f"{where}{option}: must not be negative")
        if size.get(option) is not None and cu is None:
            problems.append(f"{where}{option}: needs {where}cu, which the service does not return")
    if size.get("gpu_machine_num") is not None and entry.get("payment_type") != "Pre":
        problems.append(f"{where}gpu_machine_num: is for queues with payment_type Pre")
    if entry.get("payment_type") == "Pre" and not entry.get("instance_id"):
        problems.append(
            f"{path}payment_type: Pre requires instance_id, the ID of a purchased quota; this module makes no purchases"
        )
    if state == "absent" and entry.get("name") == ROOT_QUEUE:
        problems.append(f"{path}state: {ROOT_QUEUE} cannot be deleted")
    problems += text_problems(entry, "gpu_spec", "environments", path=path)
    problems += line_problems(f"{path}description", entry.get("description"))
    kept = {key: entry.get(key) for key in QueueGoal._fields if key not in ("name", "state", "cu", "max_cu")}
    kept |= {"gpu": size.get("gpu"), "gpu_machine_num": size.get("gpu_machine_num")}
    return QueueGoal(name=str(entry.get("name")), state=state, cu=cu, max_cu=max_cu, **kept)


# Reading


def sizes(row: Queue | None) -> tuple[int, int, int]:
    """Return the guaranteed, the declared, and the largest CU of a queue, each 0 if the queue does not exist.

    Reads have no field for the declared CU: it is the guaranteed one if present, otherwise the largest.
    """
    if row is None:
        return 0, 0, 0
    least, most = (capacity_cores(row.get(field)) or 0 for field in ("min_resource", "max_resource"))
    declared = row.get("declared_cu")
    return least, least or most if declared is None else int(declared), most


def not_compared(goal: QueueGoal, row: Queue | None) -> list[str]:
    """Return the declared options that the service does not return, so that a difference cannot be seen."""
    hidden = [f"resource_spec.{name}" for name in ("gpu",) if getattr(goal, name) is not None]
    elastic = goal.max_cu is not None and goal.max_cu != goal.cu
    if goal.cu is not None and elastic and not sizes(row)[0]:
        hidden.append("resource_spec.cu")
    return sorted(hidden)


def differences(goal: QueueGoal, row: Queue) -> list[Change]:
    """Return where a queue differs from its declaration. Raises ClusterError for fields that cannot be changed."""
    _check_fixed_fields(goal, row)
    changes = []
    least, _declared, most = sizes(row)
    if goal.cu is not None:
        largest = goal.cu if goal.max_cu is None else goal.max_cu
        if least and least != goal.cu:
            changes.append(Change("resource_spec.cu", least, goal.cu))
        if most != largest:
            elastic = goal.max_cu is not None
            field = "resource_spec.max_cu" if elastic or least else "resource_spec.cu"
            changes.append(Change(field, most, largest))
    machines = row.get("gpu_machine_num")
    if goal.gpu_machine_num is not None and machines is not None and machines != goal.gpu_machine_num:
        changes.append(Change("resource_spec.gpu_machine_num", machines, goal.gpu_machine_num))
    if goal.gpu_spec is not None and not is_same_set(goal.gpu_spec, row.get("gpu_spec")):
        changes.append(Change("gpu_spec", texts_of(row.get("gpu_spec")), goal.gpu_spec))
    if goal.environments is not None and not is_same_words(goal.environments, row.get("environments")):
        changes.append(Change("environments", texts_of(row.get("environments")), goal.environments))
    if goal.description is not None and not is_same_text(goal.description, row.get("description")):
        changes.append(Change("description", row.get("description"), goal.description))
    if goal.payment_type == "Pre" and goal.instance_id != row.get("instance_id"):
        changes.append(Change("instance_id", row.get("instance_id"), goal.instance_id))
    return changes


def _check_fixed_fields(goal: QueueGoal, row: Queue) -> None:
    for option in ("queue_category", "payment_type", "preheat"):
        declared, stored = getattr(goal, option), row.get(option)
        if declared is not None and stored is not None and not is_same_word(str(declared), stored):
            raise ClusterError(
                f"{option}: queue {goal.name} has {stored!r}, and the service cannot change it to {declared!r}",
                "CannotChange",
                hint=f"declare another queue with {option} {declared!r}, move what uses this one, and delete it",
            )


# Planning


def plan_step(goal: QueueGoal, row: Queue | None, force: bool) -> QueueStep:
    """Return the step for one queue. Raises ClusterError, ParameterError."""
    if goal.state == "absent":
        return QueueStep(goal, row, "delete" if row else None, [Change("state", "present", "absent")] if row else [])
    if row is None:
        if goal.cu is None:
            raise ParameterError([f"resource_spec.cu: queue {goal.name} does not exist, and its size is required"])
        return QueueStep(goal, None, "create", [Change("state", "absent", "present", "the queue does not exist")])
    changes = differences(goal, row)
    if force and not changes:
        changes = [Change("force", None, None, "force is true")]
    if changes and goal.cu is None and not sizes(row)[0]:
        raise ParameterError(
            [f"resource_spec.cu: is required to edit queue {goal.name}, because reads do not show its size"],
            hint=f"declare the size that the queue has: reads show a maximum of {sizes(row)[2]} CU",
        )
    return QueueStep(goal, row, "edit" if changes else None, changes)


def plan_steps(goals: t.Iterable[QueueGoal], rows: t.Mapping[str, Queue], force: bool) -> list[QueueStep]:
    """Return the steps in a feasible order: the ones that free capacity come first."""
    steps = [plan_step(goal, rows.get(goal.name), force) for goal in goals]
    return sorted(steps, key=lambda step: step.growth)


def check_sum(
    steps: t.Iterable[QueueStep], rows: t.Mapping[str, Queue], workspace: Workspace, future: int | None = None
) -> None:
    """Raise ClusterError if all queues together would have more CU than their workspace, or than ``future`` CU.

    ``root_queue`` counts unless it is as large as the workspace: then it is only another name for the workspace.
    """
    size = parse_cu_or_none(workspace.get("resource_spec"))
    limit = size if future is None else future
    before: dict[str, Queue | None] = dict(rows)
    after = {**before, **{step.goal.name: step.after for step in steps}}
    if limit is None or size is None:
        return
    had, has = (
        {name: sizes(row)[1] for name, row in each.items() if row is not None and not _is_whole(name, row, size)}
        for each in (before, after)
    )
    total = sum(has.values())
    # Queues that are too large already may stay so, unless the workspace is to shrink.
    if total > limit and (limit < size or total > sum(had.values())):
        parts = ", ".join(f"{name} {cu}" for name, cu in sorted(has.items()))
        verb = "has" if future is None else "is to have"
        raise ClusterError(
            f"the queues would have {total} CU ({parts}), and the workspace {verb} {limit}",
            "WorkspaceTooSmall",
            hint="shrink other queues in the same task, or raise resource_spec.cu of the workspace first",
        )


def _is_whole(name: str, row: Queue, size: int) -> bool:
    return name == ROOT_QUEUE and sizes(row)[2] >= size


def check_guardrails(params: Params, steps: t.Iterable[QueueStep]) -> None:
    """Raise ClusterError if ``max_cu`` or ``protected`` rejects a plan."""
    steps = list(steps)
    harmed = [
        f"{step.action} {step.goal.name}"
        for step in steps
        if step.action == "delete" or sizes(step.after)[2] < sizes(step.row)[2]
    ]
    if params.get("protected") and harmed:
        raise guardrail_error(
            f"protected: the queues must not be deleted or shrunk, and this plan would {', '.join(harmed)}"
        )
    had, has = sum(sizes(step.row)[2] for step in steps), sum(sizes(step.after)[2] for step in steps)
    most = params.get("max_cu")
    if most is not None and has > most and has > had:
        raise guardrail_error(f"max_cu: the queues would have up to {has} CU, and at most {most:g} are allowed")


def predict(goal: QueueGoal, row: Queue | None) -> Queue | None:
    """Return a queue after its step, by the fields of ListWorkspaceQueues."""
    if goal.state == "absent":
        return None
    new = {"queue_name": goal.name, "queue_status": "RUNNING", "payment_type": "PayAsYouGo"}
    declared = {option: value for option, value in goal._asdict().items() if option in _READABLE and value is not None}
    after: Row = {**(row or new), **declared}
    if goal.cu is not None:
        least, most = sizes(row)[0], goal.cu if goal.max_cu is None else goal.max_cu
        after["max_resource"] = _resources(most)
        after["min_resource"] = _resources(goal.cu if least or goal.payment_type == "Pre" else 0)
        after["declared_cu"] = goal.cu
    return pick(Queue, after)


def _resources(cu: int) -> Row:
    return {"cpu": str(cu), "memory": f"{cu * 4}Gi"}


# Bodies


def _is_prepaid(row: Queue | None) -> bool:
    return row is not None and is_same_word("Pre", row.get("payment_type"))


def size_body(goal: QueueGoal, row: Queue | None) -> QueueSize:
    """Return ``resourceSpec``: always complete, since the documentation does not say if an edit patches or replaces."""
    if goal.cu is None:
        least, _declared, most = sizes(row)
        size = QueueSize(cu=least, maxCu=most)
    else:
        size = QueueSize(cu=goal.cu, maxCu=goal.cu if goal.max_cu is None else goal.max_cu)
    if goal.gpu is not None:
        size["gpu"] = goal.gpu
    stored = row.get("gpu_machine_num") if row else None
    machines = stored if goal.gpu_machine_num is None else goal.gpu_machine_num
    if machines is not None and (_is_prepaid(row) or goal.payment_type == "Pre"):
        size["gpuMachineNum"] = machines
    return size


def create_body(goal: QueueGoal, workspace_id: str) -> CreateQueue:
    """Return the body of CreateWorkspaceQueue."""
    body = CreateQueue(
        workspaceId=workspace_id,
        workspaceQueueName=goal.name,
        resourceSpec=size_body(goal, None),
        queueCategory=goal.queue_category or "CPU",
        paymentType=goal.payment_type or "PayAsYouGo",
    )
    if goal.gpu_spec is not None:
        body["gpuSpec"] = goal.gpu_spec
    if goal.instance_id is not None:
        body["instanceId"] = goal.instance_id
    if goal.description is not None:
        body["description"] = goal.description
    if goal.preheat is not None:
        body["preheat"] = goal.preheat
    return body


def edit_body(goal: QueueGoal, row: Queue, workspace_id: str) -> EditQueue:
    """Return the body of EditWorkspaceQueue: observed values, overlaid with declared ones."""
    body = EditQueue(workspaceId=workspace_id, workspaceQueueName=goal.name, resourceSpec=size_body(goal, row))
    stored = str(row.get("description") or "")
    if goal.description or stored:
        body["description"] = stored if goal.description is None else goal.description
    environments = texts_to_send(goal.environments, row.get("environments"))
    if environments is not None:
        body["environments"] = environments
    gpu_spec = texts_to_send(goal.gpu_spec, row.get("gpu_spec"))
    if gpu_spec is not None:
        body["gpuSpec"] = gpu_spec
    if _is_prepaid(row):
        body["instanceId"] = goal.instance_id or str(row.get("instance_id"))
    return body
