# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Independent verifier of ACS3-HMAC-SHA256, recomputing every signature from the raw request."""

from __future__ import annotations

import functools
import hashlib
import hmac
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timezone
from urllib.parse import parse_qsl, quote

from .errors import ApiError, gateway_error

ALGORITHM = "ACS3-HMAC-SHA256"
MAX_SKEW_SECONDS = 15 * 60
API_VERSION = "2023-08-08"

_AUTHORIZATION = re.compile(ALGORITHM + r" Credential=([^,\s]+),SignedHeaders=([^,\s]+),Signature=([0-9a-f]{64})")
_DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
_REQUIRED = ("x-acs-action", "x-acs-version", "x-acs-date", "x-acs-signature-nonce", "x-acs-content-sha256")


@dataclass
class Account:
    """An access key that the emulator knows; with a token it is a temporary (STS) key, which must come with it."""

    access_key_id: str
    access_key_secret: str
    security_token: str = ""
    expired: bool = False


@dataclass
class Signed:
    """One request as it came over the wire: raw path and query still encoded, header names in lower case."""

    method: str
    raw_path: str
    raw_query: str
    headers: dict[str, str]
    body: bytes = b""
    peer: int = 0


@functools.lru_cache(maxsize=1024)
def _seconds(date: str) -> float:
    """Return a date of the protocol as seconds since the epoch; raises ValueError."""
    return datetime.strptime(date, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=timezone.utc).timestamp()


def encode(text: str) -> str:
    """Percent-encode for the canonical query: only A-Z a-z 0-9 - _ . ~ stay."""
    return quote(text, safe="-_.~")


def canonical_query(raw_query: str) -> str:
    """Decode the query (a `+` is a space, as the official SDK sends it), encode it strictly and sort it."""
    if not raw_query:
        return ""
    decoded = parse_qsl(raw_query, keep_blank_values=True)
    return "&".join(f"{name}={value}" for name, value in sorted((encode(n), encode(v)) for n, v in decoded))


def canonical_request(request: Signed, signed_headers: Iterable[str]) -> str:
    """Return the text that the signature covers, with the hash of the body that really came."""
    names = list(signed_headers)
    return "\n".join(
        [
            request.method,
            request.raw_path or "/",
            canonical_query(request.raw_query),
            "".join(f"{name}:{request.headers.get(name, '').strip()}\n" for name in names),
            ";".join(names),
            hashlib.sha256(request.body).hexdigest(),
        ]
    )


def signature_of(canonical: str, secret: str) -> str:
    """Return the hexadecimal signature of a canonical request."""
    to_sign = f"{ALGORITHM}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    return hmac.new(secret.encode(), to_sign.encode(), hashlib.sha256).hexdigest()


