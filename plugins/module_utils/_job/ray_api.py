# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""Call a running cluster's own Ray Jobs endpoint, Ray's REST API: submit, status, stop, logs."""

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
from .._cluster.fields import Cluster
from .._errors import ApiError, JobError
from .._payload import pick
from .._schema import read_answer
from .fields import CANCELLED, FAILED, PENDING, RUNNING, SUCCEEDED, Job, read_metadata
from .log_stream import LogFollower, LogsJsonDecoder

# Ray's job states, and the service's names for them.
STATUS_BY_RAY_STATUS = {
    "PENDING": PENDING,
    "RUNNING": RUNNING,
    "SUCCEEDED": SUCCEEDED,
    "FAILED": FAILED,
    "STOPPED": CANCELLED,
}
SUBMIT, LIST, STATUS = "RayJobSubmit", "RayJobList", "RayJobStatus"
STOP, LOGS = "RayJobStop", "RayJobLogs"
# Refusals by the endpoint itself, with a traceback as the response: the job did not run, although the status is 500.
REFUSED_BY_RAY = "RayRefused"
MAX_REASON_LENGTH = 600
Read = t.TypeVar("Read")


class _RayJobDetails(t.TypedDict, total=False):
    """Ray's JobDetails. Names on the wire are these; times are milliseconds since the epoch."""

    submission_id: str
    status: str
    entrypoint: str
    message: str
    start_time: int
    end_time: int
    driver_exit_code: int
    runtime_env: object
    metadata: object


class _RaySubmission(t.TypedDict, total=False):
    submission_id: str
    job_id: str


class _RayStop(t.TypedDict, total=False):
    stopped: bool


@dataclass
class RayEndpoint:
    """The job endpoint of a cluster, and its access token. ``settings`` are for this host."""

    settings: Settings
    path: str
    token: str
    user_agent: str


def read_endpoint(cluster: Cluster, settings: Settings, inner: bool, user_agent: str) -> RayEndpoint:
    """Return the endpoint of a cluster as read with GetRayCluster: the one inside the VPC, or the public one.

    Raises JobError when the cluster has none, or one that is not safe to use.
    """
    option = "job_url_inner" if inner else "job_url"
    url, token = cluster.get(option), cluster.get("submit_token")
    if cluster.get("state") != "Running" or not url or not token:
        state = cluster.get("state") or "unknown"
        reason = f" and the service returns no {option} or no submit token for it" if state == "Running" else ""
        raise JobError(
            f"the cluster {cluster.get('cluster_id')} is {state}{reason}",
            "ClusterNotRunning",
            hint="start it with emr_ray_cluster and state=started",
        )
    parts = urlsplit(str(url))
    # The service documents an http address inside the VPC; with network=vpc, this address must be accepted.
    scheme = "https" if inner and parts.scheme == "http" else parts.scheme
    try:
        host, loopback = parse_endpoint(f"{scheme}://{parts.netloc}")[1:]
    except ValueError as error:
        raise JobError(f"{option} of the cluster is not safe to use: {error}", "UnsafeAddress") from None
    settings = settings._replace(scheme=parts.scheme, host=host, loopback=loopback)
    return RayEndpoint(settings, parts.path.rstrip("/"), str(token), user_agent)


