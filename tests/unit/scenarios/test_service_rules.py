# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The same life under every two rules of the service together: nothing lost, nothing sent twice, nothing phantom."""

from __future__ import annotations

import os
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from tests.emulator.rules import CHOICES
from tests.emulator.service_description import ServiceDescription
from tests.unit.scenarios.harness import TaskHarness, TaskOutcome
from tests.unit.scenarios.pairwise import pairwise
from tests.unit.scenarios.specs import Json, canonical_spec, full_options, full_stored_spec, minimal_options

# Names are unique in these tests, and what refuses an update or a start from Error has tests of its own.
_RULES = {
    name: values
    for name, values in CHOICES.items()
    if name not in ("unique_names", "update_while_running", "start_from_error", "stop_from_error")
}


def _cells() -> list[Json]:
    """Return cells in which every two values meet, or the rules of the file that the variable RULES names."""
    path = os.environ.get("RULES")
    if not path:
        return pairwise(_RULES)
    played = ServiceDescription.read(Path(path)).rules
    usual = {name: values[0] for name, values in CHOICES.items()}
    return [usual | {name: value for name, value in played.items() if name in _RULES or name not in CHOICES}]


CELLS = _cells()
FLAGGED = ("on_content", "on_any_update")


def name_of(cell: Json) -> str:
    """Name a cell by what it has that is no default."""
    return (
        ",".join(f"{key}={value}" for key, value in cell.items() if value != CHOICES.get(key, (value,))[0])
        or "defaults"
    )


@pytest.mark.skipif(len(CELLS) == 1, reason="RULES names the only cell")
def test_every_two_values_meet_in_few_cells() -> None:
    for one, other in combinations(_RULES, 2):
        met = {(cell[one], cell[other]) for cell in CELLS}
        assert len(met) == len(_RULES[one]) * len(_RULES[other])
    assert len(CELLS) <= 20


def changed(outcome: TaskOutcome, *actions: str) -> None:
    assert outcome["actions"] == list(actions)
    writes = {f"{action.capitalize()}RayCluster" for action in actions}
    assert set(outcome.writes) == writes
    assert len(outcome.writes) == len(actions)


def behind_our_back(harness: TaskHarness, cluster_id: str, wire: Json) -> None:
    """Set what the task does not declare; the next update must keep it."""
    harness.emulator.patch(cluster_id, networkServiceName="behind", headSpec={"gpuSpec": "ecs.behind"})
    harness.stored_spec(cluster_id)["workerSpec"][1]["rayStartParams"] = "--behind=1"
    wire["networkServiceName"] = "behind"
    wire["headSpec"]["gpuSpec"] = "ecs.behind"
    wire["workerSpec"][1]["rayStartParams"] = "--behind=1"


def declared() -> Json:
    """Return options that leave alone what :func:`behind_our_back` sets."""
    spec = full_options()
    del spec["network_service_name"], spec["head_spec"]["gpu_spec"]
    return spec


