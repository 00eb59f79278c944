# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""Receive a response whose body is passed on piece by piece, and whose address may be a secret."""

from __future__ import annotations

import logging
import threading
import typing as t

from .transport import UNCOMPRESSED_ENCODINGS, Request, Response, Transport, content_encoding


class _HttpxLogSilencer(logging.Filter):
    """Keeps httpx's messages about a request out of logs, including Ansible's: its address may be a secret."""

    def __init__(self) -> None:
        super().__init__()
        self.here = threading.local()

    def filter(self, record: logging.LogRecord) -> bool:  # noqa: ARG002
        """Return whether to log a record."""
        return not getattr(self.here, "quiet", False)


_HTTPX_LOG_SILENCER = _HttpxLogSilencer()
logging.getLogger("httpx").addFilter(_HTTPX_LOG_SILENCER)


def download(
    transport: Transport,
    request: Request,
    timeout: float,
    begin: t.Callable[[Response], t.Callable[[bytes], object] | None],
) -> Response:
    """Make one attempt; pass the body piece by piece to the sink that ``begin`` returns for the head.

    The response holds the body only if ``begin`` returned None. Raises TransportError, as ``Transport.send`` does, also
    if the body ends early; the pieces that were passed before that are valid.
    """
    _HTTPX_LOG_SILENCER.here.quiet = True
    try:
        with transport.stream(request, timeout, secret=True) as (head, pieces):
            take = begin(head)
            if take is None:
                return head._replace(body=transport.read_body(head, pieces))
            encoding = content_encoding(head)
            if encoding not in UNCOMPRESSED_ENCODINGS:
                raise transport.response_error(
                    f"is compressed ({encoding[:40]}), although the request did not allow it"
                )
            for piece in pieces:
                take(piece)
            return head
    finally:
        _HTTPX_LOG_SILENCER.here.quiet = False
