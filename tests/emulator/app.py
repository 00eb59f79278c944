# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The HTTP face: an ASGI application made of the API, the unsigned control API and the websocket of logs."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.types import ASGIApp, Receive, Scope, Send

from . import forward
from .asgi import abort, head, read
from .control_api import routes
from .core import Core, Ticket
from .log_stream import LogStream
from .responses import Response

Sleep = Callable[[float], Awaitable[None]]


class Api:
    """ASGI application for all requests but control's and websockets; slow and dripping answers wait with `sleep`."""

    def __init__(self, core: Core, sleep: Sleep = asyncio.sleep) -> None:
        self._core = core
        self._sleep = sleep

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            return
        ticket = self._core.admit(await read(scope, receive))
        if ticket.pause("before"):
            await self._sleep(ticket.pause("before"))
        answer = self._core.execute(ticket, await _forwarded(ticket))
        if ticket.pause("after"):
            await self._sleep(ticket.pause("after"))
        if answer.cut == "all":
            await abort(scope)
            return
        await send(head(answer))
        if isinstance(answer.chunks, list) and not answer.cut and "drip" not in ticket.modifiers:
            await send({"type": "http.response.body", "body": b"".join(answer.chunks), "more_body": False})
            return
        await self._body(ticket, answer, scope, send)

    async def _body(self, ticket: Ticket, answer: Response, scope: Scope, send: Send) -> None:
        drip = ticket.modifiers.get("drip")
        for chunk in answer.chunks:
            if answer.cut == "half":
                await send({"type": "http.response.body", "body": chunk[: len(chunk) // 2], "more_body": True})
                await abort(scope)
                return
            step = max(1, int(drip.params["bytes"])) if drip else len(chunk) or 1
            for start in range(0, len(chunk), step):
                await send({"type": "http.response.body", "body": chunk[start : start + step], "more_body": True})
                if drip:
                    await self._sleep(float(drip.params["seconds"]))
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _forwarded(ticket: Ticket) -> Response | None:
    """Return the answer of a real Ray head where the request is for one and no fault keeps it from there."""
    passage, outcome = ticket.passage, ticket.outcome
    if passage is None or passage.forward is None or (outcome is not None and not outcome.params["effect"]):
        return None
    return await forward.send(passage.forward + passage.path, ticket.context.request)


def build(core: Core, sleep: Sleep = asyncio.sleep) -> ASGIApp:
    """Return the application: the control API under /_emulator, websockets, everything else."""
    log_stream = LogStream(core)
    control, api = Starlette(routes=[Mount("/_emulator", routes=routes(core))]), Api(core, sleep)

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await log_stream(scope, receive, send)
        elif str(scope.get("path", "")).startswith("/_emulator/"):
            await control(scope, receive, send)
        else:
            await api(scope, receive, send)

    return app
