# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""Check that the workspace can provide a spec: queues, GPUs, capacity, network services, engine versions. Pure.

Only a certain conflict is a problem. A value that may be valid, such as one that the cluster has already, causes a
warning at most. Parts of the workspace that could not be read are not judged.
"""

from __future__ import annotations

import typing as t

from .._errors import ClusterError
from .._workspace.fields import NetworkService, ReleaseVersion, ShownQueue
from .fields import Cluster, Node, Spec
from .plan import RUNNING, Plan
from .queue_demand import find_queue, find_shortages, list_nodes, queues_after, runs_older_spec

if t.TYPE_CHECKING:
    from .reconcile import ClusterReconciler

# The maximum number of valid values to name in a text.
_MAX_LISTED_VALUES = 12


class WorkspaceCatalog(t.NamedTuple):
    """The contents of a workspace, as :mod:`.workspace_facts` reads them; None for a part that was not read completely.

    ``unavailable`` says why not, in words for a warning.
    """

    queues: tuple[ShownQueue, ...] | None = None
    networks: tuple[NetworkService, ...] | None = None
    versions: tuple[ReleaseVersion, ...] | None = None
    unavailable: tuple[str, ...] = ()


def validate(
    spec: Spec, observed: Cluster | None, known: WorkspaceCatalog, runs: bool = True
) -> tuple[list[str], list[str]]:
    """Return the certain and the possible problems of a spec in this workspace: texts that name an option first.

    ``spec`` is the complete spec to send. ``observed`` is the cluster as read, or None if it does not exist.
    ``runs`` states if the cluster will run. For a stopped one, missing capacity is only a warning about its next start.
    """
    errors: list[str] = []
    warnings: list[str] = []
    for path, fields, text in _find_unknown_values(spec, known):
        # The service accepted the cluster's existing values once, and may no longer offer them.
        kept = all(_option_value(observed, path, field) == _option_value(spec, path, field) for field in fields)
        (warnings if kept else errors).append(text)
    warnings += _custom_version_warnings(spec, known) + _network_state_warnings(spec, known)
    if known.queues is not None:
        short, tight = find_shortages(spec, observed, known.queues, "need" if runs else "would, when started, need")
        (warnings if not runs or runs_older_spec(observed) else errors).extend(short)
        warnings += tight if runs else []
    return errors, warnings


def reserve(known: WorkspaceCatalog, spec: Spec, observed: Cluster | None) -> WorkspaceCatalog:
    """Return the facts that remain for the next clusters after a cluster has taken the minimum of its spec."""
    return known if known.queues is None else known._replace(queues=queues_after(known.queues, spec, observed))


def run_preflight(work: ClusterReconciler, spec: Spec, known: WorkspaceCatalog) -> WorkspaceCatalog:
    """Return the workspace's remaining capacity after a cluster has what its complete spec needs.

    Warns about doubtful values. Raises ClusterError if the workspace cannot provide what the spec needs.
    """
    planned = work.planned or Plan([], [], None, None, {})
    runs = (planned.after or {}).get("state") in (RUNNING, "Starting")
    errors, warnings = validate(spec, planned.before, known, runs)
    for text in warnings:
        work.task.warn(text)
    if errors:
        work.progress.doing = planned.actions[0]
        raise ClusterError(
            "; ".join(errors),
            "PreflightFailed",
            hint="the task stopped before any write; preflight=false skips this check",
        )
    return reserve(known, spec, planned.before) if runs else known


def _option_value(spec: Spec | None, path: str, field: str) -> object:
    """Return the value of an option; ``path`` is empty for one of the cluster itself."""
    if not path:
        return spec.get(field) if spec else None
    return next((node.get(field) for where, node in list_nodes(spec) if where == path), None)


# Values that are not there


class _UnknownValue(t.NamedTuple):
    """A value that the workspace does not have: the path of its node, its fields, and the message."""

    path: str
    fields: tuple[str, ...]
    message: str


def _find_unknown_values(spec: Spec, known: WorkspaceCatalog) -> t.Iterator[_UnknownValue]:
    yield from _find_unknown_network(spec, known)
    yield from _find_unknown_version("", spec, known)
    for path, node in list_nodes(spec):
        yield from _find_unknown_version(path, node, known)
    for path, node in list_nodes(spec):
        yield from _find_unknown_queue(path, node, known)


def _find_unknown_network(spec: Spec, known: WorkspaceCatalog) -> t.Iterator[_UnknownValue]:
    name = spec.get("network_service_name")
    names = [row.get("name") for row in known.networks or ()]
    if name and known.networks is not None and name not in names:
        text = _unknown_value_message("network_service_name", "network service", name, names)
        yield _UnknownValue("", ("network_service_name",), text)


def _find_unknown_version(path: str, node: Spec | Node, known: WorkspaceCatalog) -> t.Iterator[_UnknownValue]:
    version, offered = node.get("display_release_version"), _offered_ray_versions(known)
    if version and offered is not None and version not in offered and not (path and _may_be_custom(version)):
        option = f"{path}.display_release_version" if path else "display_release_version"
        text = _unknown_value_message(option, "engine version", version, offered)
        yield _UnknownValue(path, ("display_release_version",), text)


def _find_unknown_queue(path: str, node: Node, known: WorkspaceCatalog) -> t.Iterator[_UnknownValue]:
    name, gpu = node.get("queue_name"), node.get("gpu_spec")
    if not name or known.queues is None:
        return
    queue = find_queue(known.queues, name)
    if queue is None:
        names = [row.get("queue_name") for row in known.queues]
        yield _UnknownValue(path, ("queue_name",), _unknown_value_message(f"{path}.queue_name", "queue", name, names))
        return
    offered = queue.get("gpu_spec") or []
    # A queue for GPUs that does not name its GPU types may have any.
    checkable = offered or queue.get("queue_category") == "CPU"
    if gpu and checkable and gpu not in offered:
        others = [row.get("queue_name") for row in known.queues if gpu in (row.get("gpu_spec") or ())]
        elsewhere = f"; it is in the queues {_join_names(others)}" if others else ""
        text = _unknown_value_message(f"{path}.gpu_spec", "GPU", gpu, offered, f" in queue {name!r}") + elsewhere
        yield _UnknownValue(path, ("queue_name", "gpu_spec"), text)


def _unknown_value_message(option: str, what: str, value: str, valid: t.Iterable[str | None], where: str = "") -> str:
    offered = _join_names(valid)
    has = f"the valid values are {offered}" if offered else "there are no valid values"
    return f"{option}: there is no {what} {value!r}{where}; {has}"


def _join_names(values: t.Iterable[str | None]) -> str:
    names = sorted({str(value) for value in values if value})
    return ", ".join(names[:_MAX_LISTED_VALUES]) + (
        f" and {len(names) - _MAX_LISTED_VALUES} more" if len(names) > _MAX_LISTED_VALUES else ""
    )


def _offered_ray_versions(known: WorkspaceCatalog) -> list[str] | None:
    """Return the versions that a cluster may have, or None if no list of them is available.

    No request for Ray versions is known: a list without any counts as a list of Spark versions only.
    """
    rows = [row for row in known.versions or () if row.get("display_release_version")]
    if not any("(Ray " in row["display_release_version"] for row in rows):
        return None
    names = [row["display_release_version"] for row in rows if "(Ray " in row["display_release_version"]]
    return names + [row["display_release_version"] for row in rows if row.get("is_custom")]


def _may_be_custom(version: str) -> bool:
    """Return whether the version of a node may be a custom image of the user, which lists may not show."""
    return "(" not in version


def _custom_version_warnings(spec: Spec, known: WorkspaceCatalog) -> list[str]:
    offered = _offered_ray_versions(known)
    texts = []
    for path, node in list_nodes(spec):
        version = node.get("display_release_version")
        if version and offered is not None and version not in offered and _may_be_custom(version):
            texts.append(f"{path}.display_release_version: {version!r} is not listed; it may be your own image")
    return texts


def _network_state_warnings(spec: Spec, known: WorkspaceCatalog) -> list[str]:
    name = spec.get("network_service_name")
    states = {row.get("name"): row.get("state") for row in known.networks or ()}
    state = states.get(name) if name else None
    if not state or str(state).lower() == "running":
        return []
    return [f"network_service_name: the network service {name!r} is not running but {state}"]
