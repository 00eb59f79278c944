# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which clusters a schedule wants started and which stopped. Pure. Private to this collection."""

from __future__ import annotations

import re
import typing as t
from datetime import datetime

from ...module_utils._name_pattern import matcher
from .blue_green import is_retired
from .office_hours import Hours, HoursError, decide, read_hours

Row = t.Mapping[str, t.Any]


class Group(t.NamedTuple):
    """Clusters that keep the same hours."""

    name: str
    patterns: list[re.Pattern[str]]
    exclude: list[re.Pattern[str]]
    hours: Hours


def read_group(number: int, group: Row, defaults: Row) -> Group:
    """Return a declared group, what it does not say taken from the defaults. Raises HoursError that names it."""
    name = str(group.get("name") or f"groups[{number}]")
    given: dict[str, t.Any] = {key: defaults.get(key) for key in ("timezone", "hours", "holidays", "exceptions")}
    given.update({key: group[key] for key in given if group.get(key) is not None})
    missing = [what for what, value in (("hours", given["hours"]), ("patterns", group.get("patterns"))) if not value]
    if missing:
        raise HoursError(f"{name}: no {' and no '.join(missing)} are declared")
    try:
        hours = read_hours(
            str(given["timezone"] or "UTC"), given["hours"], given["holidays"] or [], given["exceptions"] or {}
        )
        return Group(name, patterns(group["patterns"]), patterns(group.get("exclude") or []), hours)
    except HoursError as error:
        raise HoursError(f"{name}: {error}") from None


def patterns(texts: t.Iterable[t.Any]) -> list[re.Pattern[str]]:
    """Return what matches names: shell patterns, or regular expressions with a leading tilde. Raises HoursError."""
    try:
        return [matcher(str(text)) for text in ([texts] if isinstance(texts, str) else texts)]
    except re.error as error:
        raise HoursError(f"a pattern is no regular expression: {error}") from None


def plan(rows: t.Iterable[Row], groups: list[Group], now: datetime) -> list[dict[str, t.Any]]:
    """Return the state of each cluster, by the first group that has it; clusters of no group are left out.

    The state of a generation that blue/green has retired is ``retired``: nothing starts or stops it.
    """
    verdicts = {id(group): decide(group.hours, now) for group in groups}
    planned = []
    for row in rows:
        name = str(row.get("name") or "")
        for group in groups:
            if _fits(group.patterns, name) and not _fits(group.exclude, name):
                verdict = verdicts[id(group)]
                state = "started" if verdict["open"] else "stopped"
                known = {"cluster_id": row["cluster_id"], "name": name, "group": group.name, "state": state}
                why = {"reason": verdict["reason"], "until": verdict["until"]}
                if is_retired(row):
                    why = {"state": "retired", "reason": "blue/green has retired this generation", "until": None}
                planned.append({**known, **why})
                break
    return planned


def _fits(found: t.Iterable[re.Pattern[str]], name: str) -> bool:
    return any(pattern.match(name) for pattern in found)
