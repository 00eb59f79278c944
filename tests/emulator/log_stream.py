# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The log of a directly submitted job over a websocket, as it grows: Ray's /api/jobs/ID/logs/tail."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

from starlette.types import Receive, Scope, Send

from . import forward
from .asgi import abort, read_head
from .core import Core, Ticket
from .responses import Response

# How often the stand-in looks for new lines; the clusters' clock may be frozen, so this is real time.
_POLL_SECONDS = 0.02
NORMAL_CLOSURE = 1000


class LogStream:
    """ASGI application for websockets; faults named RayJobsTail cut them before, at once (`cut_after`) or in the middle
    of the first text (`cut_during`), or close them properly before the job is over (`empty_body`)."""

    def __init__(self, core: Core) -> None:
        self._core = core

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one websocket until the job is over or the client is gone."""
        await receive()
        ticket = self._core.admit(read_head(scope, "GET"))
        if ticket.pause("before"):
            await asyncio.sleep(ticket.pause("before"))
        kind = ticket.outcome.kind if ticket.outcome else ""
        passage = ticket.passage
        missing = passage is None or passage.refusal is not None or passage.operation != "RayJobsTail"
        if missing or self._unknown(ticket) or kind not in ("", "cut_after", "cut_during", "empty_body"):
            await _deny(self._core.execute(ticket), scope, send)
            return
        await send({"type": "websocket.accept"})
        ticket.entry.status = 101
        if kind == "cut_after":
            await abort(scope)
        elif kind == "empty_body":
            await send({"type": "websocket.close", "code": NORMAL_CLOSURE})
        else:
            await self._until_gone(ticket, scope, receive, send, cut=kind == "cut_during")

    def _unknown(self, ticket: Ticket) -> bool:
        """True where the stand-in has no such job; a real head says so itself."""
        passage = ticket.passage
        if passage is None or passage.forward is not None:
            return False
        with self._core.lock:
            return passage.target not in self._core.gateway.fake.jobs(passage.run_id)

    async def _until_gone(self, ticket: Ticket, scope: Scope, receive: Receive, send: Send, *, cut: bool) -> None:
        """Send the texts while watching for the client to leave."""
        sending = asyncio.ensure_future(self._send(ticket, scope, send, cut=cut))
        gone = asyncio.ensure_future(_gone(receive))
        done, waiting = await asyncio.wait({sending, gone}, return_when=asyncio.FIRST_COMPLETED)
        for task in waiting:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
        if sending in done:
            sending.result()

    async def _send(self, ticket: Ticket, scope: Scope, send: Send, *, cut: bool) -> None:
        async for text in self._texts(ticket):
            await send({"type": "websocket.send", "text": text[: max(1, len(text) // 2)] if cut else text})
            if cut:
                await abort(scope)
                return
        await send({"type": "websocket.close", "code": NORMAL_CLOSURE})

    async def _texts(self, ticket: Ticket) -> AsyncIterator[str]:
        passage = ticket.passage
        if passage is None:
            return
        if passage.forward is not None:
            async for text in forward.tail(passage.forward + passage.path):
                yield text
            return
        sent = 0
        while True:
            with self._core.lock:
                job = self._core.gateway.fake.jobs(passage.run_id).get(passage.target)
                now = self._core.clock()
                text, over = (job.log(now), job.over(now)) if job else ("", True)
            if len(text) > sent:
                yield text[sent:]
                sent = len(text)
            if over:
                return
            await asyncio.sleep(_POLL_SECONDS)


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "websocket.disconnect":
        pass


async def _deny(answer: Response, scope: Scope, send: Send) -> None:
    """Response the handshake with an HTTP status instead."""
    if answer.cut:
        await abort(scope)
        return
    headers: list[Any] = [(b"content-type", answer.content_type.encode())]
    status = answer.status if answer.status >= 300 else 404
    await send({"type": "websocket.http.response.start", "status": status, "headers": headers})
    await send({"type": "websocket.http.response.body", "body": b"".join(answer.chunks), "more_body": False})
