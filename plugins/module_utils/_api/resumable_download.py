# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""Download an object from a pre-signed address, and resume after interruptions.

The address grants access to every holder. It is requested when needed, and remembered as a secret. The request carries
no signature and no credentials of ours.
"""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlsplit

from .._clock import Clock
from .._errors import ApiError, TransportError
from .._redaction import SecretRedactor
from .error_responses import retry_after_seconds
from .retrier import Retrier, no_recovery
from .settings import Settings, parse_endpoint
from .streaming import download
from .transport import Request, Response, Transport

OPERATION = "FetchRayLog"
# The storage describes the error in XML; the other elements echo the request.
_ERROR_CODE = re.compile(rb"<Code>([A-Za-z0-9.]{1,60})</Code>")
_CONTENT_RANGE = re.compile(r"bytes (?:([0-9]{1,18})-([0-9]{1,18})|\*)/([0-9]{1,18}|\*)")
# The number of times that an expired address is requested again.
MAX_NEW_URLS = 3


class Sink(t.Protocol):
    """The destination of the bytes."""

    def write(self, data: bytes) -> object:
        """Take the next bytes."""

    def restart(self) -> None:
        """Discard all bytes: the next ones are the first of the object."""

    def mark(self, version: str) -> None:
        """Note the version of the object that the bytes belong to."""


class ExpiredUrlError(Exception):
    """The address is no longer valid."""


@dataclass
class ResumableDownload:
    """Fetches one object. ``address`` returns a new pre-signed address.

    ``version`` is the storage's name for the version of the object that the bytes before the start belong to.
    """

    get_url: t.Callable[[], str]
    settings: Settings
    clock: Clock
    secrets: SecretRedactor
    user_agent: str
    deadline: float
    version: str | None = None
    size: int | None = None
    _offset: int = 0
    _complete: bool = field(default=False)

    def fetch(self, sink: Sink, start: int = 0) -> int:
        """Write the object from ``start`` on into ``sink``, and return the size of the whole object.

        ``restart`` is called if the object must be read from its start after all: because it is a different object by
        now, or because the server supports no ranges. Raises ApiError and TransportError.
        """
        self._offset = start
        url, transport = self._connect()
        made = 0
        try:
            while not self._complete:
                if self._fetch_range(url, transport, sink):
                    continue
                made += 1
                if made > MAX_NEW_URLS:
                    text = "the storage does not accept the address that the service returns"
                    raise ApiError(OPERATION, text, "AddressRefused")
                transport.close()
                url, transport = self._connect()
        finally:
            transport.close()
        return self._offset if self.size is None else self.size

    def _connect(self) -> tuple[str, Transport]:
        url = self.get_url()
        parts = urlsplit(url)
        self.secrets.add(
            url, parts.query, f"{parts.path}?{parts.query}", *(value for name, value in parse_qsl(parts.query))
        )
        try:
            scheme, host, loopback = parse_endpoint(f"{parts.scheme}://{parts.netloc}")
        except ValueError as error:
            raise ApiError("GetRayLog", f"the service returned an address that is not safe to use: {error}") from None
        return url, Transport(self.settings._replace(scheme=scheme, host=host, loopback=loopback), self.clock)

    def _fetch_range(self, url: str, transport: Transport, sink: Sink) -> bool:
        """Fetch as much as one connection delivers; any progress counts as success.

        Return whether the address is still valid.
        """
        left = self.deadline - self.clock.monotonic()
        if left <= 0:
            raise TransportError(OPERATION, "the time limit passed before the log was available", sent=True)
        began = self._offset

        def attempt(time_left: float) -> None:
            try:
                self._request_range(url, transport, sink, min(self.settings.timeout, time_left))
            except TransportError:
                if self._offset == began:
                    raise

        retrier = Retrier(self.settings.retries, self.settings.call_budget, self.clock)
        try:
            retrier.run(OPERATION, attempt, no_recovery, budget=left)
        except ExpiredUrlError:
            return False
        return True

    def _request_range(self, url: str, transport: Transport, sink: Sink, timeout: float) -> None:
        headers = {"accept-encoding": "identity", "user-agent": self.user_agent}
        if self._offset:
            headers["range"] = f"bytes={self._offset}-"
            if self.version:
                # The storage documents If-Match for a GET, and not If-Range.
                headers["if-match"] = self.version

        def write_chunk(data: bytes) -> None:
            sink.write(data)
            self._offset += len(data)

        def choose_writer(head: Response) -> t.Callable[[bytes], object] | None:
            return write_chunk if self._accept_head(head, sink) else None

        answer = download(transport, Request(OPERATION, "GET", url, headers, b""), timeout, choose_writer)
        if answer.status in (200, 206):
            self._complete = True
        elif not self._complete:
            self._raise_for_response(answer)

    def _accept_head(self, head: Response, sink: Sink) -> bool:
        """Return whether to write the body of a response, judged by its head, and from which offset."""
        found = _CONTENT_RANGE.fullmatch(head.headers.get("content-range", "").strip())
        if head.status == 206 and found and found[1] is not None and int(found[1]) == self._offset:
            self.size = int(found[3]) if found[3] != "*" else None
        elif head.status == 200:
            length = head.headers.get("content-length", "")
            self.size = int(length) if length.isascii() and length.isdigit() else None
            if self._offset:
                self._restart(sink)
        elif head.status == 412:
            self._restart(sink)
            return False
        elif head.status == 416:
            total = int(found[3]) if found and found[3] != "*" else None
            # No bytes after the last one: the object is complete. Otherwise, it is a different object.
            self._complete, self.size = total == self._offset, total
            if not self._complete:
                self._restart(sink)
            return False
        else:
            return False
        self.version = head.headers.get("etag")
        if self.version:
            sink.mark(self.version)
        return True

    def _restart(self, sink: Sink) -> None:
        """Restart from the first byte: the bytes so far belong to another version of the object."""
        self._offset, self.version = 0, None
        sink.restart()

    def _raise_for_response(self, answer: Response) -> None:
        """Raise the error for a response without the object."""
        code = _ERROR_CODE.search(answer.body)
        said = code[1].decode("ascii") if code else None
        if answer.status in (401, 403):
            raise ExpiredUrlError
        if answer.status in (412, 416):
            return
        text = f"the storage responded with {said or 'no reason'} (HTTP {answer.status})"
        error = ApiError(OPERATION, text, said, http_status=answer.status)
        error.retry_after = retry_after_seconds(answer.headers)
        raise error
