# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every kind of fault over real HTTP: what the client sees, and whether the effect took place."""

from __future__ import annotations

import email.utils
import json
import time
from typing import Any

import httpx
import pytest

from tests.emulator import Emulator, Fault
from tests.emulator.faults import KINDS

CREATE, LIST, GET = "CreateRayCluster", "ListRayCluster", "GetRayCluster"


@pytest.fixture
def cluster_id(client: Any, emulator: Emulator) -> str:
    found: str = client.create()
    emulator.journal.clear()
    return found


def test_the_tests_here_cover_every_kind() -> None:
    with open(__file__, encoding="utf-8") as file:
        text = file.read()
    assert [kind for kind in KINDS if f'"{kind}"' not in text] == []


@pytest.mark.parametrize(
    "options",
    [
        {"kind": "nope"},
        {"kind": "slow", "depth": 1},
        {"kind": "slow", "times": -1},
        {"kind": "slow", "after": "2"},
        {"kind": "slow", "when": "during"},
        {"kind": "slow", "seconds": "long"},
        {"kind": "slow", "seconds": -1},
        {"kind": "throttle", "hint": "please"},
        {"kind": "other_actor", "act": "dance"},
        {"kind": "http_500", "lasts": "long"},
    ],
)
def test_bad_faults_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"."):
        Fault.of(**options)


def test_queue_counts_operations_skips_and_times(client: Any, emulator: Emulator, cluster_id: str) -> None:
    emulator.fault("http_500", GET, times=2, after=1)
    emulator.fault("unavailable_503", GET)
    other = emulator.fault("http_500", "DeleteRayCluster")
    statuses = [client.call(GET, cluster_id).status_code for number in range(5)]
    assert statuses == [503, 500, 500, 200, 200]
    assert (other.fired, [entry.faults for entry in emulator.journal][:2]) == (0, [["unavailable_503"], ["http_500"]])
    emulator.fault("http_500", times=None)
    assert [client.call(GET, cluster_id).status_code for number in range(3)] == [500] * 3
    assert client.call(LIST).status_code == 500


def test_a_bad_signature_uses_up_no_fault(client: Any, emulator: Emulator) -> None:
    fault = emulator.fault("http_500")
    assert client.call(LIST, key=("nobody", "x")).status_code == 404
    assert fault.fired == 0
    assert client.call(LIST).status_code == 500


@pytest.mark.parametrize(
    ("hint", "value", "header"),
    [
        ("x-acs-retry-after", 250, "250"),
        ("retry-after", 2, "2"),
        ("x-ratelimit-user-api", 700, "Limit:10,Remain:0,TimeLeft:700"),
        ("none", 1, None),
    ],
)
def test_throttle(client: Any, emulator: Emulator, hint: str, value: int, header: str | None) -> None:
    for status in (400, 429, 503):
        emulator.fault("throttle", LIST, hint=hint, value=value, status=status)
        response = client.call(LIST)
        assert (response.status_code, response.json()["Code"]) == (status, "Throttling.User")
        assert response.headers.get(hint) == header


@pytest.mark.parametrize(
    ("kind", "status", "code", "created"),
    [
        ("error", 400, "OperationDenied", 0),
        ("http_500", 500, "InternalError", 0),
        ("unavailable_503", 503, "ServiceUnavailable", 0),
        ("after_effect_error", 500, "InternalError", 1),
        ("missing_code", 400, None, 0),
        ("expired_token", 400, "InvalidSecurityToken.Expired", 0),
        ("signature_echo", 400, "SignatureDoesNotMatch", 0),
    ],
)
def test_errors(client: Any, body: Any, kind: str, status: int, code: str | None, *, created: int) -> None:
    emulator: Emulator = client.emulator
    emulator.fault(kind, CREATE)
    response = client.call(CREATE, body=body())
    answer = response.json()
    assert (response.status_code, answer.get("Code", answer.get("code"))) == (status, code)
    assert len(emulator.clusters()) == created
    assert (emulator.journal[0].status, emulator.journal[0].code) == (status, code)


def test_error_takes_its_own_words_and_style(client: Any, emulator: Emulator) -> None:
    for style, key in (("camel", "code"), ("pascal", "Code")):
        emulator.rules.set({"error_style": style})
        emulator.fault("error", LIST, status=409, code="Error.Internal", message="busy")
        response = client.call(LIST)
        assert (response.status_code, response.json()[key]) == (409, "Error.Internal")


def test_signature_echo_shows_what_was_signed(client: Any, emulator: Emulator) -> None:
    emulator.fault("signature_echo")
    key = ("emulator-sts-key", "emulator-sts-secret")
    headers = {"x-acs-security-token": "emulator-sts-token"}
    assert "x-acs-security-token:emulator-sts-token" in client.call(LIST, key=key, headers=headers).json()["Message"]


@pytest.mark.parametrize(("kind", "created"), [("cut_before", 0), ("cut_after", 1), ("cut_during", 1)])
def test_cuts(client: Any, emulator: Emulator, body: Any, kind: str, created: int) -> None:
    fault = emulator.fault(kind, CREATE)
    with pytest.raises(httpx.RemoteProtocolError):
        client.call(CREATE, body=body())
    assert (fault.fired, len(emulator.clusters())) == (1, created)
    assert emulator.journal[0].status == (200 if kind == "cut_during" else 0)
    assert len(client.names()) == created


