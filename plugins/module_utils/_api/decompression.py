# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""Undo a compression that was not requested, as proxies apply it."""

from __future__ import annotations

import typing as t
import zlib

_SUPPORTED_ENCODINGS = ("gzip", "x-gzip", "deflate")


def decompress(fail: t.Callable[[str], Exception], body: bytes, encoding: str, most: int) -> bytes:
    """Return at most ``most`` bytes of a body: a small one may expand to a huge one. Raises what ``fail`` returns."""
    try:
        if encoding in _SUPPORTED_ENCODINGS:
            # With 47, zlib detects gzip and deflate.
            return zlib.decompressobj(47).decompress(body, most)
    except zlib.error:
        pass
    raise fail(f"cannot be decompressed ({encoding[:40]})")
