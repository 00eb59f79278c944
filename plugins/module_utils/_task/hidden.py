# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""Hide secrets in invalid arguments, by the names of the options. Pure.

Ansible hides the values of secret options only as far as the arguments could be read.
"""

from __future__ import annotations

import typing as t

from .._payload import Params
from .._redaction import REDACTED

Options = t.Mapping[str, dict[str, t.Any]]
_PLAIN_TYPES = ("str", "int", "float", "bool", "path")


def hide_secrets(spec: Options, arguments: Params) -> dict[str, t.Any]:
    """Return the arguments with every possible secret hidden.

    Hide every secret option, and every unknown option: a misspelled name may belong to a secret. Hide every value of
    another type than its option, and every free mapping or JSON text.
    """
    return {str(name): _hide(spec.get(str(name)), value) for name, value in arguments.items()}


def collect_secrets(spec: Options, arguments: Params) -> list[str]:
    """Return the values that :func:`hide_secrets` hides at the places of secret options, those that are text."""
    found: list[str] = []
    for name, value in arguments.items():
        option = spec.get(str(name)) or {}
        if option.get("no_log"):
            found.append(str(value))
        for item in value if isinstance(value, (list, tuple)) else [value]:
            if option.get("options") and isinstance(item, t.Mapping):
                found += collect_secrets(option["options"], item)
    return found


def _hide(option: dict[str, t.Any] | None, value: t.Any) -> t.Any:
    if value is None:
        return None
    if option is None or option.get("no_log"):
        return REDACTED
    kind = option.get("type", "str")
    if kind == "list" and isinstance(value, (list, tuple)):
        element = {"type": option.get("elements", "str"), "options": option.get("options")}
        return [_hide(element, item) for item in value]
    if kind == "dict" and option.get("options") and isinstance(value, t.Mapping):
        return hide_secrets(option["options"], value)
    if kind in _PLAIN_TYPES and isinstance(value, (str, int, float)):
        return value
    return REDACTED
