# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The log files of jobs: listed, fetched, gone on with; and nobody sees the addresses."""

from __future__ import annotations

import json
import logging
import os
from pathlib import Path

import pytest

from ansible_collections.rayops.alicloud.plugins.module_utils._api.responses import read_response
from ansible_collections.rayops.alicloud.plugins.module_utils._api.resumable_download import OPERATION
from ansible_collections.rayops.alicloud.plugins.module_utils._api.transport import Response
from ansible_collections.rayops.alicloud.plugins.module_utils._errors import ApiError
from ansible_collections.rayops.alicloud.plugins.module_utils._job.log_files import TAIL_BYTES, set_time
from ansible_collections.rayops.alicloud.plugins.module_utils._job.responses import LogFile, read_log_page
from tests.emulator import Emulator
from tests.unit.jobs.harness import JobHarness

LINES = [f"line {number} äöü 😀" for number in range(6000)]
LOG = "".join(f"{line}\n" for line in LINES)


@pytest.fixture
def job(harness: JobHarness, emulator: Emulator) -> str:
    """A job that is over and has logs, some of them in folders."""
    emulator.plan_job(log=LOG.rstrip("\n"), files={"a/b/same.out": "one\n", "c/same.out": "two\n"})
    submission_id = emulator.submit("logged")
    emulator.advance(10_000)
    return submission_id


def test_the_files_are_listed(harness: JobHarness, job: str) -> None:
    listed = harness.log(submission_id=job)
    names = [file["name"] for file in listed["files"]]
    assert f"{job}_driver.log" in names
    assert names.count("same.out") == 2
    assert listed["changed"] is False
    assert all(set(file) == {"name", "path", "size", "time_modified"} for file in listed["files"])
    assert listed.operations == ["GetRayJob", "ListRayLogs"]


def test_a_list_of_many_pages(harness: JobHarness, emulator: Emulator) -> None:
    emulator.plan_job(files={f"many/{number:04}.out": "x" for number in range(1100)})
    submission_id = emulator.submit("many")
    emulator.advance(10_000)
    listed = harness.log(submission_id=submission_id)
    assert len([file for file in listed["files"] if "/many/" in file["path"]]) == 1100
    assert listed.operations.count("ListRayLogs") == 3


def test_the_whole_driver_log_is_fetched_once(harness: JobHarness, job: str, tmp_path: Path) -> None:
    options = {"submission_id": job, "dest": f"{tmp_path}/"}
    dest = tmp_path / f"{job}_driver.log"
    checked = harness.log(check=True, **options)
    assert (checked["changed"], checked["dest"]) == (True, str(dest))
    assert os.listdir(tmp_path) == []
    done = harness.log(**options)
    assert done["changed"] is True
    assert dest.read_text() == LOG
    assert (done["size"], done["path"].rsplit("/", 1)[-1]) == (len(LOG.encode()), dest.name)
    assert os.listdir(tmp_path) == [dest.name]
    again = harness.log(**options)
    assert again["changed"] is False
    assert again.operations == ["GetRayJob", "ListRayLogs"]
    assert harness.log(check=True, **options)["changed"] is False


def test_a_copy_of_another_time_is_compared(harness: JobHarness, job: str, tmp_path: Path) -> None:
    dest = tmp_path / "driver.log"
    harness.log(submission_id=job, dest=str(dest))
    os.utime(dest, (1, 1))
    for check in (True, False):
        assert harness.log(check=check, submission_id=job, dest=str(dest))["changed"] is False
    assert harness.log(submission_id=job, dest=str(dest)).operations.count("GetRayLog") == 0
    dest.write_text(LOG.replace("line 7 ", "line x "))
    for check in (True, False):
        assert harness.log(check=check, submission_id=job, dest=str(dest))["changed"] is True
    assert dest.read_text() == LOG


def test_a_file_by_its_name_or_path(harness: JobHarness, job: str, tmp_path: Path) -> None:
    by_name = harness.log(submission_id=job, path="raylet.out", lines=5)
    assert by_name["tail"] == ["[raylet] ready"]
    both = harness.log(submission_id=job, path="same.out", lines=5)
    assert both.failed
    assert "means 2 files" in both["msg"]
    path = next(file["path"] for file in both_files(harness, job) if file["path"].endswith("c/same.out"))
    assert harness.log(submission_id=job, path=path, lines=5)["tail"] == ["two"]
    none = harness.log(submission_id=job, path="nothing.out", lines=5)
    assert none["error"]["code"] == "NoLog"


def both_files(harness: JobHarness, job: str) -> list[dict[str, str]]:
    return list(harness.log(submission_id=job)["files"])


