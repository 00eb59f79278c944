# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""Keeping secrets out of everything that is shown. Private to this collection."""

from __future__ import annotations

import json
import re
import threading
import typing as t
from urllib.parse import quote, quote_plus

REDACTED = "********"

# Characters of a service's text that are shown in one line of a terminal or a job log.
MAX_TEXT_LENGTH = 1000
# Shorter values are not replaced inside running text: they would blank out unrelated words.
MIN_SECRET_LENGTH = 4
# A text of these alone is no secret.
_MASK_CHARACTERS = frozenset("*•")


def strip_tokens(url: str) -> str:
    """Drop every query parameter whose name contains ``token``; the rest is a working address without access."""
    base, parameters = _split_parameters(url)
    kept = [(mark, text) for mark, text in parameters if not _is_token_parameter(text)]
    opened = False
    for mark, text in kept:
        glue = mark if mark == "#" else "&" if opened else "?"
        opened = glue != "#"
        base += glue + text
    return base


def extract_tokens(url: str) -> list[str]:
    """Return the values of the query parameters that :func:`without_token` drops."""
    return [
        text.partition("=")[2] for text in (pair[1] for pair in _split_parameters(url)[1]) if _is_token_parameter(text)
    ]


def _split_parameters(url: str) -> tuple[str, list[tuple[str, str]]]:
    """Split an address before every question mark, ampersand, semicolon, and number sign, which may precede a token."""
    base, *rest = re.split(r"([?&#;])", url)
    return base, list(zip(rest[::2], rest[1::2], strict=True))


def _is_token_parameter(parameter: str) -> bool:
    name = parameter.partition("=")
    return bool(name[1]) and "token" in name[0].lower()


# Masks that services show in place of a secret, also with a few of its characters at the ends.
_MASK = re.compile(
    r"[*•]{3,}|#{3,}|^.{0,4}x{3,}.{0,4}$|[<\[({]\s*(?:hidden|redacted|masked|secret)\s*[>\])}]"
    r"|^VALUE_SPECIFIED_IN_NO_LOG_PARAMETER$|^ENC\(.*\)$",
    re.IGNORECASE,
)
_SECRET_NAME = re.compile(r"passw|passphrase|pwd|secret|token|key|credential", re.IGNORECASE)


def is_mask(value: object) -> bool:
    """Return whether a value looks like a mask of a secret: ``******``, ``c****y``, ``<hidden>``, ``ENC(...)``."""
    return bool(value) and bool(_MASK.search(str(value)))


def is_hidden(text: str) -> bool:
    """Return whether a text contains a mask that this collection or Ansible shows in place of a secret."""
    return REDACTED in text or text == "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"


def is_secret_name(name: object) -> bool:
    """Return whether the name of a variable says that its value is a secret."""
    return bool(_SECRET_NAME.search(str(name)))


def hide_variables(variables: t.Mapping[str, t.Any], mark: str = REDACTED) -> dict[str, t.Any]:
    """Return variables with the values of secret-looking names replaced; empty values stay."""
    return {name: mark if value and is_secret_name(name) else value for name, value in variables.items()}


def hide_env(value: t.Any) -> t.Any:
    """Return options or a result with the secret variables of every ``env`` in it hidden."""
    if isinstance(value, dict):
        return {
            key: hide_variables(item) if key == "env" and isinstance(item, dict) else hide_env(item)
            for key, item in value.items()
        }
    return [hide_env(item) for item in value] if isinstance(value, (list, tuple)) else value


# A value that a text labels as a secret, in a URL, a header, or JSON: the service may quote an unknown one.
_LABELED_SECRET = re.compile(
    r"""((?:token|password|secret)[\w-]*(?:\\*["']\s*:\s*\\*["']|[=:](?=\S)|:\s+(?=\S{16})))[^\s"'\\&,;<>{}]+""",
    re.IGNORECASE,
)


def redact_labeled(text: str) -> str:
    """Return a text with the values hidden that it calls a token, password or secret."""
    return _LABELED_SECRET.sub(rf"\1{REDACTED}", text)


def to_printable(text: str) -> str:
    """Return a text in one line and without what steers a terminal: control characters, escapes, directions."""
    return "".join(mark if mark.isprintable() else " " for mark in text).strip()


Shown = t.TypeVar("Shown")


class SecretRedactor:
    """The secret values seen so far, and their removal from results and texts."""

    def __init__(self, values: t.Iterable[str | None] = (), parent: SecretRedactor | None = None) -> None:
        self._parent = parent
        self._lock = threading.Lock()
        self._values: frozenset[str] = frozenset()
        self.add(*values)

    def add(self, *values: str | None) -> None:
        """Remember values, with the spellings they have inside JSON and URLs; empty ones and masks are skipped."""
        for value in values:
            if value and len(value) >= MIN_SECRET_LENGTH and not set(value) <= _MASK_CHARACTERS:
                as_json = json.dumps(value)[1:-1], json.dumps(value, ensure_ascii=False)[1:-1]
                # A variable of the environment may hold bytes that are no text.
                in_urls = [quote(value, safe=safe, errors="replace") for safe in ("", "/")]
                spellings = {value, *as_json, *in_urls, quote_plus(value, errors="replace")}
                # Another thread may be reading: the set it reads must not change under it.
                with self._lock:
                    self._values |= spellings

    def scoped(self) -> SecretRedactor:
        """Return a place for more secrets, which hides those of this one as well."""
        return SecretRedactor(parent=self)

    def _all_values(self) -> frozenset[str]:
        return self._values | self._parent._all_values() if self._parent else self._values

    def redact_text(self, text: str) -> str:
        """Return a text, which may quote the service, as it can be shown: no secret, one line, not too long.

        Secrets go first: of one that is cut in the middle, the rest would not be recognized.
        """
        redacted = str(self.redact(text))
        # Before the next step, which takes its time with a text of megabytes.
        short = redacted if len(redacted) <= MAX_TEXT_LENGTH else redacted[:MAX_TEXT_LENGTH] + " ..."
        return to_printable(redact_labeled(short))

    def redact(self, shown: Shown) -> Shown:
        """Return ``shown`` (text, list, mapping, or anything else unchanged) with every remembered value hidden."""
        return t.cast(Shown, _redact(shown, sorted(self._all_values(), key=len, reverse=True)))


def _redact(shown: object, values: list[str]) -> object:
    if isinstance(shown, str):
        for value in values:
            shown = shown.replace(value, REDACTED)
        return shown
    if isinstance(shown, dict):
        return {key: _redact(value, values) for key, value in shown.items()}
    if isinstance(shown, (list, tuple)):
        return [_redact(value, values) for value in shown]
    return shown
