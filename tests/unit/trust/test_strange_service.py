# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Random declarations against random services: no double, no lie, no loss, no endless change.

A failure prints the service as JSON. Save it, and `RULES=service.json pytest tests/unit/trust/test_strange_service.py`
plays that service alone; `python -m tests.emulator --rules-from service.json` starts it.
"""

from __future__ import annotations

import json
import os
import unicodedata
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.emulator.model import RUNNING, STOPPED, Cluster
from tests.emulator.random_rules import FAULTS, strange_services
from tests.emulator.sizes import cores, gibibytes
from tests.unit.scenarios.harness import TaskOutcome
from tests.unit.scenarios.specs import full_options, full_stored_spec, minimal_options, minimal_stored_spec
from tests.unit.trust.harness import TIMING, WAIT_TIMEOUT, InvariantHarness, Json, assert_clear_error

# Other actors have tests of their own: they make and delete clusters that look like ours.
_KINDS = [kind for kind in FAULTS if kind != "other_actor"]
_NAMES = (
    "training", "Training", "team a", "team  a", "caf\xe9", "cafe\u0301", "\uff54eam", "x" * 64, "Stra\xdfe", "a.b-c_d",
)  # fmt: skip
_DESCRIPTIONS = ("nightly", "ends in a line feed\n", "  blanks  ", "two  blanks", "caf\xe9 cafe\u0301", "x" * 80, "")
# Seconds between two runs: lists that are behind and clusters that move get the time that they need.
_BETWEEN = 120
_RUNS = 4


@st.composite
def declarations(draw: st.DrawFn) -> tuple[Json, Json]:
    """Draw options of the module, and the wire fields that the service has to hold for them."""
    if draw(st.booleans()):
        options, wire = minimal_options(), minimal_stored_spec()
    else:
        options, wire = full_options(), full_stored_spec()
    options["name"] = wire["name"] = draw(st.sampled_from(_NAMES))
    if draw(st.booleans()):
        options["description"] = wire["description"] = draw(st.sampled_from(_DESCRIPTIONS))
    if draw(st.booleans()):
        group = draw(st.sampled_from(["GPU-a", "Worker Group", "w\xf6rker"]))
        options["worker_spec"][0]["group_name"] = wire["workerSpec"][0]["groupName"] = group
    if draw(st.booleans()):
        options["head_spec"]["cpu"], wire["headSpec"]["cpu"] = "0.5", "0.5"
    if draw(st.booleans()):
        options["head_spec"]["idle_timeout_seconds"] = wire["headSpec"]["idleTimeoutSeconds"] = 0
    options["restart"] = draw(st.sampled_from(["never", "if_needed"]))
    options["state"] = draw(st.sampled_from(["present", "started", "stopped"]))
    return options, wire


def services() -> st.SearchStrategy[Json]:
    """Return random services, or the one of the file that the environment variable RULES names."""
    path = os.environ.get("RULES")
    if path:
        described = json.loads(Path(path).read_text(encoding="utf-8"))
        return st.just({"faults": [], **described})
    return strange_services(kinds=_KINDS)


class Trial:
    """One service and one declaration: runs tasks, and compares what they say with what is true."""

    def __init__(self, harness: InvariantHarness, service: Json, options: Json, wire: Json) -> None:
        self.harness = harness
        self.options = options
        self.wire = wire
        for head in (options["head_spec"].get("gft_config"), wire["headSpec"].get("gftConfig")):
            if head:
                head["redis_password" if "redis_url" in head else "redisPassword"] = harness.canaries.password
        harness.emulator.reset(rules=True)
        harness.emulator.timing.set(TIMING)
        self.others = harness.emulator.seed("neighbour", count=7)
        harness.emulator.behave({key: service[key] for key in ("rules", "faults")})

    def seed(self, state: str) -> None:
        """Put the cluster there, without its description and with another size."""
        spec = {**self.wire, "description": "before"}
        spec["headSpec"] = {**spec["headSpec"], "memory": "2Gi"}
        self.harness.emulator.seed(spec.pop("name"), spec=spec, state=state)

    def add_neighbours(self, count: int) -> None:
        """Let others create clusters, so that ours is not the first one in lists."""
        self.others += self.harness.emulator.seed("later", count=count) if count else []

    def ours(self) -> list[Cluster]:
        """Return the clusters that are there beside the neighbours, whatever lists say."""
        with self.harness.emulator.core.lock:
            found = self.harness.emulator.service.workspaces[self.harness.emulator.workspace_id]
            return [item for item in list(found.values()) if item.cluster_id not in self.others]

    def run(self, **changes: Any) -> TaskOutcome:
        """Run the task once; a failure must name its reason, and there is never a second cluster."""
        outcome = super(InvariantHarness, self.harness).cluster(
            **{**self.options, **changes, "wait_timeout": WAIT_TIMEOUT}
        )
        self.harness.assert_no_secret(outcome)
        assert len(self.ours()) <= 1, f"{len(self.ours())} clusters of one declaration"
        if outcome.failed:
            assert_clear_error(outcome)
            assert outcome["error"]["code"] != "Bug"
        return outcome

    def hold(self, outcome: TaskOutcome) -> None:
        """A run that succeeded has done what was declared."""
        assert outcome["cluster"] is not None, "reported absent although it was declared present"
        (cluster,) = self.ours()
        assert outcome["cluster_id"] == cluster.cluster_id
        lost = _lost(self.wire, cluster.spec)
        assert not lost, f"declared, reported as done, and not stored: {lost}"
        wanted = {"started": RUNNING, "stopped": STOPPED}.get(self.options["state"])
        assert wanted in (None, cluster.state), f"reported as {wanted}, is {cluster.state}"


def _text(value: Any) -> Any:
    return unicodedata.normalize("NFC", value).strip() if isinstance(value, str) else value


def _meaning(key: str, value: Any) -> Any:
    """Return a stored value without its spelling."""
    if key == "cpu":
        return cores(str(value))
    if key == "memory":
        return gibibytes(str(value))
    if key == "env":
        pairs = (line.partition("=") for line in value.splitlines() if line)
        return {name.strip(): text.strip() for name, _sign, text in pairs}
    if key == "extraParam":
        return json.loads(value or "{}")
    if key == "volumeIds":
        return sorted(value)
    if key == "rayStartParams":
        return value.split()
    return _text(value)


def _lost(wanted: Json, stored: Json, where: str = "") -> dict[str, Any]:
    """Return the declared fields that are stored with another meaning: {path: (declared, stored)}."""
    found: dict[str, Any] = {}
    for key, value in wanted.items():
        path = f"{where}{key}"
        if key == "workerSpec":
            groups = {_text(group["groupName"]): group for group in stored.get(key) or []}
            for group in value:
                found |= _lost(group, groups.get(_text(group["groupName"]), {}), f"{path}.{group['groupName']}.")
        elif isinstance(value, dict):
            found |= _lost(value, stored.get(key) or {}, f"{path}.")
        elif key not in stored:
            if value not in ("", 0, False):
                found[path] = (value, None)
        elif _meaning(key, stored[key]) != _meaning(key, value):
            found[path] = (value, stored[key])
    return found


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    service=services(),
    declared=declarations(),
    before=st.sampled_from([None, STOPPED, RUNNING]),
    later=st.integers(0, 4),
)
def test_a_declaration_against_a_strange_service(
    harness: InvariantHarness, service: Json, declared: tuple[Json, Json], before: str | None, later: int
) -> None:
    trial = Trial(harness, service, *declared)
    try:
        _play(trial, before, later)
    except AssertionError as error:
        raise AssertionError(f"{error}\nthe service, to play it again: {json.dumps(service)}") from error


def _play(trial: Trial, before: str | None, later: int) -> None:
    emulator = trial.harness.emulator
    if before is not None:
        trial.seed(before)
        trial.add_neighbours(later)
    # A run that failed has not had its turn: a fault may have stopped it before it did anything.
    succeeded = 0
    for number in range(1, _RUNS + 1):
        outcome = trial.run()
        if not outcome.failed:
            succeeded += 1
            trial.hold(outcome)
            assert succeeded < 3 or not outcome["changed"], f"run {number} still changes: {outcome['changes']}"
        emulator.advance(_BETWEEN)
        if number == 1 and before is None:
            trial.add_neighbours(later)
    gone = trial.run(state="absent")
    if not gone.failed:
        assert trial.ours() == [], "reported absent, and there"
    for cluster_id in trial.others:
        assert emulator.service.find(cluster_id), "a neighbour is gone"


@pytest.mark.parametrize("name", _NAMES)
def test_a_usual_service_takes_every_declaration_here(harness: InvariantHarness, name: str) -> None:
    """Under the default rules all of it succeeds: a failure of the property is the service's strangeness."""
    for make, wire in ((minimal_options, minimal_stored_spec), (full_options, full_stored_spec)):
        trial = Trial(harness, {"rules": {}, "faults": []}, make(name=name, state="present"), {**wire(), "name": name})
        outcome = trial.run()
        assert not outcome.failed, outcome.result
        trial.hold(outcome)
        assert not trial.run()["changed"]
