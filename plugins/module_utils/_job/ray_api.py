# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""A running cluster's own Ray Jobs endpoint: submit, status, stop, logs; Ray's REST API."""

from __future__ import annotations

import json
import re
import typing as t
from dataclasses import dataclass
from urllib.parse import urlsplit

from .._api.error_responses import retry_after_seconds
from .._api.operations import OPERATIONS
from .._api.retrier import Retrier, no_recovery
from .._api.settings import Settings, parse_endpoint
from .._api.streaming import download
from .._api.transport import Request, Response, Transport
from .._clock import Clock
from .._errors import ApiError, JobError
from .fields import CANCELLED, FAILED, PENDING, RUNNING, SUCCEEDED, Job, read_metadata
from .log_stream import LogFollower, LogsJsonDecoder

# Ray's words for a status, in those of the service.
STATUS_BY_RAY_STATUS = {
    "PENDING": PENDING,
    "RUNNING": RUNNING,
    "SUCCEEDED": SUCCEEDED,
    "FAILED": FAILED,
    "STOPPED": CANCELLED,
}
SUBMIT, STATUS, STOP, LOGS = "RayJobSubmit", "RayJobStatus", "RayJobStop", "RayJobLogs"
# What the endpoint itself refused, with a traceback for an answer: it did not run the job, though the status is 500.
REFUSED_BY_RAY = "RayRefused"
MAX_REASON_LENGTH = 600


@dataclass
class RayEndpoint:
    """Where a cluster takes jobs, and the token that opens it. ``settings`` are for this host."""

    settings: Settings
    path: str
    token: str
    user_agent: str


def read_endpoint(cluster: t.Mapping[str, t.Any], settings: Settings, inner: bool, user_agent: str) -> RayEndpoint:
    """Return the endpoint of a cluster as read with GetRayCluster: the one inside the VPC, or the public one.

    Raises JobError when the cluster has none, or one that is not safe to use.
    """
    option = "job_url_inner" if inner else "job_url"
    url, token = cluster.get(option), cluster.get("submit_token")
    if cluster.get("state") != "Running" or not url or not token:
        state = cluster.get("state") or "unknown"
        reason = f" and the service gives no {option} or no submit token for it" if state == "Running" else ""
        raise JobError(
            f"the cluster {cluster.get('cluster_id')} is {state}{reason}",
            "ClusterNotRunning",
            hint="start it with emr_ray_cluster and state=started",
        )
    parts = urlsplit(str(url))
    # The service documents an http address inside the VPC; whoever asks for it with network=vpc has to take it.
    scheme = "https" if inner and parts.scheme == "http" else parts.scheme
    try:
        host, loopback = parse_endpoint(f"{scheme}://{parts.netloc}")[1:]
    except ValueError as error:
        raise JobError(f"{option} of the cluster is not safe to use: {error}", "UnsafeAddress") from None
    settings = settings._replace(scheme=parts.scheme, host=host, loopback=loopback)
    return RayEndpoint(settings, parts.path.rstrip("/"), str(token), user_agent)


