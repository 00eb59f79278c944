# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""Check that the required libraries are installed and new enough."""

from __future__ import annotations

from .._api.transport import HAS_HTTPX, HTTPX_VERSION
from .._errors import MissingLibraryError
from .._schema import HAS_PYDANTIC, PYDANTIC_VERSION

HTTPX_FLOOR = "0.27.0"
PYDANTIC_FLOOR = "2.7.0"


def find_library_problem() -> MissingLibraryError | None:
    """Return the libraries that are missing or too old as one error, or None."""
    found = []
    for library, present, version, floor in (
        ("httpx", HAS_HTTPX, HTTPX_VERSION, HTTPX_FLOOR),
        ("pydantic", HAS_PYDANTIC, PYDANTIC_VERSION, PYDANTIC_FLOOR),
    ):
        if not present:
            found.append(MissingLibraryError(library, floor))
        elif parse_version(version) < parse_version(floor):
            found.append(MissingLibraryError(library, floor, version))
    if not found:
        return None
    first, *others = found
    return MissingLibraryError(first.library, first.floor, first.found, others)


def parse_version(version: str) -> tuple[int, ...]:
    """Return the numbers of a version, to compare it by."""
    return tuple(int(part) for part in version.split(".")[:3] if part.isdigit())
