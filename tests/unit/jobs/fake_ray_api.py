# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ray's Jobs endpoint with a script: each job's statuses and log by the look, and answers that are cut or wrong.

Where the emulator's own endpoint says how jobs go with time, this one lets a test say what each single answer is.
"""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Json = dict[str, Any]
TOKEN = "0123456789abcdef-submit-canary"
PREFIX = "/ray/x/api/jobs/"
# As Ray 2.60 says it: what the agent answered to the head, which puts a line with a dot behind it.
DUPLICATE_JOB_ERROR = (
    "Traceback (most recent call last):\n  File ...\nRuntimeError: Request failed with status code 400: Traceback "
    "(most recent call last):\n  File ...\nValueError: Job with submission_id {} already exists. Please use a "
    "different submission_id.\n.\n"
)


class FakeRayApi:
    """What the endpoint knows, and what it is to do wrong: `trouble` maps METHOD or METHOD/last word to a queue."""

    def __init__(self) -> None:
        self.jobs: dict[str, Json] = {}
        self.submitted: list[str] = []
        self.requests: list[str] = []
        self.tokens: set[str | None] = set()
        self.trouble: dict[str, list[str]] = {}
        # What comes of a job: the status and the length of the log for each look at its status.
        self.statuses: list[str] = ["PENDING", "RUNNING", "RUNNING", "SUCCEEDED"]
        self.log = ""
        self.url = ""

    def next_fault(self, what: str) -> str | None:
        """Return what is to go wrong with a request."""
        queue = self.trouble.get(what) or []
        return queue.pop(0) if queue else None

    def submit(self, body: Json) -> tuple[int, Any]:
        """Take a job."""
        submission_id = body["submission_id"]
        if submission_id in self.jobs:
            return 500, DUPLICATE_JOB_ERROR.format(submission_id)
        self.submitted.append(submission_id)
        details = {"type": "SUBMISSION", "job_id": None, "message": "ok", "driver_exit_code": None, "end_time": 0}
        self.jobs[submission_id] = {**details, **body, "start_time": 17, "left": list(self.statuses)}
        return 200, {"job_id": submission_id, "submission_id": submission_id}

    def status(self, submission_id: str) -> tuple[int, Any]:
        """Say how a job is doing, which moves it on."""
        if submission_id not in self.jobs:
            return 404, f"Job {submission_id} does not exist"
        job = self.jobs[submission_id]
        job["status"] = job["left"].pop(0) if len(job["left"]) > 1 else job["left"][0]
        return 200, {key: value for key, value in job.items() if key != "left"}

    def logs(self, submission_id: str) -> tuple[int, Any]:
        """Return the part of the log that is there by now."""
        job = self.jobs[submission_id]
        made = len(self.statuses) - len(job["left"]) + 1
        end = job.get("status") in ("SUCCEEDED", "FAILED", "STOPPED")
        return 200, {"logs": self.log if end else self.log[: len(self.log) * made // (len(self.statuses) + 1)]}

    def stop(self, submission_id: str) -> tuple[int, Any]:
        """Stop a job."""
        job = self.jobs[submission_id]
        if job.get("status") in ("SUCCEEDED", "FAILED", "STOPPED"):
            return 200, {"stopped": False}
        job["left"] = ["RUNNING", "STOPPED"]
        return 200, {"stopped": True}


class Handler(BaseHTTPRequestHandler):
    """Routes, and things that go wrong."""

    api: FakeRayApi
    protocol_version = "HTTP/1.1"

    def log_message(self, *args: Any) -> None:
        """Keep quiet."""

    def do_GET(self) -> None:
        self._respond()

    def do_POST(self) -> None:
        self._respond()

    def _respond(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers.get("content-length") or 0)) or b"{}")
        script, rest = self.api, self.path.removeprefix(PREFIX).split("/")
        what = self.command if len(rest) == 1 else rest[1]
        script.requests.append(what)
        script.tokens.add(self.headers.get("ray-token"))
        wrong = script.next_fault(what)
        if wrong == "cut before":
            self._close_connection()
            return
        if self.headers.get("ray-token") != TOKEN:
            code, found = 403, "<html>forbidden</html>"
        elif self.command == "POST":
            code, found = script.submit(body) if rest == [""] else script.stop(rest[0])
        else:
            code, found = script.logs(rest[0]) if len(rest) > 1 else script.status(rest[0])
        self._send(code, found, wrong)

    def _close_connection(self) -> None:
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    def _send(self, code: int, found: Any, wrong: str | None) -> None:
        if wrong == "cut after":
            self._close_connection()
            return
        if wrong in ("500", "502"):
            code, found = int(wrong), "<html>bad gateway</html>"
        data = (found if isinstance(found, str) else json.dumps(found)).encode()
        data = b"[]" if wrong == "nonsense" else data
        self.send_response(code)
        self.send_header("content-type", "text/plain" if isinstance(found, str) else "application/json")
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data[: len(data) // 2] if wrong == "cut half" else data)
        if wrong == "cut half":
            self.close_connection = True


@contextmanager
def serve_fake_ray_api() -> Iterator[FakeRayApi]:
    """Serve on a free port of the loopback."""
    script = FakeRayApi()

    class BoundHandler(Handler):
        pass

    BoundHandler.api = script
    server = ThreadingHTTPServer(("127.0.0.1", 0), BoundHandler)
    server.daemon_threads = True
    script.url = f"http://127.0.0.1:{server.server_address[1]}/ray/x"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield script
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
