# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a failure looks like: what was being done to which cluster, why it failed, and what helps."""

from __future__ import annotations

import re

import pytest

from tests.emulator import Account
from tests.unit.scenarios.harness import TaskHarness, TaskOutcome
from tests.unit.scenarios.specs import full_options, minimal_options

KEYS = {"operation", "code", "message", "request_id", "http_status", "hint"}
STYLES = pytest.mark.parametrize("style", ["camel", "pascal"])


def shape(outcome: TaskOutcome) -> None:
    # What would be a table of zeros is left out.
    sizes = {"capacity"} if outcome["cluster"] else set()
    sizes |= {"capacity_delta"} if outcome["actions"] else set()
    assert set(outcome.result) == {"msg", "error", "changed", "actions", "cluster_id", "cluster", *sizes}
    assert set(outcome["error"]) == KEYS
    assert outcome["error"]["message"] in outcome["msg"]
    assert "Traceback" not in str(outcome.result)


@STYLES
def test_an_error_of_the_service_is_told_in_full(harness: TaskHarness, style: str) -> None:
    harness.emulator.rules.set({"error_style": style})
    cluster_id = harness.expect_success(**full_options())["cluster_id"]
    harness.emulator.fault("error", "UpdateRayCluster", status=400, code="QuotaExceeded", message="too much")
    failed = harness.expect_failure(**full_options(description="changed"))
    shape(failed)
    error = failed["error"]
    assert (error["operation"], error["code"], error["http_status"]) == ("UpdateRayCluster", "QuotaExceeded", 400)
    assert len(error["request_id"]) == 36
    assert "too much" in error["message"]
    assert "capacity" in error["hint"]
    assert failed["msg"].startswith(f"Could not update the Ray cluster 'training' ({cluster_id}): ")
    assert failed["cluster_id"] == failed["cluster"]["cluster_id"] == cluster_id
    assert failed["changed"] is False


@pytest.mark.parametrize(("message", "told"), [("Too much...", "Too much."), ("Too much!", "Too much!")])
def test_a_hint_is_a_sentence_of_its_own(harness: TaskHarness, message: str, told: str) -> None:
    harness.expect_success(**full_options())
    harness.emulator.fault("error", "UpdateRayCluster", status=400, code="QuotaExceeded", message=message)
    assert f": {told} Hint: " in harness.expect_failure(**full_options(description="changed"))["msg"]


def test_the_number_of_attempts_is_within_the_sentence(harness: TaskHarness) -> None:
    harness.emulator.fault(
        "error", "ListRayCluster", times=None, status=503, code="ServiceUnavailable", message="Busy."
    )
    msg = harness.expect_failure(**full_options(), retries=1)["msg"]
    assert re.search(r": Busy \(after \d+ attempts\)", msg)


def test_the_hint_of_a_refusal_fits_the_state_of_the_cluster(harness: TaskHarness) -> None:
    harness.expect_success(**full_options())
    harness.emulator.fault("error", "StartRayCluster", times=None, status=400, code="OperationDenied", message="no")
    hint = harness.expect_failure(name="training", state="started")["error"]["hint"]
    assert "for a cluster in the state Stopped, and waiting does not help" in hint


@pytest.mark.parametrize("check", [True, False])
def test_a_wrong_name_is_told_with_the_names_near_it(harness: TaskHarness, check: bool) -> None:
    harness.emulator.seed("training-eu")
    harness.emulator.seed("Training-US")
    harness.emulator.seed("serving")
    failed = harness.expect_failure(check=check, name="trainin-eu", state="started")
    assert failed["error"]["code"] == "ClusterNotFound"
    assert "the cluster does not exist, and creating it requires display_release_version" in failed["msg"]
    assert "the workspace has 'training-eu', 'Training-US'" in failed["error"]["hint"]
    assert "serving" not in failed["error"]["hint"]
    assert "no request" not in failed["msg"]


@STYLES
@pytest.mark.parametrize(
    ("operation", "given"),
    [
        ("ListRayCluster", {}),
        ("GetRayCluster", {"volume_ids": ["vol-1"]}),
        ("CreateRayCluster", {"name": "new"}),
        ("UpdateRayCluster", {"description": "changed"}),
        ("StartRayCluster", {"state": "started"}),
        ("DeleteRayCluster", {"state": "absent"}),
    ],
)
def test_a_denial_names_the_action_that_is_missing(
    harness: TaskHarness, style: str, operation: str, given: dict[str, str]
) -> None:
    harness.emulator.rules.set({"error_style": style})
    harness.expect_success(**minimal_options())
    harness.emulator.deny(operation)
    failed = harness.expect_failure(**(minimal_options() | given))
    shape(failed)
    assert failed["error"]["operation"] == operation
    assert failed["error"]["http_status"] == 403
    assert f"emr-serverless-spark:{operation}" in failed["error"]["hint"]
    assert failed["changed"] is False


@pytest.mark.parametrize("code", ["NoPermission", "Forbidden.RAM", "Forbidden"])
def test_a_denial_may_have_several_codes(harness: TaskHarness, code: str) -> None:
    harness.emulator.deny("*", code=code)
    failed = harness.info()
    assert failed.failed
    assert "emr-serverless-spark:ListRayCluster" in failed["error"]["hint"]


def test_a_failure_half_way_tells_what_was_done(harness: TaskHarness) -> None:
    harness.emulator.deny("StartRayCluster")
    failed = harness.expect_failure(**minimal_options(), state="started")
    shape(failed)
    assert failed["changed"] is True
    assert failed["actions"] == ["create"]
    assert failed["cluster_id"] == harness.emulator.clusters()[0]["clusterId"]
    assert failed["cluster"]["state"] == "Stopped"
    assert "start" in failed["msg"]


