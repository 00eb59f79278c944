# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""The options of emr_workspace_info."""

from __future__ import annotations

from .common import COMMON_OPTIONS, Options

WORKSPACE_INFO_OPTIONS: Options = {
    "name": {"type": "str"},
    "states": {"type": "list", "elements": "str"},
    "gather": {
        "type": "list",
        "elements": "str",
        "choices": ["queues", "release_versions", "network_services", "members", "top_jobs", "cu_hours"],
        "default": ["queues", "release_versions", "network_services"],
    },
    "start_time": {"type": "str"},
    "end_time": {"type": "str"},
    **COMMON_OPTIONS,
}
