# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Answers in every shape: both key styles, no code, no JSON, hints, and what a server asks to wait."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.rayops.alicloud.plugins.module_utils._api.absence import is_absent, may_mean_absent
from ansible_collections.rayops.alicloud.plugins.module_utils._api.error_kinds import (
    is_throttled,
    parse_http_date,
)
from ansible_collections.rayops.alicloud.plugins.module_utils._api.error_responses import retry_after_seconds
from ansible_collections.rayops.alicloud.plugins.module_utils._api.responses import read_response
from ansible_collections.rayops.alicloud.plugins.module_utils._api.transport import Response
from ansible_collections.rayops.alicloud.plugins.module_utils._errors import ApiError

CANARY = "Canary-9f3a"
JSON = {"content-type": "application/json"}


def error_of(
    status: int, body: Any, headers: dict[str, str] | None = None, operation: str = "GetRayCluster"
) -> ApiError:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    with pytest.raises(ApiError) as caught:
        read_response(operation, Response(status, headers or JSON, raw))
    return caught.value


def test_a_good_answer() -> None:
    assert read_response("GetRayCluster", Response(200, JSON, '{"name":"ä"}'.encode())) == {"name": "ä"}


@pytest.mark.parametrize(
    "body",
    [
        {"Code": "X.Y", "Message": "why", "RequestId": "R", "HostId": "h", "Recommend": "https://x"},
        {"code": "X.Y", "message": "why", "requestId": "R"},
        {"code": "X.Y", "Description": "why", "RequestId": "R"},
        {"Code": " X.Y ", "Message": "why\n", "requestId": "R"},
    ],
)
def test_both_key_styles(body: dict[str, str]) -> None:
    error = error_of(400, body)
    assert (error.code, str(error), error.request_id, error.http_status) == ("X.Y", "X.Y: why", "R", 400)
    assert error.details()["operation"] == "GetRayCluster"
    assert not error.unreadable


def test_a_number_is_a_code_and_nonsense_is_none() -> None:
    assert error_of(400, {"code": 1000001, "message": "m"}).code == "1000001"
    for nonsense in (None, "", " ", True, [], {}, ["X"]):
        error = error_of(400, {"Code": nonsense, "Message": "m"})
        assert error.code is None
        assert str(error) == "HTTP 400: m"


def test_a_missing_code_has_a_hint() -> None:
    error = error_of(404, {"message": "gone"})
    assert error.code is None
    assert "workspace_id" in str(error.hint)
    assert not is_absent(error, "cluster")


def test_the_request_id_of_the_headers() -> None:
    assert error_of(500, b"", {"x-acs-request-id": "H"}).request_id == "H"
    assert error_of(500, {"RequestId": "B"}, {"x-acs-request-id": "H"}).request_id == "B"
    assert error_of(500, {}).request_id is None


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"<html><h1>502</h1>" + CANARY.encode() + b"</html>", "text/html; charset=utf-8"),
        (b"", ""),
        (CANARY.encode(), "text/plain"),
        (b"[1]", "application/json"),
        (b"null", "application/json"),
        (b'"text"', "application/json"),
        (b"{" + CANARY.encode(), "application/json"),
        (b"\xff\xfe\x00" + CANARY.encode(), "application/json"),
        (b'{"a":' * 100_000, "application/json"),
        (b"[" * 100_000 + b"]" * 100_000, "application/json"),
        (b'{"n": ' + b"9" * 10_000 + b"}x", "application/json"),
    ],
)
@pytest.mark.parametrize("status", [200, 404, 502])
def test_what_is_no_json_object(body: bytes, kind: str, status: int) -> None:
    error = error_of(status, body, {"content-type": kind})
    assert error.http_status == status
    assert f"HTTP {status}" in str(error)
    assert CANARY not in json.dumps(error.details())
    assert len(str(error)) < 200
    assert error.unreadable == (status == 200)
    assert not is_absent(error, "cluster")


@pytest.mark.parametrize("status", [300, 302, 304, 400, 403, 404, 429, 500, 503])
def test_no_other_status_is_good(status: int) -> None:
    assert error_of(status, {"clusterId": "ray-1"}).http_status == status


