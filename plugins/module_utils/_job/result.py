# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""A job as users see it: snake_case, the same keys from every module, no secrets. Pure. Private to this collection."""

from __future__ import annotations

import json
import re
import typing as t

from .._redaction import LONGEST_TEXT, Secrets, hide_named, printable, token_of, without_token
from .fields import HEAD_FIELDS, JOB_FIELDS, KEY_MARK, LISTS, ROW_FIELDS, WORKER_FIELDS, Job, attempt_in, metadata_of

# A variable of the job's environment with such a name holds what is not to be shown.
_SECRET_NAME = re.compile(r"pass|secret|token|credential|api_?key|access_?key|private", re.IGNORECASE)
# A sequence that steers a terminal (ECMA-48, CSI): Ray itself writes its addresses bold and green.
_STEERING = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]")


def view(job: Job) -> dict[str, t.Any]:
    """Return a job as read with GetRayJob; a field that the service did not give is None, a list or tags empty."""
    metadata = metadata_of(job)
    shown = {field: job.get(field) for field in JOB_FIELDS}
    shown["job_key"] = metadata.get(KEY_MARK)
    shown["attempt"] = attempt_in(metadata) if metadata else None
    shown["message"] = _said(job.get("message"))
    shown["entrypoint"] = hide_named(job["entrypoint"]) if job.get("entrypoint") else job.get("entrypoint")
    shown["dashboard_url"] = without_token(job.get("dashboard_url") or "") or None
    shown.update({field: list(job.get(field) or []) for field in LISTS})
    shown["dashboard_url_extra"] = [without_token(str(url)) for url in job.get("dashboard_url_extra") or []]
    shown["tags"] = _tags(job.get("tags"))
    shown["head_spec"] = {field: (job.get("head_spec") or {}).get(field) for field in HEAD_FIELDS}
    shown["worker_spec"] = [
        {field: group.get(field) for field in WORKER_FIELDS} for group in job.get("worker_spec") or []
    ]
    return shown


def row_view(row: Job) -> dict[str, t.Any]:
    """Return a job as read with ListRayJob: :func:`view` without the fields that only GetRayJob gives."""
    shown = view(row)
    return {field: shown[field] for field in ROW_FIELDS}


def declared_view(job: Job | None) -> dict[str, t.Any]:
    """Return what a diff shows of a job: what is set of it, without what only the service writes."""
    if job is None:
        return {}
    hidden = ("creator_name", "cu_hours", "gu_hours", "duration", "dashboard_url", "log_path", "log_bucket_name")
    shown = {key: value for key, value in view(job).items() if key not in hidden and not key.endswith("_time")}
    return {key: value for key, value in shown.items() if value not in (None, [], {}) and not _is_hollow(value)}


def learn_secrets(job: Job, secrets: Secrets) -> None:
    """Remember the secrets in a job: tokens in its addresses, and variables of its environment that are called so."""
    for url in (job.get("dashboard_url"), *(job.get("dashboard_url_extra") or [])):
        secrets.add(*token_of(str(url or "")))
    secrets.add(*_secret_variables(job.get("runtime_env_json")))


def log_line(line: str, secrets: Secrets) -> str:
    """Return a line of a log as it can be shown: no secret, nothing that steers a terminal, its indentation kept."""
    text = hide_named(str(secrets.scrub(_STEERING.sub("", line))).expandtabs())
    return "".join(mark if mark.isprintable() else " " for mark in text).rstrip()


def _secret_variables(text: t.Any) -> list[str]:
    try:
        environment = json.loads(text) if isinstance(text, str) else text
    except (ValueError, RecursionError):
        return []
    variables = environment.get("env_vars") if isinstance(environment, dict) else None
    if not isinstance(variables, dict):
        return []
    return [value for name, value in variables.items() if isinstance(value, str) and _SECRET_NAME.search(str(name))]


def _said(value: t.Any) -> t.Any:
    """Return a message in one line; Ray appends thousands of characters of log to it, which are there as a log too."""
    if not isinstance(value, str):
        return value
    short = value if len(value) <= LONGEST_TEXT else value[:LONGEST_TEXT] + " ..."
    return printable(hide_named(short))


def _tags(tags: t.Any) -> dict[str, t.Any]:
    if isinstance(tags, dict):
        return dict(tags)
    return {str(tag.get("key")): tag.get("value") for tag in tags or [] if isinstance(tag, dict)}


def _is_hollow(value: t.Any) -> bool:
    return isinstance(value, dict) and all(item is None for item in value.values())
