# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One real Ray head on this machine: on the loopback alone, watched until it is ready, ended with all it began."""

from __future__ import annotations

import http.client
import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

ROOT = Path(__file__).parents[2]
STARTING, READY, FAILED = "starting", "ready", "failed"
_PATIENCE_SECONDS = 120.0
_POLL_SECONDS = 0.1
# The least that Ray takes.
_OBJECT_STORE_BYTES = 80_000_000
# Heads require this token, as newer releases of Ray do by default. The gateway adds it, so clients never see it.
_TOKEN = secrets.token_hex(16)
AUTHORIZATION = {"Authorization": f"Bearer {_TOKEN}"}


def environment(home: str) -> dict[str, str]:
    """Return what a head may see of ours: no credentials, no settings of the developer's own.

    RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER=0 makes every Ray process listen on the loopback alone. The proxy is a closed port
    there: Ray asks the clouds' metadata services who they are, even with usage statistics switched off.
    """
    nowhere = "http://127.0.0.1:9"
    return {
        "HOME": home,
        "LANG": "C.UTF-8",
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)]),
        "RAY_AUTH_MODE": "token",
        "RAY_AUTH_TOKEN": _TOKEN,
        "RAY_USAGE_STATS_ENABLED": "0",
        "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0",
        "RAY_memory_monitor_refresh_ms": "0",
        "PYTHONUNBUFFERED": "1",
        "http_proxy": nowhere,
        "https_proxy": nowhere,
        "no_proxy": "127.0.0.1,localhost",
    }


def command(temp: str, ports: dict[str, int], cpus: int) -> list[str]:
    """Return the command line of a head that stays in the foreground."""
    options = {
        "node-ip-address": "127.0.0.1",
        "port": ports["gcs"],
        "dashboard-host": "127.0.0.1",
        "dashboard-port": ports["dashboard"],
        "dashboard-agent-listen-port": ports["agent"],
        "ray-client-server-port": ports["client"],
        "min-worker-port": 0,
        "max-worker-port": 0,
        "num-cpus": cpus,
        "num-gpus": 0,
        "object-store-memory": _OBJECT_STORE_BYTES,
        "temp-dir": f"{temp}/ray",
    }
    words = [f"--{name}={value}" for name, value in options.items()]
    return [sys.executable, "-m", "ray.scripts.scripts", "start", "--head", "--block", "--disable-usage-stats", *words]


def free_ports(*names: str) -> dict[str, int]:
    """Return a free port of the loopback for each name."""
    sockets = [socket.socket() for _name in names]
    try:
        for sock in sockets:
            sock.bind(("127.0.0.1", 0))
        return {name: sock.getsockname()[1] for name, sock in zip(names, sockets, strict=True)}
    finally:
        for sock in sockets:
            sock.close()


class Head:
    """A head and the thread that watches it; `state` is starting, ready or failed."""

    def __init__(self, cpus: int) -> None:
        # Short: the paths of Ray's sockets in there must not exceed 107 characters.
        self._temp = tempfile.mkdtemp(prefix="rh", dir="/tmp" if Path("/tmp").is_dir() else None)
        self._log = Path(self._temp, "head.log")
        self._ports = free_ports("gcs", "dashboard", "agent", "client")
        self.address = f"http://127.0.0.1:{self._ports['dashboard']}"
        self.state, self.message = STARTING, ""
        self._stopping = threading.Event()
        keeper = [sys.executable, "-m", "tests.emulator.ray_keeper", self._temp]
        with self._log.open("wb") as log:
            self.process = subprocess.Popen(
                [*keeper, *command(self._temp, self._ports, cpus)],
                cwd=ROOT,
                env=environment(self._temp),
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        self._watcher = threading.Thread(target=self._watch, name="ray-head", daemon=True)
        self._watcher.start()

    def _watch(self) -> None:
        until = time.monotonic() + _PATIENCE_SECONDS
        while not self._stopping.is_set():
            if self.state == STARTING and self._answers():
                self.state = READY
            if self.process.poll() is not None:
                self._fail("the Ray head has ended")
                return
            if self.state == STARTING and time.monotonic() > until:
                self._fail(f"the Ray head was not ready within {_PATIENCE_SECONDS:.0f} seconds")
                return
            self._stopping.wait(_POLL_SECONDS)
        self.process.wait()

    def _fail(self, message: str) -> None:
        tail = self._log.read_text(errors="replace")[-2000:] if self._log.exists() else ""
        self.message = f"{message}\n{tail}".strip()
        self.state = FAILED

    def _answers(self) -> bool:
        """True once the dashboard knows about jobs and the agent, which runs them, listens."""
        connection = http.client.HTTPConnection("127.0.0.1", self._ports["dashboard"], timeout=5)
        try:
            connection.request("GET", "/api/jobs/", headers=AUTHORIZATION)
            if connection.getresponse().status != http.client.OK:
                return False
            socket.create_connection(("127.0.0.1", self._ports["agent"]), timeout=2).close()
        except (OSError, http.client.HTTPException):
            return False
        else:
            return True
        finally:
            connection.close()

    def stop(self) -> None:
        """Begin to end it; returns at once."""
        self._stopping.set()
        if self.process.stdin is not None and not self.process.stdin.closed:
            self.process.stdin.close()

    def wait(self) -> None:
        """Wait until nothing of it is left."""
        self.stop()
        self.process.wait(timeout=30)
        self._watcher.join(timeout=5)
        shutil.rmtree(self._temp, ignore_errors=True)
