# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hostile answers and ids: bounded in size, depth and time, refused before a request, never on the terminal."""

from __future__ import annotations

import gzip
import json
import socket
import time
import tracemalloc
import zlib
from typing import Any

import pytest

from ansible_collections.rayops.alicloud.plugins.module_utils._argspec.cluster import CLUSTER_OPTIONS
from ansible_collections.rayops.alicloud.plugins.module_utils._cluster.run import run_cluster
from ansible_collections.rayops.alicloud.plugins.module_utils._task.context import TaskContext
from tests.emulator import Emulator
from tests.unit.plugins.fakes import http_response, serve_raw
from tests.unit.scenarios.harness import validated_options
from tests.unit.trust.fault_matrix import CREATE, GET, LIST
from tests.unit.trust.harness import CLUSTER_NAME, EmulatorClock, InvariantHarness, Json

BAD_IDS = [
    "../ray-1", "..", ".", "...", "ray/../../x", "..%2f..%2fx", "%2F", "%2e%2e", "ray-1\n", "ray-1\r\nX-Evil: 1",
    "\0", "ray-1\0", "ray 1", "ray?x=1", "ray#x", "ray;x", "ray\\x", "\u2024\u2024", "\uff0e\uff0e", "ray\u202e",
    "r" * 300, "ray\x1b[31m", "a/b", "\ud800",
]  # fmt: skip
ESCAPES = "\x1b]0;owned\x07\x1b[31mred\x1b[0m\r\nfake: line\x9b31m\x00\u202edne\u2028"


def told(text: str) -> bool:
    """Tell whether a text is harmless on a terminal: one line, nothing that steers."""
    return text.isprintable()


@pytest.mark.parametrize("state", ["present", "absent"])
@pytest.mark.parametrize("option", ["cluster_id", "workspace_id"])
@pytest.mark.parametrize("value", BAD_IDS, ids=ascii)
def test_ids_that_are_none_are_refused_before_any_request(
    harness: InvariantHarness, option: str, value: str, state: str
) -> None:
    refused = harness.expect_failure(**{"name": CLUSTER_NAME, "state": state, option: value})
    assert refused.requests == []
    assert refused["error"]["code"] == "InvalidOption"
    assert option in refused["msg"]
    if option == "cluster_id" and harness.exact_reads:
        assert refused["cluster_id"] == value


@pytest.mark.parametrize("value", ["..", "../../x", "a/b", "x\r\ny: z", "\x1b[31m", ""], ids=ascii)
def test_ids_of_the_service_that_are_none_are_not_used(harness: InvariantHarness, value: str) -> None:
    """Neither in the answer to a create nor in a list, where it would be part of the path of the next request."""
    cluster_id = harness.seed_cluster("Stopped")
    harness.emulator.patch(cluster_id, clusterId=value)
    refused = harness.expect_failure(name=CLUSTER_NAME, state="absent")
    assert refused.writes == []
    assert all(value not in entry.path for entry in refused.requests if value)


@pytest.mark.parametrize("name", ["a\r\nX-Evil: 1", "a\0b", ESCAPES[:60]], ids=ascii)
def test_names_with_characters_that_cannot_be_seen_are_refused(harness: InvariantHarness, name: str) -> None:
    refused = harness.expect_failure(**harness.full_options(name=name))
    assert refused["error"]["code"] == "InvalidOption"
    assert refused.requests == []
    assert told(refused["msg"])


@pytest.mark.parametrize("name", ["../../x", "%2e%2e%2f", "x?pageNum=1&X-Evil=1#"], ids=ascii)
def test_names_are_data_wherever_they_go(harness: InvariantHarness, name: str) -> None:
    created = harness.expect_success(**harness.full_options(name=name))
    assert created["cluster"]["name"] == name
    assert {entry.path for entry in created.requests if "X-Evil" in entry.path} == set()
    assert not any("evil" in header for entry in created.requests for header in entry.headers)
    harness.emulator.fault("error", "UpdateRayCluster")
    refused = harness.expect_failure(name=name, description="other")
    assert told(refused["msg"])


@pytest.mark.parametrize("operation", [LIST, GET, CREATE, "UpdateRayCluster", "StartRayCluster"])
def test_what_the_service_says_cannot_steer_a_terminal(harness: InvariantHarness, operation: str) -> None:
    if operation != CREATE:
        harness.seed_cluster("Stopped", description="other")
    message = f"begin {ESCAPES} end" + "x" * 100_000
    harness.emulator.fault("error", operation, times=None, code=f"Bad{ESCAPES}", message=message)
    refused = harness.expect_failure(**harness.full_options(), state="started")
    assert told(refused["msg"])
    assert all(told(value) for value in refused["error"].values() if isinstance(value, str))
    assert "begin" in refused["msg"]
    assert len(refused["msg"]) < 3000


