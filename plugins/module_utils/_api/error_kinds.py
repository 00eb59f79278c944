# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""Classify errors of the API. Pure."""

from __future__ import annotations

import re
from email.utils import parsedate_to_datetime

from .._errors import ApiError


def parse_http_date(date: str | None) -> float | None:
    """Return the time of a ``Date`` header in seconds since the epoch, or None if it cannot be read."""
    try:
        return parsedate_to_datetime(date).timestamp() if date else None
    except (ValueError, TypeError, OverflowError):
        return None


def is_access_denied(error: ApiError) -> bool:
    """Return whether the service denies this user the read, or says only that there is no visible object."""
    # For a workspace that does not exist or belongs to another account, the service sends no code.
    return is_denial_code(error.code or "", error.http_status) or (not error.code and error.http_status in (401, 404))


def is_throttled(error: ApiError) -> bool:
    """Return whether the service refused because of too many requests.

    The official SDK treats every error with ``x-acs-retry-after`` as such. After an error that may follow the effect,
    the header is only a pause.
    """
    asked = error.told_to_wait and not is_ambiguous_status(error.http_status)
    return asked or "throttling" in (error.code or "").lower() or error.http_status == 429


def is_ambiguous_status(status: int | None) -> bool:
    """Return whether a status leaves open whether the service executed the request."""
    status = status or 0
    return 300 <= status < 400 or status in (408, 409) or status >= 500


def is_denial_code(code: str, status: int | None) -> bool:
    """Return whether a code and a status mean that this user lacks a permission."""
    words = ("forbidden", "nopermission", "unauthorized", "accessdenied")
    is_other = code.startswith("Signature") or bool(_STATE_WORDS.search(code))
    return any(word in code.lower() for word in words) or (status == 403 and not is_other)


# In an error code, these words mean that the object is in a state that does not allow the operation.
_STATE_WORDS = re.compile(r"operationdenied|incorrect|state|status|conflict|locked|busy", re.IGNORECASE)


# In an error code, these words mean that the request itself is wrong, regardless of the object's state.
_REQUEST_WORDS = re.compile(
    r"parameter|argument|missing|malformed|validat|illegal|unsupported|quota|limit|exceed|format|json|signature"
    r"|notfound|notexist|invalid(?!.*(?:state|status|operation|phase))",
    re.IGNORECASE,
)


def is_about_request(error: ApiError) -> bool:
    """Return whether a refusal concerns the request or the caller, so that neither waiting nor stopping would help.

    A refusal without a code counts as one, except for status 409 (conflict).
    """
    status, code = error.http_status or 0, error.code or ""
    if is_access_denied(error) or is_throttled(error) or not 400 <= status < 500:
        return True
    return bool(_REQUEST_WORDS.search(code)) if code else status != 409
