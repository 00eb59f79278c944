# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""No secret shows in a result, a diff, a warning or an error; and those that are asked for do."""

from __future__ import annotations

from typing import Any

import pytest

from tests.emulator import Account
from tests.unit.scenarios.harness import TaskHarness, TaskOutcome
from tests.unit.scenarios.specs import REDIS_PASSWORD, Json, full_options

KEY_SECRET = "key-Canary/s3cret+"
TOKEN = "CAIS-token-Canary=="
OTHER_PASSWORD = "other-Canary\"quoted\" 'pässword'"
# The emulator mints its tokens: 32 characters that are in no other field.
STATES: list[Json] = [
    {"state": "present"},
    {"state": "started"},
    {"state": "stopped"},
    {"state": "restarted"},
    {"state": "absent"},
    {"description": "changed"},
]


@pytest.fixture
def keys(harness: TaskHarness) -> Json:
    harness.emulator.core.verifier.accounts["canary-key"] = Account("canary-key", KEY_SECRET, TOKEN)
    return {"access_key_id": "canary-key", "access_key_secret": KEY_SECRET, "security_token": TOKEN}


@pytest.fixture
def running_cluster(harness: TaskHarness, keys: Json) -> str:
    harness.emulator.rules.set({"redis_password": "clear", "worker_extra_param": "returned"})
    return str(harness.expect_success(**full_options(**keys), state="started")["cluster_id"])


def tokens(harness: TaskHarness) -> list[str]:
    """Return the tokens of all runs of now."""
    runs = [harness.emulator.service.find(cluster["clusterId"]).run for cluster in harness.emulator.clusters()]
    return [token for run in runs if run for token in (run.dashboard_token, run.submit_token)]


def clean(outcome: TaskOutcome, *more: str) -> None:
    shown = repr(outcome.result) + repr(outcome.warnings)
    for secret in (KEY_SECRET, TOKEN, REDIS_PASSWORD, OTHER_PASSWORD, "Canary", *more):
        assert secret not in shown


@pytest.mark.parametrize("given", STATES, ids=str)
@pytest.mark.parametrize("check", [True, False])
def test_results_hold_no_secret(
    harness: TaskHarness, running_cluster: str, keys: Json, given: Json, check: bool
) -> None:
    before = tokens(harness)
    assert len(before) == 2
    spec = full_options(**keys, **{key: value for key, value in given.items() if key != "description"})
    spec["description"] = given.get("description", spec["description"])
    spec["head_spec"]["gft_config"]["redis_password"] = OTHER_PASSWORD
    outcome = harness.expect_success(check=check, **spec)
    clean(outcome, *before, *tokens(harness))
    assert outcome["diff"]


def test_info_holds_no_secret(harness: TaskHarness, running_cluster: str, keys: Json) -> None:
    for given in ({}, {"details": True}, {"cluster_id": running_cluster}):
        outcome = harness.info(**keys, **given)
        assert len(outcome["clusters"]) == 1
        assert outcome["clusters"][0]["dashboard_url"].startswith("https://")
        clean(outcome, *tokens(harness))


@pytest.mark.parametrize("operation", ["ListRayCluster", "GetRayCluster", "UpdateRayCluster", "StopRayCluster"])
@pytest.mark.parametrize("kind", ["signature_echo", "error"])
def test_errors_hold_no_secret(
    harness: TaskHarness, running_cluster: str, keys: Json, operation: str, kind: str
) -> None:
    """The service may echo what it was sent, and what it gave before: all that the task can know."""
    known = [] if operation == "ListRayCluster" else [REDIS_PASSWORD, *tokens(harness)]
    said: dict[str, Any] = {}
    if kind == "error":
        text = " ".join((KEY_SECRET, TOKEN, OTHER_PASSWORD, *known))
        said = {"status": 400, "code": "Invalid", "message": f"cannot use {text}"}
    harness.emulator.fault(kind, operation, times=None, after=1 if operation == "GetRayCluster" else 0, **said)
    spec = full_options(**keys, description="changed", state="restarted")
    spec["head_spec"]["gft_config"]["redis_password"] = OTHER_PASSWORD
    failed = harness.expect_failure(**spec)
    assert failed["error"]["operation"] == operation
    clean(failed, *known)


def test_asked_for_the_tokens_come_and_nothing_else(harness: TaskHarness, running_cluster: str, keys: Json) -> None:
    run = harness.emulator.service.find(running_cluster).run
    assert run
    for outcome in (
        harness.expect_success(**full_options(**keys), return_secrets=True),
        harness.info(**keys, cluster_id=running_cluster, return_secrets=True),
        harness.info(**keys, details=True, return_secrets=True),
    ):
        cluster = outcome.result["cluster"] if "cluster" in outcome.result else outcome["clusters"][0]
        assert cluster["submit_token"] == run.submit_token
        assert cluster["dashboard_url"].endswith(f"?token={run.dashboard_token}")
        assert cluster["head_spec"]["gft_config"]["redis_password"] is None
        clean(outcome)


def test_asked_for_the_diff_still_holds_no_token(harness: TaskHarness, running_cluster: str, keys: Json) -> None:
    outcome = harness.expect_success(**full_options(**keys, description="changed"), return_secrets=True)
    assert not any(token in repr(outcome["diff"]) for token in tokens(harness))


def test_a_short_password_shows_nowhere_and_blanks_nothing_out(harness: TaskHarness) -> None:
    spec = full_options()
    spec["head_spec"]["gft_config"]["redis_password"] = "u"
    created = harness.expect_success(**spec)
    assert created["cluster"]["head_spec"]["queue_name"] == "root_queue"
    assert created["cluster"]["head_spec"]["gft_config"]["redis_password"] is None
    (change,) = [change for change in created["changes"] if change["field"].endswith("redis_password")]
    assert change["after"] == "********"


def test_secrets_of_the_environment_are_hidden_too(harness: TaskHarness, keys: Json) -> None:
    harness.environ = {
        "ALIBABA_CLOUD_ACCESS_KEY_ID": "canary-key",
        "ALIBABA_CLOUD_ACCESS_KEY_SECRET": KEY_SECRET,
        "ALIBABA_CLOUD_SECURITY_TOKEN": TOKEN,
    }
    message = f"cannot use {KEY_SECRET} {TOKEN}"
    harness.emulator.fault("error", "ListRayCluster", status=400, code="Invalid", message=message)
    failed = harness.expect_failure(name="training", access_key_id=None, access_key_secret=None)
    assert failed["error"]["code"] == "Invalid"
    clean(failed)
