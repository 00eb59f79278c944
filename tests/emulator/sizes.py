# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Amounts of cpu and memory: reading every spelling that the service takes, and writing each that a rule asks for."""

from __future__ import annotations

import re
from collections.abc import Callable

_UNITS = {"": 1.0, "gi": 1.0, "gib": 1.0, "g": 1.0, "gb": 1.0, "mi": 1 / 1024, "ki": 1 / 1024**2, "m": 0.001}
_MEMORY = re.compile(r"\s*(\d+(?:\.\d+)?)\s*(gi?b?|mi|ki)?\s*", re.IGNORECASE)
_CPU = re.compile(r"\s*(\d+(?:\.\d+)?)(m)?\s*")
_GIB = 1024**3
# A bare number from here on cannot be GiB: it is bytes, as in the answers under memory_format=bytes.
_BYTES_FROM = 1024**2


def cores(text: str) -> float | None:
    """Return cores, or None when the text is no amount of cpu (`2`, `2.0`, `500m`)."""
    return _positive(_CPU.fullmatch(text))


def gibibytes(text: str) -> float | None:
    """Return GiB, or None when the text is no amount of memory (`8Gi`, `8`, `8192Mi`, `8388608Ki`, bytes)."""
    amount = _positive(_MEMORY.fullmatch(text))
    return amount / _GIB if amount is not None and amount >= _BYTES_FROM else amount


def _positive(match: re.Match[str] | None) -> float | None:
    if match is None:
        return None
    amount = float(match.group(1)) * _UNITS[(match.group(2) or "").lower()]
    return amount if amount > 0 else None


def decimal(value: float) -> str:
    """Return a number as text, without a fraction where it has none."""
    return str(int(value)) if value == int(value) else str(value)


def json_number(value: float) -> int | float:
    """Return a number as JSON has it, whole where it is whole."""
    return int(value) if value == int(value) else value


CPU_FORMATS: dict[str, Callable[[float], str | int | float]] = {
    "plain": decimal,
    "decimal": lambda value: str(float(value)),
    "millicores": lambda value: f"{decimal(value * 1000)}m",
    "number": json_number,
}
MEMORY_FORMATS: dict[str, Callable[[float], str | int | float]] = {
    "Gi": lambda value: f"{decimal(value)}Gi",
    "GiB": lambda value: f"{decimal(value)} GiB",
    "Mi": lambda value: f"{decimal(value * 1024)}Mi",
    "Ki": lambda value: f"{decimal(value * 1024**2)}Ki",
    "bytes": lambda value: decimal(value * _GIB),
    "bare": decimal,
    "number": json_number,
}
