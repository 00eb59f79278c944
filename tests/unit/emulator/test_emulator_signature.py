# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The verifier agrees with the published example and with the official SDK, and refuses everything else."""

from __future__ import annotations

import hashlib
import time
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote, quote_plus

import pytest
from alibabacloud_tea_openapi.utils import Utils  # type: ignore[import-untyped]
from hypothesis import given
from hypothesis import strategies as st

from tests.emulator import Account, ApiError
from tests.emulator.signature import Signed, Verifier, canonical_request, signature_of

EMPTY = hashlib.sha256(b"").hexdigest()
TEXT = st.text(st.characters(codec="utf-8"), max_size=20)
# The SDK does not encode the names of query parameters; the service's are plain words.
NAMES = st.from_regex(r"[A-Za-z][A-Za-z0-9_.~-]{0,9}", fullmatch=True)


def test_published_example() -> None:
    headers = {
        "host": "ecs.cn-shanghai.aliyuncs.com",
        "x-acs-action": "RunInstances",
        "x-acs-version": "2014-05-26",
        "x-acs-date": "2023-10-26T10:22:32Z",
        "x-acs-signature-nonce": "3156853299f313e23d1673dc12e1703d",
        "x-acs-content-sha256": EMPTY,
    }
    query = "ImageId=win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd&RegionId=cn-shanghai"
    canonical = canonical_request(Signed("POST", "/", query, headers), sorted(headers))
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    assert digest == "7ea06492da5221eba5297e897ce16e55f964061054b7695beedaac1145b1e259"
    signature = signature_of(canonical, "YourAccessKeySecret")
    assert signature == "06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0"


@given(
    query=st.dictionaries(NAMES, TEXT, max_size=4),
    segment=TEXT,
    body=st.binary(max_size=50),
    secret=st.text(st.characters(codec="utf-8"), min_size=1, max_size=30),
    plus=st.booleans(),
)
def test_agrees_with_the_official_sdk(
    query: dict[str, str], segment: str, body: bytes, secret: str, plus: bool
) -> None:
    payload = hashlib.sha256(body).hexdigest()
    headers = {
        "host": "h:1",
        "x-acs-action": "A",
        "x-acs-version": "2023-08-08",
        "x-acs-date": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "x-acs-signature-nonce": "n",
        "x-acs-content-sha256": payload,
    }
    path = "/a/" + quote(segment, safe="-_.~")
    request = SimpleNamespace(method="POST", pathname=path, query=query, headers=headers)
    authorization = Utils.get_authorization(request, "ACS3-HMAC-SHA256", payload, "id", secret)
    encode = quote_plus if plus else quote
    raw_query = "&".join(f"{encode(key, safe='')}={encode(value, safe='')}" for key, value in query.items())
    signed = Signed("POST", path, raw_query, {**headers, "authorization": authorization}, body)
    verifier = Verifier([Account("id", secret)], time.time)
    assert verifier.verify(signed, "A").access_key_id == "id"
    altered = Signed("POST", path + "x", raw_query, signed.headers, body)
    with pytest.raises(ApiError) as caught:
        Verifier([Account("id", secret)], time.time).verify(altered, "A")
    assert caught.value.code == "SignatureDoesNotMatch"


def refuse(client: Any, status: int, code: str, **options: Any) -> dict[str, Any]:
    response = client.call("ListRayCluster", **options)
    answer = dict(response.json())
    assert (response.status_code, answer["Code"]) == (status, code), answer
    assert response.headers["x-acs-request-id"] == answer["RequestId"]
    assert client.emulator.journal[-1].signed_ok is False
    return answer


def test_unknown_key_is_a_404_in_the_gateway_s_shape(client: Any) -> None:
    answer = refuse(client, 404, "InvalidAccessKeyId.NotFound", key=("nobody", "x"))
    assert set(answer) == {"RequestId", "HostId", "Code", "Message", "Recommend"}
    assert answer["HostId"] == client.emulator.endpoint


def test_wrong_secret_echoes_the_canonical_request(client: Any) -> None:
    key = (client.emulator.access_key_id, "wrong")
    answer = refuse(client, 400, "SignatureDoesNotMatch", key=key)
    assert "x-acs-action:ListRayCluster" in answer["Message"]


