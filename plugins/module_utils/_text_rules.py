# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""Rules for text that a user declares: names without invisible characters, and values that YAML did not change.

Pure. Private to this collection.
"""

from __future__ import annotations

import re
import typing as t

EMPTY_TEXT = "is empty; leave the option out, for example with default(omit)"
QUOTE_IT = "quote it, or use the filter string"

# Python calls these printable, and no font shows them.
_INVISIBLE_PATTERN = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)
# YAML 1.1 reads 010 as 8 and 1:00 as 60: only smaller numbers cannot have changed.
_FIRST_AMBIGUOUS_INT = 8


def find_label_problem(text: str) -> str | None:
    """Return why a text cannot be a name, a version, or an id; None if it can."""
    if not text.strip():
        return EMPTY_TEXT
    for mark in text:
        if not mark.isprintable() or _INVISIBLE_PATTERN.match(mark):
            return f"contains an invisible character (U+{ord(mark):04X})"
    return "starts or ends with a blank" if text != text.strip() else None


def check_label(text: str) -> str:
    """Return a name, a version, or an id. Raises ValueError when it cannot be one."""
    problem = find_label_problem(text)
    if problem:
        raise ValueError(problem)
    return text


def check_clearable_label(text: str) -> str:
    """Return a name, or an empty text, which clears the field. Raises ValueError when it cannot be one."""
    return check_label(text) if text else text


def find_text_problem(value: object) -> str | None:
    """Return why a value cannot represent text, or None for text and for numbers that YAML cannot have changed."""
    if value is None or isinstance(value, str):
        return None
    if isinstance(value, bool):
        return f"takes text, and YAML reads yes, no, on, and off as true or false; {QUOTE_IT}"
    if isinstance(value, int) and abs(value) < _FIRST_AMBIGUOUS_INT:
        return None
    if isinstance(value, (int, float)):
        return f"takes text, and YAML changes numbers such as 1.10, 010, and 12:30:00; {QUOTE_IT}"
    return f"takes text, not {describe_kind(value)}"


def describe_kind(value: object) -> str:
    """Return the kind of a value, in a user's words and without the value."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, str):
        return "text"
    if isinstance(value, t.Mapping):
        return "a mapping"
    if isinstance(value, (int, float)):
        return "a number"
    return "a list" if isinstance(value, t.Sequence) else "a date"
