# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""The cluster operations of EMR Serverless Spark, one method each."""

from __future__ import annotations

import contextlib
import typing as t
import uuid

from .._api.operations import checked_id
from .._api.session import ApiSession, Payload
from .._errors import ApiError, Failure
from .._payload import field_names, to_camel
from .._task.context import TaskContext, open_session
from .fields import Cluster, GftConfig, HeadSpec, Spec, WorkerGroup
from .models import parse_cluster, parse_rows

if t.TYPE_CHECKING:
    from .._api.rate_limit import RateLimiter
    from .._api.stable_list import ListReading

# The maximum page size of ListRayCluster.
PAGE_SIZE = 100


# Other values came from the service, which may use any characters in them.
_WIRE_NAMES = {name: to_camel(name) for part in (Spec, HeadSpec, GftConfig, WorkerGroup) for name in field_names(part)}


def to_wire(value: t.Any) -> t.Any:
    """Return a spec with the API's names; fields that this collection does not know stay unchanged."""
    if isinstance(value, dict):
        return {_WIRE_NAMES.get(key, key): to_wire(item) if key in _WIRE_NAMES else item for key, item in value.items()}
    return [to_wire(item) for item in value] if isinstance(value, list) else value


class ClusterClient:
    """The cluster operations, called through a session that signs and retries."""

    def __init__(self, session: ApiSession) -> None:
        self.session = session

    def get_cluster(self, cluster_id: str, budget: float | None = None) -> Cluster | None:
        """Return a cluster with all its fields, or None if it is proven that it does not exist.

        The read ends within ``budget`` seconds if that is less than a call's time limit. Raises Failure for any other
        error.
        """

        def parse(payload: Payload) -> Cluster:
            cluster = parse_cluster(payload, "GetRayCluster")
            if cluster["cluster_id"] != cluster_id:
                raise ApiError("GetRayCluster", f"the response is about a cluster other than {cluster_id}")
            return cluster

        try:
            return self.session.call("GetRayCluster", parse, budget=budget, cluster=cluster_id)
        except ApiError as error:
            if self.proves_absence(cluster_id, error):
                return None
            raise

    def proves_absence(self, cluster_id: str, error: Failure) -> bool:
        """Return whether a cluster whose operation ended in ``error`` is proven absent."""
        from .._api.stable_list import proves_absence

        return proves_absence(error, "cluster", cluster_id, self.read_list)

    def read_list(self) -> ListReading[Cluster]:
        """Read the list of clusters to an empty page."""
        from .._api.stable_list import read_to_empty_page

        return read_to_empty_page("ListRayCluster", self.list_page, "cluster_id")

    def list_clusters(self, stop_at_short_page: bool = False) -> t.Iterator[Cluster]:
        """Yield the rows of all clusters of the workspace, page after page, each cluster once.

        The service gives no total. An empty page is the end. With ``stop_at_short_page``, a page that is not full
        counts as the end, too: this saves a request and may miss clusters.
        """
        from .._api.paging import paginate

        def is_last(page: list[Cluster], _count: int) -> bool:
            return stop_at_short_page and len(page) < PAGE_SIZE

        return paginate("ListRayCluster", self.list_page, "cluster_id", is_last)

    def list_page(self, page: int) -> list[Cluster]:
        """Return the rows of one page of the list; the first one is number 1."""

        def parse(payload: Payload) -> list[Cluster]:
            rows, total = parse_rows(payload), payload.get("totalCount")
            if page == 1 and not rows and isinstance(total, int) and total > 0:
                raise ApiError("ListRayCluster", f"the response counts {total} clusters and shows none")
            return rows

        return self.session.call("ListRayCluster", parse, {"pageNum": page, "pageSize": PAGE_SIZE})

    def create_cluster(self, spec: Spec, done: t.Callable[[], str | None] | None = None) -> str:
        """Create a cluster and return its id. Never resend a request that the service may have executed.

        ``done`` is called before a refused attempt is retried: if it returns an id, that is the result.
        """
        return self.session.call(
            "CreateRayCluster",
            lambda payload: checked_id("CreateRayCluster", "cluster id", payload.get("clusterId")),
            body=to_wire(spec),
            done=done,
        )

    def update_cluster(self, cluster_id: str, spec: Spec) -> None:
        """Send a complete spec."""
        self.session.send("UpdateRayCluster", body=to_wire(spec), cluster=cluster_id)

    def delete_cluster(self, cluster_id: str) -> None:
        """Delete a cluster."""
        self.session.send("DeleteRayCluster", cluster=cluster_id)

    def start_cluster(self, cluster_id: str) -> None:
        """Start a cluster; the client token, the same in every attempt, makes a repeat harmless."""
        body: Payload = {"clientToken": str(uuid.uuid4())}
        self.session.send("StartRayCluster", body=body, cluster=cluster_id)

    def stop_cluster(self, cluster_id: str, instance_id: str | None) -> None:
        """Stop the run ``instance_id`` of a cluster, or its current run if no id is given."""
        body: Payload = {"instanceId": instance_id} if instance_id else {}
        self.session.send("StopRayCluster", body=body, cluster=cluster_id)


@contextlib.contextmanager
def open_client(task: TaskContext, limit: RateLimiter | None = None) -> t.Iterator[ClusterClient]:
    """Return the cluster operations of the task's workspace. Raises the errors of :func:`open_session`."""
    with open_session(task, limit=limit) as session:
        yield ClusterClient(session)
