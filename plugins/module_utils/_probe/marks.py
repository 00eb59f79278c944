# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""Name scratch clusters so that a later run recognizes them, and only them. Pure."""

from __future__ import annotations

import hashlib
import re
import typing as t
import unicodedata

from .facts import Value

PREFIX = "rayops-probe-"
_PATTERN = re.compile(PREFIX + r"([0-9a-f]{6})-([0-9a-f]{2})-([0-9a-f]{4})")


def scratch_name(run: str, number: int) -> str:
    """Return the name of scratch cluster ``number`` (0 to 255) of a run, given as six hexadecimal digits.

    The last four digits are a checksum: a cluster that a person names does not have them.
    """
    return f"{PREFIX}{run}-{number:02x}-{_checksum(run, f'{number:02x}')}"


def _checksum(run: str, number: str) -> str:
    return hashlib.sha256(f"{PREFIX}{run}-{number}".encode()).hexdigest()[:4]


def find_scratch_name(text: Value) -> str | None:
    """Return the scratch name that a text starts with, in any spelling that a service may make of it; None for none."""
    found = _PATTERN.match(_plain(text)) if isinstance(text, str) else None
    return found.group() if found and _checksum(found[1], found[2]) == found[3] else None


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold().strip()


def is_scratch(cluster: t.Mapping[str, Value]) -> bool:
    """Return whether the probe made a cluster, given as the service shows it.

    Its name says so. If the service hides or cuts the name, the description says so, and the rest of the name fits.
    """
    name = cluster.get("name")
    if find_scratch_name(name):
        return True
    described = find_scratch_name(cluster.get("description"))
    return described is not None and (not name or (isinstance(name, str) and described.startswith(_plain(name))))


def may_be_scratch(row: t.Mapping[str, Value]) -> bool:
    """Return whether a row of a list is worth a closer look: its name is missing, cut, or that of a scratch cluster."""
    name = _plain(str(row.get("name") or ""))
    return name.startswith(PREFIX) or PREFIX.startswith(name)
