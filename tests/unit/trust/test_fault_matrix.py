# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The fault matrix: every operation of every state's way, times every fault, once, later and for good.

A cell passes when the task converged, or failed with a clear error; when nothing was lost and nothing is there twice;
and when one more run without the fault converges, and the one after it has nothing to do.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.unit.trust.fault_matrix import FAULT_TIMINGS, PATIENCE, SCENARIOS, FaultScenario, Json, faults_for
from tests.unit.trust.harness import CLUSTER_NAME, InvariantHarness

CELLS = [
    pytest.param(scenario, operation, fault, id=f"{name}-{operation.removesuffix('RayCluster')}-{label}")
    for name, scenario in SCENARIOS.items()
    for operation in scenario.operations
    for label, fault in faults_for(operation).items()
]


def times_of(fault: Json) -> list[Json]:
    """Return how often a fault is to strike; what takes real time does not strike for good."""
    if "times" in fault or fault["kind"] in ("skew", "hide_new", "stale_list"):
        return [{}]
    if fault["kind"] in ("slow", "huge_body", "drip", "deep_json"):
        return [FAULT_TIMINGS["once"]]
    return list(FAULT_TIMINGS.values())


@pytest.mark.nightly(one_in=6)
@pytest.mark.parametrize(("scenario", "operation", "fault"), CELLS)
def test_a_fault_loses_nothing_and_makes_nothing_twice(
    harness: InvariantHarness,
    scenario: FaultScenario,
    operation: str,
    fault: Json,
    record_property: Callable[[str, Any], None],
) -> None:
    tried = 0
    for times in times_of(fault):
        harness.emulator.reset()
        if _cell(harness, scenario, operation, {**fault, **times}):
            tried += 1
    record_property("cells: every operation x every fault x every state", tried)
    assert tried, "the fault never struck"


def _cell(harness: InvariantHarness, scenario: FaultScenario, operation: str, fault: Json) -> bool:
    """Play one cell; return whether the fault struck."""
    scenario.set_up(harness)
    allowed = scenario.allowed_specs(harness)
    planned = harness.emulator.fault(operation=operation, **fault)
    hurried = {"timeout": PATIENCE} if fault["kind"] == "slow" else {}
    first = harness.cluster(**scenario.options(harness), **hurried)
    harness.assert_specs_kept(*allowed)
    harness.emulator.core.faults.clear()
    twins = list(planned.memory.get("ids", []))
    if twins:
        assert first.failed
        _reported_twin(harness, first, twins)
        return True
    assert len(harness.own_cluster_ids()) <= 1
    _converges(harness, scenario, first)
    harness.assert_specs_kept(*allowed)
    return planned.fired > 0


def _reported_twin(harness: InvariantHarness, outcome: Any, twins: list[str]) -> None:
    """Both are named and both are still there."""
    (mine,) = harness.own_cluster_ids()
    assert all(cluster_id in outcome["msg"] for cluster_id in (mine, *twins))
    assert {mine, *twins} == {cluster["clusterId"] for cluster in harness.emulator.clusters()}


def _converges(harness: InvariantHarness, scenario: FaultScenario, first: Any) -> None:
    """The run after a success has nothing to do; the one after a failure converges, and then there is nothing left."""
    again = scenario.options_for_rerun(harness)
    if first.failed:
        # Lists that are behind and clusters that move get the time that they need.
        harness.emulator.advance(120)
        second = harness.expect_success(**again)
        assert len(harness.own_cluster_ids()) == (0 if again.get("state") == "absent" else 1), second.result
    else:
        harness.emulator.advance(120)
    harness.expect_unchanged(**again)
    if again.get("state") == "absent":
        assert harness.own_cluster_ids() == []
    else:
        assert [c["name"] for c in harness.emulator.clusters()] == [CLUSTER_NAME]