@pytest.mark.parametrize("when", ["before", "after"])
def test_slow(client: Any, emulator: Emulator, naps: list[float], when: str) -> None:
    emulator.fault("slow", LIST, seconds=7.5, when=when)
    assert client.names() == []
    assert naps == [7.5]
    assert client.names() == []
    assert naps == [7.5]


def test_slow_goes_with_an_outcome(client: Any, emulator: Emulator, naps: list[float]) -> None:
    emulator.fault("http_500", LIST)
    emulator.fault("slow", LIST, seconds=3)
    assert client.call(LIST).status_code == 500
    assert naps == [3]


@pytest.mark.parametrize(
    ("kind", "status", "created", "content_type"),
    [
        ("html_502", 502, 0, "text/html"),
        ("empty_body", 200, 1, "application/json"),
        ("broken_json", 200, 1, "application/json"),
        ("redirect", 302, 0, "application/json"),
    ],
)
def test_no_json(client: Any, body: Any, kind: str, status: int, *, created: int, content_type: str) -> None:
    emulator: Emulator = client.emulator
    emulator.fault(kind, CREATE)
    response = client.call(CREATE, body=body())
    assert response.status_code == status
    assert response.headers["content-type"].startswith(content_type)
    with pytest.raises(json.JSONDecodeError):
        json.loads(response.text)
    assert len(emulator.clusters()) == created


def test_effect_can_be_turned_round(client: Any, emulator: Emulator, body: Any) -> None:
    emulator.fault("html_502", CREATE, effect=True)
    assert client.call(CREATE, body=body()).status_code == 502
    assert len(emulator.clusters()) == 1
    emulator.fault("empty_body", CREATE, effect=False)
    assert client.call(CREATE, body=body()).text == ""
    assert len(emulator.clusters()) == 1


def test_redirect_says_where(client: Any, emulator: Emulator) -> None:
    emulator.fault("redirect", url="http://127.0.0.1:1/x", status=307)
    response = client.call(LIST)
    assert (response.status_code, response.headers["location"]) == (307, "http://127.0.0.1:1/x")


def test_inner_code(client: Any, emulator: Emulator) -> None:
    emulator.fault("inner_code", LIST, code="1", message="no")
    answer = client.call(LIST).json()
    assert (answer.pop("requestId") != "", answer) == (True, {"code": "1", "message": "no"})


def test_wrong_types(client: Any, emulator: Emulator, cluster_id: str) -> None:
    emulator.fault("wrong_types", times=2)
    got = client.get(cluster_id)
    assert (got["state"], got["headSpec"], got["createTime"].keys()) == (["Stopped"], "text instead", {"value"})
    assert client.call(LIST).json()["rayClusters"] == "text instead"


def test_unknown_fields(client: Any, emulator: Emulator, cluster_id: str) -> None:
    emulator.fault("unknown_fields", times=2)
    got = client.get(cluster_id)
    assert all("futureField" in part for part in (got, got["headSpec"], got["workerSpec"][0]))
    assert "futureField" in client.call(LIST).json()["rayClusters"][0]


def test_unknown_state(client: Any, emulator: Emulator, cluster_id: str) -> None:
    emulator.fault("unknown_state", times=2, state="Hibernating")
    assert client.get(cluster_id)["state"] == "Hibernating"
    assert client.call(LIST).json()["rayClusters"][0]["state"] == "Hibernating"
    assert client.get(cluster_id)["state"] == "Stopped"


def test_stale_list_for_some_lists(client: Any, emulator: Emulator) -> None:
    client.create(name="old")
    emulator.fault("stale_list", times=2)
    client.create(name="new")
    assert [client.names(), client.names(), client.names()] == [["old"], ["old"], ["new", "old"]]


def test_stale_list_for_some_time(client: Any, emulator: Emulator) -> None:
    cluster_id = client.create(name="old")
    emulator.fault("stale_list", seconds=5)
    client.call("DeleteRayCluster", cluster_id)
    assert [client.names(), client.names()] == [["old"], ["old"]]
    emulator.advance(6)
    assert client.names() == []


def test_hide_new_for_some_lists(client: Any, emulator: Emulator) -> None:
    client.create(name="old")
    emulator.fault("hide_new", lists=2)
    client.create(name="new")
    two_pages = {"query": {"pageNum": 2, "pageSize": 1}}
    assert client.names() == ["old"]
    assert [client.names(query={"pageNum": 1, "pageSize": 1}), client.names(**two_pages)] == [["old"], []]
    assert [client.names(), client.names()] == [["new", "old"]] * 2


def test_hide_new_for_some_time(client: Any, emulator: Emulator) -> None:
    emulator.fault("hide_new", seconds=3)
    cluster_id = client.create(name="new")
    assert client.names() == []
    assert client.get(cluster_id)["name"] == "new"
    emulator.advance(4)
    assert client.names() == ["new"]


