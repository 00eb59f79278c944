# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""Looks at what a workspace has, as far as the service lets one look. Private to this collection."""

from __future__ import annotations

import typing as t

from .._api.session import ApiSession
from .._errors import Failure
from .._workspace.client import Page, WorkspaceApi
from .._workspace.result import network_to_result, queue_to_result, release_to_result
from .preflight import WorkspaceCatalog
from .queue_demand import list_nodes
from .spec import Spec

Row = dict[str, t.Any]

# Seconds for one of the lists: a look that takes longer is not worth it.
LIST_TIMEOUT = 20.0


def load_catalog(session: ApiSession, *specs: Spec) -> WorkspaceCatalog:
    """Return what the session's workspace has of the kinds that the specs name: at most three requests.

    Never raises a Failure: ``unseen`` says what could not be looked at, and why.
    """
    api = WorkspaceApi(session, budget=LIST_TIMEOUT)
    unavailable: list[str] = []

    def load_rows(needed: bool, what: str, get: t.Callable[[str], Page], show: t.Callable[[Row], Row]) -> t.Any:
        if not needed:
            return None
        try:
            page = get(session.workspace_id)
        except Failure as failure:
            hint = f" ({failure.hint})" if failure.hint else ""
            unavailable.append(f"the {what} could not be looked at: {failure}{hint}")
            return None
        # What is not in a part of a list may be in the rest. Only network services may truly be none.
        if not page.is_complete or not (page.rows or show is network_to_result):
            unavailable.append(
                f"the {what} could not be looked at: the list is {'empty' if page.is_complete else 'not whole'}"
            )
            return None
        return tuple(show(row) for row in page.rows)

    queues = any(node.get("queue_name") for spec in specs for dummy, node in list_nodes(spec))
    networks = any(spec.get("network_service_name") for spec in specs)
    versions = any(
        node.get("display_release_version") for spec in specs for dummy, node in [("", spec), *list_nodes(spec)]
    )
    return WorkspaceCatalog(
        load_rows(queues, "queues", api.list_queues, queue_to_result),
        load_rows(networks, "network services", api.list_network_services, network_to_result),
        load_rows(versions, "engine versions", api.list_release_versions, release_to_result),
        tuple(unavailable),
    )
