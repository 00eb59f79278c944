# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""The options inside options of the inventory plugin."""

from __future__ import annotations

from .common import COMMON_OPTIONS, Options

# Suboptions of the inventory plugin, which Ansible does not validate.
INVENTORY_FILTER_OPTIONS: Options = {
    "states": {"type": "list", "elements": "str"},
    "names": {"type": "list", "elements": "str"},
    "queues": {"type": "list", "elements": "str"},
    "display_release_versions": {"type": "list", "elements": "str"},
    "gpu_specs": {"type": "list", "elements": "str"},
    "modified": {"type": "bool"},
    "include": {"type": "list", "elements": "str"},
    "exclude": {"type": "list", "elements": "str"},
}

INVENTORY_WORKSPACE_OPTIONS: Options = {
    "workspace_id": {"type": "str", "required": True},
    **{name: COMMON_OPTIONS[name] for name in ("region", "endpoint")},
    "network": {"type": "str", "choices": COMMON_OPTIONS["network"]["choices"]},
}
