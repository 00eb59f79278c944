# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""What two spellings of a field mean, and how a field is spelled on the wire. Pure."""

from __future__ import annotations

import json
import shlex
import typing as t

from .._quantities import parse_cpu, parse_memory
from .._redaction import REDACTED, is_mask
from .._text_rules import EMPTY_TEXT, check_label, find_text_problem


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
        problem = "takes text, not null" if value is None else find_text_problem(value)
        if value == REDACTED:
            problem = "has a mask from a result instead of the value"
        if problem:
            raise ValueError(f"{problem} (variable {key})")
        if "\n" in str(value) or "\r" in str(value):
            raise ValueError(f"has a line break in {key}, and the service keeps one variable per line")
        lines.append(f"{key}={value}")
    return "\n".join(lines)


def check_shell_words(text: str) -> str:
    """Return a text. Raises ValueError when it is empty, or when a shell could not split it into words."""
    if not text:
        raise ValueError(EMPTY_TEXT)
    try:
        shlex.split(text)
    except ValueError as error:
        raise ValueError(f"cannot be split into words ({error})") from None
    return text


def check_json(text: str) -> str:
    """Return a text. Raises ValueError when it is not JSON."""
    if not text:
        raise ValueError(EMPTY_TEXT)
    try:
        json.loads(text, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        raise ValueError("is not valid JSON") from None
    return text


def _refuse_constant(name: str) -> t.NoReturn:
    """Raise ValueError: Python's reader takes NaN and Infinity, which no JSON has."""
    raise ValueError(name)


def check_password(text: str) -> str:
    """Return a text. Raises ValueError when it is empty, or a mask from a result instead of the password."""
    if not text:
        raise ValueError(EMPTY_TEXT)
    if is_mask(text):
        raise ValueError("is a mask from a result, not the password itself")
    return text


def check_redis_address(text: str) -> str:
    """Return a text. Raises ValueError when it is not ``host:port``."""
    host, _colon, port = check_label(text).rpartition(":")
    bracketed = host.startswith("[") and host.endswith("]")
    if not host or any(mark in text for mark in "/ @") or (":" in host and not bracketed):
        raise ValueError("must be host:port, such as 10.0.0.1:6379, without a scheme")
    if not (port.isascii() and port.isdigit() and len(port) < 6 and 0 < int(port) < 65536):
        raise ValueError("must end with a port, such as 10.0.0.1:6379")
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
