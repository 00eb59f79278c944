# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A cluster is absent when a code that names it says so, or a complete list does; any other error is an error."""

from __future__ import annotations

import pytest

from tests.unit.scenarios.harness import TaskHarness
from tests.unit.scenarios.specs import minimal_options

GET, DELETE, STOP = "GetRayCluster", "DeleteRayCluster", "StopRayCluster"
NO_PROOF = [
    (404, "Service.NotFound"),
    (404, "NotFound"),
    (404, "ResourceNotFound"),
    (404, "RayClusterQueue.NotFound"),
    (404, "RayClusterInstance.NotFound"),
    (404, "K8sCluster.NotFound"),
    (404, "ClusterRoute.NotExist"),
    (404, "RayJob.NotFound"),
    (404, None),
    (403, "NoPermission.ResourceNotFound"),
    (400, "RayCluster.NotFound"),
    (410, "Gone"),
    (500, "InstanceNotFound"),
    (503, "UpstreamNotFound"),
]


@pytest.mark.parametrize(("status", "code"), NO_PROOF)
@pytest.mark.parametrize("state", ["absent", "present", "stopped"])
def test_an_error_that_is_no_proof_is_an_error(harness: TaskHarness, status: int, code: str | None, state: str) -> None:
    (cluster_id,) = harness.emulator.seed("training", state="Running")
    harness.emulator.fault("error", GET, times=None, status=status, code=code, message="not found")
    by_name = harness.expect_failure(**minimal_options(name="training", description="changed", state=state))
    by_id = harness.expect_failure(cluster_id=cluster_id, description="changed", state=state)
    for failed in (by_name, by_id):
        assert failed["error"]["http_status"] == status
        assert failed["error"]["operation"] == GET
        assert failed.writes == []
    assert [cluster["state"] for cluster in harness.emulator.clusters()] == ["Running"]


@pytest.mark.parametrize(("status", "code"), NO_PROOF)
def test_a_delete_that_is_answered_like_that_is_no_delete(harness: TaskHarness, status: int, code: str | None) -> None:
    (cluster_id,) = harness.emulator.seed("training", state="Stopped")
    harness.emulator.fault("error", DELETE, times=None, status=status, code=code, message="not found")
    failed = harness.expect_failure(cluster_id=cluster_id, state="absent")
    assert failed["error"]["http_status"] == status
    assert len(harness.emulator.clusters()) == 1


@pytest.mark.parametrize(("status", "code"), NO_PROOF)
@pytest.mark.parametrize("operation", [STOP, DELETE])
def test_a_write_to_a_cluster_that_is_really_gone_is_no_failure_of_absent(
    harness: TaskHarness, operation: str, status: int, code: str | None
) -> None:
    """Someone else deletes it; the list without the id is the proof where the code is none."""
    (cluster_id,) = harness.emulator.seed("training", state="Running" if operation == STOP else "Stopped")
    harness.emulator.rules.set({"deleted_status": status, "deleted_code": code or ""})
    harness.emulator.fault("other_actor", operation, act="delete", when="before")
    harness.expect_success(cluster_id=cluster_id, state="absent")
    assert harness.emulator.clusters() == []


@pytest.mark.parametrize(("status", "code"), NO_PROOF)
def test_a_complete_list_without_the_id_is_proof(harness: TaskHarness, status: int, code: str | None) -> None:
    """Whatever code the service has for a cluster that it does not know, it can be deleted and is gone then."""
    harness.emulator.rules.set({"deleted_status": status, "deleted_code": code or "", "delete_takes": "time"})
    harness.emulator.seed("straw", count=120)
    (cluster_id,) = harness.emulator.seed("training", state="Running")
    assert harness.expect_success(cluster_id=cluster_id, state="absent")["actions"] == ["stop", "delete"]
    harness.expect_unchanged(cluster_id=cluster_id, state="absent")
    failed = harness.expect_failure(cluster_id=cluster_id, description="x")
    assert failed["error"]["code"] == "ClusterNotFound"


def test_a_list_that_cannot_be_read_is_no_proof(harness: TaskHarness) -> None:
    harness.emulator.rules.set({"deleted_code": "Service.NotFound"})
    harness.emulator.deny("ListRayCluster")
    failed = harness.expect_failure(cluster_id="ray-nowhere", state="absent")
    assert failed["error"]["code"] == "Service.NotFound"


def test_an_answer_that_proves_nothing_does_not_end_a_wait(harness: TaskHarness) -> None:
    (cluster_id,) = harness.emulator.seed("training", state="Stopped")
    harness.emulator.fault("error", GET, after=3, times=2, status=404, code="Service.NotFound", message="x")
    started = harness.expect_success(cluster_id=cluster_id, state="started")
    assert started["cluster"]["state"] == "Running"


@pytest.mark.parametrize("lists", [{"list_shows_deleted_seconds": 20}, {"list_shows_deleted_lists": 4}])
def test_absent_then_present_while_the_list_shows_the_deleted_cluster(
    harness: TaskHarness, lists: dict[str, int]
) -> None:
    harness.emulator.rules.set(lists)
    first = harness.expect_success(**minimal_options(name="training", description="first"))
    assert harness.expect_success(name="training", state="absent")["actions"] == ["delete"]
    second = harness.expect_success(**minimal_options(name="training", description="second"))
    assert second["actions"] == ["create"]
    assert second["cluster_id"] != first["cluster_id"]
    harness.expect_unchanged(**minimal_options(name="training", description="second"))
    assert len(harness.emulator.clusters()) == 1
    assert harness.expect_success(name="training", state="absent")["actions"] == ["delete"]
    harness.expect_unchanged(name="training", state="absent")


def test_a_lost_create_does_not_adopt_a_deleted_cluster(harness: TaskHarness) -> None:
    harness.emulator.rules.set({"list_shows_deleted_seconds": 200, "list_hides_new_seconds": 5})
    first = harness.expect_success(**minimal_options(name="training", description="first"))
    harness.expect_success(name="training", state="absent")
    harness.emulator.fault("cut_after", "CreateRayCluster")
    second = harness.expect_success(**minimal_options(name="training", description="second"))
    assert second["cluster_id"] != first["cluster_id"]
    assert "lost" in second["adopted"]
    assert len(harness.emulator.clusters()) == 1


def test_two_rows_of_a_name_of_which_one_is_a_ghost(harness: TaskHarness) -> None:
    harness.emulator.rules.set({"list_shows_deleted_seconds": 1000})
    first, second = harness.emulator.seed("training") + harness.emulator.seed("training")
    refused = harness.expect_failure(name="training", description="x")
    assert refused["error"]["code"] == "NameNotUnique"
    harness.expect_success(cluster_id=first, state="absent")
    assert harness.expect_success(name="training", description="x")["cluster_id"] == second


def test_ghosts_are_not_pruned_and_no_failure(harness: TaskHarness) -> None:
    harness.emulator.rules.set({"list_shows_deleted_seconds": 1000})
    gone, there = harness.emulator.seed("old", count=2, state="Running")
    harness.expect_success(cluster_id=gone, state="absent")
    harness.emulator.seed("training")
    for prune in ("stop", "delete"):
        done = harness.fleet(clusters=[{"name": "training"}], prune=prune, prune_pattern="old*")
        assert not done.failed
        assert [entry["cluster_id"] for entry in done["pruned"]] == [there]
