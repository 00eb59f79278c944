# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The emulator as a running server: in a daemon thread of the test process, on a free port of the loopback."""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import socket
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Any

import uvicorn
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from .app import Sleep, build
from .asgi import ABORT
from .core import ACCESS_KEY_ID, ACCESS_KEY_SECRET, WORKSPACE, Core
from .emulator_controls import EmulatorControls
from .limits import Limits
from .rules import Rules, Timing


class CuttingProtocol(H11Protocol):
    """uvicorn's HTTP protocol, which lets the application cut the connection."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        inner = self.app

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            scope[ABORT] = self.transport.abort
            await inner(scope, receive, send)

        self.app = app


def websockets() -> Any:
    """Return uvicorn's websocket protocol, which lets the application cut the connection; "none" without wsproto."""
    try:
        from uvicorn.protocols.websockets.wsproto_impl import WSProtocol
    except ImportError:
        return "none"

    class CuttingSocket(WSProtocol):
        async def run_asgi(self) -> None:
            scope: dict[str, Any] = self.scope  # type: ignore[assignment]
            scope[ABORT] = self.transport.abort
            await super().run_asgi()

    return CuttingSocket


def loopback(host: str) -> str:
    """Return a host that is safe to bind; raises ValueError for anything that is not the loopback."""
    name = "127.0.0.1" if host == "localhost" else host
    try:
        if ipaddress.ip_address(name).is_loopback:
            return name
    except ValueError:
        pass
    raise ValueError(f"the emulator binds to the loopback only, not to {host}")


def bind(host: str, port: int) -> socket.socket:
    """Return a listening socket on the loopback; port 0 takes a free one."""
    name = loopback(host)
    # asyncio switches Nagle's delay (40 ms per answer) off only where the protocol is named.
    family = socket.AF_INET6 if ":" in name else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind((name, port))
        sock.listen(1024)
    except OSError:
        sock.close()
        raise
    return sock


def make_server(core: Core, sleep: Sleep = asyncio.sleep) -> uvicorn.Server:
    """Return a quiet uvicorn server for the application, not yet running."""
    config = uvicorn.Config(
        build(core, sleep),
        http=CuttingProtocol,
        ws=websockets(),
        loop="asyncio",
        lifespan="off",
        log_config=None,
        log_level="error",
        access_log=False,
        server_header=False,
        date_header=False,
        proxy_headers=False,
        timeout_keep_alive=60,
        timeout_graceful_shutdown=1,
    )
    return uvicorn.Server(config)


class Emulator(EmulatorControls):
    """Context manager: a running emulator and everything a test needs of it.

    `clock` moves clusters and jobs (pass `Clock(frozen=True)` or call `advance`), `wall` is the time that signatures
    are checked against, `sleep` what slow answers wait with. Other keywords go to `Core` (region, real_ray ...).
    """

    access_key_id = ACCESS_KEY_ID
    access_key_secret = ACCESS_KEY_SECRET
    workspace_id = WORKSPACE

    def __init__(
        self,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        rules: Rules | dict[str, Any] | None = None,
        timing: Timing | dict[str, Any] | None = None,
        limits: dict[str, Any] | None = None,
        sleep: Callable[[float], Any] = asyncio.sleep,
        **core: Any,
    ) -> None:
        loopback(host)
        self._address = (host, port)
        self.rules = rules if isinstance(rules, Rules) else Rules()
        self.timing = timing if isinstance(timing, Timing) else Timing()
        if isinstance(rules, dict):
            self.rules.set(rules)
        if isinstance(timing, dict):
            self.timing.set(timing)
        self.core = Core(rules=self.rules, timing=self.timing, limits=Limits(), **core)
        self.core.limits.set(limits or {})
        self._sleep = sleep
        self._server: uvicorn.Server | None = None
        self._thread: threading.Thread | None = None
        self.endpoint = ""

    def __enter__(self) -> Emulator:
        """Start and return when connections are accepted."""
        sock = bind(*self._address)
        host, port = sock.getsockname()[:2]
        self.endpoint = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        self.core.site.base_url = self.url
        self._server = make_server(self.core, self._sleep)
        self._thread = threading.Thread(target=self._serve, args=(sock,), name="emulator", daemon=True)
        self._thread.start()
        return self

    def _serve(self, sock: socket.socket) -> None:
        if self._server is not None:
            with contextlib.suppress(asyncio.CancelledError):
                self._server.run(sockets=[sock])

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop; open connections are closed."""
        if self._server is not None:
            self._server.should_exit = True
            self._server.force_exit = True
        if self._thread is not None:
            self._thread.join(timeout=5)
        if self.core.real_ray:
            self.core.real_ray.close()

    @property
    def url(self) -> str:
        """Base URL, without a slash at the end."""
        return f"http://{self.endpoint}"
