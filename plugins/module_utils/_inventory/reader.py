# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""Read clusters of workspaces, and workspaces of regions, for the inventory plugin."""

from __future__ import annotations

import functools
import typing as t
from concurrent.futures import ThreadPoolExecutor

from .._api.error_kinds import is_access_denied
from .._api.settings import option_or_env, resolve_settings
from .._cluster.client import ClusterClient, open_client
from .._cluster.fields import Cluster
from .._cluster.result import cluster_to_result, list_row_to_result, register_secrets
from .._errors import ApiError, Failure, ParameterError
from .._payload import Params
from .._task.context import Result, TaskContext, TaskFailed, open_session
from .._task.failures import task_failure
from .._workspace.client import WorkspaceApi
from .._workspace.fields import Workspace
from .._workspace.result import UNUSABLE_STATES
from .hosts import LocatedCluster, WorkspaceLocation, matches_filters

# The number of concurrent reads if each cluster is read with all its fields.
MAX_READER_THREADS = 8
# Stored responses in another format, from another version of this collection, are not used.
CACHE_SCHEMA_VERSION = 1


class InventoryQuery(t.NamedTuple):
    """The wanted clusters, and their location: ``workspaces`` and ``regions`` instead of the task's workspace."""

    workspaces: t.Sequence[Params] | None = None
    regions: t.Sequence[str] | None = None
    filters: t.Mapping[str, t.Any] = {}
    details: bool = False
    strict: bool = True


class InventoryReader:
    """Reads the clusters and workspaces that are not known yet, and keeps the responses of the service in ``answers``.

    These are plain data without secrets, so that a cache can store them: ``workspaces`` by address and region, and
    ``clusters`` by address and workspace. They hold every row of a list, regardless of the filters, so that they serve
    other filters, too.
    """

    def __init__(self, wanted: InventoryQuery, known: t.Any = None) -> None:
        self._wanted = wanted
        self._known: Result = known if isinstance(known, dict) and known.get("shape") == CACHE_SCHEMA_VERSION else {}
        self.answers: Result = {"shape": CACHE_SCHEMA_VERSION, "workspaces": {}, "clusters": {}}

    def run(self, task: TaskContext) -> Result:
        """Return the wanted clusters in ``found``. Raises TaskFailed."""
        found: list[LocatedCluster] = []
        for each in self._iter_workspace_tasks(task):
            place = _resolve_location(each)
            key = f"{place.host} {place.workspace_id}"
            if key in self.answers["clusters"]:
                # Two regions with one endpoint, or a workspace that is in one of the regions.
                continue
            known = self._known.get("clusters", {}).get(key, {})
            answers = self._skip_if_denied(task, functools.partial(self._read_clusters, each, known))
            if answers is not None:
                self.answers["clusters"][key] = answers
                found += self._select_clusters(place, answers)
        return {"found": found}

    def _iter_workspace_tasks(self, task: TaskContext) -> t.Iterator[TaskContext]:
        """Yield a task for each workspace."""
        wanted = self._wanted
        if not wanted.workspaces and not wanted.regions:
            yield task
        elif task.params.get("workspace_id"):
            raise _invalid_options(task, "workspace_id: cannot be given together with workspaces or regions")
        for workspace in wanted.workspaces or ():
            yield _task_with(task, {key: value for key, value in workspace.items() if value is not None})
        for region in wanted.regions or ():
            listing = functools.partial(self._list_region_workspaces, _task_with(task, {"region": region}))
            for row in self._skip_if_denied(task, listing) or ():
                yield _task_with(task, {"region": region, "workspace_id": row["workspaceId"]})

    def _skip_if_denied(self, task: TaskContext, ask: t.Callable[[], t.Any]) -> t.Any:
        """Return a response; if a refusal is not an error, warn about it and return None."""
        try:
            return ask()
        except TaskFailed as failure:
            if self._wanted.strict or not (isinstance(failure.cause, ApiError) and is_access_denied(failure.cause)):
                raise
            task.warn(f"{failure.result['msg']}. It is skipped, and its clusters are missing from the inventory.")
            return None

    def _list_region_workspaces(self, task: TaskContext) -> list[Result]:
        """Return the workspaces of the task's region that can have clusters."""
        region = task.params["region"]
        try:
            # The region's address is resolved first: the responses are stored by address.
            host = resolve_settings(task.params, task.environ, needs_workspace=False).host
            rows = self._known.get("workspaces", {}).get(f"{host} {region}")
            if rows is None:
                with open_session(task, needs_workspace=False) as session:
                    rows = [_trim_workspace_row(row) for row in WorkspaceApi(session, region).list_workspaces()]
        except Failure as failure:
            raise task_failure(task, f"Could not list the workspaces of region {region}", failure, {}) from None
        self.answers["workspaces"][f"{host} {region}"] = rows
        return [row for row in rows if row["workspaceStatus"] not in UNUSABLE_STATES]

    def _read_clusters(self, task: TaskContext, known: Result) -> Result:
        """Return ``rows``, all clusters as the list gives them, and ``details`` by cluster id, None for a deleted one.

        Known data is not read again.
        """
        rows, details = known.get("rows"), dict(known.get("details") or {})
        if rows is not None and not self._find_unread_ids(rows, details):
            return {"rows": rows, "details": details}
        try:
            with open_client(task) as client:
                if rows is None:
                    rows = [_to_redacted_result(task, row, list_row_to_result) for row in client.list_clusters()]
                missing = self._find_unread_ids(rows, details)
                with ThreadPoolExecutor(MAX_READER_THREADS) as pool:
                    details.update(
                        zip(missing, pool.map(functools.partial(_read_full, task, client), missing), strict=True)
                    )
        except Failure as failure:
            workspace = option_or_env("workspace_id", task.params, task.environ)
            raise task_failure(task, f"Could not read the Ray clusters of workspace {workspace}", failure, {}) from None
        return {"rows": rows, "details": details}

    def _find_unread_ids(self, rows: list[Result], details: Result) -> list[str]:
        """Return the ids of clusters that must still be read with all their fields."""
        if not self._wanted.details:
            return []
        ids = [row["cluster_id"] for row in rows if matches_filters(row, self._wanted.filters)]
        return [cluster_id for cluster_id in ids if cluster_id not in details]

    def _select_clusters(self, place: WorkspaceLocation, answers: Result) -> list[LocatedCluster]:
        rows = [row for row in answers["rows"] if matches_filters(row, self._wanted.filters)]
        if self._wanted.details:
            # A cluster may have changed, or been deleted, between the list and the read.
            details = [answers["details"][row["cluster_id"]] for row in rows]
            rows = [row for row in details if row and matches_filters(row, self._wanted.filters)]
        return [LocatedCluster(place, row) for row in rows]


