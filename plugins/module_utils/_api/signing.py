# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""Sign requests with ACS3-HMAC-SHA256, the signature of Alibaba Cloud's API gateway. Pure.

The algorithm is that of the public document "Request syntax and signature method V3".
"""

from __future__ import annotations

import hashlib
import hmac
import typing as t
from urllib.parse import quote

ALGORITHM = "ACS3-HMAC-SHA256"


def percent_encode(text: object) -> str:
    """Percent-encode according to RFC 3986: keep only letters, digits, and ``-_.~``; a space becomes ``%20``."""
    return quote(str(text), safe="-_.~")


def encode_path(segments: t.Iterable[str]) -> str:
    """Join path segments; encode each separately, so that no ``/`` and no ``..`` can leave its segment."""
    return "/" + "/".join(_encode_segment(segment) for segment in segments)


def _encode_segment(segment: str) -> str:
    return segment.replace(".", "%2E") if segment in (".", "..") else percent_encode(segment)


def encode_query(query: t.Mapping[str, object]) -> str:
    """Encode a query both for the URL and for the signature: sort it by name; an empty value keeps its ``=``."""
    return "&".join(
        f"{name}={value}" for name, value in sorted((percent_encode(k), percent_encode(v)) for k, v in query.items())
    )


def sha256_hex(data: bytes) -> str:
    """Return the lowercase hexadecimal SHA-256 of ``data``."""
    return hashlib.sha256(data).hexdigest()


def build_canonical_request(method: str, path: str, query: str, headers: t.Mapping[str, str]) -> str:
    """Return the text whose hash is signed.

    ``path`` and ``query`` are already encoded. ``headers`` holds exactly the signed headers by lowercase name,
    ``x-acs-content-sha256`` included.
    """
    names = sorted(headers)
    lines = "".join(f"{name}:{headers[name].strip()}\n" for name in names)
    return "\n".join([method, path or "/", query, lines, ";".join(names), headers["x-acs-content-sha256"]])


def build_authorization(
    method: str, path: str, query: str, headers: t.Mapping[str, str], key_id: str, secret: str
) -> str:
    """Return the value of the ``Authorization`` header; arguments as in :func:`canonical_request`."""
    to_sign = f"{ALGORITHM}\n{sha256_hex(build_canonical_request(method, path, query, headers).encode())}"
    signature = hmac.new(secret.encode(), to_sign.encode(), hashlib.sha256).hexdigest()
    return f"{ALGORITHM} Credential={key_id},SignedHeaders={';'.join(sorted(headers))},Signature={signature}"
