# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""Run emr_ray_job: read the goal, find the job, make a plan, then show or apply it."""

from __future__ import annotations

import contextlib
import dataclasses

from .._api.error_kinds import is_access_denied
from .._api.session import ApiSession
from .._cluster.client import ClusterClient
from .._errors import ApiError, Failure, JobError, ParameterError
from .._task.context import (
    BUILDS_ON_CREATE,
    KNOWN_AFTER_CREATE,
    Result,
    TaskContext,
    TaskFailed,
    builds_on_create,
    open_session,
)
from .._task.failures import task_failure
from .._task.waiting import heartbeat
from .backends import ABSENT, NOT_RUNNING, find_cluster_id, open_backend
from .fields import FINAL_STATUSES, UNSUCCESSFUL_STATUSES, Job
from .goal import read_job_goal
from .plan import (
    CANCEL,
    SUBMIT,
    JobGoal,
    JobPlan,
    JobProgress,
    build_job_plan,
    get_attempt_number,
    get_last_attempt_number,
    needs_wait,
    next_action,
    predict_job,
    raise_if_unsuccessful,
)
from .result import clean_log_line, register_secrets, to_diff, to_result
from .service_backend import JobBackend
from .waiter import JobWaiter


def run_job(task: TaskContext) -> Result:
    """Submit, wait for, or cancel one job, or report the changes in check mode.

    Returns ``changed``, ``submission_id``, ``job``, ``actions``, and ``diff``. Raises TaskFailed.
    """
    progress = JobProgress()
    register_secrets(dict(task.params), task.secrets)
    try:
        if builds_on_create(task, "cluster_id", "submission_id"):
            return _check_later_job(task)
        goal = read_job_goal(task)
        with open_session(task) as session:
            return task.secrets.redact(_run(task, goal, session, progress))
    except Failure as failure:
        raise _build_failure(task, failure, progress) from None


def _check_later_job(task: TaskContext) -> Result:
    """Return the result in check mode for a cluster or job that an earlier task would create; options are checked."""
    pending = {key: "known-after-create" for key, value in task.params.items() if value == KNOWN_AFTER_CREATE}
    goal = read_job_goal(task.for_cluster({**task.params, **pending}, task.warn))
    name = goal.spec.get("name") or task.params.get("job_key") or "job"
    nothing: Result = {"job": None, "actions": [], "diff": {"before": "", "after": ""}}
    return {
        "changed": True,
        "msg": f"{name}: {BUILDS_ON_CREATE}",
        "submission_id": KNOWN_AFTER_CREATE,
        **nothing,
    }


def _run(task: TaskContext, goal: JobGoal, session: ApiSession, progress: JobProgress) -> Result:
    with contextlib.ExitStack() as stack:
        try:
            backend = stack.enter_context(open_backend(task, session, goal.state == "finished"))
            goal, observed = _find_job(task, goal, session, backend, progress)
        except JobError as error:
            # An earlier task of the playbook may start the cluster.
            if not task.check_mode or error.code != NOT_RUNNING or goal.submission_id:
                raise
            task.warn(f"This is only a prediction: {error}, and a real run would fail.")
            return _build_result(goal, build_job_plan(goal, None))
        planned = build_job_plan(goal, observed)
        if not task.check_mode:
            planned = _apply(task, goal, backend, observed, progress)
        else:
            _check_cluster(task, session, planned)
            raise_if_unsuccessful(goal, planned.after, planned.actions)
        result = _build_result(goal, planned, progress)
        if task.check_mode and SUBMIT in planned.actions:
            result["submission_id"] = KNOWN_AFTER_CREATE
        return result


def _check_cluster(task: TaskContext, session: ApiSession, planned: JobPlan) -> None:
    """Raise JobError if a job would be submitted to a cluster that does not exist, as the submission would."""
    cluster_id = task.params.get("cluster_id")
    if not cluster_id or SUBMIT not in planned.actions or task.params.get("via") == "cluster":
        return
    try:
        found = ClusterClient(session).get_cluster(cluster_id)
    except ApiError as error:
        if not is_access_denied(error):
            raise
        task.warn(f"The cluster {cluster_id} could not be read, so it is unknown whether it exists: {error}")
        return
    if found is None:
        raise JobError(f"there is no cluster {cluster_id}", ABSENT)


def _find_job(
    task: TaskContext, goal: JobGoal, session: ApiSession, way: JobBackend, progress: JobProgress
) -> tuple[JobGoal, Job | None]:
    """Return the observed job, and the goal with its cluster resolved."""
    observed = None
    if goal.submission_id:
        observed = way.read(goal.submission_id)
        if observed is None:
            raise JobError("no job has this ID", "JobNotFound", hint="emr_ray_job_info lists the IDs of jobs")
    elif goal.key.is_user_key:
        observed = way.find_by_key(goal.key, str(goal.spec.get("name") or ""))
    if observed is not None:
        register_secrets(observed, task.secrets)
        progress.job = observed
    cluster_name = task.params.get("cluster_name") if task.params.get("via") != "cluster" else None
    if cluster_name and SUBMIT in build_job_plan(goal, observed).actions:
        goal = dataclasses.replace(goal, spec={**goal.spec, "cluster_id": find_cluster_id(session, cluster_name)})
    return goal, observed


