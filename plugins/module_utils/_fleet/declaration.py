# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""Read the declaration of a fleet: merge the defaults into each cluster, and reject conflicts. Pure."""

from __future__ import annotations

import re
import typing as t
from collections import Counter

from .._argspec.fleet import CLUSTER_ENTRY_DEFAULTS
from .._errors import Problems
from .._name_pattern import compile_name_pattern
from .._payload import Params
from .._task.context import KNOWN_AFTER_CREATE

# The maximum number of concurrent requests: more threads would only wait for each other.
MAX_PARALLEL = 100
_NON_NEGATIVE_OPTIONS = ("max_failures", "max_prune", "max_cu", "max_gpus", "max_stopped_fraction", "max_deleted")


def merge_options(below: Params, above: Params) -> Params:
    """Return ``above`` laid over ``below``: mappings key by key, other values as a whole. None counts as unset."""
    result = dict(below)
    for key, value in above.items():
        if isinstance(value, dict) and isinstance(result.get(key), dict):
            result[key] = merge_options(result[key], value)
        elif value is not None:
            result[key] = value
    return result


def build_cluster_options(params: Params) -> list[Params]:
    """Return the options of each cluster of a fleet, as emr_ray_cluster would have them."""
    defaults = merge_options(CLUSTER_ENTRY_DEFAULTS, params.get("defaults") or {})
    fleet_options = {key: params.get(key) for key in ("timeout", "retries")}
    return [{**merge_options(defaults, entry), **fleet_options} for entry in params["clusters"]]


def passwords(params: Params) -> list[str | None]:
    """Return the Redis passwords that a fleet declares."""
    heads = [entry.get("head_spec") or {} for entry in [params.get("defaults") or {}, *params["clusters"]]]
    return [(head.get("gft_config") or {}).get("redis_password") for head in heads]


def build_prune_options(params: Params, row: Params) -> Params:
    """Return the options for a cluster to prune: those of the waits, and its identity."""
    shared = merge_options(CLUSTER_ENTRY_DEFAULTS, params.get("defaults") or {})
    waits = {key: shared[key] for key in ("wait", "wait_timeout", "wait_interval")}
    fleet_options = {key: params.get(key) for key in ("timeout", "retries")}
    waits["protected"] = shared["protected"]
    return {**waits, **fleet_options, "name": row.get("name"), "cluster_id": row["cluster_id"]}


def format_entry_label(number: int, params: Params) -> str:
    """Return the label of an entry in texts: its position, and its name or id."""
    name = params.get("name") or params.get("cluster_id")
    return f"clusters[{number}] ({name})" if name else f"clusters[{number}]"


def check_fleet_options(params: Params) -> None:
    """Raise ParameterError for invalid options of the fleet itself."""
    minimums = {"max_parallel": 1, "batch_size": 1, **dict.fromkeys(_NON_NEGATIVE_OPTIONS, 0)}
    values: dict[str, float] = {option: params[option] for option in minimums if params.get(option) is not None}
    problems = [
        f"{option}: must be at least {minimums[option]}"
        for option, value in values.items()
        if not value >= minimums[option]
    ]
    if values.get("max_stopped_fraction", 0) > 1:
        problems.append("max_stopped_fraction: must be from 0 to 1")
    if values.get("max_parallel", 1) > MAX_PARALLEL:
        problems.append(f"max_parallel: must not be above {MAX_PARALLEL}")
    rate = params.get("requests_per_second")
    if rate is not None and not 0 < rate < float("inf"):
        problems.append("requests_per_second: must be more than 0")
    problems += _find_duplicates(params["clusters"], "name") + _find_duplicates(params["clusters"], "cluster_id")
    if params.get("prune") not in (None, "off"):
        problems += _find_prune_problems(params)
    Problems(problems).raise_any()


def _find_duplicates(clusters: t.Iterable[Params], option: str) -> list[str]:
    counts = Counter(entry[option] for entry in clusters if entry.get(option) not in (None, "", KNOWN_AFTER_CREATE))
    return [f"clusters: the {option} {value} is declared {n} times" for value, n in counts.items() if n > 1]


def _find_prune_problems(params: Params) -> list[str]:
    problems = []
    if not params.get("prune_pattern"):
        problems.append("prune_pattern is required with prune")
    if not params["clusters"]:
        problems.append(
            "clusters: is empty, and prune would remove every cluster that matches; declare the clusters to keep"
        )
    try:
        compile_name_pattern(params.get("prune_pattern") or "")
    except re.error as error:
        problems.append(f"prune_pattern: is not a regular expression: {error}")
    return problems
