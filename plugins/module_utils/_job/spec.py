# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""The declared job: checked, and spelled as on the wire. Pure."""

from __future__ import annotations

import hashlib
import json
import re
import typing as t

from .._cluster.fields import HeadSpec
from .._cluster.models import parse_spec
from .._cluster.values import refuse_constant
from .._errors import Problems
from .._payload import Params, pick
from .._quantities import declared_memory, parse_memory
from .._text_rules import EMPTY_TEXT, find_label_problem
from .fields import METADATA_KEYS, JobKey, JobSpec
from .runtime_env import find_runtime_env_problems

# The fields that a job shares with a cluster; they are validated there.
_SHARED_WITH_CLUSTER = (
    "display_release_version",
    "network_service_name",
    "extra_param",
    "volume_ids",
    "head_spec",
    "worker_spec",
)
_UNCONVERTED_FIELDS = (
    "name",
    "entrypoint",
    "cluster_id",
    "working_dir",
    "submission_mode",
    "active_deadline_seconds",
    "shutdown_after_job_finishes",
    "ttl_seconds_after_finished",
)
_JSON_OBJECT_FIELDS = ("runtime_env_json", "metadata_json", "entrypoint_resources")
# Fields that only the service supports: a cluster's own endpoint has no clusters, queues, or deadlines.
SERVICE_ONLY_FIELDS = (
    *_SHARED_WITH_CLUSTER,
    "submission_mode",
    "active_deadline_seconds",
    "shutdown_after_job_finishes",
    "ttl_seconds_after_finished",
    "tags",
)
_DECIMAL_PATTERN = re.compile(r"[0-9]{1,9}(\.[0-9]{1,9})?")
_GIB = 1024**3
# API pages: a cluster's name has at most 64 characters. Of a job's nothing is said, so a made one keeps to it.
MAX_NAME_LENGTH = 64


def read_job_spec(params: Params) -> JobSpec:
    """Return the declared job with only its set fields, as on the wire but with the names of the options.

    Raises ParameterError that names every bad option at once.
    """
    problems = Problems()
    spec: dict[str, t.Any] = {field: params[field] for field in _UNCONVERTED_FIELDS if params.get(field) is not None}
    for field in _JSON_OBJECT_FIELDS:
        if params.get(field) is not None:
            with problems.of(field):
                spec[field] = _read_json_object(field, params[field])
    for field in ("entrypoint_num_cpus", "entrypoint_num_gpus"):
        if params.get(field) is not None:
            with problems.of(field):
                spec[field] = _read_decimal(params[field])
    if params.get("entrypoint_memory") is not None:
        with problems.of("entrypoint_memory"):
            spec["entrypoint_memory"] = declared_memory(params["entrypoint_memory"])
    if params.get("tags") is not None:
        spec["tags"] = {str(key): str(value) for key, value in params["tags"].items()}
    problems += _field_problems(params, spec)
    with problems:
        spec.update(parse_spec({field: params.get(field) for field in _SHARED_WITH_CLUSTER}))
    problems.raise_any()
    return pick(JobSpec, spec)


