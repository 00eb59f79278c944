# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""Check the connection to the service, one step at a time: proxy, name, connection, TLS, and the remote clock.

Needs no library, so that it works even if httpx is missing.
"""

from __future__ import annotations

import base64
import contextlib
import re
import socket
import ssl
import typing as t
from urllib.parse import unquote, urlsplit

from .._api.error_kinds import parse_http_date
from .._api.proxies import find_proxy
from .._api.settings import Settings
from .._api.transport import build_ssl_context
from .._clock import Clock
from .._errors import ParameterError
from .report import OK, PROBLEM, UNKNOWN, WARNING, CheckResult

CONNECTION_CHECKS = ("proxy", "dns", "connection", "tls")
LONGEST_STEP = 10.0
LONGEST_HEAD = 65_536
# Unsigned, so that the gateway answers with a refusal and its date, regardless of the credentials.
_PATH = "/api/v1/workspaces"


class ConnectivityReport(t.NamedTuple):
    """A finding for each step, and how many seconds this machine's clock is ahead, None if not known."""

    findings: list[CheckResult]
    skew: float | None

    @property
    def blocked(self) -> CheckResult | None:
        """Return the step that keeps every request from the service, or None if every step passed."""
        return next((found for found in self.findings if found.status == PROBLEM), None)


class _Proxy(t.NamedTuple):
    host: str
    port: int
    authorization: str | None


class _Blocked(Exception):
    """A step that failed."""

    def __init__(self, check: str, told: str, next_step: str | None, status: str = PROBLEM) -> None:
        super().__init__(told)
        self.finding = CheckResult(check, status, told, next_step)


def check_connectivity(settings: Settings, clock: Clock) -> ConnectivityReport:
    """Check the connection of requests, step by step, up to the first failure."""
    walk = _Walk(settings, clock)
    with walk.connections:
        skew = walk.go()
    missing = "not checked: the previous step failed"
    return ConnectivityReport(
        [walk.found.get(step) or CheckResult(step, UNKNOWN, missing) for step in CONNECTION_CHECKS], skew
    )


