# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""Check the connection to the service with an unsigned request that takes the route of all others, traced by httpx."""

from __future__ import annotations

import contextlib
import socket
import ssl
import typing as t

from .._api.connection_errors import host_and_port, root_cause
from .._api.error_kinds import parse_http_date
from .._api.proxies import find_proxy
from .._api.settings import Settings
from .._api.transport import HAS_HTTPX, Request, Transport
from .._clock import Clock
from .._errors import ParameterError, TransportError
from .report import OK, PROBLEM, UNKNOWN, WARNING, CheckResult

CONNECTION_CHECKS = ("proxy", "dns", "connection", "tls")
LONGEST_STEP = 10.0
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


def check_connectivity(settings: Settings, clock: Clock) -> ConnectivityReport:
    """Check the connection of requests, step by step, up to the first failure."""
    if not HAS_HTTPX:
        return ConnectivityReport(
            [CheckResult(step, UNKNOWN, "not checked: httpx is missing") for step in CONNECTION_CHECKS], None
        )
    attempt = _Attempt(settings, clock)
    skew = attempt.run()
    missing = "not checked: the previous step failed"
    findings = [attempt.found.get(step) or CheckResult(step, UNKNOWN, missing) for step in CONNECTION_CHECKS]
    return ConnectivityReport(findings, skew)


class _Attempt:
    """One request, and what its trace shows."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self.settings, self.clock = settings, clock
        self.timeout = min(settings.timeout, LONGEST_STEP)
        self.url = f"{settings.scheme}://{settings.host}{_PATH}"
        self.proxy = None if settings.loopback else find_proxy(self.url)
        # The connection goes to the proxy, if there is one.
        self.peer = host_and_port(self.proxy or self.url)
        self.tunnel_status: int | None = None
        self.found: dict[str, CheckResult] = {}

    def run(self) -> float | None:
        """Send the request, and return the difference of the clocks."""
        used = f"{self.peer} is used, from the environment" if self.proxy else "no proxy is used"
        self.found["proxy"] = CheckResult("proxy", OK, used)
        try:
            transport = Transport(self.settings, self.clock, on_event=self._note)
        except ParameterError as error:
            check, step = ("tls", "correct ca_path") if "ca_path" in str(error) else ("proxy", _PROXY_STEP)
            self.found[check] = CheckResult(check, PROBLEM, str(error), step)
            return None
        headers = {"host": self.settings.host, "accept": "application/json"}
        began = self.clock.time()
        try:
            with contextlib.closing(transport):
                response = transport.send(Request("", "GET", self.url, headers, b""), self.timeout)
        except TransportError:
            # The trace has the reason, unless the way is free and only the response cannot be read.
            return None
        theirs = parse_http_date(response.headers.get("date"))
        # The header has whole seconds, cut off.
        return None if theirs is None else (began + self.clock.time()) / 2 - theirs - 0.5

    def _note(self, event: str, info: t.Mapping[str, t.Any]) -> None:
        """Take an event of httpx, such as ``connection.connect_tcp.complete``."""
        step, _dot, state = event.rpartition(".")
        notes: dict[str, t.Callable[[t.Any], None]] = {
            "connect_tcp.complete": self._note_connection,
            "connect_tcp.failed": self._note_no_connection,
            "start_tls.complete": self._note_tls,
            "start_tls.failed": self._note_no_tls,
            "receive_response_headers.complete": self._note_response,
            "receive_response_headers.failed": self._note_no_response,
        }
        note = notes.get(f"{step.rpartition('.')[2]}.{state}")
        if note:
            note(info.get("return_value") if state == "complete" else root_cause(info["exception"]))

    def _note_connection(self, stream: t.Any) -> None:
        address = stream.get_extra_info("server_addr")[0]
        self._ok("dns", f"{self.peer.rpartition(':')[0]} is {address}")
        self._ok("connection", f"{self.peer} accepts connections")
        if self.settings.scheme == "http":
            self._ok("tls", "not used: the service is on this machine, under plain http")

    def _note_no_connection(self, cause: BaseException) -> None:
        host = self.peer.rpartition(":")[0]
        why = getattr(cause, "strerror", None) or str(cause) or type(cause).__name__
        if isinstance(cause, (socket.gaierror, UnicodeError)):
            step = (
                "correct the name of the proxy"
                if self.proxy
                else "check region, network or endpoint, and the DNS server"
            )
            self._problem("dns", f"{host} has no address: {why}", step)
            return
        self._ok("dns", f"{host} has an address")
        if isinstance(cause, TimeoutError):
            step = "let the firewall through to it, set HTTPS_PROXY, or use network=vpc inside a VPC"
            self._problem("connection", f"{self.peer} did not answer within {self.timeout:g} s", step)
        else:
            step = "correct HTTPS_PROXY" if self.proxy else "check endpoint, its port, and the firewall"
            self._problem("connection", f"{self.peer} does not accept connections: {why}", step)

    def _note_tls(self, stream: t.Any) -> None:
        if self.settings.validate_certs:
            self._ok("tls", f"{stream.get_extra_info('ssl_object').version()}, and the certificate is trusted")
        else:
            told = "the certificate is not checked, because of validate_certs=false"
            self.found["tls"] = CheckResult("tls", WARNING, told, "remove validate_certs, and set ca_path if needed")

    def _note_no_tls(self, cause: BaseException) -> None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            self._problem("tls", f"the certificate is not trusted: {cause.verify_message}", _trust_step(cause))
            return
        why = getattr(cause, "reason", None) or str(cause) or type(cause).__name__
        step = "check the scheme and port of endpoint, and any proxy or firewall in between"
        self._problem("tls", f"{host_and_port(self.url)} does not speak TLS correctly: {why}", step)

    @property
    def _is_tunnel_open(self) -> bool:
        return not self.proxy or "tls" in self.found

    def _note_response(self, response: tuple[t.Any, ...]) -> None:
        status, target = response[1], host_and_port(self.url)
        if self._is_tunnel_open or status == 200:
            return
        if status == 407:
            self._problem("proxy", "the proxy requires a user and a password", "add them to HTTPS_PROXY")
        else:
            step = f"allow the proxy to connect to {target}, or name the host in NO_PROXY"
            self._problem("proxy", f"the proxy refuses to connect to {target} (HTTP {status})", step)

    def _note_no_response(self, cause: BaseException) -> None:
        target = host_and_port(self.url)
        if not self._is_tunnel_open:
            why = cause if isinstance(cause, OSError) else "HTTP is not supported"
            step = f"allow the proxy to connect to {target}, or name the host in NO_PROXY"
            self._problem("proxy", f"the proxy refuses to connect to {target} ({why})", step)

    def _ok(self, check: str, told: str) -> None:
        self.found[check] = CheckResult(check, OK, told)

    def _problem(self, check: str, told: str, step: str) -> None:
        self.found[check] = CheckResult(check, PROBLEM, told, step)


_PROXY_STEP = "correct HTTPS_PROXY, or name the host in NO_PROXY"


def _trust_step(error: ssl.SSLCertVerificationError) -> str:
    """Return what to do about a certificate, by OpenSSL's codes (X509_V_ERR_*)."""
    if error.verify_code in (9, 10):
        return "check the clock of this machine; if it is right, the certificate has expired"
    if error.verify_code in (62, 64):
        return "check endpoint: the certificate is for a different name"
    return "set ca_path, or add the authority to the system's trust store"
