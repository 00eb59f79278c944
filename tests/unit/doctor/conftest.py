# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A doctor_harness: an emulator, options that lead to it, and an environment; and what the doctor says of it."""

from __future__ import annotations

import datetime as dt
import ipaddress
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from ansible_collections.rayops.alicloud.plugins.module_utils._argspec.doctor import DOCTOR
from ansible_collections.rayops.alicloud.plugins.module_utils._doctor.report import REPORT_WIDTH, report_in_process
from ansible_collections.rayops.alicloud.plugins.module_utils._doctor.run import run_doctor
from ansible_collections.rayops.alicloud.plugins.module_utils._task.context import TaskContext, TaskFailed
from tests.emulator import Emulator
from tests.unit.scenarios.harness import validated_options

Json = dict[str, Any]

CHECK_NAMES = [
    "interpreter",
    "execution",
    "credentials",
    "httpx",
    "pydantic",
    "alibabacloud-credentials",
    "endpoint",
    "proxy",
    "dns",
    "connection",
    "tls",
    "clock",
    "key",
    "workspace",
    "reads",
    "writes",
]
# What must never show, whatever is wrong.
SECRETS = ("emulator-access-secret", "emulator-sts-secret", "emulator-sts-token", "canary-")
MAX_REPORT_LINES = 40


@dataclass
class DoctorOutcome:
    """A result, and its findings by what was looked at."""

    result: Json
    failed: bool

    def __getitem__(self, check: str) -> Json:
        (found,) = [found for found in self.result["findings"] if found["check"] == check]
        return dict(found)

    def with_status(self, status: str) -> list[str]:
        """Return the checks with a status."""
        return [found["check"] for found in self.result["findings"] if found["status"] == status]


class DoctorHarness:
    """Runs the doctor; what holds of every diagnosis is looked at every time."""

    def __init__(self, emulator: Emulator) -> None:
        self.emulator = emulator
        self.environ: dict[str, str] = {}

    def run(self, **given: Any) -> DoctorOutcome:
        """Run the core with options that lead to the emulator; None takes one away."""
        connection = {
            "endpoint": self.emulator.url,
            "workspace_id": self.emulator.workspace_id,
            "access_key_id": self.emulator.access_key_id,
            "access_key_secret": self.emulator.access_key_secret,
            "retries": 0,
        }
        wanted = {name: value for name, value in (connection | given).items() if value is not None}
        warnings: list[str] = []
        task = TaskContext(validated_options(DOCTOR, wanted), self.environ, warnings.append, user_agent="tests")
        try:
            diagnosis = DoctorOutcome(run_doctor(task, report_in_process()), failed=False)
        except TaskFailed as failure:
            diagnosis = DoctorOutcome(failure.result, failed=True)
        assert warnings == []
        self._assert_invariants(diagnosis.result, wanted)
        return diagnosis

    def _assert_invariants(self, result: Json, wanted: Json) -> None:
        assert [found["check"] for found in result["findings"]] == CHECK_NAMES
        for found in result["findings"]:
            assert found["status"] in ("ok", "warning", "problem", "unknown")
            assert found["told"]
            assert found["next_step"] or found["status"] in ("ok", "unknown"), found
        assert result["ok"] is ("problem" not in {found["status"] for found in result["findings"]})
        assert len(result["report"]) <= MAX_REPORT_LINES
        assert max(map(len, result["report"])) <= REPORT_WIDTH
        shown = str(result)
        assert [secret for secret in SECRETS if secret in shown] == []
        assert wanted.get("access_key_id", "emulator-access-key") not in shown
        assert self.emulator.writes() == []


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    with Emulator() as emulator:
        yield emulator


@pytest.fixture
def doctor_harness(emulator: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> DoctorHarness:
    # A profile of the developer is no part of a test, and neither is a proxy.
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    return DoctorHarness(emulator)


@dataclass
class CertificateFiles:
    """A certificate that nobody has to trust, and its key, as files."""

    file: str
    key: str


def make_certificate(folder: Path, name: str = "127.0.0.1", days: int = 1) -> CertificateFiles:
    """Make a self-signed certificate for an address or a name; negative days make one whose time is over."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = dt.datetime.now(dt.timezone.utc)
    try:
        alternative: x509.GeneralName = x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        alternative = x509.DNSName(name)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=9))
        .not_valid_after(now + dt.timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName([alternative]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file, key_file = folder / f"{name}-{days}.pem", folder / f"{name}-{days}.key"
    file.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    key_file.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return CertificateFiles(str(file), str(key_file))
