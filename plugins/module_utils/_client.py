# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""The Ray operations of EMR Serverless Spark, one method each. Private to this collection."""

from __future__ import annotations

import json
import time
import typing as t
import uuid

from ansible_collections.rayops.alicloud.plugins.module_utils._answers import read_answer, server_time
from ansible_collections.rayops.alicloud.plugins.module_utils._clock import Clock
from ansible_collections.rayops.alicloud.plugins.module_utils._credentials import CredentialStore
from ansible_collections.rayops.alicloud.plugins.module_utils._errors import ApiError, ClusterError, Failure
from ansible_collections.rayops.alicloud.plugins.module_utils._fields import (
    GFT_FIELDS,
    HEAD_FIELDS,
    TOP_FIELDS,
    WORKER_FIELDS,
)
from ansible_collections.rayops.alicloud.plugins.module_utils._models import read_cluster
from ansible_collections.rayops.alicloud.plugins.module_utils._retry import CLOCK, Retrier
from ansible_collections.rayops.alicloud.plugins.module_utils._secrets import Secrets
from ansible_collections.rayops.alicloud.plugins.module_utils._settings import Settings, is_id
from ansible_collections.rayops.alicloud.plugins.module_utils._signing import (
    authorization,
    digest,
    encode_path,
    encode_query,
)
from ansible_collections.rayops.alicloud.plugins.module_utils._transport import Answer, Request, Transport
from ansible_collections.rayops.alicloud.plugins.module_utils._version import VERSION

API_VERSION = "2023-08-08"
JSON_TYPE = "application/json; charset=utf-8"
# The most that ListRayCluster gives at once.
PAGE_SIZE = 100
# A list that is longer than this is no list of a workspace.
MAX_PAGES = 1000

Payload = dict[str, t.Any]
Read = t.TypeVar("Read")


def camel(name: str) -> str:
    """Return the API's spelling of an option name."""
    first, *rest = name.split("_")
    return first + "".join(part[:1].upper() + part[1:] for part in rest)


# What is not among these came from the service, which may use any name in it.
_WIRE_NAMES = {name: camel(name) for name in (*TOP_FIELDS, *HEAD_FIELDS, *GFT_FIELDS, *WORKER_FIELDS)}


def to_wire(value: t.Any) -> t.Any:
    """Return a spec with the API's names; fields that this collection does not know stay as they came."""
    if isinstance(value, dict):
        return {_WIRE_NAMES.get(key, key): to_wire(item) if key in _WIRE_NAMES else item for key, item in value.items()}
    return [to_wire(item) for item in value] if isinstance(value, list) else value


def _as_it_is(payload: Payload) -> Payload:
    return payload


def _read_rows(payload: Payload) -> list[Payload]:
    rows = payload.get("rayClusters")
    if not isinstance(rows, list):
        raise ApiError("ListRayCluster", "the answer has no list of clusters")
    return [read_cluster(row, "ListRayCluster") for row in rows]


def _read_id(payload: Payload) -> str:
    cluster_id = payload.get("clusterId")
    if not isinstance(cluster_id, str) or not is_id(cluster_id):
        raise ApiError("CreateRayCluster", "the answer has no cluster id")
    return cluster_id


def _cluster(cluster_id: str) -> tuple[str, str]:
    """Return the path of a cluster. Raises ClusterError for an id, given by the service, that would leave the path."""
    if not is_id(cluster_id):
        raise ClusterError(f"the service gave {cluster_id[:80]!r} as an id, which cannot be one", "InvalidClusterId")
    return ("rayCluster", cluster_id)


