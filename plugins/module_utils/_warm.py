# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""Doing ahead what every task would do: imports, building of schemas, loading of certificates.

For a process that forks one worker per task. Private to this collection.
"""

from __future__ import annotations

import importlib

from ansible_collections.rayops.alicloud.plugins.module_utils._models import check_spec, read_cluster
from ansible_collections.rayops.alicloud.plugins.module_utils._transport import prepare

_PACKAGE = "ansible_collections.rayops.alicloud.plugins.module_utils"
# What a task that has something to do, or meets a failure, imports in the middle of its work.
_LATE = (
    "_apply",
    "_create",
    "_guard",
    "_refusals",
    "_retry",
    "_sources",
    "_wait",
    "_work_failed",
    "_discovery",
    "_preflight",
)


def warm_up() -> None:
    """Leave nothing to a task but its own work. Needs httpx and pydantic."""
    for name in _LATE:
        importlib.import_module(f"{_PACKAGE}.{name}")
    check_spec({})
    read_cluster({"clusterId": "none"}, "GetRayCluster")
    # What a connection does with the name of its host: up to Python 3.10 with ASCII names, too.
    "localhost".encode("idna")
    prepare()
