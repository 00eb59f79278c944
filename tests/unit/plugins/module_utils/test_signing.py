# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Signatures: the published and the recomputed vectors, and the official SDK's own function."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qsl, unquote

import pytest
from alibabacloud_tea_openapi.utils import Utils  # type: ignore[import-untyped]
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.rayops.alicloud.plugins.module_utils._api.signing import (
    build_authorization,
    build_canonical_request,
    encode_path,
    encode_query,
    percent_encode,
    sha256_hex,
)

VECTORS = json.loads((Path(__file__).parents[2] / "data" / "signature-vectors.json").read_text())["vectors"]

# Everything that is spelled differently in one of the encodings that are in use, and text beyond ASCII.
awkward = st.text(st.sampled_from("aZ09-_.~ +*'()!/%?&=#:@,;\"\\äß测试🚀\u0301"), max_size=12) | st.text(
    st.characters(exclude_categories=("Cs",)), max_size=8
)
printable = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=20)


@pytest.mark.parametrize("vector", VECTORS, ids=[vector["name"] for vector in VECTORS])
def test_every_vector(vector: dict[str, Any]) -> None:
    query = encode_query(vector["query"])
    headers = vector["headers"]

    assert sha256_hex(vector["body"].encode()) == headers["x-acs-content-sha256"]
    canonical = build_canonical_request(vector["method"], vector["path"], query, headers)
    assert hashlib.sha256(canonical.encode()).hexdigest() == vector["canonical_sha256"]
    value = build_authorization(
        vector["method"], vector["path"], query, headers, "YourAccessKeyId", "YourAccessKeySecret"
    )
    names = ";".join(sorted(headers))
    assert value == (
        f"ACS3-HMAC-SHA256 Credential=YourAccessKeyId,SignedHeaders={names},Signature={vector['signature']}"
    )


def test_the_published_vector_is_among_them() -> None:
    assert "06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0" in {v["signature"] for v in VECTORS}
    assert len(VECTORS) >= 6


@settings(max_examples=150)
@given(
    method=st.sampled_from(["GET", "POST", "DELETE"]),
    segments=st.lists(awkward, max_size=4),
    # The SDK does not encode the names of parameters, which are fixed words of the API.
    query=st.dictionaries(st.from_regex(r"[A-Za-z][A-Za-z0-9_.-]{0,8}", fullmatch=True), awkward, max_size=4),
    body=st.binary(max_size=40) | awkward.map(str.encode),
    extra=st.dictionaries(st.from_regex(r"x-acs-[a-z]{1,8}", fullmatch=True), printable, max_size=3),
    key=st.tuples(printable, awkward.filter(bool)),
)
def test_the_official_sdk_signs_alike(
    method: str,
    segments: list[str],
    query: dict[str, str],
    body: bytes,
    extra: dict[str, str],
    key: tuple[str, str],
) -> None:
    path = encode_path(segments)
    headers = {**extra, "host": "127.0.0.1:41517", "x-acs-content-sha256": hashlib.sha256(body).hexdigest()}
    request = SimpleNamespace(method=method, pathname=path, query=query, headers=headers)

    theirs = Utils.get_authorization(request, "ACS3-HMAC-SHA256", hashlib.sha256(body).hexdigest(), *key)

    assert build_authorization(method, path, encode_query(query), headers, *key) == theirs


@given(awkward)
def test_encoding_can_be_undone_and_keeps_only_the_unreserved(text: str) -> None:
    encoded = percent_encode(text)
    assert unquote(encoded) == text
    assert set(encoded) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~%")


@pytest.mark.parametrize(
    ("text", "encoded"),
    [(" ", "%20"), ("+", "%2B"), ("*", "%2A"), ("~", "~"), ("/", "%2F"), ("%", "%25"), ("'()!", "%27%28%29%21"),
     ("ä", "%C3%A4"), (100, "100")],
)  # fmt: skip
def test_encoding_by_hand(text: object, encoded: str) -> None:
    assert percent_encode(text) == encoded


@given(st.lists(awkward, min_size=1, max_size=4))
def test_a_segment_cannot_leave_its_place(segments: list[str]) -> None:
    path = encode_path(segments)
    assert [unquote(part) for part in path.split("/")[1:]] == segments
    assert not {"?", "#", "\n", "\r", " "} & set(path)


@given(st.dictionaries(awkward, awkward, max_size=5))
def test_a_query_is_sorted_and_can_be_read_back(query: dict[str, str]) -> None:
    encoded = encode_query(query)
    pairs = [part.split("=") for part in encoded.split("&")] if encoded else []
    assert pairs == sorted(pairs)
    assert dict(parse_qsl(encoded, keep_blank_values=True)) == {k: v for k, v in query.items() if k or v} | (
        {"": ""} if query.get("") == "" and encoded else {}
    )


def test_an_empty_value_keeps_its_equals_sign_and_an_empty_path_is_the_root() -> None:
    assert encode_query({"marker": "", "a": 1}) == "a=1&marker="
    assert build_canonical_request("GET", "", "", {"x-acs-content-sha256": "0"}).split("\n")[1] == "/"


def test_values_of_headers_are_trimmed_and_names_sorted() -> None:
    text = build_canonical_request("GET", "/", "", {"x-b": " 2 ", "host": "h", "x-acs-content-sha256": "0"})
    assert text == "GET\n/\n\nhost:h\nx-acs-content-sha256:0\nx-b:2\n\nhost;x-acs-content-sha256;x-b\n0"
