# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""Undo a compression that was not requested, as proxies apply it."""

from __future__ import annotations

import zlib

from .._errors import TransportError

_SUPPORTED_ENCODINGS = ("gzip", "x-gzip", "deflate")


def decompress(operation: str, body: bytes, encoding: str, most: int) -> bytes:
    """Return at most ``most`` bytes of a body: a small response may expand to a huge one. Raises TransportError."""
    try:
        if encoding in _SUPPORTED_ENCODINGS:
            # 47: zlib finds out itself whether it is gzip or deflate.
            return zlib.decompressobj(47).decompress(body, most)
    except zlib.error:
        pass
    raise TransportError(operation, f"the answer is compressed ({encoding[:40]}), unasked", sent=True)
