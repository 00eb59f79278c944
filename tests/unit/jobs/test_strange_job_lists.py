# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One job for one key, although lists of jobs are short, move, or spell names in another way."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.emulator import Emulator
from tests.unit.jobs.harness import JobHarness, Json

SUBMIT, LIST, GET = "SubmitRayJob", "ListRayJob", "GetRayJob"
KEY = "nightly-2026-11-28"
OTHERS = 12


def cap(rows: list[Json], page: int, number: int) -> list[Json]:
    """Give four rows a page."""
    return rows[(page - 1) * 4 : page * 4]


def short_second_page(rows: list[Json], page: int, number: int) -> list[Json]:
    """Give six rows, then two, then six a page."""
    ends = [0, 6, 8, 14, 20]
    return rows[ends[page - 1] : ends[page]] if page < len(ends) else []


def shift_once(rows: list[Json], page: int, number: int) -> list[Json]:
    """Let another job of the name end up on the first page of the first list, so that all rows move up afterwards."""
    if number == 1:
        rows = [{**rows[0], "submissionId": "job-gone"}, *rows]
    return rows[(page - 1) * 4 : page * 4]


def shift_always(rows: list[Json], page: int, number: int) -> list[Json]:
    """Let rows move up in every list."""
    if page == 1:
        rows = [{**rows[0], "submissionId": f"job-gone-{number}"}, *rows]
    return rows[(page - 1) * 4 : page * 4]


def shuffle(rows: list[Json], page: int, number: int) -> list[Json]:
    """Give rows in an order of its own for each page."""
    rows = list(rows)
    random.Random(number * 100 + page).shuffle(rows)
    return rows[(page - 1) * 4 : page * 4]


@pytest.fixture
def paged(harness: JobHarness) -> Iterator[Callable[..., None]]:
    """Return what lets lists of jobs be paged in another way, with or without a number of all."""
    jobs = harness.emulator.core.jobs
    original = jobs.list_page
    lists = 0

    def strange(part: Callable[[list[Json], int, int], list[Json]], total: str) -> None:
        def list_page(workspace: str, query: dict[str, str], *rest: Any) -> Json:
            nonlocal lists
            page = int(query["pageNum"])
            lists += page == 1
            rows = original(workspace, {**query, "pageNum": "1", "pageSize": "100"}, *rest)["rayJobs"]
            answer: Json = {"rayJobs": part(rows, page, lists) if rows else []}
            counts = {"page": len(answer["rayJobs"]), "zero": 0}
            return answer | ({} if total == "none" else {"totalCount": counts[total]})

        jobs.list_page = list_page  # type: ignore[method-assign]

    yield strange
    jobs.list_page = original  # type: ignore[method-assign]


def seed(emulator: Emulator) -> str:
    """Submit the job with the key behind many others of its name, the oldest; return its id."""
    wanted = emulator.submit("nightly", metadataJson=f'{{"rayops_job_key": "{KEY}", "rayops_attempt": "1"}}')
    for number in range(OTHERS):
        emulator.submit("nightly", metadataJson=f'{{"rayops_job_key": "other-{number}"}}')
    return wanted


@pytest.mark.parametrize("total", ["none", "page", "zero"])
@pytest.mark.parametrize("part", [cap, short_second_page, shift_once, shuffle])
@pytest.mark.parametrize("check", [True, False])
def test_a_job_that_is_there_is_found(
    harness: JobHarness, paged: Callable[..., None], part: Any, total: str, check: bool
) -> None:
    wanted = seed(harness.emulator)
    paged(part, total)
    done = harness.expect_success(check=check, name="nightly", job_key=KEY, state="submitted")
    assert done["submission_id"] == wanted
    assert done["actions"] == []
    assert SUBMIT not in done.operations


@pytest.mark.parametrize("total", ["none", "page"])
@pytest.mark.parametrize("part", [cap, short_second_page, shift_once])
def test_a_job_that_is_not_there_is_submitted_once(
    harness: JobHarness, paged: Callable[..., None], part: Any, total: str
) -> None:
    seed(harness.emulator)
    paged(part, total)
    done = harness.expect_success(name="nightly", job_key="new", state="submitted")
    assert done.writes == [SUBMIT]
    harness.expect_unchanged(name="nightly", job_key="new", state="submitted")
    assert len(harness.emulator.jobs()) == OTHERS + 2


def test_a_list_that_never_agrees_submits_nothing(harness: JobHarness, paged: Callable[..., None]) -> None:
    seed(harness.emulator)
    paged(shift_always, "none")
    failed = harness.expect_failure(name="nightly", job_key="new", state="submitted", wait_timeout=20)
    assert failed["error"]["code"] == "ListUnstable"
    assert failed.writes == []
    assert len(harness.emulator.jobs()) == OTHERS + 1


