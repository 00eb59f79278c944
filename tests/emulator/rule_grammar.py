# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules with a small grammar: refusals of operations, names of states, and lists of fields."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from . import cluster_spec as wire
from .model import STATES
from .routes import OPERATIONS

_REFUSAL = re.compile(
    r"(?P<operation>\w+)(?:@(?P<state>\w+))?[ :]+(?P<status>[1-5]\d\d)(?P<code> [\w.]+?)?(?P<done> done)?"
)
TOP, HEAD, WORKER = "", "headSpec.", "workerSpec."
_RUN_FIELDS = ("state", "message", "modified", "createTime", "modifiedTime", "startTime", "creatorName", "instances")


@dataclass(frozen=True)
class Refusal:
    """One operation is answered with an error, in one state or in any; with `done` it is carried out all the same."""

    operation: str
    state: str
    status: int
    code: str
    done: bool

    def fits(self, operation: str, state: str) -> bool:
        """Return whether it meets a request for a cluster in this state ("": no cluster)."""
        return operation == self.operation and self.state in ("", state)


def check_refusals(text: str) -> str:
    """Return refusals in their canonical spelling; raises ValueError naming the one that is wrong."""
    result = []
    for refusal in refusals(text):
        where = f"@{refusal.state}" if refusal.state else ""
        code, done = f" {refusal.code}" if refusal.code else "", " done" if refusal.done else ""
        result.append(f"{refusal.operation}{where} {refusal.status}{code}{done}")
    return "; ".join(result)


@lru_cache(maxsize=256)
def refusals(text: str) -> tuple[Refusal, ...]:
    """Read `OPERATION[@STATE] STATUS [CODE] [done]`, joined with `;`; raises ValueError."""
    found = []
    for part in (" ".join(part.split()) for part in text.split(";")):
        if not part:
            continue
        match = _REFUSAL.fullmatch(part)
        if match is None or match["operation"] not in OPERATIONS:
            raise ValueError(f"expected OPERATION[@STATE] STATUS [CODE] [done], not {part!r}")
        code = (match["code"] or "").strip()
        done = bool(match["done"]) or code == "done"
        found.append(
            Refusal(
                match["operation"], match["state"] or "", int(match["status"]), "" if code == "done" else code, done
            )
        )
    return tuple(found)


def check_state_names(text: str) -> str:
    """Return names of states in their canonical spelling; raises ValueError."""
    return ",".join(f"{state}={name}" for state, name in state_names(text).items())


@lru_cache(maxsize=256)
def state_names(text: str) -> dict[str, str]:
    """Read `Starting=Initializing,Running=Active`; raises ValueError."""
    result: dict[str, str] = {}
    for part in (part.strip() for part in text.split(",")):
        state, sign, name = part.partition("=")
        if part and (not sign or state not in STATES):
            raise ValueError(f"expected STATE=NAME with one of {', '.join(STATES)}, not {part!r}")
        if part:
            result[state] = name
    return result


def check_fields(text: str) -> str:
    """Return a list of fields in its canonical spelling; raises ValueError naming an unknown field."""
    return ",".join(field_list(text))


@lru_cache(maxsize=256)
def field_list(text: str) -> tuple[str, ...]:
    """Read `description,headSpec.env,workerSpec.queueName`; raises ValueError."""
    known = {*wire.TOP_FIELDS, *_RUN_FIELDS}
    known |= {HEAD + key for key in wire.HEAD_FIELDS} | {WORKER + key for key in wire.WORKER_FIELDS}
    result = tuple(part.strip() for part in text.split(",") if part.strip())
    for part in result:
        if part not in known:
            raise ValueError(f"unknown field {part!r}; known: {', '.join(sorted(known))}")
    return result
