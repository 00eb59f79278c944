# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""Which credentials sign the requests. A static key, which most tasks have, costs no import.

Private to this collection.
"""

from __future__ import annotations

import os
import threading
import typing as t

from ansible_collections.rayops.alicloud.plugins.module_utils._errors import CredentialError, ParameterError

_STATIC_FAMILIES = (
    (("ALIBABA_CLOUD_ACCESS_KEY_ID",), ("ALIBABA_CLOUD_ACCESS_KEY_SECRET",), ("ALIBABA_CLOUD_SECURITY_TOKEN",)),
    (
        ("ALICLOUD_ACCESS_KEY_ID", "ALICLOUD_ACCESS_KEY"),
        ("ALICLOUD_ACCESS_KEY_SECRET", "ALICLOUD_SECRET_KEY"),
        ("ALICLOUD_SECURITY_TOKEN",),
    ),
)
# Options that name a source other than a static key.
_OTHERS = ("profile", "oidc_provider_arn", "oidc_token_file", "role_arn", "credentials_uri", "ecs_ram_role")

Env = t.Mapping[str, str]
Params = t.Mapping[str, t.Any]


class Credentials(t.NamedTuple):
    """What signs a request; ``security_token`` only with temporary credentials."""

    access_key_id: str
    access_key_secret: str
    security_token: str | None = None


class Source(t.NamedTuple):
    """Where credentials come from: a kind, its settings, and for an assumed role the source below it."""

    kind: str
    settings: tuple[tuple[str, str | None], ...] = ()
    static: Credentials | None = None
    below: Source | None = None

    def setting(self, name: str) -> str | None:
        """Return one of the settings."""
        return dict(self.settings).get(name)


def choose_source(params: Params, environ: Env, exists: t.Callable[[str], bool] = os.path.exists) -> Source:
    """Return the source to use: options, environment, profile, OIDC or URI, and last an ECS role that was named.

    Raises ParameterError when options contradict each other and CredentialError when there is no source at all.
    """
    static = static_options(params)
    if static is None and not any(map(params.get, _OTHERS)):
        static = static_environment(environ)
    if static and not params.get("role_arn"):
        return static
    from ansible_collections.rayops.alicloud.plugins.module_utils._sources import other_source

    return other_source(params, environ, exists)


def static_options(params: Params) -> Source | None:
    """Return the key that the options give, None for none. Raises ParameterError for a part of one."""
    key_id, secret, token = (params.get(f) for f in ("access_key_id", "access_key_secret", "security_token"))
    if not (key_id or secret or token):
        return None
    if not (key_id and secret):
        lacking = [name for name in ("access_key_id", "access_key_secret") if not params.get(name)]
        raise ParameterError([f"{name} is required with the other key options" for name in lacking])
    return Source("static", static=Credentials(str(key_id), str(secret), token or None))


def static_environment(environ: Env) -> Source | None:
    """Return the key that the environment gives, None for none."""
    for family in _STATIC_FAMILIES:
        key_id, secret, token = (next((environ[n] for n in names if environ.get(n)), None) for names in family)
        if key_id and secret:
            return Source("static", static=Credentials(key_id, secret, token))
    return None


def _checked(credentials: Credentials) -> Credentials:
    """Return credentials that can stand in a header. Raises CredentialError for what was pasted with a line break."""
    for name, value in zip(credentials._fields, credentials, strict=True):
        text = value or ""
        if not (text.isascii() and text.isprintable() and text == text.strip()):
            raise CredentialError(f"{name} has a character that no key has, such as a line break at its end")
    return credentials


class CredentialStore:
    """Hands out the credentials of one source, and asks the source again when the service calls them expired."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._provider: t.Any = None
        # The library's providers refresh what they have when asked, which two threads must not do at once.
        self._lock = threading.Lock()

    @property
    def renewable(self) -> bool:
        """Tell whether asking again can give something new."""
        return self._source.kind != "static"

    def get(self) -> Credentials:
        """Return credentials that are good now. Raises CredentialError."""
        if self._source.static:
            return _checked(self._source.static)
        from ansible_collections.rayops.alicloud.plugins.module_utils._providers import ask, make_provider

        with self._lock:
            if self._provider is None:
                self._provider = make_provider(self._source)
            return _checked(ask(self._provider, self._source))

    def renew(self) -> None:
        """Forget what the source gave."""
        self._provider = None
