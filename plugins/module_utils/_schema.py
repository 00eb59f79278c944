# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""Build pydantic-core validators of payloads from their TypedDicts; the only file that imports pydantic.

Private to this collection.
"""

from __future__ import annotations

import typing as t

from ._naming import to_camel
from ._payload import FieldType, fields_of

try:
    import pydantic
    from pydantic_core import SchemaValidator, ValidationError, core_schema

    HAS_PYDANTIC = True
    PYDANTIC_VERSION = pydantic.VERSION
except ImportError:
    HAS_PYDANTIC = False
    PYDANTIC_VERSION = ""


def _value_schema(field: FieldType, payload_schema: t.Callable[[type], t.Any], limits: t.Mapping[str, t.Any]) -> t.Any:
    """Return the schema of a value or of an item; ``payload_schema`` makes that of a payload in it."""
    if field.is_payload:
        return payload_schema(field.type)
    if field.type is str:
        return core_schema.str_schema(coerce_numbers_to_str=True, **limits)
    return core_schema.int_schema(**limits) if field.type is int else core_schema.bool_schema()


def _declared_schema(payload: type) -> t.Any:
    """Return the schema of what the user gives: known fields only, and in the result only those that are set."""
    fields = {
        name: core_schema.typed_dict_field(_declared_field_schema(field), required=field.properties.required)
        for name, field in fields_of(payload).items()
        if not field.properties.read_only
    }
    return core_schema.typed_dict_schema(fields, extra_behavior="forbid")


def _declared_field_schema(field: FieldType) -> t.Any:
    properties = field.properties
    schema = _value_schema(field, _declared_schema, properties.limits)
    if properties.check_item:
        schema = core_schema.no_info_after_validator_function(properties.check_item, schema)
    if field.is_list:
        schema = core_schema.list_schema(schema)
    if properties.to_wire:
        schema = core_schema.no_info_before_validator_function(properties.to_wire, schema)
    return core_schema.no_info_after_validator_function(properties.check, schema) if properties.check else schema


def _observed_schema(payload: type, *, inner: bool = True) -> t.Any:
    """Return the schema of what the service gives: any field may be missing, null, or one that nobody knows yet.

    Only the outermost payload has required fields: its id.
    """
    fields = {
        name: _observed_field_schema(name, field, field.properties.required and not inner)
        for name, field in fields_of(payload).items()
    }
    schema = core_schema.model_fields_schema(fields, extra_behavior="allow")
    return core_schema.no_info_after_validator_function(_merge_unknown_fields, schema)


def _observed_field_schema(name: str, field: FieldType, required: bool) -> t.Any:
    if required:
        return core_schema.model_field(
            _value_schema(field, _observed_schema, {"min_length": 1}), validation_alias=to_camel(name)
        )
    schema = _value_schema(field, _observed_schema, {})
    if field.is_list:
        schema = core_schema.list_schema(schema)
    optional = core_schema.with_default_schema(core_schema.nullable_schema(schema), default=None)
    return core_schema.model_field(optional, validation_alias=to_camel(name))


def _merge_unknown_fields(read: tuple[dict[str, t.Any], dict[str, t.Any] | None, set[str]]) -> dict[str, t.Any]:
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

    def __init__(self, schema: t.Any) -> None:
        self._compiled = SchemaValidator(schema, core_schema.CoreConfig(hide_input_in_errors=True))

    def validate(self, value: t.Any) -> t.Any:
        """Return the value as its schema has it. Raises SchemaError."""
        try:
            return self._compiled.validate_python(value)
        except ValidationError as error:
            found = error.errors(include_url=False, include_input=False, include_context=False)
            raise SchemaError([_format_error(item) for item in found]) from None


def declared(payload: type) -> Validator:
    """Return a validator of the fields of ``payload`` that the user declares."""
    return Validator(_declared_schema(payload))


def observed(payload: type) -> Validator:
    """Return a validator of a ``payload`` that the API answers."""
    return Validator(_observed_schema(payload, inner=False))


def _format_error(error: t.Any) -> str:
    """Say in our own words what is wrong, without the value, which may be a secret."""
    path = ""
    for part in error["loc"]:
        path += f"[{part}]" if isinstance(part, int) else f".{part}" if path else str(part)
    text = error["msg"].removeprefix("Value error, ").removeprefix("Input ")
    return f"{path}: {text[:1].lower()}{text[1:]}"
