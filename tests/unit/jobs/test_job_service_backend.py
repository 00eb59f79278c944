# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Submitting, waiting for and cancelling jobs through the service, in one process."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from tests.emulator import Emulator
from tests.unit.jobs.harness import TEMPORARY_CLUSTER, JobHarness, Json

KEY = "nightly-1"


def test_a_job_with_a_key_is_submitted_once(harness: JobHarness, emulator: Emulator) -> None:
    first = harness.expect_success(job_key=KEY)
    assert first["changed"] is True
    assert first["actions"] == ["submit"]
    assert first["job"]["status"] == "Submitted"
    assert first["job"]["job_key"] == KEY
    assert first["job"]["name"] == KEY
    again = harness.expect_unchanged(job_key=KEY)
    assert again["submission_id"] == first["submission_id"]
    assert again.operations == ["ListRayJob", "GetRayJob"]
    emulator.advance(10_000)
    over = harness.expect_unchanged(job_key=KEY, state="finished")
    assert over["job"]["status"] == "Succeeded"
    assert len(emulator.jobs()) == 1


def test_finished_waits_and_shows_how_it_goes(harness: JobHarness) -> None:
    done = harness.expect_success(job_key=KEY, state="finished")
    assert done["job"]["status"] == "Succeeded"
    assert done["actions"] == ["submit"]
    assert max(done.slept) == 30
    statuses = [line.split(": ")[1].split(",")[0] for line in harness.told]
    assert sorted(set(statuses), key=statuses.index) == ["Submitted", "Pending", "Running", statuses[-1]]
    assert re.fullmatch(r"Succeeded after \d+ s", statuses[-1])
    harness.expect_unchanged(job_key=KEY, state="finished")


def test_without_a_key_every_run_submits(harness: JobHarness, emulator: Emulator) -> None:
    for count in (1, 2):
        assert harness.expect_success(name="twice")["changed"] is True
        assert len(emulator.jobs()) == count
    shown = harness.expect_success(name="twice")
    assert shown.operations == ["SubmitRayJob", "GetRayJob"]
    assert shown["job"]["job_key"] is None
    assert shown["job"]["attempt"] == 1


def test_a_name_is_kept_and_the_key_is_found_among_jobs_of_that_name(harness: JobHarness, emulator: Emulator) -> None:
    mine = harness.expect_success(name="nightly", job_key="a")
    for number in range(120):
        emulator.submit("nightly" if number < 5 else "other", metadataJson=json.dumps({"rayops_job_key": f"{number}"}))
    again = harness.expect_unchanged(name="nightly", job_key="a")
    assert again["submission_id"] == mine["submission_id"]
    assert emulator.job_spec(mine["submission_id"])["name"] == "nightly"
    # The newest first, and each only once.
    assert again.operations.count("GetRayJob") == 6
    assert harness.expect_success(name="nightly", job_key="b")["changed"] is True


def test_a_look_costs_two_requests_however_many_jobs_there_are(harness: JobHarness, emulator: Emulator) -> None:
    first = harness.expect_success(job_key=KEY)
    for number in range(300):
        emulator.submit(f"job-{number}")
    again = harness.expect_unchanged(job_key=KEY)
    assert again["submission_id"] == first["submission_id"]
    assert again.operations == ["ListRayJob", "GetRayJob"]


