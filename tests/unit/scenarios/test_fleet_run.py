# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A fleet in one task: defaults, order, requests, failures, batches, resumption. Single scenarios run as fleets too."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from tests.emulator import Emulator
from tests.unit.scenarios.conftest import TIMING
from tests.unit.scenarios.harness import TaskHarness, TaskOutcome
from tests.unit.scenarios.specs import Json, full_options, minimal_options


@pytest.fixture
def harness(running: Emulator) -> TaskHarness:
    running.reset(rules=True)
    running.timing.set(TIMING)
    return TaskHarness(running)


def shared(**changes: Any) -> Json:
    """Return a spec for ``defaults``: what a list's rows show, unless changed."""
    return {key: value for key, value in (minimal_options() | changes).items() if key != "name"}


def named(count: int, **each: Any) -> list[Json]:
    return [{"name": f"team-{number:04}", **each} for number in range(count)]


def breaks(harness: TaskHarness, name: str) -> None:
    """Let a cluster be in Error, from where it cannot be started."""
    harness.emulator.rules.set({"start_from_error": "refused"})
    (found,) = [cluster for cluster in harness.emulator.clusters() if cluster["name"] == name]
    harness.emulator.patch(found["clusterId"], state="Error", message="no capacity")


def counted(outcome: TaskOutcome) -> Counter[str]:
    return Counter(outcome.operations)


def states(outcome: TaskOutcome) -> list[str]:
    return [entry["cluster"]["state"] for entry in outcome["clusters"]]


def test_creates_and_starts_all_in_declared_order_then_finds_nothing_to_do(harness: TaskHarness) -> None:
    given: Json = {"clusters": named(25)[::-1], "defaults": shared(state="started")}
    checked = harness.fleet(check=True, **given)
    assert checked.writes == []
    done = harness.fleet(**given)
    for outcome in (checked, done):
        assert not outcome.failed
        assert [entry["name"] for entry in outcome["clusters"]] == [entry["name"] for entry in given["clusters"]]
        assert all(entry["actions"] == ["create", "start"] for entry in outcome["clusters"])
        assert outcome["summary"]["actions"] == {"create": 25, "start": 25}
        assert states(outcome) == ["Running"] * 25
    assert counted(done)["CreateRayCluster"] == counted(done)["StartRayCluster"] == 25
    again = harness.fleet(**given)
    assert again["changed"] is False
    counts = {key: value for key, value in again["summary"].items() if not key.startswith("capacity")}
    assert counts == {
        "declared": 25, "changed": 0, "unchanged": 25, "failed": 0, "skipped": 0, "pruned": 0, "actions": {}
    }  # fmt: skip
    assert again.operations == ["ListRayCluster"]


def test_each_cluster_has_its_own_options_over_the_defaults(harness: TaskHarness) -> None:
    large = {"head_spec": {"memory": "64Gi", "env": {"B": "2"}}}
    defaults = shared(description="ours")
    defaults["head_spec"] = {**defaults["head_spec"], "env": {"A": "1"}}
    done = harness.fleet(
        defaults=defaults,
        clusters=[
            {"name": "plain"},
            {"name": "large", **large},
            {"name": "other", "description": "its own", "state": "started"},
            {"name": "gone", "state": "absent"},
        ],
    )
    assert not done.failed
    plain, big, other, gone = (entry["cluster"] for entry in done["clusters"])
    assert plain["head_spec"]["env"] == {"A": "1"}
    assert big["head_spec"]["env"] == {"A": "1", "B": "2"}
    assert (big["head_spec"]["memory"], big["head_spec"]["cpu"]) == ("64Gi", plain["head_spec"]["cpu"])
    assert (plain["description"], other["description"]) == ("ours", "its own")
    assert (plain["state"], other["state"], gone) == ("Stopped", "Running", None)


