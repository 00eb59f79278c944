# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""Choose the proxy of the environment for an address.

httpx refuses to start when NO_PROXY has an IPv6 network or an IPv6 address in brackets, as Kubernetes sets it.
"""

from __future__ import annotations

import contextlib
import ipaddress
import os
import typing as t
from urllib.parse import SplitResult, urlsplit
from urllib.request import getproxies


def find_proxy(url: str, proxies: t.Mapping[str, str] | None = None) -> str | None:
    """Return the address of the proxy for a URL, or None if it needs no proxy.

    ``proxies`` are those of the environment, by scheme, with ``no`` for NO_PROXY.
    """
    found = getproxies() if proxies is None else proxies
    parts = urlsplit(url)
    proxy = found.get(parts.scheme) or found.get("all")
    if not proxy:
        return None
    if any(_covers(entry.strip(), parts.hostname or "", _port_of(parts)) for entry in found.get("no", "").split(",")):
        return None
    return proxy if "://" in proxy else f"http://{proxy}"


def find_proxy_variable(url: str, proxy: str) -> str | None:
    """Return the environment variable that sets the proxy of a URL, or None if the system's settings set it."""
    scheme = urlsplit(url).scheme
    for key in (f"{scheme}_proxy", "all_proxy"):
        # A lowercase name takes precedence, as it does in urllib.
        for name in sorted((name for name in os.environ if name.lower() == key), reverse=True):
            if os.environ[name] in (proxy, proxy.removeprefix("http://")):
                return name
    return None


def find_bypass(url: str) -> str | None:
    """Return the variable and the entry of NO_PROXY that exclude a URL from its proxy, or None without a proxy."""
    proxies = getproxies()
    excluded = proxies.pop("no", "")
    parts = urlsplit(url)
    host, port = parts.hostname or "", _port_of(parts)
    if not find_proxy(url, proxies) or host == "localhost" or host.startswith("127.") or host == "::1":
        return None
    entry = next((entry.strip() for entry in excluded.split(",") if _covers(entry.strip(), host, port)), None)
    name = next((name for name in ("no_proxy", "NO_PROXY") if os.environ.get(name) == excluded), "NO_PROXY")
    return None if entry is None else f"{entry!r} in {name}"


def _port_of(parts: SplitResult) -> int:
    return parts.port or (443 if parts.scheme == "https" else 80)


def _covers(entry: str, host: str, port: int) -> bool:
    """Return whether an entry of NO_PROXY matches a host; an invalid entry matches no host."""
    if entry in ("", "*"):
        return entry == "*"
    name = entry.partition("://")[2] or entry
    with contextlib.suppress(ValueError):
        # Also a single address, with or without brackets.
        return ipaddress.ip_address(host) in ipaddress.ip_network(name.strip("[]"), strict=False)
    name, own_port = _split_port(name)
    if own_port is not None and own_port != port:
        return False
    with contextlib.suppress(ValueError):
        return ipaddress.ip_address(host) == ipaddress.ip_address(name.strip("[]"))
    name, host = name.lower().removeprefix("*").lstrip(".").rstrip("."), host.lower().rstrip(".")
    return bool(name) and (host == name or host.endswith(f".{name}"))


def _split_port(entry: str) -> tuple[str, int | None]:
    name, colon, port = entry.rpartition(":")
    if colon and port.isascii() and port.isdigit() and (":" not in name or name.endswith("]")):
        return name, int(port)
    return entry, None
