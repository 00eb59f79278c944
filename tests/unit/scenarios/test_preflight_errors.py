# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The look ahead: what the workspace does not have is said before the first write, with what it has."""

from __future__ import annotations

from typing import Any

import pytest

from tests.emulator import Emulator
from tests.emulator.discovery import RAY_VERSIONS
from tests.unit.scenarios.conftest import TIMING
from tests.unit.scenarios.harness import TaskHarness, TaskOutcome
from tests.unit.scenarios.specs import Json, full_options, minimal_options

LOOKS = {"ListWorkspaceQueues", "ListNetworkServices", "ListReleaseVersions"}


def looks(outcome: TaskOutcome) -> set[str]:
    return LOOKS & set(outcome.operations)


def head(**changes: Any) -> Json:
    spec = minimal_options()
    return {**spec, "head_spec": {**spec["head_spec"], **changes}}


def small(emulator: Emulator, cpu: str, memory: str, used: Json | None = None) -> None:
    row: Json = {"queueName": "root_queue", "maxResource": {"cpu": cpu, "memory": memory}}
    emulator.set_workspace(emulator.workspace_id, queues=[row | ({"usedResource": used} if used else {})])


@pytest.mark.parametrize(
    ("given", "texts"),
    [
        (
            head(queue_name="rot_queue"),
            ["head_spec.queue_name: there is no queue 'rot_queue'", "dev_queue", "root_queue"],
        ),
        (
            minimal_options(network_service_name="vcp"),
            ["network_service_name: there is no network service 'vcp'", "vpc"],
        ),
        (
            minimal_options(display_release_version="ray-9 (Ray 9, Python 4)"),
            ["there is no engine version", RAY_VERSIONS[0]],
        ),
        (head(gpu_spec="ecs.none"), ["head_spec.gpu_spec: there is no GPU 'ecs.none'", "ecs.gn6i-c4g1.xlarge"]),
    ],
)
def test_what_is_not_there_is_said_before_the_first_write(harness: TaskHarness, given: Json, texts: list[str]) -> None:
    for outcome in (harness.expect_failure(check=True, **given), harness.expect_failure(preflight=True, **given)):
        assert outcome.writes == []
        assert outcome["error"]["code"] == "PreflightFailed"
        assert "Could not create the Ray cluster 'training'" in outcome["msg"]
        for text in texts:
            assert text in outcome["msg"], text
        assert outcome["changed"] is False
    # The service of the tests takes anything.
    assert harness.expect_success(**given)["actions"] == ["create"]


def test_all_that_is_wrong_is_said_at_once(harness: TaskHarness) -> None:
    outcome = harness.expect_failure(preflight=True, **head(queue_name="a"), network_service_name="b")
    assert "there is no queue 'a'" in outcome["msg"]
    assert "there is no network service 'b'" in outcome["msg"]


def test_more_than_a_queue_has_left(harness: TaskHarness) -> None:
    small(harness.emulator, "9", "100Gi")
    refused = harness.expect_failure(preflight=True, **minimal_options(state="started"))
    assert "root_queue" in refused["msg"]
    for check in (True, False):
        created = harness.expect_success(check=check, preflight=True, **minimal_options())
        assert created["actions"] == ["create"], "a cluster that does not run takes nothing"
        (warning,) = [text for text in created.warnings if "root_queue" in text]
        assert warning.endswith("would, when started, need 10 cores (9 of 9 left) of queue 'root_queue'")
    started = harness.expect_failure(preflight=True, name="training", state="started")
    assert "Could not start the Ray cluster 'training'" in started["msg"]
    assert started.writes == []
    small(harness.emulator, "10", "100Gi")
    assert harness.expect_success(preflight=True, name="training", state="started")["actions"] == ["start"]


@pytest.mark.parametrize("queue", ["root_quee", "gpu_queue "])
def test_a_misspelled_queue_gets_the_same_answer_in_a_check_and_in_a_run(harness: TaskHarness, queue: str) -> None:
    given = minimal_options(**head(queue_name=queue), preflight=None)
    answers = [harness.expect_failure(check=check, **given) for check in (True, False)]
    assert answers[0]["msg"] == answers[1]["msg"]
    assert "head_spec.queue_name" in answers[0]["msg"]
    assert answers[1].writes == []


@pytest.mark.parametrize("option", [None, True, False])
@pytest.mark.parametrize("check", [True, False])
def test_it_looks_unless_it_is_told_not_to(harness: TaskHarness, option: bool | None, check: bool) -> None:
    outcome = harness.expect_success(check=check, preflight=option, **full_options())
    assert looks(outcome) == (set() if option is False else LOOKS)
    assert outcome.warnings == []


def test_nothing_to_do_costs_no_look(harness: TaskHarness) -> None:
    harness.expect_success(**full_options())
    for check in (True, False):
        outcome = harness.expect_success(check=check, preflight=True, **full_options())
        assert outcome["changed"] is False
        assert looks(outcome) == set()
    stopped = harness.expect_success(preflight=True, name="training", state="absent")
    assert looks(stopped) == set()


def test_what_may_not_be_looked_at_is_a_warning(harness: TaskHarness) -> None:
    harness.emulator.deny(*LOOKS)
    outcome = harness.expect_success(preflight=True, **full_options())
    assert outcome["actions"] == ["create"]
    assert len(outcome.warnings) == 3
    assert all("could not be read" in text for text in outcome.warnings)
    assert any("emr-serverless-spark:ListWorkspaceQueues" in text for text in outcome.warnings)


@pytest.fixture
def alone(running: Emulator) -> TaskHarness:
    running.reset(rules=True)
    running.timing.set(TIMING)
    return TaskHarness(running)


def test_a_fleet_looks_once_and_shares_what_is_left(alone: TaskHarness) -> None:
    # Each cluster takes 10 cores.
    small(alone.emulator, "25", "1000Gi")
    defaults = {key: value for key, value in minimal_options(state="started", preflight=True).items() if key != "name"}
    outcome = alone.fleet(clusters=[{"name": name} for name in ("a", "b", "c")], defaults=defaults)
    assert outcome.failed
    assert outcome.operations.count("ListWorkspaceQueues") == 1
    assert [entry["failed"] for entry in outcome["clusters"]] == [False, False, True]
    assert "PreflightFailed" in outcome["clusters"][2]["error"]["code"]
    assert [entry["cluster"]["state"] for entry in outcome["clusters"][:2]] == ["Running"] * 2


def test_a_fleet_that_may_not_fail_begins_nothing(alone: TaskHarness) -> None:
    clusters = [minimal_options(name="a"), {**head(queue_name="none"), "name": "b"}]
    outcome = alone.fleet(clusters=clusters, defaults={"preflight": True}, max_failures=0)
    assert outcome.writes == []
    assert [entry["skipped"] for entry in outcome["clusters"]] == [True, False]
