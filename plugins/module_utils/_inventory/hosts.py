# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""Clusters as hosts of an inventory: which of them, with which variables, under which names. Pure.

Private to this collection.
"""

from __future__ import annotations

import fnmatch
import typing as t
from collections import Counter

from .._redaction import printable

Shown = dict[str, t.Any]


class Place(t.NamedTuple):
    """Where a cluster is, in the words of the options that lead there; ``host`` is the address that follows."""

    workspace_id: str
    host: str
    region: str | None = None
    endpoint: str | None = None
    network: str | None = None


class Found(t.NamedTuple):
    """A cluster, as results show it, and where it is."""

    place: Place
    cluster: Shown


def _nodes(cluster: Shown) -> list[Shown]:
    return [cluster.get("head_spec") or {}, *(cluster.get("worker_spec") or [])]


def _used(cluster: Shown, field: str) -> list[str]:
    """Return the values of a field of head and workers, each once, in order."""
    return sorted({str(node[field]) for node in _nodes(cluster) if node.get(field)})


def variables(found: Found, prefix: str = "") -> Shown:
    """Return what is known of a cluster: its fields, where it is, and what head and workers together use."""
    place = found.place
    known = {
        **found.cluster,
        "queues": _used(found.cluster, "queue_name"),
        "gpu_specs": _used(found.cluster, "gpu_spec"),
        "workspace_id": place.workspace_id,
        "region": place.region,
        "endpoint": place.endpoint,
        "network": place.network,
    }
    return {prefix + name: value for name, value in known.items()}


def matches(cluster: Shown, filters: t.Mapping[str, t.Any]) -> bool:
    """Tell whether a cluster fits every filter that is given; of the values of one filter, any will do.

    Everything but ``modified`` is a shell pattern, and case does not count for ``states``.
    """
    states = [state.casefold() for state in filters["states"]] if filters.get("states") is not None else None
    wanted_and_there = (
        (states, [str(cluster.get("state") or "").casefold()]),
        (filters.get("names"), [str(cluster.get("name") or "")]),
        (filters.get("queues"), _used(cluster, "queue_name")),
        (filters.get("gpu_specs"), _used(cluster, "gpu_spec")),
        (filters.get("display_release_versions"), [str(cluster.get("display_release_version") or "")]),
    )
    modified = filters.get("modified")
    return all(_any_fits(there, wanted) for wanted, there in wanted_and_there if wanted is not None) and (
        modified is None or bool(cluster.get("modified")) is modified
    )


def _any_fits(values: t.Iterable[str], patterns: t.Collection[str]) -> bool:
    return any(fnmatch.fnmatchcase(value, pattern) for value in values for pattern in patterns)


def host_names(wanted: t.Sequence[tuple[str, Found]]) -> list[str]:
    """Return a host name for each cluster, none of them twice: the wanted one where only one cluster wants it.

    Clusters that want the same get ``@`` and their id appended, which no other cluster of a workspace has, then the
    workspace's, and last the address. None of these can have a ``@`` in it, so that with all of them a name is unique.
    """
    levels = [0] * len(wanted)
    while True:
        names = [_named(*pair, level) for pair, level in zip(wanted, levels, strict=True)]
        taken = Counter(names)
        higher = [
            min(level + 1, _LAST_LEVEL) if taken[name] > 1 else level for name, level in zip(names, levels, strict=True)
        ]
        if higher == levels:
            return names
        levels = higher


_LAST_LEVEL = 3


def shared_names(wanted: t.Iterable[tuple[str, Found]]) -> list[str]:
    """Return, as they can be shown, the names that more than one cluster wants."""
    return sorted(printable(name) for name, count in Counter(name for name, dummy in wanted).items() if count > 1)


def _named(name: str, found: Found, level: int) -> str:
    cluster_id = str(found.cluster["cluster_id"])
    # What a service calls a cluster can have any character; a host's name is written to terminals and logs.
    shown = printable(name) or cluster_id
    parts = [cluster_id, found.place.workspace_id, found.place.host][:level]
    return "@".join([shown, *parts])
