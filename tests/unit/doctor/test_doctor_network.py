# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The way to the service: name, connection, TLS and proxy are told apart. Nothing leaves the loopback."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ansible_collections.rayops.alicloud.plugins.module_utils._api.settings import resolve_settings
from ansible_collections.rayops.alicloud.plugins.module_utils._clock import SystemClock
from ansible_collections.rayops.alicloud.plugins.module_utils._doctor import network as _reach
from ansible_collections.rayops.alicloud.plugins.module_utils._doctor.network import (
    ConnectivityReport,
    check_connectivity,
)
from tests.unit.doctor.conftest import CertificateFiles, DoctorHarness, make_certificate

DATE = "Sun, 22 Nov 2026 12:00:00 GMT"
ANSWER = f"HTTP/1.1 400 Bad Request\r\nDate: {DATE}\r\nContent-Length: 0\r\n\r\n"
NAME = "service.example"

Talk = Callable[[socket.socket], None]


@contextlib.contextmanager
def listener(talk: Talk) -> Iterator[int]:
    """Listen on the loopback, and talk to whoever connects; gives the port."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            while True:
                try:
                    connection, _address = server.accept()
                except OSError:
                    return
                with connection, contextlib.suppress(OSError):
                    talk(connection)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield server.getsockname()[1]
        # Some systems do not wake a thread that waits for a socket which is closed.
        with contextlib.suppress(OSError):
            server.shutdown(socket.SHUT_RDWR)
    thread.join(5)


def speaking_tls(its: CertificateFiles, answer: str = ANSWER) -> Talk:
    """Return a talk that shows a certificate and answers one request."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(its.file, its.key)

    def talk(connection: socket.socket) -> None:
        with context.wrap_socket(connection, server_side=True) as wrapped:
            wrapped.recv(4096)
            wrapped.sendall(answer.encode())

    return talk


def saying(answer: str) -> Talk:
    """Return a talk in plain text."""

    def talk(connection: socket.socket) -> None:
        connection.recv(4096)
        connection.sendall(answer.encode())

    return talk


def go(endpoint: str, **given: object) -> ConnectivityReport:
    """Go the way to an endpoint."""
    params = {"timeout": 5.0, "retries": 0, "endpoint": endpoint, **given}
    return check_connectivity(resolve_settings(params, {}, needs_workspace=False), SystemClock())


def statuses(way: ConnectivityReport) -> dict[str, str]:
    """Return how each step is."""
    return {found.check: found.status for found in way.findings}


def told(way: ConnectivityReport, check: str) -> str:
    """Return what is told of a step, and what is to be done."""
    (found,) = [found for found in way.findings if found.check == check]
    return f"{found.told} -> {found.next_step}"


def free_port() -> int:
    """Return a port where nothing listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


@pytest.fixture
def elsewhere(doctor_harness: DoctorHarness, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a name that is not this machine's lead to this machine."""
    real = socket.getaddrinfo

    def resolve(host: str, *given: object, **named: object) -> object:
        return real("127.0.0.1" if host == NAME else host, *given, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)


def test_a_trusted_certificate(tmp_path: Path, doctor_harness: DoctorHarness) -> None:
    its = make_certificate(tmp_path)
    with listener(speaking_tls(its)) as port:
        way = go(f"https://127.0.0.1:{port}", ca_path=its.file)
    assert set(statuses(way).values()) == {"ok"}
    assert told(way, "tls").startswith("TLSv1.")
    assert way.blocked is None
    # The date of the answer is fixed; this machine's clock is the test's.
    assert way.skew == pytest.approx(time.time() - 1795348800, abs=5)


@pytest.mark.parametrize(
    ("name", "days", "text", "step"),
    [
        ("127.0.0.1", 1, "self-signed|self signed", "set ca_path"),
        ("127.0.0.1", -1, "expired", "check the clock"),
        ("other.example", 1, "not valid for|mismatch", "the certificate is for a different name"),
    ],
)
def test_a_certificate_that_is_not_trusted(
    tmp_path: Path, doctor_harness: DoctorHarness, name: str, days: int, text: str, step: str
) -> None:
    its = make_certificate(tmp_path, name, days)
    with listener(speaking_tls(its)) as port:
        way = go(f"https://127.0.0.1:{port}", ca_path=None if "self" in text else its.file)
    assert statuses(way) == {"proxy": "ok", "dns": "ok", "connection": "ok", "tls": "problem"}
    assert any(part in told(way, "tls") for part in text.split("|")), told(way, "tls")
    assert step in told(way, "tls")


def test_a_certificate_that_is_not_looked_at(tmp_path: Path, doctor_harness: DoctorHarness) -> None:
    with listener(speaking_tls(make_certificate(tmp_path))) as port:
        way = go(f"https://127.0.0.1:{port}", validate_certs=False)
    assert statuses(way)["tls"] == "warning"
    assert way.skew is not None


def test_no_tls_at_all(doctor_harness: DoctorHarness) -> None:
    way = go(doctor_harness.emulator.url.replace("http:", "https:"))
    assert statuses(way)["tls"] == "problem"
    assert "does not speak TLS" in told(way, "tls")


def test_a_bundle_that_is_not_there(doctor_harness: DoctorHarness) -> None:
    way = go(doctor_harness.emulator.url.replace("http:", "https:"), ca_path="/nowhere.pem")
    assert told(way, "tls").endswith("correct ca_path")