@pytest.mark.parametrize("cell", CELLS, ids=name_of)
def test_a_whole_life(harness: TaskHarness, cell: Any) -> None:
    harness.emulator.rules.set(cell)
    spec, wire = declared(), full_stored_spec()
    del wire["networkServiceName"], wire["headSpec"]["gpuSpec"]

    created = harness.expect_success(**spec)
    changed(created, "create")
    cluster_id = created["cluster_id"]
    assert canonical_spec(harness.stored_spec(cluster_id)) == canonical_spec(wire)
    runs = created["cluster"]["state"] == "Running"
    assert runs is (cell["created"] == "starting")
    harness.expect_unchanged(**spec)

    behind_our_back(harness, cluster_id, wire)
    harness.expect_unchanged(**spec)

    spec["description"] = wire["description"] = "changed"
    spec["head_spec"]["memory"], wire["headSpec"]["memory"] = "12 GiB", "12Gi"
    spec["worker_spec"][0]["env"], wire["workerSpec"][0]["env"] = {"ROLE": "other"}, "ROLE=other"
    updated = harness.expect_success(**spec)
    changed(updated, "update")
    fields = ["description", "head_spec.memory", "worker_spec[cpu].env"]
    assert [change["field"] for change in updated["changes"]] == fields
    waits = ["take effect after a restart" in warning for warning in updated.warnings]
    assert waits == [True] * (updated["cluster"]["state"] == "Running")
    assert canonical_spec(harness.stored_spec(cluster_id)) == canonical_spec(wire)
    harness.expect_unchanged(**spec)

    changed(harness.expect_success(**spec, state="started"), *([] if runs else ["start"]))
    harness.expect_unchanged(**spec, state="started")
    flagged = cell["modified_flag"] in FLAGGED
    if runs and flagged:
        changed(harness.expect_success(**spec, restart="if_needed"), "stop", "start")
    harness.expect_unchanged(**spec, restart="if_needed")

    harness.stored_spec(cluster_id)["headSpec"]["cpu"] = "7"
    restarted = harness.expect_success(**spec, state="started", restart="if_needed")
    changed(restarted, "update", *(["stop", "start"] if flagged else []))
    assert restarted["cluster"]["state"] == "Running"
    assert canonical_spec(harness.stored_spec(cluster_id)) == canonical_spec(wire)
    harness.expect_unchanged(**spec, state="started", restart="if_needed")

    changed(harness.expect_success(**spec, state="stopped"), "stop")
    harness.expect_unchanged(**spec, state="stopped")
    harness.expect_unchanged(**spec)
    changed(harness.expect_success(name="training", state="started"), "start")
    changed(harness.expect_success(name="training", state="absent"), "stop", "delete")
    harness.expect_unchanged(name="training", state="absent")
    assert harness.emulator.clusters() == []


@pytest.mark.parametrize("cell", CELLS, ids=name_of)
def test_what_a_partial_update_does_not_name_stays(harness: TaskHarness, cell: Any) -> None:
    """Fields that the service never gives back cannot be sent again by one who does not declare them."""
    given_back = {"redis_password": "clear", "worker_extra_param": "returned"}
    harness.emulator.rules.set({**cell, **given_back})
    cluster_id = harness.expect_success(**full_options())["cluster_id"]
    wire = full_stored_spec()
    for part in (
        {"description": "partial"},
        {"head_spec": {"env": {"ONLY": "this"}}},
        {"head_spec": {"gft_config": {"redis_username": "other"}}},
        {"worker_spec": [{"group_name": "big", "memory": "64Gi"}], "purge_worker_groups": False},
    ):
        changed(harness.expect_success(cluster_id=cluster_id, **part), "update")
        harness.expect_unchanged(cluster_id=cluster_id, **part)
    wire["description"] = "partial"
    wire["headSpec"]["env"] = "ONLY=this"
    wire["headSpec"]["gftConfig"]["redisUsername"] = "other"
    wire["workerSpec"][1]["memory"] = "64Gi"
    assert canonical_spec(harness.stored_spec(cluster_id)) == canonical_spec(wire)


@pytest.mark.parametrize("cell", CELLS, ids=name_of)
def test_defaults_that_the_service_fills_in_are_no_drift(harness: TaskHarness, cell: Any) -> None:
    harness.emulator.rules.set({**cell, "defaults": "filled"})
    harness.expect_success(**minimal_options())
    harness.expect_unchanged(**minimal_options())
    unset = minimal_options(description="", extra_param={}, volume_ids=[])
    unset["head_spec"] |= {"env": {}, "enable_auto_scaling": False, "gft_enabled": False}
    unset["worker_spec"][0] |= {"env": {}, "gpu_spec": ""}
    harness.expect_unchanged(**unset)


@pytest.mark.parametrize("update", CHOICES["update"])
@pytest.mark.parametrize("redis_password", CHOICES["redis_password"])
@pytest.mark.parametrize("worker_extra_param", CHOICES["worker_extra_param"])
def test_fields_that_do_not_come_back_are_sent_with_every_update_and_cause_none(
    harness: TaskHarness, update: str, redis_password: str, worker_extra_param: str
) -> None:
    rules = {"update": update, "redis_password": redis_password, "worker_extra_param": worker_extra_param}
    harness.emulator.rules.set(rules)
    cluster_id = harness.expect_success(**full_options())["cluster_id"]
    spec = full_options(description="changed")
    spec["head_spec"]["gft_config"]["redis_password"] = "another-password"
    spec["worker_spec"][0]["extra_param"] = {"labels": {"tier": "b"}}
    updated = harness.expect_success(**spec)
    expected = {"description"}
    expected |= {"head_spec.gft_config.redis_password"} if redis_password == "clear" else set()
    expected |= {"worker_spec[cpu].extra_param"} if worker_extra_param == "returned" else set()
    assert {change["field"] for change in updated["changes"]} == expected
    stored = harness.stored_spec(cluster_id)
    assert stored["headSpec"]["gftConfig"]["redisPassword"] == "another-password"
    assert stored["workerSpec"][0]["extraParam"] == '{"labels": {"tier": "b"}}'
    harness.expect_unchanged(**spec)


