# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""Clusters as hosts of an inventory: which of them, with which variables, under which names. Pure."""

from __future__ import annotations

import fnmatch
import re
import typing as t
from collections import Counter

from .._payload import Params
from .._redaction import to_printable

ResultDict = dict[str, t.Any]


class WorkspaceLocation(t.NamedTuple):
    """The location of a cluster, in the words of the options that lead to it; ``host`` is the resulting address."""

    workspace_id: str
    host: str
    region: str | None = None
    endpoint: str | None = None
    network: str | None = None


class LocatedCluster(t.NamedTuple):
    """A cluster in the format of results, and its location."""

    location: WorkspaceLocation
    cluster: ResultDict


def _list_nodes(cluster: ResultDict) -> list[ResultDict]:
    return [cluster.get("head_spec") or {}, *(cluster.get("worker_spec") or [])]


def _collect_node_values(cluster: ResultDict, field: str) -> list[str]:
    """Return the values of a field of head and workers, each once, in order."""
    return sorted({str(node[field]) for node in _list_nodes(cluster) if node.get(field)})


def build_host_variables(found: LocatedCluster, prefix: str = "") -> ResultDict:
    """Return the known facts about a cluster: its fields, its location, and the totals of head and workers."""
    place = found.location
    known = {
        **found.cluster,
        "queues": _collect_node_values(found.cluster, "queue_name"),
        "gpu_specs": _collect_node_values(found.cluster, "gpu_spec"),
        "workspace_id": place.workspace_id,
        "region": place.region,
        "endpoint": place.endpoint,
        "network": place.network,
    }
    return {prefix + name: value for name, value in known.items()}


def matches_filters(cluster: ResultDict, filters: Params) -> bool:
    """Return whether a cluster matches every given filter; any one of a filter's values is enough.

    Every filter but ``modified`` is a shell pattern, and ``states`` ignores case.
    """
    states = [state.casefold() for state in filters["states"]] if filters.get("states") is not None else None
    wanted_and_there = (
        (states, [str(cluster.get("state") or "").casefold()]),
        (filters.get("names"), [str(cluster.get("name") or "")]),
        (filters.get("queues"), _collect_node_values(cluster, "queue_name")),
        (filters.get("gpu_specs"), _collect_node_values(cluster, "gpu_spec")),
        (filters.get("display_release_versions"), [str(cluster.get("display_release_version") or "")]),
    )
    modified = filters.get("modified")
    return all(_matches_any_pattern(there, wanted) for wanted, there in wanted_and_there if wanted is not None) and (
        modified is None or bool(cluster.get("modified")) is modified
    )


def _matches_any_pattern(values: t.Iterable[str], patterns: t.Collection[str]) -> bool:
    return any(fnmatch.fnmatchcase(value, pattern) for value in values for pattern in patterns)


def assign_host_names(
    wanted: t.Sequence[tuple[str, LocatedCluster]], reserved: t.Container[str] = frozenset()
) -> list[str]:
    """Return a unique host name for each cluster: the wanted one if only one cluster wants it.

    Clusters that want the same name, or a ``reserved`` one, get ``@`` and their id appended, which is unique in their
    workspace. If needed, the workspace's id follows, and then the address. They cannot contain ``@``, so a name
    with all of them is unique.
    """
    levels = [0] * len(wanted)
    while True:
        names = [_build_host_name(*pair, level) for pair, level in zip(wanted, levels, strict=True)]
        taken = Counter(names)
        higher = [
            min(level + 1, _MAX_SUFFIX_LEVEL) if taken[name] > 1 or name in reserved else level
            for name, level in zip(names, levels, strict=True)
        ]
        if higher == levels:
            return names
        levels = higher


_MAX_SUFFIX_LEVEL = 3


def find_shared_names(wanted: t.Iterable[tuple[str, LocatedCluster]]) -> list[str]:
    """Return the names that more than one cluster wants, in printable form."""
    return sorted(to_printable(name) for name, count in Counter(name for name, dummy in wanted).items() if count > 1)


def _build_host_name(name: str, found: LocatedCluster, level: int) -> str:
    cluster_id = str(found.cluster["cluster_id"])
    # A cluster name from the service can have any character; a host's name is written to terminals and logs.
    shown = to_printable(name) or cluster_id
    parts = [cluster_id, found.location.workspace_id, found.location.host][:level]
    return _neutralize("@".join([shown, *parts]))


def _neutralize(name: str) -> str:
    """Return a host's name that Ansible neither renders as a template nor treats as a path out of a directory.

    Before ansible-core 2.19, the names of hosts and groups are templates in every task that uses them.
    """
    text = re.sub(r"\{(?=[{%#])", "(", name)
    return text.replace("/", "_") if text.startswith("/") or ".." in text.split("/") else text
