# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""Read observations: types and helpers that all inferences share. Pure."""

from __future__ import annotations

import typing as t

# JSON data as the service gave it: its shape is what the probe asks about.
Value = t.Any
Json = dict[str, Value]
Facts = dict[str, Value]
Rules = dict[str, Value]
OK = "ok"


def only(hypotheses: t.Mapping[str, t.Callable[[], bool]]) -> str | None:
    """Return the one hypothesis that fits, None if none or several do."""
    fitting = [name for name, fits in hypotheses.items() if fits()]
    return fitting[0] if len(fitting) == 1 else None


def rule(name: str, value: Value) -> Rules:
    """Return a rule, none at all if the value is not known."""
    return {} if value is None else {name: value}


def first_node(shown: Json, part: str) -> Json:
    """Return the head or the first worker group, an empty mapping if it does not exist."""
    found = shown.get(part)
    found = found[0] if isinstance(found, list) and found else found
    return found if isinstance(found, dict) else {}


_FLAGS = {"False": False, "'false'": False, "'False'": False, "0": False,
          "True": True, "'true'": True, "'True'": True, "1": True}  # fmt: skip


def read_flag(value: Value) -> bool | None:
    """Return a boolean in any of the formats of the rule ``booleans``, None for anything else."""
    return _FLAGS.get(repr(value))