class RayJobClient:
    """The operations of a cluster's own endpoint."""

    def __init__(self, endpoint: RayEndpoint, clock: Clock) -> None:
        """Raise ParameterError as :class:`Transport` does."""
        self._endpoint = endpoint
        self._transport = Transport(endpoint.settings, clock)
        settings = endpoint.settings
        self._retrier = Retrier(settings.retries, settings.call_budget, clock)

    def close(self) -> None:
        """Close the connections."""
        self._transport.close()

    def submit_job(self, body: dict[str, object], done: t.Callable[[], str | None] | None = None) -> str:
        """Submit a job and return its id. Never resend a request that may have been executed."""
        submission_id = str(body["submission_id"])

        def read(answer: object) -> str:
            found = read_answer(_RaySubmission, answer, SUBMIT, str)
            if (found.get("submission_id") or found.get("job_id")) != submission_id:
                raise ApiError(SUBMIT, "the response is about another job")
            return submission_id

        return self._call(SUBMIT, read, body, done=done)

    def list_jobs(self) -> list[Job]:
        """Return all jobs of the cluster's present run, including drivers that were not submitted as jobs."""
        return self._call(LIST, read_ray_jobs)

    def get_job(self, submission_id: str, budget: float | None = None) -> Job | None:
        """Return a job, or None if the endpoint has no job with this id."""

        def read(answer: object) -> Job:
            job = read_ray_job(answer)
            if job.get("submission_id") != submission_id:
                raise ApiError(STATUS, f"the response is about a job other than {submission_id}")
            return job

        try:
            return self._call(STATUS, read, budget=budget, ray_job=submission_id)
        except ApiError as error:
            # The error code is ours, and only assigned to responses of Ray itself.
            if error.code == "RayJobNotFound":
                return None
            raise

    def stop_job(self, submission_id: str) -> bool:
        """Request the stop of a job, and return whether it was started."""
        return self._call(
            STOP, lambda answer: bool(read_answer(_RayStop, answer, STOP, str).get("stopped")), ray_job=submission_id
        )

    def follow_log(self, submission_id: str, follower: LogFollower, budget: float | None = None) -> None:
        """Read the whole log of a job into a follower, which keeps its new part, within ``budget`` seconds."""
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
                error = ApiError(LOGS, "the response cannot be parsed")
                error.mark_unreadable(200)
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
        read: t.Callable[[object], Read],
        body: dict[str, object] | None = None,
        budget: float | None = None,
        done: t.Callable[[], Read | None] | None = None,
        **ids: str,
    ) -> Read:
        content = b"" if body is None else json.dumps(body, ensure_ascii=False).encode()
        request = self._build_request(operation, content, **ids)

        def attempt(left: float) -> Read:
            answer = self._transport.send(request, min(self._endpoint.settings.timeout, left))
            return read_ray_response(operation, answer, read)

        return self._retrier.run(operation, attempt, no_recovery, budget, done)


def read_ray_response(operation: str, answer: Response, read: t.Callable[[object], Read]) -> Read:
    """Return the JSON of a successful response, converted by ``read``; raise ApiError for any other."""
    if answer.status != 200:
        raise ray_error_from_response(operation, answer)
    try:
        return read(json.loads(answer.body))
    except (ValueError, RecursionError):
        error = ApiError(operation, "HTTP 200, but the response is not readable JSON")
    except ApiError as unreadable:
        error = unreadable
    error.mark_unreadable(200)
    raise error


def ray_error_from_response(operation: str, answer: Response) -> ApiError:
    """Return the error of an unsuccessful response; Ray responds in plain text, with its own traceback for a 500."""
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
        error.hint = "the cluster rejects its submit token: it may have been restarted in the meantime"
    return error


def read_ray_jobs(answer: object) -> list[Job]:
    """Return the jobs of a list. Raises ApiError for any that cannot be parsed completely."""
    if not isinstance(answer, list):
        raise ApiError(LIST, "the response is not a list of jobs")
    return [read_ray_job(item, LIST) for item in answer]


def read_ray_job(answer: object, operation: str = STATUS) -> Job:
    """Return Ray's JobDetails as a job in our format, without fields that only the service has. Raises ApiError."""
    details = read_answer(_RayJobDetails, answer, operation, str)
    status = details.get("status", "unknown")
    job = pick(
        Job,
        {
            # A driver, such as a notebook that is connected, has no submission_id.
            "submission_id": details.get("submission_id"),
            "status": STATUS_BY_RAY_STATUS.get(status.upper(), status.capitalize()),
            "runtime_env_json": _to_json_text(details.get("runtime_env")),
            "metadata_json": _to_json_text(details.get("metadata")),
            "entrypoint": details.get("entrypoint"),
            "message": details.get("message"),
            # Ray sends 0 for the end of a job that has not ended.
            "start_time": details.get("start_time") or None,
            "end_time": details.get("end_time") or None,
            "driver_exit_code": details.get("driver_exit_code"),
        },
    )
    name = read_metadata(job).get("name")
    return {**job, "name": name} if isinstance(name, str) else job


def _to_json_text(value: object) -> str | None:
    return json.dumps(value, ensure_ascii=False, sort_keys=True) if isinstance(value, dict) else None