@pytest.mark.parametrize(
    ("given", "code", "hint"),
    [
        ({"access_key_secret": "wrong"}, "SignatureDoesNotMatch", "access_key_secret"),
        ({"access_key_id": "unknown"}, "InvalidAccessKeyId.NotFound", "access_key_id"),
        ({"workspace_id": "w-other"}, None, "workspace_id"),
    ],
)
@pytest.mark.parametrize("state", ["present", "absent"])
@pytest.mark.parametrize("by", [{"name": "training"}, {"cluster_id": "ray-nowhere"}])
def test_wrong_keys_and_workspaces_are_failures_even_of_absent(
    harness: TaskHarness, given: dict[str, str], code: str | None, hint: str, state: str, by: dict[str, str]
) -> None:
    """An unknown key is answered with 404 too, which must not be taken for an absent cluster."""
    failed = harness.expect_failure(**given, **by, state=state)
    shape(failed)
    assert failed["error"]["code"] == code
    assert hint in failed["error"]["hint"]
    assert failed["changed"] is False
    # A 404 without a code names nothing: the list is tried as a proof.
    assert len(failed.requests) == (2 if code is None and "cluster_id" in by else 1)


def test_an_unknown_workspace_may_answer_400(harness: TaskHarness) -> None:
    harness.emulator.rules.set({"unknown_workspace_status": 400})
    failed = harness.expect_failure(workspace_id="w-other", name="training", state="absent")
    assert failed["error"]["http_status"] == 400
    assert "workspace" in failed["msg"]


def test_temporary_credentials_that_have_expired(harness: TaskHarness) -> None:
    accounts = harness.emulator.core.verifier.accounts
    accounts["old-key"] = Account("old-key", "old-secret", "old-token-canary", expired=True)
    failed = harness.expect_failure(
        name="training", access_key_id="old-key", access_key_secret="old-secret", security_token="old-token-canary"
    )
    shape(failed)
    assert failed["error"]["code"] == "InvalidSecurityToken.Expired"
    assert "credentials" in failed["error"]["hint"]
    assert len(failed.requests) == 1
    assert "canary" not in str(failed.result)


def test_temporary_credentials_without_their_token(harness: TaskHarness) -> None:
    failed = harness.expect_failure(
        name="training", access_key_id="emulator-sts-key", access_key_secret="emulator-sts-secret"
    )
    assert "security_token" in failed["error"]["hint"]


@pytest.mark.parametrize("seconds", [3600, -7200])
def test_a_clock_that_is_off_is_put_right_with_a_warning(harness: TaskHarness, seconds: float) -> None:
    harness.emulator.fault("skew", seconds=seconds)
    created = harness.expect_success(**minimal_options(), state="started")
    assert created["actions"] == ["create", "start"]
    assert len(created.warnings) == 1
    assert "clock" in created.warnings[0]
    refused = [entry for entry in created.requests if entry.status != 200]
    assert [entry.operation for entry in refused] == ["ListRayCluster"]


@pytest.mark.parametrize("kind", ["html_502", "http_500", "missing_code", "empty_body", "broken_json", "wrong_types"])
@pytest.mark.parametrize("operation", ["ListRayCluster", "GetRayCluster"])
def test_answers_that_make_no_sense_are_failures_without_a_traceback(
    harness: TaskHarness, kind: str, operation: str
) -> None:
    harness.emulator.seed("training")
    harness.emulator.fault(kind, operation, times=None)
    failed = harness.expect_failure(name="training", state="absent", retries=1)
    shape(failed)
    assert failed["error"]["operation"] == operation
    assert failed.writes == []


@pytest.mark.parametrize("kind", ["redirect", "deep_json", "huge_body"])
def test_hostile_answers_are_survived(harness: TaskHarness, kind: str) -> None:
    parameters = {"bytes": 40_000_000} if kind == "huge_body" else {}
    harness.emulator.fault(kind, "ListRayCluster", times=None, **parameters)
    failed = harness.expect_failure(name="training", state="absent", retries=0)
    shape(failed)
    assert len(failed.requests) == 1


def test_nothing_listens(harness: TaskHarness) -> None:
    failed = harness.expect_failure(name="training", endpoint="http://127.0.0.1:9", retries=1)
    shape(failed)
    assert failed["error"]["operation"] == "ListRayCluster"
    assert failed["error"]["http_status"] is None
    assert failed["error"]["code"] == "ConnectionFailed"
    assert "no connection to 127.0.0.1:9: " in failed["msg"]
    assert failed["msg"].endswith("run ansible-playbook rayops.alicloud.doctor")


def test_an_update_that_the_service_does_not_carry_out_is_a_failure(harness: TaskHarness) -> None:
    harness.expect_success(**minimal_options(), state="started")
    harness.emulator.fault("error", "UpdateRayCluster", status=200, code=None, message="ok", effect=False)
    failed = harness.expect_failure(**minimal_options(description="changed"), restart="if_needed")
    assert failed["error"]["code"] == "NotConverged"
    assert "description is (unset), not changed" in failed["msg"]
    assert failed.writes == ["UpdateRayCluster"]


def test_fields_that_nobody_knows_yet_are_no_failure(harness: TaskHarness) -> None:
    harness.expect_success(**full_options())
    harness.emulator.fault("unknown_fields", times=None)
    outcome = harness.expect_unchanged(**full_options())
    assert "futureField" not in str(outcome.result)
