# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""Find the jobs that fill a queue, and if this user may submit to it."""

from __future__ import annotations

import typing as t

from .._api.session import ApiSession
from .._errors import Failure
from .client import WorkspaceApi
from .fields import Queue
from .result import queue_to_result, top_jobs_to_result

# Seconds for one read: an explanation that takes longer is not worth it.
READ_TIMEOUT = 10.0
# A queue with less than this part left is called full.
FULL_PART = 0.1
MAX_NAMED_JOBS = 3
# The names of actions are not documented. One of these words in a name counts as permission to submit.
_SUBMIT_WORDS = ("submit", "use", "run", "job", "task")


class QueueUsage(t.NamedTuple):
    """A queue: whether it is full, whether this user may submit (None: not said), and both in words."""

    name: str
    is_full: bool
    may_submit: bool | None
    text: str


def read_queue_usage(api: WorkspaceApi, workspace_id: str, row: Queue) -> QueueUsage:
    """Return the usage of a queue and, if it is full, its jobs. ``row`` is one of ListWorkspaceQueues.

    Never raises a Failure: the text says what could not be read.
    """
    queue = queue_to_result(row)
    name = str(queue["queue_name"])
    parts, is_full = [], False
    for unit, key in (("cores", "cpu"), ("GiB", "memory_gib")):
        used, most = ((queue[field] or {}).get(key) for field in ("used_resource", "max_resource"))
        if used is not None and most is not None:
            parts.append(f"{used} of {most} {unit}")
            is_full = is_full or used >= most * (1 - FULL_PART)
    text = f"queue {name} has {' and '.join(parts)} in use" if parts else f"queue {name} does not report its use"
    if is_full:
        text += f", {_read_top_jobs(api, workspace_id, name)}"
    actions = queue["allow_actions"]
    may_submit = any(word in action.casefold() for action in actions for word in _SUBMIT_WORDS) if actions else None
    if may_submit is False:
        text += f"; this user may {', '.join(actions)}, and not submit to it"
    return QueueUsage(name, is_full, may_submit, text)


def _read_top_jobs(api: WorkspaceApi, workspace_id: str, name: str) -> str:
    try:
        top = top_jobs_to_result(api.list_top_jobs(workspace_id, name))
    except Failure as failure:
        return f"and its jobs could not be read: {failure}"
    if not top["jobs"]:
        return "and the service names no job that uses it"
    jobs = [f"{job['job_id']} ({job['job_type']}, {job['cu']} CU)" for job in top["jobs"][:MAX_NAMED_JOBS]]
    more = (top["total_job_count"] or 0) - len(jobs)
    return f"most of it by {', '.join(jobs)}" + (f" and {more} more" if more > 0 else "")


def explain_queues(session: ApiSession, names: t.Iterable[str]) -> str:
    """Return who fills these queues of the session's workspace, empty text if nothing can be said."""
    api = WorkspaceApi(session, budget=READ_TIMEOUT)
    try:
        rows = api.list_queues(session.workspace_id).rows
    except Failure:
        return ""
    wanted = set(names)
    found = [row for row in rows if row["queue_name"] in wanted]
    return "; ".join(read_queue_usage(api, session.workspace_id, row).text for row in found)
