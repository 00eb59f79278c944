# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A running emulator whose time stands still, and a small client that signs with the official SDK's own function."""

from __future__ import annotations

import hashlib
import json
import time
import uuid
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from alibabacloud_tea_openapi.utils import Utils  # type: ignore[import-untyped]

from tests.emulator import Clock, Emulator

METHODS = {
    "CreateRayCluster": ("POST", ""),
    "ListRayCluster": ("GET", ""),
    "UpdateRayCluster": ("POST", "/{id}"),
    "GetRayCluster": ("GET", "/{id}"),
    "DeleteRayCluster": ("DELETE", "/{id}"),
    "StartRayCluster": ("POST", "/{id}/start"),
    "StopRayCluster": ("POST", "/{id}/stop"),
}


def cluster_body(**changes: Any) -> dict[str, Any]:
    """Return a body that the service takes."""
    body: dict[str, Any] = {
        "name": "one",
        "displayReleaseVersion": "ray-1.0.0 (Ray 2.47.1, Python 3.12)",
        "headSpec": {"queueName": "root_queue", "cpu": "2", "memory": "8Gi"},
        "workerSpec": [{"groupName": "g", "queueName": "root_queue", "cpu": "4", "memory": "16Gi", "replica": 2}],
    }
    return body | changes


class Client:
    """Calls operations; every header can be changed (None: left out) before and after signing."""

    def __init__(self, emulator: Emulator, http: httpx.Client) -> None:
        self.emulator = emulator
        self.http = http
        self.key = (emulator.access_key_id, emulator.access_key_secret)

    def send(self, method: str, path: str, action: str, **options: Any) -> httpx.Response:
        """Sign and send; options: body, query, headers (signed), tamper (after signing), key."""
        content = b"" if options.get("body") is None else json.dumps(options["body"]).encode()
        content = options.get("content", content)
        query = {key: str(value) for key, value in options.get("query", {}).items()}
        headers = {
            "host": self.emulator.endpoint,
            "accept": "application/json",
            "x-acs-action": action,
            "x-acs-version": "2023-08-08",
            "x-acs-date": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
            "x-acs-signature-nonce": uuid.uuid4().hex,
            "x-acs-content-sha256": hashlib.sha256(content).hexdigest(),
        }
        if content:
            headers["content-type"] = "application/json; charset=utf-8"
        headers = {key: value for key, value in (headers | options.get("headers", {})).items() if value is not None}
        request = SimpleNamespace(method=method, pathname=path, query=query, headers=headers)
        payload = hashlib.sha256(content).hexdigest()
        headers["authorization"] = Utils.get_authorization(
            request, "ACS3-HMAC-SHA256", payload, *options.get("key", self.key)
        )
        headers = {key: value for key, value in (headers | options.get("tamper", {})).items() if value is not None}
        url = self.emulator.url + path
        if query:
            url += "?" + "&".join(f"{quote(key, safe='')}={quote(value, safe='')}" for key, value in query.items())
        return self.http.request(method, url, content=content, headers=headers)

    def call(self, operation: str, cluster_id: str = "", **options: Any) -> httpx.Response:
        """Call an operation of the workspace."""
        method, suffix = METHODS[operation]
        workspace = options.pop("workspace_id", self.emulator.workspace_id)
        path = f"/api/v1/workspaces/{quote(workspace, safe='')}/rayCluster"
        path += suffix.format(id=quote(cluster_id, safe="-_.~"))
        return self.send(method, path, operation, **options)

    def create(self, **changes: Any) -> str:
        """Create a cluster and return its id."""
        response = self.call("CreateRayCluster", body=cluster_body(**changes))
        assert response.status_code == 200, response.text
        return str(response.json()["clusterId"])

    def get(self, cluster_id: str) -> dict[str, Any]:
        """Return what Get answers."""
        response = self.call("GetRayCluster", cluster_id)
        assert response.status_code == 200, response.text
        return dict(response.json())

    def names(self, **options: Any) -> list[str]:
        """Return the names on one page of the list."""
        return [row["name"] for row in self.call("ListRayCluster", **options).json()["rayClusters"]]


@pytest.fixture(scope="session")
def naps() -> list[float]:
    """Return the list of all waits that the emulator would have made."""
    return []


@pytest.fixture(scope="session")
def running(naps: list[float]) -> Iterator[Emulator]:
    async def sleep(seconds: float) -> None:
        naps.append(seconds)

    with Emulator(clock=Clock(frozen=True), sleep=sleep) as emulator:
        yield emulator


@pytest.fixture
def emulator(running: Emulator, naps: list[float]) -> Emulator:
    running.reset(rules=True)
    naps.clear()
    return running


@pytest.fixture(scope="session")
def http() -> Iterator[httpx.Client]:
    with httpx.Client(trust_env=False, timeout=10) as http:
        yield http


@pytest.fixture
def client(emulator: Emulator, http: httpx.Client) -> Client:
    return Client(emulator, http)


@pytest.fixture
def body() -> Any:
    return cluster_body