def test_a_cluster_is_read_only_where_the_list_cannot_show_that_it_is_as_declared(harness: TaskHarness) -> None:
    harness.fleet(clusters=named(30), defaults=shared())
    told = harness.fleet(clusters=named(30), defaults=shared())
    assert counted(told) == {"ListRayCluster": 1}
    # Rows have no volumes.
    hidden = [{"name": "team-0007", "volume_ids": []}, *named(5)]
    outcome = harness.fleet(clusters=hidden, defaults=shared(), max_parallel=4)
    assert outcome["changed"] is False
    assert counted(outcome) == {"ListRayCluster": 1, "GetRayCluster": 1}
    entries = outcome["clusters"]
    assert entries[0]["cluster"]["volume_ids"] == []
    assert entries[1]["cluster"]["volume_ids"] is None, "what a row does not tell is not made up"
    assert set(entries[0]["cluster"]) == set(entries[1]["cluster"])


def test_a_small_fleet_reads_what_an_outdated_list_shows_as_declared(harness: TaskHarness) -> None:
    """A list that still shows a deleted cluster must not make a fleet report it as present."""
    harness.fleet(clusters=named(3), defaults=shared())
    gone = harness.emulator.clusters()[0]["clusterId"]
    harness.emulator.rules.set({"list_shows_deleted_lists": 2})
    harness.emulator.service.delete(harness.emulator.workspace_id, gone)
    again = harness.fleet(clusters=named(3), defaults=shared())
    assert again["summary"]["actions"] == {"create": 1}
    assert len(harness.emulator.clusters()) == 3
    assert counted(harness.fleet(clusters=named(3), defaults=shared())) == {"ListRayCluster": 1, "GetRayCluster": 3}


def test_a_drifted_cluster_costs_two_reads_and_one_update(harness: TaskHarness) -> None:
    harness.fleet(clusters=named(40), defaults=shared(description="old"))
    clusters = named(40)
    for number in (3, 17):
        clusters[number]["description"] = "new"
    outcome = harness.fleet(clusters=clusters, defaults=shared(description="old"))
    assert [entry["name"] for entry in outcome["clusters"] if entry["changed"]] == ["team-0003", "team-0017"]
    assert counted(outcome) == {"ListRayCluster": 1, "GetRayCluster": 4, "UpdateRayCluster": 2}
    assert outcome["clusters"][3]["cluster"]["description"] == "new"
    assert len(outcome["diff"]) == 2
    again = harness.fleet(clusters=clusters, defaults=shared(description="old"))
    assert again["changed"] is False


def test_a_drift_that_rows_do_not_show_costs_a_look_after_the_update(harness: TaskHarness) -> None:
    harness.fleet(clusters=named(6), defaults=shared(volume_ids=["vol-1"]))
    clusters = named(6)
    clusters[2]["volume_ids"] = ["vol-2"]
    outcome = harness.fleet(clusters=clusters, defaults=shared(volume_ids=["vol-1"]))
    assert counted(outcome) == {"ListRayCluster": 1, "GetRayCluster": 7, "UpdateRayCluster": 1}


def test_what_a_list_says_of_a_spec_it_is_not_believed_before_something_is_done(harness: TaskHarness) -> None:
    """A list that is behind shows an old description; the cluster itself is read before it is touched."""
    harness.fleet(clusters=named(3), defaults=shared(description="old"))
    harness.emulator.fault("stale_list", seconds=60)
    harness.fleet(clusters=named(3), defaults=shared(description="new"))
    outcome = harness.fleet(clusters=named(3), defaults=shared(description="new"))
    assert outcome["changed"] is False
    assert outcome.writes == []


def test_waits_share_the_list(harness: TaskHarness) -> None:
    harness.fleet(clusters=named(60), defaults=shared())
    outcome = harness.fleet(clusters=named(60), defaults={"state": "started"})
    assert not outcome.failed
    assert states(outcome) == ["Running"] * 60
    # One read before the start, one after it, one to confirm the end; the time between them is the list's.
    assert counted(outcome)["GetRayCluster"] == 180
    assert counted(outcome)["ListRayCluster"] <= 13


