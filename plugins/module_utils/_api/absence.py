# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""Decide whether an error of the API proves that an object is absent. Pure."""

from __future__ import annotations

from .._errors import ApiError, Failure

# Words of error codes that name something other than the object of the request.
_OTHER_OBJECTS = (
    "accesskey",
    "action",
    "api",
    "gateway",
    "group",
    "image",
    "network",
    "permission",
    "queue",
    "region",
    "role",
    "service",
    "signature",
    "token",
    "upstream",
    "user",
    "version",
    "volume",
    "workspace",
)
# The gateway gives these answers before it searches for the resource.
_GATEWAY_OBJECTS = ("accesskey", "action", "api", "region", "signature", "token", "version", "workspace")
_OBJECTS = ("cluster", "job", "log")


def _code_letters(error: ApiError) -> str:
    return "".join(letter for letter in (error.code or "").lower() if letter.isalpha())


def _says_not_found(letters: str) -> bool:
    return "notfound" in letters or "notexist" in letters


def is_absent(error: ApiError, kind: str) -> bool:
    """Return whether an error proves that the object of the request, a ``kind`` of cluster, job, or log, is absent.

    The proof is status 404 with a code that names the kind. The service also responds with 404 to an unknown access
    key, path, or workspace, and so does a proxy that cannot reach the service.
    """
    letters = _code_letters(error)
    others = (*_OTHER_OBJECTS, *(name for name in _OBJECTS if name != kind))
    if error.http_status != 404 or kind not in letters:
        return False
    return _says_not_found(letters) and not any(other in letters for other in others)


def may_mean_absent(error: Failure) -> bool:
    """Return whether an error may come from an absent object without proving that it is absent."""
    if not isinstance(error, ApiError):
        return False
    letters = _code_letters(error)
    return (error.http_status in (404, 410) or _says_not_found(letters)) and not any(
        other in letters for other in _GATEWAY_OBJECTS
    )
