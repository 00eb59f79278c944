# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each recorded exchange is a contract: the client still sends this request, and still reads this answer."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from ansible_collections.rayops.alicloud.plugins.module_utils._api.session import ApiSession
from ansible_collections.rayops.alicloud.plugins.module_utils._api.settings import Settings
from ansible_collections.rayops.alicloud.plugins.module_utils._api.transport import Request, Response, Transport
from ansible_collections.rayops.alicloud.plugins.module_utils._clock import SystemClock
from ansible_collections.rayops.alicloud.plugins.module_utils._cluster.client import ClusterClient
from ansible_collections.rayops.alicloud.plugins.module_utils._credentials.store import (
    CredentialStore,
    resolve_credential_source,
)
from ansible_collections.rayops.alicloud.plugins.module_utils._errors import ApiError
from ansible_collections.rayops.alicloud.plugins.module_utils._redaction import SecretRedactor
from tests.unit.scenarios.specs import Json

SAMPLES = sorted((Path(__file__).parent / "samples").glob("*.jsonl"))
KEY = {"access_key_id": "a", "access_key_secret": "b"}


class ReplayTransport(Transport):
    """A transport that answers each request with one recorded exchange."""

    def __init__(self, settings: Settings, exchange: Json) -> None:
        super().__init__(settings, SystemClock())
        self.exchange = exchange

    def send(self, request: Request, timeout: float) -> Response:
        """Fail unless the request is the recorded one; return the recorded answer."""
        parts = urlsplit(request.url)
        sent: Json = {"method": request.method, "path": parts.path, "query": dict(parse_qsl(parts.query))}
        body = json.loads(request.body) if request.body else None
        if request.operation == "StartRayCluster":
            assert set(body) == {"clientToken"}
            body = self.exchange.get("body")
        recorded = {name: self.exchange.get(name) for name in ("method", "path", "body")}
        assert {**sent, "body": body or None} == {**recorded, "query": self.exchange.get("query", {})}
        headers = {"content-type": "application/json", **self.exchange.get("headers", {})}
        return Response(self.exchange["status"], headers, json.dumps(self.exchange.get("answer", {})).encode())


def _replay(exchange: Json) -> Any:
    """Make the call that leads to a recorded exchange, and return what the client reads."""
    workspace, cluster = _ids(exchange["path"])
    settings = Settings("https", "example.invalid", workspace, loopback=True, retries=0)
    transport = ReplayTransport(settings, exchange)
    credentials = CredentialStore(resolve_credential_source(KEY, {}))
    session = ApiSession(settings, credentials, transport, SystemClock(), SecretRedactor(), lambda _text: None)
    client, body, query = ClusterClient(session), exchange.get("body") or {}, exchange.get("query", {})
    try:
        calls: dict[str, Any] = {
            "GetRayCluster": lambda: client.get_cluster(cluster),
            "CreateRayCluster": lambda: client.create_cluster(body),
            "UpdateRayCluster": lambda: client.update_cluster(cluster, body),
            "DeleteRayCluster": lambda: client.delete_cluster(cluster),
            "StartRayCluster": lambda: client.start_cluster(cluster),
            "StopRayCluster": lambda: client.stop_cluster(cluster, body.get("instanceId")),
        }
        # A read that fails is followed by the proof that the cluster does not exist, which has exchanges of its own.
        if exchange["operation"] == "GetRayCluster" and exchange["status"] >= 400:
            del calls["GetRayCluster"]
        if exchange["operation"] in calls:
            return calls[exchange["operation"]]()
        if exchange["operation"] == "ListRayCluster" and query.get("pageSize") == "100":
            return client.list_page(int(query["pageNum"]))
        return session.call(exchange["operation"], dict, query, None, None, None, job=cluster, cluster=cluster)
    finally:
        transport.close()


def _ids(path: str) -> tuple[str, str]:
    parts = path.split("/")
    return (parts[4] if len(parts) > 4 else "w-probe"), (parts[6] if len(parts) > 6 else "")


def _exchanges() -> list[Any]:
    found = []
    for sample in SAMPLES:
        lines = sample.read_text(encoding="utf-8").splitlines()
        for number, line in enumerate(lines, 1):
            exchange = json.loads(line)
            found.append(pytest.param(exchange, id=f"{sample.stem}-{number}-{exchange['operation']}"))
    return found


EXCHANGES = _exchanges()


def test_there_is_a_recording_of_every_kind() -> None:
    kinds = Counter((param.values[0]["operation"], param.values[0]["status"] < 300) for param in EXCHANGES)
    assert {name for name, is_good in kinds if is_good} >= {
        "CreateRayCluster", "DeleteRayCluster", "GetRayCluster", "ListRayCluster", "StartRayCluster", "StopRayCluster",
        "UpdateRayCluster",
    }  # fmt: skip
    assert any(not is_good for _name, is_good in kinds)


@pytest.mark.parametrize("exchange", EXCHANGES)
def test_the_client_sends_and_reads_a_recorded_exchange(exchange: Json) -> None:
    if not 200 <= exchange["status"] < 600:
        pytest.skip("no answer was recorded")
    if exchange["status"] >= 300:
        with pytest.raises(ApiError) as raised:
            _replay(exchange)
        answer = exchange.get("answer") or {}
        assert raised.value.http_status == exchange["status"]
        assert (raised.value.code or "") == (answer.get("code") or answer.get("Code") or "")
        return
    read = _replay(exchange)
    answer = exchange["answer"]
    if exchange["operation"] == "GetRayCluster":
        assert read["cluster_id"] == answer["clusterId"]
        assert read["name"] == answer["name"]
        assert read["state"] == answer["state"]
    elif exchange["operation"] == "ListRayCluster" and isinstance(read, list):
        assert [row["cluster_id"] for row in read] == [row["clusterId"] for row in answer["rayClusters"]]
    elif exchange["operation"] == "CreateRayCluster":
        assert read == answer["clusterId"]
