# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Faults on demand: which kinds there are, their parameters, and the queue that decides which one a request meets."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from .model import Json

# Modifiers play together with each other and with one outcome; they change how a request is handled.
MODIFIERS: dict[str, Json] = {
    "skew": {"seconds": 3600.0},
    "slow": {"seconds": 1.0, "when": "before"},
    "stale_list": {"seconds": None},
    "hide_new": {"seconds": None, "lists": None},
    "twin": {"when": "before"},
    "drip": {"seconds": 0.05, "bytes": 16},
    "other_actor": {"act": "delete", "when": "before"},
}

# What `other_actor` can do; see the module of that name.
ACTS = ("delete", "stop", "start", "break", "upgrade", "describe", "rename", "resize", "create")

# Outcomes replace the answer; `effect` says whether the operation is carried out all the same.
OUTCOMES: dict[str, Json] = {
    "throttle": {"hint": "none", "value": 100, "status": 400, "code": "Throttling.User", "effect": False},
    "error": {"status": 400, "code": "OperationDenied", "message": "refused by a fault", "effect": False},
    "http_500": {"effect": False},
    "html_502": {"effect": False},
    "unavailable_503": {"effect": False},
    "cut_before": {"effect": False},
    "cut_after": {"effect": True},
    "cut_during": {"effect": True},
    "after_effect_error": {"status": 500, "code": "InternalError", "message": "internal error", "effect": True},
    "empty_body": {"status": 200, "effect": True},
    "broken_json": {"status": 200, "effect": True},
    "inner_code": {"code": "1000004", "message": "refused by a fault", "effect": False, "empty_list": False},
    "missing_code": {"status": 400, "message": "something is not right", "effect": False},
    "wrong_types": {"effect": True},
    "unknown_fields": {"effect": True},
    "unknown_state": {"state": "Upgrading", "effect": True},
    "expired_token": {"effect": False},
    "signature_echo": {"effect": False},
    "huge_body": {"bytes": 10_000_000, "effect": True},
    "deep_json": {"depth": 100_000, "effect": True},
    "redirect": {"url": "http://127.0.0.1:9/elsewhere", "status": 302, "effect": False},
}

KINDS = {**MODIFIERS, **OUTCOMES}
HINTS = ("none", "x-acs-retry-after", "x-ratelimit-user-api", "retry-after")
_ONLY_FOR = {"stale_list": "ListRayCluster", "hide_new": "ListRayCluster", "twin": "CreateRayCluster"}
_LASTING = ("skew", "hide_new")


@dataclass
class Fault:
    """One queued fault: it skips `after` matching requests, then meets the next `times` (None: all until removed).

    With `lasts` it is removed after so many seconds. With `in_state` it meets only requests for a cluster in that
    state.
    """

    kind: str
    operation: str
    times: int | None
    after: int
    params: Json
    lasts: float | None = None
    in_state: str | None = None
    fired: int = 0
    since: float = 0.0
    memory: Json = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        kind: str,
        operation: str = "*",
        times: Any = "default",
        after: Any = 0,
        lasts: float | None = None,
        in_state: str | None = None,
        **params: Any,
    ) -> Fault:
        """Build and check a fault; raises ValueError naming what is wrong. With `lasts`, `times` is None by default."""
        if kind not in KINDS:
            raise ValueError(f"unknown fault {kind!r}; known: {', '.join(sorted(KINDS))}")
        unknown = sorted(set(params) - set(KINDS[kind]))
        if unknown:
            raise ValueError(f"fault {kind} does not know {', '.join(unknown)}; it takes {', '.join(KINDS[kind])}")
        if times == "default":
            lasting = (
                lasts is not None or kind in _LASTING or (kind == "stale_list" and params.get("seconds") is not None)
            )
            times = None if lasting else 1
        if not _count(after) or not (times is None or _count(times)):
            raise ValueError("times and after are whole numbers, not negative (times may be null: without end)")
        values = {**KINDS[kind], **params}
        _check(kind, {**values, "lasts": lasts})
        if operation == "*":
            operation = _ONLY_FOR.get(kind, "*")
        return cls(kind, operation, times, after, values, lasts, in_state)

    @property
    def spent(self) -> bool:
        """True when it has met all the requests it was meant for."""
        return self.times is not None and self.fired >= self.times

    def as_dict(self) -> Json:
        """Return the fault as plain JSON data."""
        base: Json = {"kind": self.kind, "operation": self.operation, "times": self.times, "after": self.after}
        base |= {"lasts": self.lasts, "in_state": self.in_state}
        return {**base, "fired": self.fired, **self.params}


def _count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _check(kind: str, values: Mapping[str, Any]) -> None:
    if kind == "throttle" and values["hint"] not in HINTS:
        raise ValueError(f"hint is one of {', '.join(HINTS)}")
    if "when" in values and values["when"] not in ("before", "after"):
        raise ValueError("when is before or after")
    if kind == "other_actor" and values["act"] not in ACTS:
        raise ValueError(f"act is one of {', '.join(ACTS)}")
    for name in ("seconds", "bytes", "depth", "lists", "status", "lasts"):
        value = values.get(name)
        if value is not None and (isinstance(value, bool) or not isinstance(value, (int, float))):
            raise ValueError(f"{name} is a number")
    if kind != "skew" and (values.get("seconds") or 0) < 0:
        raise ValueError("seconds must not be negative")


class Faults:
    """The queue. Every matching fault counts a request for its own `after`; of those ready, all modifiers play, and
    the first outcome."""

    def __init__(self) -> None:
        self.queue: list[Fault] = []

    def add(self, fault: Fault, now: float) -> Fault:
        """Queue a fault at time `now` (seconds)."""
        fault.since = now
        self.queue.append(fault)
        return fault

    def clear(self) -> None:
        """Drop all faults."""
        self.queue.clear()

    def take(
        self, operation: str, now: float, *, signed: bool = True, state: Callable[[], str] = str
    ) -> tuple[dict[str, Fault], Fault | None]:
        """Return what a request of `operation` meets: the modifiers by kind, and the outcome or None.

        The outcome is not counted as fired yet: a request with a bad signature never gets that far. What is not
        `signed` (a log file, a cluster's own endpoint) meets only the faults that name it. `state` gives the state of
        the request's cluster.
        """
        self.queue = [fault for fault in self.queue if not fault.spent and not _over(fault, now)]
        modifiers: dict[str, Fault] = {}
        outcome: Fault | None = None
        for fault in self.queue:
            if fault.operation != operation and not (signed and fault.operation == "*"):
                continue
            if fault.in_state is not None and fault.in_state != state():
                continue
            if fault.after > 0:
                fault.after -= 1
            elif fault.kind in MODIFIERS:
                if fault.kind not in modifiers:
                    modifiers[fault.kind] = fault
                    fault.fired += 1
            elif outcome is None:
                outcome = fault
        return modifiers, outcome


def _over(fault: Fault, now: float) -> bool:
    """Return whether a fault's time is over."""
    seconds = fault.params.get("seconds")
    if fault.lasts is not None and now - fault.since > fault.lasts:
        return True
    return fault.kind == "stale_list" and seconds is not None and now - fault.since > seconds
