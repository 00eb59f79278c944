# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Conversions between ASGI messages and the emulator's requests and responses, and connections that are cut."""

from __future__ import annotations

import asyncio

from starlette.types import Message, Receive, Scope

from .responses import Response
from .signature import Signed

ABORT = "rayops.abort"


def read_head(scope: Scope, method: str, body: bytes = b"") -> Signed:
    """Return the request of a scope, with raw path and query and with header names in lower case."""
    headers: dict[str, str] = {}
    for raw_name, raw_value in scope["headers"]:
        name, value = raw_name.decode("latin-1").lower(), _text(raw_value)
        headers[name] = f"{headers[name]},{value}" if name in headers else value
    query = scope["query_string"].decode("latin-1")
    peer = (scope.get("client") or ("", 0))[1]
    return Signed(method, scope["raw_path"].decode("latin-1"), query, headers, body, peer)


async def read(scope: Scope, receive: Receive) -> Signed:
    """Return the request with its body."""
    body = b""
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            break
        body += message.get("body", b"")
        if not message.get("more_body"):
            break
    return read_head(scope, scope["method"], body)


def head(answer: Response) -> Message:
    """Return the message that begins an answer."""
    headers = {"content-type": answer.content_type, **answer.headers}
    if answer.length is not None:
        headers["content-length"] = str(answer.length)
    raw = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
    return {"type": "http.response.start", "status": answer.status, "headers": raw}


async def abort(scope: Scope) -> None:
    """Close the TCP connection and let the server notice."""
    cut = scope.get(ABORT)
    if cut is None:
        raise RuntimeError("this server cannot cut connections: run the emulator with its own server")
    cut()
    # One turn of the loop is when the server hears of it; one more for the order of call-backs.
    await asyncio.sleep(0)
    await asyncio.sleep(0)


def _text(raw: bytes) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("latin-1")
