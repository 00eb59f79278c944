# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A run that dies between any two of its requests: the next one converges, with one cluster and no field lost."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.unit.trust.cells import SCENARIOS, Scenario
from tests.unit.trust.interfere import Killed, killing
from tests.unit.trust.world import WAIT_TIMEOUT, World

# Longer ways than those of the matrix: everything that one task can do.
WAYS: dict[str, Scenario] = {
    **SCENARIOS,
    "create and start": Scenario(
        (), lambda w: None, lambda w: w.spec(state="started"), lambda w: [w.wire()], after={"state": "started"}
    ),
    "create and stop": Scenario(
        (),
        lambda w: w.emulator.rules.set({"created": "starting"}),
        lambda w: w.spec(state="stopped"),
        lambda w: [w.wire()],
    ),
    "update and restart": Scenario(
        (),
        lambda w: w.exists("Running", description="somebody else's"),
        lambda w: w.spec(restart="if_needed"),
        lambda w: [w.wire(), w.wire(description="somebody else's")],
    ),
    "delete that takes its time": Scenario(
        (),
        lambda w: (w.emulator.rules.set({"delete_takes": "time"}), w.exists("Running")),
        lambda w: {"name": "training", "state": "absent"},
        lambda w: [w.wire()],
    ),
}


@pytest.mark.parametrize("name", WAYS)
def test_killed_at_every_step_the_next_run_converges(
    world: World, name: str, record_property: Callable[[str, Any], None]
) -> None:
    scenario = WAYS[name]
    scenario.before(world)
    with killing(-1, after=False) as count:
        world.done(**scenario.given(world))
    steps = count[0]
    for step in range(steps):
        for after in (False, True):
            _resumes(world, scenario, step, after)
    record_property("cells: killed before and after every request", 2 * steps)
    assert steps >= 3


def _resumes(world: World, scenario: Scenario, step: int, after: bool) -> None:
    world.emulator.reset()
    scenario.before(world)
    with killing(step, after), pytest.raises(Killed):
        world.cluster(**scenario.given(world))
    world.kept(*scenario.allowed(world))
    again = scenario.again(world) | {"wait_timeout": WAIT_TIMEOUT}
    resumed = world.done(**again)
    absent = again.get("state") == "absent"
    assert len(world.emulator.clusters()) == (0 if absent else 1)
    world.kept(scenario.allowed(world)[0], scenario.allowed(world)[-1])
    assert "restart" in again or len(resumed.writes) == len(set(resumed.writes))
    world.unchanged(**again)
