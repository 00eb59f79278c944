# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""Record every exchange with the service, and replace what identifies a person, an account, or a secret."""

from __future__ import annotations

import json
import re
import typing as t
from urllib.parse import parse_qsl, urlsplit

from .._api.transport import Request, Response, Transport
from .._errors import TransportError
from .._redaction import REDACTED, redact_labeled
from .facts import Json, Value
from .marks import is_scratch

_HEADERS = ("content-type", "retry-after", "x-acs-retry-after", "x-ratelimit-user-api", "x-ratelimit-user")
_SECRET_KEYS = ("token", "password", "secret", "accesskey", "signature", "credential", "diagnostic")
_PERSON_KEYS = ("creator", "creatorname", "modifier", "modifiername", "userid", "resourceownerid", "ownerid",
                "authprincipalownerid", "authprincipaldisplayname", "regionid", "hostid", "vpcid")  # fmt: skip
_PATTERNS = (
    (re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"), "person"),
    (re.compile(r"(?<!\d)\d{15,20}(?!\d)"), "account"),
    (re.compile(r"\b(?:LTAI|STS\.)[A-Za-z0-9]{8,}"), "key"),
    (re.compile(r"\b[0-9a-f]{32}\b"), "token"),
    (re.compile(r"\b[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}\b"), "request"),
    (re.compile(r"(?:https?|ray|oss)://[^\s\"']+"), "address"),
    (re.compile(r"\bray-[a-z0-9]{8,}(?:-[a-z0-9-]+)?"), "ray"),
    (re.compile(r"\b(?:vpc|vsw|ns|rg|sg)-[a-z0-9]{6,}"), "network"),
)  # fmt: skip


class Exchange(t.NamedTuple):
    """A request and its answer; ``status`` 0 stands for no answer, ``answer`` is JSON data or text."""

    operation: str
    method: str
    path: str
    query: dict[str, str]
    body: Value
    status: int
    headers: dict[str, str]
    answer: Value


class RecordingTransport(Transport):
    """A transport that keeps every exchange."""

    def __init__(self, *args: Value) -> None:
        super().__init__(*args)
        self.exchanges: list[Exchange] = []

    def send(self, request: Request, timeout: float) -> Response:
        """Make one attempt, as the transport does, and keep it."""
        try:
            response = super().send(request, timeout)
        except TransportError as error:
            self._keep(request, Response(0, {}, str(error).encode()))
            raise
        self._keep(request, response)
        return response

    def _keep(self, request: Request, response: Response) -> None:
        parts = urlsplit(request.url)
        self.exchanges.append(
            Exchange(
                request.operation,
                request.method,
                parts.path,
                dict(parse_qsl(parts.query, keep_blank_values=True)),
                _data(request.body),
                response.status,
                {name: value for name, value in response.headers.items() if name in _HEADERS and not _is_json(value)},
                _data(response.body),
            )
        )


def _is_json(header: str) -> bool:
    """Return whether a header says the usual: that the body is JSON."""
    return header.startswith("application/json")


def _data(content: bytes) -> Value:
    try:
        return json.loads(content) if content else None
    except (ValueError, RecursionError):
        return content[:2000].decode("utf-8", "replace")


class Scrubber:
    """Replaces secrets, people, accounts, and ids, each with the same word every time."""

    def __init__(
        self, secrets: t.Callable[[Value], Value], workspace: str, own: t.Collection[str], host: str = ""
    ) -> None:
        """Replace what ``secrets`` hides, the workspace's id, the host, and all of clusters that are not in ``own``."""
        self._secrets = secrets
        self._words = {word: name for word, name in ((workspace, "w-probe"), (host, "endpoint")) if word}
        self._counts: dict[str, int] = {}
        self._own = own

    def scrub(self, exchange: Exchange) -> Json:
        """Return an exchange as JSON data that can be published."""
        answer = exchange.answer
        if exchange.operation in ("ListWorkspaces", "ListWorkspaceQueues", "ListNetworkServices"):
            answer = (
                {key: value for key, value in answer.items() if not isinstance(value, list)}
                if isinstance(answer, dict)
                else None
            )
        if isinstance(answer, dict):
            answer = self._hide_others(answer)
        plain = exchange._replace(answer=answer)._asdict()
        return {key: value for key, value in self.text(plain).items() if value not in (None, {}, "")}

    def _hide_others(self, answer: Json) -> Json:
        rows = answer.get("rayClusters")
        if isinstance(rows, list):
            shown = [row if self._is_own(row) else {"clusterId": self._row_id(row), "name": "other"} for row in rows]
            return {**answer, "rayClusters": shown}
        if "clusterId" in answer and not self._is_own(answer):
            return {"clusterId": answer["clusterId"], "name": "other"}
        return answer

    def _is_own(self, row: Value) -> bool:
        return isinstance(row, dict) and (row.get("clusterId") in self._own or is_scratch(row))

    def _row_id(self, row: Value) -> str:
        return self._word(str(row.get("clusterId") if isinstance(row, dict) else row), "ray")

    def _word(self, value: str, kind: str) -> str:
        if value not in self._words:
            self._counts[kind] = self._counts.get(kind, 0) + 1
            self._words[value] = f"{kind}-{self._counts[kind]}"
        return self._words[value]

    def text(self, value: Value, key: str = "") -> Value:
        """Return JSON data with everything replaced that must not be published."""
        low = key.lower()
        if isinstance(value, dict):
            return {self._plain(str(name)): self.text(item, str(name)) for name, item in value.items()}
        if isinstance(value, list):
            return [self.text(item, key) for item in value]
        if value is None or isinstance(value, bool) or value == "":
            return value
        if low in ("clienttoken", "nexttoken"):
            return self._word(str(value), "start" if low == "clienttoken" else "page")
        if any(word in low for word in _SECRET_KEYS):
            return self._mask(str(value))
        if low in _PERSON_KEYS:
            return self._word(str(value), low)
        if isinstance(value, str):
            return self._plain(value)
        return self._word(str(value), "account") if isinstance(value, int) and value >= 10**14 else value

    def values(self, data: Value) -> Value:
        """Return data whose keys say nothing about secrets, with everything replaced in its texts."""
        if isinstance(data, dict):
            return {name: self.values(item) for name, item in data.items()}
        if isinstance(data, (list, tuple)):
            return [self.values(item) for item in data]
        return self._plain(data) if isinstance(data, str) else data

    def _mask(self, value: str) -> str:
        """Keep what cannot be a secret: a mask, which a client has to recognize."""
        return value if len(value) <= 12 and re.search(r"\*\*|<|\[|xxx|•", value) and len(set(value)) < 10 else REDACTED

    def _plain(self, value: str) -> str:
        value = redact_labeled(str(self._secrets(value)))
        for pattern, kind in _PATTERNS:
            value = pattern.sub(lambda found, kind=kind: self._word(found.group(), kind), value)  # type: ignore[misc]
        for word, replacement in self._words.items():
            if len(word) >= 6 and word in value:
                value = value.replace(word, replacement)
        return value


def to_lines(exchanges: t.Iterable[Exchange], scrubber: Scrubber) -> list[str]:
    """Return a recording: one exchange as JSON on each line; equal ones in a row have the key ``times``."""
    lines: list[Json] = []
    exchanges = list(exchanges)
    for exchange in exchanges:
        # An error may name a person or an account that only a later answer tells apart.
        scrubber.scrub(exchange)
    for exchange in exchanges:
        shown = scrubber.scrub(exchange)
        previous = {key: value for key, value in lines[-1].items() if key != "times"} if lines else None
        if previous is not None and _without_request_id(previous) == _without_request_id(shown):
            lines[-1]["times"] = lines[-1].get("times", 1) + 1
        else:
            lines.append(shown)
    return [json.dumps(line, ensure_ascii=False, separators=(",", ":")) for line in lines]


def _without_request_id(shown: Json) -> Json:
    answer = shown.get("answer")
    if not isinstance(answer, dict):
        return shown
    return {**shown, "answer": {key: value for key, value in answer.items() if key.lower() != "requestid"}}
