# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""A static key, from the options or the environment; the types all credentials share."""

from __future__ import annotations

import typing as t

from .._errors import ParameterError
from .._payload import Params

STATIC_KEY_VARIABLES = (
    (("ALIBABA_CLOUD_ACCESS_KEY_ID",), ("ALIBABA_CLOUD_ACCESS_KEY_SECRET",), ("ALIBABA_CLOUD_SECURITY_TOKEN",)),
    (
        ("ALICLOUD_ACCESS_KEY_ID", "ALICLOUD_ACCESS_KEY"),
        ("ALICLOUD_ACCESS_KEY_SECRET", "ALICLOUD_SECRET_KEY"),
        ("ALICLOUD_SECURITY_TOKEN",),
    ),
)
# Options that name a source other than a static key.
_NON_STATIC_OPTIONS = ("profile", "oidc_provider_arn", "oidc_token_file", "role_arn", "credentials_uri", "ecs_ram_role")

Env = t.Mapping[str, str]


class Credentials(t.NamedTuple):
    """The credentials that sign a request; ``security_token`` only with temporary credentials."""

    access_key_id: str
    access_key_secret: str
    security_token: str | None = None


class CredentialSource(t.NamedTuple):
    """A source of credentials: a kind, its settings, and the source below it for an assumed role."""

    kind: str
    settings: tuple[tuple[str, str | None], ...] = ()
    static_credentials: Credentials | None = None
    base_source: CredentialSource | None = None

    def get_setting(self, name: str) -> str | None:
        """Return one of the settings."""
        return dict(self.settings).get(name)


def read_static_options(params: Params) -> CredentialSource | None:
    """Return the key that the options give, None for none. Raises ParameterError for a part of one."""
    key_id, secret, token = (params.get(f) for f in ("access_key_id", "access_key_secret", "security_token"))
    if not (key_id or secret or token):
        return None
    if not (key_id and secret):
        lacking = [name for name in ("access_key_id", "access_key_secret") if not params.get(name)]
        raise ParameterError([f"{name} is required with the other key options" for name in lacking])
    return CredentialSource("static", static_credentials=Credentials(str(key_id), str(secret), token or None))


def read_static_environment(environ: Env) -> CredentialSource | None:
    """Return the key that the environment gives, None for none."""
    for family in STATIC_KEY_VARIABLES:
        key_id, secret, token = (next((environ[n] for n in names if environ.get(n)), None) for names in family)
        if key_id and secret:
            return CredentialSource("static", static_credentials=Credentials(key_id, secret, token))
    return None
