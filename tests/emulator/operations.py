# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What each operation does once the gateway has let it through, and what twins and stale lists make of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from . import response_cache
from .clock import Clock
from .discovery import Catalog
from .errors import ApiError
from .faults import Fault
from .job_model import Job
from .jobs import JobService
from .logs import LogService
from .model import Json
from .other_actor import SOMEONE, interfere
from .platform_service import Platform
from .routes import Route
from .rule_grammar import Refusal, refusals
from .service import RayService

Modifiers = dict[str, Fault]
Result = Json | bytes


class Operations:
    """Carries operations out; the modifiers are the faults that play a part in it."""

    def __init__(
        self,
        clusters: RayService,
        jobs: JobService,
        logs: LogService,
        catalog: Catalog,
        clock: Clock,
        platform: Platform,
    ) -> None:
        self._clusters = clusters
        self._jobs = jobs
        self._logs = logs
        self._clock = clock
        self._platform = platform
        self._handlers: dict[str, Callable[[Route, dict[str, str], Any, Modifiers], Result]] = {
            "CreateRayCluster": lambda r, q, b, m: self._twice(m, self._create, r.workspace_id, b),
            "ListRayCluster": lambda r, q, b, m: self._list(r.workspace_id, q, m),
            "GetRayCluster": lambda r, q, b, m: self._get(r),
            "UpdateRayCluster": lambda r, q, b, m: self._write(clusters.update, r, b),
            "DeleteRayCluster": lambda r, q, b, m: clusters.delete(r.workspace_id, r.target_id),
            "StartRayCluster": lambda r, q, b, m: self._write(clusters.start, r, b),
            "StopRayCluster": lambda r, q, b, m: self._write(clusters.stop, r, b),
            "SubmitRayJob": lambda r, q, b, m: self._twice(m, self._submit, r.workspace_id, b),
            "ListRayJob": lambda r, q, b, m: jobs.list_page(r.workspace_id, q, self._show(r.workspace_id, q, m)),
            "GetRayJob": lambda r, q, b, m: jobs.get(r.workspace_id, r.target_id),
            "CancelRayJob": lambda r, q, b, m: jobs.cancel(r.workspace_id, r.target_id),
            "ListRayLogs": lambda r, q, b, m: logs.list_page(r.workspace_id, r.target_id, q),
            "GetRayLog": lambda r, q, b, m: logs.get(r.workspace_id, r.target_id, q),
            "ListReleaseVersions": lambda r, q, b, m: catalog.list_releases(q),
            **platform.handlers(),
        }

    def carry_out(self, route: Route, query: dict[str, str], body: Any, modifiers: Modifiers) -> Result:
        """Return the answer without its requestId, as data or as JSON text; raises ApiError."""
        self._platform.ground.settle()
        actor = modifiers.get("other_actor")
        if actor and actor.params["when"] == "before":
            self._interfere(actor, route)
        refusal = self._refusal(route)
        try:
            if refusal is None or refusal.done:
                result = self._handlers[route.operation](route, query, body, modifiers)
        finally:
            if actor and actor.params["when"] == "after":
                self._interfere(actor, route)
        if refusal is not None:
            raise ApiError(refusal.status, refusal.code, f"{route.operation} is refused by a rule.")
        return result

    def state_of(self, route: Route) -> str:
        """Return the state of the request's cluster, "" where there is none."""
        cluster = self._clusters.workspaces.get(route.workspace_id, {}).get(route.target_id)
        cluster = self._clusters.known(route.workspace_id, route.target_id) if cluster else None
        return cluster.state if cluster else ""

    def _refusal(self, route: Route) -> Refusal | None:
        """Return the first of the rule `refusals` that meets a request."""
        known = refusals(self._clusters.rules.refusals)
        state = self.state_of(route) if known else ""
        return next((item for item in known if item.fits(route.operation, state)), None)

    def _interfere(self, actor: Fault, route: Route) -> None:
        actor.memory.setdefault("ids", []).extend(interfere(self._clusters, actor.params["act"], route))

    def _get(self, route: Route) -> bytes:
        cluster = self._clusters.cluster(route.workspace_id, route.target_id)
        left, old = cluster.behind
        if left > 0:
            cluster.behind = (left - 1, old)
            return old
        return response_cache.get(cluster, self._clusters.rules, self._clusters.site)

    def _write(self, write: Callable[[str, str, Any], Json], route: Route, body: Any) -> Json:
        """Change a cluster; under the rule reads_behind, some reads show it as it was before."""
        behind = self._clusters.rules.reads_behind
        if behind:
            cluster = self._clusters.cluster(route.workspace_id, route.target_id)
            old = response_cache.get(cluster, self._clusters.rules, self._clusters.site)
            result = write(route.workspace_id, route.target_id, body)
            cluster.behind = (behind, old)
            return result
        return write(route.workspace_id, route.target_id, body)

    def remember(self, fault: Fault) -> None:
        """Take the snapshot that a stale or hiding list needs."""
        names = list(self._clusters.workspaces)
        if fault.kind in ("stale_list", "hide_new"):
            self._platform.ground.remember(fault)
        if fault.kind == "stale_list":
            if fault.operation == "ListRayJob":
                jobs = {
                    name: {job.submission_id: self._jobs.row(job) for job in self._jobs.all(name)} for name in names
                }
                fault.memory["rows"] = jobs
            else:
                fault.memory["rows"] = {name: self._clusters.rows(name) for name in names}
        if fault.kind == "hide_new":
            known = {key for name in names for key in self._clusters.workspaces[name]}
            fault.memory |= {"known": known | {job.submission_id for name in names for job in self._jobs.all(name)}}
            fault.memory |= {"seen": {}}

    # Twins

    def _twice(self, modifiers: Modifiers, make: Callable[[str, Any, bool], Json], workspace: str, body: Any) -> Json:
        """Make what the body says and, where a twin is wanted, let someone else make the same before or after."""
        twin = modifiers.get("twin")
        if twin is None or not isinstance(body, dict):
            return make(workspace, body, False)
        ids = twin.memory.setdefault("ids", [])
        if twin.params["when"] == "before":
            ids += make(workspace, body, True).values()
            return make(workspace, body, False)
        try:
            return make(workspace, body, False)
        finally:
            ids += make(workspace, body, True).values()

    def _create(self, workspace: str, body: Any, someone: bool) -> Json:
        if not someone:
            return self._clusters.create(workspace, body)
        state = "Starting" if self._clusters.rules.created == "starting" else "Stopped"
        (twin_id,) = self._clusters.seed(str(body.get("name")), spec=dict(body), state=state, workspace_id=workspace)
        self._clusters.patch(twin_id, dict(SOMEONE)).listed = False
        return {"clusterId": twin_id}

    def _submit(self, workspace: str, body: Any, someone: bool) -> Json:
        answer = self._jobs.submit(workspace, body)
        if someone:
            self._jobs.find(answer["submissionId"]).creator = SOMEONE["creatorName"]
        return answer

    def _list(self, workspace: str, query: dict[str, str], modifiers: Modifiers) -> Result:
        service, stale, hide = self._clusters, modifiers.get("stale_list"), modifiers.get("hide_new")
        clusters, part = service.page(workspace, query)
        old: list[Json] | None = stale.memory["rows"].get(workspace) if stale else None
        if old is not None:
            if hide:
                old = [row for row in old if not self._hidden(row["clusterId"], row["createTime"], hide, query)]
            return {"rayClusters": old[part], **service.lists.totals(len(old), len(old[part]))}
        if hide:
            clusters = [c for c in clusters if not self._hidden(c.cluster_id, int(c.created * 1000), hide, query)]
        totals = service.lists.totals(len(clusters), len(clusters[part]))
        return response_cache.page(clusters[part], service.rules, service.site, totals)

    # Lists that are behind

    def _show(self, workspace: str, query: dict[str, str], modifiers: Modifiers) -> Callable[[Job], Json | None] | None:
        """Return how a stale or hiding list shows a job, or None for the truth."""
        stale, hide = modifiers.get("stale_list"), modifiers.get("hide_new")
        if not stale and not hide:
            return None

        def show(job: Job) -> Json | None:
            if hide and self._hidden(job.submission_id, int(job.submitted * 1000), hide, query):
                return None
            if stale:
                found: Json | None = stale.memory["rows"].get(workspace, {}).get(job.submission_id)
                return found
            return self._jobs.row(job)

        return show

    def _hidden(self, key: str, created_ms: int, hide: Fault, query: dict[str, str]) -> bool:
        seen = hide.memory["seen"]
        if key in hide.memory["known"]:
            return False
        if query.get("pageNum", "1") == "1":
            seen[key] = seen.get(key, 0) + 1
        lists, seconds = hide.params["lists"], hide.params["seconds"]
        by_count = lists is not None and seen.get(key, 0) <= lists
        return by_count or (seconds is not None and self._clock() - created_ms / 1000 < seconds)
