# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""Looks at what a workspace has, as far as the service lets one look. Private to this collection."""

from __future__ import annotations

import typing as t

from .._api.session import Caller
from .._errors import Failure
from .._workspace.client import Listed, WorkspaceApi
from .._workspace.result import network_view, queue_view, release_view
from .preflight import Known
from .queue_demand import nodes
from .spec import Spec

Row = dict[str, t.Any]

# Seconds for one of the lists: a look that takes longer is not worth it.
PATIENCE = 20.0


def look(caller: Caller, *specs: Spec) -> Known:
    """Return what the caller's workspace has of the kinds that the specs name: at most three requests.

    Never raises a Failure: ``unseen`` says what could not be looked at, and why.
    """
    api = WorkspaceApi(caller, budget=PATIENCE)
    unseen: list[str] = []

    def ask(needed: bool, what: str, get: t.Callable[[str], Listed], show: t.Callable[[Row], Row]) -> t.Any:
        if not needed:
            return None
        try:
            listed = get(caller.workspace_id)
        except Failure as failure:
            hint = f" ({failure.hint})" if failure.hint else ""
            unseen.append(f"the {what} could not be looked at: {failure}{hint}")
            return None
        # What is not in a part of a list may be in the rest. Only network services may truly be none.
        if not listed.complete or not (listed.rows or show is network_view):
            unseen.append(
                f"the {what} could not be looked at: the list is {'empty' if listed.complete else 'not whole'}"
            )
            return None
        return tuple(show(row) for row in listed.rows)

    queues = any(node.get("queue_name") for spec in specs for dummy, node in nodes(spec))
    networks = any(spec.get("network_service_name") for spec in specs)
    versions = any(node.get("display_release_version") for spec in specs for dummy, node in [("", spec), *nodes(spec)])
    return Known(
        ask(queues, "queues", api.list_queues, queue_view),
        ask(networks, "network services", api.list_network_services, network_view),
        ask(versions, "engine versions", api.list_release_versions, release_view),
        tuple(unseen),
    )
