# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""How large a cluster is: cores, GiB, GPUs and CU, at its least, as declared, and at its most. Pure.

One CU is one core with 4 GiB, whichever of the two a node has more of. Private to this collection.
"""

from __future__ import annotations

import functools
import typing as t
from decimal import Decimal

from .._quantities import parse_cpu, parse_memory, plain_number

Row = t.Mapping[str, t.Any]
Shown = dict[str, t.Any]

# With autoscaling a cluster has at the least min_replica, and at the most max_replica workers of a group.
_FIRST = {"minimum": "min_replica", "declared": "replica", "maximum": "max_replica"}
BOUNDS = MINIMUM, DECLARED, MAXIMUM = tuple(_FIRST)
# In these it takes from its queues, and is paid for. One that is Stopping is as good as stopped.
_RUNS = ("Starting", "Running")
_GIB_OF_A_CU = 4


class Amount(t.NamedTuple):
    """Cores, GiB and CU, None where that cannot be told, and how many nodes have which GPU."""

    cpu: Decimal | None = Decimal(0)
    memory: Decimal | None = Decimal(0)
    cu: Decimal | None = Decimal(0)
    gpus: t.Mapping[str, int] = {}

    def plus(self, other: Amount, times: int = 1) -> Amount:
        """Return the sum of this and so many times the other."""
        pairs = zip(self[:3], other[:3], strict=True)
        cpu, memory, cu = (None if one is None or two is None else one + two * times for one, two in pairs)
        gpus = dict(self.gpus)
        for gpu, count in other.gpus.items():
            gpus[gpu] = gpus.get(gpu, 0) + count * times
        return Amount(cpu, memory, cu, {gpu: gpus[gpu] for gpu in sorted(gpus) if gpus[gpu]} if gpus else gpus)

    def shown(self) -> Shown:
        """Return this as results have it."""
        cpu, memory, cu = (None if number is None else plain_number(number) for number in self[:3])
        return {"cpu": cpu, "memory_gib": memory, "gpus": dict(self.gpus), "cu": cu}


Amounts = dict[str, Amount]
NOTHING: Amounts = dict.fromkeys(BOUNDS, Amount())


def workers(group: Row, bound: str) -> int:
    """Return how many workers a group under autoscaling has at one of the bounds."""
    counts = [group.get(field) for field in (_FIRST[bound], "replica", "min_replica")]
    return next((int(count) for count in counts if count is not None), 1)


def _node(node: Row) -> Amount:
    return _amount(str(node.get("cpu")), str(node.get("memory")), str(node.get("gpu_spec") or ""))


# A fleet has the same few kinds of nodes again and again.
@functools.lru_cache(maxsize=256)
def _amount(cpu_text: str, memory_text: str, gpu: str) -> Amount:
    cpu, memory = _read(parse_cpu, cpu_text), _read(parse_memory, memory_text)
    cu = None if cpu is None or memory is None else max(cpu, memory / _GIB_OF_A_CU)
    return Amount(cpu, memory, cu, {gpu: 1} if gpu else {})


def _read(parse: t.Callable[[object], Decimal], value: object) -> Decimal | None:
    try:
        return parse(value)
    except ValueError:
        return None


def amounts(spec: Row | None) -> Amounts:
    """Return how large a cluster or a spec is at each bound, whether it runs or not. No cluster has nothing."""
    if spec is None:
        return NOTHING
    head = spec.get("head_spec") or {}
    sizes = dict.fromkeys(BOUNDS, _node(head))
    for group in spec.get("worker_spec") or []:
        node = _node(group)
        for bound in BOUNDS:
            count = workers(group, bound if head.get("enable_auto_scaling") else DECLARED)
            sizes[bound] = sizes[bound].plus(node, count)
    return sizes


def at_most(spec: Row | None) -> Amount:
    """Return how large a cluster may become."""
    return amounts(spec)[MAXIMUM]


def shown_sizes(sizes: Amounts) -> dict[str, Shown]:
    """Return sizes as a ``capacity`` of results has them: minimum, declared and maximum."""
    return {bound: size.shown() for bound, size in sizes.items()}


def running(cluster: Row | None) -> Row | None:
    """Return a cluster if it runs or is about to, None otherwise."""
    return cluster if cluster and cluster.get("state") in _RUNS else None


def growth(before: Row | None, after: Row | None) -> Amounts:
    """Return by how much more of a cluster runs after than before."""
    had, has = running(before), running(after)
    return NOTHING if has is had else _sum(amounts(has), amounts(had), -1)


def total(each: t.Iterable[Amounts]) -> Amounts:
    """Return the sum of sizes."""
    return functools.reduce(_sum, each, NOTHING)


def _sum(one: Amounts, other: Amounts, times: int = 1) -> Amounts:
    return {bound: one[bound].plus(other[bound], times) for bound in BOUNDS}
