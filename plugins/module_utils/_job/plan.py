# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""What is to be done about a job, decided from the goal and the job as it is. Pure. Private to this collection."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

from .._errors import JobError
from .fields import CANCELLED, CANCELLING, FAILED, OVER, SUBMITTED, SUCCEEDED, TIMEOUT, UNSUCCESSFUL, Job, Key
from .spec import with_marks

SUBMIT, CANCEL = "submit", "cancel"
AGAIN = "once that is mended, run again with another job_key or with resubmit=if_failed"
# Of the last line of a traceback so many characters are told.
LONGEST_REASON = 600


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


def reason_of(message: t.Any) -> str:
    """Return what a job's message says in one line, without the log and the traceback that Ray appends.

    The last line of a traceback stays: where Ray could not set a job up, it alone says why.
    """
    first, *rest = str(message or "").split(", last available logs", 1)[0].strip().split("\n")
    said = first.strip().removesuffix("Full traceback:").strip().rstrip(".")
    last = next((line.strip() for line in reversed(rest) if any(mark.isalpha() for mark in line)), "")
    if not any("Traceback" in line for line in rest) or last in said:
        return said
    return f"{said}: {last[:LONGEST_REASON]}"


def check_end(goal: JobGoal, job: Job | None, done: t.Sequence[str], tail: bool = False) -> None:
    """Raise JobError when the job of a task that wants it to succeed did not; ``tail`` says that its log is shown."""
    status = job.get("status") if job else None
    if goal.state != "finished" or status not in UNSUCCESSFUL:
        return
    words = {FAILED: "failed", TIMEOUT: "was ended by the service for taking too long", CANCELLED: "was cancelled"}
    attempt = attempt_of(goal, job)
    said = reason_of((job or {}).get("message"))
    text = f"the job {words[str(status)]}" + (f" in attempt {attempt}" if attempt > 1 else "")
    if SUBMIT in done:
        look = ["see driver_log_tail"] if tail else []
        hint = ", and ".join([*look, *([AGAIN] if goal.key.own else [])])
    elif goal.submission_id:
        hint = "this job is over: submit another one"
    else:
        text += " in an earlier run"
        hint = "to run it again, give another job_key, or set resubmit=if_failed"
    code = {FAILED: "JobFailed", TIMEOUT: "JobTimeout", CANCELLED: "JobCancelled"}[str(status)]
    raise JobError(f"{text}: {said}" if said else text, code, hint=hint or None)
