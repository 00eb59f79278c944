# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""Where credentials come from, in words that hold no secret. Private to this collection."""

from __future__ import annotations

import os
import typing as t

from .._credentials.chain import DEFAULT_FILES, ENVIRONMENT
from .._credentials.static import STATIC_FAMILIES, Env, Params, Source, static_environment


def describe(source: Source, params: Params, environ: Env, exists: t.Callable[[str], bool] = os.path.exists) -> str:
    """Return which source is used and why that one; ``exists`` tells of a path whether there is a file."""
    if source.kind == "static":
        return _static(source, params, environ)
    if source.kind == "profile":
        return _profile(source, params, environ, exists)
    if source.kind == "role" and source.below is not None:
        below = describe(source.below, params, environ, exists)
        return f"the role {source.setting('role_arn')}, which the option role_arn names, assumed with {below}"
    if source.kind == "oidc":
        token = _origin("oidc_token_file", params, environ)
        return f"the role {source.setting('role_arn')}, assumed with the OIDC token of {token}"
    if source.kind == "credentials_uri":
        return f"the address in {_origin('credentials_uri', params, environ)}"
    return f"the ECS role {source.setting('ecs_ram_role')}, which {_origin('ecs_ram_role', params, environ)} names"


def half_keys(environ: Env) -> list[str]:
    """Return what the environment has of a key that is of no use, as one half of it is missing."""
    found = []
    for ids, secrets, tokens in STATIC_FAMILIES:
        key_id, secret, token = (_first(names, environ) for names in (ids, secrets, tokens))
        lacking = [names[0] for names, name in ((ids, key_id), (secrets, secret)) if name is None]
        there = [name for name in (key_id, secret, token) if name is not None]
        if there and lacking:
            found.append(f"{' and '.join(there)} {'are' if len(there) > 1 else 'is'} set without {lacking[0]}")
    return found


def _static(source: Source, params: Params, environ: Env) -> str:
    token = source.static is not None and source.static.security_token
    kind = "a temporary key" if token else "a static key"
    if params.get("access_key_id"):
        passed = "; the one in the environment is not used" if static_environment(environ) else ""
        return f"{kind} from the options access_key_id and access_key_secret{passed}"
    for ids, secrets, _tokens in STATIC_FAMILIES:
        key_id, secret = _first(ids, environ), _first(secrets, environ)
        if key_id and secret:
            return f"{kind} from {key_id} and {secret} in the environment"
    return kind


def _profile(source: Source, params: Params, environ: Env, exists: t.Callable[[str], bool]) -> str:
    name = source.setting("profile")
    if name:
        return f"the profile {name}, which {_origin('profile', params, environ)} names"
    files = [environ.get("ALIBABA_CLOUD_CREDENTIALS_FILE") or "", *DEFAULT_FILES]
    file = next((path for path in files if path and exists(os.path.expanduser(path))), "its file")
    return f"the default profile, because {file} is there and no key is given"


def _origin(option: str, params: Params, environ: Env) -> str:
    if params.get(option):
        return f"the option {option}"
    return _first(ENVIRONMENT[option], environ) or option


def _first(names: t.Iterable[str], environ: Env) -> str | None:
    return next((name for name in names if environ.get(name)), None)
