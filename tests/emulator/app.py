# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The HTTP face: an ASGI application made of the signed API and the unsigned control API."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .answers import Answer
from .control import routes
from .core import Core, Ticket
from .signature import Signed

ABORT = "rayops.abort"
Sleep = Callable[[float], Awaitable[None]]


class Api:
    """ASGI application for the signed operations; `sleep` is what slow and dripping answers wait with."""

    def __init__(self, core: Core, sleep: Sleep = asyncio.sleep) -> None:
        self._core = core
        self._sleep = sleep

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            return
        ticket = self._core.admit(await _read(scope, receive))
        if ticket.pause("before"):
            await self._sleep(ticket.pause("before"))
        answer = self._core.execute(ticket)
        if ticket.pause("after"):
            await self._sleep(ticket.pause("after"))
        if answer.cut == "all":
            await _abort(scope)
            return
        await send(_head(answer))
        if isinstance(answer.chunks, list) and not answer.cut and "drip" not in ticket.modifiers:
            await send({"type": "http.response.body", "body": b"".join(answer.chunks), "more_body": False})
            return
        await self._body(ticket, answer, scope, send)

    async def _body(self, ticket: Ticket, answer: Answer, scope: Scope, send: Send) -> None:
        drip = ticket.modifiers.get("drip")
        for chunk in answer.chunks:
            if answer.cut == "half":
                await send({"type": "http.response.body", "body": chunk[: len(chunk) // 2], "more_body": True})
                await _abort(scope)
                return
            step = max(1, int(drip.params["bytes"])) if drip else len(chunk) or 1
            for start in range(0, len(chunk), step):
                await send({"type": "http.response.body", "body": chunk[start : start + step], "more_body": True})
                if drip:
                    await self._sleep(float(drip.params["seconds"]))
        await send({"type": "http.response.body", "body": b"", "more_body": False})


def _head(answer: Answer) -> Message:
    headers = {"content-type": answer.content_type, **answer.headers}
    if answer.length is not None:
        headers["content-length"] = str(answer.length)
    raw = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
    return {"type": "http.response.start", "status": answer.status, "headers": raw}


async def _abort(scope: Scope) -> None:
    """Close the TCP connection and let the server notice."""
    abort = scope.get(ABORT)
    if abort is None:
        raise RuntimeError("this server cannot cut connections: run the emulator with its own server")
    abort()
    # One turn of the loop is when the server hears of it; one more for the order of call-backs.
    await asyncio.sleep(0)
    await asyncio.sleep(0)


async def _read(scope: Scope, receive: Receive) -> Signed:
    body = b""
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            break
        body += message.get("body", b"")
        if not message.get("more_body"):
            break
    headers: dict[str, str] = {}
    for raw_name, raw_value in scope["headers"]:
        name, value = raw_name.decode("latin-1").lower(), _text(raw_value)
        headers[name] = f"{headers[name]},{value}" if name in headers else value
    query = scope["query_string"].decode("latin-1")
    peer = (scope.get("client") or ("", 0))[1]
    return Signed(scope["method"], scope["raw_path"].decode("latin-1"), query, headers, body, peer)


def _text(raw: bytes) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def build(core: Core, sleep: Sleep = asyncio.sleep) -> ASGIApp:
    """Return the application: the control API under /_emulator, the signed API everywhere else."""
    control, api = Starlette(routes=[Mount("/_emulator", routes=routes(core))]), Api(core, sleep)

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        inside = str(scope.get("path", "")).startswith("/_emulator/")
        await (control if inside else api)(scope, receive, send)

    return app
