# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""Validate payloads by their TypedDicts; the only file that imports pydantic.

The schemas are built for pydantic's core. Its public TypeAdapter takes no ``typing.TypedDict`` before Python 3.12,
triples the time of the import, and would show validated values, secrets included, to other packages' pydantic plugins.
"""

from __future__ import annotations

import functools
import typing as t

from ._errors import ApiError, ParameterError
from ._payload import FieldType, fields_of, to_camel

try:
    import pydantic
    from pydantic_core import SchemaValidator, ValidationError, core_schema

    HAS_PYDANTIC = True
    PYDANTIC_VERSION = pydantic.VERSION
except ImportError:
    HAS_PYDANTIC = False
    PYDANTIC_VERSION = ""

Payload = t.TypeVar("Payload", bound=t.Mapping[str, object])


def read_answer(
    payload: type[Payload], value: object, operation: str, wire_name: t.Callable[[str], str] = to_camel
) -> Payload:
    """Return a response with snake_case keys, without null fields; ``wire_name`` returns a field's wire name.

    Unknown fields and values pass. Raises ApiError if a known field has another type, or the id is missing.
    """
    try:
        read: Payload = _answer_validator(payload, wire_name).validate_python(value)
    except ValidationError as error:
        raise ApiError(operation, f"the response cannot be parsed: {'; '.join(_problems(error))}") from None
    return read


def read_rows(row: type[Payload], answer: t.Mapping[str, object], field: str, operation: str) -> list[Payload]:
    """Return the rows in a field of a response. Raises ApiError if there is no list, and as :func:`read_answer`."""
    rows = answer.get(field)
    if not isinstance(rows, list):
        raise ApiError(operation, f"the response has no list of {field}")
    return [read_answer(row, item, operation) for item in rows]


def read_declared(payload: type[Payload], value: object) -> Payload:
    """Return declared options, every value in its spelling on the wire. Raises ParameterError with all problems."""
    try:
        read: Payload = _declared_validator(payload).validate_python(value)
    except ValidationError as error:
        raise ParameterError(_problems(error)) from None
    return read


@functools.cache
def _answer_validator(payload: type, wire_name: t.Callable[[str], str]) -> SchemaValidator:
    return SchemaValidator(
        _answer_schema(payload, wire_name, inner=False), core_schema.CoreConfig(hide_input_in_errors=True)
    )


@functools.cache
def _declared_validator(payload: type) -> SchemaValidator:
    return SchemaValidator(_declared_schema(payload), core_schema.CoreConfig(hide_input_in_errors=True))


def _value_schema(field: FieldType, payload_schema: t.Callable[[type], t.Any], limits: t.Mapping[str, t.Any]) -> t.Any:
    """Return the schema of a value or of an item; ``payload_schema`` makes that of a payload in it."""
    if field.is_payload:
        return payload_schema(field.type)
    if field.type is object:
        return core_schema.any_schema()
    if field.type is float:
        return core_schema.union_schema([core_schema.int_schema(**limits), core_schema.float_schema(**limits)])
    if field.type is str:
        return core_schema.str_schema(coerce_numbers_to_str=True, **limits)
    if field.type is bool:
        return core_schema.bool_schema()
    return core_schema.no_info_before_validator_function(_refuse_bool, core_schema.int_schema(**limits))


def _refuse_bool(value: object) -> object:
    """Return a value that must be a number, since pydantic would read true as 1. Raises ValueError for a bool."""
    if isinstance(value, bool):
        raise ValueError("must be a number")  # noqa: TRY004 - pydantic reports a ValueError, and raises a TypeError
    return value


def _declared_schema(payload: type) -> t.Any:
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


def _answer_schema(payload: type, wire_name: t.Callable[[str], str], *, inner: bool = True) -> t.Any:
    fields = {}
    nested = functools.partial(_answer_schema, wire_name=wire_name)
    for name, field in fields_of(payload).items():
        # Only the outermost payload has required fields: its id.
        required = field.properties.required and not inner
        schema = _value_schema(field, nested, {"min_length": 1} if required else {})
        if field.is_list:
            schema = core_schema.list_schema(schema)
        if not required:
            schema = core_schema.with_default_schema(core_schema.nullable_schema(schema), default=None)
        other = field.properties.other_wire_name
        aliases: list[list[str | int]] = [[alias] for alias in (wire_name(name), other) if alias]
        fields[name] = core_schema.model_field(schema, validation_alias=aliases)
    schema = core_schema.model_fields_schema(fields, extra_behavior="allow")
    return core_schema.no_info_after_validator_function(_drop_nulls, schema)


def _drop_nulls(read: tuple[dict[str, t.Any], dict[str, t.Any] | None, set[str]]) -> dict[str, t.Any]:
    """Return the fields that have a value, and those that are newer than this collection: an update keeps them."""
    known, unknown, _given = read
    newer = {name: value for name, value in (unknown or {}).items() if name not in known}
    return {**newer, **{name: value for name, value in known.items() if value is not None}}


def _problems(error: ValidationError) -> list[str]:
    """Return the errors by field, without the values, which may be secrets."""
    return [
        _format_problem(found) for found in error.errors(include_url=False, include_input=False, include_context=False)
    ]


def _format_problem(found: t.Any) -> str:
    path = ""
    for part in found["loc"]:
        path += f"[{part}]" if isinstance(part, int) else f".{part}" if path else str(part)
    text = found["msg"].removeprefix("Value error, ").removeprefix("Input ")
    text = text.replace("should be greater than or equal to", "must be at least").replace("should be", "must be")
    return f"{path}: {text[:1].lower()}{text[1:]}"