def test_every_field_is_sent(harness: JobHarness, emulator: Emulator) -> None:
    full: Json = {
        "name": "full",
        "entrypoint": "python main.py --deep",
        "working_dir": "oss://bucket/job.zip",
        "runtime_env_json": {"pip": ["torch"], "env_vars": {"STAGE": "test"}},
        "metadata_json": '{"owner": "me"}',
        "entrypoint_num_cpus": 1,
        "entrypoint_num_gpus": "0.5",
        "entrypoint_memory": 4,
        "entrypoint_resources": {"fpu": 1},
        "submission_mode": "HTTPMode",
        "active_deadline_seconds": 3600,
        "shutdown_after_job_finishes": False,
        "ttl_seconds_after_finished": 60,
        "network_service_name": "vpc",
        "extra_param": {"userRequirementsFile": "oss://bucket/requirements.txt"},
        "volume_ids": ["vol-1"],
        "tags": {"team": "research", "year": 2026},
        "job_key": "full-1",
    }
    done = harness.expect_success(**full)
    sent = dict(emulator.job_spec(done["submission_id"]))
    assert json.loads(sent.pop("metadataJson")) == {"owner": "me", "rayops_job_key": "full-1", "rayops_attempt": "1"}
    assert json.loads(sent.pop("runtimeEnvJson")) == full["runtime_env_json"]
    assert json.loads(sent.pop("entrypointResources")) == {"fpu": 1}
    assert json.loads(sent.pop("extraParam")) == full["extra_param"]
    assert sent == {
        "name": "full",
        "entrypoint": "python main.py --deep",
        "workingDir": "oss://bucket/job.zip",
        "entrypointNumCpus": "1",
        "entrypointNumGpus": "0.5",
        "entrypointMemory": "4Gi",
        "submissionMode": "HTTPMode",
        "activeDeadlineSeconds": 3600,
        "shutdownAfterJobFinishes": False,
        "ttlSecondsAfterFinished": 60,
        "networkServiceName": "vpc",
        "volumeIds": ["vol-1"],
        "tags": [{"key": "team", "value": "research"}, {"key": "year", "value": "2026"}],
        "displayReleaseVersion": TEMPORARY_CLUSTER["display_release_version"],
        "headSpec": {"queueName": "root_queue", "cpu": "2", "memory": "8Gi"},
        "workerSpec": [{"groupName": "cpu", "queueName": "root_queue", "cpu": "4", "memory": "16Gi", "replica": 2}],
    }
    job = done["job"]
    assert job["tags"] == {"team": "research", "year": "2026"}
    assert job["worker_spec"][0]["replica"] == 2
    assert job["volume_ids"] == ["vol-1"]
    harness.expect_unchanged(**full)


def test_a_cluster_is_found_by_its_name(harness: JobHarness, emulator: Emulator) -> None:
    (cluster_id,) = emulator.seed("training", state="Running")
    done = harness.job(job_key=KEY, cluster_name="training", entrypoint="echo hello", state="finished")
    assert not done.failed, done.result
    assert emulator.job_spec(done["submission_id"])["clusterId"] == cluster_id
    # A job that is there already needs no cluster.
    again = harness.job(job_key=KEY, cluster_name="training", entrypoint="echo hello", state="finished")
    assert again.operations == ["ListRayJob", "GetRayJob"]


def test_a_check_fails_where_the_cluster_of_the_job_does_not_exist(harness: JobHarness, emulator: Emulator) -> None:
    (cluster_id,) = emulator.seed("training", state="Running")
    options = {"job_key": KEY, "entrypoint": "true"}
    assert harness.job(check=True, cluster_id=cluster_id, **options)["submission_id"] == "(known after create)"
    emulator.deny("GetRayCluster")
    denied = harness.job(check=True, cluster_id=cluster_id, **options)
    assert not denied.failed
    assert "could not be read" in denied.warnings[0]
    emulator.reset(rules=True)
    failed = harness.job(check=True, cluster_id="ray-nowhere", **options)
    assert failed.failed
    assert failed["error"]["code"] == "ClusterNotFound"
    assert failed.writes == []


@pytest.mark.parametrize("option", ["name", "job_key", "cluster_name", "submission_mode", "working_dir", "entrypoint"])
def test_an_empty_answer_of_a_survey_is_refused(harness: JobHarness, option: str) -> None:
    options = {"job_key": KEY, "cluster_name": "training", "entrypoint": "true", option: ""}
    failed = harness.job(**options)
    assert failed.failed
    assert f"{option}: is empty; leave the option out" in failed["msg"]
    assert failed.requests == []


@pytest.mark.parametrize("option", ["name", "job_key", "cluster_name"])
@pytest.mark.parametrize("text", ["x ", " x", "x\n", "x\u200b"])
def test_a_name_that_only_looks_like_another_one_is_refused(harness: JobHarness, option: str, text: str) -> None:
    failed = harness.job(**{"job_key": KEY, "cluster_name": "training", "entrypoint": "true", option: text})
    assert failed.failed
    assert re.search(rf"{option}: (starts or ends with a blank|contains an invisible character)", failed["msg"])
    assert failed.requests == []


