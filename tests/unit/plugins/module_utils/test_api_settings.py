# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the service is: endpoints, regions, ids, and the environment in its order."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.rayops.alicloud.plugins.module_utils._api.settings import (
    is_valid_id,
    parse_endpoint,
    resolve_settings,
)
from ansible_collections.rayops.alicloud.plugins.module_utils._api.signing import encode_path
from ansible_collections.rayops.alicloud.plugins.module_utils._errors import ParameterError

GOOD = {"workspace_id": "w-1", "region": "cn-hangzhou"}


@pytest.mark.parametrize(
    ("endpoint", "expected"),
    [
        ("emr.example.com", ("https", "emr.example.com", False)),
        ("https://emr.example.com", ("https", "emr.example.com", False)),
        ("https://emr.example.com/", ("https", "emr.example.com", False)),
        ("HTTPS://EMR.Example.com", ("https", "emr.example.com", False)),
        ("emr.example.com:8443", ("https", "emr.example.com:8443", False)),
        ("https://emr.example.com:443", ("https", "emr.example.com", False)),
        ("10.0.0.1:8443", ("https", "10.0.0.1:8443", False)),
        ("127.0.0.1:41517", ("http", "127.0.0.1:41517", True)),
        ("http://127.0.0.1:80", ("http", "127.0.0.1", True)),
        ("https://127.0.0.1:41517", ("https", "127.0.0.1:41517", True)),
        ("127.8.9.10", ("http", "127.8.9.10", True)),
        ("localhost:80", ("http", "localhost", True)),
        ("http://LOCALHOST:8000", ("http", "localhost:8000", True)),
        ("[::1]:8000", ("http", "[::1]:8000", True)),
        ("http://[::1]", ("http", "[::1]", True)),
        ("::1", ("http", "[::1]", True)),
        ("https://[2001:db8::1]:8443", ("https", "[2001:db8::1]:8443", False)),
    ],
)
def test_endpoints(endpoint: str, expected: tuple[str, str, bool]) -> None:
    assert parse_endpoint(endpoint) == expected


