# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Exactly one cluster, though the service has no token that would make a create repeatable."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from typing import Any

import pytest

from tests.unit.trust.fault_matrix import CREATE, LIST, PATIENCE, SLOW, Json
from tests.unit.trust.harness import CLUSTER_NAME, InvariantHarness, canonical_spec

# Answers to a create that leave open whether it was executed.
AMBIGUOUS: list[Json] = [
    {"kind": "cut_before"},
    {"kind": "cut_after"},
    {"kind": "cut_during"},
    {"kind": "after_effect_error"},
    {"kind": "after_effect_error", "status": 503, "code": "ServiceUnavailable"},
    {"kind": "after_effect_error", "status": 504, "code": None},
    {"kind": "http_500"},
    {"kind": "http_500", "effect": True},
    {"kind": "html_502"},
    {"kind": "html_502", "effect": True},
    {"kind": "unavailable_503"},
    {"kind": "empty_body"},
    {"kind": "empty_body", "effect": False},
    {"kind": "broken_json"},
    {"kind": "broken_json", "effect": False},
    {"kind": "wrong_types"},
    {"kind": "slow", "seconds": SLOW, "when": "before"},
    {"kind": "slow", "seconds": SLOW, "when": "after"},
]
# What lists do afterwards; the delays are below the time for which a lost answer is looked for.
AFTERWARDS: list[Json] = [
    {},
    {"kind": "throttle", "times": 2, "hint": "x-acs-retry-after", "value": 1500},
    {"kind": "throttle", "times": 5, "hint": "none"},
    {"kind": "html_502", "times": 2},
    {"kind": "cut_before", "times": 3},
    {"kind": "broken_json", "times": 2},
    {"kind": "stale_list", "times": 2},
    {"kind": "stale_list", "seconds": 9},
    {"kind": "hide_new", "seconds": 5},
    {"kind": "hide_new", "seconds": 9},
    {"kind": "hide_new", "lists": 3},
]
LATE: list[Json] = [{"kind": "hide_new", "seconds": 24}, {"kind": "stale_list", "seconds": 24}]


def mixed(seed: int) -> tuple[list[Json], Json, bool]:
    """Return one to three ambiguous answers, what lists do afterwards, and whether names are unique."""
    rng = random.Random(seed)
    answers = [dict(rng.choice(AMBIGUOUS)) for count in range(rng.choice([1, 1, 1, 2, 3]))]
    # What is looked for less long, or done late, leaves less time for the list.
    hurried = any(a["kind"] in ("slow", "unavailable_503") or a.get("status") == 503 for a in answers)
    return answers, dict(rng.choice(AFTERWARDS if hurried else AFTERWARDS + LATE)), rng.random() < 0.5


@pytest.mark.parametrize("seed", range(100))
def test_a_create_whose_answer_is_lost_makes_one_cluster(
    harness: InvariantHarness, seed: int, record_property: Callable[[str, Any], None]
) -> None:
    answers, afterwards, unique = mixed(seed)
    harness.emulator.rules.set({"unique_names": unique, "created": random.Random(seed).choice(["stopped", "starting"])})
    for answer in answers:
        harness.emulator.fault(operation=CREATE, **answer)
    if afterwards:
        # A create is sent after two readings of the empty list.
        lists = {"after": 2} if afterwards["kind"] not in ("stale_list", "hide_new") else {}
        harness.emulator.fault(operation=LIST, **afterwards, **lists)
    first = harness.cluster(**harness.full_options(), timeout=PATIENCE if "slow" in str(answers) else 30.0)
    record_property("cells: ambiguous creates", 1)
    harness.emulator.core.faults.clear()
    harness.emulator.advance(60)
    assert len(harness.own_cluster_ids()) <= 1, (answers, afterwards, first.result.get("msg"))
    if not first.failed:
        (cluster_id,) = harness.own_cluster_ids()
        assert first["cluster_id"] == cluster_id
        assert first["actions"] == ["create"]
        assert "lost" in first["adopted"] or "refused" in first["adopted"] if "adopted" in first.result else True
        assert canonical_spec(harness.stored_spec(cluster_id)) == canonical_spec(harness.full_stored_spec())
    harness.expect_success(**harness.full_options())
    assert len(harness.own_cluster_ids()) == 1
    harness.expect_unchanged(**harness.full_options())


@pytest.mark.parametrize("failing", [1, 6, 8, 30, None])
def test_a_refusal_that_was_a_mistake_and_a_list_that_cannot_be_read_make_no_second_one(
    harness: InvariantHarness, failing: int | None
) -> None:
    """A look that failed says nothing: it is looked again before the create is repeated, or the task gives up."""
    harness.emulator.fault("throttle", CREATE, effect=True)
    harness.emulator.fault("after_effect_error", LIST, after=2, times=failing, status=504)
    first = harness.cluster(**harness.full_options())
    assert len(harness.own_cluster_ids()) == 1
    assert first.writes == [CREATE]
    if first.failed:
        assert first["error"]["code"] == "CreateUndecided"
    else:
        assert "refused" in first["adopted"]
    harness.emulator.core.faults.clear()
    assert harness.expect_success(**harness.full_options())["cluster_id"] == harness.own_cluster_ids()[0]


