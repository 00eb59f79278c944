# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Do the common work of all tasks in advance: import modules, build schemas, load certificates.

For a process that forks one worker per task.
"""

from __future__ import annotations

from ...module_utils._api import error_responses as _error_responses  # noqa: F401
from ...module_utils._api.transport import preload
from ...module_utils._cluster import steps as _steps  # noqa: F401
from ...module_utils._cluster.models import parse_cluster, parse_spec
from ...module_utils._credentials import chain as _chain  # noqa: F401


def warm_up() -> None:
    """Do all work that is not specific to a task. Needs httpx and pydantic."""
    parse_spec({})
    parse_cluster({"clusterId": "none"}, "GetRayCluster")
    # A connection encodes the name of its host this way: up to Python 3.10, ASCII names, too.
    "localhost".encode("idna")
    preload()