@pytest.mark.parametrize("lines", [1, 20, 5999, 6000, 9000])
def test_the_last_lines(harness: JobHarness, job: str, tmp_path: Path, lines: int) -> None:
    assert harness.log(submission_id=job, lines=lines)["tail"] == LINES[-lines:]
    dest = tmp_path / "end.log"
    options = {"submission_id": job, "lines": lines, "dest": str(dest)}
    assert harness.log(check=True, **options)["changed"] is True
    assert not dest.exists()
    assert harness.log(**options)["changed"] is True
    assert dest.read_text().splitlines() == LINES[-lines:]
    assert harness.log(check=True, **options)["changed"] is False
    assert harness.log(**options)["changed"] is False


def test_the_end_of_a_long_log_takes_few_bytes(harness: JobHarness, job: str) -> None:
    assert len(LOG.encode()) > TAIL_BYTES
    assert LINES[-20:] == harness.log(submission_id=job, lines=20)["tail"]


@pytest.mark.parametrize("times", [1, 3])
@pytest.mark.parametrize("kind", ["cut_before", "cut_during", "html_502", "http_500", "throttle"])
def test_a_copy_survives_faults_of_the_storage(
    harness: JobHarness, emulator: Emulator, job: str, tmp_path: Path, kind: str, times: int
) -> None:
    emulator.fault(kind, "OssGetObject", times=times)
    dest = tmp_path / "driver.log"
    done = harness.log(submission_id=job, dest=str(dest))
    assert not done.failed, done.result
    assert dest.read_text() == LOG
    ranges = [e.headers.get("range") for e in emulator.journal if e.operation == "OssGetObject"]
    assert len(ranges) == times + 1
    if kind == "cut_during":
        assert ranges[0] is None
        assert all(ranges[1:])


def test_an_interrupted_copy_is_gone_on_with_by_the_next_run(
    harness: JobHarness, emulator: Emulator, job: str, tmp_path: Path
) -> None:
    dest = tmp_path / "driver.log"
    emulator.fault("cut_during", "OssGetObject")
    emulator.fault("cut_before", "OssGetObject", after=1, times=None)
    failed = harness.log(submission_id=job, dest=str(dest), retries=1)
    assert failed.failed
    assert not dest.exists()
    (part,) = tmp_path.glob(".driver.log.*.part")
    assert 0 < part.stat().st_size < len(LOG.encode())
    emulator.core.faults.clear()
    start = len(emulator.journal)
    assert harness.log(submission_id=job, dest=str(dest))["changed"] is True
    assert dest.read_text() == LOG
    (get,) = [e for e in emulator.journal[start:] if e.operation == "OssGetObject"]
    assert not get.headers["range"].startswith("bytes=0-")
    assert os.listdir(tmp_path) == ["driver.log"]


@pytest.mark.parametrize("left", ["another version", "no version", "as long", "longer"])
@pytest.mark.parametrize("rule", ["whole", "refused"])
def test_bytes_of_something_else_are_not_gone_on_with(
    harness: JobHarness, emulator: Emulator, job: str, tmp_path: Path, left: str, rule: str
) -> None:
    emulator.rules.set({"oss_bad_range": rule})
    dest = tmp_path / "driver.log"
    emulator.fault("cut_during", "OssGetObject")
    emulator.fault("cut_before", "OssGetObject", after=1, times=None)
    harness.log(submission_id=job, dest=str(dest), retries=0)
    emulator.core.faults.clear()
    (part,) = tmp_path.glob(".driver.log.*.part")
    (note,) = tmp_path.glob(".driver.log.*.version")
    part.write_bytes(b"x" * {"as long": len(LOG.encode()), "longer": 10**6}.get(left, 100))
    if left == "no version":
        note.unlink()
    else:
        note.write_text('"0123456789"')
    assert harness.log(submission_id=job, dest=str(dest))["changed"] is True
    assert dest.read_text() == LOG
    assert os.listdir(tmp_path) == ["driver.log"]


@pytest.mark.parametrize("rule", ["whole", "refused"])
def test_a_part_that_was_complete_already_is_put_in_place(
    harness: JobHarness, emulator: Emulator, job: str, tmp_path: Path, rule: str
) -> None:
    emulator.rules.set({"oss_bad_range": rule})
    dest = tmp_path / "driver.log"
    emulator.fault("cut_during", "OssGetObject")
    emulator.fault("cut_before", "OssGetObject", after=1, times=None)
    harness.log(submission_id=job, dest=str(dest), retries=0)
    emulator.core.faults.clear()
    (part,) = tmp_path.glob(".driver.log.*.part")
    part.write_text(LOG)
    assert harness.log(submission_id=job, dest=str(dest))["changed"] is True
    assert dest.read_text() == LOG