def test_nothing_listens(doctor_harness: DoctorHarness) -> None:
    found = doctor_harness.run(endpoint=f"127.0.0.1:{free_port()}")
    assert found.with_status("problem") == ["connection"]
    assert "refused" in found["connection"]["told"].lower()
    assert found["key"]["told"] == "not checked: the service cannot be reached (connection)"
    assert found["credentials"]["status"] == "ok"


def test_a_name_without_an_address(doctor_harness: DoctorHarness, monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*given: object, **named: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    found = doctor_harness.run(endpoint=None, region="cn-nowhere", network="vpc")
    assert found.with_status("problem") == ["dns"]
    assert "emr-serverless-spark-vpc.cn-nowhere.aliyuncs.com has no address" in found["dns"]["told"]
    assert "region" in found["dns"]["next_step"]
    assert found["endpoint"]["told"].endswith("from the option region, for use inside a VPC")


def test_a_firewall_that_swallows(
    doctor_harness: DoctorHarness, elsewhere: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def swallow(*given: object, **named: object) -> None:
        raise TimeoutError("timed out")

    monkeypatch.setattr(socket, "create_connection", swallow)
    way = go(f"https://{NAME}")
    assert "did not answer within 5 s" in told(way, "connection")
    assert "firewall" in told(way, "connection")


@pytest.mark.parametrize("answer", ["", "SSH-2.0-OpenSSH_9.9\r\n", "HTTP/1.1 400 Bad\r\n\r\n"])
def test_an_answer_without_a_date_is_no_clock(doctor_harness: DoctorHarness, answer: str) -> None:
    with listener(saying(answer)) as port:
        way = go(f"http://127.0.0.1:{port}")
    assert (way.blocked, way.skew) == (None, None)


def test_an_answer_that_never_ends_is_not_waited_for(
    doctor_harness: DoctorHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    stop = threading.Event()

    def drip(connection: socket.socket) -> None:
        while not stop.wait(0.01):
            connection.sendall(b"x")

    monkeypatch.setattr(_reach, "LONGEST_STEP", 0.2)
    with listener(drip) as port:
        way = go(f"http://127.0.0.1:{port}")
        stop.set()
    assert way.skew is None


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        ("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n", "requires a user and a password"),
        ("HTTP/1.1 403 Forbidden\r\n\r\n", f"refuses to connect to {NAME}:443 (HTTP 403)"),
        ("220 mail.example ESMTP\r\n\r\n", "(HTTP is not supported)"),
        ("", "(HTTP is not supported)"),
    ],
)
def test_a_proxy_that_does_not_let_one_through(
    elsewhere: None, monkeypatch: pytest.MonkeyPatch, answer: str, text: str
) -> None:
    with listener(saying(answer)) as port:
        monkeypatch.setenv("HTTPS_PROXY", f"http://canary-user:canary-password@127.0.0.1:{port}")
        way = go(f"https://{NAME}")
    assert statuses(way) == {"proxy": "problem", "dns": "ok", "connection": "ok", "tls": "unknown"}
    assert text in told(way, "proxy")
    assert "canary" not in str(way)


def test_a_proxy_that_lets_one_through(elsewhere: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    its = make_certificate(tmp_path, NAME)
    asked: list[bytes] = []
    inside = speaking_tls(its)

    def talk(connection: socket.socket) -> None:
        asked.append(connection.recv(4096))
        connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        inside(connection)

    with listener(talk) as port:
        monkeypatch.setenv("HTTPS_PROXY", f"http://user:password@127.0.0.1:{port}")
        way = go(f"https://{NAME}", ca_path=its.file)
    assert set(statuses(way).values()) == {"ok"}
    assert asked[0].startswith(f"CONNECT {NAME}:443 HTTP/1.1\r\n".encode())
    assert b"Proxy-Authorization: Basic dXNlcjpwYXNzd29yZA==" in asked[0]
    assert told(way, "proxy").startswith(f"127.0.0.1:{port} is used")


def test_a_proxy_that_is_not_there(elsewhere: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{free_port()}")
    way = go(f"https://{NAME}")
    assert statuses(way)["connection"] == "problem"
    assert told(way, "connection").endswith("correct HTTPS_PROXY")


@pytest.mark.parametrize(
    ("proxy", "status", "text"),
    [
        ("ftp://127.0.0.1:1", "problem", "a proxy from the environment cannot be used"),
        ("http://127.0.0.1:none", "problem", "Invalid port: 'none'"),
    ],
)
def test_a_proxy_of_another_kind(
    elsewhere: None, monkeypatch: pytest.MonkeyPatch, proxy: str, status: str, text: str
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", proxy)
    way = go(f"https://{NAME}")
    assert statuses(way)["proxy"] == status
    assert text in told(way, "proxy")


def test_a_host_that_is_named_in_no_proxy(elsewhere: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("NO_PROXY", NAME)
    way = go(f"https://{NAME}:{free_port()}")
    assert told(way, "proxy").startswith("no proxy is used")


def test_this_machine_needs_no_proxy(doctor_harness: DoctorHarness, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    assert doctor_harness.run()["proxy"]["told"] == "no proxy is used"
