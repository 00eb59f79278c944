# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""Define the options of the modules as plain data.

Environment variables are not fallbacks here: the core reads them, so that all entry points resolve them alike.
"""

from __future__ import annotations

Options = dict[str, dict[str, object]]

# no_log=False marks an option whose name suggests a secret, but whose value is not one.
COMMON_OPTIONS: Options = {
    "region": {"type": "str"},
    "endpoint": {"type": "str"},
    "network": {"type": "str", "choices": ["public", "vpc"], "default": "public"},
    "workspace_id": {"type": "str"},
    "access_key_id": {"type": "str", "no_log": False},
    "access_key_secret": {"type": "str", "no_log": True},
    "security_token": {"type": "str", "no_log": True},
    "profile": {"type": "str"},
    "role_arn": {"type": "str"},
    "role_session_name": {"type": "str"},
    "ecs_ram_role": {"type": "str"},
    "oidc_provider_arn": {"type": "str"},
    "oidc_token_file": {"type": "path", "no_log": False},
    "credentials_uri": {"type": "str", "no_log": True},
    "validate_certs": {"type": "bool", "default": True},
    "ca_path": {"type": "path"},
    "timeout": {"type": "float", "default": 30.0},
    "retries": {"type": "int", "default": 5},
}

RETURN_SECRETS_OPTION: Options = {"return_secrets": {"type": "bool", "default": False, "no_log": False}}
