# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the emulator was asked and what it answered."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass
class Entry:
    """One request; `status` 0 means that the connection was cut, `code` is the error's, `faults` those that played.

    `time` is the clusters' time; `arrived` is a monotonic time in seconds, for rates. `peer` is the port of the client:
    two requests with the same one shared a connection.
    """

    operation: str
    method: str
    path: str
    query: dict[str, str]
    body: Any
    headers: dict[str, str]
    time: float
    signed_ok: bool = False
    status: int = 0
    code: str | None = None
    faults: list[str] = field(default_factory=list)
    peer: int = 0
    arrived: float = 0.0

    def as_dict(self) -> dict[str, Any]:
        """Return the entry as plain JSON data."""
        return asdict(self)


def peak_rate(entries: list[Entry], window: float = 1.0) -> int:
    """Return the greatest number of entries that arrived within any `window` seconds."""
    times = sorted(entry.arrived for entry in entries)
    peak = begin = 0
    for end, time in enumerate(times):
        while time - times[begin] >= window:
            begin += 1
        peak = max(peak, end - begin + 1)
    return peak


def writes(entries: list[Entry]) -> list[Entry]:
    """Return the entries that are not reads."""
    return [entry for entry in entries if entry.method != "GET"]


def operations(entries: list[Entry]) -> list[str]:
    """Return the names of the operations, in order."""
    return [entry.operation for entry in entries]
