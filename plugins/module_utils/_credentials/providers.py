# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""Credentials other than a static key; the only file that imports alibabacloud_credentials, and only when it must."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import re
import typing as t

from .._errors import CredentialError, MissingLibraryError
from .._redaction import SecretRedactor
from .profile import Profile, read_profile
from .static import Credentials, CredentialSource

_SESSION_NAME = "rayops-alicloud"

CREDENTIALS_FLOOR = "1.0.9"

# In the library's errors, an answer, the output of a command, or a line of a file follows one of these.
_SENSITIVE_TAIL = re.compile(r"result:|stderr:|[{<%\n]")
_URL = re.compile(r"(https?://|(?<=url: ))\S+")
_HTTP_STATUS = re.compile(r"http_code[:=]\s*([0-9]{3})")


def make_provider(source: CredentialSource) -> t.Any:
    """Return the library's provider for a source. Raises CredentialError and MissingLibrary."""
    return _wrap_errors(lambda: _build_provider(source), source)


def fetch_credentials(provider: t.Any, source: CredentialSource) -> Credentials:
    """Return what a provider gives now. Raises CredentialError."""
    given = _wrap_errors(provider.get_credentials, source)
    return Credentials(
        given.get_access_key_id() or "", given.get_access_key_secret() or "", given.get_security_token() or None
    )


def _wrap_errors(act: t.Callable[[], t.Any], source: CredentialSource) -> t.Any:
    try:
        return act()
    except (CredentialError, MissingLibraryError):
        raise
    except Exception as error:  # noqa: BLE001 - whatever the library's HTTP stack, parsers and files raise
        raise _to_credential_error(error, source) from None


def _to_credential_error(error: Exception, source: CredentialSource) -> CredentialError:
    """Return the error with STS's code, request id, and message, and no other part of its response."""
    said, status = _parse_sts_answer(str(error)), _HTTP_STATUS.search(str(error))
    text, hint = _redact_error(error), None
    if said:
        family = said["Code"].partition(".")[0]
        # It quotes the request, token included.
        message = (
            ""
            if family == "SignatureDoesNotMatch"
            else SecretRedactor(_list_secrets(source)).redact_text(said["Message"])
        )
        text = f"{said['Code']}: {message[:300]}".rstrip(": ")
        hint = _STS_HINTS.get(family)
    failure = CredentialError(f"the credentials of {source.kind.replace('_', ' ')} cannot be obtained: {text}", hint)
    if said:
        failure.code, failure.request_id = said["Code"], said["RequestId"] or None
        failure.operation = "AssumeRoleWithOIDC" if source.kind == "oidc" else "AssumeRole"
    failure.http_status = int(status[1]) if status else None
    return failure


_STS_HINTS = {
    "NoPermission": "grant sts:AssumeRole on the role to this identity, and name it in the role's trust policy",
    "EntityNotExist": "the role or the OIDC provider does not exist: compare the ARN with the console",
    "InvalidAccessKeyId": "the key that assumes the role does not exist or is disabled",
    "SignatureDoesNotMatch": "the secret of the key that assumes the role is wrong",
    "InvalidSecurityToken": "the temporary key that assumes the role has expired",
    "AuthenticationFail": "the OIDC token is not accepted: compare issuer, audience, and expiry with the OIDC provider",
}


def _list_secrets(source: CredentialSource) -> list[str | None]:
    """Return the secrets that a source signs or logs in with, if known."""
    found: list[str | None] = list((source.static_credentials or (None, None, None))[1:])
    if source.get_setting("oidc_token_file"):
        with contextlib.suppress(OSError, ValueError), open(str(source.get_setting("oidc_token_file"))) as token:
            found.append(token.read().strip())
    if source.kind == "profile":
        with contextlib.suppress(CredentialError):
            fields = read_profile(source.get_setting("profile"), os.environ).fields
            found += [str(value) for name, value in fields.items() if "secret" in name or "token" in name]
    return found + (_list_secrets(source.base_source) if source.base_source else [])


def _parse_sts_answer(text: str) -> dict[str, str] | None:
    """Return Code, Message, and RequestId of an error of STS that a text of the library ends with."""
    _before, found, answer = text.partition("result:")
    try:
        said = json.loads(answer) if found else None
    except (ValueError, RecursionError):
        return None
    if not isinstance(said, dict) or not isinstance(said.get("Code"), str) or "Credentials" in said:
        return None
    if not re.fullmatch(r"[A-Za-z0-9._]{1,100}", said["Code"]) or said["Code"] == "Success":
        return None
    request_id = str(said.get("RequestId") or "")
    safe_id = request_id if re.fullmatch(r"[A-Za-z0-9-]{1,64}", request_id) else ""
    return {"Code": said["Code"], "Message": str(said.get("Message") or ""), "RequestId": safe_id}


def _redact_error(error: Exception) -> str:
    """Return the text of a library error without parts that may contain keys: responses, addresses, file lines."""
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
    if source.static_credentials:
        return _build_static_provider(providers, source.static_credentials)
    return _build_profile_provider(providers, read_profile(source.get_setting("profile"), os.environ))


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


def _build_profile_provider(providers: t.Any, profile: Profile) -> t.Any:
    """Return the provider of a complete profile; a field that it lacks is never taken from the environment."""
    fields, mode = profile.fields, profile.mode
    if mode in ("AK", "StsToken"):
        return _build_static_provider(providers, _read_key(profile))
    if mode in ("RamRoleArn", "ChainableRamRoleArn"):
        return providers.RamRoleArnCredentialsProvider(
            credentials_provider=_build_profile_provider(providers, profile.source)
            if profile.source
            else _build_static_provider(providers, _read_key(profile)),
            external_id=fields.get("external_id"),
            **_role_settings(fields, "ram_session_name"),
        )
    if mode == "OIDC":
        return providers.OIDCRoleArnCredentialsProvider(
            oidc_provider_arn=fields["oidc_provider_arn"],
            oidc_token_file_path=fields["oidc_token_file"],
            **_role_settings(fields, "role_session_name"),
        )
    if mode == "EcsRamRole":
        return providers.EcsRamRoleCredentialsProvider(role_name=fields["ram_role_name"], async_update_enabled=False)
    # CloudSSO, OAuth and External write what they renew back to the file, which the library knows how to do.
    return providers.CLIProfileCredentialsProvider(profile_name=profile.name, profile_file=profile.file)


def _read_key(profile: Profile) -> Credentials:
    fields = profile.fields
    # A profile that was switched from StsToken to AK keeps the old token.
    token = None if profile.mode == "AK" else fields.get("sts_token")
    return Credentials(fields["access_key_id"], fields["access_key_secret"], token)


def _role_settings(fields: t.Mapping[str, t.Any], session_name: str) -> dict[str, t.Any]:
    return {
        "role_arn": fields["ram_role_arn"],
        "role_session_name": fields.get(session_name) or fields.get("ram_session_name") or _SESSION_NAME,
        "duration_seconds": fields.get("expired_seconds"),
        "policy": fields.get("policy"),
        "sts_region_id": fields.get("sts_region"),
        "enable_vpc": fields.get("enable_vpc"),
    }


def _import_library() -> t.Any:
    """Import the library, and hide its output to stderr from the user: our errors report its failures."""
    try:
        from alibabacloud_credentials import provider  # type: ignore[import-untyped]
    except ImportError:
        raise MissingLibraryError("alibabacloud-credentials", CREDENTIALS_FLOOR) from None
    for name in ("credentials", "apscheduler"):
        logger = logging.getLogger(name)
        logger.handlers[:] = [logging.NullHandler()]
        logger.propagate = False
    return provider
