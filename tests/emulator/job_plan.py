# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The course of a job in the emulator: planned by a test, or read from its entrypoint."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from typing import Any

from .model import Json

SUCCEEDED, FAILED, TIMEOUT, CANCELLED = "Succeeded", "Failed", "Timeout", "Cancelled"
ENDS = (SUCCEEDED, FAILED, TIMEOUT, CANCELLED)
_SEPARATOR = re.compile(r"\s*(?:;|&&|\n)\s*")
# The number of characters of the log that Ray puts into the message of a failed job.
_MESSAGE_CHARACTERS = 20_000
# Times are sums of floats: a line that is due at the very end must not get lost in the last of their digits.
_ROUNDING_SECONDS = 0.001


@dataclass
class Plan:
    """What a test wants of the next `times` jobs (None: of all) called `name` (None: whatever their name).

    `log` is the whole driver log, whose lines appear evenly over the `seconds` of the run; `files` are further log
    files by their path below the job's log folder; `pending_seconds` is the time that a temporary cluster takes.
    """

    name: str | None = None
    times: int | None = 1
    status: str = SUCCEEDED
    message: str | None = None
    exit_code: int = 1
    log: str | None = None
    files: dict[str, str] = field(default_factory=dict)
    seconds: float | None = None
    pending_seconds: float | None = None

    @classmethod
    def of(cls, values: Json) -> Plan:
        """Build and check a plan; raises ValueError naming what is wrong."""
        unknown = sorted(set(values) - {item.name for item in fields(cls)})
        if unknown:
            raise ValueError(f"a plan does not know {', '.join(unknown)}")
        plan = cls(**values)
        if plan.status not in ENDS:
            raise ValueError(f"status is one of {', '.join(ENDS)}")
        for name in ("seconds", "pending_seconds"):
            value = getattr(plan, name)
            if value is not None and not (isinstance(value, (int, float)) and value >= 0):
                raise ValueError(f"{name} is a number of seconds")
        return plan


class Plans:
    """The plans that wait; each job takes the first one that fits."""

    def __init__(self) -> None:
        self.queue: list[Plan] = []

    def add(self, values: Json) -> Plan:
        """Queue a plan."""
        self.queue.append(Plan.of(values))
        return self.queue[-1]

    def take(self, names: Sequence[Any]) -> Plan | None:
        """Return the plan for a job that goes by these names."""
        for plan in self.queue:
            if plan.name is None or plan.name in names:
                if plan.times is not None:
                    plan.times -= 1
                self.queue = [item for item in self.queue if item.times is None or item.times > 0]
                return plan
        return None


@dataclass
class Performance:
    """What a job does once it runs: lines with the second at which each appears, how long it takes, how it ends."""

    lines: list[tuple[float, str]]
    seconds: float
    status: str
    message: str
    exit_code: int | None
    files: dict[str, str] = field(default_factory=dict)

    def text(self, seconds: float) -> str:
        """Return the driver log as it is `seconds` after the start."""
        return "".join(f"{line}\n" for at, line in self.lines if at <= seconds + _ROUNDING_SECONDS)

    def grown(self, seconds: float) -> float:
        """Return the second at which the driver log last grew, as it is `seconds` after the start."""
        return max((at for at, line in self.lines if at <= seconds + _ROUNDING_SECONDS), default=0.0)


def perform(job_id: str, entrypoint: str, plan: Plan | None, seconds: float) -> Performance:
    """Return what a job will do; `seconds` is how long it runs if neither plan nor entrypoint say."""
    said, slept, code = _read(entrypoint)
    lines = [(0.0, f"Running entrypoint for job {job_id}: {entrypoint}"), *said]
    if slept is not None:
        seconds = slept
    status = FAILED if code else SUCCEEDED
    if plan is None:
        return Performance(lines, seconds, status, _message(status, code, lines), code)
    if plan.seconds is not None:
        seconds = plan.seconds
    if plan.log is not None:
        texts = plan.log.splitlines()
        lines = [(seconds * index / len(texts), text) for index, text in enumerate(texts)]
    status = plan.status if plan.status != SUCCEEDED else status
    code = (code or plan.exit_code) if status == FAILED else code
    message = plan.message if plan.message is not None else _message(status, code, lines)
    return Performance(lines, seconds, status, message, code, dict(plan.files))


def _message(status: str, code: int, lines: list[tuple[float, str]]) -> str:
    if status == FAILED:
        log = "".join(f"{text}\n" for at, text in lines)[-_MESSAGE_CHARACTERS:]
        return (
            f"Job entrypoint command failed with exit code {code}, "
            f"last available logs (truncated to {_MESSAGE_CHARACTERS:,} chars):\n{log}"
        )
    endings = {TIMEOUT: "The job ran for too long.", CANCELLED: "Job was intentionally stopped."}
    return endings.get(status, "Job finished successfully.")


def _read(entrypoint: str) -> tuple[list[tuple[float, str]], float | None, int]:
    """Read `echo TEXT`, `sleep SECONDS` and `exit CODE`; other commands take no time and succeed in silence."""
    lines: list[tuple[float, str]] = []
    now, slept, code = 0.0, False, 0
    for command in _SEPARATOR.split(entrypoint.strip()):
        try:
            word, *rest = shlex.split(command) or [""]
        except ValueError:
            continue
        if word == "echo":
            lines.append((now, " ".join(rest)))
        elif word == "sleep" and rest and re.fullmatch(r"\d+(\.\d+)?", rest[0]):
            now, slept = now + float(rest[0]), True
        elif word == "exit" and rest and rest[0].isdigit():
            code = int(rest[0])
            break
    return lines, (now if slept else None), code
