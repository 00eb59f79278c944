# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""Describe the source of the credentials, in words that hold no secret."""

from __future__ import annotations

import typing as t

from .._credentials.chain import CREDENTIAL_VARIABLES
from .._credentials.profile import read_profile
from .._credentials.static import STATIC_KEY_VARIABLES, CredentialSource, Env, read_static_environment
from .._payload import Params


def describe_source(source: CredentialSource, params: Params, environ: Env) -> str:
    """Return the selected source and the reason. Raises CredentialError if the default profile no longer exists."""
    if source.kind == "static":
        return _describe_static_key(source, params, environ)
    if source.kind == "profile":
        return _describe_profile(source, params, environ)
    if source.kind == "role" and source.base_source is not None:
        below = describe_source(source.base_source, params, environ)
        return f"the role {source.get_setting('role_arn')}, which the option role_arn names, assumed with {below}"
    if source.kind == "oidc":
        token = _describe_origin("oidc_token_file", params, environ)
        return f"the role {source.get_setting('role_arn')}, assumed with the OIDC token of {token}"
    if source.kind == "credentials_uri":
        return f"the address in {_describe_origin('credentials_uri', params, environ)}"
    origin = _describe_origin("ecs_ram_role", params, environ)
    return f"the ECS role {source.get_setting('ecs_ram_role')}, which {origin} names"


# The next step after a login of each kind has failed.
LOGIN_STEPS = {
    "static": "check access_key_id and access_key_secret",
    "profile": "check the key of the profile; for a role, also check its ARN, its trust policy, and sts:AssumeRole",
    "role": "check role_arn, the trust policy of the role, and the permission sts:AssumeRole of the key",
    "oidc": "check role_arn, oidc_provider_arn, the trust policy, and that the token in oidc_token_file is current",
    "ecs_ram_role": "check that this is an ECS instance with that role, and that containers reach its metadata service",
    "credentials_uri": "check that the address answers with temporary credentials",
}


def unused_sources(params: Params, environ: Env) -> list[str]:
    """Return the logins of the environment that lose against another one there. An option decides, and leaves none."""
    if any(params.get(option) for option in ("access_key_id", *CREDENTIAL_VARIABLES)):
        return []
    found = ["an access key"] if read_static_environment(environ) else []
    # In the order of the chain: the first one is used.
    for options, what in (
        (("profile",), "a profile"),
        (("oidc_token_file", "oidc_provider_arn", "role_arn"), "an OIDC token"),
        (("credentials_uri",), "a credentials URI"),
        (("ecs_ram_role",), "an ECS role"),
    ):
        variables = [_find_set_variable(CREDENTIAL_VARIABLES[option], environ) for option in options]
        if all(variables):
            found.append(f"{what} ({variables[0]})")
    return found[1:]


def incomplete_keys(environ: Env) -> list[str]:
    """Return what the environment has of a key that is of no use, as one half of it is missing."""
    found = []
    for ids, secrets, tokens in STATIC_KEY_VARIABLES:
        key_id, secret, token = (_find_set_variable(names, environ) for names in (ids, secrets, tokens))
        lacking = [names[0] for names, name in ((ids, key_id), (secrets, secret)) if name is None]
        there = [name for name in (key_id, secret, token) if name is not None]
        if there and lacking:
            found.append(f"{' and '.join(there)} {'are' if len(there) > 1 else 'is'} set without {lacking[0]}")
    return found


def _describe_static_key(source: CredentialSource, params: Params, environ: Env) -> str:
    token = source.static_credentials is not None and source.static_credentials.security_token
    kind = "a temporary key" if token else "a static key"
    if params.get("access_key_id"):
        passed = "; the one in the environment is not used" if read_static_environment(environ) else ""
        return f"{kind} from the options access_key_id and access_key_secret{passed}"
    for ids, secrets, _tokens in STATIC_KEY_VARIABLES:
        key_id, secret = _find_set_variable(ids, environ), _find_set_variable(secrets, environ)
        if key_id and secret:
            return f"{kind} from {key_id} and {secret} in the environment"
    return kind


def _describe_profile(source: CredentialSource, params: Params, environ: Env) -> str:
    name = source.get_setting("profile")
    if name:
        return f"the profile {name}, which {_describe_origin('profile', params, environ)} names"
    profile = read_profile(None, environ)
    return f"the profile {profile.name}, which is the current one of {profile.file}, because no key is given"


def _describe_origin(option: str, params: Params, environ: Env) -> str:
    if params.get(option):
        return f"the option {option}"
    return _find_set_variable(CREDENTIAL_VARIABLES[option], environ) or option


def _find_set_variable(names: t.Iterable[str], environ: Env) -> str | None:
    return next((name for name in names if environ.get(name)), None)
