# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Credentials from the real library, each in a process of its own: it reads the environment when it is imported."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.rayops.alicloud.plugins.module_utils._credentials.static import CredentialSource
from ansible_collections.rayops.alicloud.plugins.module_utils._credentials.store import CredentialStore
from ansible_collections.rayops.alicloud.plugins.module_utils._errors import CredentialError, MissingLibraryError
from tests.unit.plugins.fakes import http_response, serve_raw

SECRET = "Canary-secret-9f3a"
TOKEN = "Canary-token-77b1"

SCRIPT = """
import json, os, sys, threading
from ansible_collections.rayops.alicloud.plugins.module_utils._credentials import store
from ansible_collections.rayops.alicloud.plugins.module_utils._errors import Failure
try:
    given = store.CredentialStore(store.resolve_credential_source(json.loads(sys.argv[1]), os.environ)).get()
    found = {"given": [given.access_key_id, given.access_key_secret, given.security_token]}
except Failure as failure:
    found = {"failed": str(failure), "details": failure.details(), "kind": type(failure).__name__}
found["imported"] = "alibabacloud_credentials" in sys.modules
found["threads"] = [thread.name for thread in threading.enumerate() if not thread.daemon]
print(json.dumps(found))
"""


def ask(home: Path, params: dict[str, Any], **environ: str) -> dict[str, Any]:
    """Return what a process with this home and environment gets, which must be silent."""
    env = {"PATH": os.environ["PATH"], "HOME": str(home), "ALIBABA_CLOUD_ECS_METADATA_DISABLED": "true", **environ}
    command = [sys.executable, "-c", SCRIPT, json.dumps(params)]
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=60, check=True)
    assert done.stderr == ""
    (line,) = done.stdout.splitlines()
    found: dict[str, Any] = json.loads(line)
    assert found["threads"] == ["MainThread"]
    return found


def cli_file(home: Path, *profiles: dict[str, str]) -> None:
    (home / ".aliyun").mkdir()
    text = json.dumps({"current": profiles[0]["name"], "profiles": profiles})
    (home / ".aliyun" / "config.json").write_text(text)


def ini_file(home: Path, text: str) -> None:
    (home / ".alibabacloud").mkdir()
    (home / ".alibabacloud" / "credentials.ini").write_text(text)


AK = {"name": "ak", "mode": "AK", "access_key_id": "id-ak", "access_key_secret": SECRET}
STS = {"name": "sts", "mode": "StsToken", "access_key_id": "id-sts", "access_key_secret": SECRET, "sts_token": TOKEN}
INI = f"[default]\ntype = access_key\naccess_key_id = id-ini\naccess_key_secret = {SECRET}\n"


def test_a_static_key_never_imports_the_library(tmp_path: Path) -> None:
    cli_file(tmp_path, AK)
    options = ask(tmp_path, {"access_key_id": "i", "access_key_secret": "s", "security_token": "t"})
    assert options["given"] == ["i", "s", "t"]
    environ = ask(tmp_path, {}, ALIBABA_CLOUD_ACCESS_KEY_ID="i", ALIBABA_CLOUD_ACCESS_KEY_SECRET="s")
    assert environ["given"] == ["i", "s", None]
    assert not options["imported"]
    assert not environ["imported"]


def test_profiles_of_the_command_line_tool(tmp_path: Path) -> None:
    cli_file(tmp_path, AK, STS)
    assert ask(tmp_path, {})["given"] == ["id-ak", SECRET, None]
    found = ask(tmp_path, {"profile": "sts"})
    assert found["given"] == ["id-sts", SECRET, TOKEN]
    assert found["imported"]
    assert ask(tmp_path, {}, ALIBABA_CLOUD_PROFILE="sts")["given"] == ["id-sts", SECRET, TOKEN]
    assert ask(tmp_path, {}, ALICLOUD_PROFILE="sts")["given"] == ["id-sts", SECRET, TOKEN]


def test_a_profile_of_mode_ak_does_not_sign_with_the_token_of_an_earlier_mode(tmp_path: Path) -> None:
    cli_file(tmp_path, {**STS, "mode": "AK"})
    assert ask(tmp_path, {"profile": "sts"})["given"] == ["id-sts", SECRET, None]


