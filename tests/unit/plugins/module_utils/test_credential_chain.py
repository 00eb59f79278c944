# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which source of credentials is chosen: options, environment, profile, OIDC, URI, and a role only when named."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.rayops.alicloud.plugins.module_utils._credentials.static import Credentials, CredentialSource
from ansible_collections.rayops.alicloud.plugins.module_utils._credentials.store import (
    CredentialStore,
    get_identity,
    resolve_credential_source,
)
from ansible_collections.rayops.alicloud.plugins.module_utils._errors import CredentialError, ParameterError

KEY = {"access_key_id": "option-id", "access_key_secret": "option-secret"}
ENV_KEY = {"ALIBABA_CLOUD_ACCESS_KEY_ID": "env-id", "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "env-secret"}
OLD_KEY = {"ALICLOUD_ACCESS_KEY": "old-id", "ALICLOUD_SECRET_KEY": "old-secret"}
OIDC_ENV = {
    "ALIBABA_CLOUD_ROLE_ARN": "env-role",
    "ALIBABA_CLOUD_OIDC_PROVIDER_ARN": "env-provider",
    "ALIBABA_CLOUD_OIDC_TOKEN_FILE": "/env/token",
}
URI_ENV = {"ALIBABA_CLOUD_CREDENTIALS_URI": "http://127.0.0.1/env"}
ECS_ENV = {"ALIBABA_CLOUD_ECS_METADATA": "env-role-name"}


@pytest.fixture(autouse=True)
def home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Return an empty home directory: the profiles of whoever runs the tests mean nothing."""
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path


def choose(params: dict[str, Any], environ: dict[str, str], files: bool = False) -> CredentialSource:
    if files:
        write_profiles({"name": "default", "mode": "AK", "access_key_id": "i", "access_key_secret": "s"})
    return resolve_credential_source(params, environ)


def write_profiles(*profiles: dict[str, Any]) -> None:
    """Write the file of the aliyun CLI, whose first profile is the current one."""
    folder = Path("~/.aliyun").expanduser()
    folder.mkdir(exist_ok=True)
    (folder / "config.json").write_text(json.dumps({"current": profiles[0]["name"], "profiles": profiles}))


def test_options_win_over_everything() -> None:
    everything = {**ENV_KEY, **OLD_KEY, **OIDC_ENV, **URI_ENV, **ECS_ENV, "ALIBABA_CLOUD_PROFILE": "p"}
    assert choose(KEY, everything, files=True).static_credentials == Credentials("option-id", "option-secret", None)
    for other in ("profile", "credentials_uri", "ecs_ram_role"):
        assert choose({**KEY, other: "x"}, {}).kind == "static"
    token = {**KEY, "security_token": "option-token"}
    assert choose(token, everything).static_credentials == Credentials("option-id", "option-secret", "option-token")


def test_a_token_of_the_environment_is_not_mixed_with_a_key_of_the_options() -> None:
    static = choose(
        KEY, {"ALIBABA_CLOUD_SECURITY_TOKEN": "env-token", "ALICLOUD_SECURITY_TOKEN": "old"}
    ).static_credentials
    assert static is not None
    assert static.security_token is None


def test_the_order_of_the_environment() -> None:
    """Each source in turn, with all that come after it."""
    order: list[tuple[dict[str, str], str]] = [
        (ENV_KEY, "static"),
        (OLD_KEY, "static"),
        ({"ALIBABA_CLOUD_PROFILE": "p"}, "profile"),
        (OIDC_ENV, "oidc"),
        (ECS_ENV, "ecs_ram_role"),
        (URI_ENV, "credentials_uri"),
    ]
    for position, (_first, kind) in enumerate(order):
        environ = {name: value for variables, _kind in order[position:] for name, value in variables.items()}
        assert choose({}, environ).kind == kind
    both = choose({}, {**ENV_KEY, **OLD_KEY}).static_credentials
    assert both is not None
    assert both.access_key_id == "env-id"


@pytest.mark.parametrize(
    "environ",
    [
        {"ALIBABA_CLOUD_ACCESS_KEY_ID": "a", "ALICLOUD_ACCESS_KEY_SECRET": "b"},
        {"ALICLOUD_ACCESS_KEY": "a", "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "b"},
        {"ALIBABA_CLOUD_ACCESS_KEY_ID": "a"},
        {"ALIBABA_CLOUD_SECURITY_TOKEN": "t"},
        {"ALIBABA_CLOUD_ACCESS_KEY_ID": "", "ALIBABA_CLOUD_ACCESS_KEY_SECRET": ""},
    ],
)
def test_halves_and_families_are_never_mixed(environ: dict[str, str]) -> None:
    with pytest.raises(CredentialError):
        choose({}, environ)


def test_a_token_stays_in_its_family() -> None:
    static = choose({}, {**OLD_KEY, "ALIBABA_CLOUD_SECURITY_TOKEN": "other"}).static_credentials
    assert static == Credentials("old-id", "old-secret", None)
    static = choose(
        {}, {**ENV_KEY, "ALIBABA_CLOUD_SECURITY_TOKEN": "t", "ALICLOUD_SECURITY_TOKEN": "o"}
    ).static_credentials
    assert static == Credentials("env-id", "env-secret", "t")


def test_the_names_of_older_tools() -> None:
    static = choose(
        {}, {"ALICLOUD_ACCESS_KEY_ID": "1", "ALICLOUD_ACCESS_KEY": "2", "ALICLOUD_ACCESS_KEY_SECRET": "s"}
    ).static_credentials
    assert static == Credentials("1", "s", None)
    assert choose({}, {"ALICLOUD_ECS_ROLE_NAME": "r"}).get_setting("ecs_ram_role") == "r"
    assert choose({}, {"ALICLOUD_CREDENTIALS_URI": "u"}).get_setting("credentials_uri") == "u"


@pytest.mark.parametrize(
    ("params", "lacking"),
    [
        ({"access_key_id": "i"}, {"access_key_secret"}),
        ({"access_key_secret": "s"}, {"access_key_id"}),
        ({"security_token": "t"}, {"access_key_id", "access_key_secret"}),
        ({"access_key_id": "i", "security_token": "t"}, {"access_key_secret"}),
        ({"oidc_token_file": "/t"}, {"role_arn", "oidc_provider_arn"}),
        ({"oidc_provider_arn": "p", "role_arn": "r"}, {"oidc_token_file"}),
    ],
)
def test_partial_options_name_all_that_is_lacking(params: dict[str, str], lacking: set[str]) -> None:
    with pytest.raises(ParameterError) as caught:
        choose(params, {})
    assert {problem.split(" ")[0] for problem in caught.value.problems} == lacking
    with pytest.raises(ParameterError):
        choose(params, ENV_KEY)  # the environment does not fill the gap


def test_a_profile() -> None:
    assert choose({"profile": "p"}, ENV_KEY) == CredentialSource("profile", (("profile", "p"),))
    assert choose({}, {}, files=True) == CredentialSource("profile", (("profile", None),))
    assert choose({}, {**OIDC_ENV}, files=True).kind == "oidc"
    assert choose({}, {**URI_ENV, **ECS_ENV}, files=True).kind == "profile"


@pytest.mark.parametrize(
    ("environ", "kind"), [(OIDC_ENV, "oidc"), (ECS_ENV, "ecs_ram_role"), (URI_ENV, "credentials_uri")]
)
@pytest.mark.parametrize(
    "profile",
    [
        {"name": "default", "mode": "AK"},
        {"name": "default", "mode": "AK", "access_key_id": "", "access_key_secret": ""},
        {"name": "default", "mode": "StsToken", "access_key_id": "i", "access_key_secret": "s"},
        {"name": "default", "mode": "RamRoleArn", "access_key_id": "i", "access_key_secret": "s"},
        {"name": "default", "mode": "Unheard", "access_key_id": "i", "access_key_secret": "s"},
    ],
)
def test_a_profile_that_nobody_named_and_that_has_no_key_is_passed_over(
    profile: dict[str, Any], environ: dict[str, str], kind: str
) -> None:
    write_profiles(profile)
    assert choose({}, environ).kind == kind
    with pytest.raises(CredentialError, match="no credentials were found"):
        choose({}, {})


def test_a_file_that_the_environment_disables_is_passed_over() -> None:
    disabled = {"ALIBABA_CLOUD_CLI_PROFILE_DISABLED": "true"}
    assert choose({}, {**URI_ENV, "ALIBABA_CLOUD_CLI_PROFILE_DISABLED": "false"}, files=True).kind == "profile"
    assert choose({}, {**URI_ENV, **disabled}, files=True).kind == "credentials_uri"
    with pytest.raises(CredentialError, match="no credentials were found"):
        choose({}, disabled, files=True)


def test_a_file_that_cannot_be_read_is_passed_over(home: Path) -> None:
    choose({}, {}, files=True)
    (home / ".aliyun" / "config.json").write_text("{")
    assert choose({}, URI_ENV).kind == "credentials_uri"
    (home / ".aliyun" / "config.json").write_text("[]")
    assert choose({}, URI_ENV).kind == "credentials_uri"


def test_the_identity_tells_accounts_apart_and_holds_no_secret(home: Path) -> None:
    def identity(params: dict[str, Any], environ: dict[str, str]) -> tuple[Any, ...]:
        return get_identity(choose(params, environ), environ)

    sources: list[tuple[dict[str, Any], dict[str, str]]] = [
        (KEY, {}),
        ({}, ENV_KEY),
        ({**KEY, "role_arn": "r"}, {}),
        ({**KEY, "role_arn": "other"}, {}),
        ({"role_arn": "r"}, ENV_KEY),
        ({}, OIDC_ENV),
        ({}, URI_ENV),
        ({}, ECS_ENV),
    ]
    found = [identity(*source) for source in sources]
    assert len(set(found)) == len(sources)
    assert identity({**KEY, "access_key_secret": "another"}, {}) == found[0]
    assert "secret" not in str(found)
    write_profiles({"name": "p", "mode": "AK", "access_key_id": "one", "access_key_secret": "secret"})
    one = identity({"profile": "p"}, {})
    write_profiles({"name": "p", "mode": "AK", "access_key_id": "two", "access_key_secret": "secret"})
    assert identity({"profile": "p"}, {}) != one
    assert "secret" not in str(one)


def test_oidc() -> None:
    params = {"role_arn": "r", "oidc_provider_arn": "p", "oidc_token_file": "/t", "role_session_name": "s"}
    source = choose(params, {**ENV_KEY, **OIDC_ENV})
    assert source.kind == "oidc"
    assert dict(source.settings) == params
    assert choose({}, OIDC_ENV).get_setting("role_arn") == "env-role"
    assert choose({"role_arn": "env-role"}, OIDC_ENV).kind == "oidc"
    alone = {name: value for name, value in OIDC_ENV.items() if name != "ALIBABA_CLOUD_ROLE_ARN"}
    assert choose({"role_arn": "mine"}, alone).kind == "oidc"
    assert choose({"role_arn": "mine"}, alone).get_setting("role_arn") == "mine"


def test_a_role_is_assumed_with_the_role_of_the_pod() -> None:
    source = choose({"role_arn": "mine", "role_session_name": "s"}, OIDC_ENV)
    assert source.kind == "role"
    assert dict(source.settings) == {"role_arn": "mine", "role_session_name": "s"}
    assert source.base_source == choose({}, OIDC_ENV)


def test_a_role_is_assumed_with_what_is_there() -> None:
    source = choose({**KEY, "role_arn": "r"}, {})
    assert source.kind == "role"
    assert source.base_source == CredentialSource(
        "static", static_credentials=Credentials("option-id", "option-secret")
    )
    below = choose({"role_arn": "r"}, ENV_KEY).base_source
    assert below is not None
    assert below.static_credentials == Credentials("env-id", "env-secret")
    for option in ("profile", "credentials_uri", "ecs_ram_role"):
        below = choose({"role_arn": "r", option: "p"}, ENV_KEY).base_source
        assert below == CredentialSource(option, ((option, "p"),))
    with pytest.raises(CredentialError, match="role_arn"):
        choose({"role_arn": "r"}, {})


def test_a_role_of_the_environment_alone_is_for_oidc() -> None:
    assert choose({}, {**ENV_KEY, "ALIBABA_CLOUD_ROLE_ARN": "r"}).kind == "static"
    with pytest.raises(CredentialError):
        choose({}, {"ALIBABA_CLOUD_ROLE_ARN": "r"})


@pytest.mark.parametrize("option", ["credentials_uri", "ecs_ram_role"])
def test_named_sources(option: str) -> None:
    assert choose({option: "x"}, ENV_KEY) == CredentialSource(option, ((option, "x"),))
    assert choose({option: "x", **KEY}, {}).kind == "static"


@pytest.mark.parametrize(
    "environ", [{}, {"ALIBABA_CLOUD_ECS_METADATA_DISABLED": "false"}, {"ALIBABA_CLOUD_IMDSV1_DISABLED": "true"}]
)
def test_the_metadata_service_is_asked_only_when_a_role_is_named(environ: dict[str, str]) -> None:
    with pytest.raises(CredentialError) as caught:
        choose({}, environ)
    assert "ALIBABA_CLOUD_ACCESS_KEY_ID" in str(caught.value.hint)


def test_what_is_static_is_not_renewable() -> None:
    store = CredentialStore(choose(KEY, {}))
    assert store.get() == Credentials("option-id", "option-secret")
    assert not store.is_renewable
    assert CredentialStore(choose({**KEY, "role_arn": "r"}, {})).is_renewable


@pytest.mark.parametrize(
    "bad", ["Canary\n", " Canary", "Canary\r\nX-Injected: 1", "Canäry", "Can\0ary", "Canary\udcff"]
)
@pytest.mark.parametrize("option", ["access_key_id", "access_key_secret", "security_token"])
def test_what_cannot_stand_in_a_header_is_refused(option: str, bad: str) -> None:
    store = CredentialStore(choose({**KEY, option: bad}, {}))
    with pytest.raises(CredentialError, match=f"^{option} has a character") as caught:
        store.get()
    assert "Can" not in str(caught.value)
