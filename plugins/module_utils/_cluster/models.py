# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""The API's cluster payload and the declared spec.

The schemas of what the service answers are tolerant: unknown fields and unknown states pass. The schemas of what the
user declares are strict, and put every value into its spelling on the wire. They are given to pydantic's core, without
classes: importing what makes schemas out of classes costs a task three times as much as all its validation, and
plugins that other packages register with pydantic would see what is validated, secrets included.
Private to this collection.
"""

from __future__ import annotations

import functools
import typing as t

from .._errors import ApiError, ParameterError
from .._schema import SchemaError, Validator, declared, observed
from .fields import Cluster, Spec


@functools.lru_cache(maxsize=1)
def _declared_spec() -> Validator:
    return declared(Spec)


@functools.lru_cache(maxsize=1)
def _observed_cluster() -> Validator:
    return observed(Cluster)


def parse_cluster(payload: t.Any, operation: str) -> dict[str, t.Any]:
    """Return a cluster of the service's answer as a dict with snake_case keys, absent fields None.

    Raises ApiError when a known field has a type that makes no sense.
    """
    try:
        return t.cast(dict[str, t.Any], _observed_cluster().validate(payload))
    except SchemaError as error:
        raise ApiError(operation, f"the answer cannot be understood: {'; '.join(error.problems)}") from None


def parse_spec(declared: dict[str, t.Any]) -> dict[str, t.Any]:
    """Return the declared spec with only what is set, every value as it is spelled on the wire.

    ``declared`` has the option names of emr_ray_cluster. Raises ParameterError that names every bad option at once.
    """
    try:
        return t.cast(dict[str, t.Any], _declared_spec().validate(_drop_unset(declared)))
    except SchemaError as error:
        raise ParameterError(error.problems) from None


def _drop_unset(value: t.Any) -> t.Any:
    """Drop options that were not given; a module gets them as None."""
    if isinstance(value, dict):
        return {key: item if key == "env" else _drop_unset(item) for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return [_drop_unset(item) for item in value]
    return value
