# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""A job as users see it: snake_case, the same keys from every module, no secrets. Pure. Private to this collection."""

from __future__ import annotations

import json
import re
import typing as t

from .._redaction import MAX_TEXT_LENGTH, SecretRedactor, extract_tokens, redact_labeled, strip_tokens, to_printable
from .fields import (
    HEAD_FIELDS,
    JOB_FIELDS,
    JOB_KEY_METADATA,
    LIST_FIELDS,
    ROW_FIELDS,
    WORKER_FIELDS,
    Job,
    read_attempt_number,
    read_metadata,
)

# A variable of the job's environment with such a name holds what is not to be shown.
_SECRET_VARIABLE_NAME = re.compile(r"pass|secret|token|credential|api_?key|access_?key|private", re.IGNORECASE)
# A sequence that steers a terminal (ECMA-48, CSI): Ray itself writes its addresses bold and green.
_TERMINAL_SEQUENCE = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]")


def to_result(job: Job) -> dict[str, t.Any]:
    """Return a job as read with GetRayJob; a field that the service did not give is None, a list or tags empty."""
    metadata = read_metadata(job)
    result = {field: job.get(field) for field in JOB_FIELDS}
    result["job_key"] = metadata.get(JOB_KEY_METADATA)
    result["attempt"] = read_attempt_number(metadata) if metadata else None
    result["message"] = _clean_message(job.get("message"))
    result["entrypoint"] = redact_labeled(job["entrypoint"]) if job.get("entrypoint") else job.get("entrypoint")
    result["dashboard_url"] = strip_tokens(job.get("dashboard_url") or "") or None
    result.update({field: list(job.get(field) or []) for field in LIST_FIELDS})
    result["dashboard_url_extra"] = [strip_tokens(str(url)) for url in job.get("dashboard_url_extra") or []]
    result["tags"] = _read_tags(job.get("tags"))
    result["head_spec"] = {field: (job.get("head_spec") or {}).get(field) for field in HEAD_FIELDS}
    result["worker_spec"] = [
        {field: group.get(field) for field in WORKER_FIELDS} for group in job.get("worker_spec") or []
    ]
    return result


def list_row_to_result(row: Job) -> dict[str, t.Any]:
    """Return a job as read with ListRayJob: :func:`view` without the fields that only GetRayJob gives."""
    result = to_result(row)
    return {field: result[field] for field in ROW_FIELDS}


def to_diff(job: Job | None) -> dict[str, t.Any]:
    """Return what a diff shows of a job: what is set of it, without what only the service writes."""
    if job is None:
        return {}
    hidden = ("creator_name", "cu_hours", "gu_hours", "duration", "dashboard_url", "log_path", "log_bucket_name")
    result = {key: value for key, value in to_result(job).items() if key not in hidden and not key.endswith("_time")}
    return {key: value for key, value in result.items() if value not in (None, [], {}) and not _has_only_none(value)}


def register_secrets(job: Job, secrets: SecretRedactor) -> None:
    """Remember the secrets in a job: tokens in its addresses, and variables of its environment that are called so."""
    for url in (job.get("dashboard_url"), *(job.get("dashboard_url_extra") or [])):
        secrets.add(*extract_tokens(str(url or "")))
    secrets.add(*_find_secret_variables(job.get("runtime_env_json")))


def clean_log_line(line: str, secrets: SecretRedactor) -> str:
    """Return a line of a log as it can be shown: no secret, nothing that steers a terminal, its indentation kept."""
    text = redact_labeled(str(secrets.redact(_TERMINAL_SEQUENCE.sub("", line))).expandtabs())
    return "".join(mark if mark.isprintable() else " " for mark in text).rstrip()


def _find_secret_variables(text: t.Any) -> list[str]:
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


def _clean_message(value: t.Any) -> t.Any:
    """Return a message in one line; Ray appends thousands of characters of log to it, which are there as a log too."""
    if not isinstance(value, str):
        return value
    shortened = value if len(value) <= MAX_TEXT_LENGTH else value[:MAX_TEXT_LENGTH] + " ..."
    return to_printable(redact_labeled(shortened))


def _read_tags(tags: t.Any) -> dict[str, t.Any]:
    if isinstance(tags, dict):
        return dict(tags)
    return {str(tag.get("key")): tag.get("value") for tag in tags or [] if isinstance(tag, dict)}


def _has_only_none(value: t.Any) -> bool:
    return isinstance(value, dict) and all(item is None for item in value.values())