def test_an_address_that_is_over_is_asked_for_again(harness: JobHarness, emulator: Emulator, job: str) -> None:
    emulator.fault("error", "OssGetObject", status=403, code="AccessDenied", message="Request has expired.")
    assert harness.log(submission_id=job, lines=1)["tail"] == LINES[-1:]
    emulator.fault("error", "OssGetObject", times=None, status=403, code="AccessDenied", message="no")
    refused = harness.log(submission_id=job, lines=1)
    assert refused["error"]["code"] == "AddressRefused"


def test_a_code_under_status_200_is_a_failure(harness: JobHarness, emulator: Emulator, job: str) -> None:
    emulator.fault("error", "ListRayLogs", status=200, code="1000777", message="no such luck")
    failed = harness.log(submission_id=job)
    assert failed["error"]["code"] == "1000777"
    assert "no such luck" in failed["msg"]
    for rule in ("code", "status"):
        emulator.rules.set({"log_errors": rule})
        emulator.core.faults.clear()
        emulator.patch_job(job, logBucketName="another-bucket")
        assert "bucket another-bucket does not exist" in harness.log(submission_id=job)["msg"]


def test_a_job_without_logs_says_why(harness: JobHarness, emulator: Emulator) -> None:
    submission_id = emulator.submit("young")
    none = harness.log(submission_id=submission_id, lines=5)
    assert none["error"]["code"] == "NoLog"
    assert "no log before it runs" in none["error"]["hint"]
    assert harness.log(submission_id=submission_id)["files"] == []
    assert harness.log(submission_id="rj-none")["error"]["code"] == "JobNotFound"


def test_a_log_that_grows_is_fetched_again(harness: JobHarness, emulator: Emulator, tmp_path: Path) -> None:
    emulator.plan_job(log="\n".join(LINES[:100]), seconds=100)
    submission_id = emulator.submit("running")
    emulator.advance(62 + 50)
    dest = tmp_path / "driver.log"
    half = harness.log(submission_id=submission_id, dest=str(dest))
    emulator.advance(1000)
    whole = harness.log(submission_id=submission_id, dest=str(dest))
    assert whole["changed"] is True
    assert 0 < half["size"] < whole["size"]
    assert dest.read_text().splitlines() == LINES[:100]


@pytest.mark.parametrize("fault", [None, "cut_before", "html_502", "error"])
def test_no_address_is_ever_shown(
    harness: JobHarness,
    emulator: Emulator,
    job: str,
    tmp_path: Path,
    fault: str | None,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """Not in results, warnings or progress, and not in what libraries log, which Ansible may write to its log file."""
    caplog.set_level(logging.INFO)
    if fault:
        emulator.fault(fault, "OssGetObject", times=None)
    done = harness.log(submission_id=job, dest=str(tmp_path / "log"), retries=1)
    assert done.failed is (fault is not None)
    out = capfd.readouterr()
    shown = json.dumps(done.result) + repr(done.warnings) + repr(harness.told) + caplog.text + out.out + out.err
    assert "Signature" not in shown
    assert "_oss" not in shown
    assert "Expires" not in shown
    gets = [entry for entry in emulator.journal if entry.operation == "OssGetObject"]
    assert gets
    assert all("authorization" not in entry.headers for entry in gets)
    assert not any(name.startswith("x-acs-") for entry in gets for name in entry.headers)


@pytest.mark.parametrize(
    "url", ["http://storage.example.com/x?Signature=abcd", "ftp://127.0.0.1/x", "nothing", "//h/x"]
)
def test_an_address_that_is_not_safe_is_not_used(
    harness: JobHarness, emulator: Emulator, job: str, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        emulator.core.logs, "get", lambda *args: {"code": "1000000", "message": "ok", "data": {"accessUrl": url}}
    )
    failed = harness.log(submission_id=job, lines=1)
    assert failed.failed
    assert "not safe to use" in failed["msg"]
    assert "Signature=abcd" not in json.dumps(failed.result)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"lines": 0}, "lines: must be at least 1"),
        ({"path": ""}, "path: is empty"),
        ({"path": "raylet.out"}, "path: requires dest"),
        ({"submission_id": "a/b"}, "submission_id: is not an ID"),
    ],
)
def test_bad_options(harness: JobHarness, job: str, options: dict[str, object], words: str) -> None:
    refused = harness.log(**{"submission_id": job, **options})
    assert words in refused["msg"]
    assert refused.operations == []


