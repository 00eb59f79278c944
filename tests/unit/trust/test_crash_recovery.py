# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A run that dies between any two of its requests: the next one converges, with one cluster and no field lost."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.unit.trust.fault_matrix import SCENARIOS, FaultScenario
from tests.unit.trust.harness import WAIT_TIMEOUT, InvariantHarness
from tests.unit.trust.interruptions import SimulatedKill, kill_at_request

# Longer ways than those of the matrix: everything that one task can do.
WAYS: dict[str, FaultScenario] = {
    **SCENARIOS,
    "create and start": FaultScenario(
        (),
        lambda w: None,
        lambda w: w.full_options(state="started"),
        lambda w: [w.full_stored_spec()],
        rerun_options={"state": "started"},
    ),
    "create and stop": FaultScenario(
        (),
        lambda w: w.emulator.rules.set({"created": "starting"}),
        lambda w: w.full_options(state="stopped"),
        lambda w: [w.full_stored_spec()],
    ),
    "update and restart": FaultScenario(
        (),
        lambda w: w.seed_cluster("Running", description="somebody else's"),
        lambda w: w.full_options(restart="if_needed"),
        lambda w: [w.full_stored_spec(), w.full_stored_spec(description="somebody else's")],
    ),
    "delete that takes its time": FaultScenario(
        (),
        lambda w: (w.emulator.rules.set({"delete_takes": "time"}), w.seed_cluster("Running")),
        lambda w: {"name": "training", "state": "absent"},
        lambda w: [w.full_stored_spec()],
    ),
}


@pytest.mark.parametrize("name", WAYS)
def test_killed_at_every_step_the_next_run_converges(
    harness: InvariantHarness, name: str, record_property: Callable[[str, Any], None]
) -> None:
    scenario = WAYS[name]
    scenario.set_up(harness)
    with kill_at_request(-1, after=False) as count:
        harness.expect_success(**scenario.options(harness))
    steps = count[0]
    for step in range(steps):
        for after in (False, True):
            _resumes(harness, scenario, step, after)
    record_property("cells: killed before and after every request", 2 * steps)
    assert steps >= 3


def _resumes(harness: InvariantHarness, scenario: FaultScenario, step: int, after: bool) -> None:
    harness.emulator.reset()
    scenario.set_up(harness)
    with kill_at_request(step, after), pytest.raises(SimulatedKill):
        harness.cluster(**scenario.options(harness))
    harness.assert_specs_kept(*scenario.allowed_specs(harness))
    again = scenario.options_for_rerun(harness) | {"wait_timeout": WAIT_TIMEOUT}
    resumed = harness.expect_success(**again)
    absent = again.get("state") == "absent"
    assert len(harness.emulator.clusters()) == (0 if absent else 1)
    harness.assert_specs_kept(scenario.allowed_specs(harness)[0], scenario.allowed_specs(harness)[-1])
    # A refused stop or delete is sent again when the cluster has settled; what was accepted is not.
    accepted = [
        entry.operation for entry in resumed.requests if entry.operation in resumed.writes and entry.status < 400
    ]
    assert "restart" in again or len(accepted) == len(set(accepted))
    harness.expect_unchanged(**again)
