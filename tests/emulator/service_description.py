# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A file that describes how a service behaves: rules, timing, limits and faults in one JSON object."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from .model import Json


@dataclass
class ServiceDescription:
    """What `--rules-from` reads. `probe` is for the program that wrote the file, the emulator passes it over."""

    rules: Json = field(default_factory=dict)
    timing: Json = field(default_factory=dict)
    limits: Json = field(default_factory=dict)
    faults: list[Json] = field(default_factory=list)
    probe: Any = None

    @classmethod
    def of(cls, data: Any) -> ServiceDescription:
        """Build from JSON data; raises ValueError for an unknown key, a wrong type and where `rules` is missing."""
        _require(_is_object(data) and "rules" in data, 'expected a JSON object with the key "rules"')
        known = [item.name for item in fields(cls)]
        unknown = sorted(set(data) - set(known))
        _require(not unknown, f"unknown key {', '.join(unknown)}; known: {', '.join(known)}")
        result = cls(**data)
        _require(
            all(_is_object(part) for part in (result.rules, result.timing, result.limits)),
            "rules, timing and limits are objects",
        )
        _require(isinstance(result.faults, list) and all(map(_is_object, result.faults)), "faults is a list of objects")
        return result

    @classmethod
    def read(cls, path: Path) -> ServiceDescription:
        """Read a JSON file; raises ValueError that names the file, or OSError."""
        try:
            return cls.of(json.loads(path.read_text(encoding="utf-8")))
        except ValueError as error:
            raise ValueError(f"{path}: {error}") from None


def _is_object(data: object) -> bool:
    return isinstance(data, dict)


def _require(condition: bool, message: str) -> None:
    if not condition:
        raise ValueError(message)
