# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Random input for the parts that read what others wrote: they raise what they say they raise, and nothing else."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import unquote, urlsplit

import httpx
from hypothesis import example, given
from hypothesis import strategies as st

from ansible_collections.rayops.alicloud.plugins.module_utils._api.absence import is_absent
from ansible_collections.rayops.alicloud.plugins.module_utils._api.error_kinds import (
    is_throttled,
    parse_http_date,
)
from ansible_collections.rayops.alicloud.plugins.module_utils._api.error_responses import (
    MAX_RETRY_AFTER_SECONDS,
    retry_after_seconds,
)
from ansible_collections.rayops.alicloud.plugins.module_utils._api.responses import read_response
from ansible_collections.rayops.alicloud.plugins.module_utils._api.retry_policy import (
    may_have_been_executed,
    retry_reason,
)
from ansible_collections.rayops.alicloud.plugins.module_utils._api.settings import is_valid_id, parse_endpoint
from ansible_collections.rayops.alicloud.plugins.module_utils._api.signing import encode_path, encode_query
from ansible_collections.rayops.alicloud.plugins.module_utils._api.transport import Response
from ansible_collections.rayops.alicloud.plugins.module_utils._cluster.models import parse_cluster
from ansible_collections.rayops.alicloud.plugins.module_utils._cluster.plan import build_plan, request_spec
from ansible_collections.rayops.alicloud.plugins.module_utils._cluster.result import (
    cluster_to_result,
    list_row_to_result,
    register_secrets,
)
from ansible_collections.rayops.alicloud.plugins.module_utils._cluster.spec import writable_spec
from ansible_collections.rayops.alicloud.plugins.module_utils._cluster.values import (
    canonicalize,
    is_equivalent,
    parse_env,
)
from ansible_collections.rayops.alicloud.plugins.module_utils._errors import ApiError
from ansible_collections.rayops.alicloud.plugins.module_utils._redaction import (
    REDACTED,
    SecretRedactor,
    extract_tokens,
    redact_labeled,
    strip_tokens,
    to_printable,
)
from tests.unit.plugins.strategies import plan_inputs

FIELDS = [
    "clusterId", "name", "state", "message", "modified", "headSpec", "workerSpec", "instances", "dashboardUrl",
    "submitToken", "volumeIds", "extraParam", "env", "gftConfig", "redisPassword", "groupName", "replica", "cpu",
    "memory", "createTime", "code", "Code", "Message", "AccessDeniedDetail", "AuthAction", "requestId",
    "rayStartParams", "description", "phase", "containerExitCode",
]  # fmt: skip
HEADERS = [
    "x-acs-retry-after",
    "x-ratelimit-user-api",
    "x-ratelimit-user",
    "retry-after",
    "date",
    "content-type",
    "x-acs-request-id",
]
OPERATIONS = ["GetRayCluster", "ListRayCluster", "CreateRayCluster", "UpdateRayCluster", "DeleteRayCluster"]

leaves = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=12)
    | st.sampled_from(["Error", "Running", "8Gi", "{}"])
)
values = st.recursive(
    leaves,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(FIELDS) | st.text(max_size=5), inner, max_size=4)
    ),
    max_leaves=20,
)
payloads = st.dictionaries(st.sampled_from(FIELDS), values, max_size=8)
headers = st.dictionaries(
    st.sampled_from(HEADERS), st.text(max_size=30) | st.integers().map(str) | st.just("TimeLeft:x,TimeLeft:9")
)
texts = st.text(max_size=60)


@given(
    st.sampled_from(OPERATIONS),
    st.integers(100, 599),
    headers,
    st.binary(max_size=200) | payloads.map(lambda p: json.dumps(p).encode()),
)
@example("GetRayCluster", 200, {}, b'{"a":' * 5000)
@example("GetRayCluster", 400, {"retry-after": "9" * 5000, "date": "Fri, 31 Dec 9999 23:59:59 -2359"}, b"{}")
def test_an_answer_is_read_or_refused(operation: str, status: int, fields: dict[str, str], body: bytes) -> None:
    got = _read(operation, Response(status, fields, body))
    if isinstance(got, dict):
        assert 200 <= status < 300
        return
    assert got.details()["http_status"] == status
    assert got.retry_after is None or 0 < got.retry_after <= MAX_RETRY_AFTER_SECONDS
    assert SecretRedactor().redact_text(str(got)).isprintable()
    assert retry_reason(operation, got) is None or not (is_absent(got, "cluster") and got.code is None)
    assert not (is_throttled(got) and may_have_been_executed(got)) or status >= 500
    assert parse_http_date(got.server_date) is None or got.server_date


def _read(operation: str, answer: Response) -> dict[str, Any] | ApiError:
    try:
        return read_response(operation, answer)
    except ApiError as error:
        return error


