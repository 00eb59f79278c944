# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""Reading what the service answers about jobs and logs, tolerant of what nobody knows yet. Pure.

Private to this collection.
"""

from __future__ import annotations

import math
import re
import typing as t

from .._errors import ApiError
from .._redaction import to_printable
from .fields import FLAG_FIELDS, HEAD_FIELDS, LIST_FIELDS, NUMBER_FIELDS, TEXT_FIELDS, WORKER_FIELDS, Job

_NODE_NUMBER_FIELDS = ("replica", "min_replica", "max_replica", "idle_timeout_seconds")
# Of a path of the service only the last part becomes a name on this machine.
_UNSAFE_FILE_NAMES = ("", ".", "..")


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


def to_snake_case(name: str) -> str:
    """Return the option name of a wire name."""
    return re.sub(r"([A-Z])", lambda match: "_" + match.group(1).lower(), name)


def read_job(payload: t.Any, operation: str) -> Job:
    """Return a job of the service's answer with the names of the options, absent fields None.

    Raises ApiError when a known field has a type that makes no sense.
    """
    if not isinstance(payload, dict) or not isinstance(payload.get("submissionId"), str) or not payload["submissionId"]:
        raise ApiError(operation, "the answer cannot be understood: it has no submission id")
    fields = {to_snake_case(key): value for key, value in payload.items()}
    # The API's own spelling in this one place.
    fields.setdefault("worker_spec", fields.get("worker_specs"))
    job: Job = {"submission_id": payload["submissionId"]}
    for names, kind in (
        (TEXT_FIELDS, _read_text),
        (NUMBER_FIELDS, _read_number),
        (FLAG_FIELDS, _read_flag),
        (LIST_FIELDS, _read_list),
    ):
        job.update({name: kind(name, fields.get(name), operation) for name in names})
    job["gu_hours"] = _keys_to_snake_case(fields.get("gu_hours"))
    job["head_spec"] = _read_node(fields.get("head_spec"), HEAD_FIELDS, operation)
    job["worker_spec"] = [_read_node(group, WORKER_FIELDS, operation) for group in job["worker_spec"] or []]
    return job


def _type_error(name: str, operation: str) -> ApiError:
    return ApiError(operation, f"the answer cannot be understood: {name} has a type that makes no sense")


def _read_text(name: str, value: t.Any, operation: str) -> str | None:
    if isinstance(value, (dict, list, bool)):
        raise _type_error(name, operation)
    return None if value is None else str(value)


def _read_number(name: str, value: t.Any, operation: str) -> int | float | None:
    if value is None or (isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)):
        return value
    if isinstance(value, str) and re.fullmatch(r"[0-9]{1,18}", value):
        return int(value)
    raise _type_error(name, operation)


def _read_flag(name: str, value: t.Any, operation: str) -> bool | None:
    if value is None or isinstance(value, bool):
        return value
    raise _type_error(name, operation)


def _read_list(name: str, value: t.Any, operation: str) -> list[t.Any] | None:
    if value is None or isinstance(value, list):
        return value
    raise _type_error(name, operation)


def _read_node(value: t.Any, fields: t.Sequence[str], operation: str) -> dict[str, t.Any]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise _type_error("a node", operation)
    values = {to_snake_case(key): item for key, item in value.items()}
    read = {
        name: (_read_number if name in _NODE_NUMBER_FIELDS else _read_text_or_flag)(name, values.get(name), operation)
        for name in fields
    }
    return {name: item for name, item in read.items() if item is not None}


def _read_text_or_flag(name: str, value: t.Any, operation: str) -> t.Any:
    return _read_flag(name, value, operation) if name == "enable_auto_scaling" else _read_text(name, value, operation)


def _keys_to_snake_case(value: t.Any) -> t.Any:
    if isinstance(value, dict):
        return {to_snake_case(str(key)): _keys_to_snake_case(item) for key, item in value.items()}
    return [_keys_to_snake_case(item) for item in value] if isinstance(value, list) else value


def read_log_page(data: t.Mapping[str, t.Any]) -> LogPage:
    """Return the files of a page of ListRayLogs. Raises ApiError."""
    rows = data.get("objectList")
    if rows is not None and not isinstance(rows, list):
        raise _type_error("objectList", "ListRayLogs")
    marker = data.get("nextMarker") if data.get("isTruncated") else None
    return LogPage([_read_log_file(row) for row in rows or []], str(marker or ""))


def _read_log_file(row: t.Any) -> LogFile:
    path = row.get("path") if isinstance(row, dict) else None
    if not isinstance(path, str) or not path:
        raise ApiError("ListRayLogs", "the answer cannot be understood: a file has no path")
    size = _read_number("size", row.get("size"), "ListRayLogs")
    if size is not None and size < 0:
        raise _type_error("size", "ListRayLogs")
    modified = _read_number("timeModified", row.get("timeModified"), "ListRayLogs")
    return LogFile(
        name=to_printable(str(row.get("name") or path.rstrip("/").rsplit("/", 1)[-1])),
        path=path,
        size=None if size is None else int(size),
        time_modified=None if modified is None else int(modified),
        is_dir=bool(row.get("isDir")),
    )
