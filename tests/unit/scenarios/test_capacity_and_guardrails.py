# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a plan costs in CU, and the guardrails that hold in a check and in a run, planned or not."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.rayops.alicloud.plugins.module_utils._cluster.client import ClusterClient
from tests.emulator import Emulator
from tests.unit.scenarios.conftest import TIMING
from tests.unit.scenarios.harness import TaskHarness, TaskOutcome
from tests.unit.scenarios.specs import Json, minimal_options

# The head of the minimal cluster has 2 cores and 8 GiB, each of its two workers 4 cores and 16 GiB.
CU = 10


def cu(outcome: TaskOutcome, key: str = "capacity", bound: str = "declared") -> Any:
    return outcome[key][bound]["cu"]


def sized(replica: int, **changes: Any) -> Json:
    spec = minimal_options(**changes)
    spec["worker_spec"][0]["replica"] = replica
    return spec


def scaled(most: int, **changes: Any) -> Json:
    spec = sized(1, **changes)
    spec["head_spec"]["enable_auto_scaling"] = True
    spec["worker_spec"][0] |= {"min_replica": 1, "max_replica": most}
    return spec


@pytest.mark.parametrize("check", [True, False])
def test_a_life_in_cu(harness: TaskHarness, check: bool) -> None:
    steps: list[tuple[Json, Any, int]] = [
        (minimal_options(), CU, 0),
        (minimal_options(state="started"), CU, CU),
        (minimal_options(state="started"), CU, 0),
        (sized(4, state="started", restart="if_needed"), 18, 8),
        (sized(4, state="stopped"), 18, -18),
        (sized(1), 6, 0),
        (sized(1, state="restarted", wait=False), 6, 6),
        ({"name": "training", "state": "absent"}, None, -6),
        ({"name": "training", "state": "absent"}, None, 0),
    ]
    for given, size, delta in steps:
        if check:
            checked = harness.expect_success(check=True, **given)
            assert (checked["capacity"] and cu(checked), cu(checked, "capacity_delta")) == (size, delta), given
        done = harness.expect_success(**given)
        assert (done["capacity"] and cu(done), cu(done, "capacity_delta")) == (size, delta), given
        assert done["capacity"] == (done["cluster"] or {}).get("capacity")


def test_the_list_shows_the_same_sizes_as_a_read(harness: TaskHarness) -> None:
    made = harness.expect_success(**scaled(8))
    assert [made["capacity"][bound]["cu"] for bound in ("minimum", "declared", "maximum")] == [6, 6, 34]
    for details in (True, False):
        (found,) = harness.info(details=details)["clusters"]
        assert found["capacity"] == made["capacity"]


def test_a_failure_tells_the_size_but_no_change_of_zero(harness: TaskHarness) -> None:
    harness.expect_success(**minimal_options())
    harness.emulator.deny("StartRayCluster")
    failed = harness.expect_failure(name="training", state="started")
    assert cu(failed) == CU
    assert "capacity_delta" not in failed.result, "a table of zeros would hide the message"


def broken(harness: TaskHarness, *texts: str, **given: Any) -> None:
    """Assert that a guardrail stops a task in a check and in a run, before the first write."""
    for check in (True, False):
        outcome = harness.cluster(check=check, **given)
        assert outcome.failed, outcome.result
        assert outcome["error"]["code"] == "GuardrailBroken"
        assert outcome.writes == []
        assert outcome["changed"] is False
        for text in texts:
            assert text in outcome["msg"], outcome["msg"]


def test_no_larger_than_allowed(harness: TaskHarness) -> None:
    broken(
        harness,
        "max_cu: the cluster would have up to 10 CU, and at most 9.5 are allowed",
        **minimal_options(max_cu=9.5),
    )
    harness.expect_success(**minimal_options(max_cu=10))
    broken(harness, "up to 14 CU", "Could not update the Ray cluster 'training'", **sized(3, max_cu=10))
    broken(harness, "up to 34 CU", **scaled(8, max_cu=30))
    assert harness.expect_success(**scaled(2, max_cu=10))["actions"] == ["update"]


