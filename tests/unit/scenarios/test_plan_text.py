# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an operator reads: the plan in one line, the diff, and warnings for lost groups and configuration that waits."""

from __future__ import annotations

import pytest

from tests.unit.scenarios.harness import FleetHarness, TaskHarness
from tests.unit.scenarios.specs import Json, minimal_options
from tests.unit.scenarios.test_check_mode import changed_lines

PLACE = {"queue_name": "root_queue", "cpu": 4}
MEMORY: Json = {"name": "training", "worker_spec": [{"group_name": "cpu", "memory": "32Gi"}]}


def running(harness: TaskHarness, **rules: object) -> str:
    harness.emulator.rules.set(rules)
    return str(harness.expect_success(**minimal_options(), state="started")["cluster_id"])


# Restarts


def test_a_restart_is_in_the_line_the_diff_the_reasons_and_a_warning_of_the_check(harness: TaskHarness) -> None:
    cluster_id = running(harness)
    check = harness.expect_success(check=True, **MEMORY, restart="if_needed")
    assert check["msg"] == (
        f"training ({cluster_id}): update, stop, start: RESTARTS a running cluster; cpu.memory 16Gi → 32Gi"
    )
    assert changed_lines(check["diff"]) == [
        "-run: Running",
        "-worker_spec[cpu].memory: 16Gi",
        "+run: Running → stop → start → Running (RESTARTS a running cluster)",
        "+worker_spec[cpu].memory: 32Gi",
    ]
    (state,) = [change["why"] for change in check["changes"] if change["field"] == "state"]
    assert "RESTARTS" in state
    (warning,) = check.warnings
    assert "RESTARTS a running cluster" in warning
    assert cluster_id in warning
    run = harness.expect_success(**MEMORY, restart="if_needed")
    assert (run["msg"], run["diff"]) == (check["msg"], check["diff"])
    assert run.warnings == []


@pytest.mark.parametrize(
    ("state", "line", "run"),
    [
        ("stopped", "stop: STOPS a running cluster", "Running → stop → Stopped (STOPS a running cluster)"),
        ("absent", "stop, delete: DELETES a running cluster", "Running → deleted (DELETES a running cluster)"),
        (
            "restarted",
            "stop, start: RESTARTS a running cluster",
            "Running → stop → start → Running (RESTARTS a running cluster)",
        ),
    ],
)
def test_a_check_names_each_stop_and_deletion(harness: TaskHarness, state: str, line: str, run: str) -> None:
    cluster_id = running(harness)
    check = harness.expect_success(check=True, name="training", state=state)
    assert check["msg"] == f"training ({cluster_id}): {line}"
    assert f"run: {run}\n" in check["diff"]["after"]
    (warning,) = check.warnings
    assert line.partition(": ")[2] in warning


def test_nothing_to_do_is_said_in_one_line(harness: TaskHarness) -> None:
    cluster_id = running(harness)
    assert harness.expect_unchanged(**minimal_options())["msg"] == f"training ({cluster_id}): no change, Running"
    harness.expect_success(name="training", state="absent")
    assert harness.expect_unchanged(name="training", state="absent")["msg"] == "training: no change, absent"


# Configuration that waits for a restart


@pytest.mark.parametrize("flag", ["on_content", "never"])
def test_new_workers_that_wait_for_a_restart_are_warned_of(harness: TaskHarness, flag: str) -> None:
    running(harness, modified_flag=flag)
    scale: Json = {"name": "training", "worker_spec": [{"group_name": "cpu", "replica": 4}]}
    for check in (True, False):
        (warning,) = harness.expect_success(check=check, **scale).warnings
        assert "cpu: 2 → 4 workers take effect after a restart (restart: if_needed)" in warning


def test_every_later_run_that_sees_it_warns_too(harness: TaskHarness) -> None:
    cluster_id = running(harness)
    harness.expect_success(name="training", worker_spec=[{"group_name": "cpu", "replica": 4}])
    for later in (harness.expect_unchanged(name="training"), harness.info(details=True), harness.info()):
        (warning,) = later.warnings
        assert "after a restart (restart: if_needed)" in warning
        assert cluster_id in warning
    assert "2 → 4 workers" in harness.info(cluster_id=cluster_id).warnings[0]
    assert harness.expect_success(name="training", restart="if_needed").warnings == []
    assert harness.expect_unchanged(name="training").warnings == []
    assert harness.info(details=True).warnings == []


def test_a_stopped_cluster_waits_for_nothing(harness: TaskHarness) -> None:
    harness.expect_success(**minimal_options())
    assert harness.expect_success(**MEMORY).warnings == []


# Worker groups


def groups(**more: object) -> Json:
    spec = minimal_options()
    spec["worker_spec"] += [{"group_name": "gpu", **PLACE, "memory": "15Gi", "replica": 6}]
    return spec | more


@pytest.mark.parametrize("given", [MEMORY, MEMORY | {"purge_worker_groups": None}])
def test_an_edit_does_not_remove_other_groups(harness: TaskHarness, given: Json) -> None:
    cluster_id = harness.expect_success(**groups())["cluster_id"]
    for check in (True, False):
        failed = harness.cluster(check=check, **given)
        assert failed.failed
        assert failed.writes == []
        assert failed["error"]["code"] == "PurgeUndecided"
        assert "set purge_worker_groups: false to edit, true to remove gpu (6 workers)" in failed["msg"]
    edited = harness.expect_success(**given | {"purge_worker_groups": False})
    assert edited.warnings == []
    assert len(harness.stored_spec(cluster_id)["workerSpec"]) == 2