def test_a_place_that_cannot_be_written_to_is_named(harness: JobHarness, job: str, tmp_path: Path) -> None:
    failed = harness.log(submission_id=job, dest=str(tmp_path / "none" / "log"))
    assert failed["error"]["code"] == "CannotWrite"
    assert str(tmp_path / "none") in failed["msg"]
    assert OPERATION not in failed.operations


def test_the_lists_of_jobs(harness: JobHarness, emulator: Emulator) -> None:
    emulator.plan_job("bad", status="Failed")
    first = emulator.submit("good")
    emulator.advance(3600)
    second = emulator.submit("bad")
    emulator.advance(3600)
    ids = {row["submission_id"] for row in harness.info()["jobs"]}
    assert ids == {first, second}

    def found(**options: object) -> list[str]:
        outcome = harness.info(**options)
        assert not outcome.failed, outcome.result
        assert outcome["changed"] is False
        return [job["submission_id"] for job in outcome["jobs"]]

    assert found(statuses=["Failed"]) == [second]
    assert found(name="good") == [first]
    assert found(name="goo") == []
    assert found(submission_id=second) == [second]
    assert found(submission_id=second, statuses=["Succeeded"]) == []
    assert found(submission_id=second, name="good") == []
    assert found(submission_id="rj-none") == []
    assert harness.info(name="bad", details=True)["jobs"][0]["entrypoint"] == "python main.py"
    assert found(task_biz_id=emulator.jobs()[1]["taskBizId"]) == [second]
    between = emulator.jobs()[1]["submitTime"]
    assert found(submit_time={"start_time": between}) == [second]
    assert found(submit_time={"end_time": between - 1}) == [first]
    assert found(submission_id=first, submit_time={"start_time": between}) == []
    assert found(submit_time={"start_time": "2020-01-01T00:00:00Z", "end_time": "2021-01-01"}) == []
    for bad in ({"start_time": "yesterday"}, {"start_time": "2026-01-02", "end_time": "2026-01-01"}):
        assert harness.info(submit_time=bad).operations == []
        assert "submit_time" in harness.info(submit_time=bad)["msg"]


def test_a_list_of_many_jobs(harness: JobHarness, emulator: Emulator) -> None:
    for number in range(230):
        emulator.submit(f"job-{number}")
    listed = harness.info()
    assert len(listed["jobs"]) == 230
    assert listed.operations == ["ListRayJob"] * 3


def test_a_service_that_gives_smaller_pages_than_it_is_asked_for(
    harness: JobHarness, emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(70):
        emulator.submit(f"job-{number}")
    page = emulator.core.jobs.list_page
    monkeypatch.setattr(
        emulator.core.jobs, "list_page", lambda found, query, *rest: page(found, {**query, "pageSize": "30"}, *rest)
    )
    assert len(harness.info()["jobs"]) == 70


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("logs/a\0b.log", "a_b.log"),
        ("logs/a\nb.log", "a_b.log"),
        ("logs/\x1b[31mred.log", "_[31mred.log"),
        ("logs/\u202egol.exe", "_gol.exe"),
        ("logs/..", "log"),
        ("logs/größe.log", "größe.log"),
    ],
)
def test_a_name_becomes_a_file_without_control_characters(path: str, name: str) -> None:
    (file,) = read_log_page({"objectList": [{"path": path, "name": path, "size": 1, "timeModified": 1}]}).files
    assert file.basename == name
    assert file.name.isprintable()
    assert file.path == path


@pytest.mark.parametrize("field", ["size", "timeModified"])
@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf"), True, "soon", []])
def test_a_number_that_is_none_is_refused_in_words(field: str, value: object) -> None:
    with pytest.raises(ApiError, match=f"cannot be parsed: {field}"):
        read_log_page({"objectList": [{"path": "a", field: value}]})


def test_a_size_below_nothing_is_refused() -> None:
    with pytest.raises(ApiError, match="size"):
        read_log_page({"objectList": [{"path": "a", "size": -1}]})


@pytest.mark.parametrize("time", [10**18, -(10**18), 1e300])
def test_a_time_that_no_file_can_have_is_left_out(tmp_path: Path, time: int) -> None:
    copy = tmp_path / "copy"
    copy.write_text("x")
    set_time(str(copy), LogFile("n", "p", 1, int(time), is_dir=False))
    assert copy.read_text() == "x"


@pytest.mark.parametrize("constant", [b"NaN", b"Infinity", b"-Infinity", b"1e999"])
def test_a_constant_that_json_does_not_have_is_no_answer(constant: bytes) -> None:
    with pytest.raises(ApiError, match="JSON"):
        read_response("ListRayLogs", Response(200, {}, b'{"success": true, "data": {"size": ' + constant + b"}}"))