def test_profiles_of_the_ini_file(tmp_path: Path) -> None:
    ini_file(tmp_path, INI + INI.replace("[default]", "[two]").replace("id-ini", "id-two"))
    assert ask(tmp_path, {})["given"] == ["id-ini", SECRET, None]
    assert ask(tmp_path, {"profile": "two"})["given"] == ["id-two", SECRET, None]
    cli_file(tmp_path, AK)
    assert ask(tmp_path, {"profile": "two"})["given"] == ["id-two", SECRET, None], "what one file lacks the other has"


def test_another_ini_file(tmp_path: Path) -> None:
    (tmp_path / "other.ini").write_text(INI)
    assert ask(tmp_path, {}, ALIBABA_CLOUD_CREDENTIALS_FILE=str(tmp_path / "other.ini"))["given"][0] == "id-ini"


ENV_KEY = {"ALIBABA_CLOUD_ACCESS_KEY_ID": "id-env", "ALIBABA_CLOUD_ACCESS_KEY_SECRET": f"{SECRET}-env"}
ENV_ROLE = {"ALIBABA_CLOUD_ROLE_ARN": "env-role", "ALIBABA_CLOUD_ROLE_SESSION_NAME": "env-session"}


@pytest.mark.parametrize(
    ("profile", "missing"),
    [
        ({"mode": "AK"}, "access_key_id, access_key_secret"),
        ({"mode": "AK", "access_key_id": "i", "access_key_secret": ""}, "access_key_secret"),
        ({"mode": "StsToken", "access_key_id": "i", "access_key_secret": SECRET}, "sts_token"),
        ({"mode": "RamRoleArn", "access_key_id": "i", "access_key_secret": SECRET}, "ram_role_arn"),
        ({"mode": "RamRoleArn", "ram_role_arn": "r"}, "access_key_id, access_key_secret"),
        ({"mode": "ChainableRamRoleArn", "ram_role_arn": "r"}, "source_profile"),
        ({"mode": "EcsRamRole"}, "ram_role_name"),
        ({"mode": "OIDC", "ram_role_arn": "r"}, "oidc_provider_arn, oidc_token_file"),
        ({"mode": "CloudSSO", "access_token": TOKEN}, "cloud_sso_sign_in_url"),
        ({"mode": "OAuth", "oauth_site_type": "CN"}, "oauth_refresh_token"),
        ({"mode": "External"}, "process_command"),
    ],
)
def test_a_named_profile_is_never_completed_from_the_environment(
    tmp_path: Path, profile: dict[str, str], missing: str
) -> None:
    cli_file(tmp_path, AK, {"name": "p", **profile})
    oidc = {"ALIBABA_CLOUD_OIDC_PROVIDER_ARN": "env", "ALIBABA_CLOUD_OIDC_TOKEN_FILE": "/env"}
    environ = {**ENV_KEY, **ENV_ROLE, **oidc, "ALIBABA_CLOUD_ECS_METADATA": "env", "ALIBABA_CLOUD_SECURITY_TOKEN": "t"}
    found = ask(tmp_path, {"profile": "p"}, **environ)
    assert f"profile p of {tmp_path}/.aliyun/config.json has no {missing}" in found["failed"]
    assert "Canary" not in json.dumps(found)


def test_a_profile_of_the_ini_file_is_never_completed_either(tmp_path: Path) -> None:
    ini_file(tmp_path, "[p]\ntype = ram_role_arn\naccess_key_id = i\nrole_arn = r\n")
    found = ask(tmp_path, {"profile": "p"}, **ENV_KEY)
    assert f"profile p of {tmp_path}/.alibabacloud/credentials.ini has no access_key_secret" in found["failed"]


@pytest.mark.parametrize("mode", ["Unheard", "", "rsa_key_pair"])
def test_a_mode_that_is_not_supported_is_named_with_what_to_use(tmp_path: Path, mode: str) -> None:
    cli_file(tmp_path, {"name": "p", "mode": mode, "access_key_id": "i", "access_key_secret": SECRET})
    found = ask(tmp_path, {"profile": "p"})
    assert f"has the mode {mode!r}, which is not supported" in found["failed"]
    assert "CloudSSO, OAuth, External" in found["details"]["hint"]
    assert "Canary" not in json.dumps(found)


