# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Exactly one job, though the service has no token that would make a submission repeatable."""

from __future__ import annotations

import random
from typing import Any

import pytest

from tests.emulator import Emulator
from tests.unit.jobs.harness import JobHarness, Json

SUBMIT, LIST, GET = "SubmitRayJob", "ListRayJob", "GetRayJob"
PATIENCE = 0.25
# Answers to a submission that leave open whether it was executed.
COMMON: list[Json] = [
    {"kind": "cut_before"},
    {"kind": "cut_after"},
    {"kind": "after_effect_error"},
    {"kind": "html_502", "effect": True},
    # A time-out before the answer, and one after its first bytes.
    {"kind": "slow", "seconds": 0.6, "when": "after"},
    {"kind": "drip", "seconds": 0.6, "bytes": 8},
]
RARE: list[Json] = [
    {"kind": "cut_during"},
    {"kind": "after_effect_error", "status": 503, "code": "ServiceUnavailable"},
    {"kind": "after_effect_error", "status": 504, "code": None},
    {"kind": "http_500"},
    {"kind": "http_500", "effect": True},
    {"kind": "html_502"},
    {"kind": "unavailable_503"},
    {"kind": "empty_body"},
    {"kind": "empty_body", "effect": False},
    {"kind": "broken_json"},
    {"kind": "broken_json", "effect": False},
    {"kind": "wrong_types"},
]
# What lists and reads do afterwards; the delays are below the time for which a lost answer is looked for.
AFTERWARDS: list[Json] = [
    {},
    {"kind": "throttle", "times": 2, "hint": "x-acs-retry-after", "value": 1500},
    {"kind": "html_502", "times": 2},
    {"kind": "cut_before", "times": 3},
    {"kind": "broken_json", "times": 2},
    {"kind": "stale_list", "times": 2},
    {"kind": "stale_list", "seconds": 9},
    {"kind": "hide_new", "seconds": 5},
    {"kind": "hide_new", "lists": 3},
]


def lost(emulator: Emulator, answer: Json, afterwards: Json, after: int) -> None:
    """Let the answer to the next submission be lost, and lists be in trouble after so many of them."""
    emulator.fault(operation=SUBMIT, **answer)
    if afterwards:
        waits = {} if afterwards["kind"] in ("stale_list", "hide_new") else {"after": after}
        emulator.fault(operation=LIST, **afterwards, **waits)


def told(fault: Json) -> str:
    """Return a name for a case."""
    return "-".join(str(value) for value in fault.values()) or "well"


CASES = [(answer, after) for answer in COMMON for after in AFTERWARDS] + [(answer, {}) for answer in RARE]
NAMES = [f"{told(answer)}-{told(after)}" for answer, after in CASES]


@pytest.mark.parametrize("keyed", [True, False], ids=["keyed", "unkeyed"])
@pytest.mark.parametrize(("answer", "afterwards"), CASES, ids=NAMES)
def test_a_lost_answer_gives_exactly_one_job(
    harness: JobHarness, emulator: Emulator, answer: Json, afterwards: Json, keyed: bool
) -> None:
    """In each of more than 100 cases, with every trouble of the list that follows where the loss is a common one."""
    for number in range(3):
        emulator.submit("nightly", metadataJson=f'{{"rayops_job_key": "old-{number}"}}')
    # With a key the list is read until its end before the submission, and the recent jobs of other names.
    lost(emulator, answer, afterwards, after=4 * keyed)
    options: Json = {"name": "nightly", "timeout": PATIENCE if answer["kind"] in ("slow", "drip") else 30.0}
    if keyed:
        options["job_key"] = "tonight"
    done = harness.expect_success(**options)
    emulator.core.faults.clear()
    ours = [job for job in emulator.jobs() if "old-" not in job["metadataJson"]]
    assert len(ours) == 1, (answer, afterwards)
    assert done["submission_id"] == ours[0]["submissionId"]
    assert done["actions"] == ["submit"]
    assert ("adopted" in done.result) is (done.writes.count(SUBMIT) == 1)
    if keyed:
        harness.expect_unchanged(name="nightly", job_key="tonight")


def test_a_throttled_submission_is_looked_for_before_it_is_repeated(harness: JobHarness, emulator: Emulator) -> None:
    emulator.fault("throttle", SUBMIT, effect=True)
    done = harness.expect_success(name="one")
    assert len(emulator.jobs()) == 1
    assert "refused for a while" in done["adopted"]
    emulator.fault("throttle", SUBMIT)
    again = harness.expect_success(name="two")
    assert again.writes == [SUBMIT, SUBMIT]
    assert "adopted" not in again.result


