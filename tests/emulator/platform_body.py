# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fields in bodies of the workspace operations: read, checked, or refused as the service does."""

from __future__ import annotations

import re
from typing import Any

from .errors import invalid, missing
from .model import Json
from .platform_rules import PlatformRules

_CJK_NAME = re.compile(r"[A-Za-z0-9_\u4e00-\u9fff-]{1,64}")
_WHOLE = re.compile(r"0|[1-9][0-9]*")


def mapping(body: Any) -> Json:
    """Return a body that is an object."""
    if not isinstance(body, dict):
        raise invalid("the body must be an object")
    return body


def required(body: Any, *names: str) -> None:
    """Refuse a body in which one of these fields is not set."""
    for name in names:
        if mapping(body).get(name) in (None, "", []):
            raise missing(name)


def whole(body: Json, name: str, *, text: bool = False) -> int | None:
    """Return a number of at least 0; with `text`, also one in a string without leading zeros."""
    value = body.get(name)
    if value is None:
        return None
    if text and isinstance(value, str) and _WHOLE.fullmatch(value):
        return int(value)
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise invalid(f"{name}: {value!r} is not a whole number of at least 0")
    return value


def texts(body: Json, name: str) -> list[str] | None:
    """Return a list of texts."""
    value = body.get(name)
    if value is None:
        return None
    if not isinstance(value, list) or not all(isinstance(item, str) and item for item in value):
        raise invalid(f"{name} must be a list of texts")
    return list(value)


def texts_of(body: Json, name: str, rules: PlatformRules) -> list[str] | None:
    """Return a list of texts, which the rule empty_lists may refuse."""
    value = texts(body, name)
    if value == [] and rules.empty_lists == "refused":
        raise invalid(f"{name} is empty")
    return value


def checked_name(body: Json, name: str) -> str:
    """Return a name of 1 to 64 letters, digits, Chinese characters, `-` and `_`."""
    value = body.get(name)
    if not isinstance(value, str) or not _CJK_NAME.fullmatch(value):
        raise invalid(f"{name}: {value!r} is not valid")
    return value


def number_in(value: object) -> int:
    """Return the number at the begin of what reads show, such as `100cu`, `64` or `64.0`; 0 where there is none."""
    found = re.match(r"[0-9]+", str(value))
    return int(found.group()) if found else 0
