# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""How much of its queues a spec needs, and whether so much is left. Pure. Private to this collection."""

from __future__ import annotations

import typing as t
from decimal import Decimal

from .._quantities import parse_cpu, parse_memory, plain_number
from .capacity import DECLARED, MAXIMUM, MINIMUM, workers
from .spec import Spec, autoscaled

Row = dict[str, t.Any]

# States in which a cluster has its share of a queue.
_HOLDS = ("Starting", "Running", "Stopping")


class Size(t.NamedTuple):
    """Cores and GiB."""

    cpu: Decimal
    memory: Decimal

    def plus(self, other: Size, times: int = 1) -> Size:
        """Return the sum of this and so many times the other."""
        return Size(self.cpu + other.cpu * times, self.memory + other.memory * times)


_NOTHING = Size(Decimal(0), Decimal(0))


def nodes(spec: Spec | None) -> list[tuple[str, Row]]:
    """Return head and worker groups with the paths of their options."""
    if not spec:
        return []
    groups = [(f"worker_spec[{group.get('group_name')}]", group) for group in spec.get("worker_spec") or []]
    return [("head_spec", spec.get("head_spec") or {}), *groups]


def queue_named(queues: t.Iterable[Row], name: str) -> Row | None:
    """Return the queue of this name, None when there is none."""
    return next((queue for queue in queues if queue.get("queue_name") == name), None)


def _size_of(resource: Row | None) -> Size | None:
    """Return a capacity as it is shown; None when cores or memory are not known."""
    cpu, memory = (resource or {}).get("cpu"), (resource or {}).get("memory_gib")
    return None if cpu is None or memory is None else Size(Decimal(str(cpu)), Decimal(str(memory)))


def needs(spec: Spec, bound: str) -> dict[str, Size]:
    """Return what a spec takes of each queue; one for which a size cannot be read is left out."""
    totals: dict[str, Size] = {}
    unreadable: set[str] = set()
    for path, node in nodes(spec):
        queue = str(node.get("queue_name") or "")
        try:
            size = Size(parse_cpu(node.get("cpu")), parse_memory(node.get("memory")))
        except ValueError:
            unreadable.add(queue)
            continue
        count = 1 if path == "head_spec" else workers(node, bound if autoscaled(spec) else DECLARED)
        totals[queue] = totals.get(queue, _NOTHING).plus(size, count)
    return {queue: size for queue, size in totals.items() if queue not in unreadable}


def own(observed: Row | None) -> dict[str, Size]:
    """Return what a cluster has of each queue now."""
    return needs(observed, DECLARED) if observed and observed.get("state") in _HOLDS else {}


def holds_another(observed: Row | None) -> bool:
    """Tell whether a cluster runs with another spec than the one that is read, so that its share is not known."""
    return bool(observed and observed.get("state") in _HOLDS and observed.get("modified"))


def shortages(spec: Spec, observed: Row | None, queues: t.Iterable[Row]) -> tuple[list[str], list[str]]:
    """Return for which queues even the least is too much, and for which the most is: texts that begin with options.

    What the cluster itself has, it may keep. A queue whose maximum or use is not known has room for everything.
    """
    least, most, mine = needs(spec, MINIMUM), needs(spec, MAXIMUM), own(observed)
    short, tight = [], []
    for name in least:
        queue, has = queue_named(queues, name) or {}, mine.get(name, _NOTHING)
        limit, used = _size_of(queue.get("max_resource")), _size_of(queue.get("used_resource"))
        if limit is None or used is None:
            continue
        left = limit.plus(used, -1).plus(has)
        # A queue may be fuller than full; nobody is to give anything back for that.
        room = Size(*(max(pair) for pair in zip(left, has, strict=True)))
        where = ", ".join(path for path, node in nodes(spec) if node.get("queue_name") == name)
        if _lack(least[name], room, limit):
            short.append(f"{where}: need {_lack(least[name], room, limit)} of queue {name!r}")
        elif _lack(most[name], room, limit):
            tight.append(f"{where}: would, at max_replica, need {_lack(most[name], room, limit)} of queue {name!r}")
    return short, tight


def _lack(needed: Size, room: Size, limit: Size) -> str:
    """Say what there is too little of, and how much is left; nothing where all fits."""
    parts = []
    for unit, need, have, most in zip(("cores", "GiB"), needed, room, limit, strict=True):
        if need > have:
            need_, have_, most_ = (plain_number(number) for number in (need, have, most))
            parts.append(f"{need_} {unit} ({have_} of {most_} left)")
    return " and ".join(parts)


def taken(queues: t.Iterable[Row], spec: Spec, observed: Row | None) -> tuple[Row, ...]:
    """Return the queues as they are when a cluster has taken the least that its spec needs, in place of what it has."""
    least, mine = needs(spec, MINIMUM), own(observed)
    return tuple(_with_use(queue, least, mine) for queue in queues)


def _with_use(queue: Row, least: dict[str, Size], mine: dict[str, Size]) -> Row:
    used, name = _size_of(queue.get("used_resource")), str(queue.get("queue_name"))
    if used is None or name not in {*least, *mine}:
        return queue
    used = used.plus(least.get(name, _NOTHING)).plus(mine.get(name, _NOTHING), -1)
    return {**queue, "used_resource": {"cpu": plain_number(used.cpu), "memory_gib": plain_number(used.memory)}}