@given(headers)
def test_a_pause_is_a_pause(fields: dict[str, str]) -> None:
    assert retry_after_seconds(fields) is None or 0 < float(retry_after_seconds(fields) or 0) <= MAX_RETRY_AFTER_SECONDS


@given(texts)
@example("Sun, 06 Nov 1994 08:49:37 GMT")
@example("0, 0 Jan 0 0:0:0 +9999")
def test_a_date_is_a_number_or_nothing(date: str) -> None:
    assert parse_http_date(date) is None or isinstance(parse_http_date(date), float)


@given(payloads)
def test_a_cluster_is_read_or_refused_and_then_everything_works_on_it(payload: dict[str, Any]) -> None:
    try:
        cluster = parse_cluster({"clusterId": "ray-1", **payload}, "GetRayCluster")
    except ApiError:
        return
    secrets = SecretRedactor()
    register_secrets(cluster, secrets, return_secrets=False)
    for shown in (cluster_to_result(cluster), list_row_to_result(cluster)):
        assert shown["submit_token"] is None if "submit_token" in shown else True
        json.dumps(secrets.redact(shown))
    writable_spec(cluster)


@given(plan_inputs(exists=True), payloads)
def test_a_plan_is_made_or_refused_for_whatever_is_observed(situation: Any, payload: dict[str, Any]) -> None:
    from ansible_collections.rayops.alicloud.plugins.module_utils._errors import ParameterError

    goal, observed = situation
    try:
        cluster = {**observed, **parse_cluster({"clusterId": "ray-1", **payload}, "GetRayCluster")}
    except ApiError:
        return
    try:
        build_plan(goal, cluster)
    except ParameterError:
        return
    json.dumps(request_spec(goal, cluster))


@given(texts)
@example("https://h/d?token=" + "a" * 40 + "#token=b&c?token=d")
def test_an_address_without_its_token_has_none(url: str) -> None:
    bare = strip_tokens(url)
    assert extract_tokens(bare) == []
    assert strip_tokens(bare) == bare


@given(texts, st.text(min_size=16, max_size=24, alphabet="abcdef0123456789"))
def test_no_known_secret_survives(text: str, secret: str) -> None:
    secrets = SecretRedactor([secret])
    for spelling in (secret, json.dumps({"a": secret}), f"token={secret}", f"{secret}{secret}"):
        assert secret not in secrets.redact_text(text + spelling + text)
        assert secret not in json.dumps(secrets.redact({"a": [text, {"b": spelling}]}))


@given(texts)
def test_what_is_shown_is_one_line(text: str) -> None:
    assert to_printable(text).isprintable()
    assert redact_labeled(redact_labeled(text)) == redact_labeled(text)
    assert SecretRedactor().redact_text(text + REDACTED).isprintable()


@given(texts)
@example("A=1\r\n\n=\n=x\nB")
def test_env_lines_are_a_mapping(text: str) -> None:
    assert all(isinstance(part, str) for pair in parse_env(text).items() for part in pair)


@given(st.sampled_from(["cpu", "memory", "env", "ray_start_params", "extra_param", "volume_ids", "name"]), values)
@example("extra_param", "[" * 100_000)
@example("cpu", "9" * 5_000)
@example("ray_start_params", "'")
@example("env", 5)
def test_every_value_has_a_meaning(field: str, value: Any) -> None:
    canonicalize(field, value)
    # A number that is none is the only thing that differs from itself.
    if "NaN" not in json.dumps(value):
        assert is_equivalent(field, value, value)


segments = st.text(max_size=12) | st.sampled_from(
    ["..", ".", "", "%2e%2e", "a/../b", "..\\", "\n", "\0", "?x", "#", "..;"]
)


@given(st.lists(segments.filter(lambda text: text.isprintable() or text in "\n\0"), min_size=1, max_size=5))
def test_a_path_is_never_left(parts: list[str]) -> None:
    path = encode_path(["api", *parts])
    url = httpx.URL(f"https://host{path}?{encode_query({'a': parts[0]})}")
    assert url.raw_path.partition(b"?")[0].decode() == path
    assert url.host == "host"
    assert urlsplit(f"https://host{path}").path == path
    assert [unquote(segment) for segment in path.split("/")[2:]] == parts


@given(st.text(max_size=20))
def test_an_id_is_one_plain_segment(text: str) -> None:
    if is_valid_id(text):
        assert encode_path([text]) == "/" + text
        assert text.isascii()
        assert text.strip(".")


@given(texts | st.from_regex(r"(https?://)?[a-z0-9.@:\[\]/?#\\-]{1,30}", fullmatch=True))
def test_an_endpoint_is_a_host_or_refused(text: str) -> None:
    try:
        scheme, host, loopback = parse_endpoint(text)
    except ValueError:
        return
    assert scheme == "https" or (scheme == "http" and loopback)
    url = httpx.URL(f"{scheme}://{host}/")
    assert url.userinfo == b""
    assert url.netloc.decode() == host
