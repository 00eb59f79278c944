# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""Making sense of an answer: a payload, or an error in one of the shapes that gateway and backend use. Pure.

Private to this collection.
"""

from __future__ import annotations

import json
import typing as t
from email.utils import parsedate_to_datetime

from ansible_collections.rayops.alicloud.plugins.module_utils._errors import ApiError
from ansible_collections.rayops.alicloud.plugins.module_utils._transport import Answer

# A server may ask for any pause; more than this is not waited for in one piece (as the aliyun CLI does).
LONGEST_PAUSE = 60.0
# An honest answer is nested 5 levels; unknown fields may go deeper.
DEEPEST = 50


def read_answer(operation: str, answer: Answer) -> dict[str, t.Any]:
    """Return the payload of a good answer; raise ApiError for any other.

    A good answer whose body is no JSON object raises an ApiError that is ``unreadable``: what was asked for may have
    happened.
    """
    payload = _parse(answer.body)
    if 200 <= answer.status < 300:
        if payload is None:
            error = ApiError(operation, f"HTTP {answer.status}, but {what_came(answer)}", http_status=answer.status)
            error.unreadable = True
            raise error
        return payload
    from ansible_collections.rayops.alicloud.plugins.module_utils._refusals import refusal

    raise refusal(operation, answer, payload)


def _parse(body: bytes) -> dict[str, t.Any] | None:
    try:
        payload = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return payload if isinstance(payload, dict) and _is_sane(payload, DEEPEST) else None


def _is_sane(value: t.Any, depth: int) -> bool:
    """Tell whether a value is nested no deeper than ``depth``, and all its text can be written down again."""
    if isinstance(value, str):
        return value.isascii() or not any("\ud800" <= mark <= "\udfff" for mark in value)
    if isinstance(value, dict):
        return depth > 0 and all(_is_sane(key, 0) and _is_sane(item, depth - 1) for key, item in value.items())
    return not isinstance(value, list) or (depth > 0 and all(_is_sane(item, depth - 1) for item in value))


def what_came(answer: Answer) -> str:
    """Say what an answer is instead of a payload."""
    kind = answer.headers.get("content-type", "").split(";")[0].strip()[:60]
    return f"the answer is no JSON object that can be read ({len(answer.body)} bytes of {kind or 'no content type'})"


def pause_asked(headers: t.Mapping[str, str]) -> float | None:
    """Return the seconds that the server asks to wait, from the newest header to the oldest; None for none.

    ``x-acs-retry-after`` is in milliseconds (official SDK 0.4.6), ``x-ratelimit-*`` carry ``TimeLeft:<ms>`` (before
    0.4.2), ``Retry-After`` is in seconds.
    """
    millis = [headers.get("x-acs-retry-after", "")]
    for name in ("x-ratelimit-user-api", "x-ratelimit-user"):
        pairs = (pair.partition(":") for pair in headers.get(name, "").split(","))
        millis += [value for key, dummy, value in pairs if key.strip().lower() == "timeleft"]
    asked = [_number(text) / 1000 for text in millis] + [_number(headers.get("retry-after", ""))]
    return next((min(seconds, LONGEST_PAUSE) for seconds in asked if seconds > 0), None)


def _number(text: str) -> float:
    """Return a header's whole number, 0 for anything else. Not as an int, whose digits Python limits."""
    return float(text) if text.strip().isascii() and text.strip().isdigit() else 0.0


def server_time(date: str | None) -> float | None:
    """Return the seconds since the epoch of a ``Date`` header; None when there is none that can be read."""
    try:
        return parsedate_to_datetime(date).timestamp() if date else None
    except (ValueError, TypeError, OverflowError):
        return None


def is_absent(error: ApiError) -> bool:
    """Tell whether an error says that the cluster does not exist.

    The code has to say so: an unknown access key, path or workspace is a 404 too. No code of this product is
    documented; those of its siblings end in NotFound or NotExist.
    """
    code = (error.code or "").lower()
    others = ("accesskey", "api.", "action", "workspace", "token", "role", "user", "region", "version", "signature")
    return ("notfound" in code or "notexist" in code) and not any(other in code for other in others)


def is_denied(error: ApiError) -> bool:
    """Tell whether the service will not let this user look, or says no more than that there is nothing to see."""
    # A workspace that does not exist or is not one's own is answered without a code.
    return is_denial(error.code or "", error.http_status) or (not error.code and error.http_status in (401, 404))


def is_throttled(error: ApiError) -> bool:
    """Tell whether the service refused because of too many requests, which it did not execute.

    The official SDK takes every error with ``x-acs-retry-after`` for that. After an error of the server itself, which
    may come after the effect, the header is only a pause.
    """
    asked = error.told_to_wait and (error.http_status or 0) < 500
    return asked or "throttling" in (error.code or "").lower() or error.http_status == 429


def is_denial(code: str, status: int | None) -> bool:
    """Tell whether a code and a status say that this user may not."""
    words = ("forbidden", "nopermission", "unauthorized", "accessdenied")
    return any(word in code.lower() for word in words) or (status == 403 and not code.startswith("Signature"))
