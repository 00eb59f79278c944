# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""Parse and format CPU and memory quantities. Pure. Private to this collection."""

from __future__ import annotations

import re
from decimal import Decimal

_CPU_PATTERN = re.compile(r"[0-9]{1,9}(\.[0-9]{1,9})?")
_MEMORY_PATTERN = re.compile(r"\s*([0-9]{1,9}(?:\.[0-9]{1,9})?)\s*(?:([MGT])i?B?)?\s*", re.IGNORECASE)
_BARE_NUMBER_PATTERN = re.compile(r"[0-9]+(\.[0-9]+)?")
# A larger number without a unit counts MiB, and one of these sizes bytes.
MAX_BARE_GIB = 4096
_FIRST_BYTES = 64 * 1024**2
_GIB_PER_UNIT = {"M": Decimal(1) / 1024, "G": Decimal(1), "T": Decimal(1024)}


def _format_decimal(number: Decimal) -> str:
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def parse_cpu(value: object) -> Decimal:
    """Return cores from ``2``, ``"2"`` or ``"0.5"``; raise ValueError for anything else."""
    text = str(value).strip()
    if not _CPU_PATTERN.fullmatch(text):
        raise ValueError("is not a number of cores, such as 4")
    cores = Decimal(text)
    if cores <= 0:
        raise ValueError("must be more than 0 cores")
    return cores


def parse_memory(value: object) -> Decimal:
    """Return GiB from ``8``, ``"8Gi"``, ``"8 GiB"``, ``"8192Mi"``; raise ValueError for anything else.

    The service documents sizes in GiB, so ``G`` and ``GB`` are read as GiB too.
    """
    match = _MEMORY_PATTERN.fullmatch(str(value))
    if not match:
        raise ValueError("is not a size in GiB, such as 8Gi")
    size = Decimal(match.group(1)) * _GIB_PER_UNIT[(match.group(2) or "G").upper()]
    if size <= 0:
        raise ValueError("must be more than 0 GiB")
    return size


def declared_memory(value: object) -> str:
    """Spell a declared size as the service does; raise ValueError for a bare number that cannot be meant in GiB."""
    text = str(value).strip()
    if _BARE_NUMBER_PATTERN.fullmatch(text) and Decimal(text) > MAX_BARE_GIB:
        # Kubernetes counts bytes without a unit, many other tools MiB.
        meant = f"{text}Mi" if Decimal(text) < _FIRST_BYTES else f"{Decimal(text) / 1024**3:.3g}Gi"
        raise ValueError(f"{text} has no unit, which means GiB, and no node has that much; write {meant}, or {text}Gi")
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
