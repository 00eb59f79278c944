# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The switches for everything nobody outside knows about the service, and the time its movements take."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from .platform_rules import PLATFORM_CHOICES, PlatformRules

CHOICES: dict[str, tuple[str, ...]] = {
    "created": ("stopped", "starting"),
    "update": ("patch", "replace", "clear"),
    "update_while_running": ("allowed", "refused"),
    "update_while_moving": ("refused", "allowed"),
    "delete_while_running": ("refused", "allowed"),
    "delete_takes": ("now", "time"),
    "unique_names": ("false", "true"),
    "worker_extra_param": ("hidden", "returned"),
    "redis_password": ("hidden", "clear", "masked"),
    "nulls": ("omitted", "null"),
    "defaults": ("none", "filled"),
    "start_when_running": ("error", "noop"),
    "stop_when_stopped": ("error", "noop"),
    "start_from_error": ("allowed", "refused"),
    "stop_from_error": ("allowed", "refused"),
    "sizes": ("as_sent", "normalised", "bare"),
    "worker_order": ("as_sent", "reversed", "sorted"),
    "env_newline": ("as_sent", "trailing"),
    "list_order": ("newest", "oldest"),
    "error_style": ("camel", "pascal"),
    "modified_flag": ("on_content", "on_any_update", "never"),
    "job_on_idle_cluster": ("refused", "waits"),
    "cancel_finished": ("unsuccessful", "refused"),
    "job_duration": ("seconds", "milliseconds"),
    "log_errors": ("code", "status"),
    "oss_bad_range": ("whole", "refused"),
}


def _positive(name: str, value: object) -> int:
    try:
        number = int(str(value))
    except ValueError:
        raise ValueError(f"rule {name} takes a whole number, not {value!r}") from None
    if number < 1:
        raise ValueError(f"rule {name} must be at least 1")
    return number


@dataclass
class Rules(PlatformRules):
    """One field per unknown; the first of its CHOICES is the default. The page guide_emulator says what each means."""

    created: str = "stopped"
    update: str = "patch"
    update_while_running: str = "allowed"
    update_while_moving: str = "refused"
    delete_while_running: str = "refused"
    delete_takes: str = "now"
    unique_names: str = "false"
    worker_extra_param: str = "hidden"
    redis_password: str = "hidden"
    nulls: str = "omitted"
    defaults: str = "none"
    start_when_running: str = "error"
    stop_when_stopped: str = "error"
    start_from_error: str = "allowed"
    stop_from_error: str = "allowed"
    sizes: str = "as_sent"
    worker_order: str = "as_sent"
    env_newline: str = "as_sent"
    list_order: str = "newest"
    error_style: str = "camel"
    modified_flag: str = "on_content"
    job_on_idle_cluster: str = "refused"
    cancel_finished: str = "unsuccessful"
    job_duration: str = "seconds"
    log_errors: str = "code"
    oss_bad_range: str = "whole"
    deleted_code: str = "RayCluster.NotFound"
    deleted_status: int = 404
    unknown_job_code: str = "RayJob.NotFound"
    unknown_job_status: int = 404
    unknown_workspace_status: int = 404
    bad_token_status: int = 401
    log_error_code: str = "1000004"
    log_url_seconds: int = 3600
    max_page_size: int = 100

    def set(self, values: Mapping[str, Any]) -> None:
        """Change the named rules, all or none; raises ValueError naming the unknown rule or value."""
        checked = {name: self._check(name, value) for name, value in values.items()}
        for name, value in checked.items():
            setattr(self, name, value)

    def _check(self, name: str, value: Any) -> str | int:
        known = {field.name: field.type for field in fields(self)}
        if name not in known:
            raise ValueError(f"unknown rule {name!r}; known: {', '.join(known)}")
        choices = CHOICES.get(name) or PLATFORM_CHOICES.get(name)
        if choices:
            text = str(value).lower() if isinstance(value, bool) else str(value)
            if text not in choices:
                raise ValueError(f"rule {name} takes {' | '.join(choices)}, not {value!r}")
            return text
        if known[name] == "int":
            return _positive(name, value)
        return "" if value is None else str(value)

    def as_dict(self) -> dict[str, Any]:
        """Return all rules as plain JSON data."""
        return asdict(self)


@dataclass
class Timing:
    """Seconds (fractions allowed) that each movement takes; a change holds for movements that begin after it."""

    starting_seconds: float = 0.2
    stopping_seconds: float = 0.2
    deleting_seconds: float = 0.2
    job_submitted_seconds: float = 0.1
    job_pending_seconds: float = 0.2
    job_running_seconds: float = 0.2
    job_cancelling_seconds: float = 0.1
    workspace_starting_seconds: float = 0.2
    queue_editing_seconds: float = 0.2
    network_starting_seconds: float = 0.2

    def set(self, values: Mapping[str, Any]) -> None:
        """Change the named durations, all or none; raises ValueError naming the bad one."""
        known = {field.name for field in fields(self)}
        checked: dict[str, float] = {}
        for name, value in values.items():
            if name not in known:
                raise ValueError(f"unknown timing {name!r}; known: {', '.join(sorted(known))}")
            try:
                checked[name] = float(value)
            except (TypeError, ValueError):
                raise ValueError(f"timing {name} takes seconds, not {value!r}") from None
            if not 0 <= checked[name] < 1e9:
                raise ValueError(f"timing {name} must not be negative")
        for name, seconds in checked.items():
            setattr(self, name, seconds)

    def as_dict(self) -> dict[str, float]:
        """Return all durations as plain JSON data."""
        return asdict(self)


def pairs(items: list[str]) -> dict[str, str]:
    """Turn `["created=starting"]` from a command line into a mapping; raises ValueError for an item without `=`."""
    result: dict[str, str] = {}
    for item in items:
        name, sign, value = item.partition("=")
        if not sign:
            raise ValueError(f"expected NAME=VALUE, not {item!r}")
        result[name.strip().replace("-", "_")] = value.strip()
    return result