def test_a_cluster_that_fails_leaves_the_others_alone_and_fails_the_task(harness: TaskHarness) -> None:
    harness.fleet(clusters=named(5), defaults=shared())
    breaks(harness, "team-0002")
    outcome = harness.fleet(clusters=named(5), defaults={"state": "started"})
    assert outcome.failed
    assert outcome["changed"] is True
    assert [entry["failed"] for entry in outcome["clusters"]] == [False, False, True, False, False]
    failed = outcome["clusters"][2]
    assert failed["error"]["operation"] == "StartRayCluster"
    assert failed["actions"] == []
    assert failed["cluster"]["message"] == "no capacity"
    assert outcome["msg"].startswith("1 of 5 Ray clusters failed: ")
    assert "team-0002" in outcome["msg"]
    assert outcome["error"]["code"] == "ClustersFailed"
    assert outcome["summary"]["failed"] == 1
    assert [entry["cluster"]["state"] for entry in outcome["clusters"] if not entry["failed"]] == ["Running"] * 4


def test_an_interrupted_run_is_resumed(harness: TaskHarness) -> None:
    given: Json = {"clusters": named(12), "defaults": shared(state="started")}
    harness.emulator.fault("error", operation="StartRayCluster", times=None, after=5, code="OperationDenied.Quota")
    first = harness.fleet(**given)
    assert first["summary"]["failed"] == 7
    harness.emulator.core.faults.clear()
    second = harness.fleet(**given)
    assert not second.failed
    assert second["summary"]["actions"] == {"start": 7}
    assert len(harness.emulator.clusters()) == 12


def test_the_first_batch_is_a_canary(harness: TaskHarness) -> None:
    harness.fleet(clusters=named(9), defaults=shared())
    breaks(harness, "team-0001")
    outcome = harness.fleet(clusters=named(9), defaults={"state": "started"}, batch_size=3)
    assert outcome.failed
    assert [entry["skipped"] for entry in outcome["clusters"]] == [False] * 3 + [True] * 6
    assert counted(outcome)["StartRayCluster"] == 3
    assert outcome["clusters"][5]["msg"] == "a cluster of the first batch failed, so the next batches were not started"
    assert outcome["clusters"][5]["cluster"]["state"] == "Stopped"
    assert outcome["summary"]["skipped"] == 6
    assert "6 were not started" in outcome["msg"]


def test_one_batch_after_the_other(harness: TaskHarness) -> None:
    harness.fleet(clusters=named(7), defaults=shared())
    outcome = harness.fleet(clusters=named(7), defaults={"state": "started"}, batch_size=3)
    assert not outcome.failed
    starts = [number for number, operation in enumerate(outcome.operations) if operation == "StartRayCluster"]
    ends = [number for number, operation in enumerate(outcome.operations) if operation == "GetRayCluster"]
    # Between two batches the first one is waited for: its clusters are read once more after its last start.
    assert len([number for number in ends if starts[2] < number < starts[3]]) >= 3


@pytest.mark.parametrize(("allowed", "begun"), [(0, 3), (1, 9), (None, 9)])
def test_so_many_clusters_may_fail(harness: TaskHarness, allowed: int | None, begun: int) -> None:
    harness.fleet(clusters=named(9), defaults=shared())
    breaks(harness, "team-0004")
    more = {"max_failures": allowed} if allowed is not None else {}
    outcome = harness.fleet(clusters=named(9), defaults={"state": "started"}, batch_size=3, **more)
    later = {0: 6, 1: 9, None: 9}[allowed]
    assert begun <= later == counted(outcome)["StartRayCluster"]
    assert outcome["summary"]["skipped"] == 9 - later


def test_failures_in_the_plan_count_before_anything_is_done(harness: TaskHarness) -> None:
    twins = [harness.emulator.seed("team-0001")[0], harness.emulator.seed("team-0001")[0]]
    outcome = harness.fleet(clusters=named(3), defaults=shared(), max_failures=0)
    assert outcome.writes == []
    assert outcome["clusters"][1]["error"]["code"] == "NameNotUnique"
    assert all(twin in outcome["clusters"][1]["msg"] for twin in twins)
    assert [entry["skipped"] for entry in outcome["clusters"]] == [True, False, True]


