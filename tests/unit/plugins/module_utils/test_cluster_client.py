# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The client on a transport that answers from a list: paths, bodies, headers, pages, cures."""

from __future__ import annotations

import hashlib
import json
from types import SimpleNamespace
from typing import Any

import pytest
from alibabacloud_tea_openapi.utils import Utils  # type: ignore[import-untyped]
from hypothesis import given

from ansible_collections.rayops.alicloud.plugins.module_utils._api.session import ApiSession
from ansible_collections.rayops.alicloud.plugins.module_utils._api.settings import Settings
from ansible_collections.rayops.alicloud.plugins.module_utils._api.transport import Request, Response
from ansible_collections.rayops.alicloud.plugins.module_utils._cluster.client import ClusterClient, to_camel, to_wire
from ansible_collections.rayops.alicloud.plugins.module_utils._cluster.models import parse_cluster
from ansible_collections.rayops.alicloud.plugins.module_utils._cluster.spec import writable_spec
from ansible_collections.rayops.alicloud.plugins.module_utils._credentials.static import Credentials, CredentialSource
from ansible_collections.rayops.alicloud.plugins.module_utils._credentials.store import CredentialStore
from ansible_collections.rayops.alicloud.plugins.module_utils._errors import ApiError, Failure
from ansible_collections.rayops.alicloud.plugins.module_utils._redaction import SecretRedactor
from ansible_collections.rayops.alicloud.plugins.module_utils._version import VERSION
from tests.unit.plugins.fakes import FakeClock
from tests.unit.plugins.strategies import cluster_payloads

Json = dict[str, Any]


class FakeTransport:
    """Keeps requests, and answers each with the next entry of a list, the last one over and over.

    An entry is a payload, or status, body and headers.
    """

    def __init__(self, answers: list[Any]) -> None:
        self.answers = answers
        self.requests: list[Request] = []
        self.timeouts: list[float] = []

    def send(self, request: Request, timeout: float) -> Response:
        self.requests.append(request)
        self.timeouts.append(timeout)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, tuple):
            return Response(answer[0], answer[2] if len(answer) > 2 else {}, json.dumps(answer[1]).encode())
        return Response(200, {}, json.dumps(answer).encode())


def make(*answers: Any, token: str | None = None, **options: Any) -> SimpleNamespace:
    """Return a client with what it is built on."""
    settings = Settings("https", "host:8443", "w-1", False, **{"timeout": 30.0, "retries": 2, **options})
    source = CredentialSource("static", static_credentials=Credentials("id", "the-secret", token))
    world = SimpleNamespace(
        transport=FakeTransport(list(answers)), clock=FakeClock(), secrets=SecretRedactor(), warnings=[]
    )
    store = CredentialStore(source)
    world.client = ClusterClient(
        ApiSession(
            settings, store, world.transport, world.clock, world.secrets, world.warnings.append, "ansible-core/2.19"
        )
    )
    return world


def test_names_on_the_wire() -> None:
    assert to_camel("display_release_version") == "displayReleaseVersion"
    assert to_camel("cpu") == "cpu"
    assert to_camel("futureField") == "futureField"
    assert to_wire({"head_spec": {"gft_config": {"redis_url": "h"}}, "worker_spec": [{"group_name": "a_b"}]}) == {
        "headSpec": {"gftConfig": {"redisUrl": "h"}}, "workerSpec": [{"groupName": "a_b"}]
    }  # fmt: skip


@given(cluster_payloads())
def test_what_the_service_gave_goes_back_as_it_came(payload: Json) -> None:
    """Fields that nobody knows yet included, whatever is inside them."""
    sent = to_wire(writable_spec(parse_cluster(payload, "GetRayCluster")))
    for field in ("name", "displayReleaseVersion", "description", "extraParam", "volumeIds", "networkServiceName"):
        assert sent.get(field) == payload.get(field)
    head = {key: value for key, value in payload["headSpec"].items() if key not in ("replica", "gftConfig")}
    assert {key: value for key, value in sent["headSpec"].items() if key != "gftConfig"} == head
    assert sent["workerSpec"] == payload["workerSpec"]


