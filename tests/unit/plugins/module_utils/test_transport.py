# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The transport against raw sockets: what reaches the wire, and answers that lie, drip, swell or never end."""

from __future__ import annotations

import gzip
import re
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.rayops.alicloud.plugins.module_utils._api import transport as _transport
from ansible_collections.rayops.alicloud.plugins.module_utils._api.settings import Settings
from ansible_collections.rayops.alicloud.plugins.module_utils._api.signing import encode_path, encode_query
from ansible_collections.rayops.alicloud.plugins.module_utils._api.transport import Request, Response, Transport
from ansible_collections.rayops.alicloud.plugins.module_utils._clock import SystemClock
from ansible_collections.rayops.alicloud.plugins.module_utils._errors import ParameterError, TransportError
from tests.unit.plugins.fakes import RawServer, http_response, serve_raw


@contextmanager
def transport(**options: Any) -> Iterator[Transport]:
    made = Transport(
        Settings(**{"scheme": "http", "host": "x", "workspace_id": "w", "loopback": True, **options}), CLOCK
    )
    try:
        yield made
    finally:
        made.close()


CLOCK = SystemClock()


def request(server: RawServer, path: str = "/", method: str = "GET", body: bytes = b"", **headers: str) -> Request:
    return Request("Operation", method, f"http://{server.host}{path}", {"host": server.host, **headers}, body)


def send(answer: bytes, timeout: float = 5.0, **what: Any) -> tuple[Response, bytes]:
    """Return the answer as read, and the request as it reached the wire."""
    with serve_raw(lambda connection, _request: connection.sendall(answer)) as server, transport() as made:
        return made.send(request(server, **what), timeout), server.requests[0]


def failure(act: Any, timeout: float) -> tuple[TransportError, float]:
    """Return the failure of an answer that ``act`` gives, and the seconds that it took."""
    with serve_raw(act) as server, transport() as made:
        began = time.monotonic()
        with pytest.raises(TransportError) as caught:
            made.send(request(server), timeout)
        return caught.value, time.monotonic() - began


def test_the_address_reaches_the_wire_untouched() -> None:
    path = encode_path(["a/b", "c d", "e*f", "g~h", "i'j", "ä测", "k+l", "m%n", "()!"])
    query = encode_query({"q": "/ *~'+ä&=%", "empty": ""})
    _answer, raw = send(http_response(), path=f"{path}?{query}")
    assert raw.split(b"\r\n")[0].decode() == f"GET {path}?{query} HTTP/1.1"
    for encoded in ("%2F", "%20", "%2A", "~", "%27", "%C3%A4", "%2B", "%25", "%28%29%21"):
        assert encoded in path


awkward = st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=6) | st.sampled_from(
    [".", "..", "%2F", "~", "*", "'", " ", "+", "ä", "//"]
)


def test_any_encoded_address_reaches_the_wire_untouched() -> None:
    with serve_raw(lambda connection, _request: connection.sendall(http_response())) as server, transport() as made:

        @settings(max_examples=60)
        @given(st.lists(awkward.filter(lambda text: text not in (".", "..")), min_size=1, max_size=3), awkward)
        def check(segments: list[str], value: str) -> None:
            target = f"{encode_path(segments)}?{encode_query({'q': value})}"
            server.requests.clear()
            made.send(request(server, target), 5.0)
            assert server.requests[0].split(b" ")[1].decode() == target

        check()


@pytest.mark.parametrize("body", [b"", b"{}", '{"name":"ä +~*"}'.encode(), bytes(range(256)), b"x" * 300_000])
def test_the_body_reaches_the_wire_untouched(body: bytes) -> None:
    _answer, raw = send(
        http_response(), method="POST", body=body, **{"content-type": "application/json; charset=utf-8"}
    )
    head, _blank, sent = raw.partition(b"\r\n\r\n")
    assert sent == body
    assert b"content-type: application/json; charset=utf-8" in head.lower()
    assert head.lower().count(b"\r\nhost:") == 1


def test_no_header_is_made_up_that_matters() -> None:
    _answer, raw = send(
        http_response(), accept="application/json", **{"user-agent": "ours", "accept-encoding": "identity"}
    )
    head = raw.lower().decode()
    assert "accept: application/json\r\n" in head
    assert "user-agent: ours\r\n" in head
    assert "accept-encoding: identity\r\n" in head
    assert "content-type" not in head
    assert "cookie" not in head


def test_an_answer_with_names_in_lower_case() -> None:
    answer, _raw = send(http_response(b'{"a": 1}', "418 Teapot", "X-Acs-Request-Id: R\r\n"))
    assert (answer.status, answer.body, answer.headers["x-acs-request-id"]) == (418, b'{"a": 1}', "R")


