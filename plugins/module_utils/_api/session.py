# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""Sign, send, retry, and read one API call of any operation."""

from __future__ import annotations

import json
import time
import typing as t
import uuid

from .._clock import Clock
from .._credentials.store import CredentialStore
from .._errors import ApiError, Failure
from .._redaction import SecretRedactor
from .._version import VERSION
from .operations import OPERATIONS
from .responses import read_response
from .retrier import Retrier
from .settings import Settings
from .signing import build_authorization, encode_query, sha256_hex
from .transport import Request, Response, Transport

if t.TYPE_CHECKING:
    from .rate_limit import RateLimiter

API_VERSION = "2023-08-08"
JSON_CONTENT_TYPE = "application/json; charset=utf-8"

Payload = dict[str, t.Any]
Read = t.TypeVar("Read")


class ApiSession:
    """A signed session with the service, which threads may share; every attempt of a call uses :meth:`_attempt`."""

    def __init__(
        self,
        settings: Settings,
        credentials: CredentialStore,
        transport: Transport,
        clock: Clock,
        secrets: SecretRedactor,
        warn: t.Callable[[str], None],
        user_agent: str = "",
        limit: RateLimiter | None = None,
    ) -> None:
        self._settings = settings
        self._credentials = credentials
        self._transport = transport
        self._clock = clock
        self._secrets = secrets
        self._warn = warn
        self._user_agent = f"rayops.alicloud/{VERSION} {user_agent}".strip()
        self._skew = 0.0
        self._limit = limit
        self._retrier = Retrier(settings.retries, settings.call_budget, clock)

    @property
    def workspace_id(self) -> str:
        """Return the id of the workspace that the settings name."""
        return self._settings.workspace_id

    def service_time(self) -> float:
        """Return the seconds since the epoch, by the service's clock if it is known."""
        return self._clock.time() + self._skew

    def call(
        self,
        operation: str,
        read: t.Callable[[Payload], Read],
        query: t.Mapping[str, object] | None = None,
        body: Payload | None = None,
        budget: float | None = None,
        done: t.Callable[[], Read | None] | None = None,
        **ids: str,
    ) -> Read:
        """Call an operation and return its payload, converted by ``read``; ``ids`` fill in its path.

        The workspace's ID is filled in, too. ``query`` values are written as text, ``body`` as JSON, and None means no
        body. ``budget`` (seconds) limits the whole call with its retries. ``done`` is called before a retry; if it
        returns a value, that is the result. Raises ApiError, TransportError, CredentialError.
        """
        method = OPERATIONS[operation].method
        path = OPERATIONS[operation].build_path(**{"workspace": self.workspace_id, **ids})
        content = b"" if body is None else json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()

        def attempt(left: float) -> Read:
            if self._limit:
                self._limit.acquire()
            request = self._build_request(operation, method, path, encode_query(query or {}), content)
            answer = self._transport.send(request, min(self._settings.timeout, left))
            payload = self._read_response(operation, answer)
            try:
                return read(payload)
            except ApiError as error:
                error.mark_unreadable(answer.status)
                raise

        return self._retrier.run(operation, attempt, self._recover, budget, done)

    def send(
        self, operation: str, query: t.Mapping[str, object] | None = None, body: Payload | None = None, **ids: str
    ) -> Payload:
        """Call an operation as :meth:`call` does, and return its payload as it came."""
        return self.call(operation, lambda payload: payload, query, body, None, None, **ids)

    def _read_response(self, operation: str, answer: Response) -> Payload:
        try:
            return read_response(operation, answer)
        except ApiError as error:
            if self._limit:
                self._limit.pause_if_throttled(error)
            raise

    def _build_request(self, operation: str, method: str, path: str, query: str, content: bytes) -> Request:
        """Return a request with a date, a nonce, and a signature of its own."""
        headers = self._build_signed_headers(operation, method, path, query, content)
        url = f"{self._settings.scheme}://{self._settings.host}{path}{'?' + query if query else ''}"
        return Request(operation, method, url, headers, content)

    def _build_signed_headers(
        self, operation: str, method: str, path: str, query: str, content: bytes
    ) -> dict[str, str]:
        credentials = self._credentials.get()
        self._secrets.add(credentials.access_key_secret, credentials.security_token)
        signed = {
            "host": self._settings.host,
            "x-acs-action": operation,
            "x-acs-version": API_VERSION,
            "x-acs-date": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(self.service_time())),
            "x-acs-signature-nonce": uuid.uuid4().hex,
            "x-acs-content-sha256": sha256_hex(content),
        }
        if content:
            signed["content-type"] = JSON_CONTENT_TYPE
        if credentials.security_token:
            signed["x-acs-security-token"] = credentials.security_token
            signed["x-acs-accesskey-id"] = credentials.access_key_id
        key_id, secret = credentials.access_key_id, credentials.access_key_secret
        return {
            **signed,
            "authorization": build_authorization(method, path, query, signed, key_id, secret),
            "accept": "application/json",
            "accept-encoding": "identity",
            "user-agent": self._user_agent,
        }

    def _recover(self, reason: str, failure: Failure) -> bool:
        """Fix the cause of a refusal: adopt the service's time, or get new credentials."""
        from .error_kinds import parse_http_date
        from .retry_policy import CLOCK

        if reason != CLOCK:
            self._credentials.invalidate()
            return self._credentials.is_renewable
        theirs = parse_http_date(failure.server_date) if isinstance(failure, ApiError) else None
        if theirs is None:
            return False
        self._skew = theirs - self._clock.time()
        self._warn(f"The clock of this machine is {-self._skew:+.0f} s off the service's; its time is used instead.")
        return True
