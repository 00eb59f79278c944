# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""Read error responses in the formats of the gateway and the backend, and suggest a fix. Pure."""

from __future__ import annotations

import typing as t

from .._errors import UNREADABLE, ApiError
from .absence import is_absent, may_mean_absent
from .connection_errors import DOCTOR, HINTS
from .error_kinds import is_denial_code
from .operations import PRODUCT
from .transport import Response

_HINTS = (
    ("InvalidAccessKeyId", "the access key is unknown or inactive: check access_key_id, and enable the key"),
    ("SignatureDoesNotMatch", "check access_key_secret: it does not match access_key_id"),
    ("InvalidTimeStamp", "the clock of this machine is off by more than 15 minutes"),
    ("InvalidSecurityToken", "the temporary credentials have expired or do not belong together: get new ones"),
    ("MissingSecurityToken", "these are temporary credentials: set security_token, too"),
    ("Throttling", "too many requests: run fewer tasks at once, or raise retries"),
    ("InvalidApi", "check endpoint and region: the server does not know this operation"),
    ("OperationDenied", "the cluster is not in a state that allows this: run the task again when the state is stable"),
    ("QuotaExceeded", "the workspace or queue has no free capacity"),
    ("UnSupportedOperator", "the workspace or queue has no free capacity"),
)


def error_from_response(operation: str, answer: Response, payload: dict[str, object] | None) -> ApiError:
    """Return the error that a response reports; ``payload`` is its body, None if it cannot be read."""
    body = payload or {}
    code = _first_text(body, "Code", "code")
    message = _first_text(body, "Message", "message", "Description", "description") or (
        "the service returned no reason" if payload is not None else describe_body(answer)
    )
    if (code or "").startswith("SignatureDoesNotMatch"):
        # The service echoes the request that it signed, values included.
        message = "the service computed a different signature"
    error = ApiError(
        operation,
        f"{code}: {message}" if code else f"HTTP {answer.status}: {message}",
        code=code,
        request_id=_first_text(body, "RequestId", "requestId") or answer.headers.get("x-acs-request-id"),
        http_status=answer.status,
    )
    error.hint = _find_hint(error, body)
    error.retry_after = retry_after_seconds(answer.headers)
    error.told_to_wait = "x-acs-retry-after" in answer.headers and error.retry_after is not None
    error.server_date = answer.headers.get("date")
    return error


def _find_hint(error: ApiError, body: dict[str, object]) -> str | None:
    code = error.code or ""
    detail = body.get("AccessDeniedDetail") or body.get("accessDeniedDetail")
    action = detail.get("AuthAction") or detail.get("authAction") if isinstance(detail, dict) else None
    permission_hint = (
        f"grant the RAM action {action or f'{PRODUCT}:{error.operation}'}, "
        "and check that the user has a role in the workspace"
    )
    if isinstance(detail, dict) or is_denial_code(code, None):
        return permission_hint
    for start, hint in _HINTS:
        if code.startswith(start):
            return hint
    if is_denial_code(code, error.http_status):
        return permission_hint
    if code and may_mean_absent(error) and not any(is_absent(error, kind) for kind in ("cluster", "job", "log")):
        return (
            "this does not prove that anything is absent: check endpoint, workspace_id, and the proxies between you "
            "and the service"
        )
    # A workspace that does not exist or belongs to another account causes an error without a code; so do bad values,
    # with 400.
    if not code and error.http_status in (401, 403, 404):
        return "check workspace_id, the region or endpoint, and that the user belongs to the workspace"
    return None


def _first_text(payload: dict[str, object], *names: str) -> str | None:
    """Return the first text with one of these names, unredacted: ``SecretRedactor.redact`` redacts it before output."""
    for name in names:
        value = payload.get(name)
        if isinstance(value, (str, int)) and not isinstance(value, bool) and str(value).strip():
            return str(value).strip()
    return None


MAX_RETRY_AFTER_SECONDS = 60.0


UNREADABLE_HINT = f"{HINTS[UNREADABLE]}, then run {DOCTOR}"


UNREADABLE_HINT = f"{HINTS[UNREADABLE]}, then run {DOCTOR}"


def describe_body(answer: Response) -> str:
    """Describe a response that holds no payload."""
    kind = answer.headers.get("content-type", "").split(";")[0].strip()[:60]
    return f"the response is not a readable JSON object ({len(answer.body)} bytes of {kind or 'no content type'})"


def retry_after_seconds(headers: t.Mapping[str, str]) -> float | None:
    """Return the seconds that the server asks to wait, from the newest header to the oldest, or None.

    ``x-acs-retry-after`` is in milliseconds (official SDK 0.4.6), ``x-ratelimit-*`` carry ``TimeLeft:<ms>`` (before
    0.4.2), ``Retry-After`` is in seconds.
    """
    millis = [headers.get("x-acs-retry-after", "")]
    for name in ("x-ratelimit-user-api", "x-ratelimit-user"):
        pairs = (pair.partition(":") for pair in headers.get(name, "").split(","))
        millis += [value for key, dummy, value in pairs if key.strip().lower() == "timeleft"]
    asked = [_parse_whole_number(text) / 1000 for text in millis] + [
        _parse_whole_number(headers.get("retry-after", ""))
    ]
    return next((min(seconds, MAX_RETRY_AFTER_SECONDS) for seconds in asked if seconds > 0), None)


def _parse_whole_number(text: str) -> float:
    """Return a header's whole number, 0 for anything else. Not as an int, whose digits Python limits."""
    return float(text) if text.strip().isascii() and text.strip().isdigit() else 0.0