def test_bad_options_name_their_cluster_and_nothing_is_sent(harness: TaskHarness) -> None:
    clusters: list[Json] = [
        {"name": "a", "head_spec": {"cpu": "many"}},
        {"name": "b"},
        {"cluster_id": "x/y"},
        {"name": "b"},
        {"state": "absent"},
    ]
    outcome = harness.fleet(clusters=clusters, defaults=shared(), max_parallel=0, requests_per_second=0.0, batch_size=0)
    assert outcome.failed
    assert outcome.operations == []
    for text in (
        "clusters[0] (a): head_spec.cpu: ",
        "clusters: the name b is declared 2 times",
        "clusters[2] (x/y): cluster_id: is not an ID",
        "clusters[4]: cluster_id or name is required",
        "max_parallel: must be at least 1",
        "batch_size: must be at least 1",
        "requests_per_second: must be more than 0",
    ):
        assert text in outcome["msg"], text


def test_an_id_and_a_name_of_the_same_cluster_are_refused(harness: TaskHarness) -> None:
    (cluster_id,) = harness.emulator.seed("team-0000")
    outcome = harness.fleet(clusters=[{"cluster_id": cluster_id}, *named(1)], defaults={"state": "started"})
    assert outcome.failed
    assert outcome.writes == []
    assert f"clusters[0] ({cluster_id}) and clusters[1] (team-0000) refer to the same cluster" in outcome["msg"]


def test_clusters_by_their_ids_need_no_list(harness: TaskHarness) -> None:
    ids = harness.emulator.seed("any", count=4)
    outcome = harness.fleet(clusters=[{"cluster_id": cluster_id} for cluster_id in ids])
    assert counted(outcome) == {"GetRayCluster": 4}
    assert [entry["cluster_id"] for entry in outcome["clusters"]] == ids


def test_what_was_looked_at_long_ago_is_looked_at_again(harness: TaskHarness) -> None:
    """The second batch begins minutes after the plan: by then somebody has made one of its clusters."""
    harness.fleet(clusters=named(1), defaults=shared())
    made: list[str] = []

    def somebody(text: str) -> None:
        if "start, Running" in text and not made:
            made.extend(harness.emulator.seed("team-0001", state="Stopped"))

    outcome = harness.fleet(
        clusters=[{"name": "team-0000", "state": "started"}, {"name": "team-0001"}],
        defaults=shared(), batch_size=1, tell=somebody,
    )  # fmt: skip
    assert made
    assert counted(outcome)["CreateRayCluster"] == 0
    assert outcome["clusters"][1]["cluster_id"] == made[0]


def test_lines_of_progress(harness: TaskHarness) -> None:
    lines: list[str] = []
    harness.fleet(clusters=named(4), defaults=shared(state="started"), tell=lines.append)
    ended = sorted(line for line in lines if line.startswith("team-"))
    assert ended == [f"team-000{number}: create, start, Running" for number in range(4)]
    assert any(line.startswith("fleet: 0 of 4 done, 0 failed, waiting for 4 Starting") for line in lines)


def test_every_field_through_a_fleet(harness: TaskHarness) -> None:
    done = harness.fleet(clusters=[full_options(name="a"), full_options(name="b")])
    assert not done.failed
    again = harness.fleet(clusters=[full_options(name="a"), full_options(name="b")])
    assert again["changed"] is False


def test_secrets_only_for_those_that_ask(harness: TaskHarness) -> None:
    given: Json = {
        "clusters": [{"name": "a", "return_secrets": True}, {"name": "b"}],
        "defaults": full_options(state="started"),
    }
    given["defaults"].pop("name")
    outcome = harness.fleet(**given)
    assert any("no_log" in warning for warning in outcome.warnings)
    open_one, hidden = (entry["cluster"] for entry in outcome["clusters"])
    assert open_one["submit_token"]
    assert "token=" in open_one["dashboard_url"]
    assert hidden["submit_token"] is None
    assert "token" not in hidden["dashboard_url"]
    again = harness.fleet(**given)
    assert again["changed"] is False
    assert [entry["cluster"]["submit_token"] for entry in again["clusters"]] == [open_one["submit_token"], None]
