# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The pure parts about jobs: what is declared, what is decided, what is read, what is shown."""

from __future__ import annotations

import contextlib
import inspect
import json
import re
from typing import Any

import pytest
from alibabacloud_emr_serverless_spark20230808 import models as sdk  # type: ignore[import-untyped]
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.rayops.alicloud.plugins.module_utils._argspec import job as _job_argspec
from ansible_collections.rayops.alicloud.plugins.module_utils._errors import ApiError, JobError, ParameterError
from ansible_collections.rayops.alicloud.plugins.module_utils._job.fields import (
    FINAL_STATUSES,
    JOB_FIELDS,
    UNSUCCESSFUL_STATUSES,
    JobHead,
    JobKey,
    JobRow,
    JobWorkers,
)
from ansible_collections.rayops.alicloud.plugins.module_utils._job.log_files import LogFile, find_driver_log
from ansible_collections.rayops.alicloud.plugins.module_utils._job.plan import (
    JobGoal,
    build_job_plan,
    get_last_attempt_number,
    next_action,
    predict_job,
    raise_if_unsuccessful,
)
from ansible_collections.rayops.alicloud.plugins.module_utils._job.responses import read_job, read_log_page
from ansible_collections.rayops.alicloud.plugins.module_utils._job.result import list_row_to_result, to_result
from ansible_collections.rayops.alicloud.plugins.module_utils._job.spec import (
    build_job_name,
    build_ray_body,
    build_ray_submission_id,
    read_job_spec,
    with_key_metadata,
)
from ansible_collections.rayops.alicloud.plugins.module_utils._payload import field_names, to_snake
from tests.unit.plugins.modules.contract import argument_paths, module_constant, to_camel_case

Json = dict[str, Any]
INNER = {"headSpec": "HeadSpec", "workerSpec": "WorkerSpec", "workerSpecs": "WorkerSpecs"}
STATUSES = ["Submitted", "Pending", "Running", "Cancelling", *FINAL_STATUSES, "Sleeping"]


def sdk_paths(name: str, path: str = "") -> set[str]:
    """Return the paths, in the API's spelling, of all fields of a model of the SDK."""
    found = set()
    for parameter in inspect.signature(getattr(sdk, name).__init__).parameters:
        if parameter != "self":
            field = to_camel_case(parameter)
            found.add(path + field)
            if hasattr(sdk, name + INNER.get(field, "?")):
                found |= sdk_paths(name + INNER[field], f"{path}{field}.")
    return found


def test_every_field_that_the_sdk_sends_is_an_option() -> None:
    sent = sdk_paths("SubmitRayJobRequest")
    assert len(sent) > 35
    assert {to_camel_case(path) for path in argument_paths(_job_argspec.JOB_SPEC)} == sent | {"headSpec.replica"}


def test_every_field_that_the_sdk_reads_is_shown() -> None:
    body = sdk_paths("GetRayJobResponseBody")
    top = {to_snake(field) for field in body if "." not in field} - {"request_id", "worker_specs"}
    assert top <= set(JOB_FIELDS)
    assert {to_snake(field.split(".")[1]) for field in body if field.startswith("headSpec.")} == set(
        field_names(JobHead)
    )
    groups = {to_snake(field.split(".")[1]) for field in body if field.startswith("workerSpecs.")}
    assert groups | {"worker_type"} == set(field_names(JobWorkers))
    assert {to_snake(field) for field in sdk_paths("ListRayJobResponseBodyRayJobs")} == set(field_names(JobRow))
    assert sdk_paths("ListRayJobRequest") >= {"name", "submitTime", "taskBizId", "pageNum", "pageSize"}


def test_an_answer_of_the_sdk_is_read_as_it_was_meant() -> None:
    answer = sdk.GetRayJobResponseBody().from_map(
        {
            "submissionId": "rj-1",
            "status": "Running",
            "cuHours": 1.5,
            "submitTime": 12,
            "workerSpecs": [{"groupName": "g", "replica": 2}],
            "headSpec": {"cpu": "2", "enableAutoScaling": False, "replica": 1},
            "guHours": {"gpuHours": 2.5, "gpuSpec": "g"},
            "tags": [{"key": "a", "value": "b"}],
        }
    )
    shown = to_result(read_job(answer.to_map(), "GetRayJob"))
    assert (shown["status"], shown["cu_hours"], shown["submit_time"]) == ("Running", 1.5, 12)
    assert shown["worker_spec"][0]["replica"] == 2
    assert shown["head_spec"]["enable_auto_scaling"] is False
    assert shown["gu_hours"] == {"gpu_hours": 2.5, "gpu_spec": "g"}
    assert shown["tags"] == {"a": "b"}


