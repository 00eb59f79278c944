# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""Choose the credentials of a task if they are more than a static key. Private to this collection."""

from __future__ import annotations

import typing as t

from .._errors import CredentialError, ParameterError
from .._payload import Params
from .profile import has_usable_profile
from .static import CredentialSource, Env, read_static_environment, read_static_options

CREDENTIAL_VARIABLES = {
    "profile": ("ALIBABA_CLOUD_PROFILE", "ALICLOUD_PROFILE"),
    "role_arn": ("ALIBABA_CLOUD_ROLE_ARN", "ALICLOUD_ROLE_ARN"),
    "role_session_name": ("ALIBABA_CLOUD_ROLE_SESSION_NAME", "ALICLOUD_ROLE_SESSION_NAME"),
    "oidc_provider_arn": ("ALIBABA_CLOUD_OIDC_PROVIDER_ARN", "ALICLOUD_OIDC_PROVIDER_ARN"),
    "oidc_token_file": ("ALIBABA_CLOUD_OIDC_TOKEN_FILE", "ALICLOUD_OIDC_TOKEN_FILE"),
    "credentials_uri": ("ALIBABA_CLOUD_CREDENTIALS_URI", "ALICLOUD_CREDENTIALS_URI"),
    "ecs_ram_role": ("ALIBABA_CLOUD_ECS_METADATA", "ALICLOUD_ECS_ROLE_NAME"),
}


def resolve_non_static(params: Params, environ: Env) -> CredentialSource:
    """Return the source to use, like ``resolve_credential_source``, for all but a lone static key.

    Raises ParameterError and CredentialError.
    """
    found = _from_options(params, environ) or _from_environment(environ)
    if found:
        return found
    raise CredentialError(
        "no credentials were found",
        hint="set access_key_id and access_key_secret, or ALIBABA_CLOUD_ACCESS_KEY_ID and "
        "ALIBABA_CLOUD_ACCESS_KEY_SECRET, or name a profile, a role, or a credentials URI",
    )


def _from_options(params: Params, environ: Env) -> CredentialSource | None:
    base = read_static_options(params)
    if base is None and (params.get("oidc_provider_arn") or params.get("oidc_token_file")):
        return _build_oidc_source(params, environ)
    for option in ("profile", "credentials_uri", "ecs_ram_role"):
        if base is None and params.get(option):
            base = CredentialSource(option, ((option, str(params[option])),))
    return _assume_role(params, environ, base) if params.get("role_arn") else base


def _assume_role(params: Params, environ: Env, base: CredentialSource | None) -> CredentialSource:
    """Return the role that the options name, assumed with what the options or the environment give."""
    below = base or _from_environment(environ)
    if below is None and _option_or_env("oidc_token_file", params, environ):
        # A pod that has a token and no role of its own.
        return _build_oidc_source(params, environ)
    if below is None:
        raise CredentialError("role_arn requires credentials that may assume the role, and no source provides any")
    if below.kind == "oidc" and below.get_setting("role_arn") == params["role_arn"]:
        return _build_oidc_source(params, environ)
    return CredentialSource(
        "role", _resolve_options(("role_arn", "role_session_name"), params, environ), base_source=below
    )


def _from_environment(environ: Env) -> CredentialSource | None:
    """Return the first source of the environment, in the order of the official SDK."""
    static = read_static_environment(environ)
    if static:
        return static
    profile = _option_or_env("profile", {}, environ)
    if profile:
        return CredentialSource("profile", (("profile", profile),))
    if all(_option_or_env(name, {}, environ) for name in ("role_arn", "oidc_provider_arn", "oidc_token_file")):
        return _build_oidc_source({}, environ)
    if has_usable_profile(environ):
        return CredentialSource("profile", (("profile", None),))
    for option in ("ecs_ram_role", "credentials_uri"):
        if _option_or_env(option, {}, environ):
            return CredentialSource(option, _resolve_options((option,), {}, environ))
    return None


def _build_oidc_source(params: Params, environ: Env) -> CredentialSource:
    names = ("role_arn", "oidc_provider_arn", "oidc_token_file")
    lacking = [name for name in names if not _option_or_env(name, params, environ)]
    if lacking:
        raise ParameterError([f"{name} is required to log in with OIDC" for name in lacking])
    return CredentialSource("oidc", _resolve_options((*names, "role_session_name"), params, environ))


def _option_or_env(option: str, params: Params, environ: Env) -> str | None:
    if params.get(option):
        return str(params[option])
    return next((environ[name] for name in CREDENTIAL_VARIABLES[option] if environ.get(name)), None)


def _resolve_options(options: t.Iterable[str], params: Params, environ: Env) -> tuple[tuple[str, str | None], ...]:
    return tuple((option, _option_or_env(option, params, environ)) for option in options)
