# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Another actor: someone else who acts on a cluster just before or after a request is carried out."""

from __future__ import annotations

from collections.abc import Callable

from .faults import ACTS
from .model import Cluster
from .routes import Route
from .service import RayService

SOMEONE = {"creatorName": "someone-else", "creator": "200000000000000002"}


def _create(service: RayService, cluster: Cluster) -> None:
    (cluster_id,) = service.seed(cluster.spec["name"], spec=cluster.spec, workspace_id=cluster.workspace_id)
    service.patch(cluster_id, dict(SOMEONE))


def _resize(service: RayService, cluster: Cluster) -> None:
    group = cluster.spec["workerSpec"][0]
    size = {"groupName": group["groupName"], "replica": (group.get("replica") or 1) + 1}
    rest = [{"groupName": item["groupName"]} for item in cluster.spec["workerSpec"][1:]]
    service.patch(cluster.cluster_id, {"workerSpec": [size, *rest]})


def _state(state: str) -> Callable[[RayService, Cluster], None]:
    return lambda service, cluster: service.force_state(cluster, state)


_HANDLERS: dict[str, Callable[[RayService, Cluster], None]] = {
    "delete": lambda service, cluster: service.remove(cluster.cluster_id),
    "stop": _state("Stopping"),
    "start": _state("Starting"),
    "break": _state("Error"),
    "upgrade": _state("Upgrading"),
    "describe": lambda service, cluster: _patch(service, cluster, "description", "set by someone else"),
    "rename": lambda service, cluster: _patch(service, cluster, "name", f"{cluster.spec['name'][:50]}-renamed"),
    "resize": _resize,
    "create": _create,
}


assert tuple(_HANDLERS) == ACTS


def _patch(service: RayService, cluster: Cluster, key: str, value: str) -> None:
    service.patch(cluster.cluster_id, {key: value})


def interfere(service: RayService, act: str, route: Route) -> list[str]:
    """Act on the request's cluster and return its id; a request without one: on all clusters but someone else's."""
    clusters = list(service.workspaces.get(route.workspace_id, {}).values())
    met = [
        cluster
        for cluster in clusters
        if (cluster.cluster_id == route.target_id if route.target_id else "creatorName" not in cluster.raw)
    ]
    for cluster in met:
        _HANDLERS[act](service, cluster)
    return [cluster.cluster_id for cluster in met]
