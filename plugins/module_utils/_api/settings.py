# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""Read the connection settings: options first, then the environment. Pure."""

from __future__ import annotations

import ipaddress
import re
import typing as t
from urllib.parse import urlsplit

from .._errors import ParameterError, Problems
from .._payload import Params

# The environment variables that each option falls back to: the official SDK's names first, then those of older tools.
OPTION_VARIABLES: dict[str, tuple[str, ...]] = {
    "region": ("ALIBABA_CLOUD_REGION_ID", "ALIBABA_CLOUD_REGION", "ALICLOUD_REGION_ID", "ALICLOUD_REGION"),
    "endpoint": ("ALIBABA_CLOUD_EMR_SERVERLESS_SPARK_ENDPOINT",),
    "workspace_id": ("ALIBABA_CLOUD_EMR_SERVERLESS_SPARK_WORKSPACE_ID",),
}

# Sockets do not support arbitrarily large numbers.
MAX_TIMEOUT_SECONDS = 86_400.0

# An id becomes one segment of a path; these characters need no encoding and cannot leave the segment.
_ID_PATTERN = re.compile(r"[A-Za-z0-9_.~-]*[A-Za-z0-9_~-][A-Za-z0-9_.~-]*")
_HOST_LABEL = r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_HOST_PATTERN = re.compile(rf"(?=.{{1,253}}$){_HOST_LABEL}(\.{_HOST_LABEL})*|\[[0-9A-Fa-f:.]+\]")
_REGION_PATTERN = re.compile(r"[a-z0-9-]{1,40}")


class Settings(t.NamedTuple):
    """The connection to one workspace. ``host`` includes a port that is not the scheme's default; times are seconds."""

    scheme: str
    host: str
    workspace_id: str
    loopback: bool
    validate_certs: bool = True
    ca_path: str | None = None
    timeout: float = 30.0
    retries: int = 5

    @property
    def call_budget(self) -> float:
        """Return the seconds that a call may take with all its retries and pauses."""
        return self.timeout * (self.retries + 1)


def option_or_env(option: str, params: Params, environ: t.Mapping[str, str]) -> str | None:
    """Return an option, or else the first environment variable that it falls back to; None if neither is set."""
    if params.get(option):
        return str(params[option])
    return next((environ[name] for name in OPTION_VARIABLES[option] if environ.get(name)), None)


def is_valid_id(text: str) -> bool:
    """Return whether ``text`` is valid as a cluster or workspace id: one path segment with no special meaning."""
    return len(text) <= 256 and _ID_PATTERN.fullmatch(text) is not None


def resolve_settings(params: Params, environ: t.Mapping[str, str], needs_workspace: bool = True) -> Settings:
    """Return the settings of a task. Raises ParameterError that names every bad option.

    Requests outside a workspace need no ``workspace_id``: it is empty if none is given.
    """
    problems = Problems()
    workspace_id = option_or_env("workspace_id", params, environ) or ""
    if not workspace_id and needs_workspace:
        problems.append(f"workspace_id is required, as an option or in {OPTION_VARIABLES['workspace_id'][0]}")
    elif workspace_id and not is_valid_id(workspace_id):
        problems.append("workspace_id: is not an ID")
    scheme, host, loopback = "", "", False
    with problems:
        scheme, host, loopback = _resolve_address(params, environ)
    timeout, retries = params.get("timeout", 30.0), params.get("retries", 5)
    if not 0 < timeout <= MAX_TIMEOUT_SECONDS:
        problems.append("timeout: must be more than 0 seconds, and not more than a day")
    if retries < 0:
        problems.append("retries: must not be negative")
    problems.raise_any()
    return Settings(
        scheme=scheme,
        host=host,
        workspace_id=workspace_id,
        loopback=loopback,
        validate_certs=bool(params.get("validate_certs", True)),
        ca_path=params.get("ca_path"),
        timeout=float(timeout),
        retries=int(retries),
    )


def _resolve_address(params: Params, environ: t.Mapping[str, str]) -> tuple[str, str, bool]:
    endpoint, region = option_or_env("endpoint", params, environ), option_or_env("region", params, environ)
    if endpoint:
        try:
            return parse_endpoint(endpoint)
        except ValueError as error:
            raise ParameterError([f"endpoint: {error}"]) from None
    if not region:
        raise ParameterError([f"region or endpoint is required, as an option or in {OPTION_VARIABLES['region'][0]}"])
    if not _REGION_PATTERN.fullmatch(region):
        raise ParameterError(["region: is not a region ID, such as cn-hangzhou"])
    # The endpoint rule of the official SDK: one host per region, another one inside a VPC.
    product = "emr-serverless-spark-vpc" if params.get("network") == "vpc" else "emr-serverless-spark"
    return "https", f"{product}.{region}.aliyuncs.com", False


def parse_endpoint(endpoint: str) -> tuple[str, str, bool]:
    """Return the scheme, the host (with a port if it is not the scheme's default), and whether it is this machine.

    A host without a scheme means https; this machine means http. Raises ValueError for http to another host, and for
    text that is more than a host.
    """
    if _is_loopback(endpoint) and ":" in endpoint:
        endpoint = f"[{endpoint}]"
    parts = urlsplit(endpoint if "://" in endpoint else f"//{endpoint}")
    try:
        name, port = parts.hostname or "", parts.port
    except ValueError:
        raise ValueError("has a port that is not a number") from None
    bare = not (parts.path.strip("/") or parts.query or parts.fragment or "@" in parts.netloc)
    # urlsplit silently drops line breaks.
    if not (bare and endpoint.isprintable()) or not _HOST_PATTERN.fullmatch(f"[{name}]" if ":" in name else name):
        raise ValueError("must be a host, or a URL without a path, user, or query")
    loopback = _is_loopback(name)
    scheme = parts.scheme or ("http" if loopback else "https")
    if scheme not in ("http", "https"):
        raise ValueError("must use https")
    if scheme == "http" and not loopback:
        raise ValueError("plain http is accepted only for this machine (127.0.0.1, localhost, ::1); use https")
    host = f"[{name}]" if ":" in name else name
    standard = {"http": 80, "https": 443}[scheme]
    return scheme, host if port in (None, standard) else f"{host}:{port}", loopback


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