def test_the_external_mode_takes_the_key_that_a_command_prints(tmp_path: Path) -> None:
    key = {"mode": "StsToken", "access_key_id": "id-ext", "access_key_secret": SECRET, "sts_token": TOKEN}
    (tmp_path / "key.json").write_text(json.dumps(key | {"expiration": "2099-01-01T00:00:00Z"}))
    command = f"cat {tmp_path}/key.json"
    cli_file(tmp_path, {"name": "p", "mode": "External", "process_command": command})
    assert ask(tmp_path, {"profile": "p"}, **ENV_KEY)["given"] == ["id-ext", SECRET, TOKEN]


def test_a_disabled_file_of_the_tool_is_named(tmp_path: Path) -> None:
    cli_file(tmp_path, AK)
    found = ask(tmp_path, {"profile": "ak"}, ALIBABA_CLOUD_CLI_PROFILE_DISABLED="true")
    assert "there is no profile ak in" in found["failed"]
    assert "ALIBABA_CLOUD_CLI_PROFILE_DISABLED is true" in found["failed"]


def test_profiles_that_lead_in_a_circle_are_refused(tmp_path: Path) -> None:
    role = {"mode": "ChainableRamRoleArn", "ram_role_arn": "r"}
    cli_file(tmp_path, {"name": "a", "source_profile": "b", **role}, {"name": "b", "source_profile": "a", **role})
    assert "is its own source_profile" in ask(tmp_path, {"profile": "a"})["failed"]
    cli_file_again = {"current": "a", "profiles": [{"name": "a", "source_profile": "gone", **role}]}
    (tmp_path / ".aliyun" / "config.json").write_text(json.dumps(cli_file_again))
    assert "there is no profile gone" in ask(tmp_path, {"profile": "a"})["failed"]


STS_SCRIPT = """
import json, sys
from Tea.core import TeaCore
from types import SimpleNamespace
asked, (status, answer) = [], json.loads(sys.argv[2])
def do_action(request, options=None):
    body = request.body if isinstance(request.body, dict) else {}
    asked.append([request.headers.get("host"), dict(request.query), dict(body)])
    return SimpleNamespace(status_code=status, body=json.dumps(answer).encode())
TeaCore.do_action = staticmethod(do_action)
"""  # fmt: skip


def ask_sts(home: Path, params: dict[str, Any], status: int, body: dict[str, Any], **environ: str) -> dict[str, Any]:
    """Return what a process gets when STS answers like this, and what STS was asked."""
    env = {"PATH": os.environ["PATH"], "HOME": str(home), **environ}
    script = STS_SCRIPT + SCRIPT.replace("print(json.dumps(found))", 'found["asked"] = asked\nprint(json.dumps(found))')
    command = [sys.executable, "-c", script, json.dumps(params), json.dumps([status, body])]
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=60, check=True)
    return dict(json.loads(done.stdout.splitlines()[-1]))


GIVEN = {
    "AccessKeyId": "id-sts",
    "AccessKeySecret": SECRET,
    "SecurityToken": TOKEN,
    "Expiration": "2099-01-01T00:00:00Z",
}


@pytest.mark.parametrize(
    "profile",
    [
        {"mode": "RamRoleArn", "access_key_id": "id-own", "access_key_secret": SECRET, "ram_role_arn": "own-role"},
        {"mode": "ChainableRamRoleArn", "source_profile": "below", "ram_role_arn": "own-role"},
    ],
)
def test_a_role_of_a_profile_is_assumed_with_the_profiles_own_key(tmp_path: Path, profile: dict[str, str]) -> None:
    below = {"name": "below", "mode": "AK", "access_key_id": "id-own", "access_key_secret": SECRET}
    cli_file(tmp_path, {"name": "p", **profile}, below)
    found = ask_sts(tmp_path, {"profile": "p"}, 200, {"Credentials": GIVEN}, **ENV_KEY, **ENV_ROLE)
    assert found["given"] == ["id-sts", SECRET, TOKEN]
    ((_host, query, _body),) = found["asked"]
    assert query["AccessKeyId"] == "id-own"
    assert query["RoleArn"] == "own-role"
    assert query["RoleSessionName"] == "rayops-alicloud"