def test_what_a_sick_cluster_says_cannot_steer_a_terminal(harness: InvariantHarness) -> None:
    cluster_id = harness.seed_cluster("Stopped")
    sick = {"message": ESCAPES, "reason": f"OOM{ESCAPES}", "phase": f"Failed{ESCAPES}", "exit_code": 137}
    harness.emulator.patch(cluster_id, fail_next_start=sick)
    failed = harness.expect_failure(name=CLUSTER_NAME, state="started")
    assert failed["error"]["code"] == "ClusterInError"
    assert "137" in failed["msg"]
    assert told(failed["msg"])
    assert told(failed["cluster"]["message"])
    assert all(told(v) for pod in failed["cluster"]["instances"] for v in pod.values() if isinstance(v, str))


def test_warnings_cannot_steer_a_terminal(harness: InvariantHarness) -> None:
    harness.emulator.fault("error", LIST, after=2, times=None, message=ESCAPES)
    created = harness.expect_success(**harness.full_options())
    assert created.warnings
    assert all(told(warning) for warning in created.warnings)


def test_the_progress_of_a_wait_cannot_steer_a_terminal(harness: InvariantHarness) -> None:
    harness.seed_cluster("Stopped")
    harness.emulator.fault("error", GET, after=3, times=3, status=500, message=ESCAPES)
    harness.emulator.fault("unknown_state", GET, after=2, state=f"Up{ESCAPES}")
    lines: list[str] = []
    given = validated_options(
        CLUSTER_OPTIONS, harness.connection() | {"name": CLUSTER_NAME, "state": "started", "retries": 0}
    )
    run_cluster(TaskContext(given, {}, lines.append, clock=EmulatorClock(harness.emulator), tell=lines.append))
    assert lines
    assert all(told(line) for line in lines)


# Bodies


def answered(harness: InvariantHarness, body: bytes, headers: str = "", status: str = "200 OK", **given: Any) -> Any:
    """Run a task against a server that answers everything with these bytes."""

    def answer(connection: socket.socket, _request: bytes) -> None:
        connection.sendall(http_response(body, status, headers))

    with serve_raw(answer) as server:
        return harness.cluster(
            name=CLUSTER_NAME, state="absent", **{"endpoint": f"http://{server.host}", "retries": 0, **given}
        )