class _Walk:
    """One attempt to reach the service."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self.settings, self.clock = settings, clock
        self.timeout = min(settings.timeout, LONGEST_STEP)
        parts = urlsplit(f"{settings.scheme}://{settings.host}")
        self.host, self.port = str(parts.hostname), parts.port or (443 if settings.scheme == "https" else 80)
        self.found: dict[str, CheckResult] = {}
        self.connections = contextlib.ExitStack()

    def go(self) -> float | None:
        """Make the checks, and return the difference of the clocks."""
        try:
            proxy = self._proxy()
            connection = self._connect(proxy)
            if proxy:
                self._tunnel(connection, proxy)
            return self._skew(self._tls(connection))
        except _Blocked as blocked:
            self.found[blocked.finding.check] = blocked.finding
            return None

    def _ok(self, check: str, told: str) -> None:
        self.found[check] = CheckResult(check, OK, told)

    def _proxy(self) -> _Proxy | None:
        """Return the proxy that httpx would use: none for this machine, otherwise that of the environment."""
        address = f"{self.settings.scheme}://{self.settings.host}"
        url = None if self.settings.loopback else find_proxy(address)
        if not url:
            self._ok("proxy", "no proxy is used")
            return None
        step = "correct HTTPS_PROXY, or name the host in NO_PROXY"
        try:
            parts = urlsplit(url)
            host, port = parts.hostname, parts.port or (443 if parts.scheme == "https" else 80)
        except ValueError:
            raise _Blocked("proxy", "the proxy from the environment has a port that is not a number", step) from None
        if not host:
            raise _Blocked("proxy", "the proxy from the environment is not a valid address", step)
        if parts.scheme != "http":
            told = f"{parts.scheme}://{host}:{port} is used; the doctor does not check this kind of proxy"
            raise _Blocked("proxy", told, None, status=UNKNOWN)
        user = f"{unquote(parts.username or '')}:{unquote(parts.password or '')}"
        authorization = f"Basic {base64.b64encode(user.encode()).decode()}" if parts.username else None
        self._ok("proxy", f"{host}:{port} is used, from the environment")
        return _Proxy(host, port, authorization)

    def _connect(self, proxy: _Proxy | None) -> socket.socket:
        host, port = (proxy.host, proxy.port) if proxy else (self.host, self.port)
        try:
            addresses = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            step = "correct the name of the proxy" if proxy else "check region, network or endpoint, and the DNS server"
            why = getattr(error, "strerror", None) or error
            raise _Blocked("dns", f"{host} has no address: {why}", step) from None
        self._ok("dns", f"{host} is {', '.join(dict.fromkeys(str(found[4][0]) for found in addresses))}")
        try:
            connection = socket.create_connection((host, port), self.timeout)
        except TimeoutError:
            step = "let the firewall through to it, set HTTPS_PROXY, or use network=vpc inside a VPC"
            raise _Blocked("connection", f"{host}:{port} did not answer within {self.timeout:g} s", step) from None
        except OSError as error:
            step = "correct HTTPS_PROXY" if proxy else "check endpoint, its port, and the firewall"
            why = error.strerror or str(error)
            raise _Blocked("connection", f"{host}:{port} does not accept connections: {why}", step) from None
        self.connections.callback(connection.close)
        self._ok("connection", f"{host}:{port} accepts connections")
        return connection

    def _tunnel(self, connection: socket.socket, proxy: _Proxy) -> None:
        target = f"{self.settings.host}:{self.port}" if ":" not in self.settings.host else self.settings.host
        lines = [f"CONNECT {target} HTTP/1.1", f"Host: {target}"]
        if proxy.authorization:
            lines.append(f"Proxy-Authorization: {proxy.authorization}")
        try:
            status = self._ask(connection, lines)[0]
        except OSError as error:
            raise _Blocked("proxy", f"the proxy does not answer: {error}", "correct HTTPS_PROXY") from None
        if status == 407:
            raise _Blocked("proxy", "the proxy requires a user and a password", "add them to HTTPS_PROXY")
        if status != 200:
            step = f"allow the proxy to connect to {target}, or name the host in NO_PROXY"
            raise _Blocked(
                "proxy", f"the proxy refuses to connect to {target} (HTTP {status or 'is not supported'})", step
            )

    def _tls(self, connection: socket.socket) -> socket.socket:
        if self.settings.scheme == "http":
            self._ok("tls", "not used: the service is on this machine, under plain http")
            return connection
        try:
            connection.settimeout(self.timeout)
            wrapped = build_ssl_context(self.settings).wrap_socket(connection, server_hostname=self.host)
        except ParameterError as error:
            raise _Blocked("tls", str(error), "correct ca_path") from None
        except ssl.SSLCertVerificationError as error:
            raise _Blocked("tls", f"the certificate is not trusted: {error.verify_message}", _trusting(error)) from None
        except (ssl.SSLError, OSError) as error:
            why = getattr(error, "reason", None) or str(error) or type(error).__name__
            step = "check the scheme and port of endpoint, and any proxy or firewall in between"
            raise _Blocked("tls", f"{self.host}:{self.port} does not speak TLS correctly: {why}", step) from None
        self.connections.callback(wrapped.close)
        if self.settings.validate_certs:
            self._ok("tls", f"{wrapped.version()}, and the certificate is trusted")
        else:
            told = "the certificate is not checked, because of validate_certs=false"
            self.found["tls"] = CheckResult("tls", WARNING, told, "remove validate_certs, and set ca_path if needed")
        return wrapped

    def _skew(self, connection: socket.socket) -> float | None:
        lines = [
            f"GET {_PATH} HTTP/1.1",
            f"Host: {self.settings.host}",
            "Accept: application/json",
            "Connection: close",
        ]
        began = self.clock.time()
        try:
            headers = self._ask(connection, lines)[1]
        except OSError:
            return None
        theirs = parse_http_date(headers.get("date"))
        # The header has whole seconds, cut off.
        return None if theirs is None else (began + self.clock.time()) / 2 - theirs - 0.5

    def _ask(self, connection: socket.socket, lines: list[str]) -> tuple[int, dict[str, str]]:
        """Send a request; return status and headers of the response, status 0 if it is not HTTP. Raises OSError."""
        ends = self.clock.monotonic() + self.timeout
        connection.settimeout(self.timeout)
        connection.sendall("\r\n".join([*lines, "", ""]).encode())
        came = b""
        while b"\r\n\r\n" not in came and len(came) < LONGEST_HEAD:
            left = ends - self.clock.monotonic()
            if left <= 0:
                raise TimeoutError("the response did not finish in time")
            connection.settimeout(left)
            piece = connection.recv(4096)
            if not piece:
                break
            came += piece
        first, *rest = came.partition(b"\r\n\r\n")[0].decode("latin-1").split("\r\n")
        status = re.match(r"HTTP/1\.[01] (\d{3})\b", first)
        pairs = (line.partition(":") for line in rest)
        return int(status[1]) if status else 0, {name.strip().lower(): value.strip() for name, dummy, value in pairs}


def _trusting(error: ssl.SSLCertVerificationError) -> str:
    """Return what to do about a certificate, by OpenSSL's codes (X509_V_ERR_*)."""
    if error.verify_code in (9, 10):
        return "check the clock of this machine; if it is right, the certificate has expired"
    if error.verify_code in (62, 64):
        return "check endpoint: the certificate is for a different name"
    return "set ca_path, or add the authority to the system's trust store"
