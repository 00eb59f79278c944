# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""A log that grows, read again and again: what is new of it, its lines, its tail. Pure. Private to this collection."""

from __future__ import annotations

import codecs
import collections
import json
import re
import typing as t

_OPENING = re.compile(r'\s*\{\s*"logs"\s*:\s*(")?')
# Whole characters of a JSON text: no escape and no pair of surrogates is cut in two.
_WHOLE = re.compile(
    r'(?:[^"\\]+|\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u(?![dD][89abAB])[0-9a-fA-F]{4}|\\[^u])*'
)
# A pair of surrogates has this many characters; where more follow, one that stands alone stays alone.
_PAIR = 12
_LONE = 6
# A line without an end is cut there.
LONGEST_LINE = 100_000


class LogsReader:
    """Reads the text in ``{"logs": "..."}``, the answer of Ray's Jobs API, while it comes.

    A log has no limit of size, and an answer with all of it need not fit into memory.
    """

    def __init__(self, take: t.Callable[[str], object]) -> None:
        self._take = take
        self._decode = codecs.getincrementaldecoder("utf-8")("replace")
        self._rest = ""
        self._opened = False
        self.ended = False

    def write(self, data: bytes) -> None:
        """Take the next bytes of the answer."""
        self._rest += self._decode.decode(data)
        if not self._opened:
            self._open()
        if self._opened and not self.ended:
            self._read()

    def _open(self) -> None:
        match = _OPENING.match(self._rest)
        if match and match[1]:
            end = match.end()
            self._opened, self._rest = True, self._rest[end:]
        elif match and len(self._rest) > match.end():
            # null: there is no log.
            self._opened = self.ended = True

    def _read(self) -> None:
        while True:
            match = _WHOLE.match(self._rest)
            end = match.end() if match else 0
            if end == 0 and len(self._rest) >= _PAIR and self._rest.startswith("\\u"):
                end = _LONE
            if end == 0:
                break
            self._emit(self._rest[:end])
            self._rest = self._rest[end:]
        self.ended = self._rest.startswith('"')

    def _emit(self, raw: str) -> None:
        try:
            text = json.loads(f'"{raw}"', strict=False)
        except ValueError:
            text = raw
        self._take(text.encode("utf-8", "replace").decode("utf-8"))


class Follower:
    """Keeps up with a log that is read from its beginning every time; whatever cuts a reading short costs nothing."""

    def __init__(self, keep: int, show: t.Callable[[list[str]], object] | None = None) -> None:
        self._show = show
        self._tail: collections.deque[str] = collections.deque(maxlen=keep)
        self._open_line = ""
        self._read = 0
        self._position = 0
        self._new: list[str] = []

    def begin(self) -> None:
        """Begin a reading."""
        self._position = 0

    def take(self, text: str) -> None:
        """Take the next text of a reading; only what lies behind the last one is new."""
        start = max(0, self._read - self._position)
        self._position += len(text)
        if self._position <= self._read:
            return
        self._read = self._position
        *whole, self._open_line = (self._open_line + text[start:]).split("\n")
        if len(self._open_line) > LONGEST_LINE:
            whole, self._open_line = [*whole, self._open_line], ""
        self._add(whole)

    def _add(self, lines: list[str]) -> None:
        plain = [line.rstrip("\r") for line in lines]
        self._tail.extend(plain)
        if self._show:
            self._new += plain

    def end(self) -> None:
        """End a reading that was complete: show what was new, and follow a log that began anew."""
        if self._position < self._read:
            self._read, self._open_line = self._position, ""
        self.show()

    def show(self) -> None:
        """Show the lines that nobody has seen yet."""
        if self._show and self._new:
            self._show(self._new)
        self._new = []

    def finish(self) -> None:
        """Take the last line for whole though it has no end."""
        if self._open_line:
            self._add([self._open_line])
            self._open_line = ""
        self.show()

    def tail(self) -> list[str]:
        """Return the last lines."""
        lines = [*self._tail, *([self._open_line] if self._open_line else [])]
        first = -(self._tail.maxlen or 0)
        return lines[first:] if first else []