@pytest.mark.parametrize(
    ("environment", "problem"),
    [
        (
            {"env_vars": {"EPOCHS": 3}},
            "runtime_env_json.env_vars.EPOCHS: Ray accepts only text, not a number; quote it",
        ),
        ({"env_vars": {"LR": 0.1}}, "runtime_env_json.env_vars.LR: Ray accepts only text"),
        ({"env_vars": {"DEBUG": True}}, "runtime_env_json.env_vars.DEBUG: Ray accepts only text, not true or false"),
        ({"env_vars": {"A": None}}, "runtime_env_json.env_vars.A: Ray accepts only text, not null"),
        ({"env_vars": {"A": {"b": "c"}}}, "runtime_env_json.env_vars.A: Ray accepts only text, not a mapping"),
        ({"env_vars": None}, "runtime_env_json.env_vars: takes a mapping of variables, not null"),
        ({"env_vars": ["A=b"]}, "runtime_env_json.env_vars: takes a mapping of variables, not a list"),
        ({"pypi": ["torch"]}, "runtime_env_json: pypi is not a field of a runtime environment; did you mean pip?"),
        ({"Env_vars": {}}, "did you mean env_vars?"),
        ({"zzzzzz": 1}, "it has config, conda, container"),
        ('{"env_vars": {"EPOCHS": 3}}', "runtime_env_json.env_vars.EPOCHS: Ray accepts only text"),
        ('{"pip": [NaN]}', "runtime_env_json: is not valid JSON"),
        ([1], "runtime_env_json: must be a JSON object"),
    ],
)
@pytest.mark.parametrize("via", ["service", "cluster"])
def test_what_ray_would_refuse_is_refused_first(harness: JobHarness, environment: Any, problem: str, via: str) -> None:
    options = {"job_key": KEY, "cluster_name": "training", "entrypoint": "true", "via": via}
    failed = harness.job(runtime_env_json=environment, **options)
    assert failed.failed
    assert problem in failed["msg"]
    assert failed.requests == []


def test_a_good_runtime_environment_is_taken(harness: JobHarness, emulator: Emulator) -> None:
    emulator.seed("training", state="Running")
    environment = {"env_vars": {"A": "3", "B": ""}, "pip": ["torch"], "_ray_commit": "x", "uv": [], "config": {}}
    done = harness.job(job_key=KEY, cluster_name="training", entrypoint="true", runtime_env_json=environment)
    assert not done.failed, done.result


def test_a_name_of_no_or_of_several_clusters_is_refused(harness: JobHarness, emulator: Emulator) -> None:
    options = {"job_key": KEY, "cluster_name": "training", "entrypoint": "true"}
    missing = harness.job(**options)
    assert missing["error"]["code"] == "ClusterNotFound"
    checked = harness.job(check=True, **options)
    assert checked.failed
    assert (checked["msg"], checked["error"]["code"]) == (missing["msg"], "ClusterNotFound")
    emulator.seed("trainings")
    assert "the workspace has 'trainings'" in harness.job(check=True, **options)["error"]["hint"]
    ids = [emulator.seed("training", state="Running")[0] for count in range(2)]
    several = harness.job(**options)
    assert several["error"]["code"] == "NameNotUnique"
    assert all(found in several["msg"] for found in ids)
    assert several.writes == []


@pytest.mark.parametrize(
    ("plan", "code", "words"),
    [
        ({"status": "Failed", "log": "one\ntwo\n  three", "exit_code": 3}, "JobFailed", "failed"),
        ({"status": "Timeout", "log": "one\ntwo\n  three"}, "JobTimeout", "taking too long"),
        ({"status": "Cancelled", "log": "one\ntwo\n  three"}, "JobCancelled", "cancelled"),
    ],
)
def test_a_job_that_does_not_succeed_fails_the_task_with_the_end_of_its_log(
    harness: JobHarness, emulator: Emulator, plan: Json, code: str, words: str
) -> None:
    emulator.plan_job(**plan)
    failed = harness.expect_failure(job_key=KEY, state="finished", log_lines=2)
    assert failed["error"]["code"] == code
    assert words in failed["msg"]
    assert "\n" not in failed["msg"]
    assert failed["driver_log_tail"] == ["two", "  three"]
    assert failed["changed"] is True
    assert failed["actions"] == ["submit"]
    assert failed["job"]["status"] == plan["status"]
    later = harness.expect_failure(job_key=KEY, state="finished", log_lines=0)
    assert later["changed"] is False
    assert later.writes == []
    assert "in an earlier run" in later["msg"]
    assert "resubmit=if_failed" in later["msg"]
    assert "driver_log_tail" not in later.result
    checked = harness.job_on_temporary_cluster(check=True, job_key=KEY, state="finished")
    assert checked.failed
    submitted = harness.expect_unchanged(job_key=KEY)
    assert "not submitted again" in submitted.warnings[0]