def _task_with(task: TaskContext, options: Params) -> TaskContext:
    """Return a task with other options, which contain no secrets."""
    other = TaskContext(
        {**task.params, **options}, task.environ, task.warn, user_agent=task.user_agent, clock=task.clock
    )
    other.secrets = task.secrets
    return other


def _invalid_options(task: TaskContext, *problems: str) -> TaskFailed:
    return task_failure(task, "The options of the inventory cannot be used", ParameterError(list(problems)), {})


def _resolve_location(task: TaskContext) -> WorkspaceLocation:
    try:
        settings = resolve_settings(task.params, task.environ)
    except ParameterError as error:
        raise _invalid_options(task, *error.problems) from None
    return WorkspaceLocation(
        workspace_id=settings.workspace_id,
        host=settings.host,
        region=option_or_env("region", task.params, task.environ),
        endpoint=task.params.get("endpoint"),
        network=task.params.get("network"),
    )


def _trim_workspace_row(row: Workspace) -> Result:
    return {"workspaceId": row["workspace_id"], "workspaceStatus": row.get("workspace_status")}


def _read_full(task: TaskContext, client: ClusterClient, cluster_id: str) -> Result | None:
    found = client.get_cluster(cluster_id)
    return _to_redacted_result(task, found, cluster_to_result) if found else None


def _to_redacted_result(
    task: TaskContext, cluster: Cluster, render: t.Callable[[Cluster], dict[str, object]]
) -> Result:
    register_secrets(cluster, task.secrets, return_secrets=False)
    return task.secrets.redact(render(cluster))
