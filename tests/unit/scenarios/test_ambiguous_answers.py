# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Answers to a create that leave open whether it was executed, and throttling that lasts."""

from __future__ import annotations

import pytest

from tests.unit.scenarios.harness import TaskHarness
from tests.unit.scenarios.specs import Json, minimal_options

LIST, CREATE = "ListRayCluster", "CreateRayCluster"
OPEN: list[Json] = [
    {"kind": "after_effect_error", "status": 408, "code": "RequestTimeout"},
    {"kind": "after_effect_error", "status": 408, "code": None},
    {"kind": "after_effect_error", "status": 409, "code": "Conflict"},
    {"kind": "after_effect_error", "status": 409, "code": None},
    {"kind": "after_effect_error", "status": 503, "code": "Throttling.Api"},
    {"kind": "after_effect_error", "status": 503, "code": "UpstreamNotFound"},
    {"kind": "after_effect_error", "status": 520, "code": "Unknown"},
    {"kind": "redirect", "effect": True},
    {"kind": "redirect", "effect": True, "status": 301},
    {"kind": "redirect", "effect": True, "status": 307},
    {"kind": "redirect", "effect": True, "status": 304},
]


@pytest.mark.parametrize("lag", [0, 20, 40])
@pytest.mark.parametrize("answer", OPEN, ids=lambda answer: f"{answer.get('status', 302)}-{answer.get('code', '')}")
def test_a_create_that_took_effect_is_adopted(harness: TaskHarness, answer: Json, lag: int) -> None:
    harness.emulator.rules.set({"list_hides_new_seconds": lag})
    harness.emulator.fault(operation=CREATE, **answer)
    done = harness.expect_success(**minimal_options())
    assert done.writes == [CREATE]
    assert "lost" in done["adopted"]
    (cluster,) = harness.emulator.clusters()
    assert done["cluster_id"] == cluster["clusterId"]
    harness.expect_unchanged(**minimal_options())


@pytest.mark.parametrize("answer", OPEN, ids=lambda answer: f"{answer.get('status', 302)}-{answer.get('code', '')}")
def test_a_create_that_had_no_effect_is_sent_again(harness: TaskHarness, answer: Json) -> None:
    kind = "error" if answer["kind"] == "after_effect_error" else answer["kind"]
    fault = {**answer, "kind": kind} | ({"effect": False} if kind == "redirect" else {})
    harness.emulator.fault(operation=CREATE, **fault)
    done = harness.expect_success(**minimal_options())
    assert done.writes == [CREATE, CREATE]
    assert len(harness.emulator.clusters()) == 1


@pytest.mark.parametrize(
    ("status", "code"),
    [(409, "RayCluster.AlreadyExists"), (409, "RayCluster.InvalidState"), (409, "QuotaExceeded"), (400, "Conflict"),
     (403, "NoPermission"), (422, "Unprocessable"), (423, "Locked")],
)  # fmt: skip
def test_a_refusal_is_a_refusal(harness: TaskHarness, status: int, code: str) -> None:
    harness.emulator.fault("error", CREATE, times=None, status=status, code=code, message="no")
    failed = harness.expect_failure(**minimal_options())
    assert failed["error"]["code"] == code
    assert failed.writes == [CREATE]
    assert sum(failed.slept) == 0


@pytest.mark.parametrize("operation", ["*", LIST, CREATE])
def test_throttling_for_longer_than_all_attempts_take(harness: TaskHarness, operation: str) -> None:
    """A hint of 200 ms uses 5 attempts up within a second; the deadline of the call is what counts."""
    harness.emulator.fault("throttle", operation, lasts=60, hint="x-acs-retry-after", value=200)
    done = harness.expect_success(**minimal_options(), retries=5)
    assert done["actions"] == ["create"]
    assert len(harness.emulator.clusters()) == 1


def test_throttling_that_never_ends_fails_at_the_deadline_of_the_call(harness: TaskHarness) -> None:
    harness.emulator.fault("throttle", LIST, times=None, hint="x-acs-retry-after", value=2000)
    failed = harness.expect_failure(**minimal_options(), timeout=10.0, retries=2)
    assert failed["error"]["code"].startswith("Throttling")
    assert 25 <= sum(failed.slept) <= 31


def test_a_large_fleet_outlasts_throttling_at_its_first_list(harness: TaskHarness) -> None:
    harness.emulator.fault("throttle", "*", lasts=30, hint="x-acs-retry-after", value=200)
    shared = minimal_options()
    del shared["name"]
    done = harness.fleet(clusters=[{"name": f"c-{number}"} for number in range(60)], defaults=shared)
    assert not done.failed, done["msg"]
    assert len(harness.emulator.clusters()) == 60


@pytest.mark.parametrize("code", ["InternalError", "1000004", None])
def test_a_list_that_reports_a_failure_under_status_200_is_no_empty_list(
    harness: TaskHarness, code: str | None
) -> None:
    harness.emulator.seed("training")
    harness.emulator.fault("inner_code", "ListRayCluster", times=None, code=code, empty_list=True)
    for state in ("present", "absent"):
        failed = harness.expect_failure(**minimal_options(name="training", state=state))
        assert failed["error"]["operation"] == "ListRayCluster"
        assert failed["error"]["code"] == code
        assert failed.writes == []


@pytest.mark.parametrize("effect", [True, False])
def test_a_create_that_reports_a_failure_under_status_200_makes_one_cluster(harness: TaskHarness, effect: bool) -> None:
    harness.emulator.fault("inner_code", "CreateRayCluster", code="InternalError", effect=effect)
    harness.expect_success(**minimal_options())
    harness.expect_unchanged(**minimal_options())
    assert len(harness.emulator.clusters()) == 1


def test_a_list_that_counts_clusters_and_shows_none_is_no_empty_list(harness: TaskHarness) -> None:
    harness.emulator.rules.set({"list_total": "more"})
    failed = harness.expect_failure(**minimal_options())
    assert "counts 1 clusters and shows none" in failed["msg"]
    assert failed.writes == []
