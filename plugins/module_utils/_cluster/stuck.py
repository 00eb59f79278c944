# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""Why a cluster stays in Starting: who fills its queues."""

from __future__ import annotations

import typing as t

from .._errors import ClusterError
from .fields import Cluster
from .queue_demand import list_nodes


def explain_start(
    error: ClusterError, cluster: Cluster | None, explain_queues: t.Callable[[frozenset[str]], str]
) -> None:
    """Add to the error of a wait that ended in Starting how full the queues of the cluster are, and who fills them.

    ``explain_queues`` returns that for the names of queues.
    """
    if error.code != "WaitTimeout" or str((cluster or {}).get("state")).casefold() != "starting":
        return
    text = explain_queues(frozenset(str(node.get("queue_name")) for _path, node in list_nodes(cluster)))
    if text:
        error.args = (f"{error}; {text}",)