def test_a_failed_job_is_submitted_again_when_that_is_said(harness: JobHarness, emulator: Emulator) -> None:
    emulator.plan_job(status="Timeout")
    first = harness.expect_failure(job_key=KEY, state="finished")
    options = {"job_key": KEY, "state": "finished", "resubmit": "if_failed"}
    assert harness.expect_success(check=True, **options)["actions"] == ["submit"]
    second = harness.expect_success(**options)
    assert second["actions"] == ["submit"]
    assert second["submission_id"] != first["submission_id"]
    assert second["job"]["attempt"] == 2
    harness.expect_unchanged(**options)
    assert len(emulator.jobs()) == 2


def test_failures_are_tried_again_as_often_as_allowed(harness: JobHarness, emulator: Emulator) -> None:
    emulator.plan_job(status="Failed", times=2)
    done = harness.expect_success(job_key=KEY, state="finished", retries_on_failure=2)
    assert done["actions"] == ["submit"] * 3
    assert done["job"]["attempt"] == 3
    assert [warning.split(" (")[0] for warning in done.warnings] == ["Attempt 1 failed", "Attempt 2 failed"]
    harness.expect_unchanged(job_key=KEY, state="finished", retries_on_failure=2)


def test_the_last_attempt_is_the_one_that_fails_the_task(harness: JobHarness, emulator: Emulator) -> None:
    emulator.plan_job(status="Failed", times=None)
    failed = harness.expect_failure(name="without", state="finished", retries_on_failure=1)
    assert failed["actions"] == ["submit", "submit"]
    assert "in attempt 2" in failed["msg"]
    keyed = harness.expect_failure(job_key=KEY, state="finished", retries_on_failure=1)
    assert len(keyed["actions"]) == 2
    # All attempts are used up: a later run does not begin anew by itself.
    later = harness.expect_failure(job_key=KEY, state="finished", retries_on_failure=1)
    assert later["actions"] == []
    more = harness.expect_failure(job_key=KEY, state="finished", retries_on_failure=1, resubmit="if_failed")
    assert more["actions"] == ["submit", "submit"]
    assert more["job"]["attempt"] == 4


def test_an_interrupted_run_goes_on_with_the_attempts_that_are_left(harness: JobHarness, emulator: Emulator) -> None:
    emulator.plan_job(status="Failed", times=None)
    harness.expect_success(job_key=KEY)
    emulator.advance(10_000)
    failed = harness.expect_failure(job_key=KEY, state="finished", retries_on_failure=2)
    assert failed["actions"] == ["submit", "submit"]
    assert failed["job"]["attempt"] == 3
    assert len(emulator.jobs()) == 3


def test_a_deadline_is_no_failure_to_try_again(harness: JobHarness, emulator: Emulator) -> None:
    failed = harness.expect_failure(job_key=KEY, state="finished", retries_on_failure=3, active_deadline_seconds=30)
    assert failed["error"]["code"] == "JobTimeout"
    assert failed["actions"] == ["submit"]


def test_cancel(harness: JobHarness, emulator: Emulator) -> None:
    nothing = harness.job(job_key=KEY, state="cancelled")
    assert (nothing["changed"], nothing["job"], nothing.writes) == (False, None, [])
    assert f"No job called '{KEY}' has this key" in nothing.warnings[0]
    job = harness.expect_success(job_key=KEY)
    checked = harness.job(check=True, job_key=KEY, state="cancelled")
    assert checked["actions"] == ["cancel"]
    assert checked["job"]["status"] == "Cancelled"
    assert checked.writes == []
    done = harness.job(job_key=KEY, state="cancelled")
    assert done["actions"] == ["cancel"]
    assert done["job"]["status"] == "Cancelled"
    assert done["submission_id"] == job["submission_id"]
    for given in ({"job_key": KEY}, {"submission_id": job["submission_id"]}):
        again = harness.job(state="cancelled", **given)
        assert (again["changed"], again.writes) == (False, [])


