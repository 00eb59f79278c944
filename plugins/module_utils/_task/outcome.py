# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""Keep the end of a task: its result, or its failure."""

from __future__ import annotations

import contextlib
import typing as t
from dataclasses import dataclass, field

from .context import Result, TaskContext, TaskFailed


@dataclass
class Outcome:
    """The end of a task: its result, or its failure."""

    result: Result = field(default_factory=dict)
    failure: TaskFailed | None = None


@contextlib.contextmanager
def catch_failure(task: TaskContext) -> t.Iterator[Outcome]:
    """Keep the failure of a task, or of a bug of ours, and leave no active exception.

    Ansible would print the traceback of an active exception, which may contain secrets.
    """
    outcome = Outcome()
    try:
        yield outcome
    except TaskFailed as failure:
        outcome.failure = failure
    except Exception as error:  # noqa: BLE001 - a bug of ours
        from .failures import bug_failure

        outcome.failure = bug_failure(task, error)
