# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Secrets: out of results and texts in every spelling, out of addresses in every place."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote, quote_plus, urlsplit

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from ansible_collections.rayops.alicloud.plugins.module_utils._redaction import (
    REDACTED,
    SecretRedactor,
    extract_tokens,
    is_mask,
    strip_tokens,
)

AWKWARD = 'p"w\\ä/ +&=%測'

secret_texts = st.text(st.sampled_from('abcXYZ0189"\\/ +&=%äß測~-_'), min_size=4, max_size=12).filter(
    lambda text: not is_mask(text)
)


def test_nested_results() -> None:
    secrets = SecretRedactor(["Canary1", None, "", "Canary2"])
    shown: Any = {"a": ["x Canary1 y", {"b": ("Canary2", 1, None, True)}], "c": 2.5, "Canary": "Canary11"}
    assert secrets.redact(shown) == {
        "a": [f"x {REDACTED} y", {"b": [REDACTED, 1, None, True]}], "c": 2.5, "Canary": f"{REDACTED}1"
    }  # fmt: skip
    assert shown["a"][0] == "x Canary1 y", "what was given stays as it is"


@given(secret_texts)
def test_every_spelling(secret: str) -> None:
    secrets = SecretRedactor([secret])
    inside_json = [json.dumps(secret, ensure_ascii=ascii_only)[1:-1] for ascii_only in (True, False)]
    spellings = [secret, *inside_json, quote(secret), quote_plus(secret), quote(secret, safe="")]
    for spelling in spellings:
        assert secrets.redact(f"<{spelling}>") == f"<{REDACTED}>"
    assert secret not in json.dumps(secrets.redact({"x": [secret, {"y": f"a{secret}b"}]}), ensure_ascii=False)


@given(secret_texts, secret_texts)
def test_one_secret_inside_another(one: str, other: str) -> None:
    assume(other not in REDACTED)
    assume(one not in REDACTED)
    secrets = SecretRedactor([one, one + other])
    assert secrets.redact(f"<{one}{other}>") == f"<{REDACTED}>"


def test_what_is_no_secret_is_not_hidden() -> None:
    secrets = SecretRedactor(["abc", "********", "••••", None, ""])
    assert secrets.redact("abc ******** •••• x") == "abc ******** •••• x"


def test_bytes_that_are_no_text() -> None:
    assert SecretRedactor(["Canary\udcff"]).redact("<Canary\udcff>") == f"<{REDACTED}>"


def test_secrets_that_come_later() -> None:
    secrets = SecretRedactor()
    assert secrets.redact("Canary") == "Canary"
    secrets.add("Canary", None)
    assert secrets.redact("Canary") == REDACTED


@pytest.mark.parametrize(
    ("value", "mask"),
    [
        ("***", True),
        ("c****y", True),
        ("<hidden>", True),
        ("[REDACTED]", True),
        ("(masked)", True),
        ("{ secret }", True),
        ("xxxxxxxx", True),
        ("XXX", True),
        ("axxxb", True),
        ("###", True),
        ("p######d", True),
        ("VALUE_SPECIFIED_IN_NO_LOG_PARAMETER", True),
        ("*", False),
        ("axx", False),
        ("longer-text-with-xxx-inside-it", False),
        ("hidden", False),
        ("••••••", True),
        ("*•*", True),
        ("", False),
        (None, False),
        ("a**", False),
        ("**1", False),
    ],
)
def test_masks(value: str | None, mask: bool) -> None:
    assert is_mask(value) is mask


@pytest.mark.parametrize(
    ("url", "bare", "tokens"),
    [
        ("https://h/d?token=T", "https://h/d", ["T"]),
        ("https://h/d?token=T&a=1", "https://h/d?a=1", ["T"]),
        ("https://h/d?a=1&token=T", "https://h/d?a=1", ["T"]),
        ("https://h/d?a=1&token=T&b=2", "https://h/d?a=1&b=2", ["T"]),
        ("https://h/d?token=T&token=U", "https://h/d", ["T", "U"]),
        ("https://h/d?ray-token=T", "https://h/d", ["T"]),
        ("https://h/d?accessToken=T&x", "https://h/d?x", ["T"]),
        ("https://h/d?TOKEN=T", "https://h/d", ["T"]),
        ("https://h/d?token_type=T", "https://h/d", ["T"]),
        ("https://h/d?token=", "https://h/d", [""]),
        ("https://h/d?token=T#top", "https://h/d#top", ["T"]),
        ("https://h/d#token=T", "https://h/d", ["T"]),
        ("https://h/d#/jobs?token=T", "https://h/d#/jobs", ["T"]),
        ("https://h/d#/jobs?a=1&token=T", "https://h/d#/jobs?a=1", ["T"]),
        ("https://h/d?token=a%2Bb%3D", "https://h/d", ["a%2Bb%3D"]),
        ("https://h/d?token=a=b", "https://h/d", ["a=b"]),
        ("https://h/token/d?a=1", "https://h/token/d?a=1", []),
        ("https://h/d?a=token", "https://h/d?a=token", []),
        ("https://h/d", "https://h/d", []),
        ("", "", []),
    ],
)
def test_tokens_in_addresses(url: str, bare: str, tokens: list[str]) -> None:
    assert strip_tokens(url) == bare
    assert extract_tokens(url) == tokens


parameters = st.tuples(st.sampled_from(["a", "token", "submit_Token", "x"]), st.text("Tt0%=", max_size=4))


@given(st.lists(parameters, max_size=5), st.sampled_from(["", "#top", "#/jobs?a=1&token=deep"]))
def test_an_address_without_tokens_has_none(pairs: list[tuple[str, str]], tail: str) -> None:
    url = "https://h/d?" + "&".join(f"{name}={value}" for name, value in pairs) + tail
    bare = strip_tokens(url)
    assert "token" not in bare.lower().replace("https://h/d", "")
    assert extract_tokens(bare) == []
    assert strip_tokens(bare) == bare
    assert urlsplit(bare).netloc == "h"
    kept = [f"{name}={value}" for name, value in pairs if "token" not in name.lower()]
    assert urlsplit(bare).query == "&".join(kept)
