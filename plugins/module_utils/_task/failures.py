# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""Report the failure of a task as the user sees it."""

from __future__ import annotations

import os
import traceback

from .._errors import Failure
from .context import Result, TaskContext, TaskFailed

BUG_MESSAGE = "This is a bug in rayops.alicloud. Please report it"


def task_failure(task: TaskContext, doing: str, failure: Failure, known: Result) -> TaskFailed:
    """Return the failure of a task as the user sees it: the operation, its object, and the reason."""
    told = task.secrets.redact_text
    error = {key: told(value) if isinstance(value, str) else value for key, value in failure.details().items()}
    msg = join_hint(f"{told(doing)}: {error['message']}", error["hint"])
    return TaskFailed({"msg": msg, "error": error, **task.secrets.redact(known)}, failure)


def join_hint(text: str, hint: str | None) -> str:
    """Return a text with its hint as a second sentence. A text of the service may end with a full stop of its own."""
    if not hint:
        return text
    sentence = text.rstrip(". ")
    return f"{sentence}{'' if sentence.endswith(('!', '?', '。')) else '.'} Hint: {hint}"


def bug_failure(task: TaskContext, error: Exception) -> TaskFailed:
    """Return the failure of a task for an unexpected exception."""
    return task_failure(task, BUG_MESSAGE, internal_error(error), {"changed": False})


def internal_error(error: Exception) -> Failure:
    """Return the failure for an unexpected exception: its type, and its position in which files."""
    frames = traceback.extract_tb(error.__traceback__)[-4:]
    where = " < ".join(f"{_below_plugins(frame.filename)}:{frame.lineno}" for frame in reversed(frames))
    bug = Failure(f"{type(error).__name__} at {where}: {error}")
    bug.code = "Bug"
    return bug


def _below_plugins(path: str) -> str:
    """Return the path below plugins/ of one of our files, the base name of any other."""
    _head, found, rest = path.replace(os.sep, "/").rpartition("/alicloud/plugins/")
    return rest if found else os.path.basename(path)
