# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""Send one request and read its response; the only file that imports httpx."""

from __future__ import annotations

import contextlib
import functools
import os
import ssl
import sys
import threading
import types
import typing as t

from .._clock import Clock
from .._errors import ParameterError, TransportError
from .settings import Settings

# httpx also imports its command line if click and rich are installed, which takes longer than all its other imports.
_HTTPX_CLI_MODULE = "httpx._main"
_IS_CLI_BLOCKED = _HTTPX_CLI_MODULE not in sys.modules
if _IS_CLI_BLOCKED:
    sys.modules[_HTTPX_CLI_MODULE] = t.cast(types.ModuleType, None)

try:
    import httpx

    HAS_HTTPX = True
    HTTPX_VERSION = httpx.__version__
except ImportError:
    HAS_HTTPX = False
    HTTPX_VERSION = ""
finally:
    if _IS_CLI_BLOCKED:
        del sys.modules[_HTTPX_CLI_MODULE]

# The largest genuine response, a list page of 100 clusters with 50 groups each, has about 2 MB.
MAX_RESPONSE_BYTES = 16 * 1024 * 1024
UNCOMPRESSED_ENCODINGS = ("", "identity")


class Request(t.NamedTuple):
    """A signed request: ``url`` is complete and encoded, ``body`` holds exactly the bytes that were hashed."""

    operation: str
    method: str
    url: str
    headers: dict[str, str]
    body: bytes


class Response(t.NamedTuple):
    """A response; header names are in lowercase."""

    status: int
    headers: dict[str, str]
    body: bytes


class Transport:
    """An httpx client for each proxy: system trust store, proxies of the environment, no redirects, bounded responses.

    Threads may share it.
    """

    def __init__(
        self, settings: Settings, clock: Clock, on_event: t.Callable[[str, dict[str, t.Any]], None] | None = None
    ) -> None:
        """Raise ParameterError when ``ca_path`` or a proxy from the environment cannot be used.

        ``on_event`` receives the events of httpx's extension ``trace``.
        """
        self._on_event = on_event
        self._clock = clock
        # The current activity of each thread, for the streams, which outlive an attempt.
        self._now = threading.local()
        self._trust = build_ssl_context(settings)
        # A proxy cannot reach this machine's own loopback.
        self._uses_proxies = not settings.loopback
        self._clients: dict[str | None, httpx.Client] = {}
        self._lock = threading.Lock()
        try:
            self._client_for(f"{settings.scheme}://{settings.host}")
        except (ValueError, ImportError, httpx.HTTPError, httpx.InvalidURL) as error:
            raise ParameterError([f"a proxy from the environment cannot be used: {error}"]) from None

    def _client_for(self, url: str) -> httpx.Client:
        proxy = self._find_proxy(url)
        with self._lock:
            if proxy not in self._clients:
                self._clients[proxy] = httpx.Client(
                    verify=self._trust,
                    proxy=proxy,
                    trust_env=False,
                    follow_redirects=False,
                    # The number of threads limits the concurrent requests, and each thread keeps its connection.
                    limits=httpx.Limits(max_connections=None, max_keepalive_connections=None),
                )
            return self._clients[proxy]

    def _find_proxy(self, url: str) -> str | None:
        if not self._uses_proxies:
            return None
        from .proxies import find_proxy

        return find_proxy(url)

    def close(self) -> None:
        """Close the connections."""
        for client in self._clients.values():
            client.close()

    def send(self, request: Request, timeout: float) -> Response:
        """Make one attempt that ends after ``timeout`` seconds, regardless of how slowly the response arrives.

        Raises TransportError, whose ``sent`` is false only if the server cannot have received the request.
        """
        with self._errors_of(request, timeout), self._open(request, timeout) as response:
            head = _head_of(response)
            return head._replace(body=self.read_body(head, self._iter_chunks(response)))

    @contextlib.contextmanager
    def stream(
        self, request: Request, timeout: float, secret: bool = False
    ) -> t.Iterator[tuple[Response, t.Iterator[bytes]]]:
        """Make one attempt as :meth:`send` does; yield the head of the response and the pieces of its body.

        With ``secret``, the address of the request is a secret, which errors must not quote.
        """
        with self._errors_of(request, timeout, secret), self._open(request, timeout) as response:
            yield _head_of(response), self._iter_chunks(response)

    def _open(self, request: Request, timeout: float) -> t.ContextManager[httpx.Response]:
        client = self._client_for(request.url)
        # Cookies of a gateway are not part of the signed request.
        client.cookies.clear()
        return client.stream(
            request.method,
            request.url,
            headers=request.headers,
            content=request.body or None,
            timeout=timeout,
            extensions={"trace": self._enforce_deadline},
        )

    @contextlib.contextmanager
    def _errors_of(self, request: Request, timeout: float, secret: bool = False) -> t.Iterator[None]:
        """Start the time of an attempt, and convert the errors of httpx to TransportError."""
        self._now.attempt, self._now.ends = (request, timeout), self._clock.monotonic() + timeout
        try:
            yield
        except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
            raise _to_transport_error(request, self._find_proxy(request.url), error, timeout, secret) from None

    def _enforce_deadline(self, event: str, info: dict[str, t.Any]) -> None:
        """Limit each read of a new connection to the attempt: httpx bounds single reads, and headers can be slow."""
        if self._on_event:
            self._on_event(event, info)
        if not event.endswith(("connect_tcp.complete", "start_tls.complete")):
            return
        stream = info["return_value"]
        read = stream.read

        def read_before_deadline(max_bytes: int, timeout: float | None = None) -> t.Any:
            left = self._remaining_seconds()
            return read(max_bytes, left if timeout is None else min(left, timeout))

        stream.read = read_before_deadline

    def _remaining_seconds(self) -> float:
        left: float = self._now.ends - self._clock.monotonic()
        if left <= 0:
            raise self.response_error(None)
        return left

    def _iter_chunks(self, response: t.Any) -> t.Iterator[bytes]:
        for chunk in response.iter_raw():
            yield chunk
            self._remaining_seconds()

    def read_body(self, head: Response, pieces: t.Iterable[bytes]) -> bytes:
        """Return the decoded body of a response. Raises TransportError if it is too large."""
        body = bytearray()
        for piece in pieces:
            body += piece
            self._check_size(len(body))
        encoding = content_encoding(head)
        if encoding in UNCOMPRESSED_ENCODINGS:
            return bytes(body)
        from .decompression import decompress

        plain = decompress(self.response_error, bytes(body), encoding, MAX_RESPONSE_BYTES + 1)
        self._check_size(len(plain))
        return plain

    def _check_size(self, size: int) -> None:
        if size > MAX_RESPONSE_BYTES:
            raise self.response_error(f"is larger than {MAX_RESPONSE_BYTES} bytes")

    def response_error(self, why: str | None) -> TransportError:
        """Return the error for a response that cannot be read, or that did not end in time if ``why`` is None."""
        from .connection_errors import Route, response_error

        request, timeout = self._now.attempt
        return response_error(request.operation, Route(request.url, self._find_proxy(request.url)), timeout, why)


