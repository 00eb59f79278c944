# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The way on to a real Ray head: plain requests, and the websocket that follows a log."""

from __future__ import annotations

import importlib
from collections.abc import AsyncIterator
from typing import Any

from .ray_head import AUTHORIZATION
from .responses import Response, plain
from .signature import Signed

# The gateway's own header stays here; the others do not belong to the body.
_NOT_SENT = ("host", "content-length", "transfer-encoding", "connection", "ray-token", "accept-encoding")
_TIMEOUT_SECONDS = 60


def _library() -> Any:
    """Return aiohttp, which comes with Ray; nobody else shall wait for its import."""
    return importlib.import_module("aiohttp")


async def send(url: str, request: Signed) -> Response:
    """Return a head's answer to the request; one that cannot be obtained is a 502."""
    headers = {name: value for name, value in request.headers.items() if name not in _NOT_SENT} | AUTHORIZATION
    aiohttp = _library()
    target = url + (f"?{request.raw_query}" if request.raw_query else "")
    try:
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=_TIMEOUT_SECONDS)) as session,
            session.request(request.method, target, data=request.body, headers=headers) as response,
        ):
            kind = response.headers.get("content-type", "application/octet-stream")
            return plain(response.status, await response.read(), kind)
    except (aiohttp.ClientError, TimeoutError) as error:
        return plain(502, f"the Ray head does not answer: {error}".encode(), "text/plain; charset=utf-8")


async def tail(url: str) -> AsyncIterator[str]:
    """Yield the texts of a head's websocket until it closes."""
    aiohttp = _library()
    async with (
        aiohttp.ClientSession(headers=AUTHORIZATION) as session,
        session.ws_connect(url, max_msg_size=0) as socket,
    ):
        async for message in socket:
            if message.type == aiohttp.WSMsgType.TEXT:
                yield str(message.data)
