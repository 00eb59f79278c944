# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The object storage that log files are fetched from: pre-signed addresses, expiry and ranges."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Callable
from urllib.parse import parse_qsl, quote, unquote

from .responses import Response, plain
from .signature import Signed

PREFIX = "/_oss/"
_KEY_ID = "STS.emulator-oss-key"
_XML = "application/xml"
_RANGE = re.compile(r"bytes=(\d*)-(\d*)")


class Presigner:
    """Makes and checks addresses that are good for one GET of one object until they expire (`wall`: seconds)."""

    def __init__(self, secret: str, wall: Callable[[], float]) -> None:
        self._secret = secret.encode()
        self._wall = wall

    def url(self, base: str, bucket: str, key: str, seconds: int) -> str:
        """Return the address of an object in a bucket whose own address is `base`."""
        expires = int(self._wall()) + seconds
        signature = quote(self._sign(expires, bucket, key), safe="")
        return f"{base}/{quote(key)}?Expires={expires}&OSSAccessKeyId={_KEY_ID}&Signature={signature}"

    def problem(self, bucket: str, key: str, query: dict[str, str]) -> str:
        """Return why the address is not good (in the words of the real storage), or nothing where it is."""
        expires, given = query.get("Expires", ""), query.get("Signature", "")
        if not (expires.isascii() and expires.isdigit()) or query.get("OSSAccessKeyId") != _KEY_ID:
            return "You have no right to access this object because of bucket acl."
        if not hmac.compare_digest(self._sign(int(expires), bucket, key).encode(), given.encode()):
            return "The request signature we calculated does not match the signature you provided."
        return "Request has expired." if self._wall() > int(expires) else ""

    def _sign(self, expires: int, bucket: str, key: str) -> str:
        text = f"GET\n\n\n{expires}\n/{bucket}/{key}"
        return base64.b64encode(hmac.new(self._secret, text.encode(), hashlib.sha1).digest()).decode()


class Oss:
    """Serves objects; `content` returns an object's bytes or None, `bad_range` is the rule oss_bad_range."""

    def __init__(
        self,
        presigner: Presigner,
        content: Callable[[str, str], bytes | None],
        bad_range: Callable[[], str],
    ) -> None:
        self._presigner = presigner
        self._content = content
        self._bad_range = bad_range

    def answer(self, request: Signed) -> Response:
        """Response one request."""
        bucket, _slash, key = unquote(request.raw_path[len(PREFIX) :]).partition("/")
        query = dict(parse_qsl(request.raw_query, keep_blank_values=True))
        problem = self._presigner.problem(bucket, key, query)
        if request.method != "GET":
            problem = problem or "The request signature we calculated does not match the signature you provided."
        if problem:
            code = "SignatureDoesNotMatch" if "signature" in problem else "AccessDenied"
            return _error(403, code, problem)
        body = self._content(bucket, key)
        if body is None:
            return _error(404, "NoSuchKey", "The specified key does not exist.")
        return self._of(body, request.headers)

    def _of(self, body: bytes, headers: dict[str, str]) -> Response:
        tag = f'"{hashlib.md5(body).hexdigest().upper()}"'
        if headers.get("if-match", tag) != tag:
            return _error(412, "PreconditionFailed", "At least one of the pre-conditions you specified did not hold.")
        begin, end = _span(headers.get("range", ""), len(body))
        if begin is None:
            strict = headers.get("x-oss-range-behavior") == "standard" or self._bad_range() == "refused"
            if headers.get("range") and strict:
                return _error(416, "InvalidRange", "The requested range cannot be satisfied.")
            answer = plain(200, body, "application/octet-stream")
        else:
            answer = plain(206, body[begin:end], "application/octet-stream")
            answer.headers["content-range"] = f"bytes {begin}-{end - 1}/{len(body)}"
        answer.headers |= {"etag": tag, "accept-ranges": "bytes", "x-oss-object-type": "Normal"}
        return answer


def _span(text: str, size: int) -> tuple[int | None, int]:
    """Return begin and end (exclusive) of a Range header, begin None where it is absent or cannot be satisfied."""
    match = _RANGE.fullmatch(text)
    if match is None or not any(match.groups()):
        return None, size
    first, last = match.groups()
    if not first:
        return (max(0, size - int(last)), size) if int(last) and size else (None, size)
    begin, end = int(first), min(int(last) + 1, size) if last else size
    return (begin, end) if begin < end else (None, size)


def _error(status: int, code: str, message: str) -> Response:
    body = f'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>{code}</Code><Message>{message}</Message></Error>\n'
    answer = plain(status, body.encode(), _XML)
    answer.code = code
    return answer
