# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""Validate a cluster from a response of the service, and a spec as the user declares it."""

from __future__ import annotations

import json
import typing as t

from .._api.responses import read_rows
from .._errors import Problems
from .._redaction import is_hidden
from .._schema import read_answer, read_declared
from .fields import STATES, Cluster, Spec

_STATES_BY_CASE = {state.lower(): state for state in STATES}


def parse_cluster(payload: object, operation: str) -> Cluster:
    """Return a cluster of the service's response. Raises ApiError as :func:`read_answer` does.

    A known state in any case has the spelling of :data:`STATES`.
    """
    return _with_known_state(read_answer(Cluster, _objects_to_text(payload), operation))


def parse_rows(payload: dict[str, t.Any]) -> list[Cluster]:
    """Return the clusters of a page of ListRayCluster, as :func:`parse_cluster` does."""
    rows = payload.get("rayClusters")
    if isinstance(rows, list):
        payload = {**payload, "rayClusters": [_objects_to_text(row) for row in rows]}
    return [_with_known_state(row) for row in read_rows(Cluster, payload, "rayClusters", "ListRayCluster")]


def _with_known_state(cluster: Cluster) -> Cluster:
    state = cluster.get("state")
    if isinstance(state, str) and state not in STATES:
        cluster["state"] = _STATES_BY_CASE.get(state.strip().lower(), state)
    return cluster


def _objects_to_text(payload: object) -> object:
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


def parse_spec(declared: t.Mapping[str, object]) -> Spec:
    """Return the declared spec with the options that are set, every value in its spelling on the wire.

    ``declared`` has the option names of emr_ray_cluster. Raises ParameterError that names every bad option at once.
    """
    given = dict(declared)
    head = given.get("head_spec")
    if isinstance(head, dict) and head.get("replica") in (0, 1):
        # Results have it, and users pass results as options.
        given["head_spec"] = {field: value for field, value in head.items() if field != "replica"}
    given = {name: value if name == "env" else _drop_unset(value) for name, value in given.items() if value is not None}
    problems = Problems(
        f"{path}: is a hidden value, shown in place of a secret; give the real one, or leave the option out"
        for path in _find_hidden(given, "")
    )
    spec: Spec = {}
    with problems:
        spec = read_declared(Spec, given)
    problems.raise_any()
    return spec


def _find_hidden(value: object, path: str) -> t.Iterator[str]:
    """Yield the paths of texts with what results show in place of a secret; the rules of secret fields do the rest."""
    if isinstance(value, dict):
        for key, item in value.items():
            if key not in ("env", "redis_password"):
                yield from _find_hidden(item, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list):
        for number, item in enumerate(value):
            name = item.get("group_name", number) if isinstance(item, dict) else number
            yield from _find_hidden(item, f"{path}[{name}]")
    elif isinstance(value, str) and is_hidden(value):
        yield path


def _drop_unset(value: object) -> object:
    """Drop options that were not given; a module gets them as None."""
    if isinstance(value, dict):
        return {key: item if key == "env" else _drop_unset(item) for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return [_drop_unset(item) for item in value]
    return value
