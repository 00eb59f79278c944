# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""Parse and format CPU and memory quantities. Pure. Private to this collection.

The ``parse`` functions read what a service may answer, the ``to_wire`` functions what a user declares.
"""

from __future__ import annotations

import re
from decimal import Decimal

_CPU_PATTERN = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,9})?)(m?)")
_MEMORY_PATTERN = re.compile(r"\s*([0-9]{1,15}(?:\.[0-9]{1,9})?)\s*(?:([KMGT])i?B?)?\s*", re.IGNORECASE)
_BARE_NUMBER_PATTERN = re.compile(r"[0-9]+(\.[0-9]+)?")
# No node has more GiB than this: a larger number without a unit counts MiB, and one of these sizes bytes.
MAX_BARE_GIB = 4096
_FIRST_BYTES = 64 * 1024**2
_GIB_PER_UNIT = {"K": Decimal(1) / 1024**2, "M": Decimal(1) / 1024, "G": Decimal(1), "T": Decimal(1024)}


def _format_decimal(number: Decimal) -> str:
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def parse_cpu(value: object) -> Decimal:
    """Return cores from ``2``, ``"2"``, ``"0.5"`` or ``"500m"``; raise ValueError for anything else."""
    match = _CPU_PATTERN.fullmatch(str(value).strip())
    if not match:
        raise ValueError("is not a number of cores, such as 4")
    cores = Decimal(match.group(1)) / (1000 if match.group(2) else 1)
    if cores <= 0:
        raise ValueError("must be more than 0 cores")
    return cores


def _split_memory(value: object) -> tuple[Decimal, str]:
    match = _MEMORY_PATTERN.fullmatch(str(value))
    if not match:
        raise ValueError("is not a size in GiB, such as 8Gi")
    number = Decimal(match.group(1))
    if number <= 0:
        raise ValueError("must be more than 0 GiB")
    return number, (match.group(2) or "").upper()


def parse_memory(value: object) -> Decimal:
    """Return GiB from ``8``, ``"8Gi"``, ``"8 GiB"``, ``"8192Mi"``, ``"8388608Ki"``; raise ValueError for anything else.

    The service documents sizes in GiB, so ``G`` and ``GB`` are read as GiB too. A number without a unit that no node
    can have in GiB is read as MiB or bytes.
    """
    number, unit = _split_memory(value)
    if not unit and number > MAX_BARE_GIB:
        return number / 1024 if number < _FIRST_BYTES else number / 1024**3
    return number * _GIB_PER_UNIT[unit or "G"]


def declared_memory(value: object) -> str:
    """Spell a declared size as the service does; raise ValueError for a bare number that cannot be meant in GiB."""
    text = str(value).strip()
    if _BARE_NUMBER_PATTERN.fullmatch(text) and Decimal(text) > MAX_BARE_GIB:
        # Kubernetes counts bytes without a unit, many other tools MiB.
        meant = f"{text}Mi" if Decimal(text) < _FIRST_BYTES else f"{Decimal(text) / 1024**3:.3g}Gi"
        raise ValueError(f"{text} has no unit and counts as GiB, and no node has that much; write {meant}, or {text}Gi")
    return to_wire_memory(text)


def to_wire_cpu(value: object) -> str:
    """Spell cores as the service does: ``2`` and ``"2.0"`` become ``"2"``."""
    return _format_decimal(parse_cpu(value))


def to_wire_memory(value: object) -> str:
    """Spell a size as the service does: ``8`` and ``"8 GiB"`` become ``"8Gi"``."""
    return f"{_format_decimal(parse_memory(value))}Gi"


def int_or_float(number: Decimal) -> int | float:
    """Return a whole number as an int, any other as a float."""
    return int(number) if number == number.to_integral_value() else float(number)
