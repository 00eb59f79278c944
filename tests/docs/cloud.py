# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stands in for what hands out credentials: STS, the metadata of an instance, a service of one's own.

`redirect/sitecustomize.py` leads there what the library sends to their real addresses.
"""

from __future__ import annotations

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.emulator import Emulator

STS_CREDENTIALS = ("emulator-sts-key", "emulator-sts-secret", "emulator-sts-token")
REDIRECT_FOLDER = Path(__file__).parent / "redirect"


class FakeCredentialServer:
    """A server on the loopback that notes what it is asked."""

    def __init__(self, emulator: Emulator) -> None:
        self.emulator = emulator
        # What was asked of whom, with its parameters.
        self.asked: list[tuple[str, dict[str, str]]] = []
        credential_server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self._respond()

            def do_POST(self) -> None:
                self._respond()

            def do_PUT(self) -> None:
                self._respond()

            def log_message(self, *arguments: Any) -> None:
                """Print nothing."""

            def _respond(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length") or 0)).decode()
                parts = urlsplit(self.path)
                given = {**dict(parse_qsl(parts.query)), **dict(parse_qsl(body))}
                status, text = credential_server.respond(self.headers.get("x-real-host", ""), parts.path, given)
                self.send_response(status)
                self.send_header("content-length", str(len(text)))
                self.end_headers()
                self.wfile.write(text.encode())

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True

    def __enter__(self) -> FakeCredentialServer:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *error: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def environment(self) -> dict[str, str]:
        """Return the environment that leads processes here."""
        return {"PYTHONPATH": str(REDIRECT_FOLDER), "TESTS_CLOUD": f"http://127.0.0.1:{self._server.server_port}"}

    def respond(self, host: str, path: str, given: dict[str, str]) -> tuple[int, str]:
        """Answer one request as the host would that it was meant for."""
        key, secret, token = STS_CREDENTIALS
        until = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 3600))
        flat = {"AccessKeyId": key, "AccessKeySecret": secret, "SecurityToken": token, "Expiration": until}
        if host.startswith("sts"):
            self.asked.append((given.get("Action", ""), given))
            return 200, json.dumps({"RequestId": "r", "Credentials": flat})
        self.asked.append((f"{host}{path}", given))
        if host == "100.100.100.200" and path == "/latest/api/token":
            return 200, "metadata-token"
        if host == "100.100.100.200" and not path.endswith("/ray-operator"):
            return 404, "no such role"
        return 200, json.dumps({**flat, "Code": "Success"})