@pytest.mark.parametrize("check", [True, False])
@pytest.mark.parametrize("given", [minimal_options(), MEMORY | {"purge_worker_groups": True}], ids=["whole", "true"])
def test_each_removed_group_is_a_warning(harness: TaskHarness, given: Json, check: bool) -> None:
    harness.expect_success(**groups())
    outcome = harness.expect_success(check=check, **given)
    (warning,) = outcome.warnings
    assert "the worker group gpu with 6 workers is removed" in warning
    assert "gpu removed (6 workers)" in outcome["msg"]
    assert "-worker_spec[gpu].memory: 15Gi" in changed_lines(outcome["diff"])


def test_a_new_group_is_whole_and_an_edit_of_all_groups_removes_none(harness: TaskHarness) -> None:
    harness.expect_success(**groups())
    both = [{"group_name": "cpu", "replica": 3}, {"group_name": "gpu", "replica": 2}]
    assert harness.expect_success(name="training", worker_spec=both).warnings == []
    failed = harness.expect_failure(name="training", worker_spec=[*both[:1], {"group_name": "new", **PLACE}])
    assert failed["error"]["code"] in ("InvalidOption", "PurgeUndecided")


def test_a_hunk_says_which_group_it_is_about(harness: TaskHarness) -> None:
    harness.expect_success(**groups())
    edit = [{"group_name": "gpu", "replica": 5}]
    check = harness.expect_success(check=True, name="training", purge_worker_groups=False, worker_spec=edit)
    assert changed_lines(check["diff"]) == ["-worker_spec[gpu].replica: 6", "+worker_spec[gpu].replica: 5"]
    assert check["msg"].endswith(": update; gpu.replica 6 → 5")


# Fleets


@pytest.mark.parametrize("harness", [FleetHarness], indirect=True, ids=["fleet"])
def test_a_fleet_has_its_plan_as_one_line_a_cluster(harness: TaskHarness) -> None:
    names = ["a", "b", "c", "d"]
    ids = {name: harness.expect_success(**minimal_options(name=name), state="started")["cluster_id"] for name in names}
    clusters: list[Json] = [
        {"name": "a", "worker_spec": [{"group_name": "cpu", "memory": "32Gi"}], "restart": "if_needed"},
        {"name": "b", "state": "restarted"},
        {"name": "c", "state": "absent"},
        {"name": "d"},
    ]
    check = harness.fleet(check=True, clusters=clusters)
    assert check["plan"] == [
        f"a ({ids['a']}): update, stop, start: RESTARTS a running cluster; cpu.memory 16Gi → 32Gi",
        f"b ({ids['b']}): stop, start: RESTARTS a running cluster",
        f"c ({ids['c']}): stop, delete: DELETES a running cluster",
    ]
    assert check["msg"] == ("3 of 4 Ray clusters change; DELETES a running cluster (1); RESTARTS a running cluster (2)")
    assert sorted(check.warnings) == [
        f"Planned: DELETES a running cluster: c ({ids['c']}).",
        f"Planned: RESTARTS a running cluster: a ({ids['a']}), b ({ids['b']}).",
    ]
    assert [diff["before_header"] for diff in check["diff"]] == [f"{name} ({ids[name]})" for name in "abc"]
    run = harness.fleet(clusters=clusters)
    assert run["plan"] == check["plan"]
    assert run.warnings == []


@pytest.mark.parametrize("harness", [FleetHarness], indirect=True, ids=["fleet"])
def test_a_check_of_a_large_fleet_names_every_restart(harness: TaskHarness) -> None:
    names = [f"team-{number:04}" for number in range(60)]
    for name in names:
        harness.emulator.seed(name, state="Running")
    warnings = harness.fleet(check=True, clusters=[{"name": name, "state": "restarted"} for name in names]).warnings
    assert all(any(name in warning for warning in warnings) for name in names)
    assert 1 < len(warnings) < 6


# A check that builds on a create


def test_a_check_goes_on_with_what_would_be_created(harness: TaskHarness) -> None:
    created = harness.expect_success(check=True, **minimal_options(), state="started")
    assert created["cluster_id"] == created["cluster"]["cluster_id"] == "(known after create)"
    later = harness.expect_success(check=True, cluster_id=created["cluster_id"], description="new")
    assert later["changed"] is True
    assert later["actions"] == []
    assert "depends on a resource that an earlier task would create" in later["msg"]
    assert later.requests == [] or not harness.exact_reads


def test_the_mark_of_a_check_is_no_id_in_a_run_and_bad_options_stay_bad(harness: TaskHarness) -> None:
    assert "cluster_id" in harness.expect_failure(cluster_id="(known after create)")["msg"]
    bad = harness.cluster(check=True, cluster_id="(known after create)", head_spec={"cpu": "many"})
    assert bad.failed
    assert "head_spec.cpu" in bad["msg"]


def test_info_about_what_would_be_created_is_empty(harness: TaskHarness) -> None:
    assert harness.info(check=True, cluster_id="(known after create)")["clusters"] == []
