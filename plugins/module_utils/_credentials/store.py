# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""Choose and keep the credentials that sign the requests. A static key, which most tasks have, costs no import."""

from __future__ import annotations

import threading

from .._errors import CredentialError
from .._payload import Params
from .static import (
    _NON_STATIC_OPTIONS,
    Credentials,
    CredentialSource,
    Env,
    read_static_environment,
    read_static_options,
)


def resolve_credential_source(params: Params, environ: Env) -> CredentialSource:
    """Return the source to use: options, environment, profile, OIDC or URI, and last an ECS role that was named.

    Raises ParameterError when options contradict each other and CredentialError when there is no source at all.
    """
    static = read_static_options(params)
    if static is None and not any(map(params.get, _NON_STATIC_OPTIONS)):
        static = read_static_environment(environ)
    if static and not params.get("role_arn"):
        return static
    from .chain import resolve_non_static

    return resolve_non_static(params, environ)


def get_identity(source: CredentialSource, environ: Env) -> tuple[object, ...]:
    """Return the fields that identify the account of a source, without a secret and without a request.

    They are part of the key of everything that is cached. Raises CredentialError for a profile that cannot be read.
    """
    key = source.static_credentials.access_key_id if source.static_credentials else None
    below = get_identity(source.base_source, environ) if source.base_source else ()
    if source.kind == "profile":
        from .profile import read_profile

        return ("profile", *read_profile(source.get_setting("profile"), environ).get_identity())
    return (source.kind, key, *source.settings, *below)


def _require_header_safe(credentials: Credentials) -> Credentials:
    """Return credentials that fit into a header. Raises CredentialError for pasted text with a line break."""
    for name, value in zip(credentials._fields, credentials, strict=True):
        text = value or ""
        if not (text.isascii() and text.isprintable() and text == text.strip()):
            raise CredentialError(f"{name} has a character that keys never contain, such as a line break at the end")
    return credentials


class CredentialStore:
    """Provides the credentials of one source, and requests new ones when the service reports that they have expired."""

    def __init__(self, source: CredentialSource) -> None:
        self._source = source
        self._provider: object = None
        # The library's providers refresh what they have when asked, which two threads must not do at once.
        self._lock = threading.Lock()

    @property
    def is_renewable(self) -> bool:
        """Return whether another request can return new credentials."""
        return self._source.kind != "static"

    def get(self) -> Credentials:
        """Return credentials that are good now. Raises CredentialError."""
        if self._source.static_credentials:
            return _require_header_safe(self._source.static_credentials)
        from .providers import fetch_credentials, make_provider

        with self._lock:
            if self._provider is None:
                self._provider = make_provider(self._source)
            return _require_header_safe(fetch_credentials(self._provider, self._source))

    def invalidate(self) -> None:
        """Forget what the source gave."""
        self._provider = None
