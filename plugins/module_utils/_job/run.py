# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""What emr_ray_job does, for whichever mouth asks: goal, look-up, plan, and then show it or apply it.

Private to this collection.
"""

from __future__ import annotations

import contextlib
import dataclasses
import typing as t

from .._api.session import Caller
from .._errors import Failure, JobError, ParameterError
from .._task.context import Result, Task, TaskFailed, failed, open_caller
from .backends import ABSENT, NOT_RUNNING, open_way, resolve_cluster
from .fields import OVER, UNSUCCESSFUL, Job
from .goal import read_goal
from .plan import (
    CANCEL,
    SUBMIT,
    JobGoal,
    JobPlan,
    JobProgress,
    attempt_of,
    check_end,
    last_attempt,
    next_action,
    plan,
    predict,
    waits,
)
from .result import declared_view, learn_secrets, log_line, view
from .service_backend import Way
from .waiter import JobWaiter


def run_job(task: Task) -> Result:
    """Submit, wait for or cancel one job, or in check mode tell what that would do.

    Returns ``changed``, ``submission_id``, ``job``, ``actions`` and ``diff``. Raises TaskFailed.
    """
    progress = JobProgress()
    learn_secrets(dict(task.params), task.secrets)
    try:
        goal = read_goal(task)
        with open_caller(task) as caller:
            return t.cast(Result, task.secrets.scrub(_run(task, goal, caller, progress)))
    except Failure as failure:
        raise _failed(task, failure, progress) from None


def _run(task: Task, goal: JobGoal, caller: Caller, progress: JobProgress) -> Result:
    with contextlib.ExitStack() as stack:
        try:
            way = stack.enter_context(open_way(task, caller, goal.state == "finished"))
            goal, observed = _look(task, goal, caller, way, progress)
        except JobError as error:
            # What a check of a whole playbook finds is not yet what its earlier tasks will have made of it.
            if not task.check_mode or error.code not in (ABSENT, NOT_RUNNING) or goal.submission_id:
                raise
            task.warn(f"This is a guess: {error}, and a real run would fail.")
            return _result(goal, plan(goal, None))
        planned = plan(goal, observed)
        if not task.check_mode:
            planned = _apply(task, goal, way, observed, progress)
        else:
            check_end(goal, planned.after, planned.actions)
        return _result(goal, planned, progress)


def _look(task: Task, goal: JobGoal, caller: Caller, way: Way, progress: JobProgress) -> tuple[JobGoal, Job | None]:
    """Return the job as it is, and the goal with the cluster that it names found."""
    observed = None
    if goal.submission_id:
        observed = way.read(goal.submission_id)
        if observed is None:
            raise JobError("there is no job with this id", "JobNotFound", hint="job ids are listed by emr_ray_job_info")
    elif goal.key.own:
        observed = way.find(goal.key, str(goal.spec.get("name") or ""))
    if observed is not None:
        learn_secrets(observed, task.secrets)
        progress.job = observed
    named = task.params.get("cluster_name") if task.params.get("via") != "cluster" else None
    if named and SUBMIT in plan(goal, observed).actions:
        goal = dataclasses.replace(goal, spec={**goal.spec, "cluster_id": resolve_cluster(caller, named)})
    return goal, observed


def _apply(task: Task, goal: JobGoal, way: Way, observed: Job | None, progress: JobProgress) -> JobPlan:
    """Do what is to be done, operation by operation, and wait where that is wanted."""

    def seen(job: Job) -> None:
        learn_secrets(job, task.secrets)
        progress.job = job
        way.seen(job)

    waiter = JobWaiter(
        read=way.read,
        seen=seen,
        clock=task.clock,
        timeout=float(task.params.get("wait_timeout", 3600)),
        interval=float(task.params.get("wait_interval", 5)),
        tell=task.tell,
    )
    waiter.ends()
    job, last = observed, last_attempt(goal, observed)
    while True:
        action = next_action(goal, job, last, progress.done)
        if action == SUBMIT:
            job = _submit(task, goal, way, job, waiter, progress)
        elif action == CANCEL and job is not None:
            job = _cancel(way, job, progress)
        elif waits(goal, job) and job is not None:
            progress.doing = "wait for"
            job = waiter.until_over(job, cancelled=goal.state == "cancelled")
        else:
            break
    _end(task, goal, way, job, progress)
    return JobPlan(progress.done, observed, job)


def _submit(task: Task, goal: JobGoal, way: Way, before: Job | None, waiter: JobWaiter, progress: JobProgress) -> Job:
    progress.doing = "submit"
    if before is not None and progress.done:
        task.warn(
            f"Attempt {attempt_of(goal, before)} failed ({before['submission_id']}), so the job is submitted again."
        )
    expected = predict(goal, SUBMIT, before)
    attempt = attempt_of(goal, before) + 1
    submitted = way.submit(goal.spec, goal.key, attempt, waiter.ends())
    progress.done.append(SUBMIT)
    progress.adopted = submitted.adopted or progress.adopted
    job = {**expected, "submission_id": submitted.made_id}
    progress.job = job
    way.confirm(submitted.made_id)
    progress.doing = "read"
    return waiter.until_shown(job)


def _cancel(way: Way, job: Job, progress: JobProgress) -> Job:
    progress.doing = "cancel"
    ended = way.cancel(job)
    if ended is not None:
        progress.job = ended
        return ended
    progress.done.append(CANCEL)
    return job


def _end(task: Task, goal: JobGoal, way: Way, job: Job | None, progress: JobProgress) -> None:
    """Get the end of the log where it is of use, and fail when the job did. Raises JobError."""
    status = job.get("status") if job else None
    direct = task.params.get("via") == "cluster"
    lines = int(task.params.get("log_lines") or 0)
    if job and goal.state == "finished" and lines and (status in UNSUCCESSFUL or (direct and status in OVER)):
        try:
            tail = way.tail(job, lines)
            progress.tail = None if tail is None else [log_line(line, task.secrets) for line in tail]
        except Failure as failure:
            task.warn(f"The log of the job could not be read: {failure}")
    if goal.state == "submitted" and status in UNSUCCESSFUL and not progress.done and goal.key.own:
        task.warn(f"The job with this key is {status}, and is not submitted again: resubmit is 'never'.")
    if goal.state == "cancelled" and job is None:
        named = f" called {goal.spec['name']!r}" if goal.spec.get("name") else ""
        task.warn(f"No job{named} has this key, so there was nothing to cancel.")
    progress.doing = "finish"
    check_end(goal, job, progress.done, bool(progress.tail))


def _result(goal: JobGoal, planned: JobPlan, progress: JobProgress | None = None) -> Result:
    known = planned.after or planned.before or {}
    result: Result = {
        "changed": bool(planned.actions),
        "submission_id": known.get("submission_id") or goal.submission_id,
        "job": view(planned.after) if planned.after else None,
        "actions": list(planned.actions),
        "diff": {"before": declared_view(planned.before), "after": declared_view(planned.after)},
    }
    return {**result, **_extras(progress)}


def _extras(progress: JobProgress | None) -> Result:
    extras: Result = {}
    if progress and progress.adopted:
        extras["adopted"] = progress.adopted
    if progress and progress.tail is not None:
        extras["driver_log_tail"] = progress.tail
    return extras


def _failed(task: Task, failure: Failure, progress: JobProgress) -> TaskFailed:
    job = progress.job or {}
    learn_secrets(job, task.secrets)
    known: Result = {
        "changed": bool(progress.done),
        "actions": list(progress.done),
        "submission_id": job.get("submission_id") or task.params.get("submission_id"),
        "job": view(job) if job else None,
        **_extras(progress),
    }
    name = job.get("name") or task.params.get("name") or task.params.get("job_key")
    if isinstance(failure, ParameterError) and not job:
        return failed(task, f"The options of the Ray job{f' {name!r}' if name else ''} cannot be used", failure, known)
    label = [f" {name!r}" if name else "", f" ({known['submission_id']})" if known["submission_id"] else ""]
    return failed(task, f"Could not {progress.doing} the Ray job{''.join(label)}", failure, known)