@pytest.mark.parametrize(
    ("call", "method", "path", "body"),
    [
        (lambda client: client.get_cluster("ray-1"), "GET", "/rayCluster/ray-1", None),
        (lambda client: client.create_cluster({"name": "ä +~*"}), "POST", "/rayCluster", {"name": "ä +~*"}),
        (lambda client: client.update_cluster("ray-1", {"volume_ids": []}), "POST", "/rayCluster/ray-1",
         {"volumeIds": []}),
        (lambda client: client.delete_cluster("ray-1"), "DELETE", "/rayCluster/ray-1", None),
        (lambda client: client.stop_cluster("ray-1", "run-1"), "POST", "/rayCluster/ray-1/stop",
         {"instanceId": "run-1"}),
        (lambda client: client.stop_cluster("ray-1", None), "POST", "/rayCluster/ray-1/stop", {}),
        (lambda client: list(client.list_clusters()), "GET", "/rayCluster?pageNum=1&pageSize=100", None),
    ],
)  # fmt: skip
def test_requests(call: Any, method: str, path: str, body: Json | None) -> None:
    world = make({"clusterId": "ray-1", "rayClusters": []})
    call(world.client)
    (request,) = world.transport.requests
    assert request.method == method
    assert request.url == "https://host:8443/api/v1/workspaces/w-1" + path
    assert (json.loads(request.body) if request.body else None) == body
    assert ("content-type" in request.headers) == (body is not None)
    assert request.headers["user-agent"] == f"rayops.alicloud/{VERSION} ansible-core/2.19"


@pytest.mark.parametrize("token", [None, "sts-token"])
def test_the_official_sdk_agrees_with_the_signature(token: str | None) -> None:
    world = make({"clusterId": "ray-1"}, token=token)
    world.client.create_cluster({"name": "ä"})
    (request,) = world.transport.requests
    signed = request.headers["authorization"].split("SignedHeaders=")[1].split(",")[0].split(";")
    assert {"host", "content-type", "x-acs-action", "x-acs-content-sha256", "x-acs-date"} <= set(signed)
    assert ("x-acs-security-token" in signed) == (token is not None)
    assert request.headers["host"] == "host:8443"
    payload = hashlib.sha256(request.body).hexdigest()
    theirs = SimpleNamespace(
        method="POST",
        pathname="/api/v1/workspaces/w-1/rayCluster",
        query={},
        headers={name: request.headers[name] for name in signed},
    )
    expected = Utils.get_authorization(theirs, "ACS3-HMAC-SHA256", payload, "id", "the-secret")
    assert request.headers["authorization"] == expected
    assert world.secrets.redact(f"the-secret {token}") == f"******** {token and '********'}"


def test_each_attempt_has_its_own_nonce_and_date_and_a_start_one_token() -> None:
    busy = (503, {"Code": "ServiceUnavailable", "Message": "later"}, {"x-acs-retry-after": "2000"})
    world = make(busy, busy, {})
    world.client.start_cluster("ray-1")
    headers = [request.headers for request in world.transport.requests]
    assert len({header["x-acs-signature-nonce"] for header in headers}) == 3
    assert len({header["x-acs-date"] for header in headers}) == 3
    assert len({header["authorization"] for header in headers}) == 3
    assert len({request.body for request in world.transport.requests}) == 1
    assert world.clock.naps == [2.0, 2.0]
    assert len(json.loads(world.transport.requests[0].body)["clientToken"]) == 36


@pytest.mark.parametrize("cluster_id", ["../x", "a/b", "x?y", "x#y", "x\n", "%2F", "..", ""])
def test_an_id_that_could_leave_its_place_is_never_sent(cluster_id: str) -> None:
    world = make({"clusterId": cluster_id})
    for call in (world.client.get_cluster, world.client.delete_cluster, world.client.start_cluster):
        with pytest.raises(Failure):
            call(cluster_id)
    assert world.transport.requests == []


def row(number: int) -> Json:
    return {"clusterId": f"ray-{number}", "name": f"n{number}"}


def test_pages_are_read_to_the_end_and_each_cluster_once() -> None:
    first, second = [row(n) for n in range(100)], [row(n) for n in range(99, 199)]
    world = make({"rayClusters": first}, {"rayClusters": second}, {"rayClusters": [row(198), row(7)]})
    rows = list(world.client.list_clusters())
    assert [found["cluster_id"] for found in rows] == [f"ray-{n}" for n in range(199)]
    assert [request.url.split("pageNum=")[1].split("&")[0] for request in world.transport.requests] == ["1", "2", "3"]