def test_the_documented_job_is_what_a_result_has() -> None:
    contains = module_constant("emr_ray_job", "RETURN")["job"]["contains"]
    assert set(contains) == set(to_result({"submission_id": "rj-1"})) == set(JOB_FIELDS)
    details = module_constant("emr_ray_job_info", "DOCUMENTATION")["options"]["details"]["description"][1]
    assert set(re.findall(r"C\((\w+)\)", details)) == set(list_row_to_result({"submission_id": "rj-1"}))


@given(
    st.dictionaries(
        st.sampled_from([to_camel_case(field) for field in JOB_FIELDS]), st.none() | st.text() | st.integers()
    )
)
def test_every_answer_is_read_or_refused(payload: Json) -> None:
    with contextlib.suppress(ApiError):
        assert set(to_result(read_job({**payload, "submissionId": "rj-1"}, "GetRayJob"))) == set(JOB_FIELDS)


@pytest.mark.parametrize(
    "payload",
    [
        None,
        {},
        {"submissionId": []},
        {"submissionId": "rj-1", "status": {}},
        {"submissionId": "rj-1", "submitTime": "soon"},
        {"submissionId": "rj-1", "shutdownAfterJobFinishes": "perhaps"},
        {"submissionId": "rj-1", "tags": "a=b"},
        {"submissionId": "rj-1", "headSpec": []},
        {"submissionId": "rj-1", "workerSpecs": ["x"]},
    ],
)
def test_what_makes_no_sense_is_refused(payload: Any) -> None:
    with pytest.raises(ApiError, match="cannot be parsed"):
        read_job(payload, "GetRayJob")


def test_a_page_of_logs_is_read() -> None:
    page = read_log_page(
        {
            "objectList": [{"path": "/a/b/", "isDir": True}, {"path": "/a/..", "size": "5"}],
            "isTruncated": True,
            "nextMarker": "m",
        }
    )
    assert (page.marker, [file.is_dir for file in page.files]) == ("m", [True, False])
    assert [file.basename for file in page.files] == ["b", "log"]
    assert read_log_page({"nextMarker": "m", "isTruncated": False}).marker == ""
    for bad in ({"objectList": {}}, {"objectList": [{"name": "x"}]}, {"objectList": [5]}):
        with pytest.raises(ApiError):
            read_log_page(bad)


def test_the_driver_log_has_several_names() -> None:
    files = [LogFile(name, f"/x/{name}", 1, time, False) for time, name in enumerate(("raylet.out", "driver-old.log"))]
    assert find_driver_log(files, "rj-1") == files[1]
    ray = LogFile("job-driver-rj-1.log", "/x/job-driver-rj-1.log", 1, 1, False)
    service = LogFile("rj-1_driver.log", "/x/rj-1_driver.log", 1, 1, False)
    assert find_driver_log([*files, ray], "rj-1") == ray
    assert find_driver_log([*files, ray, service], "rj-1") == service
    assert find_driver_log(files[:1], "rj-1") is None


KEYS = st.builds(JobKey, st.text(min_size=1), st.booleans())


@given(KEYS, st.integers(1, 999))
def test_a_job_is_recognised_by_its_marks_alone(key: JobKey, attempt: int) -> None:
    job = with_key_metadata({"metadata_json": '{"owner": "me"}'}, key, attempt)
    assert json.loads(job["metadata_json"])["owner"] == "me"
    assert key.get_attempt_number(job) == attempt
    assert JobKey(key.value, not key.is_user_key).get_attempt_number(job) is None
    assert JobKey(key.value + "x", key.is_user_key).get_attempt_number(job) is None


@pytest.mark.parametrize("metadata", [None, "", "{", "[]", "null", '{"rayops_job_key": 5}', "[" * 100_000])
def test_metadata_of_others_is_nobodys_key(metadata: str | None) -> None:
    assert JobKey("5", is_user_key=True).get_attempt_number({"metadata_json": metadata}) is None


@given(KEYS)
def test_names_and_ids_made_of_keys_can_be_ones(key: JobKey) -> None:
    name = build_job_name(key)
    assert 1 <= len(name) <= 64
    assert name.isprintable()
    ids = {build_ray_submission_id(key, attempt) for attempt in (1, 2, 10)}
    assert len(ids) == 3
    assert all(re.fullmatch(r"[a-z0-9-]{1,80}", found) for found in ids)


@given(KEYS, KEYS)
def test_other_keys_have_other_ids(one: JobKey, other: JobKey) -> None:
    assert (build_ray_submission_id(one, 1) == build_ray_submission_id(other, 1)) == (one.value == other.value)