@pytest.mark.parametrize("location", ["http://127.0.0.1:9/evil", "https://evil.example.com/", "/elsewhere", "::::"])
@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "307 Again", "308 Always"])
def test_redirects_are_not_followed(location: str, status: str) -> None:
    with (
        serve_raw(
            lambda connection, _r: connection.sendall(http_response(b"", status, f"Location: {location}\r\n"))
        ) as at,
        transport() as made,
    ):
        try:
            answer = made.send(request(at), 5.0)
        except TransportError as error:
            assert location == "::::"
            assert error.sent  # noqa: PT017
        else:
            assert answer.status == int(status[:3])
        assert len(at.requests) == 1


def test_cookies_are_not_kept() -> None:
    answer = http_response(headers="Set-Cookie: session=1\r\n")
    with serve_raw(lambda connection, _request: connection.sendall(answer)) as server, transport() as made:
        made.send(request(server), 5.0)
        made.send(request(server), 5.0)
        assert b"session" not in server.requests[1]


def endless(connection: socket.socket, _request: bytes) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
    while True:
        connection.sendall(b"x" * 65536)


def test_an_answer_without_end_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_transport, "MAX_RESPONSE_BYTES", 1024 * 1024)
    error, _seconds = failure(endless, 30.0)
    assert re.match(r"the response from 127.0.0.1:\d+ is larger than 1048576 bytes$", str(error))
    assert error.code == "UnreadableResponse"
    assert error.sent


def test_an_answer_that_claims_to_be_large_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_transport, "MAX_RESPONSE_BYTES", 1024)
    error, _seconds = failure(lambda c, _r: c.sendall(http_response(b"x" * 100_000)), 30.0)
    assert "larger than" in str(error)


def test_an_answer_that_swells_is_cut_off() -> None:
    bomb = gzip.compress(b"0" * (_transport.MAX_RESPONSE_BYTES + 1))
    error, _seconds = failure(lambda c, _r: c.sendall(http_response(bomb, headers="Content-Encoding: gzip\r\n")), 30.0)
    assert "larger than" in str(error)


def drip(prefix: bytes, drop: bytes) -> Any:
    def act(connection: socket.socket, _request: bytes) -> None:
        connection.sendall(prefix)
        for _drop in range(100):
            connection.sendall(drop)
            time.sleep(0.05)

    return act


@pytest.mark.parametrize(
    ("prefix", "drop"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n", b"x"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
        (b"HTTP/1.1 200 OK\r\n", b"X-Drip: 1\r\n"),
        (b"HTTP/1.1 200 OK\r\nX-Drip: ", b"x"),
        (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    ],
    ids=["body", "chunks", "headers", "one header", "informational"],
)
def test_a_slow_drip_ends_at_the_deadline(prefix: bytes, drop: bytes) -> None:
    error, seconds = failure(drip(prefix, drop), 0.5)
    assert error.sent
    assert 0.4 < seconds < 2.0
    assert error.code == "NoAnswer"
    assert re.search(
        r"within 0.5 s from 127.0.0.1:\d+$|the response from 127.0.0.1:\d+ did not finish within 0.5 s$", str(error)
    )


def test_silence_ends_at_the_deadline() -> None:
    error, seconds = failure(lambda connection, _request: connection.recv(1), 0.3)
    assert "no response within 0.3 s" in str(error)
    assert error.sent
    assert seconds < 2.0


@pytest.mark.parametrize(
    "answer",
    [b"", b"HTTP/1.1 200", b"nonsense\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{",
     b"HTTP/1.1 abc OK\r\n\r\n",
     b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", b"HTTP/1.1 200 OK\r\nbad header\r\n\r\n",
     b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}",
     b"HTTP/1.1 200 OK\r\nX: " + b"x" * 200_000 + b"\r\n\r\n"],
    ids=range(9),
)  # fmt: skip
def test_a_broken_answer_is_a_cut(answer: bytes) -> None:
    error, _seconds = failure(lambda connection, _request: connection.sendall(answer), 5.0)
    assert error.sent
    assert (error.code, "cut by 127.0.0.1:" in str(error)) in {("ConnectionLost", True), ("UnreadableResponse", False)}
    assert "127.0.0.1:" in str(error)


def test_nobody_there_is_known_not_to_have_been_asked() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with transport() as made, pytest.raises(TransportError) as caught:
        made.send(Request("Operation", "GET", f"http://127.0.0.1:{port}/", {}, b""), 2.0)
    assert caught.value.sent is False
    assert caught.value.operation == "Operation"


def test_a_trust_store_that_is_not_there_is_named(tmp_path: Path) -> None:
    missing = tmp_path / "no-such-ca.pem"
    with pytest.raises(ParameterError, match=r"^ca_path: .*no-such-ca\.pem"):
        Transport(Settings("https", "h", "w", False, ca_path=str(missing)), CLOCK)
    nonsense = tmp_path / "nonsense.pem"
    nonsense.write_text("nonsense")
    with pytest.raises(ParameterError, match=r"^ca_path: .*nonsense\.pem"):
        Transport(Settings("https", "h", "w", False, ca_path=str(nonsense)), CLOCK)


