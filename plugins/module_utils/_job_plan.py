# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""What is to be done about a job, decided from the goal and the job as it is. Pure. Private to this collection."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

from ansible_collections.rayops.alicloud.plugins.module_utils._errors import JobError
from ansible_collections.rayops.alicloud.plugins.module_utils._job_fields import (
    CANCELLED,
    CANCELLING,
    FAILED,
    OVER,
    SUBMITTED,
    SUCCEEDED,
    TIMEOUT,
    UNSUCCESSFUL,
    Job,
    Key,
)
from ansible_collections.rayops.alicloud.plugins.module_utils._job_spec import with_marks

SUBMIT, CANCEL = "submit", "cancel"


@dataclass(frozen=True)
class JobGoal:
    """What a task wants of a job. ``submission_id`` names an existing one; without it ``key`` says which one it is."""

    state: str
    spec: dict[str, t.Any]
    key: Key
    submission_id: str | None = None
    retries: int = 0
    resubmit: bool = False


@dataclass(frozen=True)
class JobPlan:
    """The operations that lead to the goal, and the job before and after; ``after`` is what a check can know."""

    actions: list[str]
    before: Job | None
    after: Job | None


@dataclass
class JobProgress:
    """How far a task has come; what a failure tells."""

    job: Job | None = None
    done: list[str] = field(default_factory=list)
    doing: str = "read"
    adopted: str | None = None
    tail: list[str] | None = None


def attempt_of(goal: JobGoal, job: Job | None) -> int:
    """Return which attempt a job is, 0 for none."""
    return (goal.key.attempt_of(job) or 1) if job else 0


def last_attempt(goal: JobGoal, first: Job | None) -> int:
    """Return the number of the last attempt that a task may make, from the job that it found.

    A task that was interrupted between attempts goes on with those that are left. With ``resubmit`` a job that failed
    for good gets as many attempts as a new one.
    """
    attempts = 1 + goal.retries
    if goal.submission_id or goal.state == "cancelled":
        return 0
    if first is None:
        return attempts
    made = attempt_of(goal, first)
    left = goal.retries and first.get("status") == FAILED and made < attempts
    if first.get("status") in UNSUCCESSFUL and goal.resubmit and not left:
        return made + attempts
    return max(attempts, made)


def next_action(goal: JobGoal, job: Job | None, last: int, done: t.Sequence[str]) -> str | None:
    """Return the operation to do next, None when the rest is waiting or nothing.

    ``last`` is what :func:`last_attempt` said of the first look, ``done`` the operations of this task so far.
    """
    status = job.get("status") if job else None
    if goal.state == "cancelled":
        return None if job is None or status in (*OVER, CANCELLING) or CANCEL in done else CANCEL
    if job is None:
        return None if goal.submission_id else SUBMIT
    if status not in UNSUCCESSFUL or attempt_of(goal, job) >= last:
        return None
    # A failure is tried again; whoever set a deadline or cancelled the job meant it, unless a new run says otherwise.
    return SUBMIT if status == FAILED or (goal.resubmit and not done) else None


def waits(goal: JobGoal, job: Job | None) -> bool:
    """Tell whether a job is to be waited for."""
    return job is not None and goal.state in ("finished", "cancelled") and job.get("status") not in OVER


def predict(goal: JobGoal, action: str, job: Job | None) -> Job:
    """Return what an operation makes of a job, as far as can be known."""
    if action == CANCEL:
        return {**(job or {}), "status": CANCELLED}
    return {**with_marks(goal.spec, goal.key, attempt_of(goal, job) + 1), "status": SUBMITTED}


def plan(goal: JobGoal, observed: Job | None) -> JobPlan:
    """Return what a task would do, taking every job that runs for one that succeeds."""
    job, actions, last = observed, list[str](), last_attempt(goal, observed)
    while True:
        action = next_action(goal, job, last, actions)
        if action:
            actions.append(action)
            job = predict(goal, action, job)
        elif waits(goal, job):
            job = {**(job or {}), "status": CANCELLED if goal.state == "cancelled" else SUCCEEDED}
        else:
            return JobPlan(actions, observed, job)


def check_end(goal: JobGoal, job: Job | None, done: t.Sequence[str]) -> None:
    """Raise JobError when the job of a task that wants it to succeed did not."""
    status = job.get("status") if job else None
    if goal.state != "finished" or status not in UNSUCCESSFUL:
        return
    words = {FAILED: "failed", TIMEOUT: "was ended by the service for taking too long", CANCELLED: "was cancelled"}
    attempt = attempt_of(goal, job)
    # Ray appends the end of the log.
    said = str((job or {}).get("message") or "").strip().split("\n", 1)[0].split(", last available logs")[0]
    text = f"the job {words[str(status)]}" + (f" in attempt {attempt}" if attempt > 1 else "")
    if SUBMIT in done:
        hint = "see driver_log_tail"
        again = ", and run again with another job_key or with resubmit=if_failed" if goal.key.own else ""
        hint += again
    elif goal.submission_id:
        hint = "this job is over: submit another one"
    else:
        text += " in an earlier run"
        hint = "to run it again, give another job_key, or set resubmit=if_failed"
    code = {FAILED: "JobFailed", TIMEOUT: "JobTimeout", CANCELLED: "JobCancelled"}[str(status)]
    raise JobError(f"{text}: {said}" if said else text, code, hint=hint)
