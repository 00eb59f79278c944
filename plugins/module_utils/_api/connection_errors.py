# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""Describe failed connections: host and port, the proxy with its variable, and the next step."""

from __future__ import annotations

import socket
import ssl
import typing as t
from urllib.parse import urlsplit

from .._errors import UNREADABLE, TransportError

CONNECTION_LOST = "ConnectionLost"
NO_ANSWER = "NoAnswer"

DOCTOR = "ansible-playbook rayops.alicloud.doctor"
HINTS = {
    "NameNotResolved": "check region, network, and endpoint, and the DNS server",
    "ConnectionFailed": "check endpoint, its port, and the firewall",
    CONNECTION_LOST: "check endpoint and its scheme, and the proxies and firewalls in between",
    NO_ANSWER: "raise timeout",
    UNREADABLE: "check endpoint, and the proxies in between",
    "TlsFailed": "check endpoint, its scheme, and its port",
}
_TRUST_HINT = "set ca_path, or add the authority to the system's trust store"


class Route(t.NamedTuple):
    """The address of a request, ``host:port``, and the URL of its proxy, None without a proxy."""

    url: str
    proxy: str | None

    @property
    def variable(self) -> str:
        """Return the environment variable that sets the proxy."""
        from .proxies import find_proxy_variable

        return find_proxy_variable(self.url, self.proxy or "") or "the system's proxy settings"

    def __str__(self) -> str:
        from .proxies import find_bypass

        if not self.proxy:
            bypass = find_bypass(self.url)
            return host_and_port(self.url) + (f" without the proxy, because of {bypass}" if bypass else "")
        return f"{host_and_port(self.url)} through the proxy {host_and_port(self.proxy)} ({self.variable})"


def host_and_port(url: str) -> str:
    """Return ``host:port`` of a URL, without its user, path, and query, which may be secret."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or "?"
        port = parts.port or {"http": 80, "https": 443, "socks5": 1080, "socks5h": 1080}.get(parts.scheme, 0)
    except ValueError:
        return "an invalid address"
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def not_connected(
    operation: str, route: Route, error: Exception, timeout: float | None = None, permanent: bool = False
) -> TransportError:
    """Return the error of a request that was not sent; ``timeout`` in seconds if the connection took too long."""
    text = f"no response within {timeout:g} s" if timeout is not None else str(error) or type(error).__name__
    cause = root_cause(error)
    hint = None
    if isinstance(cause, ssl.SSLError):
        code = "TlsFailed"
        if "CERTIFICATE" in text:
            hint = _TRUST_HINT
    elif route.proxy:
        code = "ProxyFailed"
        hint = f"correct {route.variable}, or name the host in NO_PROXY"
    elif isinstance(cause, (socket.gaierror, UnicodeError)):
        code = "NameNotResolved"
    else:
        code = "ConnectionFailed"
    # A certificate that is not trusted now is not trusted a second later.
    permanent = permanent or hint == _TRUST_HINT
    return transport_error(
        operation, code, f"no connection to {route}: {text}", sent=False, hint=hint, permanent=permanent
    )


def no_answer(operation: str, route: Route, timeout: float) -> TransportError:
    """Return the error of a request without a response; ``timeout`` in seconds."""
    return transport_error(operation, NO_ANSWER, f"no response within {timeout:g} s from {route}", sent=True)


def response_error(operation: str, route: Route, timeout: float, why: str | None) -> TransportError:
    """Return the error of a response that cannot be read, or that did not end within ``timeout`` seconds."""
    if why:
        return transport_error(operation, UNREADABLE, f"the response from {route} {why}", sent=True)
    text = f"the response from {route} did not finish within {timeout:g} s"
    return transport_error(operation, NO_ANSWER, text, sent=True)


def connection_lost(operation: str, route: Route, error: Exception) -> TransportError:
    """Return the error of a connection that ended before its response was complete."""
    text = str(error) or type(error).__name__
    return transport_error(operation, CONNECTION_LOST, f"the connection was cut by {route}: {text}", sent=True)


def transport_error(
    operation: str, code: str, message: str, *, sent: bool, hint: str | None = None, permanent: bool = False
) -> TransportError:
    """Return an error with a code, and a hint that ends with the doctor."""
    return TransportError(
        operation, message, sent, f"{hint or HINTS[code]}, then run {DOCTOR}", code=code, permanent=permanent
    )


def root_cause(error: BaseException) -> BaseException:
    """Return the error of the operating system or of TLS behind an error of the HTTP library."""
    seen = {id(error)}
    while True:
        cause = error.__cause__ or error.__context__
        if isinstance(error, (ssl.SSLError, socket.gaierror, UnicodeError)) or cause is None or id(cause) in seen:
            return error
        seen.add(id(cause))
        error = cause
