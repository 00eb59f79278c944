# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""Compute the size of a cluster: cores, GiB, GPUs, and CU, at its minimum, as declared, and at its maximum. Pure.

A bill counts CU over the whole: the larger of all cores and a quarter of all GiB. A queue must hold each node, which
takes its own cores or a quarter of its own GiB.
"""

from __future__ import annotations

import functools
import typing as t
from decimal import Decimal

from .._quantities import int_or_float, parse_cpu, parse_memory
from .fields import Cluster, HeadSpec, Node, Spec

# With autoscaling, the number of workers in a group is between min_replica and max_replica.
_REPLICA_FIELDS = {"minimum": "min_replica", "declared": "replica", "maximum": "max_replica"}
BOUNDS = MINIMUM, DECLARED, MAXIMUM = tuple(_REPLICA_FIELDS)
# In these states, a cluster uses its queues and is billed. One that is Stopping counts as stopped.
_RUNNING_STATES = ("Starting", "Running")
_GIB_PER_CU = 4


class Resources(t.NamedTuple):
    """Cores, GiB, and the CU that queues must hold, None for an unreadable size, and nodes by their GPU."""

    cpu: Decimal | None = Decimal(0)
    memory: Decimal | None = Decimal(0)
    queue_cu: Decimal | None = Decimal(0)
    gpus: t.Mapping[str, int] = {}

    @property
    def cu(self) -> Decimal | None:
        """Return the CU that a bill counts, or None for an unreadable size."""
        return None if self.cpu is None or self.memory is None else max(self.cpu, self.memory / _GIB_PER_CU)

    @property
    def amounts(self) -> tuple[Decimal, Decimal]:
        """Return cores and GiB, zero for an unreadable size."""
        return self.cpu or Decimal(0), self.memory or Decimal(0)

    def plus(self, other: Resources, times: int = 1) -> Resources:
        """Return the sum of these resources and ``times`` the other."""
        pairs = zip(self[:3], other[:3], strict=True)
        cpu, memory, queue_cu = (None if one is None or two is None else one + two * times for one, two in pairs)
        gpus = dict(self.gpus)
        for gpu, count in other.gpus.items():
            gpus[gpu] = gpus.get(gpu, 0) + count * times
        return Resources(cpu, memory, queue_cu, {gpu: gpus[gpu] for gpu in sorted(gpus) if gpus[gpu]} if gpus else gpus)

    def to_result(self) -> dict[str, object]:
        """Return these resources in the format of results."""
        return _to_result(self, self.cu)


def _to_result(resources: Resources, cu: Decimal | None) -> dict[str, object]:
    cpu, memory, queue_cu = (None if number is None else int_or_float(number) for number in resources[:3])
    bill = None if cu is None else int_or_float(cu)
    return {"cpu": cpu, "memory_gib": memory, "gpus": dict(resources.gpus), "cu": bill, "queue_cu": queue_cu}


ResourceBounds = dict[str, Resources]
NO_RESOURCES: ResourceBounds = dict.fromkeys(BOUNDS, Resources())


def worker_count(group: Node, bound: str) -> int:
    """Return the number of workers of an autoscaled group at one of the bounds."""
    counts = [group.get(field) for field in (_REPLICA_FIELDS[bound], "replica", "min_replica")]
    return next((count for count in counts if isinstance(count, int)), 1)


def node_resources(node: Node) -> Resources:
    """Return the size of one node."""
    return _parse_resources(str(node.get("cpu")), str(node.get("memory")), str(node.get("gpu_spec") or ""))


# A fleet contains the same few kinds of nodes repeatedly.
@functools.lru_cache(maxsize=256)
def _parse_resources(cpu_text: str, memory_text: str, gpu: str) -> Resources:
    cpu, memory = _parse_or_none(parse_cpu, cpu_text), _parse_or_none(parse_memory, memory_text)
    queue_cu = None if cpu is None or memory is None else max(cpu, memory / _GIB_PER_CU)
    return Resources(cpu, memory, queue_cu, {gpu: 1} if gpu else {})


def _parse_or_none(parse: t.Callable[[object], Decimal], value: object) -> Decimal | None:
    try:
        return parse(value)
    except ValueError:
        return None


def resource_bounds(spec: Spec | None) -> ResourceBounds:
    """Return the size of a cluster or a spec at each bound, whether it runs or not; zero for None."""
    if spec is None:
        return NO_RESOURCES
    head: HeadSpec = spec.get("head_spec") or {}
    sizes = dict.fromkeys(BOUNDS, node_resources(head))
    for group in spec.get("worker_spec") or []:
        node = node_resources(group)
        for bound in BOUNDS:
            count = worker_count(group, bound if head.get("enable_auto_scaling") else DECLARED)
            sizes[bound] = sizes[bound].plus(node, count)
    return sizes


def max_resources(spec: Spec | None) -> Resources:
    """Return the maximum size of a cluster."""
    return resource_bounds(spec)[MAXIMUM]


def bounds_to_result(sizes: ResourceBounds) -> dict[str, dict[str, object]]:
    """Return sizes in the format of ``capacity`` in results: minimum, declared, and maximum."""
    return {bound: size.to_result() for bound, size in sizes.items()}


def running_or_none(cluster: Cluster | None) -> Cluster | None:
    """Return a cluster if it is running or starting, otherwise None."""
    return cluster if cluster and cluster.get("state") in _RUNNING_STATES else None


def delta_to_result(had: ResourceBounds, has: ResourceBounds) -> dict[str, dict[str, object]]:
    """Return the growth at each bound, in the format of ``capacity_delta`` in results."""
    result = {}
    for bound in BOUNDS:
        cu, before = has[bound].cu, had[bound].cu
        result[bound] = _to_result(
            has[bound].plus(had[bound], -1), None if cu is None or before is None else cu - before
        )
    return result


def running_delta(before: Cluster | None, after: Cluster | None) -> dict[str, dict[str, object]]:
    """Return the growth of the running size of a cluster."""
    had, has = running_or_none(before), running_or_none(after)
    return delta_to_result(*([NO_RESOURCES] * 2 if has is had else [resource_bounds(had), resource_bounds(has)]))
