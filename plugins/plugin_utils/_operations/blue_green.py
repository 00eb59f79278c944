# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Decide which run may replace a cluster: its successor is the lock on the replacement. Pure.

A generation of a cluster is called NAME-g7-1a2b3c4d: its number, and the run that creates it. Its description says
until when that run holds the lock. Names of two runs never conflict, so that each run creates its own successor. The
run whose successor is first, by the time of the service, has the lock.
"""

from __future__ import annotations

import hashlib
import re
import typing as t
from datetime import datetime, timedelta

from .._native import Record, Row
from .office_hours import HoursError, read_datetime

CREATE, CONTINUE, COMPARE, BUSY, YIELD = "create", "continue", "compare", "busy", "yield"
MAX_BASE_LENGTH = 48
_DESCRIPTION_MARKER = re.compile(r"\s*\[blue-green ([^\]]*)\]")
_MARKER_WORD = re.compile(r"[A-Za-z0-9._:@/+-]{1,64}")


class DeploymentError(ValueError):
    """A deployment without a valid decision; the text says why."""


class Generation(t.NamedTuple):
    """A cluster that is a generation of the name, or the name itself, which is generation 0."""

    row: Row
    number: int
    tag: str
    lease_until: datetime | None
    marker: dict[str, str]

    @property
    def sort_key(self) -> tuple[int, int, str]:
        """Return the sort key for precedence; the service reports when each one was created."""
        return self.number, int(self.row.get("create_time") or 0), str(self.row["cluster_id"])

    def has_lease(self, now: datetime) -> bool:
        """Return whether its run still has the right to continue."""
        return self.lease_until is not None and self.lease_until > now


def holder_tag(holder: str) -> str:
    """Return the part of a name that identifies the creator of the cluster."""
    return hashlib.sha256(holder.encode()).hexdigest()[:8]


def mark_description(text: str, words: Row) -> str:
    """Return a description with a mark of these words."""
    mark = " ".join(f"{key}={value}" if value is not True else key for key, value in words.items() if value)
    return f"{_DESCRIPTION_MARKER.sub('', text).strip()} [blue-green {mark}]".strip()


def check_marker_word(what: str, word: str) -> str:
    """Return a word that fits into a mark. Raises DeploymentError."""
    if not _MARKER_WORD.fullmatch(word):
        raise DeploymentError(f"{what} must be 1 to 64 letters, digits, and the characters . _ : @ / + -, not {word!r}")
    return word


def read_generations(rows: t.Iterable[Row], base: str) -> list[Generation]:
    """Return the clusters with a name, in the order of their generations. Raises DeploymentError for equal names."""
    generations = []
    generation = re.compile(rf"{re.escape(base)}-g(\d{{1,6}})-([0-9a-f]{{8}})")
    for row in rows:
        name = str(row.get("name") or "")
        match = generation.fullmatch(name)
        if match or name == base:
            words = _read_marker(row.get("description"))
            number, tag = (int(match[1]), match[2]) if match else (0, "")
            generations.append(Generation(row, number, tag, _read_lease_end(words) if match else None, words))
    if sum(member.number == 0 for member in generations) > 1:
        raise DeploymentError(f"several clusters have the name {base!r}")
    return sorted(generations, key=lambda member: member.sort_key)


def is_retired(row: Row) -> bool:
    """Return whether a later generation has replaced a cluster, which is kept for a rollback only."""
    return "retired" in _read_marker(row.get("description"))


def _read_marker(description: object) -> dict[str, str]:
    match = _DESCRIPTION_MARKER.search(str(description or ""))
    pairs = [word.partition("=") for word in match[1].split()] if match else []
    return {key: value for key, sign, value in pairs}


def _read_lease_end(words: dict[str, str]) -> datetime | None:
    try:
        return read_datetime(words["until"])
    except (KeyError, HoursError):
        return None


def plan_deployment(rows: t.Iterable[Row], base: str, holder: str, now: datetime, lease: timedelta) -> Record:
    """Return the action, with the clusters that it concerns. Raises DeploymentError.

    ``action`` is ``create`` (a successor), ``continue`` (with the existing one), or ``compare`` (the declaration with
    the only one). It is ``busy`` if another run has the lock, and ``yield`` if this run's successor came second and
    must be deleted.
    """
    if not 0 < len(base) <= MAX_BASE_LENGTH:
        raise DeploymentError(
            f"the name must have 1 to {MAX_BASE_LENGTH} characters, because generations append a suffix to it"
        )
    tag = holder_tag(check_marker_word("the holder", holder))
    everyone = read_generations(rows, base)
    live = [member for member in everyone if "retired" not in member.marker]
    # The newest: a holder that never changes has created the active one, too.
    mine = next((member for member in reversed(live) if member.tag == tag), None)
    active = live[0] if live else None
    successors = live[1:]
    is_up = active is not None and active.row.get("state") == "Running"
    # While the old cluster runs, an abandoned successor can be deleted. Afterwards it is the only one left.
    stale = [member for member in successors if is_up and not member.has_lease(now)]
    successors = [member for member in successors if member not in stale]
    generation = max((member.number for member in everyone), default=0) + 1
    action, why, successor = _choose_action(mine if mine not in stale else None, active, successors, now)
    return {
        "action": action,
        "why": why,
        "active": active.row if active else None,
        "successor": successor.row if successor else None,
        "mine": mine.row["cluster_id"] if mine and mine not in stale else None,
        "revision": successor.marker.get("rev", "") if successor else "",
        "stale": [member.row["cluster_id"] for member in stale],
        "retired": [member.row["cluster_id"] for member in everyone if "retired" in member.marker],
        "generation": generation,
        "name": f"{base}-g{generation}-{tag}",
        "until": (now + lease).strftime("%Y-%m-%dT%H:%M:%SZ"),
    }


def _choose_action(
    mine: Generation | None, active: Generation | None, rest: list[Generation], now: datetime
) -> tuple[str, str, Generation | None]:
    """Return the action, why it is impossible, and the cluster that is to become the active one."""
    if active is None:
        return CREATE, "", None
    others = [member for member in [active, *rest] if member.has_lease(now) and member is not mine]
    if mine:
        rivals = [member for member in others if member.number == mine.number and member.sort_key < mine.sort_key]
        if rivals:
            return YIELD, _format_lock_reason(rivals[0]), mine
        # It was created after a generation that follows its own: this run read the list before, and came too late.
        before = [member for member in [active, *rest] if member.number > mine.number and _is_older(member, mine)]
        if before:
            return YIELD, _format_lock_reason(before[0]), mine
        later = [member for member in others if member.number > mine.number]
        if later:
            return BUSY, _format_lock_reason(later[0]), None
        return (COMPARE if mine is active else CONTINUE), "", mine
    # The lock of the active one has ended: it has been made the active one, or no cluster existed before it.
    held = [member for member in others if member is not active]
    if held:
        return BUSY, _format_lock_reason(held[0]), None
    return (CONTINUE, "", rest[-1]) if rest else (COMPARE, "", active)


def _is_older(member: Generation, than: Generation) -> bool:
    """Return whether a cluster was certainly created before another one."""
    made, after = member.row.get("create_time"), than.row.get("create_time")
    return isinstance(made, int) and isinstance(after, int) and made < after


def _format_lock_reason(member: Generation) -> str:
    holder, until = member.marker.get("holder", "unknown"), member.marker.get("until")
    return (
        f"another run has the lock: its successor is {member.row['cluster_id']} ({member.row.get('name')}), its holder "
        f"{holder!r}, until {until}. If that run no longer exists, continue in its place with the same holder, or wait "
        "until then"
    )
