# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""Define the options of emr_ray_probe as plain data."""

from __future__ import annotations

from .common import COMMON_OPTIONS, Options

PROBE: Options = {
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "display_release_version": {"type": "str"},
    "queue_name": {"type": "str", "default": "root_queue"},
    "cpu": {"type": "int", "default": 1},
    "memory": {"type": "int", "default": 4},
    "max_cu": {"type": "float", "default": 20.0},
    "max_minutes": {"type": "float", "default": 60.0},
    "max_clusters": {"type": "int", "default": 10},
    "path": {"type": "path"},
    **COMMON_OPTIONS,
}
