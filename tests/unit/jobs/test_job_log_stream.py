# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Following a log that grows: however it is cut, every line is shown once."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.rayops.alicloud.plugins.module_utils._job.log_stream import (
    MAX_LINE_LENGTH,
    LogFollower,
    LogsJsonDecoder,
)

TEXTS = st.text(st.characters(codec="utf-8") | st.sampled_from('\n\n"\\😀ü'), max_size=300)


def read(data: bytes, size: int) -> tuple[str, bool]:
    """Return what a reader makes of an answer in pieces, and whether it saw its end."""
    pieces: list[str] = []
    reader = LogsJsonDecoder(pieces.append)
    for start in range(0, len(data), size):
        reader.write(data[start : start + size])
    return "".join(pieces), reader.ended


@given(TEXTS, st.integers(1, 40), st.booleans())
def test_an_answer_is_read_in_any_pieces(text: str, size: int, ascii_only: bool) -> None:
    data = json.dumps({"logs": text}, ensure_ascii=ascii_only).encode()
    assert read(data, size) == (text, True)


@given(TEXTS, st.integers(1, 40), st.data())
def test_of_an_answer_that_is_cut_the_beginning_is_read(text: str, size: int, data: st.DataObject) -> None:
    answer = json.dumps({"logs": text}).encode()
    cut = data.draw(st.integers(0, len(answer) - 2))
    found, ended = read(answer[:cut], size)
    assert text.startswith(found)
    assert not ended


def test_strange_answers() -> None:
    assert read(b'{"logs": null}', 3) == ("", True)
    assert read(b'{ "logs":\n""}', 1) == ("", True)
    assert read(b'{"other": "x"}', 4) == ("", False)
    assert read(b"<html>", 2) == ("", False)
    assert read(b'{"logs": "a\\ud83d and more text"}', 5) == ("a? and more text", True)
    assert read(b'{"logs": "a\tb"}', 2) == ("a\tb", True)


@given(st.lists(TEXTS, max_size=6), st.data())
def test_every_line_is_shown_once_however_readings_are_cut(parts: list[str], data: st.DataObject) -> None:
    shown: list[str] = []
    follower = LogFollower(5, shown.extend)
    whole = ""
    for part in parts:
        whole += part
        cut = data.draw(st.integers(0, len(whole)))
        follower.start_read()
        middle = data.draw(st.integers(0, cut))
        follower.feed(whole[:middle])
        follower.feed(whole[middle:cut])
        if cut == len(whole):
            follower.finish_read()
    follower.start_read()
    follower.feed(whole)
    follower.finish_read()
    follower.flush_last_line()
    lines = whole.split("\n")
    expected = [line.rstrip("\r") for line in (lines if lines[-1] else lines[:-1])]
    assert shown == expected
    assert follower.tail() == expected[-5:]


def test_a_log_that_begins_anew_is_followed() -> None:
    shown: list[str] = []
    follower = LogFollower(10, shown.extend)
    for text in ("one\ntwo\n", "new\n", "new\nlines\n"):
        follower.start_read()
        follower.feed(text)
        follower.finish_read()
    assert shown == ["one", "two", "lines"]


def test_a_line_without_an_end_and_a_follower_that_keeps_nothing() -> None:
    follower = LogFollower(3)
    follower.start_read()
    follower.feed("x" * (MAX_LINE_LENGTH + 1) + "y")
    follower.feed("end")
    assert [len(line) for line in follower.tail()] == [MAX_LINE_LENGTH + 2, 3]
    assert LogFollower(0).tail() == []
