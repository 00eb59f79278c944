# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""The options of emr_ray_fleet, as plain data."""

from __future__ import annotations

from .cluster import CLUSTER_OPTIONS
from .common import COMMON_OPTIONS, Options

# The options of emr_ray_cluster itself. They have no defaults here, so that unset options can be
# distinguished from set ones: `defaults` apply first, then the defaults of emr_ray_cluster.
CLUSTER_ENTRY: Options = {
    name: {key: value for key, value in option.items() if key != "default"}
    for name, option in CLUSTER_OPTIONS.items()
    if name not in COMMON_OPTIONS
}
CLUSTER_ENTRY_DEFAULTS: dict[str, object] = {name: CLUSTER_OPTIONS[name].get("default") for name in CLUSTER_ENTRY}
FLEET_DEFAULTS: Options = {name: option for name, option in CLUSTER_ENTRY.items() if name not in ("cluster_id", "name")}

FLEET: Options = {
    "clusters": {"type": "list", "elements": "dict", "required": True, "options": CLUSTER_ENTRY},
    "defaults": {"type": "dict", "options": FLEET_DEFAULTS},
    "max_parallel": {"type": "int", "default": 10},
    "requests_per_second": {"type": "float"},
    "batch_size": {"type": "int"},
    "max_failures": {"type": "int"},
    "prune": {"type": "str", "choices": ["off", "stop", "delete"], "default": "off"},
    "prune_pattern": {"type": "str"},
    "max_prune": {"type": "int", "default": 10},
    "max_cu": {"type": "float"},
    "max_gpus": {"type": "int"},
    "max_stopped_fraction": {"type": "float"},
    "max_deleted": {"type": "int"},
    **COMMON_OPTIONS,
}
