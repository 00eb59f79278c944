# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A proxy on the loopback behind which are STS and the metadata service of an ECS instance, both doubles.

The library that asks them is the real one: it goes through the proxy, since the environment says so, speaks TLS with
the double of STS under its real name, and signs. The certificates that it trusts are those of `certifi`, so an
authority of our own takes that package's place, as in an execution environment with that of a company. What the doubles
make of it follows the documentation of AssumeRole, AssumeRoleWithOIDC and the metadata service. Nobody else is reached.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import socket
import socketserver
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from pathlib import Path
from types import TracebackType
from typing import Any, ClassVar
from urllib.parse import parse_qsl, quote, urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.emulator import Account

STS = ("sts.aliyuncs.com", "sts-vpc.cn-hangzhou.aliyuncs.com")
METADATA = "100.100.100.200"


def certificate(folder: Path) -> tuple[Path, Path]:
    """Make a certificate for the names of STS that is its own authority; return it and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, STS[0])])
    now = datetime.now(timezone.utc)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host) for host in STS]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    paths = folder / "sts.pem", folder / "sts.key"
    paths[0].write_bytes(made.public_bytes(serialization.Encoding.PEM))
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    paths[1].write_bytes(key.private_bytes(*form))
    return paths


def signature(method: str, query: dict[str, str], secret: str) -> str:
    """Return the signature of a request to STS: HMAC-SHA1 over its sorted query, as RPC-style APIs have it."""

    def encoded(text: str) -> str:
        return quote(text, safe="-_.~")

    pairs = "&".join(f"{encoded(name)}={encoded(query[name])}" for name in sorted(query) if name != "Signature")
    text = f"{method}&{encoded('/')}&{encoded(pairs)}"
    return base64.b64encode(hmac.new(f"{secret}&".encode(), text.encode(), hashlib.sha1).digest()).decode()


@dataclass
class CredentialServices:
    """The proxy, as a context manager. It gives out `given` to whom it knows."""

    folder: Path
    given: Account
    # Who may assume which role, and with which token.
    users: dict[str, str] = field(default_factory=dict)
    role_arn: str = ""
    provider_arn: str = ""
    token: str = ""
    instance_role: str = ""
    # What was asked, without what is secret in it.
    asked: list[str] = field(default_factory=list)

    def __enter__(self) -> CredentialServices:
        """Begin to listen."""
        self.ca, key = certificate(self.folder)
        trusted = self.folder / "trusted" / "certifi"
        trusted.mkdir(parents=True)
        (trusted / "__init__.py").write_text(f"def where():\n    return {str(self.ca)!r}\n")
        self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.tls.load_cert_chain(self.ca, key)
        credential_services = self

        class Handler(_Handler):
            answer = credential_services._answer
            context = credential_services.tls

        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Listen no more."""
        self._server.shutdown()
        self._server.server_close()

    @property
    def environ(self) -> dict[str, str]:
        """Return the environment of an execution environment that is behind the proxy."""
        host, port = self._server.server_address[:2]
        proxy = f"http://{host!s}:{port}"
        return {
            "HTTP_PROXY": proxy,
            "HTTPS_PROXY": proxy,
            "NO_PROXY": "127.0.0.1",
            "PYTHONPATH": str(self.folder / "trusted"),
            # Nobody but the proxy is asked, so that no metadata service of this machine is.
            "ALIBABA_CLOUD_ECS_METADATA_DISABLED": "",
        }

    def _answer(self, host: str, method: str, target: str, headers: dict[str, str]) -> tuple[int, str]:
        url = urlsplit(target)
        query = dict(parse_qsl(url.query, keep_blank_values=True))
        self.asked.append(f"{host} {query.get('Action') or f'{method} {url.path}'}")
        if host in STS:
            return self._sts(method, query)
        if host == METADATA:
            return self._metadata(method, url.path, headers)
        return 502, f"nobody is called {host} here"

    def _sts(self, method: str, query: dict[str, str]) -> tuple[int, str]:
        if query.get("RoleArn") != self.role_arn or not query.get("RoleSessionName"):
            return 403, json.dumps({"Code": "NoPermission"})
        if query["Action"] == "AssumeRole":
            secret = self.users.get(query.get("AccessKeyId", ""))
            allowed = secret is not None and query.get("Signature") == signature(method, query, secret)
        else:
            allowed = (query.get("OIDCProviderArn"), query.get("OIDCToken")) == (self.provider_arn, self.token)
        if not allowed:
            return 403, json.dumps({"Code": "SignatureDoesNotMatch"})
        self.asked[-1] += f" as {query['RoleSessionName']}"
        return 200, json.dumps({"Credentials": self._keys()})

    def _metadata(self, method: str, path: str, headers: dict[str, str]) -> tuple[int, str]:
        if (method, path) == ("PUT", "/latest/api/token"):
            return 200, "metadata-token"
        if headers.get("x-aliyun-ecs-metadata-token") != "metadata-token":
            return 403, "no token"
        if path == f"/latest/meta-data/ram/security-credentials/{self.instance_role}":
            return 200, json.dumps({"Code": "Success", **self._keys()})
        return 404, "no such role"

    def _keys(self) -> dict[str, Any]:
        return {
            "AccessKeyId": self.given.access_key_id,
            "AccessKeySecret": self.given.access_key_secret,
            "SecurityToken": self.given.security_token,
            "Expiration": "2099-01-01T00:00:00Z",
        }


class _Handler(socketserver.BaseRequestHandler):
    """One connection to the proxy: one request, in a tunnel or not."""

    answer: ClassVar[Callable[[str, str, str, dict[str, str]], tuple[int, str]]]
    context: ClassVar[ssl.SSLContext]

    def handle(self) -> None:
        """Answer it."""
        connection: socket.socket = self.request
        method, target, headers = _read(connection)
        host = urlsplit(target).hostname or ""
        if method == "CONNECT":
            host = target.partition(":")[0]
            connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
            try:
                connection = self.context.wrap_socket(connection, server_side=True)
            except ssl.SSLError:  # the client does not trust it, and says so itself
                return
            method, target, headers = _read(connection)
        status, body = type(self).answer(host, method, target, headers)
        head = f"HTTP/1.1 {status} X\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        connection.sendall((head + body).encode())
        connection.close()


def _read(connection: socket.socket) -> tuple[str, str, dict[str, str]]:
    data = b""
    while b"\r\n\r\n" not in data:
        more = connection.recv(65536)
        if not more:
            break
        data += more
    first, *lines = data.decode().partition("\r\n\r\n")[0].split("\r\n")
    method, target = [*first.split(" "), "", ""][:2]
    pairs = (line.partition(":") for line in lines)
    return method, target, {name.strip().lower(): value.strip() for name, sign, value in pairs}
