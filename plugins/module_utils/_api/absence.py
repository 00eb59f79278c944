# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""Decide whether an error of the API proves that an object is absent. Pure."""

from __future__ import annotations

import re

from .._errors import ApiError, Failure

# In an error code, these words do not name another object than the one of the request.
_NEUTRAL_WORDS = re.compile(
    r"notfound|notexists?|invalid|errors?|exception|resource|entity|object|emr|serverless|spark|ray|business|does|is|ids?"
)
# The gateway gives these answers before it searches for the resource.
_GATEWAY_OBJECTS = ("accesskey", "action", "api", "region", "signature", "token", "version", "workspace")
# Other words in codes for the object of the request.
_SYNONYMS = {"cluster": "clusters?", "job": "jobs?|submissions?", "log": "logs?|files?|paths?|bucket"}


def _code_letters(error: ApiError) -> str:
    return "".join(letter for letter in (error.code or "").lower() if letter.isalpha())


def _says_not_found(letters: str) -> bool:
    return "notfound" in letters or "notexist" in letters


def is_absent(error: ApiError, kind: str) -> bool:
    """Return whether an error proves that the object of the request, a ``kind`` of cluster, job, or log, is absent.

    The proof is status 404 with a code that names the kind and nothing else. The service also responds with 404 to an
    unknown access key, path, or workspace, and to a missing part of a cluster. A proxy that cannot reach the service
    may respond in the same way.
    """
    letters = _code_letters(error)
    if error.http_status != 404 or kind not in letters or not _says_not_found(letters):
        return False
    return not re.sub(_SYNONYMS[kind], "", _NEUTRAL_WORDS.sub("", letters))


def may_mean_absent(error: Failure) -> bool:
    """Return whether an error may come from an absent object without proving that it is absent."""
    if not isinstance(error, ApiError):
        return False
    letters = _code_letters(error)
    return (error.http_status in (404, 410) or _says_not_found(letters)) and not any(
        other in letters for other in _GATEWAY_OBJECTS
    )
