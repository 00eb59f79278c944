# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Random sequences of faults under random rules: nothing lost, nothing twice, nothing leaked, and it converges."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.emulator.rules import CHOICES
from tests.unit.trust.fault_matrix import CREATE, LIST, SCENARIOS, Json, faults_for
from tests.unit.trust.harness import SERVICE_RULES, TIMING, InvariantHarness
from tests.unit.trust.test_fault_matrix import _converges

# What takes real time is in the matrix, and a twin is somebody else's cluster.
NOT_HERE = ("slow", "huge_body", "twin", "drip", "deep_json")


@st.composite
def faults(draw: st.DrawFn) -> list[Json]:
    """Up to five faults at any operations, each once or twice, now or later."""
    chosen = []
    for operation in draw(st.lists(st.sampled_from([*SCENARIOS["restarted"].operations, CREATE, LIST]), max_size=5)):
        known = faults_for(operation)
        names = [name for name, fault in known.items() if fault["kind"] not in NOT_HERE]
        fault = {"operation": operation, **known[draw(st.sampled_from(sorted(names)))]}
        lasting = fault["kind"] in ("skew", "hide_new", "stale_list")
        chosen.append(
            fault if lasting else fault | {"times": draw(st.integers(1, 2)), "after": draw(st.integers(0, 4))}
        )
    return chosen


@st.composite
def rules(draw: st.DrawFn) -> Json:
    """Any rules; but reads give everything back, so that what is stored can be held against what was declared."""
    free = {name: choices for name, choices in CHOICES.items() if name not in SERVICE_RULES}
    drawn = {name: draw(st.sampled_from(choices)) for name, choices in free.items()}
    return drawn | SERVICE_RULES | {"update": draw(st.sampled_from(CHOICES["update"]))}


@pytest.mark.parametrize("name", SCENARIOS)
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(faults=faults(), rules=rules())
@example(
    faults=[{"operation": CREATE, "kind": "cut_after"}, {"operation": LIST, "kind": "hide_new", "seconds": 20}],
    rules={},
)
def test_any_faults_under_any_rules(harness: InvariantHarness, name: str, faults: list[Json], rules: Json) -> None:
    harness.emulator.reset(rules=True)
    harness.emulator.timing.set(TIMING)
    # Where an update of a running cluster is refused, one that is not to be stopped cannot converge.
    refused = {"update_while_running": "allowed"} if name == "update" else {}
    harness.emulator.rules.set(SERVICE_RULES | rules | refused | {"start_from_error": "allowed"})
    scenario = SCENARIOS[name]
    scenario.set_up(harness)
    for fault in faults:
        harness.emulator.fault(**fault)
    first = harness.cluster(**scenario.options(harness))
    if rules.get("sizes", "as_sent") == "as_sent" and rules.get("defaults", "none") == "none":
        harness.assert_specs_kept(*scenario.allowed_specs(harness))
    assert len(harness.own_cluster_ids()) <= 1
    harness.emulator.core.faults.clear()
    _converges(harness, scenario, first)
