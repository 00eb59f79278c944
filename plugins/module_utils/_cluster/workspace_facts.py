# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""Read the contents of a workspace, as far as permissions allow."""

from __future__ import annotations

import typing as t

from .._api.session import ApiSession
from .._errors import Failure
from .._payload import pick
from .._workspace.client import Page, Row, WorkspaceApi
from .._workspace.fields import ShownQueue
from .._workspace.result import queue_to_result
from .fields import Spec
from .preflight import WorkspaceCatalog
from .queue_demand import list_nodes

# Time limit in seconds for reading one of the lists: a slower read is not worth the wait.
LIST_TIMEOUT = 20.0


def load_catalog(session: ApiSession, *specs: Spec) -> WorkspaceCatalog:
    """Return the parts of the session's workspace that the specs refer to, with at most three requests.

    Never raises a Failure: ``unavailable`` says which parts could not be read, and why.
    """
    api = WorkspaceApi(session, budget=LIST_TIMEOUT)
    unavailable: list[str] = []

    def load_rows(what: str, get: t.Callable[[str], Page[Row]], may_be_empty: bool = False) -> list[Row] | None:
        try:
            page = get(session.workspace_id)
        except Failure as failure:
            hint = f" ({failure.hint})" if failure.hint else ""
            unavailable.append(f"the {what} could not be read: {failure}{hint}")
            return None
        # Items missing from an incomplete list may be in its unread part.
        if not page.is_complete or not (page.rows or may_be_empty):
            unavailable.append(
                f"the {what} could not be read: the list is {'empty' if page.is_complete else 'incomplete'}"
            )
            return None
        return page.rows

    nodes = [node for spec in specs for _path, node in list_nodes(spec)]
    catalog = WorkspaceCatalog()
    if any(node.get("queue_name") for node in nodes) and (queues := load_rows("queues", api.list_queues)):
        catalog = catalog._replace(queues=tuple(pick(ShownQueue, queue_to_result(row)) for row in queues))
    if any(spec.get("network_service_name") for spec in specs):
        # Only the list of network services may truly be empty.
        networks = load_rows("network services", api.list_network_services, may_be_empty=True)
        if networks is not None:
            catalog = catalog._replace(networks=tuple(networks))
    if any(part.get("display_release_version") for part in [*specs, *nodes]):
        versions = load_rows("engine versions", api.list_release_versions)
        if versions:
            catalog = catalog._replace(versions=tuple(versions))
    return catalog._replace(unavailable=tuple(unavailable))
