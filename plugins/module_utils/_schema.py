# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""Build pydantic-core validators from a table of fields; the only file that imports pydantic.

Private to this collection.
"""

from __future__ import annotations

import functools
import typing as t

from ._naming import to_camel

try:
    import pydantic
    from pydantic_core import SchemaValidator, ValidationError, core_schema

    HAS_PYDANTIC = True
    PYDANTIC_VERSION = pydantic.VERSION
except ImportError:
    HAS_PYDANTIC = False
    PYDANTIC_VERSION = ""

Shape = dict[str, t.Any]


class Rules(t.NamedTuple):
    """What declared fields must satisfy besides their type, by field name."""

    required: t.Container[str]
    limits: t.Mapping[str, dict[str, t.Any]]
    spelled: t.Mapping[str, t.Callable[[t.Any], str]]
    checked: t.Mapping[str, t.Callable[[t.Any], t.Any]]
    checked_items: t.Mapping[str, t.Callable[[t.Any], t.Any]]
    too_long: str


def _value_schema(kind: t.Any, fields: t.Callable[[Shape], t.Any], limits: dict[str, t.Any]) -> t.Any:
    """Return the schema of one kind of value; ``fields`` makes that of a value with fields of its own."""
    if isinstance(kind, dict):
        return fields(kind)
    if kind is str:
        return core_schema.str_schema(coerce_numbers_to_str=True, **limits)
    return core_schema.int_schema(**limits) if kind is int else core_schema.bool_schema()


def _declared_schema(shape: Shape, rules: Rules) -> t.Any:
    """Return the schema of what the user gives: known fields only, and in the result only those that are set."""
    return core_schema.typed_dict_schema(
        {
            name: core_schema.typed_dict_field(
                _declared_field_schema(name, kind, rules), required=name in rules.required
            )
            for name, kind in shape.items()
        },
        extra_behavior="forbid",
    )


def _declared_field_schema(name: str, kind: t.Any, rules: Rules) -> t.Any:
    limits = rules.limits.get(name, {})
    nested = functools.partial(_declared_schema, rules=rules)
    if isinstance(kind, list):
        items = _value_schema(kind[0], nested, {})
        if name in rules.checked_items:
            items = core_schema.no_info_after_validator_function(rules.checked_items[name], items)
        schema: t.Any = core_schema.list_schema(items, **limits)
    else:
        schema = _value_schema(kind, nested, limits)
    if name in rules.spelled:
        schema = core_schema.no_info_before_validator_function(rules.spelled[name], schema)
    if name in rules.checked:
        schema = core_schema.no_info_after_validator_function(rules.checked[name], schema)
    return schema


def _observed_schema(shape: Shape, required: str = "") -> t.Any:
    """Return the schema of what the service gives: any field may be missing, null, or one that nobody knows yet."""
    fields = {name: _observed_field_schema(name, kind, name == required) for name, kind in shape.items()}
    schema = core_schema.model_fields_schema(fields, extra_behavior="allow")
    return core_schema.no_info_after_validator_function(_merge_unknown_fields, schema)


def _observed_field_schema(name: str, kind: t.Any, required: bool) -> t.Any:
    if required:
        return core_schema.model_field(
            _value_schema(kind, _observed_schema, {"min_length": 1}), validation_alias=to_camel(name)
        )
    schema = _value_schema(kind[0] if isinstance(kind, list) else kind, _observed_schema, {})
    if isinstance(kind, list):
        schema = core_schema.list_schema(schema)
    optional = core_schema.with_default_schema(core_schema.nullable_schema(schema), default=None)
    return core_schema.model_field(optional, validation_alias=to_camel(name))


def _merge_unknown_fields(read: tuple[Shape, Shape | None, set[str]]) -> Shape:
    """Return the fields with those that nobody knows yet, so that an update does not lose them."""
    known, unknown, _given = read
    return {**(unknown or {}), **known}


class SchemaError(ValueError):
    """A value that does not match its schema; ``problems`` name the fields, never a value, which may be a secret."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


class Validator:
    """A compiled schema."""

    def __init__(self, schema: t.Any, rules: Rules | None = None) -> None:
        self._compiled = SchemaValidator(schema, core_schema.CoreConfig(hide_input_in_errors=True))
        self._rules = rules

    def validate(self, value: t.Any) -> t.Any:
        """Return the value as its schema has it. Raises SchemaError."""
        try:
            return self._compiled.validate_python(value)
        except ValidationError as error:
            found = error.errors(include_url=False, include_input=False, include_context=False)
            raise SchemaError([_format_error(item, self._rules) for item in found]) from None


def declared(shape: Shape, rules: Rules) -> Validator:
    """Return a validator of what the user declares."""
    return Validator(_declared_schema(shape, rules), rules)


def observed(shape: Shape, required: str) -> Validator:
    """Return a validator of what the API answers, where only the field ``required`` must be present."""
    return Validator(_observed_schema(shape, required))


def _format_error(error: t.Any, rules: Rules | None) -> str:
    """Say in our own words what is wrong, without the value, which may be a secret."""
    path = ""
    for part in error["loc"]:
        path += f"[{part}]" if isinstance(part, int) else f".{part}" if path else str(part)
    text = error["msg"].removeprefix("Value error, ").removeprefix("Input ")
    if error["type"] == "too_long" and rules:
        text = rules.too_long
    return f"{path}: {text[:1].lower()}{text[1:]}"