def mismatch(canonical: str) -> ApiError:
    """Return SignatureDoesNotMatch, whose message echoes the server's canonical request."""
    message = (
        "Specified signature does not match our calculation. "
        f"The server's CanonicalRequest is: {canonical} server string to sign is: "
        f"{ALGORITHM}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    )
    return gateway_error(400, "SignatureDoesNotMatch", message)


def expired_token() -> ApiError:
    """Return the error for a temporary key whose time is over."""
    return gateway_error(400, "InvalidSecurityToken.Expired", "Specified SecurityToken is expired.")


class Verifier:
    """Checks requests against the accounts and remembers the nonces; `wall` gives the server's time in seconds."""

    def __init__(self, accounts: Iterable[Account], wall: Callable[[], float]) -> None:
        self.accounts = {account.access_key_id: account for account in accounts}
        self._wall = wall
        self._nonces: dict[str, float] = {}

    def forget(self) -> None:
        """Forget the nonces."""
        self._nonces.clear()

    def verify(self, request: Signed, operation: str, skew: float = 0.0) -> Account:
        """Return the account that signed; raises the ApiError that the gateway would answer.

        `skew` is how many seconds the server's clock is off for this request.
        """
        key_id, names, given = _authorization(request)
        account = self.accounts.get(key_id)
        if account is None:
            raise gateway_error(404, "InvalidAccessKeyId.NotFound", "Specified access key is not found.")
        for name in _REQUIRED:
            if not request.headers.get(name):
                raise gateway_error(400, "MissingParameter", f"The header {name} is required.")
        self._check_token(account, request)
        self._check_date(request.headers["x-acs-date"], self._wall() + skew)
        _check_signed_headers(request, names)
        canonical = canonical_request(request, names)
        if not hmac.compare_digest(signature_of(canonical, account.access_key_secret), given):
            raise mismatch(canonical)
        if request.headers["x-acs-content-sha256"] != hashlib.sha256(request.body).hexdigest():
            raise gateway_error(400, "InvalidParameter", "x-acs-content-sha256 is not the hash of the body.")
        self._use_nonce(request.headers["x-acs-signature-nonce"])
        _check_action(request, operation)
        return account

    @staticmethod
    def _check_token(account: Account, request: Signed) -> None:
        token = request.headers.get("x-acs-security-token", "")
        if account.security_token and not token:
            raise gateway_error(400, "MissingSecurityToken", "SecurityToken is mandatory for this action.")
        if account.expired:
            raise expired_token()
        if not hmac.compare_digest(token.encode(), account.security_token.encode()):
            message = "Specified SecurityToken mismatch with the AccessKey."
            raise gateway_error(400, "InvalidSecurityToken.MismatchWithAccessKey", message)
        if request.headers.get("x-acs-accesskey-id", account.access_key_id) != account.access_key_id:
            raise gateway_error(400, "InvalidParameter", "x-acs-accesskey-id is not the key that signed.")

    @staticmethod
    def _check_date(text: str, now: float) -> None:
        if not _DATE.fullmatch(text):
            raise gateway_error(400, "InvalidTimeStamp.Format", "Specified date value is not well formatted.")
        try:
            sent = _seconds(text)
        except ValueError:
            raise gateway_error(400, "InvalidTimeStamp.Format", "Specified date does not exist.") from None
        if abs(now - sent) > MAX_SKEW_SECONDS:
            raise gateway_error(400, "InvalidTimeStamp.Expired", "Specified time stamp or date value is expired.")

    def _use_nonce(self, nonce: str) -> None:
        now = self._wall()
        if nonce in self._nonces:
            raise gateway_error(400, "SignatureNonceUsed", "Specified signature nonce was used already.")
        if len(self._nonces) > 100_000:
            self._nonces = {key: used for key, used in self._nonces.items() if now - used < 2 * MAX_SKEW_SECONDS}
        self._nonces[nonce] = now


def _authorization(request: Signed) -> tuple[str, list[str], str]:
    text = request.headers.get("authorization", "")
    if not text:
        raise gateway_error(400, "IncompleteSignature", "The request has no Authorization header.")
    if not text.startswith(ALGORITHM + " "):
        raise gateway_error(400, "InvalidSignatureMethod", f"The signature method must be {ALGORITHM}.")
    match = _AUTHORIZATION.fullmatch(text)
    if match is None:
        raise gateway_error(400, "IncompleteSignature", "The Authorization header is not complete.")
    return match.group(1), match.group(2).split(";"), match.group(3)


def _check_signed_headers(request: Signed, names: list[str]) -> None:
    if names != sorted(name.lower() for name in names):
        raise gateway_error(400, "IncompleteSignature", "SignedHeaders must be lower case and sorted.")
    must = {"host"} | {name for name in request.headers if name.startswith("x-acs-")}
    if "content-type" in request.headers:
        must.add("content-type")
    lacking = sorted(must.difference(names))
    if lacking:
        raise gateway_error(400, "IncompleteSignature", f"SignedHeaders lacks {', '.join(lacking)}.")


def _check_action(request: Signed, operation: str) -> None:
    if request.headers["x-acs-version"] != API_VERSION:
        raise gateway_error(400, "InvalidVersion", "Specified parameter Version is not valid.")
    if request.headers["x-acs-action"] != operation:
        raise gateway_error(403, "InvalidAction", "x-acs-action is not the operation of this path and method.")
