# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the doctor says of a source of credentials, of libraries, and of where tasks run; and its page."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.rayops.alicloud.plugins.module_utils._credentials import providers as _providers
from ansible_collections.rayops.alicloud.plugins.module_utils._credentials.store import (
    CredentialStore,
    resolve_credential_source,
)
from ansible_collections.rayops.alicloud.plugins.module_utils._doctor import report as _doctor_report
from ansible_collections.rayops.alicloud.plugins.module_utils._doctor.credential_source import describe_source
from ansible_collections.rayops.alicloud.plugins.module_utils._doctor.report import (
    CheckResult,
    add_execution_reason,
    check_clock_skew,
    check_library_version,
    findings_result,
    mask_key_id,
    render_report,
    report_as_module,
    report_in_process,
)
from ansible_collections.rayops.alicloud.plugins.module_utils._errors import CredentialError, MissingLibraryError
from ansible_collections.rayops.alicloud.plugins.modules import emr_ray_doctor
from tests.emulator import Emulator
from tests.unit.doctor.conftest import CHECK_NAMES, DoctorHarness
from tests.unit.scenarios.module_main import run_main, run_module_without

ROOT = Path(__file__).parents[3]
KEY = {"ALIBABA_CLOUD_ACCESS_KEY_ID": "id-of-the-key", "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "canary"}
OLD = {"ALICLOUD_ACCESS_KEY": "id-of-the-key", "ALICLOUD_SECRET_KEY": "canary"}
OPTIONS = {"access_key_id": "id-of-the-key", "access_key_secret": "canary"}
ROLE = "acs:ram::1:role/r"
FILE = "~/.aliyun/config.json"


@pytest.mark.parametrize(
    ("params", "environ", "files", "told"),
    [
        (OPTIONS, {}, (), "a static key from the options access_key_id and access_key_secret"),
        (OPTIONS, KEY, (), "the one in the environment is not used"),
        ({**OPTIONS, "security_token": "canary"}, {}, (), "a temporary key from the options"),
        ({}, KEY, (FILE,), "from ALIBABA_CLOUD_ACCESS_KEY_ID and ALIBABA_CLOUD_ACCESS_KEY_SECRET in the environment"),
        ({}, OLD, (), "a static key from ALICLOUD_ACCESS_KEY and ALICLOUD_SECRET_KEY in the environment"),
        ({"profile": "p"}, KEY, (), "the profile p, which the option profile names"),
        ({}, {"ALICLOUD_PROFILE": "p"}, (), "the profile p, which ALICLOUD_PROFILE names"),
        ({}, {}, (FILE,), "the profile own, which is the current one of "),
        (
            {"role_arn": ROLE, **OPTIONS},
            {},
            (),
            f"the role {ROLE}, which the option role_arn names, assumed with a static",
        ),
        (
            {"role_arn": ROLE, "oidc_provider_arn": "p", "oidc_token_file": "/t"},
            {},
            (),
            f"the role {ROLE}, assumed with the OIDC token of the option oidc_token_file",
        ),
        ({"credentials_uri": "http://canary"}, {}, (), "the address in the option credentials_uri"),
        ({}, {"ALICLOUD_CREDENTIALS_URI": "http://canary"}, (), "the address in ALICLOUD_CREDENTIALS_URI"),
        ({}, {"ALIBABA_CLOUD_ECS_METADATA": "e"}, (), "the ECS role e, which ALIBABA_CLOUD_ECS_METADATA names"),
    ],
)
def test_a_source_and_why_it_is_used(
    params: dict[str, str],
    environ: dict[str, str],
    files: tuple[str, ...],
    told: str,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    for file in files:
        path = Path(file).expanduser()
        path.parent.mkdir()
        profile = {"name": "own", "mode": "AK", "access_key_id": "i", "access_key_secret": "canary"}
        path.write_text(json.dumps({"current": "own", "profiles": [profile]}))
    source = resolve_credential_source(params, environ)
    said = describe_source(source, params, environ)
    assert told in said
    assert "canary" not in said


def test_a_key_id_is_masked() -> None:
    assert mask_key_id("LTAI5tExampleOfAnId1234") == "********1234"
    assert mask_key_id("short") == "********"


def test_libraries() -> None:
    assert check_library_version("x", "1.10.0", "1.9.0", "python").status == "ok"
    old = check_library_version("x", "1.2.0", "1.9.0", "/bin/python")
    assert (old.status, old.next_step) == ("problem", "/bin/python -m pip install 'x>=1.9.0'")
    assert check_library_version("x", None, "1.9.0", "python").told == "is not installed"
    assert check_library_version("x", None, "1.9.0", "python", needed=False).status == "warning"


def test_the_floor_of_the_credentials_library_is_the_one_that_is_declared() -> None:
    declared = (ROOT / "meta/ee-requirements.txt").read_text(encoding="utf-8").splitlines()
    assert f"{_doctor_report.CREDENTIALS_LIBRARY}>={_doctor_report.CREDENTIALS_FLOOR}" in declared


def test_a_source_that_needs_the_credentials_library(
    doctor_harness: DoctorHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing() -> None:
        raise MissingLibraryError("alibabacloud-credentials", "1.0.9")

    monkeypatch.setattr(_providers, "_import_library", missing)
    found = doctor_harness.run(access_key_id=None, access_key_secret=None, ecs_ram_role="role")
    assert found.with_status("problem") == ["credentials"]
    assert found["credentials"]["told"] == "alibabacloud-credentials is missing"


OIDC = {
    "ALIBABA_CLOUD_ROLE_ARN": "acs:ram::1:role/awx",
    "ALIBABA_CLOUD_OIDC_PROVIDER_ARN": "acs:ram::1:oidc-provider/awx",
    "ALIBABA_CLOUD_OIDC_TOKEN_FILE": "/nowhere/token",
}
NO_KEY = {"access_key_id": None, "access_key_secret": None}


@pytest.mark.parametrize(
    ("environ", "options", "step"),
    [
        ({"ALIBABA_CLOUD_PROFILE": "awx"}, {}, "check the key of the profile"),
        ({"ALIBABA_CLOUD_ECS_METADATA": "node"}, {}, "is an ECS instance with that role"),
        ({"ALIBABA_CLOUD_CREDENTIALS_URI": "http://localhost/"}, {}, "answers with temporary credentials"),
        (OIDC, {}, "the token in oidc_token_file is current"),
        ({"ALIBABA_CLOUD_PROFILE": "awx"}, {"role_arn": "acs:ram::1:role/awx"}, "check role_arn, the trust policy"),
    ],
)
def test_the_next_step_fits_the_login_that_failed(
    doctor_harness: DoctorHarness,
    monkeypatch: pytest.MonkeyPatch,
    environ: dict[str, str],
    options: dict[str, str],
    step: str,
) -> None:
    def refused(store: CredentialStore) -> None:
        raise CredentialError("the login was refused")

    monkeypatch.setattr(CredentialStore, "get", refused)
    doctor_harness.environ = environ
    found = doctor_harness.run(**NO_KEY, **options)["credentials"]
    assert (found["status"], found["told"]) == ("problem", "the login was refused")
    assert step in found["next_step"]


def test_two_kinds_of_credentials_at_once_are_named(doctor_harness: DoctorHarness) -> None:
    key = {
        "ALIBABA_CLOUD_ACCESS_KEY_ID": doctor_harness.emulator.access_key_id,
        "ALIBABA_CLOUD_ACCESS_KEY_SECRET": doctor_harness.emulator.access_key_secret,
    }
    doctor_harness.environ = {**key, **OIDC, "ALIBABA_CLOUD_ECS_METADATA": "node"}
    found = doctor_harness.run(**NO_KEY)["credentials"]
    assert (found["status"], found["next_step"]) == ("warning", "keep one kind of credential")
    unused = (
        "an OIDC token (ALIBABA_CLOUD_OIDC_TOKEN_FILE) and an ECS role (ALIBABA_CLOUD_ECS_METADATA) that is not used"
    )
    assert unused in found["told"]
    # An option decides.
    assert doctor_harness.run()["credentials"]["status"] == "ok"
    doctor_harness.environ = key
    assert doctor_harness.run(**NO_KEY)["credentials"]["status"] == "ok"


@pytest.mark.parametrize(
    ("skew", "status"),
    [(None, "unknown"), (0.4, "ok"), (-29, "ok"), (31, "warning"), (-899, "warning"), (901, "problem")],
)
def test_clocks(skew: float | None, status: str) -> None:
    assert check_clock_skew(skew).status == status


def test_why_a_task_is_a_module() -> None:
    told = findings_result([CheckResult("dns", "ok", "fine"), report_as_module()], "1.0.0")
    named = add_execution_reason(told, "it has async", "1.0.0")
    assert named["findings"][1]["told"] == "as a separate module, as it has async"
    assert "it has async" in "".join(named["report"])
    missing = add_execution_reason(told, "httpx is missing next to ansible-core", "1.0.0")
    assert missing["findings"][1]["status"] == "warning"
    assert add_execution_reason({"ansible_job_id": "1"}, "it has async", "1.0.0") == {"ansible_job_id": "1"}


def test_the_page_says_first_how_much_is_wrong() -> None:
    assert render_report([report_in_process()], "1.0.0")[0] == "rayops.alicloud 1.0.0: no problems found"
    many = [
        CheckResult("a", "problem", "x" * 30, "do"),
        CheckResult("b", "problem", "y", "do"),
        CheckResult("c", "warning", "z"),
    ]
    lines = render_report(many, "1.0.0")
    assert lines[0].endswith("2 problems, 1 warning")
    assert next(line.strip() for line in lines[2::2]) == "-> do"
    assert lines[1].startswith("  PROBLEM  a ")


def arguments(emulator: Emulator) -> dict[str, Any]:
    """Return the arguments of a module."""
    return {
        "endpoint": emulator.url,
        "workspace_id": emulator.workspace_id,
        "access_key_id": emulator.access_key_id,
        "access_key_secret": emulator.access_key_secret,
    }


@pytest.mark.parametrize("missing", [["httpx"], ["pydantic", "pydantic_core"], ["httpx", "pydantic", "pydantic_core"]])
def test_the_module_works_without_libraries(emulator: Emulator, missing: list[str]) -> None:
    result, done = run_module_without(missing, "emr_ray_doctor", arguments(emulator))
    assert done.returncode == 0, done.stderr
    assert [found["check"] for found in result["findings"]] == CHECK_NAMES
    found = {row["check"]: row for row in result["findings"]}
    for name in ("httpx", "pydantic"):
        assert found[name]["status"] == ("problem" if name in missing else "ok")
    assert "pip install 'pydantic" in str(found["pydantic"]["next_step"]) or "pydantic" not in missing
    expected = "unknown" if "httpx" in missing else "ok"
    assert found["clock"]["status"] == found["connection"]["status"] == expected
    # Only httpx is needed to ask.
    assert found["reads"]["status"] == ("unknown" if "httpx" in missing else "ok")
    assert "emulator-access-secret" not in json.dumps({**result, "invocation": None})


def test_the_module_ends_as_ansible_expects(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    code, result, err = run_main(monkeypatch, emr_ray_doctor.main, arguments(emulator), check=True)
    assert (code, err, result["changed"], result["ok"]) == (0, "", False, True)
    wrong = {**arguments(emulator), "workspace_id": "w-nowhere", "fail_on_problem": True}
    code, result, err = run_main(monkeypatch, emr_ray_doctor.main, wrong)
    assert (code, result["failed"], result["error"]["code"]) == (1, True, "ProblemsFound")
