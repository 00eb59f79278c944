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
import json
import typing as t

from .._errors import ApiError, ParameterError
from .._redaction import is_hidden, is_mask, is_secret_name
from .._schema import SchemaError, Validator, declared, observed
from .fields import STATES, Cluster, Spec

_STATES_BY_CASE = {state.lower(): state for state in STATES}


@functools.lru_cache(maxsize=1)
def _declared_spec() -> Validator:
    return declared(Spec)


@functools.lru_cache(maxsize=1)
def _observed_cluster() -> Validator:
    return observed(Cluster)


def parse_cluster(payload: t.Any, operation: str) -> dict[str, t.Any]:
    """Return a cluster of the service's answer as a dict with snake_case keys, absent fields None.

    A state that is known has the spelling of :data:`STATES`, whatever its case. Raises ApiError when a known field has
    a type that makes no sense.
    """
    try:
        cluster = t.cast(dict[str, t.Any], _observed_cluster().validate(_objects_to_text(payload)))
    except SchemaError as error:
        raise ApiError(operation, f"the answer cannot be understood: {'; '.join(error.problems)}") from None
    state = cluster.get("state")
    if state and state not in STATES:
        cluster["state"] = _STATES_BY_CASE.get(state.strip().lower(), state)
    return cluster


def _objects_to_text(payload: t.Any) -> t.Any:
    """Return a payload in which the ``env`` and ``extraParam`` of every node are text, also where they are objects."""
    if not isinstance(payload, dict):
        return payload
    node = dict(payload)
    if isinstance(node.get("env"), dict):
        node["env"] = "\n".join(f"{name}={'' if value is None else value}" for name, value in node["env"].items())
    if isinstance(node.get("extraParam"), (dict, list)):
        node["extraParam"] = json.dumps(node["extraParam"])
    if isinstance(node.get("headSpec"), dict):
        node["headSpec"] = _objects_to_text(node["headSpec"])
    if isinstance(node.get("workerSpec"), list):
        node["workerSpec"] = [_objects_to_text(group) for group in node["workerSpec"]]
    return node


def parse_spec(declared: dict[str, t.Any]) -> dict[str, t.Any]:
    """Return the declared spec with only what is set, every value as it is spelled on the wire.

    ``declared`` has the option names of emr_ray_cluster. Raises ParameterError that names every bad option at once.
    """
    given = _drop_unset(declared)
    hidden = [
        f"{path}: is a hidden value, shown in place of a secret; give the real one, or leave the option out"
        for path in _find_hidden(given, "")
    ]
    try:
        spec = t.cast(dict[str, t.Any], _declared_spec().validate(given))
    except SchemaError as error:
        raise ParameterError(hidden + error.problems) from None
    if hidden:
        raise ParameterError(hidden)
    return spec


def _find_hidden(value: t.Any, path: str, is_secret: bool = False) -> t.Iterator[str]:
    """Yield the paths of values that are no values: what a result or a service shows in place of a secret."""
    if isinstance(value, dict):
        in_env = path.endswith(".env")
        for key, item in value.items():
            secret = key == "redis_password" or (in_env and is_secret_name(key))
            yield from _find_hidden(item, f"{path}.{key}" if path else str(key), secret)
    elif isinstance(value, list):
        for number, item in enumerate(value):
            name = item.get("group_name", number) if isinstance(item, dict) else number
            yield from _find_hidden(item, f"{path}[{name}]")
    elif isinstance(value, str) and (is_hidden(value) or (is_secret and is_mask(value))):
        yield path


def _drop_unset(value: t.Any) -> t.Any:
    """Drop options that were not given; a module gets them as None."""
    if isinstance(value, dict):
        return {key: item if key == "env" else _drop_unset(item) for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return [_drop_unset(item) for item in value]
    return value