@pytest.mark.parametrize("code", ["NoPermission", "EntityNotExist.Role", "InvalidAccessKeyId.NotFound"])
def test_what_sts_refuses_keeps_code_request_id_and_hint(tmp_path: Path, code: str) -> None:
    said = f"You are not authorized with {SECRET} to do this. SecurityToken={TOKEN}"
    answer = {"Code": code, "Message": said, "RequestId": "1B9C-42", "HostId": "sts.aliyuncs.com"}
    params = {"access_key_id": "i", "access_key_secret": SECRET, "role_arn": "r"}
    found = ask_sts(tmp_path, params, 403, answer)
    assert f"the credentials of role cannot be obtained: {code}: You are not authorized" in found["failed"]
    assert found["details"]["code"] == code
    assert found["details"]["request_id"] == "1B9C-42"
    assert found["details"]["http_status"] == 403
    assert found["details"]["operation"] == "AssumeRole"
    assert found["details"]["hint"]
    assert "Canary" not in json.dumps([found["failed"], found["details"]])


def test_a_signature_that_sts_refuses_quotes_nothing(tmp_path: Path) -> None:
    answer = {"Code": "SignatureDoesNotMatch", "Message": f"string to sign is: GET&%2F&{TOKEN}", "RequestId": "r"}
    found = ask_sts(tmp_path, {"access_key_id": "i", "access_key_secret": SECRET, "role_arn": "r"}, 400, answer)
    assert found["failed"].endswith("cannot be obtained: SignatureDoesNotMatch")
    assert "Canary" not in json.dumps([found["failed"], found["details"]])


def test_a_token_that_sts_refuses_is_not_quoted(tmp_path: Path) -> None:
    (tmp_path / "token").write_text(TOKEN)
    oidc = {"role_arn": "r", "oidc_provider_arn": "p", "oidc_token_file": str(tmp_path / "token")}
    answer = {
        "Code": "AuthenticationFail.OIDCToken.Invalid",
        "Message": f"This token is bad: {TOKEN}",
        "RequestId": "r",
    }
    found = ask_sts(tmp_path, oidc, 400, answer)
    assert found["details"]["operation"] == "AssumeRoleWithOIDC"
    assert "audience" in found["details"]["hint"]
    assert "Canary" not in json.dumps([found["failed"], found["details"]])