def _read_json_object(field: str, value: object) -> str:
    """Return a JSON object as text, for text or for an object. Raises ValueError, ParameterError."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    try:
        parsed = json.loads(text, parse_constant=refuse_constant) if text.strip() else {}
    except (ValueError, RecursionError):
        raise ValueError("is not valid JSON") from None
    if not isinstance(parsed, dict):
        raise ValueError("must be a JSON object")  # noqa: TRY004 - collected with the other problems
    if field == "runtime_env_json":
        Problems(find_runtime_env_problems(parsed)).raise_any()
    elif field == "metadata_json" and set(parsed) & set(METADATA_KEYS):
        raise ValueError(f"{', '.join(sorted(set(parsed) & set(METADATA_KEYS)))} are names of this collection")
    return json.dumps(parsed, ensure_ascii=False)


def _read_decimal(value: object) -> str:
    text = str(value).strip()
    if not _DECIMAL_PATTERN.fullmatch(text):
        raise ValueError("is not a number, such as 1 or 0.5")
    return text


def _field_problems(params: Params, spec: dict[str, t.Any]) -> list[str]:
    texts = {field: find_label_problem(spec[field]) for field in ("name", "submission_mode") if field in spec}
    problems = [f"{field}: {problem}" for field, problem in texts.items() if problem]
    empty = [field for field in ("entrypoint", "working_dir") if str(spec.get(field, "x")).strip() == ""]
    problems += [f"{field}: {EMPTY_TEXT}" for field in empty]
    for field, least in (("active_deadline_seconds", 1), ("ttl_seconds_after_finished", 0)):
        if spec.get(field) is not None and spec[field] < least:
            problems.append(f"{field}: must be at least {least}")
    return problems + [
        f"tags: needs text for {key}; quote the value"
        for key, value in (params.get("tags") or {}).items()
        if value is None or isinstance(value, (bool, dict, list))
    ]


def find_missing_options(spec: JobSpec, cluster: bool) -> list[str]:
    """Return the options that a submission lacks; ``cluster`` says whether a cluster is named.

    The API calls every field optional. Without these, similar operations fail with unclear messages.
    """
    missing = [] if spec.get("entrypoint") else ["entrypoint"]
    if cluster:
        return missing
    missing += [] if spec.get("display_release_version") else ["display_release_version"]
    head: HeadSpec = spec.get("head_spec") or {}
    missing += [f"head_spec.{field}" for field in ("queue_name", "cpu", "memory") if not head.get(field)]
    return missing + ([] if spec.get("worker_spec") else ["worker_spec"])


def cluster_backend_problems(spec: JobSpec) -> list[str]:
    """Return the problems of options that a cluster's own endpoint does not support."""
    problems = [
        f"{field}: only the service knows it, not a cluster (via=cluster)"
        for field in SERVICE_ONLY_FIELDS
        if field in spec
    ]
    metadata = json.loads(spec.get("metadata_json") or "{}")
    problems += [
        f"metadata_json: Ray accepts only text, and the value of {key} is not text"
        for key, value in metadata.items()
        if not isinstance(value, str)
    ]
    environment = json.loads(spec.get("runtime_env_json") or "{}")
    if spec.get("working_dir") and environment.get("working_dir"):
        problems.append("working_dir: is also set in runtime_env_json")
    if "://" not in (spec.get("working_dir") or "://"):
        problems.append("working_dir: must be an address that the cluster can read, because the task uploads no files")
    return problems


def build_job_name(key: JobKey) -> str:
    """Return the name of a job without one: its key, as far as it fits into a name."""
    if len(key.value) <= MAX_NAME_LENGTH and key.value.isprintable() and key.value.strip() == key.value:
        return key.value
    return f"job-{hashlib.sha256(key.value.encode('utf-8', 'surrogatepass')).hexdigest()[:32]}"


def with_key_metadata(spec: JobSpec, key: JobKey, attempt: int) -> JobSpec:
    """Return a job's spec with the marks of an attempt in its metadata."""
    metadata = {**json.loads(spec.get("metadata_json") or "{}"), **key.build_metadata(attempt)}
    return {**spec, "metadata_json": json.dumps(metadata, ensure_ascii=False)}


def build_ray_submission_id(key: JobKey, attempt: int) -> str:
    """Return the submission id that an attempt has on a cluster's own endpoint, where the client chooses it."""
    readable_part = re.sub(r"[^a-z0-9]+", "-", key.value.lower()).strip("-")[:24].strip("-")
    key_hash = hashlib.sha256(key.value.encode("utf-8", "surrogatepass")).hexdigest()[:16]
    return "-".join(part for part in ("rayops", readable_part, key_hash, str(attempt)) if part)


def build_ray_body(spec: JobSpec, key: JobKey, attempt: int) -> dict[str, object]:
    """Return the body of ``POST /api/jobs/`` (Ray's JobSubmitRequest): numbers instead of text, memory in bytes."""
    spec_with_key = with_key_metadata(spec, key, attempt)
    metadata = json.loads(spec_with_key["metadata_json"])
    if spec.get("name"):
        metadata.setdefault("name", spec["name"])
    environment = json.loads(spec.get("runtime_env_json") or "{}")
    if spec.get("working_dir"):
        environment["working_dir"] = spec["working_dir"]
    body: dict[str, object] = {
        "entrypoint": spec["entrypoint"],
        "submission_id": build_ray_submission_id(key, attempt),
        "runtime_env": environment,
        "metadata": metadata,
    }
    numbers = {field: spec.get(field) for field in ("entrypoint_num_cpus", "entrypoint_num_gpus")}
    body |= {field: float(str(number)) for field, number in numbers.items() if number}
    if spec.get("entrypoint_memory"):
        body["entrypoint_memory"] = int(parse_memory(spec["entrypoint_memory"]) * _GIB)
    if spec.get("entrypoint_resources"):
        body["entrypoint_resources"] = json.loads(spec["entrypoint_resources"])
    return body
