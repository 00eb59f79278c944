# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every kind of credential, from AWX's own injectors to a request that the emulator has checked the signature of."""

from __future__ import annotations

import shutil
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.emulator import Emulator

from .conftest import PAUSES, Begin, Run
from .credential_services import CredentialServices
from .definitions import ROOT, Json, credential_types
from .job import Finished
from .planted_secrets import ASSUMED, KEY, OIDC_TOKEN, PERSON, PLANTED, TEMPORARY, artifacts, find_leaks

ROLE = "acs:ram::1234567890123456:role/ray-operator"
PROVIDER = "acs:ram::1234567890123456:oidc-provider/awx"
STS_KEYS = {
    "access_key_id": TEMPORARY.access_key_id,
    "access_key_secret": TEMPORARY.access_key_secret,
    "security_token": f"{TEMPORARY.security_token}\n",
}
OIDC = {"role_arn": ROLE, "oidc_provider_arn": PROVIDER}


@pytest.fixture
def services(tmp_path: Path) -> Iterator[CredentialServices]:
    with CredentialServices(
        tmp_path,
        ASSUMED,
        users={PERSON["access_key_id"]: PERSON["access_key_secret"]},
        role_arn=ROLE,
        provider_arn=PROVIDER,
        token=OIDC_TOKEN,
        instance_role="ray-node",
    ) as services:
        yield services


def keys(emulator: Emulator) -> set[str]:
    """Return the ids of the keys that signed what the emulator has seen, all of which it has checked."""
    entries = list(emulator.journal)
    assert entries
    assert all(entry.signed_ok for entry in entries)
    return {entry.headers["authorization"].partition("Credential=")[2].partition(",")[0] for entry in entries}


@pytest.mark.parametrize(
    ("kind", "inputs", "key", "asked"),
    [
        ("access_key", KEY, KEY["access_key_id"], []),
        ("sts", STS_KEYS, TEMPORARY.access_key_id, []),
        (
            "role",
            {**PERSON, "role_arn": ROLE, "role_session_name": "nightly", "sts_region": "cn-hangzhou", "sts_vpc": True},
            ASSUMED.access_key_id,
            ["sts-vpc.cn-hangzhou.aliyuncs.com AssumeRole as nightly"],
        ),
        (
            "oidc",
            {**OIDC, "oidc_token": f"{OIDC_TOKEN}\n", "role_session_name": "awx"},
            ASSUMED.access_key_id,
            ["sts.aliyuncs.com AssumeRoleWithOIDC as awx"],
        ),
        (
            "oidc",
            {**OIDC, "oidc_token_file": "(a mounted file)"},
            ASSUMED.access_key_id,
            ["sts.aliyuncs.com AssumeRoleWithOIDC as awx"],
        ),
        (
            "ecs_role",
            {"ecs_ram_role": "ray-node"},
            ASSUMED.access_key_id,
            [
                "100.100.100.200 PUT /latest/api/token",
                "100.100.100.200 GET /latest/meta-data/ram/security-credentials/ray-node",
            ],
        ),
    ],
    ids=["access_key", "sts", "role", "oidc", "oidc_mounted", "ecs_role"],
)
def test_a_job_signs_with_its_credential(
    kind: str,
    inputs: Json,
    key: str,
    asked: list[str],
    services: CredentialServices,
    run: Run,
    where: Json,
    emulator: Emulator,
    tmp_path: Path,
) -> None:
    if "oidc_token_file" in inputs:
        mounted = tmp_path / "token"
        mounted.write_text(OIDC_TOKEN)
        inputs = {**inputs, "oidc_token_file": str(mounted)}
    emulator.seed("training", state="Stopped")
    launch: Json = {"credential": (kind, {**inputs, **where}), "environ": services.environ, "verbosity": 4}
    # The whole way of AWX for one key in the environment and one in a file; one process is faster.
    launch["streamed"] = kind in ("access_key", "role")
    if kind == "access_key":
        launch["collections"] = _installed_collections(tmp_path)
    if kind == "sts":
        # Not inside the Ansible worker, but as an ordinary module.
        launch["template_vars"] = {**PAUSES, "rayops_alicloud_in_process": False}
    done = run("start", {"rayops_names": "training"}, **launch)
    assert [cluster["state"] for cluster in emulator.clusters()] == ["Running"]
    assert keys(emulator) == {key}
    # The library keeps what it was given; a worker of Ansible that has asked is not asked again.
    assert set(services.asked) == set(asked)
    assert find_leaks(done) == []
    if kind == "role":
        see_the_file(done)
    if kind == "access_key":
        # The only place, and AWX masks that.
        assert {path.name for path in artifacts(done) if PLANTED.encode() in path.read_bytes()} == {"command"}


def _installed_collections(folder: Path) -> Path:
    """Return a folder with the collection, into which AWX installs `collections/requirements.yml` of a project."""
    installed = folder / "requirements_collections" / "ansible_collections" / "rayops" / "alicloud"
    for name in ("plugins", "roles", "meta"):
        shutil.copytree(ROOT / name, installed / name, ignore=shutil.ignore_patterns("__pycache__"))
    return installed.parents[2]


def see_the_file(done: Finished) -> None:
    """See that a key in a file is in no variable, and that the file is for its owner alone."""
    secret = PERSON["access_key_secret"]
    assert secret not in str(done.env)
    assert not [path for path in artifacts(done) if secret.encode() in path.read_bytes()]
    name = Path(done.env["ALIBABA_CLOUD_CREDENTIALS_FILE"]).name
    for folder in ("pdd", "worker"):
        path = done.folder / folder / "env" / name
        assert secret in path.read_text()
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_wrong_credential_says_so_and_shows_nothing(services: CredentialServices, run: Run, where: Json) -> None:
    wrong = {**PERSON, "access_key_secret": f"{PLANTED}-wrong", "role_arn": ROLE, **where}
    done = run("start", {"rayops_names": "x"}, credential=("role", wrong), environ=services.environ, status="failed")
    assert "the credentials of " in done.stdout
    assert " cannot be obtained: " in done.stdout
    assert find_leaks(done) == []


@pytest.mark.parametrize("kind", sorted(credential_types()))
def test_awx_launches_nothing_without_what_is_required(kind: str, begin: Begin) -> None:
    with pytest.raises(ValueError, match="without"):
        begin("start", credential=(kind, {}))