def test_role_arn_is_assumed_with_the_role_of_the_pod(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("token-of-the-pod")
    environ = {
        "ALIBABA_CLOUD_ROLE_ARN": "pod-role",
        "ALIBABA_CLOUD_OIDC_PROVIDER_ARN": "p",
        "ALIBABA_CLOUD_OIDC_TOKEN_FILE": str(tmp_path / "token"),
    }
    found = ask_sts(tmp_path, {"role_arn": "mine"}, 200, {"Credentials": GIVEN}, **environ)
    assert found["given"] == ["id-sts", SECRET, TOKEN]
    asked = [{**query, **body} for _host, query, body in found["asked"]]
    assert [given["Action"] for given in asked] == ["AssumeRoleWithOIDC", "AssumeRole"]
    assert asked[0].get("RoleArn", "pod-role") == "pod-role"
    assert asked[1]["RoleArn"] == "mine"
    assert asked[1]["AccessKeyId"] == "id-sts"


def test_a_profile_that_does_not_exist_is_named(tmp_path: Path) -> None:
    cli_file(tmp_path, AK)
    found = ask(tmp_path, {"profile": "nobody"})
    assert found["kind"] == "CredentialError"
    assert "profile nobody" in found["failed"]
    assert SECRET not in json.dumps(found)


@pytest.mark.parametrize(
    "text",
    [
        f"[default\ntype = access_key\naccess_key_id = i\naccess_key_secret = {SECRET}\n",
        f"access_key_secret = {SECRET}\n",
        f"[default]\n{SECRET}\n",
        f"[default]\ntype = unheard\naccess_key_secret = {SECRET}\n",
    ],
)
def test_a_broken_file_leaks_nothing(tmp_path: Path, text: str) -> None:
    ini_file(tmp_path, text)
    found = ask(tmp_path, {"profile": "default"})
    assert found["kind"] == "CredentialError"
    assert "Canary" not in json.dumps(found)


def test_a_percent_sign_is_part_of_a_key(tmp_path: Path) -> None:
    ini_file(tmp_path, INI.replace(SECRET, f"%{SECRET}"))
    assert ask(tmp_path, {})["given"] == ["id-ini", f"%{SECRET}", None]


def test_a_broken_file_of_the_tool_leaks_nothing(tmp_path: Path) -> None:
    (tmp_path / ".aliyun").mkdir()
    (tmp_path / ".aliyun" / "config.json").write_text('{"profiles": [' + SECRET)
    assert "Canary" not in json.dumps(ask(tmp_path, {}))


URI_ANSWER = {
    "Code": "Success",
    "AccessKeyId": "id-uri",
    "AccessKeySecret": SECRET,
    "SecurityToken": TOKEN,
    "Expiration": "2099-01-01T00:00:00Z",
}


def uri_source(uri: str) -> CredentialStore:
    return CredentialStore(CredentialSource("credentials_uri", (("credentials_uri", uri),)))


def test_credentials_from_an_address() -> None:
    with serve_raw(
        lambda connection, _request: connection.sendall(http_response(json.dumps(URI_ANSWER).encode()))
    ) as at:
        store = uri_source(f"http://{at.host}/keys?for=me")
        given = store.get()
        assert (given.access_key_id, given.access_key_secret, given.security_token) == ("id-uri", SECRET, TOKEN)
        store.get()
        assert len(at.requests) == 1, "they are kept"
        assert store.is_renewable
        store.invalidate()
        store.get()
        assert len(at.requests) == 2
    assert at.requests[0].startswith(b"GET /keys?for=me HTTP/1.1")


@pytest.mark.parametrize(
    "answer",
    [
        http_response(json.dumps({**URI_ANSWER, "Code": "Failed"}).encode()),
        http_response(json.dumps(URI_ANSWER).encode(), status="500 Oops"),
        http_response(f"AccessKeySecret={SECRET}&SecurityToken={TOKEN}".encode(), status="403 No"),
        http_response(f"<html>{SECRET}</html>".encode(), status="502 Bad"),
        http_response(f"{SECRET}".encode()),
        http_response(json.dumps({**URI_ANSWER, "Expiration": "soon"}).encode()),
        http_response(json.dumps([SECRET]).encode()),
        b"",
    ],
)
def test_an_address_that_fails_leaks_nothing(answer: bytes) -> None:
    with (
        serve_raw(lambda connection, _request: connection.sendall(answer)) as at,
        pytest.raises(CredentialError) as caught,
    ):
        uri_source(f"http://{at.host}/{TOKEN}?key={TOKEN}").get()
    assert str(caught.value).startswith("the credentials of credentials uri cannot be obtained: ")
    assert "Canary" not in json.dumps(caught.value.details())
    assert caught.value.__cause__ is None


def test_an_address_where_nobody_is_says_so() -> None:
    with pytest.raises(CredentialError, match="refused") as caught:
        uri_source(f"http://127.0.0.1:9/{TOKEN}?key={TOKEN}").get()
    assert "Canary" not in str(caught.value)


def test_a_missing_library_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "alibabacloud_credentials", None)
    with pytest.raises(MissingLibraryError) as caught:
        CredentialStore(CredentialSource("profile", (("profile", None),))).get()
    assert caught.value.library == "alibabacloud-credentials"
    assert caught.value.floor == "1.0.9"


def test_an_identity_file_that_is_not_there(tmp_path: Path) -> None:
    settings = (
        ("role_arn", "acs:ram::1:role/r"),
        ("oidc_provider_arn", "p"),
        ("oidc_token_file", str(tmp_path / "no")),
    )
    with pytest.raises(CredentialError, match="the credentials of oidc cannot be obtained"):
        CredentialStore(CredentialSource("oidc", settings)).get()
