# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""Follow a log that grows while it is read repeatedly: its new part, its lines, its tail. Pure."""

from __future__ import annotations

import codecs
import collections
import json
import re
import typing as t

_LOGS_FIELD_START = re.compile(r'\s*\{\s*"logs"\s*:\s*(")?')
# Whole characters of a JSON text: no escape and no pair of surrogates is cut in two.
_COMPLETE_CHARACTERS = re.compile(
    r'(?:[^"\\]+|\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u(?![dD][89abAB])[0-9a-fA-F]{4}|\\[^u])*'
)
# A pair of surrogates has this many characters; before further text, a single surrogate stays single.
_SURROGATE_PAIR_LENGTH = 12
_ESCAPE_LENGTH = 6
# A line without an end is cut there.
MAX_LINE_LENGTH = 100_000


class LogsJsonDecoder:
    """Reads the text in ``{"logs": "..."}``, the response of Ray's Jobs API, while it arrives.

    A log has no size limit, so a whole response may not fit into memory.
    """

    def __init__(self, take: t.Callable[[str], object]) -> None:
        self._take = take
        self._decode = codecs.getincrementaldecoder("utf-8")("replace")
        self._rest = ""
        self._opened = False
        self.ended = False

    def write(self, data: bytes) -> None:
        """Take the next bytes of the response."""
        self._rest += self._decode.decode(data)
        if not self._opened:
            self._skip_opening()
        if self._opened and not self.ended:
            self._decode_text()

    def _skip_opening(self) -> None:
        match = _LOGS_FIELD_START.match(self._rest)
        if match and match[1]:
            end = match.end()
            self._opened, self._rest = True, self._rest[end:]
        elif match and len(self._rest) > match.end():
            # null: there is no log.
            self._opened = self.ended = True

    def _decode_text(self) -> None:
        while True:
            match = _COMPLETE_CHARACTERS.match(self._rest)
            end = match.end() if match else 0
            if end == 0 and len(self._rest) >= _SURROGATE_PAIR_LENGTH and self._rest.startswith("\\u"):
                end = _ESCAPE_LENGTH
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


class LogFollower:
    """Follows a log that is read from its start every time; an interrupted reading loses no text."""

    def __init__(self, keep: int, show: t.Callable[[list[str]], object] | None = None) -> None:
        self._show = show
        self._tail: collections.deque[str] = collections.deque(maxlen=keep)
        self._open_line = ""
        self._read = 0
        self._position = 0
        self._new: list[str] = []

    def start_read(self) -> None:
        """Start a reading."""
        self._position = 0

    def feed(self, text: str) -> None:
        """Take the next text of a reading; only the part after the last one is new."""
        start = max(0, self._read - self._position)
        self._position += len(text)
        if self._position <= self._read:
            return
        self._read = self._position
        *whole, self._open_line = (self._open_line + text[start:]).split("\n")
        if len(self._open_line) > MAX_LINE_LENGTH:
            whole, self._open_line = [*whole, self._open_line], ""
        self._append_lines(whole)

    def _append_lines(self, lines: list[str]) -> None:
        stripped = [line.rstrip("\r") for line in lines]
        self._tail.extend(stripped)
        if self._show:
            self._new += stripped

    def finish_read(self) -> None:
        """End a complete reading: show the new text, and follow a log that restarted."""
        if self._position < self._read:
            self._read, self._open_line = self._position, ""
        self.show_new_lines()

    def show_new_lines(self) -> None:
        """Show the lines that have not been shown yet."""
        if self._show and self._new:
            self._show(self._new)
        self._new = []

    def flush_last_line(self) -> None:
        """Treat the last line as complete although it has no end."""
        if self._open_line:
            self._append_lines([self._open_line])
            self._open_line = ""
        self.show_new_lines()

    def tail(self) -> list[str]:
        """Return the last lines."""
        lines = [*self._tail, *([self._open_line] if self._open_line else [])]
        first = -(self._tail.maxlen or 0)
        return lines[first:] if first else []
