# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Format the numbers of the page and its charts in one style."""

from __future__ import annotations


def format_number(value: float | None) -> str:
    """Return a number with separators of thousands and at most one decimal, such as ``1,452.5``; "" for None."""
    return "" if value is None else f"{value:,.1f}".removesuffix(".0")
