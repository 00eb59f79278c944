# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""Credentials other than a static key; the only file that imports alibabacloud_credentials, and only when it must.

Private to this collection.
"""

from __future__ import annotations

import logging
import re
import typing as t

from .._errors import CredentialError, MissingLibraryError
from .static import Credentials, CredentialSource

_SESSION_NAME = "rayops-alicloud"

# Where the library's errors go on with an answer, with the output of a command, or with a line of a file.
_SENSITIVE_TAIL = re.compile(r"result:|stderr:|[{<%\n]")
_URL = re.compile(r"(https?://|(?<=url: ))\S+")


def make_provider(source: CredentialSource) -> t.Any:
    """Return the library's provider for a source. Raises CredentialError and MissingLibrary."""
    return _wrap_errors(lambda: _build_provider(source), source.kind)


def fetch_credentials(provider: t.Any, source: CredentialSource) -> Credentials:
    """Return what a provider gives now. Raises CredentialError."""
    given = _wrap_errors(provider.get_credentials, source.kind)
    return Credentials(
        given.get_access_key_id() or "", given.get_access_key_secret() or "", given.get_security_token() or None
    )


def _wrap_errors(act: t.Callable[[], t.Any], kind: str) -> t.Any:
    try:
        return act()
    except (CredentialError, MissingLibraryError):
        raise
    except Exception as error:  # noqa: BLE001 - whatever the library's HTTP stack, parsers and files raise
        raise CredentialError(
            f"the credentials of {kind.replace('_', ' ')} cannot be had: {_redact_error(error)}"
        ) from None


def _redact_error(error: Exception) -> str:
    """Return the text of an error of the library without what may hold keys: answers, addresses, lines of files."""
    text = _SENSITIVE_TAIL.split(_URL.sub("(its address)", str(error)), maxsplit=1)[0]
    return text.rstrip(" '\",:")[:300] or type(error).__name__


def _build_provider(source: CredentialSource) -> t.Any:
    providers = _import_library()
    if source.kind == "role":
        below = source.base_source or CredentialSource("static")
        return providers.RamRoleArnCredentialsProvider(
            credentials_provider=_build_provider(below),
            role_arn=source.get_setting("role_arn"),
            role_session_name=source.get_setting("role_session_name") or _SESSION_NAME,
        )
    if source.kind == "oidc":
        return providers.OIDCRoleArnCredentialsProvider(
            role_arn=source.get_setting("role_arn"),
            oidc_provider_arn=source.get_setting("oidc_provider_arn"),
            oidc_token_file_path=source.get_setting("oidc_token_file"),
            role_session_name=source.get_setting("role_session_name") or _SESSION_NAME,
        )
    if source.kind == "credentials_uri":
        return providers.URLCredentialsProvider(uri=source.get_setting("credentials_uri"))
    if source.kind == "ecs_ram_role":
        return providers.EcsRamRoleCredentialsProvider(
            role_name=source.get_setting("ecs_ram_role"), async_update_enabled=False
        )
    return (
        _build_static_provider(providers, source.static_credentials)
        if source.static_credentials
        else _build_profile_provider(providers, source)
    )


def _build_static_provider(providers: t.Any, static: Credentials) -> t.Any:
    if static.security_token:
        return providers.StaticSTSCredentialsProvider(
            access_key_id=static.access_key_id,
            access_key_secret=static.access_key_secret,
            security_token=static.security_token,
        )
    return providers.StaticAKCredentialsProvider(
        access_key_id=static.access_key_id, access_key_secret=static.access_key_secret
    )


def _build_profile_provider(providers: t.Any, source: CredentialSource) -> t.Any:
    """Take the profile from the aliyun CLI's file, or, where that has no such profile, from the INI file."""
    profile = source.get_setting("profile")
    said = []
    for kind in (providers.CLIProfileCredentialsProvider, providers.ProfileCredentialsProvider):
        provider = kind(profile_name=profile)
        try:
            provider.get_credentials()
        except Exception as error:  # noqa: BLE001 - see _guarded
            said.append(_redact_error(error))
        else:
            return provider
    raise CredentialError(f"the profile {profile or 'default'} gives no credentials: {'; '.join(said)}")


def _import_library() -> t.Any:
    """Import the library, and keep what it prints to stderr away from the user: its errors reach him as ours."""
    try:
        from alibabacloud_credentials import provider  # type: ignore[import-untyped]
    except ImportError:
        raise MissingLibraryError("alibabacloud-credentials", "1.0.3") from None
    for name in ("credentials", "apscheduler"):
        logger = logging.getLogger(name)
        logger.handlers[:] = [logging.NullHandler()]
        logger.propagate = False
    return provider