def content_encoding(head: Response) -> str:
    """Return the compression of a body; ``identity`` or an empty text mean none."""
    return head.headers.get("content-encoding", "identity").strip().lower()


def _head_of(response: httpx.Response) -> Response:
    return Response(response.status_code, {name.lower(): value for name, value in response.headers.items()}, b"")


@functools.lru_cache(maxsize=1)
def system_ssl_context() -> ssl.SSLContext:
    """Return a context that trusts the system's certificates; loading it once is enough."""
    return ssl.create_default_context()


def preload() -> None:
    """Load in advance what the first request needs: certificates, and lazy imports of httpx."""
    httpx.Client(verify=system_ssl_context(), trust_env=False).close()


def build_ssl_context(settings: Settings) -> ssl.SSLContext:
    """Return a context that trusts ``ca_path`` or the system's certificates; plain http loads none.

    Raises ParameterError.
    """
    if settings.scheme == "http":
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    where = settings.ca_path
    if settings.validate_certs and not where:
        return system_ssl_context()
    try:
        context = ssl.create_default_context(
            cafile=where if where and not os.path.isdir(where) else None,
            capath=where if where and os.path.isdir(where) else None,
        )
    except OSError as error:
        raise ParameterError([f"ca_path: {where} cannot be used: {error}"]) from None
    if not settings.validate_certs:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def _to_transport_error(
    request: Request, proxy: str | None, error: Exception, timeout: float, secret: bool
) -> TransportError:
    from .connection_errors import Route, connection_lost, no_answer, not_connected

    operation, route = request.operation, Route(request.url, proxy)
    if not isinstance(error, httpx.HTTPError):
        return not_connected(operation, route, ValueError(type(error).__name__) if secret else error, permanent=True)
    if isinstance(error, httpx.ConnectTimeout):
        return not_connected(operation, route, error, timeout)
    if isinstance(error, (httpx.ConnectError, httpx.ProxyError, httpx.PoolTimeout, httpx.UnsupportedProtocol)):
        return not_connected(operation, route, error)
    if isinstance(error, httpx.TimeoutException):
        return no_answer(operation, route, timeout)
    return connection_lost(operation, route, error)
