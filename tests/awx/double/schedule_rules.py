# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What AWX asks of the rule of a schedule."""

from __future__ import annotations

import re
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from dateutil import rrule

from .fields import Refused


def check_rrule(value: str) -> None:
    """Refuse a rule that AWX refuses."""
    errors = [*_start_errors(value), *_rule_errors(value)]
    if not errors:
        try:
            rrule.rrulestr(
                value, tzinfos={_zone(value): ZoneInfo(_zone(value))} if _zone(value) else None, forceset=True
            )
        except (ValueError, ZoneInfoNotFoundError) as error:
            errors = [f"rrule parsing failed validation: {error}"]
    if errors:
        raise Refused(400, {"rrule": errors})


def _zone(value: str) -> str:
    found = re.search(r"DTSTART;TZID=([^:]+):", value)
    return found[1] if found else ""


def _start_errors(value: str) -> list[str]:
    errors = []
    starts = re.findall(r"DTSTART(?:;[^:]+)?:[0-9]+T[0-9]+Z?", value)
    if not starts:
        errors.append("Valid DTSTART required in rrule. Value should start with: DTSTART:YYYYMMDDTHHMMSSZ")
    if re.search(r"DTSTART:[0-9]+T[0-9]+ ", value):
        errors.append("DTSTART cannot be a naive datetime.  Specify ;TZINFO= or YYYYMMDDTHHMMSSZZ.")
    if len(starts) > 1:
        errors.append("Multiple DTSTART is not supported.")
    return errors


def _rule_errors(value: str) -> list[str]:
    errors = []
    rules = re.findall(r"RULE:\S*", value)
    if not rules:
        errors.append("One or more rule required in rrule.")
    errors += [f"{name} not allowed in rrule." for name in ("EXDATE", "RDATE") if f"{name}:" in value.upper()]
    for rule in rules:
        if "INTERVAL" not in rule.upper():
            errors.append(f"INTERVAL required in rrule: {rule}")
        elif re.search(r"INTERVAL=0+(?!\d)", rule.upper()):
            # AWX itself hangs for two minutes instead of an answer.
            errors.append(f"INTERVAL must be at least 1: {rule}")
        elif "SECONDLY" in rule.upper():
            errors.append(f"SECONDLY is not supported: {rule}")
        if re.search(r"BYDAY[:=][0-9]+[a-zA-Z]{2}", rule):
            errors.append(f"BYDAY with numeric prefix not supported: {rule}")
        if "COUNT" in rule and "UNTIL" in rule:
            errors.append(f"RRULE may not contain both COUNT and UNTIL: {rule}")
        count = re.search(r"COUNT=([0-9]+)", rule)
        if count and int(count[1]) > 999:
            errors.append(f"COUNT > 999 is unsupported: {rule}")
    return errors
