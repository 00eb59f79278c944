# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""Write data as YAML that Ansible reads back unchanged: text that only resembles a template is not rendered. Pure.

Modules cannot rely on PyYAML, which does not support ``!unsafe`` anyway.
"""

from __future__ import annotations

import re

# Text that needs no quotes: it can be taken neither for a number nor for one of the words of YAML 1.1.
_UNQUOTED = re.compile(r"[A-Za-z_][A-Za-z0-9_./-]*")
_RESERVED_WORDS = frozenset(("y", "n", "yes", "no", "on", "off", "true", "false", "null", "none"))
_TEMPLATE_START = re.compile(r"\{[{%#]")


class Template(str):
    """A text that Ansible renders; every other text stays literal."""

    __slots__ = ()


def looks_like_template(text: str) -> bool:
    """Return whether Ansible might render a text."""
    return bool(_TEMPLATE_START.search(text))


def dump_yaml(value: object) -> str:
    """Return mappings, lists, text, whole numbers, truth values and None as YAML, ending in a line feed."""
    return "\n".join(_render_lines(value)) + "\n"


def _render_lines(value: object) -> list[str]:
    if isinstance(value, dict) and value:
        return [line for key, item in value.items() for line in _render_pair(_quote_text(str(key)), item)]
    if isinstance(value, list) and value:
        return [line for item in value for line in _render_item(_render_lines(item))]
    return [_render_scalar(value)]


def _render_pair(key: str, value: object) -> list[str]:
    lines = _render_lines(value)
    if isinstance(value, (dict, list)) and value:
        return [f"{key}:", *(f"  {line}" for line in lines)]
    return [f"{key}: {lines[0]}"]


def _render_item(lines: list[str]) -> list[str]:
    return [f"- {lines[0]}", *(f"  {line}" for line in lines[1:])]


def _render_scalar(value: object) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        unsafe = looks_like_template(value) and not isinstance(value, Template)
        return f"!unsafe {_quote_text(value)}" if unsafe else _quote_text(value)
    return "{}" if isinstance(value, dict) else "[]" if isinstance(value, list) else str(value)


def _quote_text(text: str) -> str:
    if _UNQUOTED.fullmatch(text) and text.lower() not in _RESERVED_WORDS:
        return text
    return '"' + "".join(map(_escape_char, text)) + '"'


def _escape_char(mark: str) -> str:
    if mark in '"\\':
        return "\\" + mark
    if mark.isprintable():
        return mark
    number = ord(mark)
    return f"\\x{number:02x}" if number < 0x100 else f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"
