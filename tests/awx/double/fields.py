# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a field of a resource takes, and how AWX refuses anything else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import yaml

Json = dict[str, Any]


class Refused(Exception):
    """An answer that is not the wanted one: its HTTP status and body."""

    def __init__(self, status: int, body: Json) -> None:
        super().__init__(f"{status}: {body}")
        self.status = status
        self.body = body


class Invalid(Exception):
    """A value that a field does not take."""


@dataclass(frozen=True)
class Field:
    """One field: what it takes (as OPTIONS names it), whether it has to be there, and what it is without a value."""

    type: str = "string"
    default: Any = ""
    required: bool = False
    null: bool = False
    choices: tuple[Any, ...] = ()
    to: str = ""
    longest: int = 0
    least: int | None = None
    read_only: bool = False
    write_only: bool = False


def text(longest: int = 0, *, required: bool = False, default: str = "") -> Field:
    """Return a field for text; one that is required may not be blank."""
    return Field("string", default=default, required=required, longest=longest)


def flag(default: bool = False) -> Field:
    """Return a field for true or false."""
    return Field("boolean", default=default)


def number(default: int | None = 0, least: int | None = 0) -> Field:
    """Return a field for a whole number."""
    return Field("integer", default=default, null=default is None, least=least)


def choice(*choices: Any, default: Any = "", required: bool = False) -> Field:
    """Return a field for one of several values."""
    return Field("choice", default=default, choices=choices, required=required)


def ref(to: str, *, required: bool = False) -> Field:
    """Return a field for the id of an object of another resource."""
    return Field("id", default=None, null=not required, required=required, to=to)


def mapping(*, read_only: bool = False) -> Field:
    """Return a field for an object."""
    return Field("json", default={}, read_only=read_only)


def variables(default: str = "---") -> Field:
    """Return a field for variables: a text that is JSON or YAML of an object."""
    return Field("variables", default=default)


def computed(default: Any = None) -> Field:
    """Return a field that only AWX writes; what is sent for it counts for nothing."""
    return Field("field", default=default, null=True, read_only=True)


def clean(field: Field, value: Any) -> Any:
    """Return what is stored for a value, or raise Invalid in the words of AWX."""
    if value is None:
        return _null(field)
    return _CLEANERS[field.type](field, value)


def _null(field: Field) -> Any:
    # AWX takes null for text and choices that may be blank, and keeps the empty text.
    if field.null:
        return None
    if field.type in {"string", "choice"} and not field.required:
        return ""
    raise Invalid("This field may not be null.")


def _text(field: Field, value: Any) -> str:
    if isinstance(value, bool | list | dict):
        raise Invalid("Not a valid string.")
    if field.required and not str(value).strip():
        raise Invalid("This field may not be blank.")
    if field.longest and len(str(value)) > field.longest:
        raise Invalid(f"Ensure this field has no more than {field.longest} characters.")
    return str(value)


def _flag(field: Field, value: Any) -> bool:
    if not isinstance(value, bool):
        raise Invalid("Must be a valid boolean.")
    return value


def _number(field: Field, value: Any) -> int:
    if isinstance(value, bool) or not str(value).lstrip("-").isdigit():
        raise Invalid("A valid integer is required.")
    if field.least is not None and int(value) < field.least:
        raise Invalid(f"Ensure this value is greater than or equal to {field.least}.")
    return int(value)


def _choice(field: Field, value: Any) -> Any:
    if value not in field.choices and not (value == "" and not field.required):
        raise Invalid(f'"{value}" is not a valid choice.')
    return value


def _ref(field: Field, value: Any) -> Any:
    if isinstance(value, bool) or not str(value).isdigit():
        raise Invalid(f"Incorrect type. Expected pk value, received {type(value).__name__}.")
    return int(value)


def _mapping(field: Field, value: Any) -> Any:
    if not isinstance(value, dict):
        raise Invalid("Expected an object.")
    return value


def _variables(field: Field, value: Any) -> str:
    if not isinstance(value, str):
        raise Invalid("Not a valid string.")
    try:
        parsed = yaml.safe_load(str(value)) or {}
    except yaml.YAMLError:
        parsed = None
    if not isinstance(parsed, dict):
        raise Invalid(
            "Cannot parse as JSON (error: Expecting value) or YAML (error: Input type str is not a dictionary)."
        )
    return str(value)


_CLEANERS = {
    "string": _text,
    "boolean": _flag,
    "integer": _number,
    "choice": _choice,
    "id": _ref,
    "json": _mapping,
    "variables": _variables,
}