def test_a_denial_names_the_action() -> None:
    detail = {"AuthAction": "emr-serverless-spark:StopRayCluster", "NoPermissionType": "ImplicitDeny"}
    error = error_of(
        403, {"Code": "NoPermission", "Message": "m", "AccessDeniedDetail": detail}, operation="StopRayCluster"
    )
    assert "emr-serverless-spark:StopRayCluster" in str(error.hint)
    error = error_of(403, {"code": "X", "accessDeniedDetail": {"authAction": "a:B"}})
    assert "a:B" in str(error.hint)
    for code in ("Forbidden", "Forbidden.RAM", "NoPermission", "ActionUnauthorized"):
        error = error_of(403, {"Code": code}, operation="CreateRayCluster")
        assert "emr-serverless-spark:CreateRayCluster" in str(error.hint)
    for odd in (None, "text", [], {}, {"AuthAction": None}):
        error = error_of(403, {"Code": "NoPermission", "AccessDeniedDetail": odd}, operation="CreateRayCluster")
        assert "emr-serverless-spark:CreateRayCluster" in str(error.hint)


def test_the_echo_of_a_signature_is_dropped() -> None:
    echo = f"Specified signature does not match. server string to sign is: POST {CANARY}"
    for status in (400, 403):
        error = error_of(status, {"Code": "SignatureDoesNotMatch", "Message": echo, "Recommend": CANARY})
        assert CANARY not in json.dumps(error.details())
        assert "access_key_secret" in str(error.hint)


@pytest.mark.parametrize(
    ("code", "word"),
    [
        ("InvalidAccessKeyId.NotFound", "access_key_id"),
        ("InvalidAccessKeyId.Inactive", "access_key_id"),
        ("InvalidTimeStamp.Expired", "clock"),
        ("InvalidSecurityToken.Expired", "temporary credentials"),
        ("MissingSecurityToken", "security_token"),
        ("Throttling.User", "too many requests"),
        ("InvalidApi.NotFound", "endpoint"),
        ("OperationDenied", "state"),
        ("QuotaExceeded", "capacity"),
    ],
)
@pytest.mark.parametrize("status", [400, 403, 404])
def test_hints(code: str, word: str, status: int) -> None:
    """A status of 403 alone does not make a permission error of a code that says something else."""
    assert word in str(error_of(status, {"Code": code, "Message": "m"}).hint)


