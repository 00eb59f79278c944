# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules: one switch for each thing that is not documented about the service. Timing: how long its movements take."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from .platform_rules import PlatformRules
from .rule_fields import checked, choice, number, text
from .strange_rules import StrangeRules


@dataclass
class Rules(PlatformRules, StrangeRules):
    """One field per unknown, with those of the two base classes. The page guide_emulator has the same table."""

    created: str = choice("stopped", "starting", about="state of a new cluster")
    update: str = choice(
        "patch", "replace", "clear",
        about="``patch``: only the keys that are sent change, objects are merged, worker groups that are sent are "
        "merged by ``groupName``, and others are removed. ``replace``: the body is the new spec. ``clear``: top-level "
        "keys that are not sent stay, objects that are sent are replaced as a whole",
    )  # fmt: skip
    update_while_running: str = choice("allowed", "refused")
    update_while_moving: str = choice("refused", "allowed", about="``Starting``, ``Stopping`` and unknown states")
    delete_while_running: str = choice("refused", "allowed", about="anything but ``Stopped`` and ``Error``")
    delete_takes: str = choice(
        "now", "time",
        about="``time``: reads find it for ``deleting_seconds`` more, half of it ``Stopping``, half ``Stopped``",
    )  # fmt: skip
    unique_names: str = choice("false", "true", about="``true``: a second cluster with the same name is refused")
    worker_extra_param: str = choice("hidden", "returned", about="``returned``: reads show ``workerSpec[].extraParam``")
    redis_password: str = choice(
        "hidden", "clear", "masked",
        about="how reads show ``redisPassword``; if a client sends the mask (``password_mask``), it is stored",
    )  # fmt: skip
    nulls: str = choice("omitted", "null", about="unset keys in reads")
    defaults: str = choice(
        "none", "filled",
        about='``filled``: reads show defaults for unset fields (``extraParam: "{}"``, ``workerType: CPU`` ...)',
    )  # fmt: skip
    start_when_running: str = choice("error", "noop", about="also while ``Starting``")
    stop_when_stopped: str = choice("error", "noop", about="also while ``Stopping``")
    start_from_error: str = choice("allowed", "refused")
    stop_from_error: str = choice("allowed", "refused")
    sizes: str = choice(
        "as_sent", "normalized", "bare",
        about="reads show ``8 GiB`` as ``8 GiB``, ``8Gi`` or ``8``; ``cpu`` likewise (``2.0`` becomes ``2``)",
    )  # fmt: skip
    worker_order: str = choice("as_sent", "reversed", "sorted", about="order of worker groups in reads")
    env_newline: str = choice("as_sent", "trailing", about="``trailing``: ``env`` ends with a newline in reads")
    list_order: str = choice("newest", "oldest", about="order of clusters and jobs in lists")
    error_style: str = choice(
        "camel", "pascal", about="keys of the service's own errors; the gateway's are always PascalCase"
    )
    modified_flag: str = choice(
        "on_content",
        "on_any_update",
        "never",
        about="when an update while ``Starting`` or ``Running`` sets ``modified``",
    )
    job_on_idle_cluster: str = choice("refused", "waits", about="a job on a cluster that is not ``Running``")
    cancel_finished: str = choice(
        "unsuccessful", "refused", about="canceling a job that has ended: ``success: false``, or an error"
    )
    job_duration: str = choice("seconds", "milliseconds", about="unit of a job's ``duration``")
    log_errors: str = choice(
        "code", "status",
        about="how the log operations fail for an unknown job or file: status 200 with another ``code``, or status 404",
    )  # fmt: skip
    oss_bad_range: str = choice(
        "whole", "refused",
        about="a ``Range`` that cannot be satisfied returns the whole file, or status 416 (as it does with "
        "``x-oss-range-behavior: standard``)",
    )  # fmt: skip
    deleted_code: str = text("RayCluster.NotFound", "code for an unknown cluster; may be empty")
    deleted_status: int = number(404, "HTTP status for an unknown cluster")
    unknown_job_code: str = text("RayJob.NotFound", "code for an unknown job")
    unknown_job_status: int = number(404, "HTTP status for an unknown job")
    unknown_workspace_status: int = number(404, "HTTP status for an unknown workspace, whose error has no code")
    bad_token_status: int = number(401, "HTTP status of a cluster's own endpoint without the right token")
    log_error_code: str = text("1000004", "the ``code`` of ``log_errors=code``")
    log_url_seconds: int = number(3600, "how long the address of a log file is good")
    max_page_size: int = number(100, "largest ``pageSize``; a larger one is refused")

    def set(self, values: Mapping[str, Any]) -> None:
        """Change the named rules, all or none; raises ValueError naming the unknown rule or value."""
        known = {rule.name: rule for rule in fields(self)}
        checked_values: dict[str, str | int] = {}
        for name, value in values.items():
            if name not in known:
                raise ValueError(f"unknown rule {name!r}; known: {', '.join(known)}")
            checked_values[name] = checked(known[name], value)
        for name, value in checked_values.items():
            setattr(self, name, value)

    def as_dict(self) -> dict[str, Any]:
        """Return all rules as plain JSON data."""
        return asdict(self)

    def changed(self) -> dict[str, Any]:
        """Return the rules that are not at their default, as plain JSON data."""
        return {rule.name: value for rule in fields(self) if (value := getattr(self, rule.name)) != rule.default}


_ELSEWHERE = {rule.name for group in (PlatformRules, StrangeRules) for rule in fields(group)}
# The unknowns of a service without surprises: the values that a client has to be right under, all of them.
CHOICES: dict[str, tuple[str, ...]] = {
    rule.name: rule.metadata["choices"]
    for rule in fields(Rules)
    if "choices" in rule.metadata and rule.name not in _ELSEWHERE
}


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
