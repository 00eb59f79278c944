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
from ansible_collections.rayops.alicloud.plugins.module_utils._errors import ApiError, Failure
from ansible_collections.rayops.alicloud.plugins.module_utils._models import read_cluster
from ansible_collections.rayops.alicloud.plugins.module_utils._retry import CLOCK, Retrier
from ansible_collections.rayops.alicloud.plugins.module_utils._secrets import Secrets
from ansible_collections.rayops.alicloud.plugins.module_utils._settings import Settings
from ansible_collections.rayops.alicloud.plugins.module_utils._signing import (
    authorization,
    digest,
    encode_path,
    encode_query,
)
from ansible_collections.rayops.alicloud.plugins.module_utils._spec import (
    GFT_FIELDS,
    HEAD_FIELDS,
    TOP_FIELDS,
    WORKER_FIELDS,
)
from ansible_collections.rayops.alicloud.plugins.module_utils._transport import Request, Transport
from ansible_collections.rayops.alicloud.plugins.module_utils._version import VERSION

API_VERSION = "2023-08-08"
JSON_TYPE = "application/json; charset=utf-8"
# The most that ListRayCluster gives at once.
PAGE_SIZE = 100

Payload = dict[str, t.Any]


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
        payload = self._call("GetRayCluster", "GET", ("rayCluster", cluster_id), budget=budget)
        return read_cluster(payload, "GetRayCluster")

    def list_clusters(self) -> t.Iterator[Payload]:
        """Yield the rows of all clusters of the workspace, page after page, each cluster once.

        The service gives no total: a page that is not full is the last (API page of ListRayCluster).
        """
        seen: set[str] = set()
        page = 1
        while True:
            rows = self._page(page)
            for row in rows:
                if row["cluster_id"] not in seen:
                    seen.add(row["cluster_id"])
                    yield row
            if len(rows) < PAGE_SIZE:
                return
            page += 1

    def _page(self, page: int) -> list[Payload]:
        payload = self._call("ListRayCluster", "GET", ("rayCluster",), {"pageNum": page, "pageSize": PAGE_SIZE})
        rows = payload.get("rayClusters")
        if not isinstance(rows, list):
            raise ApiError("ListRayCluster", "the answer has no list of clusters")
        return [read_cluster(row, "ListRayCluster") for row in rows]

    def create_cluster(self, spec: Payload) -> str:
        """Create a cluster and return its id. Never repeated when the service may have executed it."""
        payload = self._call("CreateRayCluster", "POST", ("rayCluster",), body=to_wire(spec))
        cluster_id = payload.get("clusterId")
        if not cluster_id or not isinstance(cluster_id, str):
            error = ApiError("CreateRayCluster", "the answer has no cluster id")
            error.unreadable = True
            raise error
        return cluster_id

    def update_cluster(self, cluster_id: str, spec: Payload) -> None:
        """Send a complete spec."""
        self._call("UpdateRayCluster", "POST", ("rayCluster", cluster_id), body=to_wire(spec))

    def delete_cluster(self, cluster_id: str) -> None:
        """Delete a cluster."""
        self._call("DeleteRayCluster", "DELETE", ("rayCluster", cluster_id))

    def start_cluster(self, cluster_id: str) -> None:
        """Start a cluster; the client token, the same in every attempt, makes a repeat harmless."""
        body = {"clientToken": str(uuid.uuid4())}
        self._call("StartRayCluster", "POST", ("rayCluster", cluster_id, "start"), body=body)

    def stop_cluster(self, cluster_id: str, instance_id: str | None) -> None:
        """Stop the run ``instance_id`` of a cluster, or whichever run there is."""
        body = {"instanceId": instance_id} if instance_id else {}
        self._call("StopRayCluster", "POST", ("rayCluster", cluster_id, "stop"), body=body)

    def _call(
        self,
        operation: str,
        method: str,
        segments: t.Sequence[str],
        query: t.Mapping[str, object] | None = None,
        body: Payload | None = None,
        budget: float | None = None,
    ) -> Payload:
        path = encode_path(("api", "v1", "workspaces", self._settings.workspace_id, *segments))
        content = b"" if body is None else json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()

        def attempt(left: float) -> Payload:
            return self._attempt(operation, method, path, encode_query(query or {}), content, left)

        return t.cast(Payload, self._retrier.run(operation, attempt, self._cure, budget))

    def _attempt(self, operation: str, method: str, path: str, query: str, content: bytes, left: float) -> Payload:
        """Make one attempt with a date, nonce and signature of its own."""
        headers = self._signed(operation, method, path, query, content)
        url = f"{self._settings.scheme}://{self._settings.host}{path}{'?' + query if query else ''}"
        request = Request(operation, method, url, headers, content)
        return read_answer(operation, self._transport.send(request, min(self._settings.timeout, left)))

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
