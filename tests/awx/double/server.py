# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The HTTP side of the double."""

from __future__ import annotations

import base64
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from .api import Api
from .fields import Json, Refused
from .store import Store
from .trees import Trees

VERSION = "24.6.1"


class AwxDouble:
    """An AWX that is not one, on a port of its own while the `with` lasts."""

    username = "admin"
    password = "double-Password-1"
    token = "double-Token-1"

    def __init__(self, repositories: dict[str, Path], folders: dict[str, Path] | None = None, *, port: int = 0) -> None:
        self.store = Store(Trees(repositories, folders or {}))
        self.api = Api(self.store)
        self.store.tokens[0] = self.token
        self.requests: list[tuple[str, str, Any]] = []
        self.lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", port), _handler(self))
        self._server.daemon_threads = True

    @property
    def url(self) -> str:
        """Return where it is."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def serve(self) -> None:
        """Answer until somebody stops it."""
        self._server.serve_forever(poll_interval=0.05)

    def __enter__(self) -> AwxDouble:
        threading.Thread(target=self.serve, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    def written(self) -> list[tuple[str, str]]:
        """Return the requests that changed something, without logins."""
        return [
            (method, path)
            for method, path, _body in self.requests
            if method not in {"GET", "OPTIONS"} and "/tokens/" not in path
        ]

    def named(self, endpoint: str) -> dict[str, Json]:
        """Return the objects of a resource by name."""
        return {item.get("name", item.get("identifier", "")): item for item in self.store.objects[endpoint].values()}

    def known(self, header: str) -> bool:
        """Return whether a header of a request says who somebody is that AWX knows."""
        kind, _space, value = header.partition(" ")
        if kind == "Basic":
            return base64.b64decode(value).decode() == f"{self.username}:{self.password}"
        return kind == "Bearer" and value in self.store.tokens.values()


def _handler(double: AwxDouble) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _answer(self) -> None:
            split = urlsplit(self.path)
            raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            try:
                sent = json.loads(raw) if raw else {}
                status, body = self._body(split.path, dict(parse_qsl(split.query, keep_blank_values=True)), sent)
            except Refused as refused:
                status, body = refused.status, refused.body
            except ValueError:
                status, body = 400, {"detail": "JSON parse error"}
            text = b"" if body is None else json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(text)))
            self.send_header("Allow", "GET, POST, PUT, PATCH, DELETE, HEAD, OPTIONS")
            self.send_header("X-API-Product-Name", "AWX")
            self.send_header("X-API-Product-Version", VERSION)
            self.end_headers()
            self.wfile.write(text)

        def _body(self, path: str, query: dict[str, str], sent: Any) -> tuple[int, Any]:
            with double.lock:
                double.requests.append((self.command, self.path, sent))
                if path not in {"/api/", "/api/v2/", "/api/v2/ping/"} and not double.known(
                    self.headers.get("Authorization", "")
                ):
                    raise Refused(401, {"detail": "Authentication credentials were not provided."})
                return double.api.answer(self.command, path, query, sent)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = do_HEAD = _answer  # noqa: N815

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            pass

    return Handler
