# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""Compare two spellings of a field by meaning, and spell fields as the service does. Pure."""

from __future__ import annotations

import json
import re
import shlex
import typing as t
import unicodedata

from .._quantities import parse_cpu, parse_memory
from .._redaction import REDACTED, is_mask, is_secret_name
from .._text_rules import EMPTY_TEXT, check_label, find_text_problem

# A value in a text of several that its name calls a secret, such as ``--redis-password=****`` or ``"token": "****"``.
_LABELED_VALUE = re.compile(r"""([\w-]+)["']?\s*[=:\s]\s*["']?([^\s"',;&]+)""")


def parse_env(text: str) -> dict[str, str]:
    """Return the variables in ``KEY=VALUE`` lines.

    Blank lines, a trailing line feed and blanks around a name mean nothing. A value keeps the blanks at its ends unless
    its name is followed by blanks, too.
    """
    variables = {}
    for line in text.split("\n"):
        name, _sign, value = line.rstrip("\r").partition("=")
        if line.strip():
            variables[name.strip()] = value if name == name.rstrip() else value.strip()
    return variables


def normalize_text(text: str) -> str:
    """Return what a text means: in one Unicode form, without blanks and line feeds at its ends."""
    return unicodedata.normalize("NFC", text).replace("\r\n", "\n").strip()


def has_masked_secret(field: str, value: object) -> bool:
    """Return whether the service hid a secret inside the value of a field, which cannot be sent back then.

    An empty password may be a mask, too: it is never sent back.
    """
    if field == "redis_password":
        return not value or is_mask(value)
    if not is_mask(value) or field not in ("env", "ray_start_params", "extra_param"):
        return False
    pairs = parse_env(str(value)).items() if field == "env" else _LABELED_VALUE.findall(str(value))
    return any(is_secret_name(name) and is_mask(secret) for name, secret in pairs)


def to_wire_env(variables: object) -> str:
    """Spell variables as ``KEY=VALUE`` lines; raise ValueError for what such lines cannot carry."""
    if not isinstance(variables, dict):
        raise ValueError("must be a mapping of variables")  # noqa: TRY004 - pydantic catches ValueError
    lines = []
    for key, value in variables.items():
        name = str(key)
        if not name.strip() or name != name.strip() or any(mark in name for mark in "=\n\r"):
            raise ValueError(f"has the name {key!r}, which is empty, or has an outer blank, '=', or a line break")
        problem = "takes text, not null" if value is None else find_text_problem(value)
        if value == REDACTED or (is_secret_name(key) and is_mask(value)):
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
        json.loads(text, parse_constant=refuse_constant)
    except (ValueError, RecursionError):
        raise ValueError("is not valid JSON") from None
    return text


def refuse_constant(name: str) -> t.NoReturn:
    """Raise ValueError: Python's reader takes NaN and Infinity, which no JSON has."""
    raise ValueError(name)


def check_password(text: str) -> str:
    """Return a text. Raises ValueError if it is empty, or a mask from a result instead of the password."""
    if not text:
        raise ValueError(EMPTY_TEXT)
    if is_mask(text):
        raise ValueError("is a mask from a result, not the password")
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


def _canonical_env(text: str) -> dict[str, str]:
    return {normalize_text(name): normalize_text(value) for name, value in parse_env(text).items()}


def _canonical_worker_type(text: str) -> str | None:
    kind = text.strip().upper()
    return None if kind == "CPU" else kind


# How a field is read before it is compared. Other texts are compared by :func:`normalize_text`.
_PARSERS: dict[str, t.Callable[[t.Any], t.Any]] = {
    "cpu": parse_cpu,
    "memory": parse_memory,
    "env": _canonical_env,
    "ray_start_params": lambda text: [normalize_text(word) for word in shlex.split(text)],
    "extra_param": _canonical_json,
    "volume_ids": lambda ids: frozenset(map(normalize_text, ids)),
    "worker_type": _canonical_worker_type,
    "idle_timeout_seconds": lambda seconds: int(seconds) or None,
}


def canonicalize(field: str, value: object) -> object:
    """Return the meaning of ``value`` for ``field``, equal for all spellings with the same meaning.

    None and ``false`` and an empty text, list, or mapping all mean "not set". An idle time of 0 and the worker type
    CPU mean the same. A value that cannot be read means itself: the service may use a spelling that is not known here.
    """
    if (not value and not isinstance(value, int)) or value is False:
        return None
    try:
        if field in _PARSERS:
            return _PARSERS[field](value) or None
    except (ValueError, TypeError, AttributeError, RecursionError):
        return value
    return normalize_text(value) or None if isinstance(value, str) else value


def is_equivalent(field: str, one: object, other: object) -> bool:
    """Return whether two values of a field mean the same."""
    return bool(canonicalize(field, one) == canonicalize(field, other))


def matches_declared(field: str, observed: t.Any, declared: t.Any) -> bool:
    """Return whether the service shows the declared value; a masked secret counts as equal."""
    if field != "env" or not has_masked_secret(field, observed):
        return is_equivalent(field, observed, declared)
    has, wanted = parse_env(observed), parse_env(declared)
    shown = {name: wanted.get(name, value) if is_mask(value) else value for name, value in has.items()}
    return is_equivalent(field, "\n".join(f"{name}={value}" for name, value in shown.items()), declared)
