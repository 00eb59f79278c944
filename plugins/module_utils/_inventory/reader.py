# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""What the inventory plugin reads, for whichever mouth asks: the clusters of workspaces, and workspaces of regions.

Private to this collection.
"""

from __future__ import annotations

import functools
import typing as t
from concurrent.futures import ThreadPoolExecutor

from .._api.error_kinds import is_denied
from .._api.settings import resolve_settings, setting
from .._cluster.client import Client, open_client
from .._cluster.lookup import read
from .._cluster.result import learn_secrets, row_view, view
from .._errors import ApiError, Failure, ParameterError
from .._task.context import Result, Task, TaskFailed, failed, open_caller
from .._workspace.client import WorkspaceApi
from .._workspace.result import LIFELESS
from .hosts import Found, Place, matches

# Reads under way at once, where each cluster is read with all its fields.
READERS = 8
# Answers of another shape, from another version of this collection, are not used.
SHAPE = 1


class Wanted(t.NamedTuple):
    """Which clusters are wanted, and from where: ``workspaces`` and ``regions`` instead of the one of the task."""

    workspaces: t.Sequence[t.Mapping[str, t.Any]] | None = None
    regions: t.Sequence[str] | None = None
    filters: t.Mapping[str, t.Any] = {}
    details: bool = False
    strict: bool = True


class Reader:
    """Reads what is wanted and not yet known, and remembers in ``answers`` what the service said.

    These are plain data without secrets for a cache to keep: ``workspaces`` by address and region, and ``clusters`` by
    address and workspace. They hold every row of a list, whatever the filters, so that they serve other filters too.
    """

    def __init__(self, wanted: Wanted, known: t.Any = None) -> None:
        self._wanted = wanted
        self._known: Result = known if isinstance(known, dict) and known.get("shape") == SHAPE else {}
        self.answers: Result = {"shape": SHAPE, "workspaces": {}, "clusters": {}}

    def run(self, task: Task) -> Result:
        """Return the wanted clusters in ``found``. Raises TaskFailed."""
        found: list[Found] = []
        for each in self._tasks(task):
            place = _place(each)
            key = f"{place.host} {place.workspace_id}"
            if key in self.answers["clusters"]:
                # Two regions with one endpoint, or a workspace that is in one of the regions.
                continue
            known = self._known.get("clusters", {}).get(key, {})
            answers = self._unless_refused(task, functools.partial(self._clusters, each, known))
            if answers is not None:
                self.answers["clusters"][key] = answers
                found += self._found(place, answers)
        return {"found": found}

    def _tasks(self, task: Task) -> t.Iterator[Task]:
        """Yield a task for each workspace."""
        wanted = self._wanted
        if not wanted.workspaces and not wanted.regions:
            yield task
        elif task.params.get("workspace_id"):
            raise _useless(task, "workspace_id: cannot be given together with workspaces or regions")
        for workspace in wanted.workspaces or ():
            yield _with(task, {key: value for key, value in workspace.items() if value is not None})
        for region in wanted.regions or ():
            for row in (
                self._unless_refused(task, functools.partial(self._of_region, _with(task, {"region": region}))) or ()
            ):
                yield _with(task, {"region": region, "workspace_id": row["workspaceId"]})

    def _unless_refused(self, task: Task, ask: t.Callable[[], t.Any]) -> t.Any:
        """Return an answer; where a refusal is no error, warn of it and return None."""
        try:
            return ask()
        except TaskFailed as failure:
            if self._wanted.strict or not (isinstance(failure.cause, ApiError) and is_denied(failure.cause)):
                raise
            task.warn(f"{failure.result['msg']}. It is passed over, and its clusters are no hosts.")
            return None

    def _of_region(self, task: Task) -> list[Result]:
        """Return the workspaces of the task's region that can have clusters."""
        region = task.params["region"]
        try:
            # Where the region leads is asked first: the answers are kept by address.
            host = resolve_settings(task.params, task.environ, needs_workspace=False).host
            rows = self._known.get("workspaces", {}).get(f"{host} {region}")
            if rows is None:
                with open_caller(task, needs_workspace=False) as caller:
                    rows = [_brief(row) for row in WorkspaceApi(caller, region).list_workspaces()]
        except Failure as failure:
            raise failed(task, f"Could not list the workspaces of region {region}", failure, {}) from None
        self.answers["workspaces"][f"{host} {region}"] = rows
        return [row for row in rows if row["workspaceStatus"] not in LIFELESS]

    def _clusters(self, task: Task, known: Result) -> Result:
        """Return ``rows``, all clusters as the list gives them, and ``details`` by cluster id, None for one gone since.

        What is known is not read again.
        """
        rows, details = known.get("rows"), dict(known.get("details") or {})
        if rows is not None and not self._missing(rows, details):
            return {"rows": rows, "details": details}
        try:
            with open_client(task) as client:
                if rows is None:
                    rows = [_shown(task, row, row_view) for row in client.list_clusters()]
                missing = self._missing(rows, details)
                with ThreadPoolExecutor(READERS) as pool:
                    details.update(
                        zip(missing, pool.map(functools.partial(_whole, task, client), missing), strict=True)
                    )
        except Failure as failure:
            workspace = setting("workspace_id", task.params, task.environ)
            raise failed(task, f"Could not read the Ray clusters of workspace {workspace}", failure, {}) from None
        return {"rows": rows, "details": details}

    def _missing(self, rows: list[Result], details: Result) -> list[str]:
        """Return the ids of clusters that are still to be read with all their fields."""
        if not self._wanted.details:
            return []
        ids = [row["cluster_id"] for row in rows if matches(row, self._wanted.filters)]
        return [cluster_id for cluster_id in ids if cluster_id not in details]

    def _found(self, place: Place, answers: Result) -> list[Found]:
        rows = [row for row in answers["rows"] if matches(row, self._wanted.filters)]
        if self._wanted.details:
            # A cluster may have changed, or gone, between the list and the read.
            details = [answers["details"][row["cluster_id"]] for row in rows]
            rows = [row for row in details if row and matches(row, self._wanted.filters)]
        return [Found(place, row) for row in rows]


def _with(task: Task, options: t.Mapping[str, t.Any]) -> Task:
    """Return a task with other options, which are no secrets."""
    other = Task({**task.params, **options}, task.environ, task.warn, user_agent=task.user_agent, clock=task.clock)
    other.secrets = task.secrets
    return other


def _useless(task: Task, *problems: str) -> TaskFailed:
    return failed(task, "The options of the inventory cannot be used", ParameterError(list(problems)), {})


def _place(task: Task) -> Place:
    try:
        settings = resolve_settings(task.params, task.environ)
    except ParameterError as error:
        raise _useless(task, *error.problems) from None
    return Place(
        workspace_id=settings.workspace_id,
        host=settings.host,
        region=setting("region", task.params, task.environ),
        endpoint=task.params.get("endpoint"),
        network=task.params.get("network"),
    )


def _brief(row: Result) -> Result:
    return {"workspaceId": str(row.get("workspaceId") or ""), "workspaceStatus": row.get("workspaceStatus")}


def _whole(task: Task, client: Client, cluster_id: str) -> Result | None:
    found = read(client, cluster_id)
    return _shown(task, found, view) if found else None


def _shown(task: Task, cluster: Result, render: t.Callable[[Result], Result]) -> Result:
    learn_secrets(cluster, task.secrets, return_secrets=False)
    return t.cast(Result, task.secrets.scrub(render(cluster)))