def test_a_limit_of_nothing_is_a_limit(harness: TaskHarness) -> None:
    broken(harness, "at most 0 are allowed", **minimal_options(max_cu=0))
    gpus = minimal_options(max_gpus=0)
    gpus["head_spec"]["gpu_spec"] = "ecs.gn6i-c4g1.xlarge"
    broken(harness, "max_gpus: the cluster would have up to 1 nodes with a GPU, and at most 0 are allowed", **gpus)
    assert harness.expect_success(**minimal_options(max_gpus=0))["actions"] == ["create"]


def test_what_is_too_large_already_can_be_left_stopped_and_made_smaller(harness: TaskHarness) -> None:
    harness.expect_success(**sized(5))
    assert harness.expect_unchanged(**sized(5, max_cu=10))
    assert harness.expect_success(**sized(4, max_cu=10))["actions"] == ["update"], "smaller, if not small enough"
    assert harness.expect_success(**sized(4, max_cu=10, description="other"))["actions"] == ["update"]
    broken(harness, "Could not start", "up to 18 CU", name="training", state="started", max_cu=10)
    harness.expect_success(name="training", state="started")
    assert harness.expect_unchanged(name="training", state="started", max_cu=10)
    broken(harness, "up to 18 CU", name="training", state="restarted", max_cu=10)
    assert harness.expect_success(name="training", state="stopped", max_cu=10)["actions"] == ["stop"]
    assert harness.expect_success(name="training", state="absent", max_cu=10)["actions"] == ["delete"]


def test_a_size_that_cannot_be_told_is_not_believed_to_be_small(harness: TaskHarness) -> None:
    cluster_id = harness.expect_success(**minimal_options())["cluster_id"]
    harness.stored_spec(cluster_id)["headSpec"]["cpu"] = "many"
    broken(harness, "an unknown number of CU", name="training", state="started", max_cu=1000)
    assert harness.expect_success(check=True, name="training", description="x", max_cu=1000)["actions"] == ["update"]


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ({"state": "stopped"}, "this plan would stop it"),
        ({"state": "restarted"}, "this plan would stop it"),
        ({"state": "absent"}, "this plan would stop and delete it"),
        ({"restart": "if_needed", "description": "other"}, "this plan would stop it"),
    ],
)
def test_a_protected_cluster_is_not_stopped(harness: TaskHarness, given: Json, text: str) -> None:
    harness.expect_success(**minimal_options(state="started"))
    broken(
        harness, "protected: the cluster must not be stopped or deleted", text, name="training", protected=True, **given
    )
    assert harness.cluster_state(harness.info()["clusters"][0]["cluster_id"]) == "Running"


def test_a_protected_cluster_may_be_all_else(harness: TaskHarness) -> None:
    for given in (
        minimal_options(),
        minimal_options(state="started"),
        minimal_options(state="started", description="other"),
    ):
        assert harness.expect_success(protected=True, **given)["changed"]
        assert harness.expect_unchanged(protected=True, **given)
    broken(harness, "delete", name="training", state="absent", protected=True)
    assert harness.expect_unchanged(name="nobody", state="absent", protected=True)
    assert harness.expect_success(name="training", state="absent", protected=False)["actions"] == ["stop", "delete"]


def test_a_stop_that_is_needed_only_later_is_refused_too(harness: TaskHarness, monkeypatch: pytest.MonkeyPatch) -> None:
    """The cluster was stopped when it was planned for, and somebody starts it before it is updated."""
    harness.emulator.rules.set({"update_while_running": "refused"})
    cluster_id = harness.expect_success(**minimal_options())["cluster_id"]
    update = ClusterClient.update_cluster

    def late(client: ClusterClient, *given: Any) -> None:
        harness.emulator.patch(cluster_id, state="Running")
        update(client, *given)

    monkeypatch.setattr(ClusterClient, "update_cluster", late)
    refused = harness.expect_failure(name="training", description="other", state="stopped", protected=True)
    assert refused["error"]["code"] == "GuardrailBroken"
    assert "StopRayCluster" not in refused.operations
    assert harness.cluster_state(cluster_id) == "Running"