def test_a_page_that_is_not_asked_for_is_not_read() -> None:
    world = make({"rayClusters": [row(n) for n in range(100)]})
    assert next(world.client.list_clusters())["cluster_id"] == "ray-0"
    assert len(world.transport.requests) == 1


@pytest.mark.parametrize("payload", [{}, {"rayClusters": None}, {"rayClusters": {}}, {"rayClusters": [{"name": "x"}]}])
def test_a_list_that_is_none_is_an_error_that_may_pass(payload: Json) -> None:
    world = make(*[payload] * 3, retries=2)
    with pytest.raises(ApiError) as caught:
        list(world.client.list_clusters())
    assert caught.value.unreadable
    assert caught.value.http_status == 200
    assert len(world.transport.requests) == 3


@pytest.mark.parametrize("cluster_id", ["../x?y#z\n", "..", ".", "", "a/b", "a%2Fb", "a\0b", "ä"])
def test_an_id_of_the_service_that_would_leave_the_path_is_refused(cluster_id: str) -> None:
    world = make({})
    with pytest.raises(ApiError, match="cannot be one"):
        world.client.delete_cluster(cluster_id)
    assert world.transport.requests == []
    with pytest.raises(ApiError):
        make({"clusterId": cluster_id}).client.create_cluster({"name": "x"})


def test_an_answer_about_another_cluster_is_no_answer() -> None:
    with pytest.raises(ApiError, match="a cluster other than"):
        make(*[{"clusterId": "ray-2"}] * 2, retries=1).client.get_cluster("ray-1")


def test_a_list_that_repeats_itself_ends() -> None:
    page = {"rayClusters": [row(n) for n in range(100)]}
    world = make(page, page)
    assert len(list(world.client.list_clusters())) == 100
    assert len(world.transport.requests) == 2


@pytest.mark.parametrize("payload", [{}, {"clusterId": ""}, {"clusterId": None}, {"clusterId": 7}, {"clusterId": []}])
def test_a_create_without_an_id_is_unreadable(payload: Json) -> None:
    with pytest.raises(ApiError) as caught:
        make(payload).client.create_cluster({"name": "x"})
    assert caught.value.unreadable


def test_a_wrong_clock_is_put_right_once_with_a_warning() -> None:
    late = (400, {"Code": "InvalidTimeStamp.Expired"}, {"date": "Sun, 22 Nov 2026 12:00:00 GMT"})
    world = make(late, {"clusterId": "ray-1"})
    world.client.get_cluster("ray-1")
    assert world.transport.requests[1].headers["x-acs-date"] == "2026-11-22T12:00:00Z"
    assert len(world.warnings) == 1

    world = make(late, late)
    with pytest.raises(ApiError, match="InvalidTimeStamp"):
        world.client.get_cluster("ray-1")
    assert len(world.transport.requests) == 2


@pytest.mark.parametrize("date", [None, "", "yesterday", "Sun, 99 Nov 2026 99:00:00 GMT"])
def test_a_clock_that_cannot_be_read_is_not_used(date: str | None) -> None:
    world = make((400, {"Code": "InvalidTimeStamp.Expired"}, {"date": date} if date is not None else {}))
    with pytest.raises(ApiError):
        world.client.get_cluster("ray-1")
    assert world.warnings == []


def test_a_static_key_is_not_renewed() -> None:
    world = make((400, {"Code": "InvalidSecurityToken.Expired"}))
    with pytest.raises(ApiError) as caught:
        world.client.get_cluster("ray-1")
    assert "expired" in str(caught.value.hint)
    assert len(world.transport.requests) == 1


def test_no_attempt_is_given_more_time_than_is_left() -> None:
    busy = (503, {"Code": "ServiceUnavailable"}, {"retry-after": "50"})
    world = make(busy, {"clusterId": "ray-1"}, timeout=30.0, retries=1)
    world.client.get_cluster("ray-1")
    assert world.transport.timeouts == [30.0, pytest.approx(10.0)]
