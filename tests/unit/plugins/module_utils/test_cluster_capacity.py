# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How large a cluster is: cores, GiB, GPUs and CU, at the edges of what a service may say."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.rayops.alicloud.plugins.module_utils._cluster.capacity import (
    BOUNDS,
    NO_RESOURCES,
    bounds_to_result,
    delta_to_result,
    resource_bounds,
    running_delta,
)
from ansible_collections.rayops.alicloud.plugins.module_utils._cluster.models import parse_cluster
from ansible_collections.rayops.alicloud.plugins.module_utils._fleet.result import sum_bounds
from ansible_collections.rayops.alicloud.plugins.plugin_utils._report.fleet import bill_cu
from tests.unit.plugins.strategies import cluster_payloads


def cluster(head: Any = ("2", "8Gi"), *groups: dict[str, Any], **more: Any) -> dict[str, Any]:
    cpu, memory = head
    return {"head_spec": {"cpu": cpu, "memory": memory, **more}, "worker_spec": list(groups), "state": "Running"}


def group(cpu: Any = "4", memory: Any = "16Gi", replica: Any = 1, **more: Any) -> dict[str, Any]:
    return {"group_name": "g", "cpu": cpu, "memory": memory, "replica": replica, **more}


def declared(spec: dict[str, Any]) -> dict[str, Any]:
    return bounds_to_result(resource_bounds(spec))["declared"]


@pytest.mark.parametrize(
    ("cpu", "memory", "cu"),
    [
        ("2", "8Gi", 2),
        ("2", "16Gi", 4),
        ("4", "8Gi", 4),
        ("0.5", "1Gi", 0.5),
        ("0.5", "3Gi", 0.75),
        ("1", "8192Mi", 2),
        (1, 6, 1.5),
        ("0.1", "0.2Gi", 0.1),
    ],
)
def test_a_node_counts_by_what_it_has_more_of(cpu: Any, memory: Any, cu: float) -> None:
    assert declared(cluster((cpu, memory)))["cu"] == cu


def test_a_bill_counts_the_whole_and_a_queue_each_node() -> None:
    """A node full of memory and one full of cores make up for each other in the bill, but not in a queue."""
    spec = cluster(("1", "16Gi"), group("8", "4Gi", 2))
    assert declared(spec) == {"cpu": 17, "memory_gib": 24, "gpus": {}, "cu": 17, "queue_cu": 4 + 2 * 8}
    spec = cluster(("1", "32Gi"), group("4", "4Gi", 1))
    assert declared(spec) == {"cpu": 5, "memory_gib": 36, "gpus": {}, "cu": 9, "queue_cu": 8 + 4}


def test_clusters_are_billed_together() -> None:
    full_of_memory, full_of_cores = cluster(("1", "32Gi")), cluster(("8", "8Gi"))
    capacities = [declared(full_of_memory), declared(full_of_cores)]
    assert [one["cu"] for one in capacities] == [8, 8]
    assert bill_cu(capacities) == 10
    assert bill_cu([*capacities, {"cpu": None, "memory_gib": None}]) == 10
    whole = sum_bounds([resource_bounds(full_of_memory), resource_bounds(full_of_cores)])
    assert whole["declared"].cu == 10
    # Without the second one the bill counts 8, so that it adds 2.
    delta = delta_to_result(resource_bounds(full_of_memory), whole)["declared"]
    assert (delta["cu"], delta["queue_cu"], delta["cpu"]) == (2, 8, 8)


def test_tenths_stay_tenths() -> None:
    spec = cluster(("0.1", "0.1Gi"), group("0.1", "0.3Gi", 2), group("0.7", "0.7Gi", 3))
    assert declared(spec) == {"cpu": 2.4, "memory_gib": 2.8, "gpus": {}, "cu": 2.4, "queue_cu": 2.4}
    assert resource_bounds(spec)["declared"].cpu == Decimal("2.4")


def test_autoscaling_has_three_sizes_and_anything_else_one() -> None:
    workers = (group("4", "16Gi", 3, min_replica=1, max_replica=10), group("8", "32Gi", 2))
    scaled = bounds_to_result(resource_bounds(cluster(("2", "8Gi"), *workers, enable_auto_scaling=True)))
    assert [scaled[bound]["cu"] for bound in BOUNDS] == [2 + 4 + 16, 2 + 12 + 16, 2 + 40 + 16]
    fixed = bounds_to_result(resource_bounds(cluster(("2", "8Gi"), *workers)))
    assert [fixed[bound]["cu"] for bound in BOUNDS] == [30, 30, 30]


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ({"replica": 0}, [0, 0, 0]),
        ({"replica": None, "min_replica": 2, "max_replica": 5}, [2, 2, 5]),
        ({"replica": 4, "max_replica": 5}, [4, 4, 5]),
        ({"replica": 4, "min_replica": 2}, [2, 4, 4]),
        ({"replica": None}, [1, 1, 1]),
    ],
)
def test_counts_that_are_not_told(counts: dict[str, Any], expected: list[int]) -> None:
    sizes = resource_bounds(cluster(("1", "4Gi"), group("1", "4Gi", **counts), enable_auto_scaling=True))
    assert [int(sizes[bound].cpu or 0) - 1 for bound in BOUNDS] == expected