@pytest.mark.parametrize(
    ("code", "options"),
    [
        ("IncompleteSignature", {"tamper": {"authorization": None}}),
        ("IncompleteSignature", {"tamper": {"authorization": "ACS3-HMAC-SHA256 Credential=a"}}),
        ("InvalidSignatureMethod", {"tamper": {"authorization": "acs a:b"}}),
        ("IncompleteSignature", {"tamper": {"x-acs-extra": "not signed"}}),
        ("MissingParameter", {"headers": {"x-acs-signature-nonce": None}}),
        ("MissingParameter", {"headers": {"x-acs-content-sha256": None}}),
        ("InvalidTimeStamp.Format", {"headers": {"x-acs-date": "yesterday"}}),
        ("InvalidTimeStamp.Format", {"headers": {"x-acs-date": "2026-13-01T00:00:00Z"}}),
        ("InvalidTimeStamp.Expired", {"headers": {"x-acs-date": "2020-01-01T00:00:00Z"}}),
        ("InvalidParameter", {"headers": {"x-acs-content-sha256": "0" * 64}}),
        ("InvalidParameter", {"headers": {"x-acs-accesskey-id": "other"}}),
        ("InvalidSecurityToken.MismatchWithAccessKey", {"headers": {"x-acs-security-token": "not mine"}}),
        ("SignatureDoesNotMatch", {"tamper": {"x-acs-signature-nonce": "changed"}}),
        ("InvalidVersion", {"headers": {"x-acs-version": "2020-01-01"}}),
    ],
)
def test_refusals(client: Any, code: str, options: dict[str, Any]) -> None:
    refuse(client, 400, code, **options)


def test_unsigned_content_type_and_host_are_refused(client: Any, body: Any) -> None:
    unsigned = {"headers": {"content-type": None}, "tamper": {"content-type": "application/json"}}
    response = client.call("CreateRayCluster", body=body(), **unsigned)
    assert response.json()["Code"] == "IncompleteSignature"
    response = client.call("ListRayCluster", headers={"host": None}, tamper={"host": client.emulator.endpoint})
    assert response.json()["Code"] == "IncompleteSignature"


def test_action_must_be_the_operation_of_the_path(client: Any) -> None:
    refuse(client, 403, "InvalidAction", headers={"x-acs-action": "GetRayCluster"})


def test_nonce_is_good_for_one_request(client: Any) -> None:
    headers = {"x-acs-signature-nonce": "the same"}
    assert client.call("ListRayCluster", headers=headers).status_code == 200
    refuse(client, 400, "SignatureNonceUsed", headers=headers)


def test_temporary_key_needs_its_token(client: Any) -> None:
    key = ("emulator-sts-key", "emulator-sts-secret")
    good = {"x-acs-security-token": "emulator-sts-token", "x-acs-accesskey-id": key[0]}
    assert client.call("ListRayCluster", key=key, headers=good).status_code == 200
    refuse(client, 400, "MissingSecurityToken", key=key)
    account = client.emulator.core.verifier.accounts[key[0]]
    account.expired = True
    try:
        refuse(client, 400, "InvalidSecurityToken.Expired", key=key, headers=good)
    finally:
        account.expired = False


def test_denied_operation_names_the_missing_action(client: Any) -> None:
    client.emulator.deny("ListRayCluster", code="Forbidden.RAM")
    response = client.call("ListRayCluster")
    assert response.status_code == 403
    assert response.json()["Code"] == "Forbidden.RAM"
    detail = response.json()["AccessDeniedDetail"]
    assert detail["AuthAction"] == "emr-serverless-spark:ListRayCluster"
    assert client.call("GetRayCluster", "ray-x").status_code == 404


def test_errors_are_xml_for_a_client_that_does_not_ask_for_json(client: Any) -> None:
    response = client.call("ListRayCluster", key=("nobody", "x"), headers={"accept": "*/*"})
    assert response.headers["content-type"].startswith("text/xml")
    assert "<Code>InvalidAccessKeyId.NotFound</Code>" in response.text


def test_body_must_come_as_json(client: Any, body: Any) -> None:
    response = client.call("CreateRayCluster", body=body(), headers={"content-type": "text/plain"})
    assert (response.status_code, response.json()["Code"]) == (415, "UnsupportedContentType")
    response = client.call("CreateRayCluster", content=b"{not json")
    assert (response.status_code, response.json()["Code"]) == (400, "InvalidParameter.Format")
