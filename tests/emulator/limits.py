# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every signed request meets: a flow control (token bucket) and a fixed latency."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from .faults import HINTS, Fault
from .model import Json


@dataclass
class Limits:
    """`requests_per_second` 0 means no limit, `burst` 0 as many as one second allows; `latency` is in seconds."""

    requests_per_second: float = 0.0
    burst: float = 0.0
    latency: float = 0.0
    throttle_hint: str = "none"
    throttle_status: int = 400

    def set(self, values: Mapping[str, Any]) -> None:
        """Change the named limits, all or none; raises ValueError naming the bad one."""
        known = {field.name: field.type for field in fields(self)}
        checked: Json = {}
        for name, value in values.items():
            if name not in known:
                raise ValueError(f"unknown limit {name!r}; known: {', '.join(known)}")
            if name == "throttle_hint":
                if value not in HINTS:
                    raise ValueError(f"throttle_hint is one of {', '.join(HINTS)}")
                checked[name] = value
                continue
            try:
                number = float(value)
            except (TypeError, ValueError):
                raise ValueError(f"limit {name} takes a number, not {value!r}") from None
            if not 0 <= number < 1e9:
                raise ValueError(f"limit {name} must not be negative")
            checked[name] = int(number) if known[name] == "int" else number
        for name, value in checked.items():
            setattr(self, name, value)

    def as_dict(self) -> Json:
        """Return all limits as plain JSON data."""
        return asdict(self)


class FlowControl:
    """The token bucket behind the limits; `ticks` is a monotonic time in seconds."""

    def __init__(self, limits: Limits, ticks: Callable[[], float]) -> None:
        self._limits = limits
        self._ticks = ticks
        self.forget()

    def forget(self) -> None:
        """Fill the bucket."""
        self._used = 0.0
        self._last = self._ticks()

    def check(self) -> Fault | None:
        """Count one request; return the throttling that answers it where it is one too many."""
        limits, now = self._limits, self._ticks()
        if not limits.requests_per_second:
            return None
        capacity = limits.burst or max(1.0, limits.requests_per_second)
        self._used = max(0.0, self._used - (now - self._last) * limits.requests_per_second)
        self._last = now
        if self._used + 1 <= capacity:
            self._used += 1
            return None
        wait = (self._used + 1 - capacity) / limits.requests_per_second
        value = math.ceil(wait) if limits.throttle_hint == "retry-after" else math.ceil(wait * 1000)
        return Fault.of("throttle", hint=limits.throttle_hint, value=value, status=limits.throttle_status)