class Client:
    """Signs, sends and reads; every attempt of every call goes through :meth:`_attempt`."""

    def __init__(
        self,
        settings: Settings,
        credentials: CredentialStore,
        transport: Transport,
        clock: Clock,
        secrets: Secrets,
        warn: t.Callable[[str], None],
        user_agent: str = "",
    ) -> None:
        self._settings = settings
        self._credentials = credentials
        self._transport = transport
        self._clock = clock
        self._secrets = secrets
        self._warn = warn
        self._user_agent = f"rayops.alicloud/{VERSION} {user_agent}".strip()
        self._skew = 0.0
        self._retrier = Retrier(settings.retries, settings.timeout * (settings.retries + 1), clock)

    def get_cluster(self, cluster_id: str, budget: float | None = None) -> Payload:
        """Return a cluster with all its fields, within ``budget`` seconds if that is less than a call may take."""

        def read(payload: Payload) -> Payload:
            cluster = read_cluster(payload, "GetRayCluster")
            if cluster["cluster_id"] != cluster_id:
                raise ApiError("GetRayCluster", f"the answer is about another cluster than {cluster_id}")
            return cluster

        return self._call("GetRayCluster", "GET", _cluster(cluster_id), read, budget=budget)

    def list_clusters(self) -> t.Iterator[Payload]:
        """Yield the rows of all clusters of the workspace, page after page, each cluster once.

        The service gives no total: a page that is not full is the last (API page of ListRayCluster).
        """
        seen: set[str] = set()
        for page in range(1, MAX_PAGES + 1):
            rows = self._page(page)
            new = {row["cluster_id"]: row for row in rows if row["cluster_id"] not in seen}
            seen.update(new)
            yield from new.values()
            # A service that gives the same page for ever would never end.
            if len(rows) < PAGE_SIZE or not new:
                return
        raise ApiError("ListRayCluster", f"the list of clusters does not end within {MAX_PAGES} pages")

    def _page(self, page: int) -> list[Payload]:
        query = {"pageNum": page, "pageSize": PAGE_SIZE}
        return self._call("ListRayCluster", "GET", ("rayCluster",), _read_rows, query)

    def create_cluster(self, spec: Payload, done: t.Callable[[], str | None] | None = None) -> str:
        """Create a cluster and return its id. Never repeated when the service may have executed it.

        ``done`` is asked before an attempt that the service refused is repeated: an id from it is returned instead.
        """
        return self._call("CreateRayCluster", "POST", ("rayCluster",), _read_id, body=to_wire(spec), done=done)

    def update_cluster(self, cluster_id: str, spec: Payload) -> None:
        """Send a complete spec."""
        self._call("UpdateRayCluster", "POST", _cluster(cluster_id), _as_it_is, body=to_wire(spec))

    def delete_cluster(self, cluster_id: str) -> None:
        """Delete a cluster."""
        self._call("DeleteRayCluster", "DELETE", _cluster(cluster_id), _as_it_is)

    def start_cluster(self, cluster_id: str) -> None:
        """Start a cluster; the client token, the same in every attempt, makes a repeat harmless."""
        body = {"clientToken": str(uuid.uuid4())}
        self._call("StartRayCluster", "POST", (*_cluster(cluster_id), "start"), _as_it_is, body=body)

    def stop_cluster(self, cluster_id: str, instance_id: str | None) -> None:
        """Stop the run ``instance_id`` of a cluster, or whichever run there is."""
        body = {"instanceId": instance_id} if instance_id else {}
        self._call("StopRayCluster", "POST", (*_cluster(cluster_id), "stop"), _as_it_is, body=body)

    def _call(
        self,
        operation: str,
        method: str,
        segments: t.Sequence[str],
        read: t.Callable[[Payload], Read],
        query: t.Mapping[str, object] | None = None,
        body: Payload | None = None,
        budget: float | None = None,
        done: t.Callable[[], Read | None] | None = None,
    ) -> Read:
        path = encode_path(("api", "v1", "workspaces", self._settings.workspace_id, *segments))
        content = b"" if body is None else json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()

        def attempt(left: float) -> Read:
            answer = self._attempt(operation, method, path, encode_query(query or {}), content, left)
            payload = read_answer(operation, answer)
            try:
                return read(payload)
            except ApiError as error:
                error.unreadable, error.http_status = True, answer.status
                raise

        return t.cast(Read, self._retrier.run(operation, attempt, self._cure, budget, done))

    def _attempt(self, operation: str, method: str, path: str, query: str, content: bytes, left: float) -> Answer:
        """Make one attempt with a date, nonce and signature of its own."""
        headers = self._signed(operation, method, path, query, content)
        url = f"{self._settings.scheme}://{self._settings.host}{path}{'?' + query if query else ''}"
        request = Request(operation, method, url, headers, content)
        return self._transport.send(request, min(self._settings.timeout, left))

    def _signed(self, operation: str, method: str, path: str, query: str, content: bytes) -> dict[str, str]:
        credentials = self._credentials.get()
        self._secrets.add(credentials.access_key_secret, credentials.security_token)
        signed = {
            "host": self._settings.host,
            "x-acs-action": operation,
            "x-acs-version": API_VERSION,
            "x-acs-date": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(self._clock.time() + self._skew)),
            "x-acs-signature-nonce": uuid.uuid4().hex,
            "x-acs-content-sha256": digest(content),
        }
        if content:
            signed["content-type"] = JSON_TYPE
        if credentials.security_token:
            signed["x-acs-security-token"] = credentials.security_token
            signed["x-acs-accesskey-id"] = credentials.access_key_id
        key_id, secret = credentials.access_key_id, credentials.access_key_secret
        return {
            **signed,
            "authorization": authorization(method, path, query, signed, key_id, secret),
            "accept": "application/json",
            "accept-encoding": "identity",
            "user-agent": self._user_agent,
        }

    def _cure(self, reason: str, failure: Failure) -> bool:
        """Put right what made the service refuse: take its time, or get new credentials."""
        if reason != CLOCK:
            self._credentials.renew()
            return self._credentials.renewable
        theirs = server_time(failure.server_date) if isinstance(failure, ApiError) else None
        if theirs is None:
            return False
        self._skew = theirs - self._clock.time()
        self._warn(f"The clock of this machine is {-self._skew:+.0f} s off the service's; its time is used instead.")
        return True
