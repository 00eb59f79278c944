# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""A job as users see it: snake_case, the same keys from every module, no secrets. Pure."""

from __future__ import annotations

import json
import re
import typing as t

from .._payload import field_names, to_snake
from .._redaction import MAX_TEXT_LENGTH, SecretRedactor, extract_tokens, redact_labeled, strip_tokens, to_printable
from .fields import (
    JOB_FIELDS,
    JOB_KEY_METADATA,
    Job,
    JobHead,
    JobRow,
    JobWorkers,
    read_attempt_number,
    read_metadata,
)

# A variable of the job's environment with such a name holds a value that must not be shown.
_SECRET_VARIABLE_NAME = re.compile(r"pass|secret|token|credential|api_?key|access_?key|private", re.IGNORECASE)
# A sequence that steers a terminal (ECMA-48, CSI): Ray itself writes its addresses bold and green.
_TERMINAL_SEQUENCE = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]")


def to_result(job: Job) -> dict[str, object]:
    """Return a job as read with GetRayJob; missing fields are None, missing lists and tags empty."""
    metadata = read_metadata(job)
    head: JobHead = job.get("head_spec") or {}
    return {
        **{field: job.get(field) for field in JOB_FIELDS},
        "job_key": metadata.get(JOB_KEY_METADATA),
        "attempt": read_attempt_number(metadata) if metadata else None,
        "message": _clean_message(job.get("message")),
        "entrypoint": redact_labeled(job["entrypoint"]) if job.get("entrypoint") else job.get("entrypoint"),
        "dashboard_url": strip_tokens(job.get("dashboard_url") or "") or None,
        "dashboard_url_extra": [strip_tokens(url) for url in job.get("dashboard_url_extra") or []],
        "volume_ids": list(job.get("volume_ids") or []),
        "tags": {str(tag.get("key")): tag.get("value") for tag in job.get("tags") or []},
        "gu_hours": _keys_to_snake_case(job.get("gu_hours")),
        "head_spec": {field: head.get(field) for field in field_names(JobHead)},
        "worker_spec": [
            {field: group.get(field) for field in field_names(JobWorkers)} for group in job.get("worker_spec") or []
        ],
    }


def list_row_to_result(row: Job) -> dict[str, object]:
    """Return a job as read with ListRayJob: :func:`view` without the fields that only GetRayJob gives."""
    result = to_result(row)
    return {field: result[field] for field in field_names(JobRow)}


def to_diff(job: Job | None) -> dict[str, object]:
    """Return the part of a job that a diff shows: its set fields, without those that only the service writes."""
    if job is None:
        return {}
    hidden = ("creator_name", "cu_hours", "gu_hours", "duration", "dashboard_url", "log_path", "log_bucket_name")
    result = {key: value for key, value in to_result(job).items() if key not in hidden and not key.endswith("_time")}
    return {key: value for key, value in result.items() if value not in (None, [], {}) and not _has_only_none(value)}


def register_secrets(job: t.Mapping[str, object], secrets: SecretRedactor) -> None:
    """Remember the secrets in a job: tokens in its addresses, and environment variables with secret-looking names."""
    more_urls = job.get("dashboard_url_extra")
    for url in (job.get("dashboard_url"), *(more_urls if isinstance(more_urls, list) else [])):
        secrets.add(*extract_tokens(str(url or "")))
    secrets.add(*_find_secret_variables(job.get("runtime_env_json")))


def clean_log_line(line: str, secrets: SecretRedactor) -> str:
    """Return a printable line of a log: without secrets and control sequences, its indentation kept."""
    text = redact_labeled(str(secrets.redact(_TERMINAL_SEQUENCE.sub("", line))).expandtabs())
    return "".join(mark if mark.isprintable() else " " for mark in text).rstrip()


def _find_secret_variables(text: object) -> list[str]:
    try:
        environment = json.loads(text) if isinstance(text, str) else text
    except (ValueError, RecursionError):
        return []
    variables = environment.get("env_vars") if isinstance(environment, dict) else None
    if not isinstance(variables, dict):
        return []
    return [
        value for name, value in variables.items() if isinstance(value, str) and _SECRET_VARIABLE_NAME.search(str(name))
    ]


def _clean_message(text: str | None) -> str | None:
    """Return a message in one line; Ray appends thousands of characters of the log, which is also available itself."""
    if text is None:
        return None
    return to_printable(redact_labeled(text if len(text) <= MAX_TEXT_LENGTH else text[:MAX_TEXT_LENGTH] + " ..."))


def _keys_to_snake_case(value: object) -> object:
    if isinstance(value, dict):
        return {to_snake(str(key)): _keys_to_snake_case(item) for key, item in value.items()}
    return [_keys_to_snake_case(item) for item in value] if isinstance(value, list) else value


def _has_only_none(value: object) -> bool:
    return isinstance(value, dict) and all(item is None for item in value.values())
