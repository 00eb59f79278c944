# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""Validate a cluster as the service answers it, and a spec as the user declares it."""

from __future__ import annotations

import typing as t

from .._schema import read_answer, read_declared
from .fields import Cluster, Spec


def parse_cluster(payload: object, operation: str) -> Cluster:
    """Return a cluster of the service's answer. Raises ApiError as :func:`read_answer` does."""
    return read_answer(Cluster, payload, operation)


def parse_spec(declared: t.Mapping[str, object]) -> Spec:
    """Return the declared spec with only what is set, every value in its spelling on the wire.

    ``declared`` has the option names of emr_ray_cluster. Raises ParameterError that names every bad option at once.
    """
    given = dict(declared)
    head = given.get("head_spec")
    if isinstance(head, dict) and head.get("replica") in (0, 1):
        # Results have it, and a result may be given back.
        given["head_spec"] = {field: value for field, value in head.items() if field != "replica"}
    return read_declared(Spec, _drop_unset(given))


def _drop_unset(value: object) -> object:
    """Drop options that were not given; a module gets them as None."""
    if isinstance(value, dict):
        return {key: item if key == "env" else _drop_unset(item) for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return [_drop_unset(item) for item in value]
    return value
