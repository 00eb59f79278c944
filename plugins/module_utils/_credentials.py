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
_ENVIRONMENT = {
    "profile": ("ALIBABA_CLOUD_PROFILE", "ALICLOUD_PROFILE"),
    "role_arn": ("ALIBABA_CLOUD_ROLE_ARN", "ALICLOUD_ROLE_ARN"),
    "role_session_name": ("ALIBABA_CLOUD_ROLE_SESSION_NAME", "ALICLOUD_ROLE_SESSION_NAME"),
    "oidc_provider_arn": ("ALIBABA_CLOUD_OIDC_PROVIDER_ARN", "ALICLOUD_OIDC_PROVIDER_ARN"),
    "oidc_token_file": ("ALIBABA_CLOUD_OIDC_TOKEN_FILE", "ALICLOUD_OIDC_TOKEN_FILE"),
    "credentials_uri": ("ALIBABA_CLOUD_CREDENTIALS_URI", "ALICLOUD_CREDENTIALS_URI"),
    "ecs_ram_role": ("ALIBABA_CLOUD_ECS_METADATA", "ALICLOUD_ECS_ROLE_NAME"),
}
_DEFAULT_FILES = ("~/.aliyun/config.json", "~/.alibabacloud/credentials.ini")

_Env = t.Mapping[str, str]
_Params = t.Mapping[str, t.Any]


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


def choose_source(params: _Params, environ: _Env, exists: t.Callable[[str], bool] = os.path.exists) -> Source:
    """Return the source to use: options, environment, profile, OIDC or URI, and last an ECS role that was named.

    Raises ParameterError when options contradict each other and CredentialError when there is no source at all.
    """
    found = _explicit(params, environ, exists) or _ambient(environ, exists)
    if found:
        return found
    raise CredentialError(
        "no credentials were found",
        hint="set access_key_id and access_key_secret, or ALIBABA_CLOUD_ACCESS_KEY_ID and "
        "ALIBABA_CLOUD_ACCESS_KEY_SECRET, or name a profile, a role or a credentials URI",
    )


def _explicit(params: _Params, environ: _Env, exists: t.Callable[[str], bool]) -> Source | None:
    base = _static_options(params)
    if base is None and (params.get("oidc_provider_arn") or params.get("oidc_token_file")):
        return _oidc(params, environ)
    if base is None and params.get("profile"):
        base = Source("profile", (("profile", params["profile"]),))
    if params.get("role_arn"):
        below = base or _ambient(environ, exists)
        if _setting("oidc_token_file", params, environ) and (below is None or below.kind == "oidc"):
            return _oidc(params, environ)
        if below is None:
            raise CredentialError("role_arn needs credentials that may assume the role, and there are none")
        return Source("role", _named(("role_arn", "role_session_name"), params, environ), below=below)
    for option in ("credentials_uri", "ecs_ram_role"):
        if base is None and params.get(option):
            base = Source(option, ((option, params[option]),))
    return base


def _static_options(params: _Params) -> Source | None:
    key_id, secret, token = (params.get(f) for f in ("access_key_id", "access_key_secret", "security_token"))
    if not (key_id or secret or token):
        return None
    if not (key_id and secret):
        lacking = [name for name in ("access_key_id", "access_key_secret") if not params.get(name)]
        raise ParameterError([f"{name} is required with the other key options" for name in lacking])
    return Source("static", static=Credentials(str(key_id), str(secret), token or None))


def _ambient(environ: _Env, exists: t.Callable[[str], bool]) -> Source | None:
    for family in _STATIC_FAMILIES:
        key_id, secret, token = (next((environ[n] for n in names if environ.get(n)), None) for names in family)
        if key_id and secret:
            return Source("static", static=Credentials(key_id, secret, token))
    profile = _setting("profile", {}, environ)
    files = [environ.get("ALIBABA_CLOUD_CREDENTIALS_FILE") or "", *_DEFAULT_FILES]
    if profile or any(path and exists(os.path.expanduser(path)) for path in files):
        return Source("profile", (("profile", profile),))
    if all(_setting(name, {}, environ) for name in ("role_arn", "oidc_provider_arn", "oidc_token_file")):
        return _oidc({}, environ)
    for option in ("credentials_uri", "ecs_ram_role"):
        if _setting(option, {}, environ):
            return Source(option, _named((option,), {}, environ))
    return None


def _oidc(params: _Params, environ: _Env) -> Source:
    names = ("role_arn", "oidc_provider_arn", "oidc_token_file")
    lacking = [name for name in names if not _setting(name, params, environ)]
    if lacking:
        raise ParameterError([f"{name} is required to log in with OIDC" for name in lacking])
    return Source("oidc", _named((*names, "role_session_name"), params, environ))


def _setting(option: str, params: _Params, environ: _Env) -> str | None:
    if params.get(option):
        return str(params[option])
    return next((environ[name] for name in _ENVIRONMENT[option] if environ.get(name)), None)


def _named(options: t.Iterable[str], params: _Params, environ: _Env) -> tuple[tuple[str, str | None], ...]:
    return tuple((option, _setting(option, params, environ)) for option in options)


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
