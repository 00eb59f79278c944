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

HIDDEN = "********"

# What a service says is shown in one line of a terminal or a job log.
LONGEST_TEXT = 1000
# Shorter values are not replaced inside running text: they would blank out unrelated words.
SHORTEST = 4


def without_token(url: str) -> str:
    """Drop every query parameter whose name contains ``token``; what is left is a working address without access."""
    base, parameters = _parameters(url)
    kept = [(mark, text) for mark, text in parameters if not _is_token(text)]
    opened = False
    for mark, text in kept:
        glue = mark if mark == "#" else "&" if opened else "?"
        opened = glue != "#"
        base += glue + text
    return base


def token_of(url: str) -> list[str]:
    """Return the values of the query parameters that :func:`without_token` drops."""
    return [text.partition("=")[2] for text in (pair[1] for pair in _parameters(url)[1]) if _is_token(text)]


def _parameters(url: str) -> tuple[str, list[tuple[str, str]]]:
    """Split an address before every ``?``, ``&``, ``;`` and ``#``; tokens have been seen behind each of them."""
    base, *rest = re.split(r"([?&#;])", url)
    return base, list(zip(rest[::2], rest[1::2], strict=True))


def _is_token(parameter: str) -> bool:
    name = parameter.partition("=")
    return bool(name[1]) and "token" in name[0].lower()


def is_mask(value: str | None) -> bool:
    """Tell whether the service gave a mask such as ``******`` in place of a secret."""
    return bool(value) and set(str(value)) <= set("*•")


# A value that a text calls a secret, in a URL, a header or JSON: the service may quote one that nobody knows here.
_NAMED = re.compile(
    r"""((?:token|password|secret)[\w-]*(?:\\*["']\s*:\s*\\*["']|[=:](?=\S)|:\s+(?=\S{16})))[^\s"'\\&,;<>{}]+""",
    re.IGNORECASE,
)


def hide_named(text: str) -> str:
    """Return a text with the values hidden that it calls a token, password or secret."""
    return _NAMED.sub(rf"\1{HIDDEN}", text)


def printable(text: str) -> str:
    """Return a text in one line and without what steers a terminal: control characters, escapes, directions."""
    return "".join(mark if mark.isprintable() else " " for mark in text).strip()


class Secrets:
    """The secret values seen so far, and their removal from results and texts."""

    def __init__(self, values: t.Iterable[str | None] = (), parent: Secrets | None = None) -> None:
        self._parent = parent
        self._lock = threading.Lock()
        self._values: frozenset[str] = frozenset()
        self.add(*values)

    def add(self, *values: str | None) -> None:
        """Remember values, with the spellings they have inside JSON and URLs; empty ones and masks are passed over."""
        for value in values:
            if value and len(value) >= SHORTEST and not is_mask(value):
                as_json = json.dumps(value)[1:-1], json.dumps(value, ensure_ascii=False)[1:-1]
                # A variable of the environment may hold bytes that are no text.
                in_urls = [quote(value, safe=safe, errors="replace") for safe in ("", "/")]
                spellings = {value, *as_json, *in_urls, quote_plus(value, errors="replace")}
                # Another thread may be reading: the set it reads must not change under it.
                with self._lock:
                    self._values |= spellings

    def child(self) -> Secrets:
        """Return a place for more secrets, which hides those of this one as well."""
        return Secrets(parent=self)

    def _known(self) -> frozenset[str]:
        return self._values | self._parent._known() if self._parent else self._values

    def tell(self, text: str) -> str:
        """Return a text, which may quote the service, as it can be shown: no secret, one line, not too long.

        Secrets go first: of one that is cut in the middle, the rest would not be recognised.
        """
        hidden = str(self.scrub(text))
        # Before the next step, which takes its time with a text of megabytes.
        short = hidden if len(hidden) <= LONGEST_TEXT else hidden[:LONGEST_TEXT] + " ..."
        return printable(hide_named(short))

    def scrub(self, shown: t.Any) -> t.Any:
        """Return ``shown`` (text, list, mapping, or anything else unchanged) with every remembered value hidden."""
        return _scrub(shown, sorted(self._known(), key=len, reverse=True))


def _scrub(shown: t.Any, values: list[str]) -> t.Any:
    if isinstance(shown, str):
        for value in values:
            shown = shown.replace(value, HIDDEN)
        return shown
    if isinstance(shown, dict):
        return {key: _scrub(value, values) for key, value in shown.items()}
    if isinstance(shown, (list, tuple)):
        return [_scrub(value, values) for value in shown]
    return shown
