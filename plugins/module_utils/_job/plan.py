# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""Plan the operations for a job from the goal and the observed job. Pure."""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass, field

from .._errors import JobError
from .._payload import pick
from .fields import (
    CANCELLED,
    CANCELLING,
    FAILED,
    FINAL_STATUSES,
    SUBMITTED,
    SUCCEEDED,
    TIMEOUT,
    UNSUCCESSFUL_STATUSES,
    Job,
    JobKey,
    JobSpec,
    tags_to_wire,
)
from .spec import with_key_metadata

SUBMIT, CANCEL = "submit", "cancel"
RETRY_HINT = "once that is fixed, run again with another job_key or with resubmit=if_failed"
# The maximum number of characters to report from the last line of a traceback.
MAX_REASON_LENGTH = 600
NAT_HINT = (
    "check that the job can reach its packages: with a network connection, all traffic goes through the VPC, so pip "
    "needs a NAT gateway with SNAT"
)


@dataclass(frozen=True)
class JobGoal:
    """The task's goal for a job. ``submission_id`` names an existing one; without it, ``key`` identifies the job."""

    state: str
    spec: JobSpec
    key: JobKey
    submission_id: str | None = None
    retries: int = 0
    resubmit: bool = False


@dataclass(frozen=True)
class JobPlan:
    """The operations that lead to the goal, and the job before and after; ``after`` is the prediction of a check."""

    actions: list[str]
    before: Job | None
    after: Job | None


@dataclass
class JobProgress:
    """The progress of a task, as a failure reports it."""

    job: Job | None = None
    done: list[str] = field(default_factory=list)
    current_operation: str = "read"
    adopted: str | None = None
    log_tail: list[str] | None = None


def get_attempt_number(goal: JobGoal, job: Job | None) -> int:
    """Return the attempt number of a job, 0 for None."""
    return (goal.key.get_attempt_number(job) or 1) if job else 0


def get_last_attempt_number(goal: JobGoal, first: Job | None) -> int:
    """Return the number of the last attempt that a task may make, from the job that it found.

    A task that was interrupted between attempts continues with the remaining ones. With ``resubmit``, a job that failed
    permanently gets as many attempts as a new one.
    """
    attempts = 1 + goal.retries
    if goal.submission_id or goal.state == "cancelled":
        return 0
    if first is None:
        return attempts
    current_attempt = get_attempt_number(goal, first)
    has_retries_left = goal.retries and first.get("status") == FAILED and current_attempt < attempts
    if first.get("status") in UNSUCCESSFUL_STATUSES and goal.resubmit and not has_retries_left:
        return current_attempt + attempts
    return max(attempts, current_attempt)


def next_action(goal: JobGoal, job: Job | None, last: int, done: t.Sequence[str]) -> str | None:
    """Return the next operation, or None if only a wait or no work remains.

    ``last`` is the result of :func:`last_attempt` for the first read; ``done`` holds the operations of this task so
    far.
    """
    status = job.get("status") if job else None
    if goal.state == "cancelled":
        return None if job is None or status in (*FINAL_STATUSES, CANCELLING) or CANCEL in done else CANCEL
    if job is None:
        return None if goal.submission_id else SUBMIT
    if status not in UNSUCCESSFUL_STATUSES or get_attempt_number(goal, job) >= last:
        return None
    # A failure is retried. A deadline or a cancellation was intended, unless a new run says otherwise.
    return SUBMIT if status == FAILED or (goal.resubmit and not done) else None


def needs_wait(goal: JobGoal, job: Job | None) -> bool:
    """Return whether to wait for a job."""
    return job is not None and goal.state in ("finished", "cancelled") and job.get("status") not in FINAL_STATUSES


def predict_job(goal: JobGoal, action: str, job: Job | None) -> Job:
    """Return the expected job after an operation, with the fields that are known."""
    if action == CANCEL:
        return _with_status(job, CANCELLED)
    spec = with_key_metadata(goal.spec, goal.key, get_attempt_number(goal, job) + 1)
    return _with_status(pick(Job, {**spec, "tags": tags_to_wire(spec.get("tags", {}))}), SUBMITTED)


def _with_status(job: Job | None, status: str) -> Job:
    base: Job = job or {}
    return {**base, "status": status}


def build_job_plan(goal: JobGoal, observed: Job | None) -> JobPlan:
    """Return the operations of a task, and assume that every running job succeeds."""
    job, actions, last = observed, list[str](), get_last_attempt_number(goal, observed)
    while True:
        action = next_action(goal, job, last, actions)
        if action:
            actions.append(action)
            job = predict_job(goal, action, job)
        elif needs_wait(goal, job):
            job = _with_status(job, CANCELLED if goal.state == "cancelled" else SUCCEEDED)
        else:
            return JobPlan(actions, observed, job)


def extract_reason(message: str | None) -> str:
    """Return a job's message in one line, without the log and the traceback that Ray appends.

    The last line of a traceback stays: if Ray could not set a job up, only this line names the reason.
    """
    first, *rest = str(message or "").split(", last available logs", 1)[0].strip().split("\n")
    summary = first.strip().removesuffix("Full traceback:").strip().rstrip(".")
    last_line = next((line.strip() for line in reversed(rest) if any(mark.isalpha() for mark in line)), "")
    if not any("Traceback" in line for line in rest) or last_line in summary:
        return summary
    return f"{summary}: {last_line[:MAX_REASON_LENGTH]}"


def _may_lack_internet(goal: JobGoal, job: Job | None, reason: str | None) -> bool:
    """Return whether a job may have failed because it installs packages and has no network access to them."""
    environment = (job or {}).get("runtime_env_json") or goal.spec.get("runtime_env_json")
    installs = re.search(r'"(pip|uv|conda)"\s*:', str(environment or ""))
    return bool(installs) and (not reason or bool(re.search(r"runtime.?env|pip|conda|\buv\b", reason, re.IGNORECASE)))


def raise_if_unsuccessful(goal: JobGoal, job: Job | None, done: t.Sequence[str], tail: bool = False) -> None:
    """Raise JobError if a job that must succeed did not; ``tail`` says that its log is shown."""
    status = job.get("status") if job else None
    if goal.state != "finished" or status not in UNSUCCESSFUL_STATUSES:
        return
    words = {FAILED: "failed", TIMEOUT: "was ended by the service for taking too long", CANCELLED: "was cancelled"}
    attempt = get_attempt_number(goal, job)
    reason = extract_reason(job.get("message") if job else None)
    text = f"the job {words[str(status)]}" + (f" in attempt {attempt}" if attempt > 1 else "")
    if SUBMIT in done:
        log_hints = ["read driver_log_tail"] if tail else []
        hint = ", and ".join([*log_hints, *([RETRY_HINT] if goal.key.is_user_key else [])])
    elif goal.submission_id:
        hint = "this job has ended: submit another one"
    else:
        text += " in an earlier run"
        hint = "to run it again, give another job_key, or set resubmit=if_failed"
    if _may_lack_internet(goal, job, reason):
        hint = f"{hint}, and {NAT_HINT}" if hint else NAT_HINT
    code = {FAILED: "JobFailed", TIMEOUT: "JobTimeout", CANCELLED: "JobCancelled"}[str(status)]
    raise JobError(f"{text}: {reason}" if reason else text, code, hint=hint or None)