class RayJobClient:
    """What can be asked of a cluster's own endpoint."""

    def __init__(self, endpoint: RayEndpoint, clock: Clock) -> None:
        """Raise ParameterError as :class:`Transport` does."""
        self._endpoint = endpoint
        self._transport = Transport(endpoint.settings, clock)
        settings = endpoint.settings
        self._retrier = Retrier(settings.retries, settings.timeout * (settings.retries + 1), clock)

    def close(self) -> None:
        """Close the connections."""
        self._transport.close()

    def submit_job(self, body: dict[str, t.Any], done: t.Callable[[], str | None] | None = None) -> str:
        """Submit a job and return its id. Never repeated when it may have been taken."""
        answer = self._call(SUBMIT, body, done=done)
        submission_id = answer.get("submission_id") or answer.get("job_id") if isinstance(answer, dict) else answer
        if submission_id != body["submission_id"]:
            raise ApiError(SUBMIT, "the answer is about another job")
        return str(submission_id)

    def get_job(self, submission_id: str, budget: float | None = None) -> Job | None:
        """Return a job, None when the endpoint knows none with this id."""
        try:
            answer = self._call(STATUS, budget=budget, ray_job=submission_id)
        except ApiError as error:
            # The code is ours, and only given to what Ray itself answers.
            if error.code == "RayJobNotFound":
                return None
            raise
        return read_ray_job(answer, submission_id)

    def stop_job(self, submission_id: str) -> bool:
        """Ask a job to stop, and return whether that was begun."""
        answer = self._call(STOP, ray_job=submission_id)
        return bool(answer.get("stopped")) if isinstance(answer, dict) else False

    def follow_log(self, submission_id: str, follower: LogFollower, budget: float | None = None) -> None:
        """Read the whole log of a job into a follower, which keeps what is new of it, within ``budget`` seconds."""
        request = self._build_request(LOGS, ray_job=submission_id)

        def attempt(left: float) -> None:
            follower.start_read()
            reader = LogsJsonDecoder(follower.feed)
            timeout = min(self._endpoint.settings.timeout, left)
            answer = download(
                self._transport, request, timeout, lambda head: reader.write if head.status == 200 else None
            )
            if answer.status != 200:
                raise ray_error_from_response(LOGS, answer)
            if not reader.ended:
                error = ApiError(LOGS, "the answer cannot be understood", http_status=200)
                error.unreadable = True
                raise error
            follower.finish_read()

        self._retrier.run(LOGS, attempt, no_recovery, budget)

    def _build_request(self, operation: str, content: bytes = b"", **ids: str) -> Request:
        endpoint = self._endpoint
        headers = {
            "ray-token": endpoint.token,
            "accept": "application/json",
            "accept-encoding": "identity",
            "user-agent": endpoint.user_agent,
        }
        if content:
            headers["content-type"] = "application/json"
        url = f"{endpoint.settings.scheme}://{endpoint.settings.host}{endpoint.path}{OPERATIONS[operation].build_path(**ids)}"
        return Request(operation, OPERATIONS[operation].method, url, headers, content)

    def _call(
        self,
        operation: str,
        body: dict[str, t.Any] | None = None,
        budget: float | None = None,
        done: t.Callable[[], str | None] | None = None,
        **ids: str,
    ) -> t.Any:
        content = b"" if body is None else json.dumps(body, ensure_ascii=False).encode()
        request = self._build_request(operation, content, **ids)

        def attempt(left: float) -> t.Any:
            return read_ray_response(
                operation, self._transport.send(request, min(self._endpoint.settings.timeout, left))
            )

        return self._retrier.run(operation, attempt, no_recovery, budget, done)


def read_ray_response(operation: str, answer: Response) -> t.Any:
    """Return what a good answer holds; raise ApiError for any other."""
    if answer.status != 200:
        raise ray_error_from_response(operation, answer)
    try:
        content = json.loads(answer.body)
    except (ValueError, RecursionError):
        content = None
    if not isinstance(content, dict):
        error = ApiError(operation, "HTTP 200, but the answer is no JSON object that can be read", http_status=200)
        error.unreadable = True
        raise error
    return content


def ray_error_from_response(operation: str, answer: Response) -> ApiError:
    """Return what an answer that is no good means; Ray answers in plain text, with its own traceback for a 500."""
    text = answer.body.decode("utf-8", "replace").strip()
    is_html = "html" in answer.headers.get("content-type", "") or text.startswith("<")
    # A traceback's last words say why; the head puts a line with a dot behind those of its agent.
    lines = [line for line in text.splitlines() if any(mark.isalpha() for mark in line)]
    reason = "" if is_html or not lines else lines[-1].strip()[:MAX_REASON_LENGTH]
    error = ApiError(operation, f"HTTP {answer.status}: {reason or 'no reason given'}", http_status=answer.status)
    error.retry_after = retry_after_seconds(answer.headers)
    if answer.status == 404 and re.search(r"\bjob\b.* does not exist", text, re.IGNORECASE) and not is_html:
        error.code = "RayJobNotFound"
    elif answer.status in (400, 500) and ("Traceback" in text or "already exists" in text) and not is_html:
        error.code = REFUSED_BY_RAY
    elif answer.status in (401, 403):
        error.hint = "the cluster does not take its submit token: it may have been restarted meanwhile"
    return error


def read_ray_job(answer: t.Mapping[str, t.Any], submission_id: str) -> Job:
    """Return Ray's JobDetails as a job of ours; what only the service knows is not there. Raises ApiError."""
    if answer.get("submission_id") != submission_id:
        raise ApiError(STATUS, f"the answer is about another job than {submission_id}")
    status = str(answer.get("status"))
    job: Job = {
        "submission_id": submission_id,
        "status": STATUS_BY_RAY_STATUS.get(status.upper(), status.capitalize()),
        "runtime_env_json": _to_json_text(answer.get("runtime_env")),
        "metadata_json": _to_json_text(answer.get("metadata")),
    }
    for field, kind in (("entrypoint", str), ("message", str), ("start_time", int), ("end_time", int)):
        value = answer.get(field)
        # Ray gives 0 for an end that has not come.
        job[field] = value if isinstance(value, kind) and value else None
    code = answer.get("driver_exit_code")
    job["driver_exit_code"] = code if isinstance(code, int) else None
    job["name"] = read_metadata(job).get("name")
    return job


def _to_json_text(value: t.Any) -> str | None:
    return json.dumps(value, ensure_ascii=False, sort_keys=True) if isinstance(value, dict) else None