def test_the_body_for_ray() -> None:
    spec = read_job_spec(
        {
            "name": "nightly",
            "entrypoint": "python main.py",
            "working_dir": "https://host/job.zip",
            "runtime_env_json": {"pip": ["torch"]},
            "metadata_json": {"owner": "me"},
            "entrypoint_num_cpus": "1",
            "entrypoint_num_gpus": "0.5",
            "entrypoint_memory": "4Gi",
            "entrypoint_resources": {"fpu": 1},
        }
    )
    key = JobKey("k", is_user_key=True)
    assert build_ray_body(spec, key, 2) == {
        "entrypoint": "python main.py",
        "submission_id": build_ray_submission_id(key, 2),
        "runtime_env": {"pip": ["torch"], "working_dir": "https://host/job.zip"},
        "metadata": {"owner": "me", "name": "nightly", "rayops_job_key": "k", "rayops_attempt": "2"},
        "entrypoint_num_cpus": 1.0,
        "entrypoint_num_gpus": 0.5,
        "entrypoint_memory": 4 * 1024**3,
        "entrypoint_resources": {"fpu": 1},
    }


def test_all_bad_options_are_named_at_once() -> None:
    with pytest.raises(ParameterError) as found:
        read_job_spec(
            {"runtime_env_json": "{", "entrypoint_memory": "x", "tags": {"a": None}, "head_spec": {"cpu": "x"}}
        )
    assert len(found.value.problems) == 4


GOALS = st.builds(
    JobGoal,
    state=st.sampled_from(["submitted", "finished", "cancelled"]),
    spec=st.just({"name": "n", "entrypoint": "e"}),
    key=KEYS,
    submission_id=st.none() | st.just("rj-1"),
    retries=st.integers(0, 3),
    resubmit=st.booleans(),
)


def observed(goal: JobGoal, status: str, attempt: int) -> Json:
    return {**with_key_metadata(goal.spec, goal.key, attempt), "submission_id": "rj-1", "status": status}


JOBS = st.none() | st.tuples(st.sampled_from(STATUSES), st.integers(1, 4))


@given(GOALS, JOBS)
def test_a_plan_ends_and_the_plan_after_it_is_empty(goal: JobGoal, found: tuple[str, int] | None) -> None:
    job = observed(goal, *found) if found else None
    planned = build_job_plan(goal, job)
    assert len(planned.actions) <= 1
    assert build_job_plan(goal, planned.after).actions == []
    if found and found[0] in ("Submitted", "Running", "Succeeded", "Sleeping") and goal.state != "cancelled":
        assert planned.actions == []


@given(GOALS, JOBS, st.lists(st.sampled_from(UNSUCCESSFUL_STATUSES), max_size=12))
def test_a_run_submits_no_more_than_it_may(goal: JobGoal, found: tuple[str, int] | None, ends: list[str]) -> None:
    """However its jobs end, and no attempt has a number that was there before."""
    job: Json | None = observed(goal, *found) if found else None
    last, done, seen = get_last_attempt_number(goal, job), list[str](), set[int]()
    for end in [*ends, *["Succeeded"] * 10]:
        action = next_action(goal, job, last, done)
        if action is None:
            break
        done.append(action)
        job = predict_job(goal, action, job)
        if action == "submit":
            attempt = goal.key.get_attempt_number(job)
            assert attempt is not None
            assert attempt not in seen
            assert attempt > (found[1] if found else 0)
            seen.add(attempt)
            job["status"] = end
    assert done.count("submit") <= 1 + goal.retries
    assert done.count("cancel") <= 1
    assert not (goal.submission_id and "submit" in done)


@given(GOALS, st.sampled_from(STATUSES))
def test_only_a_job_that_was_to_finish_and_did_not_is_an_error(goal: JobGoal, status: str) -> None:
    job = {**observed(goal, status, 1), "message": "Job failed, last available logs (truncated):\nsecret"}
    if goal.state == "finished" and status in UNSUCCESSFUL_STATUSES:
        with pytest.raises(JobError) as error:
            raise_if_unsuccessful(goal, job, [])
        assert "last available" not in str(error.value)
        assert error.value.hint
    else:
        raise_if_unsuccessful(goal, job, [])


@pytest.mark.parametrize(
    ("environment", "message", "hinted"),
    [
        ('{"pip": ["torch"]}', "Failed to set up runtime environment", True),
        ('{"conda": "env.yml"}', "conda create timed out", True),
        ('{"uv": ["torch"]}', None, True),
        ('{"pip": ["torch"]}', "ZeroDivisionError", False),
        ('{"env_vars": {"A": "pip"}}', "Failed to set up runtime environment", False),
        (None, "pip is missing", False),
    ],
)
def test_a_job_that_installs_packages_is_told_of_nat(
    environment: str | None, message: str | None, hinted: bool
) -> None:
    goal = JobGoal("finished", {}, JobKey("key", is_user_key=True))
    job = {"submission_id": "rj-1", "status": "Failed", "message": message, "runtime_env_json": environment}
    with pytest.raises(JobError) as caught:
        raise_if_unsuccessful(goal, job, ["submit"])
    assert ("NAT gateway with SNAT" in str(caught.value.hint)) is hinted
