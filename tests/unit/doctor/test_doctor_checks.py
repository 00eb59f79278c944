# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The doctor and the service: each kind of trouble is told as what it is, and hides nothing else."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from ansible_collections.rayops.alicloud.plugins.module_utils._doctor import permissions as _doctor_reads
from ansible_collections.rayops.alicloud.plugins.module_utils._doctor import run as _doctor
from ansible_collections.rayops.alicloud.plugins.module_utils._doctor.permissions import (
    READ_OPERATIONS,
    REQUIRED_OPERATIONS,
    WRITE_OPERATIONS,
)
from tests.emulator import Account, Emulator
from tests.unit.doctor.conftest import DoctorHarness, DoctorOutcome

ROOT = Path(__file__).parents[3]
OPERATIONS = list(READ_OPERATIONS)
STS = {"access_key_id": "emulator-sts-key", "access_key_secret": "emulator-sts-secret"}
NO_KEY = {"access_key_id": None, "access_key_secret": None}


def test_a_healthy_one(doctor_harness: DoctorHarness) -> None:
    found = doctor_harness.run()
    assert found.with_status("unknown") == ["writes"]
    assert found.with_status("problem") == found.with_status("warning") == []
    assert found.result["ok"] is True
    assert found.result["changed"] is False
    assert found.result["permissions"] == {
        "granted": [f"emr-serverless-spark:{name}" for name in OPERATIONS],
        "missing": [],
        "unknown": [f"emr-serverless-spark:{name}" for name in WRITE_OPERATIONS],
    }
    assert found.result["report"][0].endswith(": 1 unknown")
    assert found["credentials"]["told"].endswith("the key is ********-key")
    assert found["workspace"]["told"] == "w-emulator (w-emulator) is RUNNING"


def test_it_asks_each_read_once_after_one_look_that_is_not_signed(doctor_harness: DoctorHarness) -> None:
    doctor_harness.run()
    look, *asked = doctor_harness.emulator.journal
    assert (look.operation, look.signed_ok) == ("ListWorkspaces", False)
    assert [entry.operation for entry in asked] == OPERATIONS
    assert {entry.signed_ok for entry in asked} == {True}
    assert {entry.method for entry in asked} == {"GET"}


def test_what_it_asks_is_what_the_documented_policy_allows() -> None:
    policy = re.search(
        r'"Action": (\[.*?\])',
        (ROOT / "docs/docsite/rst/guide_authentication.rst").read_text(encoding="utf-8"),
        re.DOTALL,
    )
    assert policy
    assert sorted(json.loads(policy[1])) == sorted(_doctor_reads.ram_actions([*OPERATIONS, *WRITE_OPERATIONS]))


def test_reads_take_a_cluster_and_a_job_that_there_is(doctor_harness: DoctorHarness) -> None:
    (cluster_id,) = doctor_harness.emulator.seed("one")
    job_id = doctor_harness.emulator.submit("a-job")
    doctor_harness.run()
    paths = {entry.operation: entry.path for entry in doctor_harness.emulator.journal}
    assert paths["GetRayCluster"].endswith(f"/{cluster_id}")
    assert paths["GetRayJob"].endswith(f"/{job_id}")


@pytest.mark.parametrize(
    ("given", "code", "step"),
    [
        ({"access_key_secret": "canary-wrong"}, "SignatureDoesNotMatch", "check access_key_secret"),
        ({"access_key_id": "LTAI-nobody-1234"}, "InvalidAccessKeyId", "check access_key_id"),
        ({**STS, "security_token": "canary-token"}, "InvalidSecurityToken", "get new ones"),
        (STS, "MissingSecurityToken", "set security_token, too"),
    ],
)
def test_a_key_that_is_refused(doctor_harness: DoctorHarness, given: dict[str, str], code: str, step: str) -> None:
    found = doctor_harness.run(**given)
    assert found.with_status("problem") == ["key"]
    assert code in found["key"]["told"]
    assert step in found["key"]["next_step"]
    assert {"workspace", "reads"} <= set(found.with_status("unknown"))
    signed = [entry.operation for entry in doctor_harness.emulator.journal][1:]
    assert signed == ["ListWorkspaces"]


