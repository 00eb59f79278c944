# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""What two spellings of a field mean, and how a field is spelled on the wire. Pure."""

from __future__ import annotations

import json
import shlex
import typing as t

from .._quantities import parse_cpu, parse_memory


def parse_env(text: str) -> dict[str, str]:
    """Return the variables in ``KEY=VALUE`` lines; blank lines and a trailing line feed mean nothing."""
    lines = (line.rstrip("\r") for line in text.split("\n"))
    pairs = (line.partition("=") for line in lines if line.strip())
    return {pair[0]: pair[2] for pair in pairs}


def to_wire_env(variables: object) -> str:
    """Spell variables as ``KEY=VALUE`` lines; raise ValueError for what such lines cannot carry."""
    if not isinstance(variables, dict):
        raise ValueError("must be a mapping of variables")  # noqa: TRY004 - pydantic catches ValueError
    lines = []
    for key, value in variables.items():
        if not str(key).strip() or any(mark in str(key) for mark in "=\n\r"):
            raise ValueError(f"has the name {key!r}, which is empty or contains '=' or a line break")
        if value is None or isinstance(value, (bool, dict, list)):
            raise ValueError(f"needs text for {key}; quote the value")
        if "\n" in str(value) or "\r" in str(value):
            raise ValueError(f"has a line break in {key}, and the service keeps one variable per line")
        lines.append(f"{key}={value}")
    return "\n".join(lines)


def check_shell_words(text: str) -> str:
    """Return a text. Raises ValueError when a shell could not split it into words."""
    try:
        shlex.split(text)
    except ValueError as error:
        raise ValueError(f"cannot be split into words ({error})") from None
    return text


def check_json(text: str) -> str:
    """Return a text. Raises ValueError when it is not JSON."""
    try:
        if text:
            json.loads(text)
    except (ValueError, RecursionError):
        raise ValueError("is not valid JSON") from None
    return text


def _canonical_json(text: str) -> str | None:
    parsed = json.loads(text)
    return json.dumps(parsed, sort_keys=True) if parsed not in ({}, None) else None


# How a field is read before it is compared. Fields that are not here are compared as they are.
_PARSERS: dict[str, t.Callable[[t.Any], t.Any]] = {
    "cpu": parse_cpu,
    "memory": parse_memory,
    "env": parse_env,
    "ray_start_params": shlex.split,
    "extra_param": _canonical_json,
    "volume_ids": frozenset,
}


def canonicalize(field: str, value: object) -> object:
    """Return what ``value`` means for ``field``, equal for every spelling of the same thing.

    Nothing, an empty text, list or mapping and ``false`` all mean "not set". What cannot be read, since a service may
    spell things in a way that nobody knows yet, means itself.
    """
    if (not value and not isinstance(value, int)) or value is False:
        return None
    try:
        return _PARSERS[field](value) or None if field in _PARSERS else value
    except (ValueError, TypeError, AttributeError, RecursionError):
        return value


def is_equivalent(field: str, one: object, other: object) -> bool:
    """Tell whether two values of a field mean the same."""
    return bool(canonicalize(field, one) == canonicalize(field, other))