def _apply(task: TaskContext, goal: JobGoal, way: JobBackend, observed: Job | None, progress: JobProgress) -> JobPlan:
    """Apply the plan, operation by operation, and wait if the task asks for it."""

    def on_read(job: Job) -> None:
        register_secrets(job, task.secrets)
        progress.job = job
        way.on_job_read(job)

    waiter = JobWaiter(
        read=way.read,
        on_read=on_read,
        clock=task.clock,
        timeout=float(task.params.get("wait_timeout", 3600)),
        interval=float(task.params.get("wait_interval", 5)),
        on_progress=task.progress,
        is_cancelled=goal.state == "cancelled",
    )
    waiter.deadline()
    job, last = observed, get_last_attempt_number(goal, observed)
    while True:
        action = next_action(goal, job, last, progress.done)
        if action == SUBMIT:
            job = _submit(task, goal, way, job, waiter, progress)
        elif action == CANCEL and job is not None:
            job = _cancel(way, job, progress)
        elif needs_wait(goal, job) and job is not None:
            progress.current_operation = "wait for"
            with heartbeat(task):
                job = waiter.wait_until_finished(job)
        else:
            break
    _finish(task, goal, way, job, progress)
    return JobPlan(progress.done, observed, job)


def _submit(
    task: TaskContext, goal: JobGoal, way: JobBackend, before: Job | None, waiter: JobWaiter, progress: JobProgress
) -> Job:
    progress.current_operation = "submit"
    if before is not None and progress.done:
        task.warn(
            f"Attempt {get_attempt_number(goal, before)} failed ({before['submission_id']}), "
            "so the job is submitted again."
        )
    expected = predict_job(goal, SUBMIT, before)
    attempt = get_attempt_number(goal, before) + 1
    submitted = way.submit(goal.spec, goal.key, attempt, waiter.deadline())
    progress.done.append(SUBMIT)
    progress.adopted = submitted.adoption_reason or progress.adopted
    job: Job = {**expected, "submission_id": submitted.resource_id}
    progress.job = job
    way.verify_unique(submitted.resource_id)
    progress.current_operation = "read"
    return waiter.wait_until_readable(job)


def _cancel(way: JobBackend, job: Job, progress: JobProgress) -> Job:
    progress.current_operation = "cancel"
    ended = way.cancel(job)
    if ended is not None:
        progress.job = ended
        return ended
    progress.done.append(CANCEL)
    return job


def _finish(task: TaskContext, goal: JobGoal, way: JobBackend, job: Job | None, progress: JobProgress) -> None:
    """Get the end of the log if it is useful, and fail if the job failed. Raises JobError."""
    status = job.get("status") if job else None
    via_cluster = task.params.get("via") == "cluster"
    lines = int(task.params.get("log_lines") or 0)
    useful = FINAL_STATUSES if via_cluster else UNSUCCESSFUL_STATUSES
    if job and goal.state == "finished" and lines and status in useful:
        try:
            tail = way.read_log_tail(job, lines)
            progress.log_tail = None if tail is None else [clean_log_line(line, task.secrets) for line in tail]
        except Failure as failure:
            task.warn(f"The log of the job could not be read: {failure}")
    if goal.state == "submitted" and status in UNSUCCESSFUL_STATUSES and not progress.done and goal.key.is_user_key:
        task.warn(f"The job with this key is {status}, and is not submitted again because resubmit is 'never'.")
    if goal.state == "cancelled" and job is None:
        name_suffix = f" called {goal.spec['name']!r}" if goal.spec.get("name") else ""
        task.warn(f"No job{name_suffix} has this key, so no job was canceled.")
    progress.current_operation = "finish"
    raise_if_unsuccessful(goal, job, progress.done, bool(progress.log_tail))


def _build_result(goal: JobGoal, planned: JobPlan, progress: JobProgress | None = None) -> Result:
    job = planned.after or planned.before or {}
    result: Result = {
        "changed": bool(planned.actions),
        "submission_id": job.get("submission_id") or goal.submission_id,
        "job": to_result(planned.after) if planned.after else None,
        "actions": list(planned.actions),
        "diff": {"before": to_diff(planned.before), "after": to_diff(planned.after)},
    }
    return {**result, **_build_extra_keys(progress)}


def _build_extra_keys(progress: JobProgress | None) -> Result:
    extras: Result = {}
    if progress and progress.adopted:
        extras["adopted"] = progress.adopted
    if progress and progress.log_tail is not None:
        extras["driver_log_tail"] = progress.log_tail
    return extras


def _build_failure(task: TaskContext, failure: Failure, progress: JobProgress) -> TaskFailed:
    job = progress.job or {}
    register_secrets(job, task.secrets)
    known_result: Result = {
        "changed": bool(progress.done),
        "actions": list(progress.done),
        "submission_id": job.get("submission_id") or task.params.get("submission_id"),
        "job": to_result(job) if job else None,
        **_build_extra_keys(progress),
    }
    name = job.get("name") or task.params.get("name") or task.params.get("job_key")
    if isinstance(failure, ParameterError) and not job:
        return task_failure(
            task, f"The options of the Ray job{f' {name!r}' if name else ''} cannot be used", failure, known_result
        )
    label = [
        f" {name!r}" if name else "",
        f" ({known_result['submission_id']})" if known_result["submission_id"] else "",
    ]
    return task_failure(
        task, f"Could not {progress.current_operation} the Ray job{''.join(label)}", failure, known_result
    )