def test_a_token_whose_time_is_over(doctor_harness: DoctorHarness) -> None:
    doctor_harness.emulator.core.verifier.accounts["old"] = Account(
        "old-access-key", "canary-secret", "canary-token", True
    )
    doctor_harness.emulator.core.verifier.accounts["old-access-key"] = (
        doctor_harness.emulator.core.verifier.accounts.pop("old")
    )
    found = doctor_harness.run(
        access_key_id="old-access-key", access_key_secret="canary-secret", security_token="canary-token"
    )
    assert found.with_status("problem") == ["key"]
    assert "InvalidSecurityToken.Expired" in found["key"]["told"]
    assert "a temporary key" in found["credentials"]["told"]


@pytest.mark.parametrize(
    ("seconds", "status", "told"),
    [
        (3600, "problem", "3600 s behind"),
        (-3600, "problem", "3600 s ahead of"),
        (120, "warning", "120 s behind"),
        (10, "ok", "10 s behind"),
    ],
)
def test_a_clock_that_is_wrong(doctor_harness: DoctorHarness, seconds: float, status: str, told: str) -> None:
    doctor_harness.emulator.fault("skew", seconds=seconds, times=None)
    found = doctor_harness.run()
    assert found["clock"]["status"] == status
    amount, way = told.split(" s ")
    seen = re.match(r"(\d+) s (.*) the service's", found["clock"]["told"])
    assert seen
    assert abs(int(seen[1]) - int(amount)) <= 2
    assert seen[2] == way
    # Tasks cope with it, and so does the doctor.
    assert found["key"]["status"] == found["reads"]["status"] == "ok"


@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_read_that_ram_denies(doctor_harness: DoctorHarness, operation: str) -> None:
    doctor_harness.emulator.deny(operation)
    found = doctor_harness.run()
    action = f"emr-serverless-spark:{operation}"
    assert found.result["permissions"]["missing"] == [action]
    assert found["reads"]["status"] == ("problem" if operation in REQUIRED_OPERATIONS else "warning")
    assert found["reads"]["told"] == f"not allowed: {operation}"
    assert action in found["reads"]["next_step"]
    assert found["key"]["status"] == found["workspace"]["status"] == "ok"


def test_everything_is_denied(doctor_harness: DoctorHarness) -> None:
    doctor_harness.emulator.deny("*", code="Forbidden.RAM")
    found = doctor_harness.run()
    assert len(found.result["permissions"]["missing"]) == len(READ_OPERATIONS)
    assert found.with_status("problem") == ["reads"]
    assert found["key"]["status"] == "ok"
    assert found["workspace"]["status"] == "unknown"


@pytest.mark.parametrize("rule", ["code", "status"])
def test_what_is_not_there_tells_that_one_may_look(doctor_harness: DoctorHarness, rule: str) -> None:
    doctor_harness.emulator.rules.set({"log_errors": rule})
    found = doctor_harness.run()
    assert {"emr-serverless-spark:GetRayLog", "emr-serverless-spark:GetRayCluster"} <= set(
        found.result["permissions"]["granted"]
    )


def test_a_workspace_that_nobody_knows(doctor_harness: DoctorHarness) -> None:
    found = doctor_harness.run(workspace_id="w-nowhere")
    assert found.with_status("problem") == ["workspace"]
    assert found["workspace"]["told"] == "w-nowhere is not visible; this user sees w-emulator"
    assert "check workspace_id" in found["workspace"]["next_step"]


def test_no_workspace_and_one_that_is_no_id(doctor_harness: DoctorHarness) -> None:
    found = doctor_harness.run(workspace_id=None)
    assert found.with_status("problem") == ["workspace"]
    assert "not set" in found["workspace"]["told"]
    assert "this user sees w-emulator" in found["workspace"]["told"]
    found = doctor_harness.run(workspace_id="a/b")
    assert found.with_status("problem") == ["workspace"]
    assert found["key"]["status"] == "ok"


def test_a_workspace_that_ended(doctor_harness: DoctorHarness) -> None:
    doctor_harness.emulator.set_workspace(workspaceStatus="TERMINATED")
    found = doctor_harness.run()
    assert (found["workspace"]["status"], found.result["ok"]) == ("warning", True)
    assert "TERMINATED" in found["workspace"]["told"]


def test_a_service_that_is_ill(doctor_harness: DoctorHarness) -> None:
    doctor_harness.emulator.fault("http_500", times=None)
    found = doctor_harness.run()
    assert found["key"]["status"] == "unknown"
    assert found["reads"]["status"] == "unknown"
    assert found.result["permissions"]["granted"] == []


def test_a_connection_that_is_cut(doctor_harness: DoctorHarness) -> None:
    doctor_harness.emulator.fault("cut_before", times=None)
    found = doctor_harness.run()
    assert found["key"]["status"] == "problem"
    assert "could not be queried" in found["key"]["told"]
    assert found["connection"]["status"] == "ok"