def test_hundred_of_hundred_converge_without_trouble_in_the_lists(harness: InvariantHarness) -> None:
    """One ambiguous answer of each kind, and lists that work: not an error but exactly one cluster."""
    for answer in AMBIGUOUS:
        harness.emulator.reset()
        harness.emulator.fault(operation=CREATE, **answer)
        done = harness.expect_success(**harness.full_options(), timeout=PATIENCE if answer["kind"] == "slow" else 30.0)
        assert harness.own_cluster_ids() == [done["cluster_id"]]
        assert done["changed"] is True
        creates = done.writes.count(CREATE)
        assert ("adopted" in done.result) is (creates == 1), answer


def test_adoption_is_said_and_a_warning_tells_of_a_second_create(harness: InvariantHarness) -> None:
    harness.emulator.fault("cut_after", CREATE)
    adopted = harness.expect_success(**harness.full_options())
    assert "lost" in adopted["adopted"]
    assert "then it existed" in adopted["adopted"]
    harness.emulator.reset()
    harness.emulator.fault("cut_before", CREATE)
    again = harness.expect_success(**harness.full_options())
    assert "adopted" not in again.result
    assert any("created again" in warning for warning in again.warnings)


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("lag", [0, 12])
def test_a_twin_is_reported_with_both_ids_and_nothing_is_deleted(
    harness: InvariantHarness, when: str, lag: int
) -> None:
    """Also when the list shows new clusters only after some seconds."""
    twin = harness.emulator.fault("twin", CREATE, when=when)
    if lag:
        harness.emulator.fault("hide_new", LIST, seconds=lag)
    failed = harness.expect_failure(**harness.full_options(), state="started")
    assert failed["error"]["code"] == "NameNotUnique"
    (mine,) = harness.own_cluster_ids()
    assert failed["cluster_id"] == mine
    for cluster_id in (mine, *twin.memory["ids"]):
        assert cluster_id in failed["msg"]
    assert "deleted" in failed["error"]["hint"]
    assert failed.writes == [CREATE]
    assert len(harness.emulator.clusters()) == 2


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_twin_beside_a_lost_answer_is_reported_with_both_ids(harness: InvariantHarness, when: str) -> None:
    twin = harness.emulator.fault("twin", CREATE, when=when)
    harness.emulator.fault("cut_after", CREATE)
    failed = harness.expect_failure(**harness.full_options())
    (mine,) = harness.own_cluster_ids()
    for cluster_id in (mine, *twin.memory["ids"]):
        assert cluster_id in failed["msg"]
    assert failed.writes == [CREATE]


def test_a_create_that_is_refused_after_a_lost_one_says_both(harness: InvariantHarness) -> None:
    harness.emulator.fault("cut_before", CREATE)
    harness.emulator.fault("error", CREATE, after=1, code="QuotaExceeded", message="no capacity left")
    failed = harness.expect_failure(**harness.full_options())
    assert failed["error"]["code"] == "CreateUndecided"
    assert failed["error"]["operation"] == CREATE
    assert "cut" in failed["msg"]
    assert "no capacity left" in failed["msg"]


@pytest.mark.parametrize("kind", ["missing_code", "signature_echo", "expired_token"])
def test_a_list_that_is_refused_afterwards_leaves_it_open_and_says_so(harness: InvariantHarness, kind: str) -> None:
    harness.emulator.fault("cut_after", CREATE)
    harness.emulator.fault(kind, LIST, after=2, times=None)
    failed = harness.expect_failure(**harness.full_options())
    assert failed["error"]["code"] == "CreateUndecided"
    assert "it is unknown" in failed["msg"]
    assert failed.operations.count(LIST) == 3
    harness.emulator.core.faults.clear()
    assert harness.expect_success(**harness.full_options())["actions"] == []


@pytest.mark.parametrize("kind", ["missing_code", "wrong_types", "throttle"])
def test_a_list_that_fails_after_a_good_create_is_a_warning(harness: InvariantHarness, kind: str) -> None:
    """The cluster is there and known; only that it is the only one could not be checked."""
    harness.emulator.fault(kind, LIST, after=2, times=None)
    created = harness.expect_success(**harness.full_options())
    assert created["actions"] == ["create"]
    assert any("Could not verify that this" in warning for warning in created.warnings)


def test_two_runs_that_race_make_no_third_and_name_both(harness: InvariantHarness) -> None:
    """Both look, both find nothing, both create: whoever looks last reports both."""
    barrier = threading.Barrier(2, timeout=20)
    create = harness.emulator.service.create
    made: list[str] = []

    def together(*args: Any) -> Json:
        made.append(create(*args)["clusterId"])
        if len(made) == 2:
            harness.emulator.core.faults.clear()
        return {"clusterId": made[-1]}

    outcomes: list[Any] = []

    def run() -> None:
        barrier.wait()
        outcomes.append(harness.cluster(**harness.full_options(name=CLUSTER_NAME)))

    # No list shows what is created in the same moment.
    harness.emulator.fault("stale_list", LIST, seconds=1e6)
    harness.emulator.service.create = together  # type: ignore[method-assign]
    try:
        threads = [threading.Thread(target=run) for count in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
    finally:
        harness.emulator.service.create = create  # type: ignore[method-assign]
    assert len(outcomes) == 2
    assert len(made) == 2 == len(harness.own_cluster_ids())
    failed = [outcome for outcome in outcomes if outcome.failed]
    assert failed
    for outcome in failed:
        assert outcome["error"]["code"] == "NameNotUnique"
        assert all(cluster_id in outcome["msg"] for cluster_id in made)
