# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""Put the errors of a validation into words, without the values, which may be secrets."""

from __future__ import annotations

import typing as t


def problems_of(error: t.Any) -> list[str]:
    """Return the errors by field of a ValidationError."""
    found = error.errors(include_url=False, include_input=False, include_context=False)
    return [_format_problem(each) for each in found]


def _format_problem(found: t.Any) -> str:
    path = ""
    for part in found["loc"]:
        path += f"[{part}]" if isinstance(part, int) else f".{part}" if path else str(part)
    text = found["msg"].removeprefix("Value error, ").removeprefix("Input ")
    text = text.replace("should be greater than or equal to", "must be at least").replace("should be", "must be")
    return f"{path}: {text[:1].lower()}{text[1:]}"
