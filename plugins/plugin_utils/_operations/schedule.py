# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Decide which clusters to start and which to stop by a schedule. Pure."""

from __future__ import annotations

import re
import typing as t
from datetime import datetime

from ...module_utils._name_pattern import compile_name_pattern
from .._native import Record, Row
from .blue_green import is_retired
from .office_hours import HoursError, OfficeHours, check_hours, read_hours


class ScheduleGroup(t.NamedTuple):
    """Clusters that keep the same hours."""

    name: str
    patterns: list[re.Pattern[str]]
    exclude: list[re.Pattern[str]]
    hours: OfficeHours


def read_group(number: int, group: Row, defaults: Row) -> ScheduleGroup:
    """Return a declared group, completed from the defaults. Raises HoursError that names it."""
    name = str(group.get("name") or f"groups[{number}]")
    options: Record = {key: defaults.get(key) for key in ("timezone", "hours", "holidays", "exceptions")}
    options.update({key: group[key] for key in options if group.get(key) is not None})
    missing = [what for what, value in (("hours", options["hours"]), ("patterns", group.get("patterns"))) if not value]
    if missing:
        raise HoursError(f"{name}: no {' and no '.join(missing)} are declared")
    try:
        hours = read_hours(
            str(options["timezone"] or "UTC"), options["hours"], options["holidays"] or [], options["exceptions"] or {}
        )
        return ScheduleGroup(
            name, compile_patterns(group["patterns"]), compile_patterns(group.get("exclude") or []), hours
        )
    except HoursError as error:
        raise HoursError(f"{name}: {error}") from None


def compile_patterns(texts: t.Iterable[object]) -> list[re.Pattern[str]]:
    """Return a matcher for names: shell patterns, or regular expressions with a leading tilde. Raises HoursError."""
    try:
        return [compile_name_pattern(str(text)) for text in ([texts] if isinstance(texts, str) else texts)]
    except re.error as error:
        raise HoursError(f"a pattern is not a regular expression: {error}") from None


def plan_schedule(rows: t.Iterable[Row], groups: list[ScheduleGroup], now: datetime) -> list[Record]:
    """Return the state of each cluster, by the first group that has it; clusters of no group are left out.

    The state of a generation that blue/green has retired is ``retired``: nothing starts or stops it.
    """
    verdicts = {id(group): check_hours(group.hours, now) for group in groups}
    planned = []
    for row in rows:
        name = str(row.get("name") or "")
        for group in groups:
            if _matches_any(group.patterns, name) and not _matches_any(group.exclude, name):
                verdict = verdicts[id(group)]
                state = "started" if verdict["open"] else "stopped"
                known = {"cluster_id": row["cluster_id"], "name": name, "group": group.name, "state": state}
                why = {"reason": verdict["reason"], "until": verdict["until"]}
                if is_retired(row):
                    why = {"state": "retired", "reason": "blue/green has retired this generation", "until": None}
                planned.append({**known, **why})
                break
    return planned


def _matches_any(found: t.Iterable[re.Pattern[str]], name: str) -> bool:
    return any(pattern.match(name) for pattern in found)
