# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""Draw the doctor's conclusions from its checks, and render its report. Pure."""

from __future__ import annotations

import textwrap
import typing as t

from .._task.requirements import parse_version

# A problem keeps tasks from working, and a warning does not. Unknown is a check that was not or cannot be made.
OK, WARNING, PROBLEM, UNKNOWN = "ok", "warning", "problem", "unknown"


class CheckResult(t.NamedTuple):
    """The finding of one check: its status, in words, and the next step for the user if there is one."""

    check: str
    status: str
    told: str
    next_step: str | None = None


CREDENTIALS_LIBRARY, CREDENTIALS_FLOOR = "alibabacloud-credentials", "1.0.9"

# The gateway refuses a date that is further off ("Request syntax and signature method V3").
MAX_CLOCK_SKEW_SECONDS = 900.0
# A smaller skew has no effect; a Date header has whole seconds, and a response takes its time.
CLOCK_SKEW_WARNING_SECONDS = 30.0

REPORT_WIDTH = 110
_INDENT = 2
_STATUS_WIDTH, _CHECK_WIDTH = 9, 13
EXECUTION_CHECK = "execution"


def mask_key_id(key_id: str) -> str:
    """Return an access key id of which only the last four characters can be read, none of a short one."""
    return f"********{key_id[-4:]}" if len(key_id) >= 12 else "********"


def check_library_version(name: str, found: str | None, floor: str, python: str, needed: bool = True) -> CheckResult:
    """Return the finding for a library: ``found`` is its version, None if it is missing.

    ``needed`` says whether tasks depend on it in this environment.
    """
    if found is not None and parse_version(found) >= parse_version(floor):
        return CheckResult(name, OK, f"{found}, and {floor} or newer is needed")
    step = f"{python} -m pip install '{name}>={floor}'"
    told = f"{found} is too old: {floor} or newer is needed" if found is not None else "is not installed"
    if needed:
        return CheckResult(name, PROBLEM, told, step)
    return CheckResult(name, WARNING, f"{told}; a static key works without it, other credentials do not", step)


def check_clock_skew(skew: float | None) -> CheckResult:
    """Return the finding for the clock; ``skew`` is this machine's lead over the service in seconds, if known."""
    if skew is None:
        return CheckResult("clock", UNKNOWN, "the service returned no date to compare with")
    told = f"{abs(skew):.0f} s {'ahead of' if skew > 0 else 'behind'} the service's clock"
    if abs(skew) < 1.5:
        told = "matches the service's within one second"
    if abs(skew) <= CLOCK_SKEW_WARNING_SECONDS:
        return CheckResult("clock", OK, told)
    step = "set the clock of this machine, and synchronize it with NTP"
    if abs(skew) <= MAX_CLOCK_SKEW_SECONDS:
        return CheckResult(
            "clock", WARNING, f"{told}; from {MAX_CLOCK_SKEW_SECONDS:.0f} s on, the service refuses requests", step
        )
    return CheckResult(
        "clock", PROBLEM, f"{told}, and the service refuses such requests; tasks use its time instead", step
    )


def report_in_process() -> CheckResult:
    """Return the finding that tasks run inside the Ansible worker."""
    return CheckResult(EXECUTION_CHECK, OK, "inside the Ansible worker, without a separate Python process")


def report_as_module(why: str | None = None) -> CheckResult:
    """Return the finding that the task ran as an ordinary module, and why."""
    if why and why.endswith("next to ansible-core"):
        return CheckResult(
            EXECUTION_CHECK,
            WARNING,
            f"as a module, which is slower, because {why}",
            "install the libraries there as well",
        )
    return CheckResult(EXECUTION_CHECK, OK, f"as a separate module{', as ' + why if why else ''}")


def summarize_findings(findings: t.Sequence[CheckResult]) -> str:
    """Return how many findings there are of each kind that is not ok."""
    counts = {status: sum(found.status == status for found in findings) for status in (PROBLEM, WARNING, UNKNOWN)}
    words = {PROBLEM: ("problem", "problems"), WARNING: ("warning", "warnings"), UNKNOWN: ("unknown", "unknown")}
    told = [f"{count} {words[status][count != 1]}" for status, count in counts.items() if count]
    return ", ".join(told) or "no problems found"


def render_report(findings: t.Sequence[CheckResult], version: str) -> list[str]:
    """Return the findings as lines for a terminal, each with what to do next."""
    lines = [f"rayops.alicloud {version}: {summarize_findings(findings)}"]
    hanging = " " * (_INDENT + _STATUS_WIDTH + _CHECK_WIDTH)
    for found in findings:
        status = found.status if found.status == OK else found.status.upper()
        # The names of libraries are longer than the column.
        check = found.check.ljust(_CHECK_WIDTH - 1)
        lines += _wrap_line(f"{' ' * _INDENT}{status:{_STATUS_WIDTH}}{check} {found.told}", hanging)
        if found.next_step:
            lines += _wrap_line(f"{hanging}-> {found.next_step}", hanging + "   ")
    return lines


def _wrap_line(text: str, hanging: str) -> list[str]:
    return textwrap.wrap(text, REPORT_WIDTH, subsequent_indent=hanging, break_on_hyphens=False, drop_whitespace=True)


def findings_result(findings: t.Sequence[CheckResult], version: str) -> dict[str, object]:
    """Return what a result has of findings: ``ok``, ``findings`` and ``report``."""
    return {
        "ok": all(found.status != PROBLEM for found in findings),
        "findings": [found._asdict() for found in findings],
        "report": render_report(findings, version),
    }


def add_execution_reason(result: dict[str, t.Any], why: str, version: str) -> dict[str, t.Any]:
    """Return the result of a module with the reason why it was one, which it cannot know itself."""
    if not isinstance(result.get("findings"), list):
        return result
    findings = [CheckResult(**found) for found in result["findings"]]
    findings = [report_as_module(why) if found.check == EXECUTION_CHECK else found for found in findings]
    return {**result, **findings_result(findings, version)}
