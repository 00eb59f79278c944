# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Numbers in query parameters, texts in bodies."""

from __future__ import annotations

from typing import Any

from .errors import invalid


def whole(query: dict[str, str], name: str, default: int) -> int:
    """Return a number of at least 1 from the query; raises ApiError for anything else."""
    text = query.get(name, "")
    if text == "":
        return default
    if not (text.isascii() and text.isdigit()) or int(text[:9]) < 1:
        raise invalid(f"{name}: {text} is not valid")
    return int(text[:9])


def text(body: Any, name: str) -> str:
    """Return a text of the body, "" where there is none; raises ApiError for any other type."""
    value = body.get(name) if isinstance(body, dict) else None
    if value is not None and not isinstance(value, str):
        raise invalid(f"{name} must be text")
    return value or ""