@pytest.mark.parametrize("update", CHOICES["update"])
def test_a_mask_is_never_stored_as_a_password(harness: TaskHarness, update: str) -> None:
    harness.emulator.rules.set({"update": update, "redis_password": "masked"})
    cluster_id = harness.expect_success(**full_options())["cluster_id"]
    updated = harness.expect_success(cluster_id=cluster_id, description="changed")
    (sent,) = updated.request_bodies("UpdateRayCluster")
    assert "redisPassword" not in sent["headSpec"]["gftConfig"]
    assert any("redis_password" in warning for warning in updated.warnings)


@pytest.mark.parametrize("state", ["present", "started"])
def test_an_update_that_is_refused_while_running_says_so(harness: TaskHarness, state: str) -> None:
    harness.emulator.rules.set({"update_while_running": "refused"})
    harness.expect_success(**full_options(), state="started")
    refused = harness.expect_failure(**full_options(description="changed"), state=state)
    assert refused["error"]["code"] == "OperationDenied"
    assert refused["error"]["hint"]
    assert refused["changed"] is False
    harness.expect_unchanged(**full_options(), state="started")


@pytest.mark.parametrize(
    ("given", "actions"),
    [
        ({"state": "stopped"}, ["stop", "update"]),
        ({"state": "restarted"}, ["stop", "update", "start"]),
        ({"restart": "if_needed"}, ["stop", "update", "start"]),
        ({"restart": "if_needed", "state": "started"}, ["stop", "update", "start"]),
        ({"restart": "if_needed", "wait": False}, ["stop", "update", "start"]),
    ],
    ids=str,
)
def test_where_it_is_to_be_stopped_anyway_it_is_stopped_before_the_update(
    harness: TaskHarness, given: Json, actions: list[str]
) -> None:
    harness.emulator.rules.set({"update_while_running": "refused"})
    cluster_id = harness.expect_success(**full_options(), state="started")["cluster_id"]
    updated = harness.expect_success(**full_options(description="changed"), **given)
    assert updated["actions"] == actions
    assert canonical_spec(harness.stored_spec(cluster_id)) == canonical_spec(
        {**full_stored_spec(), "description": "changed"}
    )
    assert updated["cluster"]["modified"] is False
    if given.get("state") != "restarted":
        harness.expect_unchanged(**full_options(description="changed"), **given)


@pytest.mark.parametrize("rule", ["start_from_error", "stop_from_error"])
@pytest.mark.parametrize("value", ["allowed", "refused"])
def test_a_cluster_in_error_can_be_started_anew_where_the_service_lets_it(
    harness: TaskHarness, rule: str, value: str
) -> None:
    harness.emulator.rules.set({rule: value})
    harness.emulator.seed("training", state="Error")
    state = "started" if rule.startswith("start") else "stopped"
    outcome = harness.cluster(name="training", state=state)
    assert outcome.failed is (value == "refused")
    if outcome.failed:
        assert outcome["error"]["code"] == "OperationDenied"
        assert outcome["cluster"]["state"] == "Error"
    else:
        harness.expect_unchanged(name="training", state=state)


def test_unique_names_are_the_services_to_refuse(harness: TaskHarness) -> None:
    harness.emulator.rules.set({"unique_names": True})
    harness.expect_success(**full_options())
    other = harness.expect_success(**full_options(name="other"))["cluster_id"]
    refused = harness.expect_failure(cluster_id=other, name="training")
    assert refused["error"]["code"] == "RayCluster.AlreadyExists"
    assert refused["cluster"]["name"] == "other"
