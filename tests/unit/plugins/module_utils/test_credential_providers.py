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


def test_profiles_of_the_ini_file(tmp_path: Path) -> None:
    ini_file(tmp_path, INI + INI.replace("[default]", "[two]").replace("id-ini", "id-two"))
    assert ask(tmp_path, {})["given"] == ["id-ini", SECRET, None]
    assert ask(tmp_path, {"profile": "two"})["given"] == ["id-two", SECRET, None]
    cli_file(tmp_path, AK)
    assert ask(tmp_path, {"profile": "two"})["given"] == ["id-two", SECRET, None], "what one file lacks the other has"


def test_another_ini_file(tmp_path: Path) -> None:
    (tmp_path / "other.ini").write_text(INI)
    assert ask(tmp_path, {}, ALIBABA_CLOUD_CREDENTIALS_FILE=str(tmp_path / "other.ini"))["given"][0] == "id-ini"


def test_a_profile_that_does_not_exist_is_named(tmp_path: Path) -> None:
    cli_file(tmp_path, AK)
    found = ask(tmp_path, {"profile": "nobody"})
    assert found["kind"] == "CredentialError"
    assert "profile nobody" in found["failed"]
    assert SECRET not in json.dumps(found)


@pytest.mark.parametrize(
    "text",
    [
        f"[default]\ntype = access_key\naccess_key_id = i\naccess_key_secret = %{SECRET}\n",
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
    assert str(caught.value).startswith("the credentials of credentials uri cannot be had: ")
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
    assert caught.value.floor == "1.0.3"


def test_an_identity_file_that_is_not_there(tmp_path: Path) -> None:
    settings = (
        ("role_arn", "acs:ram::1:role/r"),
        ("oidc_provider_arn", "p"),
        ("oidc_token_file", str(tmp_path / "no")),
    )
    with pytest.raises(CredentialError, match="the credentials of oidc cannot be had"):
        CredentialStore(CredentialSource("oidc", settings)).get()
