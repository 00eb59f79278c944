# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""The fields of a cluster's spec, by their option names."""

from __future__ import annotations

TOP_FIELDS = (
    "name",
    "display_release_version",
    "description",
    "network_service_name",
    "extra_param",
    "volume_ids",
    "head_spec",
    "worker_spec",
)
NODE_FIELDS = ("queue_name", "cpu", "memory", "gpu_spec", "display_release_version", "env", "ray_start_params")
HEAD_FIELDS = (*NODE_FIELDS, "enable_auto_scaling", "idle_timeout_seconds", "gft_enabled", "gft_config")
GFT_FIELDS = ("redis_url", "redis_username", "redis_password")
WORKER_FIELDS = (
    "group_name",
    "worker_type",
    "replica",
    "min_replica",
    "max_replica",
    *NODE_FIELDS,
    "extra_param",
)

# The states of a cluster that are documented.
STATES = ("Starting", "Running", "Stopping", "Stopped", "Error")

# API pages of CreateRayCluster and UpdateRayCluster.
MAX_GROUPS = 50