def test_skew(client: Any, emulator: Emulator) -> None:
    emulator.fault("skew", seconds=3600)
    response = client.call(LIST)
    assert (response.status_code, response.json()["Code"]) == (400, "InvalidTimeStamp.Expired")
    server = email.utils.parsedate_to_datetime(response.headers["date"]).timestamp()
    assert 3590 < server - time.time() < 3610
    corrected = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(server))
    assert client.call(LIST, headers={"x-acs-date": corrected}).status_code == 200
    emulator.fault("skew", "DeleteRayCluster", seconds=-3600)
    assert client.call(LIST).status_code == 400


@pytest.mark.parametrize("when", ["before", "after"])
def test_twin(client: Any, emulator: Emulator, when: str) -> None:
    fault = emulator.fault("twin", when=when)
    ours = client.create(name="same")
    ids = [row["clusterId"] for row in emulator.clusters()]
    twin = fault.memory["ids"][0]
    assert ids == ([twin, ours] if when == "before" else [ours, twin])
    assert client.get(twin)["creatorName"] == "someone-else"
    assert client.names() == ["same", "same"]


def test_twin_takes_a_unique_name_first(client: Any, emulator: Emulator, body: Any) -> None:
    emulator.rules.set({"unique_names": "true", "created": "starting"})
    emulator.fault("twin", when="before")
    assert client.call(CREATE, body=body()).json()["code"] == "RayCluster.AlreadyExists"
    (twin,) = emulator.clusters()
    assert twin["state"] == "Starting"


def test_huge_body(client: Any, emulator: Emulator) -> None:
    emulator.fault("huge_body", bytes=300_000)
    answer = client.call(LIST).json()
    assert (answer["rayClusters"], len(answer["padding"])) == ([], 300_000)


def test_deep_json(client: Any, emulator: Emulator) -> None:
    emulator.fault("deep_json", depth=50_000)
    response = client.call(LIST)
    assert response.text.count("[") == 50_001
    with pytest.raises(RecursionError):
        json.loads(response.text)


def test_drip(client: Any, emulator: Emulator, naps: list[float]) -> None:
    emulator.fault("drip", bytes=10, seconds=0.5)
    response = client.call(LIST)
    assert response.json()["rayClusters"] == []
    chunks = -(-len(response.content) // 10)
    # The server naps after the last chunk too, when the client has its answer already.
    until = time.monotonic() + 10
    while len(naps) < chunks and time.monotonic() < until:
        time.sleep(0.01)
    assert naps == [0.5] * chunks


def test_a_fault_lasts_for_seconds(client: Any, emulator: Emulator, cluster_id: str) -> None:
    emulator.fault("throttle", GET, lasts=60, hint="x-acs-retry-after", value=200)
    answers = [client.call(GET, cluster_id) for number in range(8)]
    assert {answer.headers["x-acs-retry-after"] for answer in answers} == {"200"}
    emulator.advance(61)
    assert client.call(GET, cluster_id).status_code == 200


def test_a_fault_in_a_state(client: Any, emulator: Emulator, cluster_id: str) -> None:
    emulator.fault("error", "UpdateRayCluster", times=None, in_state="Running", code="RayCluster.InvalidState")
    assert client.call("UpdateRayCluster", cluster_id, body={"description": "a"}).status_code == 200
    emulator.patch(cluster_id, state="Running")
    refused = client.call("UpdateRayCluster", cluster_id, body={"description": "b"})
    assert (refused.status_code, refused.json()["code"]) == (400, "RayCluster.InvalidState")
    assert emulator.spec(cluster_id)["description"] == "a"


@pytest.mark.parametrize(
    ("act", "seen"),
    [
        ("delete", None),
        ("stop", {"state": "Stopping"}),
        ("start", {"state": "Starting"}),
        ("break", {"state": "Error"}),
        ("upgrade", {"state": "Upgrading"}),
        ("describe", {"description": "set by someone else"}),
        ("rename", {"name": "one-renamed"}),
    ],
)
def test_another_actor(client: Any, emulator: Emulator, cluster_id: str, act: str, seen: dict[str, str] | None) -> None:
    fault = emulator.fault("other_actor", GET, act=act, when="after")
    client.get(cluster_id)
    after = client.call(GET, cluster_id)
    assert fault.memory["ids"] == [cluster_id]
    if seen is None:
        assert after.status_code == 404
    else:
        assert seen.items() <= after.json().items()


def test_another_actor_before_a_request_and_on_all_clusters(client: Any, emulator: Emulator) -> None:
    first, second = client.create(), client.create(name="two")
    emulator.fault("other_actor", "UpdateRayCluster", act="resize")
    client.call("UpdateRayCluster", first, body={"description": "x"})
    assert client.get(first)["workerSpec"][0]["replica"] == 3
    emulator.fault("other_actor", "ListRayCluster", act="create")
    assert sorted(client.names()) == ["one", "one", "two", "two"]
    emulator.fault("other_actor", "ListRayCluster", act="delete", when="after")
    assert len(client.names()) == 4
    assert {row["creatorName"] for row in emulator.clusters()} == {"someone-else"}
    assert client.call(GET, second).status_code == 404