@pytest.mark.parametrize("option", ["max_cu", "max_gpus"])
def test_a_limit_below_nothing_is_a_mistake(harness: TaskHarness, option: str) -> None:
    outcome = harness.expect_failure(**minimal_options(**{option: -1}))
    assert f"{option}: must be at least 0" in outcome["msg"]
    assert outcome.operations == []


# Fleets


@pytest.fixture
def alone(running: Emulator) -> TaskHarness:
    running.reset(rules=True)
    running.timing.set(TIMING)
    return TaskHarness(running)


def named(*names: str, **each: Any) -> list[Json]:
    return [{"name": name, **each} for name in names]


def shared(**changes: Any) -> Json:
    return {key: value for key, value in minimal_options(**changes).items() if key != "name"}


def refused(harness: TaskHarness, *texts: str, **given: Any) -> None:
    """Assert that a guardrail stops a whole fleet in a check and in a run, before the first write."""
    for check in (True, False):
        outcome = harness.fleet(check=check, **given)
        assert outcome.failed, outcome.result
        assert outcome["error"]["code"] == "GuardrailBroken"
        assert outcome["changed"] is False
        assert outcome.writes == []
        for text in texts:
            assert text in outcome["msg"], outcome["msg"]


def test_the_sizes_of_a_fleet_are_summed(alone: TaskHarness) -> None:
    given: Json = {"clusters": [*named("a", "b", state="started"), *named("c")], "defaults": shared()}
    for outcome in (alone.fleet(check=True, **given), alone.fleet(**given)):
        summary = outcome["summary"]
        assert summary["capacity"]["declared"] == {"cpu": 30, "memory_gib": 120, "gpus": {}, "cu": 30, "queue_cu": 30}
        assert summary["capacity_running"]["maximum"]["cu"] == summary["capacity_delta"]["maximum"]["cu"] == 20
    again = alone.fleet(**given)
    assert again["summary"]["capacity_delta"]["declared"]["cu"] == 0
    pruned = alone.fleet(clusters=named("c"), prune="stop", prune_pattern="*")
    assert pruned["summary"]["capacity_delta"]["declared"]["cu"] == -20
    assert pruned["summary"]["capacity"]["declared"]["cu"] == 10


def test_a_fleet_is_bounded_as_a_whole(alone: TaskHarness) -> None:
    given: Json = {"clusters": named("a", "b", "c"), "defaults": shared()}
    text = "max_cu: all declared clusters together would have up to 30 CU, and at most 25 are allowed"
    refused(alone, text, max_cu=25, **given)
    assert not alone.fleet(max_cu=30, **given).failed
    assert alone.fleet(max_cu=25, **given)["changed"] is False, "nothing is done, so nothing is refused"
    refused(alone, "up to 30 CU", max_cu=25, clusters=named("a", "b", "c", state="started"))
    gone = alone.fleet(max_cu=20, clusters=[*named("a", state="absent"), *named("b", "c", state="started")])
    assert gone["summary"]["actions"] == {"delete": 1, "start": 2}


def test_a_fleet_is_bounded_by_what_the_bill_counts(alone: TaskHarness) -> None:
    """One cluster full of memory (9 CU) and one full of cores (10 CU) are 13 CU together, not 19."""
    memory, cores = shared()["worker_spec"][0], shared()["worker_spec"][0]
    memory |= {"cpu": 1, "memory": "28Gi", "replica": 1}
    cores |= {"cpu": 8, "memory": "8Gi", "replica": 1}
    clusters = [{"name": "a", "worker_spec": [memory]}, {"name": "b", "worker_spec": [cores]}]
    summary = alone.fleet(check=True, clusters=clusters, defaults=shared())["summary"]["capacity"]["declared"]
    assert summary == {"cpu": 13, "memory_gib": 52, "gpus": {}, "cu": 13, "queue_cu": 2 + 7 + 2 + 8}
    refused(alone, "up to 13 CU, and at most 12", max_cu=12, clusters=clusters, defaults=shared())
    assert not alone.fleet(max_cu=13, clusters=clusters, defaults=shared()).failed


