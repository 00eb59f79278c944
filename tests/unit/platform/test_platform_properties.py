# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Any declaration of queues, applied to any other one under any rules: a second run has nothing to do."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.emulator.platform_rules import PLATFORM_CHOICES
from tests.unit.platform.harness import PlatformHarness

CU = 100
# Nothing can clear a list of a service that refuses empty ones.
FREE = {
    name: values for name, values in PLATFORM_CHOICES.items() if not name.endswith("_create") and name != "empty_lists"
}
NAMES = ("a", "b", "dev_queue")
# What the service may refuse under queue_sum=max_cu, which no client can know before. It refuses with status 500, so
# that a create has to be looked for.
LATE_REFUSALS = ("UnSupportedOperator", "CreateUndecided")
REFUSALS = ("WorkspaceTooSmall", *LATE_REFUSALS)


@st.composite
def queues(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Return a declaration of some queues, each with some of its options."""
    names = draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=3, unique=True))
    declared = []
    for name in names:
        if draw(st.integers(0, 4)) == 0:
            declared.append({"name": name, "state": "absent"})
            continue
        cu = draw(st.integers(1, 60))
        size: dict[str, Any] = {"cu": draw(st.sampled_from([cu, str(cu), f"{cu}cu"]))}
        if draw(st.booleans()):
            size["max_cu"] = cu + draw(st.integers(0, 20))
        queue: dict[str, Any] = {"name": name, "resource_spec": size}
        if draw(st.booleans()):
            queue["environments"] = draw(st.lists(st.sampled_from(["dev", "production"]), unique=True))
        if draw(st.booleans()):
            queue["description"] = draw(st.sampled_from(["", "text", "{{ text }}"]))
        declared.append(queue)
    return declared


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rules=st.fixed_dictionaries({}, optional={name: st.sampled_from(values) for name, values in FREE.items()}),
    first=queues(),
    second=queues(),
)
def test_a_second_run_has_nothing_to_do(
    harness: PlatformHarness, rules: dict[str, str], first: list[dict[str, Any]], second: list[dict[str, Any]]
) -> None:
    harness.emulator.reset(rules=True)
    harness.emulator.rules.set(rules)
    harness.make_workspace(CU)
    for declared in (first, second):
        predicted = harness.run("queue", {"queues": declared}, check=True)
        assert predicted.writes == []
        outcome = harness.run("queue", {"queues": declared})
        if outcome.failed:
            assert outcome["error"]["code"] in REFUSALS, outcome.result
            assert predicted.failed or outcome["error"]["code"] in LATE_REFUSALS
            continue
        assert (outcome["actions"], outcome["diff"]) == (predicted["actions"], predicted["diff"])
        harness.unchanged("queue", {"queues": declared})
        for queue in declared:
            if queue.get("state") == "absent":
                assert queue["name"] not in harness.queue_rows()
                continue
            size = queue["resource_spec"]
            cu = int(str(size["cu"]).removesuffix("cu"))
            assert harness.queue_cpu(queue["name"]) == size.get("max_cu", cu)
    assert harness.emulator.orders == []