@pytest.mark.parametrize(
    ("status", "code", "word"),
    [
        (404, "Service.NotFound", "does not prove"),
        (500, "InstanceNotFound", "does not prove"),
        (400, "RayCluster.NotFound", "does not prove"),
        (403, "NoPermission.ResourceNotFound", "RAM action"),
        (403, "Anything", "RAM action"),
        (404, "RayCluster.NotFound", "None"),
        (404, "RayJob.NotFound", "None"),
        (404, None, "workspace_id"),
    ],
)
def test_hints_of_codes_that_say_that_something_is_not_found(status: int, code: str | None, word: str) -> None:
    assert word in str(error_of(status, {"Code": code, "Message": "m"}).hint)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"x-acs-retry-after": "1500"}, 1.5),
        ({"x-acs-retry-after": " 1500 "}, 1.5),
        ({"x-acs-retry-after": "999999999"}, 60.0),
        ({"x-ratelimit-user-api": "Limit:10,TimeLeft:2500,Remain:0"}, 2.5),
        ({"x-ratelimit-user": "Limit:10, TimeLeft:2500"}, 2.5),
        ({"x-ratelimit-user-api": "timeleft:100", "x-ratelimit-user": "TimeLeft:9000"}, 0.1),
        ({"retry-after": "7"}, 7.0),
        ({"retry-after": "99999"}, 60.0),
        ({"x-acs-retry-after": "100", "retry-after": "7"}, 0.1),
        ({"x-acs-retry-after": "0", "retry-after": "7"}, 7.0),
        ({"x-acs-retry-after": "soon", "x-ratelimit-user": "TimeLeft:200"}, 0.2),
        ({"retry-after": "Sun, 22 Nov 2026 12:00:00 GMT"}, None),
        ({"x-acs-retry-after": "-5"}, None),
        ({"x-acs-retry-after": "1.5"}, None),
        ({"x-acs-retry-after": "٣"}, None),
        ({"x-acs-retry-after": "²"}, None),
        ({"x-ratelimit-user": "TimeLeft"}, None),
        ({"x-ratelimit-user": ":,:,TimeLeft:x"}, None),
        ({}, None),
    ],
)
def test_what_a_server_asks_to_wait(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after_seconds(headers) == seconds
    assert error_of(503, {"Code": "X"}, headers).retry_after == seconds


HINT_HEADERS = ["x-acs-retry-after", "x-ratelimit-user-api", "x-ratelimit-user", "retry-after"]


@pytest.mark.parametrize("header", HINT_HEADERS)
def test_a_number_without_end_is_no_crash(header: str) -> None:
    text = "9" * 10_000
    asked = retry_after_seconds({header: f"TimeLeft:{text}" if "ratelimit" in header else text})
    assert asked in (None, 60.0)


@given(st.dictionaries(st.sampled_from(HINT_HEADERS), st.text(st.sampled_from("0159-+.:, eTimLftinfa²"), max_size=15)))
def test_any_header_is_understood_or_ignored(headers: dict[str, str]) -> None:
    asked = retry_after_seconds(headers)
    assert asked is None or 0 < asked <= 60


@given(st.text(max_size=40) | st.text(st.sampled_from("Sun, 2Nov6:GMT+-019"), max_size=40))
def test_any_date_is_understood_or_ignored(text: str) -> None:
    moment = parse_http_date(text)
    assert moment is None or isinstance(moment, float)


def test_a_date_of_the_server() -> None:
    assert parse_http_date("Sun, 22 Nov 2026 12:00:00 GMT") == 1795348800.0
    assert parse_http_date(None) is None


@pytest.mark.parametrize(
    ("code", "absent"),
    [
        ("RayCluster.NotFound", True), ("ClusterNotFound", True), ("InvalidClusterId.NotFound", True),
        ("ClusterNotExists", True), ("Ray.Cluster.NotExist", True), ("EntityNotExist.RayCluster", True),
        ("RayCluster.Not.Found", True), ("EmrServerlessSpark.RayClusterDoesNotExist", True),
        ("ResourceNotFound", False), ("EntityNotExist", False), ("NotFound", False), ("Service.NotFound", False),
        ("InstanceNotFound", False), ("UpstreamNotFound", False), ("ClusterService.NotFound", False),
        ("RayCluster.QueueNotFound", False), ("RayCluster.JobNotFound", False), ("NoPermission.ClusterNotFound", False),
        ("InvalidAccessKeyId.NotFound", False), ("InvalidApi.NotFound", False), ("WorkspaceNotFound", False),
        ("InvalidWorkspaceId.NotFound", False), ("EntityNotExist.Role", False), ("UserNotExist", False),
        ("InvalidAction.NotFound", False), ("InvalidRegionId.NotFound", False),
        ("InvalidSecurityToken.NotFound", False), ("RayCluster.InvalidState", False),
        ("InvalidVersion.NotFound", False), ("InvalidParameter", False), ("Forbidden", False), ("", False),
        (None, False),
    ],
)  # fmt: skip
@pytest.mark.parametrize("status", [400, 403, 404, 410, 500, 503])
def test_absent_only_when_status_and_code_prove_it(code: str | None, absent: bool, status: int) -> None:
    error = error_of(status, {"Code": code, "Message": "the cluster is not found"})
    assert is_absent(error, "cluster") is (absent and status == 404)
    assert not is_absent(error, "job")
    assert may_mean_absent(error) or not absent


@pytest.mark.parametrize(
    ("code", "absent"),
    [
        ("RayJob.NotFound", True), ("JobNotExist", True), ("RayCluster.NotFound", False),
        ("RayJob.ClusterNotFound", False), ("NotFound", False), ("RayLog.NotFound", False),
    ],
)  # fmt: skip
def test_an_absent_job_is_named_too(code: str, absent: bool) -> None:
    assert is_absent(error_of(404, {"Code": code}), "job") is absent
    assert not is_absent(error_of(400, {"Code": code}), "job")


@pytest.mark.parametrize(
    ("status", "code", "headers", "throttled"),
    [
        (400, "Throttling", {}, True), (503, "Throttling.User", {}, True), (400, "Rejected.Throttling", {}, True),
        (429, None, {}, True), (400, "Any", {"x-acs-retry-after": "100"}, True),
        (400, "Any", {"retry-after": "1"}, False),
        (500, "Any", {"x-acs-retry-after": "100"}, False), (503, "ServiceUnavailable", {}, False),
        (408, "Any", {"x-acs-retry-after": "100"}, False), (409, "Any", {"x-acs-retry-after": "100"}, False),
        (302, "Any", {"x-acs-retry-after": "100"}, False), (400, "Any", {}, False),
    ],
)  # fmt: skip
def test_throttling(status: int, code: str | None, headers: dict[str, str], throttled: bool) -> None:
    assert is_throttled(error_of(status, {"Code": code}, headers)) is throttled


@given(st.binary(max_size=60), st.sampled_from([200, 204, 400, 502]))
def test_any_bytes_are_an_answer_or_an_error(body: bytes, status: int) -> None:
    try:
        assert isinstance(read_response("GetRayCluster", Response(status, {}, body)), dict)
    except ApiError as error:
        assert error.http_status == status  # noqa: PT017