@pytest.mark.parametrize(
    "endpoint",
    [
        "http://emr.example.com", "http://10.0.0.1", "http://127.0.0.1.example.com", "http://localhost.example.com",
        "http://[2001:db8::1]", "http://0.0.0.0", "http://128.0.0.1", "http://2130706433", "http://localhost@evil.com",
        "http://evil.com#@localhost", "http://127.0.0.1\\@evil.com", "ftp://emr.example.com", "file:///etc/passwd",
        "unix:///x", "javascript:alert(1)", "https://user@host", "https://user:password@host", "https://host/path",
        "https://host?x=1", "https://host/#frag", "host:port", "host:99999", "host:-1", "https://", "", " ", "ho st",
        "host_name/..", "[::1", "::1]:80", "-host", "host-", "ho%73t", "höst", "host\r\nX-Injected: 1",
        "a" * 5000 + "/x",
    ],
)  # fmt: skip
def test_bad_endpoints(endpoint: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        parse_endpoint(endpoint)


@given(st.text(st.sampled_from("abz09.-:/[]@#?%\\ \n\r\t1ü"), max_size=14))
def test_no_text_becomes_plain_http_beyond_this_machine(text: str) -> None:
    for endpoint in (text, f"http://{text}", f"https://{text}"):
        try:
            scheme, host, loopback = parse_endpoint(endpoint)
        except ValueError:
            continue
        parts = urlsplit(f"{scheme}://{host}/path")
        assert parts.path == "/path"
        assert scheme == "https" or loopback
        if loopback:
            assert parts.hostname in ("localhost", "::1") or str(parts.hostname).startswith("127.")


@pytest.mark.parametrize(
    ("params", "host"),
    [
        ({}, "emr-serverless-spark.cn-hangzhou.aliyuncs.com"),
        ({"network": "public"}, "emr-serverless-spark.cn-hangzhou.aliyuncs.com"),
        ({"network": "vpc"}, "emr-serverless-spark-vpc.cn-hangzhou.aliyuncs.com"),
        ({"region": "us-east-1"}, "emr-serverless-spark.us-east-1.aliyuncs.com"),
        ({"endpoint": "my.host:1"}, "my.host:1"),
        ({"endpoint": "my.host", "network": "vpc"}, "my.host"),
    ],
)
def test_hosts(params: dict[str, Any], host: str) -> None:
    settings = resolve_settings({**GOOD, **params}, {})
    assert (settings.scheme, settings.host) == ("https", host)


def test_the_environment_in_its_order() -> None:
    names = ["ALIBABA_CLOUD_REGION_ID", "ALIBABA_CLOUD_REGION", "ALICLOUD_REGION_ID", "ALICLOUD_REGION"]
    for position, name in enumerate(names):
        environ = {later: f"region-{number}" for number, later in enumerate(names) if number >= position}
        assert resolve_settings({"workspace_id": "w"}, environ).host.split(".")[1] == f"region-{position}", name
    environ = {
        "ALIBABA_CLOUD_EMR_SERVERLESS_SPARK_WORKSPACE_ID": "w-env",
        "ALIBABA_CLOUD_EMR_SERVERLESS_SPARK_ENDPOINT": "env.host",
        "ALIBABA_CLOUD_REGION_ID": "cn-env",
    }
    settings = resolve_settings({}, environ)
    assert (settings.workspace_id, settings.host) == ("w-env", "env.host")
    settings = resolve_settings({"workspace_id": "w-opt", "endpoint": "opt.host"}, environ)
    assert (settings.workspace_id, settings.host) == ("w-opt", "opt.host")


def test_all_that_is_wrong_is_said_at_once() -> None:
    with pytest.raises(ParameterError) as caught:
        resolve_settings({"workspace_id": "../x", "endpoint": "http://h", "timeout": 0.0, "retries": -1}, {})
    assert [problem.split(":")[0] for problem in caught.value.problems] == [
        "workspace_id", "endpoint", "timeout", "retries"
    ]  # fmt: skip
    with pytest.raises(ParameterError) as caught:
        resolve_settings({}, {})
    assert "workspace_id is required" in caught.value.problems[0]
    assert "region or endpoint is required" in caught.value.problems[1]


@pytest.mark.parametrize("timeout", [0.0, -1.0, float("nan"), float("inf"), float("-inf"), 1e300])
def test_bad_timeouts(timeout: float) -> None:
    with pytest.raises(ParameterError, match="timeout: "):
        resolve_settings({**GOOD, "timeout": timeout}, {})


@pytest.mark.parametrize("region", ["cn hangzhou", "cn/../x", "cn.evil.com/", "CN", "cn\n", "cn@x", "cn_x", "ü"])
def test_bad_regions(region: str) -> None:
    with pytest.raises(ParameterError, match="region: "):
        resolve_settings({**GOOD, "region": region}, {})


def test_what_settings_carry() -> None:
    settings = resolve_settings({**GOOD, "timeout": 0.5, "retries": 0, "ca_path": "/ca", "validate_certs": False}, {})
    assert (settings.timeout, settings.retries, settings.ca_path, settings.validate_certs) == (0.5, 0, "/ca", False)
    assert resolve_settings(GOOD, {}).validate_certs is True


@pytest.mark.parametrize("text", ["ray-k7nm8ahl5te4tg91", "w-d2d82aa09155", "a", "A_b~c.d-9", "..a", "a..", "x" * 256])
def test_ids(text: str) -> None:
    assert is_valid_id(text)


@pytest.mark.parametrize(
    "text",
    ["", ".", "..", "...", "../x", "a/b", "/", "a\\b", "%2F", "a%2e", "a\n", "\na", "a\r", "a b", " ", "a?b", "a#b",
     "a;b", "a:b", "a@b", "ä", "a\0", "a+b", "x" * 257, "\u202e", "\uff11"],
)  # fmt: skip
def test_what_is_no_id(text: str) -> None:
    assert not is_valid_id(text)
    with pytest.raises(ParameterError, match="workspace_id"):
        resolve_settings({**GOOD, "workspace_id": text}, {})


@given(st.text(max_size=12))
def test_an_id_is_its_own_path_segment(text: str) -> None:
    if is_valid_id(text):
        assert encode_path([text]) == f"/{text}"
        assert text.strip(".")
