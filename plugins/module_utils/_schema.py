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
from ._payload import FieldType, fields_of, refuse_bool, to_camel

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
        read: Payload = _validator(_answer_schema, payload, wire_name).validate_python(value)
    except ValidationError as error:
        from ._schema_problems import problems_of

        raise ApiError(operation, f"the response cannot be parsed: {'; '.join(problems_of(error))}") from None
    return read


def read_declared(payload: type[Payload], value: object) -> Payload:
    """Return declared options, every value in its spelling on the wire. Raises ParameterError with all problems."""
    try:
        read: Payload = _validator(_declared_schema, payload).validate_python(value)
    except ValidationError as error:
        from ._schema_problems import problems_of

        raise ParameterError(problems_of(error)) from None
    return read


@functools.cache
def _validator(build: t.Callable[..., t.Any], *arguments: t.Any) -> SchemaValidator:
    return SchemaValidator(build(*arguments), core_schema.CoreConfig(hide_input_in_errors=True))


def _value_schema(field: FieldType, payload_schema: t.Callable[[type], t.Any], limits: t.Mapping[str, t.Any]) -> t.Any:
    """Return the schema of a value or of an item; ``payload_schema`` makes that of a payload in it."""
    if field.is_payload:
        return payload_schema(field.type)
    if field.type in (object, bool):
        return core_schema.any_schema() if field.type is object else core_schema.bool_schema()
    if field.type is float:
        return core_schema.union_schema([core_schema.int_schema(**limits), core_schema.float_schema(**limits)])
    if field.type is str:
        return core_schema.str_schema(coerce_numbers_to_str=True, **limits)
    return core_schema.no_info_before_validator_function(refuse_bool, core_schema.int_schema(**limits))


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


def _answer_schema(payload: type, wire_name: t.Callable[[str], str], *, inner: bool = False) -> t.Any:
    fields = {}
    nested = functools.partial(_answer_schema, wire_name=wire_name, inner=True)
    for name, field in fields_of(payload).items():
        # Only the outermost payload has required fields: its id.
        required = field.properties.required and not inner
        schema = _value_schema(field, nested, {"min_length": 1} if required else {})
        schema = core_schema.list_schema(schema) if field.is_list else schema
        if not required:
            schema = core_schema.with_default_schema(core_schema.nullable_schema(schema), default=None)
        aliases: list[list[str | int]] = [
            [each] for each in (wire_name(name), field.properties.other_wire_name) if each
        ]
        fields[name] = core_schema.model_field(schema, validation_alias=aliases)
    schema = core_schema.model_fields_schema(fields, extra_behavior="allow")
    return core_schema.no_info_after_validator_function(_drop_nulls, schema)


def _drop_nulls(read: tuple[dict[str, t.Any], dict[str, t.Any] | None, set[str]]) -> dict[str, t.Any]:
    """Return the fields that have a value, and those that are newer than this collection: an update keeps them."""
    known, unknown, _given = read
    newer = {name: value for name, value in (unknown or {}).items() if name not in known}
    return {**newer, **{name: value for name, value in known.items() if value is not None}}