def test_a_hundred_megabytes_are_not_read(harness: InvariantHarness) -> None:
    sent = 0

    def pour(connection: socket.socket, _request: bytes) -> None:
        nonlocal sent
        connection.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n{"padding":"')
        for block in [b"x" * 1_000_000] * 100:
            connection.sendall(block)
            sent += len(block)

    tracemalloc.start()
    started = time.monotonic()
    with serve_raw(pour) as server:
        failed = harness.expect_failure(name=CLUSTER_NAME, endpoint=f"http://{server.host}", retries=0, state="absent")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert "larger than" in failed["msg"]
    assert sent < 40_000_000
    assert peak < 120_000_000
    assert time.monotonic() - started < 20


@pytest.mark.parametrize("encoding", ["gzip", "x-gzip", "deflate", "GZIP"])
def test_an_answer_that_is_compressed_unasked_is_read(harness: InvariantHarness, encoding: str) -> None:
    plain = b'{"rayClusters": []}'
    body = zlib.compress(plain) if encoding == "deflate" else gzip.compress(plain)
    done = answered(harness, body, f"Content-Encoding: {encoding}\r\n")
    assert not done.failed


@pytest.mark.parametrize("encoding", ["br", "zstd", "gzip, gzip", "gzip", "\x01"])
def test_an_answer_that_cannot_be_unpacked_is_a_failure(harness: InvariantHarness, encoding: str) -> None:
    failed = answered(harness, b'{"rayClusters": []}', f"Content-Encoding: {encoding}\r\n")
    assert failed.failed


def test_a_bomb_is_not_unpacked(harness: InvariantHarness) -> None:
    """100 MB of one character are 100 KB on the wire."""
    bomb = gzip.compress(b'{"a":"' + b"x" * 100_000_000, 9)
    tracemalloc.start()
    failed = answered(harness, bomb, "Content-Encoding: gzip\r\n")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert "larger than" in failed["msg"]
    assert peak < 60_000_000


@pytest.mark.parametrize("depth", [60, 400, 900, 5_000, 200_000])
def test_nesting_has_an_end(harness: InvariantHarness, depth: int) -> None:
    """Wherever it is, also inside a part that an update sends back."""
    deep = '{"a":' * depth + "1" + "}" * depth
    rows = f'{{"rayClusters":[{{"clusterId":"ray-1","name":"{CLUSTER_NAME}","state":"Stopped","headSpec":{deep}}}]}}'
    failed = answered(harness, rows.encode())
    assert failed.failed
    assert "is not a readable JSON object" in failed["msg"]


WRONG_BODIES = [
    b"",
    b"null",
    b"[]",
    b"0",
    b'"text"',
    b"NaN",
    b"{",
    b"\xff\xfe\x00",
    b"\xef\xbb\xbf{}",
    b"<html></html>",
    b"{}",
    b'{"rayClusters":null}',
    b'{"rayClusters":[null]}',
    b'{"rayClusters":[[]]}',
    b'{"rayClusters":["x"]}',
    b'{"rayClusters":{"a":1}}',
    b'{"rayClusters":[{"clusterId":"\\ud800"}]}',
    b'{"rayClusters":[{"clusterId":"ray-1","headSpec":"x"}]}',
    b'{"rayClusters":[{"clusterId":"ray-1","workerSpec":[null]}]}',
    b'{"rayClusters":[{"clusterId":"ray-1","createTime":1e999}]}',
    b'{"rayClusters":[{"clusterId":{"a":1}}]}',
    b'{"rayClusters":[{"clusterId":true}]}',
    b"9" * 10_000,
    b'{"a":' + b"9" * 10_000 + b"}",
]


@pytest.mark.parametrize("kind", ["application/json", "text/html", "image/png", ""])
@pytest.mark.parametrize("body", WRONG_BODIES, ids=range(len(WRONG_BODIES)))
def test_bodies_that_are_no_list_are_a_clear_failure(harness: InvariantHarness, body: bytes, kind: str) -> None:
    failed = answered(harness, body, f"Content-Type: {kind}\r\n")
    assert failed.failed
    assert failed["error"]["operation"] == LIST
    assert failed["error"]["http_status"] == 200


def test_the_type_of_the_content_does_not_matter_if_it_is_json(harness: InvariantHarness) -> None:
    assert not answered(harness, b'{"rayClusters": []}', "Content-Type: text/html\r\n").failed


def test_text_that_cannot_be_written_down_again_is_no_answer(harness: InvariantHarness) -> None:
    """Half a surrogate inside a field that nobody knows would break the update that sends it back."""
    row = {"clusterId": "ray-1", "name": CLUSTER_NAME, "state": "Stopped", "headSpec": {"future": "\ud800"}}
    failed = answered(harness, json.dumps({"rayClusters": [row]}).encode())
    assert failed.failed
    assert "is not a readable JSON object" in failed["msg"]


# Addresses


def test_a_redirect_is_not_followed_and_takes_no_credentials_along(harness: InvariantHarness) -> None:
    with serve_raw(lambda connection, request: connection.sendall(http_response())) as elsewhere:
        for status in (301, 302, 303, 307, 308):
            location = f"Location: http://{elsewhere.host}/api/v1/workspaces\r\n"
            failed = answered(harness, b"", location, f"{status} Moved")
            assert failed.failed
            assert failed["error"]["http_status"] == status
            harness.emulator.fault("redirect", CREATE, url=f"http://{elsewhere.host}/", status=status, times=None)
            failed = harness.expect_failure(**harness.full_options())
            # Whether what answered is the service, and created the cluster, is open.
            assert (failed["error"]["code"], failed["error"]["http_status"]) == ("CreateUndecided", status)
            harness.emulator.core.faults.clear()
        assert elsewhere.requests == []


@pytest.mark.parametrize(
    "endpoint",
    ["http://emr.example.com", "http://10.0.0.1", "http://127.0.0.1.example.com", "http://localhost.example.com",
     "http://0x7f000001", "http://user@127.0.0.1", "http://127.0.0.1@evil.example", "ftp://127.0.0.1",
     "https://evil.example/path", "https://evil.example?x", "evil.example/..", "https://a b", "https://x\r\ny",
     "https://a..invalid", "https://" + "a" * 64 + ".invalid", "http://[::ffff:10.0.0.1]", "file:///etc/passwd", "https://exa\u2024mple.com"],
)  # fmt: skip
def test_addresses_that_would_give_the_key_away_are_refused(harness: InvariantHarness, endpoint: str) -> None:
    refused = harness.expect_failure(name=CLUSTER_NAME, endpoint=endpoint)
    assert "endpoint" in refused["msg"]
    assert refused["error"]["code"] == "InvalidOption"


def test_tls_is_checked_unless_said_otherwise(harness: InvariantHarness) -> None:
    """A plain server behind https is never talked to in plain."""
    with serve_raw(lambda connection, request: connection.sendall(http_response())) as server:
        failed = harness.expect_failure(name=CLUSTER_NAME, endpoint=f"https://{server.host}", retries=0, timeout=2.0)
    assert "no connection" in failed["msg"]
    assert not any(b"authorization" in request.lower() for request in server.requests)


def test_a_list_without_end_ends(harness: InvariantHarness, frozen_emulator: Emulator) -> None:
    """A service that answers every page with the same hundred clusters."""
    rows: list[Json] = [{"clusterId": f"ray-{number}", "name": "straw", "state": "Stopped"} for number in range(100)]
    failed = answered(harness, json.dumps({"rayClusters": rows}).encode(), wait_timeout=20)
    assert failed["error"]["code"] == "ListUnstable"