def test_gpus_are_counted_in_nodes_by_kind() -> None:
    spec = cluster(("2", "8Gi"), group(gpu_spec="b", replica=3), group(gpu_spec="a", replica=2), gpu_spec="b")
    assert declared(spec)["gpus"] == {"a": 2, "b": 4}
    assert list(declared(spec)["gpus"]) == ["a", "b"]


@pytest.mark.parametrize("value", [None, "", "many", "-1", "0", "1e9", [], {}, "8Xi", "NaN", "9" * 40])
def test_what_cannot_be_read_is_null(value: Any) -> None:
    spec = cluster(("2", "8Gi"), group("4", value, 2))
    assert declared(spec) == {"cpu": 10, "memory_gib": None, "gpus": {}, "cu": None, "queue_cu": None}
    spec = cluster((value, "8Gi"), group("4", "16Gi", 2, gpu_spec="a"))
    assert declared(spec) == {"cpu": None, "memory_gib": 40, "gpus": {"a": 2}, "cu": None, "queue_cu": None}


@pytest.mark.parametrize("spec", [{}, {"head_spec": None, "worker_spec": None}, {"worker_spec": []}])
def test_a_cluster_of_which_nothing_is_told_has_nulls(spec: dict[str, Any]) -> None:
    assert declared(spec) == {"cpu": None, "memory_gib": None, "gpus": {}, "cu": None, "queue_cu": None}


def test_no_cluster_has_nothing_and_fifty_groups_are_summed() -> None:
    assert bounds_to_result(resource_bounds(None))["maximum"] == {
        "cpu": 0,
        "memory_gib": 0,
        "gpus": {},
        "cu": 0,
        "queue_cu": 0,
    }
    spec = cluster(("0.5", "2Gi"), *(group("0.5", "2Gi", 7) for number in range(50)))
    assert declared(spec) == {"cpu": 175.5, "memory_gib": 702, "gpus": {}, "cu": 175.5, "queue_cu": 175.5}


@pytest.mark.parametrize(
    ("before", "after", "sign"),
    [
        ("Stopped", "Running", 1),
        ("Stopped", "Starting", 1),
        ("Running", "Stopped", -1),
        ("Running", "Stopping", -1),
        ("Stopping", "Stopped", 0),
        ("Running", "Running", 0),
        ("Error", "Stopped", 0),
        (None, "Running", 1),
        (None, "Stopped", 0),
        ("Running", None, -1),
    ],
)
def test_what_does_not_run_has_nothing(before: str | None, after: str | None, sign: int) -> None:
    ends = [{**cluster(), "state": state} if state else None for state in (before, after)]
    assert running_delta(*ends)["declared"]["cu"] == 2 * sign


def test_growth_of_gpus() -> None:
    before, after = cluster(gpu_spec="a"), cluster(gpu_spec="b")
    assert running_delta(before, after)["declared"] == {
        "cpu": 0, "memory_gib": 0, "gpus": {"a": -1, "b": 1}, "cu": 0, "queue_cu": 0
    }  # fmt: skip


@given(st.lists(cluster_payloads(), max_size=4))
def test_sums_and_differences_hold_for_whatever_is_read(found: list[dict[str, Any]]) -> None:
    clusters = [parse_cluster(payload, "GetRayCluster") for payload in found]
    for one in clusters:
        sizes = resource_bounds(one)
        running = {**one, "state": "Running"}
        assert running_delta(None, running) == bounds_to_result(sizes)
        assert running_delta(running, dict(running)) == bounds_to_result(NO_RESOURCES)
        for size in sizes.values():
            assert size.cu is not None
            assert size.cpu is not None
            assert size.memory is not None
            assert size.queue_cu is not None
            assert max(size.cpu, size.memory / 4) == size.cu <= size.queue_cu <= size.cpu + size.memory / 4
    whole = sum_bounds(map(resource_bounds, clusters))
    assert whole == sum_bounds(map(resource_bounds, clusters[::-1]))
    for bound in BOUNDS:
        assert whole[bound].cpu == sum((resource_bounds(one)[bound].cpu or Decimal(0) for one in clusters), Decimal(0))