@pytest.mark.parametrize("name", ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"])
def test_no_proxy_of_the_environment_is_asked_for_the_loopback(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, "http://127.0.0.1:9")
    answer, _raw = send(http_response())
    assert answer.status == 200


def test_elsewhere_the_proxy_of_the_environment_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    with serve_raw(lambda connection, _request: connection.sendall(http_response(b"", "403 No"))) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"http://{proxy.host}")
        with transport(scheme="https", loopback=False) as made, pytest.raises(TransportError) as caught:
            made.send(Request("Operation", "GET", "https://emr.example.invalid/", {}, b""), 5.0)
        assert proxy.requests[0].startswith(b"CONNECT emr.example.invalid:443")
        assert caught.value.sent is False


def not_reached(url: str, **options: Any) -> TransportError:
    """Return the error of a request to an address that no service answers at."""
    with transport(**{"scheme": url.partition(":")[0], **options}) as made, pytest.raises(TransportError) as caught:
        made.send(Request("Operation", "GET", url, {}, b""), 2.0)
    error = caught.value
    assert error.sent is False
    assert str(error.hint).endswith("run ansible-playbook rayops.alicloud.doctor")
    return error


@pytest.fixture
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy", "NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)


def closed_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@pytest.mark.usefixtures("no_proxy")
def test_a_name_without_an_address_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_args: object, **_options: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    error = not_reached("https://emr-serverless-spark.cn-hangzou.aliyuncs.com/secret?path", loopback=False)
    assert error.code == "NameNotResolved"
    assert str(error).startswith("no connection to emr-serverless-spark.cn-hangzou.aliyuncs.com:443: ")
    assert "Name or service not known" in str(error)
    assert "secret" not in str(error)
    assert "check region" in str(error.hint)


def test_a_dead_endpoint_is_named() -> None:
    port = closed_port()
    error = not_reached(f"http://127.0.0.1:{port}/")
    assert error.code == "ConnectionFailed"
    assert str(error).startswith(f"no connection to 127.0.0.1:{port}: ")


@pytest.mark.usefixtures("no_proxy")
@pytest.mark.parametrize("variable", ["HTTPS_PROXY", "https_proxy", "ALL_PROXY"])
def test_a_wrong_proxy_is_named_with_its_variable(monkeypatch: pytest.MonkeyPatch, variable: str) -> None:
    port = closed_port()
    monkeypatch.setenv(variable, f"http://user:pass-word@127.0.0.1:{port}")
    error = not_reached("https://emr.example.invalid/", loopback=False)
    assert error.code == "ProxyFailed"
    told = f"no connection to emr.example.invalid:443 through the proxy 127.0.0.1:{port} ({variable}): "
    assert str(error).startswith(told)
    assert str(error.hint).startswith(f"correct {variable}, ")
    assert "pass-word" not in f"{error} {error.hint}"


@pytest.mark.usefixtures("no_proxy")
@pytest.mark.parametrize("variable", ["NO_PROXY", "no_proxy"])
def test_an_entry_that_excludes_the_service_from_the_proxy_is_named(
    monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    def refuse(*_args: object, **_options: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example:3128")
    monkeypatch.setenv(variable, "10.0.0.0/8, .invalid")
    error = not_reached("https://emr.example.invalid/", loopback=False)
    assert error.code == "NameNotResolved"
    bypass = f"without the proxy, because of '.invalid' in {variable}"
    assert str(error).startswith(f"no connection to emr.example.invalid:443 {bypass}: ")
    monkeypatch.delenv("HTTPS_PROXY")
    assert "without the proxy" not in str(not_reached("https://emr.example.invalid/", loopback=False))


def test_https_on_a_port_of_plain_http_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def answer() -> None:
            connection = listening.accept()[0]
            with connection:
                connection.recv(4096)
                connection.sendall(http_response(b"", "400 Bad Request"))

        thread = threading.Thread(target=answer)
        thread.start()
        port = listening.getsockname()[1]
        error = not_reached(f"https://127.0.0.1:{port}/")
        thread.join()
    assert error.code == "TlsFailed"
    assert str(error).startswith(f"no connection to 127.0.0.1:{port}: ")
    assert "its scheme" in str(error.hint)


@pytest.mark.usefixtures("no_proxy")
def test_a_proxy_that_refuses_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    with serve_raw(lambda connection, _request: connection.sendall(http_response(b"", "403 No"))) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.host)
        error = not_reached("https://emr.example.invalid/", loopback=False)
        assert error.code == "ProxyFailed"
        assert f"the proxy {proxy.host} (HTTPS_PROXY): 403 No" in str(error)


def test_a_lost_answer_has_a_code() -> None:
    cut, _seconds = failure(lambda connection, _request: connection.close(), 5.0)
    silent, _seconds = failure(lambda _connection, _request: time.sleep(0.5), 0.2)
    assert (cut.code, silent.code) == ("ConnectionLost", "NoAnswer")
    assert "the connection was cut by 127.0.0.1:" in str(cut)
    assert "no response within 0.2 s from 127.0.0.1:" in str(silent)


def test_a_proxy_that_is_none_is_refused_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "nonsense://x")
    with pytest.raises(ParameterError, match="proxy"):
        Transport(Settings("https", "h", "w", False), CLOCK)