def test_the_bound_of_a_cluster_fails_that_cluster_alone(alone: TaskHarness) -> None:
    outcome = alone.fleet(clusters=[*named("a", max_cu=5), *named("b")], defaults=shared(max_cu=10))
    assert [entry["failed"] for entry in outcome["clusters"]] == [True, False]
    assert outcome["clusters"][0]["error"]["code"] == "GuardrailBroken"
    assert [cluster["name"] for cluster in alone.emulator.clusters()] == ["b"]


@pytest.mark.parametrize("state", ["stopped", "restarted", "absent"])
def test_so_many_clusters_may_be_stopped(alone: TaskHarness, state: str) -> None:
    alone.fleet(clusters=named("a", "b", "c", "d"), defaults=shared(state="started"))
    text = "max_stopped_fraction: 2 of 4 clusters would be stopped, which is more than 0.49"
    given: Json = {"clusters": [*named("a", "b", state=state), *named("c", "d")]}
    refused(alone, text, max_stopped_fraction=0.49, **given)
    assert alone.fleet(max_stopped_fraction=0.5, **given)["summary"]["actions"]["stop"] == 2


def test_fractions_are_exact(alone: TaskHarness) -> None:
    names = [f"c-{number:03}" for number in range(100)]
    alone.fleet(clusters=named(*names), defaults=shared(state="started"))
    given: Json = {"clusters": [*named(*names[:29], state="stopped"), *named(*names[29:])]}
    assert not alone.fleet(check=True, max_stopped_fraction=0.29, **given).failed
    assert alone.fleet(check=True, max_stopped_fraction=0.28, **given).failed


def test_so_many_clusters_may_be_deleted_pruned_ones_included(alone: TaskHarness) -> None:
    alone.fleet(clusters=named("a", "b", "c", "d"), defaults=shared())
    given: Json = {"clusters": [*named("a", state="absent"), *named("b")], "prune": "delete", "prune_pattern": "*"}
    refused(alone, "max_deleted: 3 clusters would be deleted, but at most 2 are allowed", max_deleted=2, **given)
    refused(alone, "at most 0 are allowed", max_deleted=0, **given)
    assert alone.fleet(max_deleted=3, **given)["summary"]["actions"] == {"delete": 3}


def test_what_is_pruned_is_protected_by_the_defaults(alone: TaskHarness) -> None:
    alone.fleet(clusters=named("a", "b"), defaults=shared())
    outcome = alone.fleet(
        clusters=named("a"), defaults={"protected": True}, prune="delete", prune_pattern="*"
    )  # fmt: skip
    assert outcome.failed
    assert outcome["pruned"][0]["error"]["code"] == "GuardrailBroken"
    assert outcome.writes == []


def test_more_than_was_planned_is_refused_where_it_is_too_much(alone: TaskHarness) -> None:
    """Minutes after the plan, somebody has started the cluster whose turn it is."""
    alone.fleet(clusters=named("a", "b"), defaults=shared())
    (b_id,) = [cluster["clusterId"] for cluster in alone.emulator.clusters() if cluster["name"] == "b"]

    def somebody(text: str) -> None:
        if text.startswith("a: "):
            alone.emulator.patch(b_id, state="Running")

    outcome = alone.fleet(
        clusters=[*named("a", state="started"), *named("b", restart="if_needed", description="other")],
        batch_size=1, max_stopped_fraction=0, tell=somebody,
    )  # fmt: skip
    assert outcome["clusters"][1]["error"]["code"] == "GuardrailBroken"
    assert "1 of 2 clusters would be stopped" in outcome["msg"]
    assert "StopRayCluster" not in outcome.operations
    assert alone.cluster_state(b_id) == "Running"


def test_bounds_that_cannot_be_are_a_mistake(alone: TaskHarness) -> None:
    bad = {"max_cu": -1.0, "max_gpus": -1, "max_stopped_fraction": 1.5, "max_deleted": -1}
    outcome = alone.fleet(clusters=named("a"), defaults=shared(), **bad)
    for option in bad:
        assert f"{option}: must be" in outcome["msg"]
    assert outcome.operations == []
    assert alone.fleet(clusters=named("a"), defaults=shared(), max_cu=float("nan")).failed