@pytest.mark.parametrize("keyed", [True, False])
@pytest.mark.parametrize("failing", [1, 6, 8, None])
def test_a_refusal_that_was_a_mistake_and_a_list_that_cannot_be_read_make_no_second_one(
    harness: JobHarness, emulator: Emulator, failing: int | None, keyed: bool
) -> None:
    """A look that failed says nothing: it is looked again before a submission is repeated, or the task gives up."""
    emulator.fault("throttle", SUBMIT, effect=True)
    # Without a key nothing is looked for before the submission.
    emulator.fault("after_effect_error", LIST, after=3 * keyed, times=failing, status=504)
    outcome = harness.job_on_temporary_cluster(name="one", **({"job_key": "k"} if keyed else {}))
    assert len(emulator.jobs()) == 1
    assert outcome.writes == [SUBMIT]
    assert outcome.failed is (failing is None)
    if outcome.failed:
        assert outcome["error"]["code"] == "SubmitUndecided"


def test_a_second_submission_says_so(harness: JobHarness, emulator: Emulator) -> None:
    emulator.fault("cut_before", SUBMIT)
    done = harness.expect_success(name="one")
    assert done.writes == [SUBMIT, SUBMIT]
    assert any("submitted again" in warning for warning in done.warnings)
    assert sum(done.slept) >= 30


def test_what_cannot_be_decided_is_said(harness: JobHarness, emulator: Emulator) -> None:
    emulator.fault("cut_after", SUBMIT)
    emulator.fault("missing_code", LIST, times=None)
    failed = harness.expect_failure(name="one")
    assert failed["error"]["code"] == "SubmitUndecided"
    assert failed["error"]["operation"] == SUBMIT
    assert "it is unknown" in failed["msg"]
    emulator.core.faults.clear()
    emulator.fault("cut_after", SUBMIT)
    emulator.fault("stale_list", LIST, times=None)
    short = harness.expect_failure(name="two", wait_timeout=5)
    assert "the time limit passed" in short["msg"]
    assert sum(short.slept) == pytest.approx(5)


def test_a_submission_that_is_refused_after_a_lost_one_says_both(harness: JobHarness, emulator: Emulator) -> None:
    emulator.fault("cut_before", SUBMIT)
    emulator.fault("error", SUBMIT, after=1, code="QuotaExceeded", message="no capacity left")
    failed = harness.expect_failure(job_key="k")
    assert failed["error"]["code"] == "SubmitUndecided"
    assert "no capacity left" in failed["msg"]


def test_the_next_run_finds_the_job_though_lists_are_late(harness: JobHarness, emulator: Emulator) -> None:
    emulator.fault("hide_new", LIST, seconds=12)
    first = harness.expect_success(job_key="k")
    assert sum(first.slept) >= 12
    assert harness.expect_unchanged(job_key="k")["submission_id"] == first["submission_id"]
    emulator.core.faults.clear()
    emulator.fault("hide_new", LIST, seconds=3000)
    warned = harness.expect_success(job_key="other")
    assert any("Could not verify that this" in warning for warning in warned.warnings)


@pytest.mark.parametrize("keyed", [True, False])
def test_a_list_that_is_late_for_too_long_goes_not_unnoticed(
    harness: JobHarness, emulator: Emulator, keyed: bool
) -> None:
    """For longer than a lost answer is looked for: with a key both jobs are named, without one the repeat is."""
    emulator.fault("cut_after", SUBMIT)
    emulator.fault("hide_new", LIST, seconds=55)
    outcome = harness.job_on_temporary_cluster(name="one", job_key="k" if keyed else None)
    ids = [job["submissionId"] for job in emulator.jobs()]
    assert len(ids) == 2
    assert any("submitted again" in warning for warning in outcome.warnings)
    if keyed:
        assert outcome["error"]["code"] == "JobNotUnique"
        assert all(found in outcome["msg"] for found in ids)


def test_somebody_else_with_the_same_key_is_named(
    harness: JobHarness, emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    submit = emulator.core.jobs.submit
    ids: list[str] = []

    def together(workspace_id: str, body: Any) -> Json:
        ids.extend(str(submit(workspace_id, body)["submissionId"]) for count in range(2))
        return {"submissionId": ids[0]}

    monkeypatch.setattr(emulator.core.jobs, "submit", together)
    failed = harness.expect_failure(job_key="k")
    assert failed["error"]["code"] == "JobNotUnique"
    assert all(found in failed["msg"] for found in ids)
    assert failed["submission_id"] == ids[0]
    assert failed["changed"] is True


@pytest.mark.parametrize("seed", range(20))
def test_retries_under_lost_answers_make_one_job_for_each_attempt(
    harness: JobHarness, emulator: Emulator, seed: int
) -> None:
    rng = random.Random(seed)
    emulator.plan_job(status="Failed", times=2)
    emulator.fault(operation=SUBMIT, after=rng.randrange(3), **rng.choice([*COMMON[:4], *RARE]))
    done = harness.expect_success(job_key="k", state="finished", retries_on_failure=2)
    marks = [job["metadataJson"] for job in emulator.jobs()]
    assert len(marks) == len(set(marks)) == 3
    assert done["job"]["attempt"] == 3
    harness.expect_unchanged(job_key="k", state="finished", retries_on_failure=2)