def test_no_credentials(doctor_harness: DoctorHarness) -> None:
    found = doctor_harness.run(**NO_KEY)
    assert found.with_status("problem") == ["credentials"]
    assert "ALIBABA_CLOUD_ACCESS_KEY_ID" in found["credentials"]["next_step"]
    # What needs no credentials is looked at all the same.
    assert found["clock"]["status"] == found["connection"]["status"] == "ok"
    assert found["key"]["told"] == "not checked: there are no credentials"


@pytest.mark.parametrize(
    ("environ", "told"),
    [
        (
            {"ALIBABA_CLOUD_ACCESS_KEY_ID": "emulator-access-key"},
            "ALIBABA_CLOUD_ACCESS_KEY_ID is set without ALIBABA_CLOUD_ACCESS_KEY_SECRET",
        ),
        ({"ALICLOUD_SECRET_KEY": "canary-secret"}, "ALICLOUD_SECRET_KEY is set without ALICLOUD_ACCESS_KEY_ID"),
    ],
)
def test_half_of_a_key_in_the_environment(doctor_harness: DoctorHarness, environ: dict[str, str], told: str) -> None:
    doctor_harness.environ = environ
    found = doctor_harness.run(**NO_KEY)
    assert found.with_status("problem") == ["credentials"]
    assert told in found["credentials"]["told"]
    assert found["credentials"]["next_step"] == "set the other half of the key"
    # With a whole one beside it, the half is only untidy.
    found = doctor_harness.run()
    assert found["credentials"]["status"] == "warning"
    assert told in found["credentials"]["told"]


def test_half_of_a_key_in_the_options(doctor_harness: DoctorHarness) -> None:
    found = doctor_harness.run(access_key_secret=None)
    assert found.with_status("problem") == ["credentials"]
    assert "access_key_secret is required" in found["credentials"]["told"]


def test_a_key_with_a_line_break(doctor_harness: DoctorHarness) -> None:
    found = doctor_harness.run(access_key_secret="canary-secret\n")
    assert "line break" in found["credentials"]["told"]


def test_the_options_are_wrong(doctor_harness: DoctorHarness) -> None:
    found = doctor_harness.run(endpoint="http://service.example", timeout=0)
    assert found.with_status("problem") == ["endpoint"]
    for text in ("use https", "timeout"):
        assert text in found["endpoint"]["told"]
    assert {"dns", "connection", "key"} <= set(found.with_status("unknown"))


def test_it_fails_only_where_that_is_asked_for(doctor_harness: DoctorHarness) -> None:
    assert not doctor_harness.run(workspace_id="w-nowhere").failed
    assert not doctor_harness.run(fail_on_problem=True).failed
    found = doctor_harness.run(workspace_id="w-nowhere", fail_on_problem=True)
    assert found.failed
    assert found.result["error"]["code"] == "ProblemsFound"
    assert "w-nowhere is not visible" in found.result["msg"]
    assert found["workspace"]["status"] == "problem"


LOOKS = {
    "interpreter": ("platform.python_version", ["interpreter"]),
    "credentials": ("resolve_credential_source", ["credentials"]),
    "libraries": ("check_library_version", ["httpx", "pydantic", "alibabacloud-credentials"]),
    "endpoint": ("resolve_settings", ["endpoint"]),
    "connection": ("check_connectivity", ["proxy", "dns", "connection", "tls"]),
    "clock": ("check_clock_skew", ["clock"]),
}


@pytest.mark.parametrize("look", LOOKS)
def test_a_look_that_breaks_does_not_hide_the_others(
    emulator: Emulator, look: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    name, its = LOOKS[look]

    def broken(*given: object, **named: object) -> None:
        raise RuntimeError("canary-is-not-shown" if look == "credentials" else "broken")

    monkeypatch.setattr(f"{_doctor.__name__}.{name}", broken)
    doctor_harness = DoctorHarness(emulator)
    monkeypatch.setattr(doctor_harness, "_assert_invariants", lambda result, wanted: None)
    found: DoctorOutcome = doctor_harness.run()
    (told,) = [row for row in found.result["findings"] if "could not be read" in row["told"]]
    assert told["status"] == "unknown"
    others = {row["check"] for row in found.result["findings"]}
    assert {"interpreter", "execution", "writes"} - set(its) <= others
    if look in ("interpreter", "libraries", "clock"):
        assert found["reads"]["status"] == "ok"
