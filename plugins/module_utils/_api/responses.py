# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""Parse a response: a payload, or an error in one of the formats of the gateway and the backend. Pure."""

from __future__ import annotations

import json
import math
import typing as t

from .._errors import ApiError
from .._schema import Payload, read_answer
from .transport import Response

# A genuine response is nested 5 levels deep; unknown fields may be deeper.
MAX_JSON_DEPTH = 50
# Operations whose callers read ``code`` and ``success`` themselves.
_READ_BY_CALLERS = ("CancelRayJob", "ListRayLogs", "GetRayLog")
# Spellings of success in the ``code`` of a payload.
_SUCCESS_CODES = ("", "0", "200", "1000000", "none", "ok", "success")


def read_response(operation: str, answer: Response) -> dict[str, object]:
    """Return the payload of a successful response; raise ApiError for any other.

    A successful response whose body is not a JSON object, or reports a failure, raises an ApiError that is
    ``unreadable``. The request may have taken effect, and an empty list in the response proves nothing.
    """
    payload = _parse_json_object(answer.body)
    if 200 <= answer.status < 300:
        if payload is None:
            from .error_responses import UNREADABLE_HINT, describe_body

            error = ApiError(operation, f"HTTP {answer.status}, but {describe_body(answer)}", hint=UNREADABLE_HINT)
            error.mark_unreadable(answer.status)
            raise error
        if operation not in _READ_BY_CALLERS and _reports_failure(payload):
            from .error_responses import error_from_response

            error = error_from_response(operation, answer, payload)
            error.unreadable = True
            raise error
        return payload
    from .error_responses import error_from_response

    raise error_from_response(operation, answer, payload)


def _reports_failure(payload: dict[str, object]) -> bool:
    """Return whether a payload has ``success: false``, or a ``code`` other than success."""
    said = str(payload.get("code") or payload.get("Code") or "").strip().lower()
    return said not in _SUCCESS_CODES or False in (payload.get("success"), payload.get("Success"))


def _parse_json_object(body: bytes) -> dict[str, object] | None:
    try:
        payload = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return payload if isinstance(payload, dict) and _is_json_safe(payload, MAX_JSON_DEPTH) else None


def _is_json_safe(value: object, depth: int) -> bool:
    """Return whether a value is nested no deeper than ``depth``, and all its text and numbers can be written again.

    Python reads NaN and Infinity, and 1e999 as infinity; JSON has none of these.
    """
    if isinstance(value, float):
        return math.isfinite(value)
    if isinstance(value, str):
        return value.isascii() or not any("\ud800" <= mark <= "\udfff" for mark in value)
    if isinstance(value, dict):
        return depth > 0 and all(
            _is_json_safe(key, 0) and _is_json_safe(item, depth - 1) for key, item in value.items()
        )
    return not isinstance(value, list) or (depth > 0 and all(_is_json_safe(item, depth - 1) for item in value))


def read_rows(row: type[Payload], answer: t.Mapping[str, object], field: str, operation: str) -> list[Payload]:
    """Return the rows in a field of a response. Raises ApiError if there is no list, and as :func:`read_answer`."""
    rows = answer.get(field)
    if not isinstance(rows, list):
        raise ApiError(operation, f"the response has no list of {field}")
    return [read_answer(row, item, operation) for item in rows]
