# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the unit tests put in place of time, of the service's bytes and of the credentials."""

from __future__ import annotations

import socket
import socketserver
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any


class FakeClock:
    """A clock that only moves when somebody sleeps; ``naps`` are the sleeps."""

    def __init__(self, now: float = 1_000.0, epoch: float = 1_795_000_000.0) -> None:
        self.now = now
        self.offset = epoch - now
        self.naps: list[float] = []

    def monotonic(self) -> float:
        return self.now

    def time(self) -> float:
        return self.now + self.offset

    def sleep(self, seconds: float) -> None:
        assert seconds >= 0
        self.naps.append(seconds)
        self.now += seconds


class RawServer:
    """A loopback server that keeps the raw requests and answers with raw bytes."""

    def __init__(self, server: socketserver.TCPServer, requests: list[bytes]) -> None:
        self.host = f"127.0.0.1:{server.server_address[1]}"
        self.requests = requests


def _read_request(connection: socket.socket) -> bytes:
    """Return one request: head, and as much body as its content-length says."""
    raw = b""
    while b"\r\n\r\n" not in raw:
        piece = connection.recv(65536)
        if not piece:
            return raw
        raw += piece
    head, separator, body = raw.partition(b"\r\n\r\n")
    lines = head.decode("latin-1").lower().split("\r\n")
    length = next((int(line.split(":")[1]) for line in lines if line.startswith("content-length:")), 0)
    while len(body) < length:
        body += connection.recv(65536)
    return head + separator + body


@contextmanager
def serve_raw(answer: Callable[[socket.socket, bytes], Any]) -> Iterator[RawServer]:
    """Serve on a free port of the loopback; ``answer`` gets the connection and the request, one per connection."""
    requests: list[bytes] = []

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            request = _read_request(self.request)
            if not request:
                return
            requests.append(request)
            with suppress(OSError):  # the client has hung up, as it should
                answer(self.request, request)

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True
        block_on_close = False

    with Server(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield RawServer(server, requests)
        finally:
            server.shutdown()
            thread.join()


def http_response(body: bytes = b"{}", status: str = "200 OK", headers: str = "") -> bytes:
    """Return the bytes of an answer after which the connection ends."""
    head = f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n{headers}\r\n"
    return head.encode() + body
