# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The proxy of the environment, and every spelling of NO_PROXY that curl, Go, and Kubernetes know."""

from __future__ import annotations

import pytest

from ansible_collections.rayops.alicloud.plugins.module_utils._api.proxies import find_proxy
from ansible_collections.rayops.alicloud.plugins.module_utils._api.settings import Settings
from ansible_collections.rayops.alicloud.plugins.module_utils._api.transport import Transport
from ansible_collections.rayops.alicloud.plugins.module_utils._clock import SystemClock

PROXY = "http://proxy:3128"
HOST = "emr-serverless-spark.cn-hangzhou.aliyuncs.com"


@pytest.mark.parametrize(
    ("no_proxy", "address", "direct"),
    [
        ("", f"https://{HOST}", False),
        ("*", f"https://{HOST}", True),
        (HOST, f"https://{HOST}", True),
        (HOST.upper(), f"https://{HOST}", True),
        ("aliyuncs.com", f"https://{HOST}", True),
        (".aliyuncs.com", f"https://{HOST}", True),
        ("*.aliyuncs.com", f"https://{HOST}", True),
        ("yuncs.com", f"https://{HOST}", False),
        ("localhost, aliyuncs.com", f"https://{HOST}", True),
        (f"{HOST}:443", f"https://{HOST}", True),
        (f"{HOST}:8443", f"https://{HOST}", False),
        (f"{HOST}:8443", f"https://{HOST}:8443", True),
        (f"https://{HOST}", f"https://{HOST}", True),
        ("10.0.0.5", "https://10.0.0.5", True),
        ("10.0.0.0/8", "https://10.1.2.3:8443", True),
        ("10.0.0.0/8", "https://11.0.0.1", False),
        ("10.0.0.5:8443", "https://10.0.0.5:8443", True),
        ("10.0.0.5:8443", "https://10.0.0.5", False),
        ("fd00::/8", f"https://{HOST}", False),
        ("fd00::/8", "https://[fd00::1]:8443", True),
        ("fd00::/8", "https://[fe80::1]", False),
        ("[::1]", f"https://{HOST}", False),
        ("[fd00::1]", "https://[fd00::1]", True),
        ("fd00::1", "https://[fd00::1]", True),
        ("[fd00::1]:443", "https://[fd00::1]", True),
        ("[fd00::1]:444", "https://[fd00::1]", False),
        ("fd00::/8,[::1],10.0.0.0/8", f"https://{HOST}", False),
        ("::/nonsense,[", f"https://{HOST}", False),
        (f"::/nonsense,[,{HOST}", f"https://{HOST}", True),
    ],
)
def test_which_hosts_need_no_proxy(no_proxy: str, address: str, direct: bool) -> None:
    assert find_proxy(address, {"https": PROXY, "no": no_proxy}) == (None if direct else PROXY)


def test_which_proxy_is_taken() -> None:
    assert find_proxy("https://x", {}) is None
    assert find_proxy("https://x", {"http": PROXY}) is None
    assert find_proxy("https://x", {"all": PROXY}) == PROXY
    assert find_proxy("https://x", {"all": "http://other", "https": PROXY}) == PROXY
    assert find_proxy("https://x", {"https": "proxy:3128"}) == PROXY


@pytest.mark.parametrize("no_proxy", ["fd00::/8", "[::1]", "10.0.0.0/8,fd00::/8,[::1]:443,::1", "["])
def test_a_client_starts_whatever_no_proxy_says(monkeypatch: pytest.MonkeyPatch, no_proxy: str) -> None:
    for name in ("no_proxy", "NO_PROXY", "https_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("NO_PROXY", no_proxy)
    monkeypatch.setenv("HTTPS_PROXY", PROXY)
    Transport(Settings("https", HOST, "w-1", loopback=False), SystemClock()).close()