def test_cancelling_what_another_one_cancels_only_waits(harness: JobHarness, emulator: Emulator) -> None:
    job = harness.expect_success(job_key=KEY)
    emulator.patch_job(job["submission_id"], status="Cancelling")
    emulator.core.jobs.find(job["submission_id"]).moves = [(emulator.clock() + 20, "Cancelled", "stopped")]
    done = harness.job(submission_id=job["submission_id"], state="cancelled")
    assert done["actions"] == []
    assert done["job"]["status"] == "Cancelled"


@pytest.mark.parametrize("rule", ["unsuccessful", "refused"])
def test_a_job_that_ends_just_before_it_is_cancelled_is_left_alone(
    harness: JobHarness, emulator: Emulator, rule: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    emulator.rules.set({"cancel_finished": rule})
    job = harness.expect_success(job_key=KEY)
    cancel = emulator.core.jobs.cancel

    def too_late(workspace_id: str, submission_id: str) -> Json:
        emulator.patch_job(submission_id, status="Succeeded")
        return cancel(workspace_id, submission_id)

    monkeypatch.setattr(emulator.core.jobs, "cancel", too_late)
    done = harness.job(submission_id=job["submission_id"], state="cancelled")
    assert not done.failed, done.result
    assert done["job"]["status"] == "Succeeded"
    assert done["actions"] == []


def test_a_job_by_its_id(harness: JobHarness, emulator: Emulator) -> None:
    submission_id = emulator.submit("somebody-elses")
    shown = harness.job(submission_id=submission_id)
    assert shown["job"]["name"] == "somebody-elses"
    done = harness.job(submission_id=submission_id, state="finished")
    assert (done["changed"], done["job"]["status"]) == (False, "Succeeded")
    for state in ("submitted", "finished", "cancelled"):
        missing = harness.job(submission_id="rj-none", state=state)
        assert missing["error"]["code"] == "JobNotFound"


def test_a_wait_ends_in_time_and_can_be_gone_on_with(harness: JobHarness) -> None:
    late = harness.expect_failure(job_key=KEY, state="finished", wait_timeout=20)
    assert late["error"]["code"] == "WaitTimeout"
    assert "Pending" in late["msg"]
    assert late["submission_id"]
    assert sum(late.slept) == pytest.approx(20)
    done = harness.expect_success(job_key=KEY, state="finished")
    assert done["actions"] == []
    assert done["submission_id"] == late["submission_id"]


def test_a_wait_outlives_faults_and_a_job_that_disappears_does_not(harness: JobHarness, emulator: Emulator) -> None:
    job = harness.expect_success(job_key=KEY)
    emulator.fault("html_502", "GetRayJob", after=1, times=9)
    assert harness.expect_success(job_key=KEY, state="finished")["job"]["status"] == "Succeeded"
    emulator.core.faults.clear()
    other = emulator.submit("gone")
    emulator.fault("error", "GetRayJob", after=2, times=None, status=404, code="RayJob.NotFound")
    gone = harness.job(submission_id=other, state="finished")
    assert gone["error"]["code"] == "JobGone"
    assert job["submission_id"] != other


def test_check_mode_predicts_what_a_run_does(harness: JobHarness, emulator: Emulator) -> None:
    for options in ({"job_key": KEY}, {"job_key": KEY, "state": "finished"}):
        checked = harness.expect_success(check=True, **options)
        assert checked.writes == []
        ran = harness.expect_success(**options)
        assert checked["changed"] == ran["changed"]
        assert checked["actions"] == ran["actions"]
        same = ("name", "job_key", "attempt", "status", "entrypoint", "tags", "display_release_version")
        assert {key: checked["job"][key] for key in same} == {key: ran["job"][key] for key in same}
        assert set(checked["job"]) == set(ran["job"])
    assert harness.expect_success(check=True, job_key=KEY, state="finished")["changed"] is False


def test_a_diff_tells_before_and_after(harness: JobHarness) -> None:
    created = harness.expect_success(job_key=KEY)["diff"]
    assert created["before"] == {}
    assert created["after"]["status"] == "Submitted"
    cancelled = harness.job(job_key=KEY, state="cancelled")["diff"]
    assert (cancelled["before"]["status"], cancelled["after"]["status"]) == ("Submitted", "Cancelled")
    nothing = harness.job(job_key=KEY, state="cancelled")["diff"]
    assert nothing["before"] == nothing["after"]


def test_secrets_of_a_job_are_hidden(harness: JobHarness, emulator: Emulator) -> None:
    canary = "canary-4711-of-a-job"
    emulator.plan_job(status="Failed", log=f"using {canary}\nlogin token=abc-def-ghi\n\x1b[31mred")
    failed = harness.expect_failure(
        job_key=KEY,
        state="finished",
        entrypoint="python main.py --password=other-canary-12",
        runtime_env_json={"env_vars": {"DB_PASSWORD": canary, "STAGE": "visible-stage"}},
    )
    shown = json.dumps(failed.result) + repr(failed.warnings) + repr(harness.told)
    for secret in (canary, "abc-def-ghi", "other-canary-12", "\\u001b"):
        assert secret not in shown
    assert "visible-stage" in shown
    assert failed["driver_log_tail"][0] == "using ********"
    token = emulator.jobs()[0]["taskBizId"]
    listed = harness.info(details=True)
    assert f"token={token}" not in json.dumps(listed.result)
    assert canary not in json.dumps(listed.result)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"job_key": ""}, ["job_key: is empty"]),
        ({"name": " "}, ["name: is empty"]),
        (
            {"entrypoint": None, "display_release_version": None},
            ["entrypoint", "display_release_version", "name or job_key"],
        ),
        ({"head_spec": {"cpu": 2}}, ["head_spec.queue_name", "head_spec.memory"]),
        ({"head_spec": {"cpu": "two", "memory": "much", "queue_name": "q"}}, ["head_spec.cpu", "head_spec.memory"]),
        ({"worker_spec": None}, ["worker_spec"]),
        (
            {"metadata_json": "{", "runtime_env_json": "[1]"},
            ["metadata_json: is not valid", "runtime_env_json: must be"],
        ),
        ({"metadata_json": {"rayops_job_key": "x"}}, ["rayops_job_key"]),
        ({"entrypoint_num_cpus": "many", "entrypoint_memory": "x"}, ["entrypoint_num_cpus", "entrypoint_memory"]),
        ({"active_deadline_seconds": 0, "ttl_seconds_after_finished": -1}, ["active_deadline", "ttl_seconds"]),
        ({"tags": {"a": True}}, ["tags: needs text for a"]),
        ({"retries_on_failure": 1}, ["retries_on_failure: needs state=finished"]),
        ({"retries_on_failure": -1, "log_lines": -1}, ["retries_on_failure: must", "log_lines: must"]),
        ({"resubmit": "if_failed", "name": "x"}, ["resubmit: requires job_key"]),
        (
            {"submission_id": "rj-1", "job_key": "k"},
            ["submission_id: identifies an existing job", "entrypoint", "job_key"],
        ),
        ({"submission_id": "../x"}, ["submission_id: is not an ID"]),
        ({"cluster_id": "ray-1", "cluster_name": "x"}, ["one of them is enough"]),
        ({"state": "cancelled"}, ["submission_id or job_key is required"]),
        ({"via": "cluster"}, ["cluster_id or cluster_name is required"]),
        ({"via": "cluster", "cluster_name": "x", "tags": {"a": "b"}}, ["tags: only the service", "head_spec: only"]),
        ({"wait_timeout": -1, "wait_interval": 0, "timeout": 0}, ["wait_timeout", "wait_interval", "timeout"]),
    ],
)
def test_bad_options_are_named_before_any_request(harness: JobHarness, options: Json, words: list[str]) -> None:
    refused = harness.expect_failure(**options)
    assert refused.operations == []
    assert refused["error"]["code"] == "InvalidOption"
    assert refused["changed"] is False
    for word in words:
        assert word in refused["msg"]


def test_an_error_of_the_service_says_what_was_done_to_which_job(harness: JobHarness, emulator: Emulator) -> None:
    emulator.deny("SubmitRayJob")
    denied = harness.expect_failure(job_key=KEY)
    assert denied["msg"].startswith(f"Could not submit the Ray job '{KEY}': NoPermission")
    assert "emr-serverless-spark:SubmitRayJob" in denied["error"]["hint"]
    assert denied.writes == ["SubmitRayJob"]
    emulator.deny("ListRayJob")
    assert harness.expect_failure(job_key=KEY)["error"]["operation"] == "ListRayJob"
