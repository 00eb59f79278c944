# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who may replace which cluster by which: the successor of a cluster is the lock on its replacement. Pure.

A generation of a cluster is called NAME-g7-1a2b3c4d: its number, and who makes it. Its description says until when that
run has the right to go on. Names of two runs never meet, so each creates its own, and who was first by the time of the
service has the lock. Private to this collection.
"""

from __future__ import annotations

import hashlib
import re
import typing as t
from datetime import datetime, timedelta

from .office_hours import HoursError, read_moment

Row = t.Mapping[str, t.Any]
Json = dict[str, t.Any]

CREATE, CONTINUE, COMPARE, BUSY, YIELD = "create", "continue", "compare", "busy", "yield"
LONGEST_BASE = 48
_MARK = re.compile(r"\s*\[blue-green ([^\]]*)\]")
_WORD = re.compile(r"[A-Za-z0-9._:@/+-]{1,64}")


class DeploymentError(ValueError):
    """A deployment that cannot be decided on; the text says why."""


class Member(t.NamedTuple):
    """A cluster that is a generation of the name, or the name itself, which is generation 0."""

    row: Row
    generation: int
    tag: str
    until: datetime | None
    words: dict[str, str]

    @property
    def rank(self) -> tuple[int, int, str]:
        """Which comes first; the service says when each was created."""
        return self.generation, int(self.row.get("create_time") or 0), str(self.row["cluster_id"])

    def held(self, now: datetime) -> bool:
        """Tell whether its run still has the right to go on."""
        return self.until is not None and self.until > now


def tag_of(holder: str) -> str:
    """Return what a name says of who made the cluster."""
    return hashlib.sha256(holder.encode()).hexdigest()[:8]


def describe(text: str, words: Row) -> str:
    """Return a description with a mark of these words."""
    mark = " ".join(f"{key}={value}" if value is not True else key for key, value in words.items() if value)
    return f"{_MARK.sub('', text).strip()} [blue-green {mark}]".strip()


def check_word(what: str, word: str) -> str:
    """Return a word that a mark can hold. Raises DeploymentError."""
    if not _WORD.fullmatch(word):
        raise DeploymentError(f"{what} must be 1 to 64 letters, digits and any of . _ : @ / + -, not {word!r}")
    return word


def members_of(rows: t.Iterable[Row], base: str) -> list[Member]:
    """Return the clusters of a name, in the order of their generations. Raises DeploymentError for twins."""
    found = []
    generation = re.compile(rf"{re.escape(base)}-g(\d{{1,6}})-([0-9a-f]{{8}})")
    for row in rows:
        name = str(row.get("name") or "")
        match = generation.fullmatch(name)
        if match or name == base:
            words = _words(row.get("description"))
            number, tag = (int(match[1]), match[2]) if match else (0, "")
            found.append(Member(row, number, tag, _until(words) if match else None, words))
    if sum(member.generation == 0 for member in found) > 1:
        raise DeploymentError(f"several clusters are called {base!r}")
    return sorted(found, key=lambda member: member.rank)


def is_retired(row: Row) -> bool:
    """Return whether a later generation has replaced a cluster, which is kept for a rollback only."""
    return "retired" in _words(row.get("description"))


def _words(description: t.Any) -> dict[str, str]:
    match = _MARK.search(str(description or ""))
    pairs = [word.partition("=") for word in match[1].split()] if match else []
    return {key: value for key, sign, value in pairs}


def _until(words: dict[str, str]) -> datetime | None:
    try:
        return read_moment(words["until"])
    except (KeyError, HoursError):
        return None


def decide(rows: t.Iterable[Row], base: str, holder: str, now: datetime, lease: timedelta) -> Json:
    """Return what is to be done, with the clusters that it is about. Raises DeploymentError.

    ``action``: ``create`` a successor; ``continue`` with the one that is there; ``compare`` what is declared with the
    only one; ``busy``: another run has the lock; ``yield``: this run's successor came second and has to go.
    """
    if not 0 < len(base) <= LONGEST_BASE:
        raise DeploymentError(
            f"the name must have 1 to {LONGEST_BASE} characters, so that generations of it have a name"
        )
    tag = tag_of(check_word("the holder", holder))
    everyone = members_of(rows, base)
    live = [member for member in everyone if "retired" not in member.words]
    # The newest: who always has the same holder has made the active one, too.
    mine = next((member for member in reversed(live) if member.tag == tag), None)
    active = live[0] if live else None
    rest = live[1:]
    is_up = active is not None and active.row.get("state") == "Running"
    # While the old one runs nobody misses a successor whose run is gone. Afterwards it is what is left.
    stale = [member for member in rest if is_up and not member.held(now)]
    rest = [member for member in rest if member not in stale]
    generation = max((member.generation for member in everyone), default=0) + 1
    action, why, successor = _act(mine if mine not in stale else None, active, rest, now)
    return {
        "action": action,
        "why": why,
        "active": active.row if active else None,
        "successor": successor.row if successor else None,
        "mine": mine.row["cluster_id"] if mine and mine not in stale else None,
        "revision": successor.words.get("rev", "") if successor else "",
        "stale": [member.row["cluster_id"] for member in stale],
        "retired": [member.row["cluster_id"] for member in everyone if "retired" in member.words],
        "generation": generation,
        "name": f"{base}-g{generation}-{tag}",
        "until": (now + lease).strftime("%Y-%m-%dT%H:%M:%SZ"),
    }


def _act(
    mine: Member | None, active: Member | None, rest: list[Member], now: datetime
) -> tuple[str, str, Member | None]:
    """Return the action, why it is impossible, and the cluster that is to be the active one."""
    if active is None:
        return CREATE, "", None
    others = [member for member in [active, *rest] if member.held(now) and member is not mine]
    if mine:
        rivals = [member for member in others if member.generation == mine.generation and member.rank < mine.rank]
        if rivals:
            return YIELD, _held_by(rivals[0]), mine
        # It was made after a generation that follows its own: this run looked before, and came too late.
        before = [member for member in [active, *rest] if member.generation > mine.generation and _older(member, mine)]
        if before:
            return YIELD, _held_by(before[0]), mine
        later = [member for member in others if member.generation > mine.generation]
        if later:
            return BUSY, _held_by(later[0]), None
        return (COMPARE if mine is active else CONTINUE), "", mine
    # That of the active one is over: it has been made the active one, or there was none before it.
    held = [member for member in others if member is not active]
    if held:
        return BUSY, _held_by(held[0]), None
    return (CONTINUE, "", rest[-1]) if rest else (COMPARE, "", active)


def _older(member: Member, than: Member) -> bool:
    """Tell whether a cluster was certainly made before another one."""
    made, after = member.row.get("create_time"), than.row.get("create_time")
    return isinstance(made, int) and isinstance(after, int) and made < after


def _held_by(member: Member) -> str:
    holder, until = member.words.get("holder", "unknown"), member.words.get("until")
    return (
        f"another run has the lock: its successor is {member.row['cluster_id']} ({member.row.get('name')}), its holder "
        f"{holder!r}, until {until}. If that run is gone, go on for it with the same holder, or wait until then"
    )
