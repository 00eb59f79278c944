# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""Read the service's responses about jobs and logs. Pure."""

from __future__ import annotations

import typing as t

from .._api.responses import read_rows
from .._errors import ApiError
from .._payload import Field
from .._redaction import to_printable
from .._schema import read_answer
from .fields import Job

_UNSAFE_FILE_NAMES = ("", ".", "..")
# The code of both log operations for success, under HTTP 200; any other is a failure.
LOG_SUCCESS_CODE = "1000000"


class LogAnswer(t.TypedDict, total=False):
    """The response of a log operation, which may be a refusal with HTTP 200."""

    code: str
    message: str
    request_id: str
    data: object


class LogRow(t.TypedDict, total=False):
    """A file or folder of ListRayLogs."""

    path: t.Annotated[str, Field(required=True)]
    name: str
    size: int
    time_modified: int
    is_dir: bool


class LogListing(t.TypedDict, total=False):
    """The data of ListRayLogs besides its rows."""

    next_marker: str
    is_truncated: bool


class LogFile(t.NamedTuple):
    """A file of a job's logs, or a folder; ``size`` in bytes, ``time_modified`` in milliseconds."""

    name: str
    path: str
    size: int | None
    time_modified: int | None
    is_dir: bool

    @property
    def basename(self) -> str:
        """Return the last part of the path as the name of a file on this machine, without control characters."""
        last = "".join(mark if mark.isprintable() else "_" for mark in self.path.rstrip("/").rsplit("/", 1)[-1])
        return last if last not in _UNSAFE_FILE_NAMES else "log"


class LogPage(t.NamedTuple):
    """A page of ListRayLogs; ``marker`` leads to the next one, and is empty on the last."""

    files: list[LogFile]
    marker: str


def read_job(payload: object, operation: str) -> Job:
    """Return a job of the service's response. Raises ApiError as :func:`read_answer` does."""
    return read_answer(Job, payload, operation)


def read_log_data(operation: str, payload: t.Mapping[str, object]) -> dict[str, object]:
    """Return the data in the response of a log operation. Raises ApiError for a refusal, which has status 200."""
    answer = read_answer(LogAnswer, payload, operation)
    code, data = answer.get("code"), answer.get("data")
    if code != LOG_SUCCESS_CODE:
        message = answer.get("message") or "the service returned no reason"
        raise ApiError(operation, f"{code}: {message}" if code else message, code, answer.get("request_id"))
    if not isinstance(data, dict):
        raise ApiError(operation, "the response has no data")
    return data


def read_log_page(data: dict[str, object]) -> LogPage:
    """Return the files of a page of ListRayLogs. Raises ApiError."""
    listing = read_answer(LogListing, data, "ListRayLogs")
    rows = read_rows(LogRow, data, "objectList", "ListRayLogs") if data.get("objectList") is not None else []
    return LogPage(
        [_to_log_file(row) for row in rows], listing.get("next_marker", "") if listing.get("is_truncated") else ""
    )


def _to_log_file(row: LogRow) -> LogFile:
    if row.get("size", 0) < 0:
        raise ApiError("ListRayLogs", "the response cannot be parsed: size is below zero")
    return LogFile(
        name=to_printable(row.get("name") or row["path"].rstrip("/").rsplit("/", 1)[-1]),
        path=row["path"],
        size=row.get("size"),
        time_modified=row.get("time_modified"),
        is_dir=row.get("is_dir", False),
    )
