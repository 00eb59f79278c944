# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""Calculate the demand of a spec on its queues, and compare it with the free capacity. Pure."""

from __future__ import annotations

import typing as t
from decimal import Decimal

from .._quantities import int_or_float
from .._workspace.fields import QueueCapacity, ShownQueue
from .capacity import DECLARED, MAXIMUM, MINIMUM, Resources, node_resources, worker_count
from .fields import Cluster, HeadSpec, Node, Spec
from .spec import is_autoscaled

# States in which a cluster uses its share of a queue.
_HOLDING_STATES = ("Starting", "Running", "Stopping")


def list_nodes(spec: Spec | None) -> list[tuple[str, Node]]:
    """Return head and worker groups with the paths of their options."""
    if not spec:
        return []
    head: HeadSpec = spec.get("head_spec") or {}
    groups = [(f"worker_spec[{group.get('group_name')}]", group) for group in spec.get("worker_spec") or []]
    return [("head_spec", head), *groups]


def find_queue(queues: t.Iterable[ShownQueue], name: str) -> ShownQueue | None:
    """Return the queue with this name, or None if it does not exist."""
    return next((queue for queue in queues if queue.get("queue_name") == name), None)


def _read_resources(capacity: QueueCapacity | None) -> Resources | None:
    """Return a capacity of a queue, or None if cores or memory are not known."""
    cpu, memory = (capacity.get("cpu"), capacity.get("memory_gib")) if capacity else (None, None)
    return None if cpu is None or memory is None else Resources(Decimal(str(cpu)), Decimal(str(memory)))


def compute_demand(spec: Spec, bound: str) -> dict[str, Resources]:
    """Return the demand of a spec on each queue; a queue with an unreadable size is omitted."""
    totals: dict[str, Resources] = {}
    for path, node in list_nodes(spec):
        queue = str(node.get("queue_name") or "")
        count = 1 if path == "head_spec" else worker_count(node, bound if is_autoscaled(spec) else DECLARED)
        totals[queue] = totals.get(queue, Resources()).plus(node_resources(node), count)
    return {queue: size for queue, size in totals.items() if size.cu is not None}


def resources_held(observed: Cluster | None) -> dict[str, Resources]:
    """Return the present share of a cluster of each queue."""
    return compute_demand(observed, DECLARED) if observed and observed.get("state") in _HOLDING_STATES else {}


def runs_older_spec(observed: Cluster | None) -> bool:
    """Return whether a cluster runs with another spec than the one that was read, so that its share is not known."""
    return bool(observed and observed.get("state") in _HOLDING_STATES and observed.get("modified"))


def find_shortages(
    spec: Spec, observed: Cluster | None, queues: t.Iterable[ShownQueue], verb: str = "need"
) -> tuple[list[str], list[str]]:
    """Return the queues that are too small for the minimum, and for the maximum: texts that name an option first.

    A cluster may keep its own share. A queue whose maximum or use is not known has room for everything.
    """
    least, most, mine = compute_demand(spec, MINIMUM), compute_demand(spec, MAXIMUM), resources_held(observed)
    short, tight = [], []
    for name in least:
        queue: ShownQueue = find_queue(queues, name) or {}
        has = mine.get(name, Resources())
        limit, used = _read_resources(queue.get("max_resource")), _read_resources(queue.get("used_resource"))
        if limit is None or used is None:
            continue
        if limit.cpu == 0 and (queue.get("queue_category") == "GPU" or queue.get("gpu_spec")):
            where = ", ".join(path for path, node in list_nodes(spec) if node.get("queue_name") == name)
            tight.append(f"{where}: the GPU queue {name!r} reports 0 cores, so its free capacity is unknown")
            continue
        left = limit.plus(used, -1).plus(has)
        # A queue may be used beyond its maximum; a cluster need not give capacity back for that.
        cpu, memory = map(max, left.amounts, has.amounts)
        room = Resources(cpu, memory)
        where = ", ".join(path for path, node in list_nodes(spec) if node.get("queue_name") == name)
        if _describe_shortage(least[name], room, limit):
            short.append(f"{where}: {verb} {_describe_shortage(least[name], room, limit)} of queue {name!r}")
        elif _describe_shortage(most[name], room, limit):
            tight.append(
                f"{where}: would, at max_replica, need {_describe_shortage(most[name], room, limit)} of queue {name!r}"
            )
    return short, tight


def _describe_shortage(needed: Resources, room: Resources, limit: Resources) -> str:
    """Return the text that names the missing resources and the free ones, empty if the demand fits."""
    parts = []
    for unit, need, have, most in zip(("cores", "GiB"), needed.amounts, room.amounts, limit.amounts, strict=True):
        if need > have:
            need_, have_, most_ = (int_or_float(number) for number in (need, have, most))
            parts.append(f"{need_} {unit} ({have_} of {most_} left)")
    return " and ".join(parts)


def queues_after(queues: t.Iterable[ShownQueue], spec: Spec, observed: Cluster | None) -> tuple[ShownQueue, ...]:
    """Return the queues after a cluster has taken the minimum that its spec needs, in place of its current share."""
    least, mine = compute_demand(spec, MINIMUM), resources_held(observed)
    return tuple(_with_updated_use(queue, least, mine) for queue in queues)


def _with_updated_use(queue: ShownQueue, least: dict[str, Resources], mine: dict[str, Resources]) -> ShownQueue:
    used, name = _read_resources(queue.get("used_resource")), str(queue.get("queue_name"))
    if used is None or name not in {*least, *mine}:
        return queue
    used = used.plus(least.get(name, Resources())).plus(mine.get(name, Resources()), -1)
    cpu, memory = map(int_or_float, used.amounts)
    return {**queue, "used_resource": {"cpu": cpu, "memory_gib": memory}}
