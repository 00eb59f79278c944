# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fields of the table of rules: kinds of values, their checks, and the text that documents each rule."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import Field, field
from typing import Any

AS_SENT = "as_sent"
Check = Callable[[str], str]


def choice(*values: str, about: str = "") -> Any:
    """Return a rule with a fixed set of values; the first one is the default."""
    return field(default=values[0], metadata={"choices": values, "about": about})  # pylint: disable=invalid-field-call


def number(default: int, about: str, least: int = 1) -> Any:
    """Return a rule that takes a whole number, `least` or more."""
    return field(default=default, metadata={"least": least, "about": about})  # pylint: disable=invalid-field-call


def text(default: str, about: str, check: Check | None = None) -> Any:
    """Return a rule that takes text; `check` returns its canonical spelling or raises ValueError."""
    return field(default=default, metadata={"check": check, "about": about})  # pylint: disable=invalid-field-call


def checked(rule: Field[Any], value: Any) -> str | int:
    """Return a value as the rule stores it; raises ValueError that names the rule."""
    meta = rule.metadata
    if "choices" in meta:
        given = str(value).lower() if isinstance(value, bool) else str(value)
        if given not in meta["choices"]:
            raise ValueError(f"rule {rule.name} takes {' | '.join(meta['choices'])}, not {value!r}")
        return given
    if "least" in meta:
        return _whole(rule.name, value, meta["least"])
    if isinstance(value, (list, tuple)):
        value = "; ".join(str(item) for item in value)
    given = "" if value is None else str(value)
    try:
        return meta["check"](given) if meta["check"] else given
    except ValueError as error:
        raise ValueError(f"rule {rule.name}: {error}") from None


def _whole(name: str, value: Any, least: int) -> int:
    try:
        amount = int(str(value))
    except ValueError:
        raise ValueError(f"rule {name} takes a whole number, not {value!r}") from None
    if amount < least:
        raise ValueError(f"rule {name} must be at least {least}")
    return amount
