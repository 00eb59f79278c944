# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""Read a profile from the file of the aliyun CLI or from the INI file of the SDKs.

The library fills what a profile lacks from the environment, and so signs with another key, or a mixture of both.
Reading the files here makes a named profile sign with itself or fail. Private to this collection.
"""

from __future__ import annotations

import configparser
import json
import os
import typing as t

from .._errors import CredentialError
from .._payload import Params
from .static import Env

CLI_FILE, INI_FILE = "~/.aliyun/config.json", "~/.alibabacloud/credentials.ini"
CLI_DISABLED_VARIABLE, INI_FILE_VARIABLE = "ALIBABA_CLOUD_CLI_PROFILE_DISABLED", "ALIBABA_CLOUD_CREDENTIALS_FILE"

# Per mode the fields that it cannot do without.
_REQUIRED_FIELDS = {
    "AK": ("access_key_id", "access_key_secret"),
    "StsToken": ("access_key_id", "access_key_secret", "sts_token"),
    "RamRoleArn": ("access_key_id", "access_key_secret", "ram_role_arn"),
    "ChainableRamRoleArn": ("source_profile", "ram_role_arn"),
    "EcsRamRole": ("ram_role_name",),
    "OIDC": ("ram_role_arn", "oidc_provider_arn", "oidc_token_file"),
    "CloudSSO": ("cloud_sso_sign_in_url", "cloud_sso_account_id", "cloud_sso_access_config", "access_token"),
    "OAuth": ("oauth_site_type", "oauth_refresh_token"),
    "External": ("process_command",),
}
# Fields that differ between accounts, and stay the same when temporary credentials are renewed.
_IDENTITY_FIELDS = (
    "ram_role_arn",
    "ram_role_name",
    "source_profile",
    "oidc_provider_arn",
    "cloud_sso_sign_in_url",
    "cloud_sso_account_id",
    "cloud_sso_access_config",
    "oauth_site_type",
    "process_command",
)
# The types of the INI file, and its names of fields, in the words of the CLI's file.
_INI_MODES = {"access_key": "AK", "ram_role_arn": "RamRoleArn", "ecs_ram_role": "EcsRamRole", "oidc_role_arn": "OIDC"}
_INI_FIELDS = {
    "role_arn": "ram_role_arn",
    "role_name": "ram_role_name",
    "role_session_name": "ram_session_name",
    "oidc_token_file_path": "oidc_token_file",
}
_INSTEAD = (
    f"use a profile of mode {', '.join(_REQUIRED_FIELDS)}, or give access_key_id and access_key_secret, role_arn, "
    "or credentials_uri as options"
)


class Profile(t.NamedTuple):
    """A profile: its name and file, its mode in the words of the CLI, and its fields that are not empty."""

    name: str
    file: str
    mode: str
    fields: Params
    source: Profile | None = None

    def get_identity(self) -> tuple[object, ...]:
        """Return what tells this profile's account from others, without a secret."""
        key = self.fields.get("access_key_id") if self.mode in ("AK", "RamRoleArn") else None
        below = self.source.get_identity() if self.source else ()
        return (self.file, self.name, self.mode, key, *map(self.fields.get, _IDENTITY_FIELDS), *below)


def read_profile(name: str | None, environ: Env) -> Profile:
    """Return the profile with this name, or without one the current profile. Raises CredentialError.

    The CLI's file comes first, then the INI file.
    """
    searched = []
    for file, read in _list_files(environ):
        searched.append(file)
        found = read(file, name)
        if found is not None:
            return found
    disabled = f"; {CLI_DISABLED_VARIABLE} is true" if _is_cli_disabled(environ) else ""
    called = f"profile {name}" if name else "current profile"
    raise CredentialError(f"there is no {called} in {' or '.join(searched)}{disabled}", hint=_INSTEAD)


def has_usable_profile(environ: Env) -> bool:
    """Return whether the current profile is complete: otherwise the next source is used."""
    try:
        read_profile(None, environ)
    except CredentialError:
        return False
    return True


def _is_cli_disabled(environ: Env) -> bool:
    return environ.get(CLI_DISABLED_VARIABLE, "").lower() == "true"


def _list_files(environ: Env) -> t.Iterator[tuple[str, t.Callable[[str, str | None], Profile | None]]]:
    if not _is_cli_disabled(environ):
        yield os.path.expanduser(CLI_FILE), _read_cli_file
    yield os.path.expanduser(environ.get(INI_FILE_VARIABLE) or INI_FILE), _read_ini_file


def _read_cli_file(file: str, name: str | None) -> Profile | None:
    try:
        with open(file, encoding="utf-8") as stream:
            content = json.load(stream)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, RecursionError) as error:
        raise _unreadable(file, error) from None
    listed = content.get("profiles") if isinstance(content, dict) else None
    if not isinstance(listed, list):
        raise CredentialError(f"{file} cannot be read: it has no list of profiles")
    profiles = {str(row.get("name")): row for row in listed if isinstance(row, dict)}
    wanted = name or content.get("current") or "default"
    return _read_cli_profile(file, str(wanted), profiles, set())


def _read_cli_profile(file: str, name: str, profiles: t.Mapping[str, Params], above: set[str]) -> Profile | None:
    row = profiles.get(name)
    if row is None:
        return None
    profile = _check_profile(name, file, str(row.get("mode") or ""), row)
    below = profile.fields.get("source_profile") if profile.mode == "ChainableRamRoleArn" else None
    if below is None:
        return profile
    if name in above:
        raise CredentialError(f"profile {name} of {file} is its own source_profile")
    source = _read_cli_profile(file, str(below), profiles, above | {name})
    if source is None:
        raise CredentialError(f"there is no profile {below} in {file}, the source_profile of {name}")
    return profile._replace(source=source)


def _read_ini_file(file: str, name: str | None) -> Profile | None:
    parser = configparser.ConfigParser(interpolation=None)
    try:
        with open(file, encoding="utf-8") as stream:
            parser.read_file(stream)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, configparser.Error) as error:
        raise _unreadable(file, error) from None
    wanted = name or "default"
    if not parser.has_section(wanted):
        return None
    section = {key: value.strip().strip("\"'") for key, value in parser.items(wanted)}
    kind = section.get("type", "")
    fields = {_INI_FIELDS.get(key, key): value for key, value in section.items() if key != "type"}
    return _check_profile(wanted, file, _INI_MODES.get(kind, kind), fields)


def _check_profile(name: str, file: str, mode: str, row: t.Mapping[str, object]) -> Profile:
    """Return a profile. Raises CredentialError that names what it lacks, and never a value."""
    required = _REQUIRED_FIELDS.get(mode)
    if required is None:
        raise CredentialError(f"profile {name} of {file} has the mode {mode[:40]!r}, which is not supported", _INSTEAD)
    fields = {key: value for key, value in row.items() if value not in (None, "")}
    missing = [field for field in required if not fields.get(field)]
    if missing:
        raise CredentialError(
            f"profile {name} of {file} has no {', '.join(missing)}",
            hint="complete it with aliyun configure, or name another source; a named profile is never completed with "
            "keys of the environment",
        )
    return Profile(name, file, mode, fields)


def _unreadable(file: str, error: Exception) -> CredentialError:
    """Return the error without the text of the file, which parsers quote."""
    why = error.strerror if isinstance(error, OSError) else type(error).__name__
    return CredentialError(f"{file} cannot be read: {why}")