def test_an_attempt_that_another_run_made_is_taken(harness: JobHarness) -> None:
    """The first list shows the failed attempt only; before it submits the next, the task looks again."""
    emulator = harness.emulator
    first = emulator.submit("nightly", metadataJson=f'{{"rayops_job_key": "{KEY}", "rayops_attempt": "1"}}')
    emulator.patch_job(first, status="Failed")
    emulator.fault("stale_list", LIST, times=1)
    second = emulator.submit("nightly", metadataJson=f'{{"rayops_job_key": "{KEY}", "rayops_attempt": "2"}}')
    done = harness.expect_success(name="nightly", job_key=KEY, state="submitted", resubmit="if_failed")
    assert done["submission_id"] == second
    assert done.writes == []
    assert len(emulator.jobs()) == 2


@pytest.mark.parametrize(
    ("spell", "name"),
    [(str.lower, "Nightly"), (str.upper, "nightly"), (lambda name: name[:5], "nightly"), (str.strip, "nightly"),
     (lambda name: " ".join(name.split()), "night  ly")],
)  # fmt: skip
def test_a_job_whose_name_is_kept_in_another_spelling(
    harness: JobHarness, monkeypatch: pytest.MonkeyPatch, spell: Callable[[str], str], name: str
) -> None:
    jobs = harness.emulator.core.jobs
    submit = jobs.submit
    monkeypatch.setattr(
        jobs, "submit", lambda workspace, body: submit(workspace, {**body, "name": spell(body["name"])})
    )
    first = harness.job_on_temporary_cluster(name=name, job_key=KEY, state="submitted")
    if spell(name) != name:
        assert first["error"]["code"] == "NameAltered"
        assert repr(spell(name)) in first["msg"]
    again = harness.expect_unchanged(name=name, job_key=KEY, state="submitted")
    assert again["submission_id"] == first["submission_id"]
    assert len(harness.emulator.jobs()) == 1


@pytest.mark.parametrize(
    ("status", "code"),
    [(404, "Service.NotFound"), (404, "RayCluster.NotFound"), (404, None), (403, "NoPermission.ResourceNotFound"),
     (400, "RayJob.NotFound"), (500, "InstanceNotFound")],
)  # fmt: skip
def test_a_read_that_proves_nothing_is_an_error(harness: JobHarness, status: int, code: str | None) -> None:
    harness.expect_success(name="nightly", job_key=KEY, state="submitted")
    harness.emulator.fault("error", GET, times=None, status=status, code=code, message="not found")
    failed = harness.expect_failure(name="nightly", job_key=KEY, state="submitted")
    assert failed["error"]["http_status"] == status
    assert failed.writes == []
    assert len(harness.emulator.jobs()) == 1
    submission_id = harness.emulator.jobs()[0]["submissionId"]
    by_id = harness.job(submission_id=submission_id, state="finished")
    assert by_id.failed
    assert by_id["error"]["http_status"] == status


def test_a_read_that_proves_nothing_does_not_end_a_wait(harness: JobHarness) -> None:
    harness.emulator.fault("error", GET, after=3, times=2, status=404, code="Service.NotFound", message="x")
    done = harness.expect_success(name="nightly", job_key=KEY, state="finished")
    assert done["job"]["status"] == "Succeeded"


def test_an_absent_job_is_named(harness: JobHarness) -> None:
    failed = harness.job(submission_id="job-nowhere", state="finished")
    assert failed["error"]["code"] == "JobNotFound"


def test_the_cluster_of_a_job_is_found_behind_a_short_page_and_beside_a_ghost(harness: JobHarness) -> None:
    emulator = harness.emulator
    (wanted,) = emulator.seed("training", state="Running")
    (old,) = emulator.seed("training", state="Stopped")
    emulator.rules.set({"list_page_cap": 1, "list_shows_deleted_seconds": 1000})
    emulator.service.delete(emulator.workspace_id, old)
    emulator.seed("straw", count=3)
    done = harness.job(entrypoint="python main.py", name="nightly", cluster_name="training", state="submitted")
    assert not done.failed, done.result
    (body,) = done.request_bodies(SUBMIT)
    assert body["clusterId"] == wanted


@pytest.mark.parametrize(
    "answer",
    [{"kind": "after_effect_error", "status": 408, "code": "RequestTimeout"},
     {"kind": "after_effect_error", "status": 409, "code": "Conflict"},
     {"kind": "redirect", "effect": True}],
    ids=["408", "409", "302"],
)  # fmt: skip
@pytest.mark.parametrize("keyed", [True, False])
def test_an_answer_that_leaves_it_open_makes_one_job(harness: JobHarness, answer: Json, keyed: bool) -> None:
    harness.emulator.fault(operation=SUBMIT, **answer)
    done = harness.expect_success(name="nightly", state="submitted", **({"job_key": KEY} if keyed else {}))
    assert done.writes == [SUBMIT]
    assert len(harness.emulator.jobs()) == 1
