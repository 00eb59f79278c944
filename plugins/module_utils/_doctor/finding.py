# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""What the doctor tells of one thing that was looked at. Private to this collection."""

from __future__ import annotations

import typing as t

# A problem keeps tasks from working, a warning does not; unknown is what was not or cannot be found out.
OK, WARNING, PROBLEM, UNKNOWN = "ok", "warning", "problem", "unknown"


class CheckResult(t.NamedTuple):
    """One thing that was looked at: how it is, in words, and the one thing to do next where there is one."""

    check: str
    status: str
    told: str
    next_step: str | None = None
