# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""Read the fields of a payload from its TypedDict: field lists, wire names, options and schemas derive from these."""

from __future__ import annotations

import functools
import typing as t

# The options of a task as Ansible validated them, and structures from users.
Params = t.Mapping[str, t.Any]


class Field(t.NamedTuple):
    """Properties of a field besides its type, given as ``Annotated[TYPE, Field(...)]``."""

    option: str = ""  # type of the option in the argument spec, where it is not that of the payload
    required: bool = False
    other_wire_name: str = ""  # a second spelling that some answers have
    secret: bool = False
    read_only: bool = False  # the service answers the field and never takes it
    in_list: bool = True  # the rows of a list have the field
    limits: t.Mapping[str, t.Any] = {}  # of a declared value, in pydantic's words: ge, min_length, max_length
    to_wire: t.Callable[[t.Any], str] | None = None  # from the declared value to its spelling on the wire
    check: t.Callable[[t.Any], t.Any] | None = None  # returns the declared value, or raises ValueError
    check_item: t.Callable[[t.Any], t.Any] | None = None


class FieldType(t.NamedTuple):
    """A declared field: the type of its value or of the items of its list, and its other properties."""

    type: t.Any
    is_list: bool
    is_payload: bool
    properties: Field


@functools.cache
def fields_of(payload: type) -> t.Mapping[str, FieldType]:
    """Return the fields of a TypedDict by name, inherited ones first."""
    return {name: _read_hint(hint) for name, hint in t.get_type_hints(payload, include_extras=True).items()}


def _read_hint(hint: t.Any) -> FieldType:
    properties = Field()
    if t.get_origin(hint) is t.Annotated:
        hint, properties = t.get_args(hint)
    is_list = t.get_origin(hint) is list
    value = t.get_args(hint)[0] if is_list else hint
    return FieldType(value, is_list, t.is_typeddict(value), properties)


def to_camel(name: str) -> str:
    """Return the API's spelling of an option name."""
    first, *rest = name.split("_")
    return first + "".join(part[:1].upper() + part[1:] for part in rest)


def to_snake(name: str) -> str:
    """Return the option name of the API's spelling."""
    return "".join(f"_{mark.lower()}" if mark.isupper() else mark for mark in name)


def field_names(payload: type, *, writable: bool = False, plain: bool = False) -> tuple[str, ...]:
    """Return names of fields: all, only those of requests (``writable``), or only those without subfields."""
    return tuple(
        name
        for name, field in fields_of(payload).items()
        if not (writable and field.properties.read_only) and not (plain and field.is_payload)
    )


Payload = t.TypeVar("Payload", bound=t.Mapping[str, object])


def pick(payload: type[Payload], values: t.Mapping[str, object]) -> Payload:
    """Return the declared fields of a payload that have a value, without nulls at any depth."""
    names = (name for name in fields_of(payload) if values.get(name) is not None)
    return t.cast(Payload, {name: _drop_nulls(values[name]) for name in names})


def _drop_nulls(value: object) -> object:
    if isinstance(value, dict):
        return {key: _drop_nulls(item) for key, item in value.items() if item is not None}
    return [_drop_nulls(item) for item in value] if isinstance(value, list) else value


def overlay(below: Payload, above: Payload) -> Payload:
    """Return a payload overlaid with the fields of another one, nested payloads field by field."""
    merged: dict[str, object] = dict(below)
    for key, value in above.items():
        old = merged.get(key)
        merged[key] = overlay(old if isinstance(old, dict) else {}, value) if isinstance(value, dict) else value
    return t.cast(Payload, merged)


def without(payload: Payload, *names: str) -> Payload:
    """Return a payload without some of its fields."""
    return t.cast(Payload, {name: value for name, value in payload.items() if name not in names})


def unlisted_names(payload: type) -> tuple[str, ...]:
    """Return the names of the fields that the rows of a list do not have."""
    return tuple(name for name, field in fields_of(payload).items() if not field.properties.in_list)


def refuse_bool(value: object) -> object:
    """Return a value that must be a number, since pydantic would read true as 1. Raises ValueError for a bool."""
    if isinstance(value, bool):
        raise ValueError("must be a number")  # noqa: TRY004 - pydantic reports a ValueError, and raises a TypeError
    return value
