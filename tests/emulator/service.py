# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The service without HTTP: workspaces, the seven operations on Ray clusters, and hands behind its back for tests."""

from __future__ import annotations

import copy
import random
from collections.abc import Callable, Iterable

from . import cluster_spec as wire
from . import cluster_views
from .clock import Clock
from .cluster_lists import ClusterLists
from .errors import ApiError, invalid
from .model import ERROR, RUNNING, STARTING, STOPPED, STOPPING, Cluster, Failure, Head, Json, mint, new_run
from .query import text, whole
from .rule_grammar import field_list
from .rules import Rules, Timing
from .service_address import ServiceAddress
from .shown_formats import taken
from .text_rules import respell

# Where the rules starting_ends and stopping_ends let a movement end.
_ENDS = {"running": RUNNING, "stopped": STOPPED, "error": ERROR, "never": None}


class RayService:
    """All state of the emulator. Methods answer without `requestId` and raise ApiError; they are not thread-safe."""

    def __init__(
        self,
        *,
        rules: Rules | None = None,
        timing: Timing | None = None,
        clock: Callable[[], float] | None = None,
        workspaces: Iterable[str] = ("w-emulator",),
        rng: random.Random | None = None,
        site: ServiceAddress | None = None,
    ) -> None:
        self.rules = rules or Rules()
        self.timing = timing or Timing()
        self._clock = clock or Clock()
        self.rng = rng or random.Random()
        self.site = site or ServiceAddress()
        self.begin_head: Callable[[Cluster], Head] | None = None
        self.lists = ClusterLists(self.rules, self._clock)
        self._number = 0
        self.workspaces: dict[str, dict[str, Cluster]] = {name: {} for name in workspaces}

    @property
    def now(self) -> float:
        """The time that moves the clusters, in seconds."""
        return self._clock()

    # What clients can do

    def create(self, workspace_id: str, body: object) -> Json:
        """CreateRayCluster: register a cluster, and start it under the rule created=starting."""
        self.check_workspace(workspace_id)
        spec = self._parsed(body)
        wire.check(spec)
        spec = respell(spec, self.rules, "stored")
        wire.check(spec)
        self._check_name(workspace_id, spec["name"], None)
        cluster = self._add(workspace_id, spec)
        if self.rules.created == "starting":
            self._start(cluster, self.timing.starting_seconds)
        return {"clusterId": cluster.cluster_id}

    def get(self, workspace_id: str, cluster_id: str) -> Json:
        """GetRayCluster: the whole cluster, flat."""
        return cluster_views.get_view(self.cluster(workspace_id, cluster_id), self.rules, self.site)

    def rows(self, workspace_id: str) -> list[Json]:
        """Return a row of ListRayCluster for every cluster there is, in the order of the rule list_order."""
        clusters = self.lists.ordered(list(self._workspace(workspace_id).values()))
        return [cluster_views.list_row(cluster, self.rules, self.site) for cluster in clusters]

    def page(self, workspace_id: str, query: dict[str, str]) -> tuple[list[Cluster], slice]:
        """Return the clusters that a list shows, and which of them are on the page that the query asks for."""
        clusters = list(self._workspace(workspace_id).values())
        number = whole(query, "pageNum", 1)
        size = whole(query, "pageSize", min(20, self.rules.max_page_size))
        if size > self.rules.max_page_size:
            raise invalid(f"pageSize must be 1 to {self.rules.max_page_size}")
        return self.lists.shown(workspace_id, clusters, number), self.lists.part(number, size)

    def list_page(self, workspace_id: str, query: dict[str, str]) -> Json:
        """ListRayCluster: one page."""
        clusters, part = self.page(workspace_id, query)
        rows = [cluster_views.list_row(cluster, self.rules, self.site) for cluster in clusters[part]]
        return {"rayClusters": rows, **self.lists.totals(len(clusters), len(rows))}

    def update(self, workspace_id: str, cluster_id: str, body: object) -> Json:
        """UpdateRayCluster: change the stored spec under the rule `update`; a run goes on with its old spec."""
        cluster = self.cluster(workspace_id, cluster_id)
        self._check_update_state(cluster)
        given = respell(self._parsed(body), self.rules, "stored")
        spec = wire.updated(cluster.spec, given, self.rules.update)
        spec = wire.with_kept(cluster.spec, spec, field_list(self.rules.update_ignores))
        wire.check(spec)
        self._check_name(workspace_id, spec["name"], cluster)
        self._replace_spec(cluster, spec)
        return {"clusterId": cluster_id}

    def delete(self, workspace_id: str, cluster_id: str) -> Json:
        """DeleteRayCluster: at once or, under delete_takes=time, after deleting_seconds."""
        cluster = self.cluster(workspace_id, cluster_id)
        if cluster.deleting:
            return {}
        if cluster.state not in (STOPPED, ERROR) and self.rules.delete_while_running == "refused":
            raise self._wrong_state(f"cluster {cluster_id} is {cluster.state}, stop it before deleting")
        if self.rules.delete_takes == "now":
            self._drop(cluster)
        else:
            cluster.delete(self._clock(), self.timing.deleting_seconds)
        return {}

    def start(self, workspace_id: str, cluster_id: str, body: object) -> Json:
        """StartRayCluster: begin a new run, unless this clientToken has started one already."""
        cluster = self.cluster(workspace_id, cluster_id)
        token = text(body, "clientToken")
        if token and token in cluster.start_tokens:
            return {}
        if self._may_start(cluster):
            self._start(cluster, self.timing.starting_seconds)
        if token:
            cluster.start_tokens.add(token)
        return {}

    def stop(self, workspace_id: str, cluster_id: str, body: object) -> Json:
        """StopRayCluster: end the current run; an instanceId of another run is refused."""
        cluster = self.cluster(workspace_id, cluster_id)
        instance_id = text(body, "instanceId")
        if not self._may_stop(cluster):
            return {}
        if instance_id and (cluster.run is None or cluster.run.instance_id != instance_id):
            raise self._wrong_state(f"instance {instance_id} is not the current run of cluster {cluster_id}")
        self._stop(cluster)
        return {}

    # What tests can do behind the clients' back

    def seed(
        self,
        name: str = "cluster",
        *,
        count: int = 1,
        spec: Json | None = None,
        state: str = STOPPED,
        workspace_id: str = "w-emulator",
    ) -> list[str]:
        """Add clusters (`name`, or `name-001`... for more than one); return their ids.

        Only the types in `spec` are checked, so that a cluster may be such as the service would not create.
        """
        wanted = wire.parse(spec or {})
        width = len(str(count))
        ids: list[str] = []
        for index in range(1, count + 1):
            full = name if count == 1 else f"{name}-{index:0{width}d}"
            content = {"name": full, **copy.deepcopy(wire.DEFAULT_SPEC), **copy.deepcopy(wanted)}
            cluster = self._add(workspace_id, content)
            cluster.listed = True
            if state != STOPPED:
                self.force_state(cluster, state)
            ids.append(cluster.cluster_id)
        return ids

    def patch(self, cluster_id: str, changes: Json) -> Cluster:
        """Change a cluster behind everyone's back: spec fields are merged in, `state`, `modified`, `fail_next_start`
        (true or a Failure's fields) are set, any other key is put into answers as it is (null removes it again)."""
        cluster = self.find(cluster_id)
        rest = dict(changes)
        planned = Failure.of(rest.pop("fail_next_start")) if "fail_next_start" in rest else None
        spec = {key: rest.pop(key) for key in wire.TOP_FIELDS if key in rest}
        if spec:
            merged = wire.merge(cluster.spec, wire.parse(spec))
            gone = [key for key, value in spec.items() if value is None]
            self._replace_spec(cluster, {key: value for key, value in merged.items() if key not in gone})
        if planned:
            cluster.failure = planned
        if "state" in rest:
            self.force_state(cluster, str(rest.pop("state")))
        for key, kind in (("modified", bool), ("message", str)):
            if key in rest:
                setattr(cluster, key, kind(rest.pop(key)))
        cluster.raw |= rest
        cluster.raw = {key: value for key, value in cluster.raw.items() if value is not None}
        return cluster

    def force_state(self, cluster: Cluster, state: str) -> None:
        """Put a cluster into any state, known or not, with a run where that state has one."""
        now = self._clock()
        cluster.moves = []
        if state == STARTING or (state == RUNNING and self.begin_head is not None):
            self._start(cluster, self.timing.starting_seconds if state == STARTING else 0.0)
            return
        if state in (RUNNING, STOPPING, ERROR) and cluster.run is None:
            cluster.run = new_run(cluster, now, self.rng)
            cluster.started = now
        if state == STOPPING:
            self._stop(cluster)
        else:
            cluster.enter(state)

    def check_workspace(self, workspace_id: str) -> None:
        """Raise ApiError for a workspace that is not there."""
        if workspace_id not in self.workspaces:
            # Seen on the real service: no code at all.
            raise ApiError(self.rules.unknown_workspace_status, None, "workspace does not exist or no permission")

    def known(self, workspace_id: str, cluster_id: str) -> Cluster | None:
        """Return a cluster as it is now, or None where it is gone; raises ApiError for an unknown workspace."""
        self.check_workspace(workspace_id)
        cluster = self.workspaces[workspace_id].get(cluster_id)
        return self._settled(cluster) if cluster is not None else None

    def cluster(self, workspace_id: str, cluster_id: str) -> Cluster:
        """Return a cluster as it is now; raises ApiError where it is not there."""
        cluster = self.known(workspace_id, cluster_id)
        if cluster is None:
            message = f"The Ray cluster {cluster_id} does not exist."
            raise ApiError(self.rules.deleted_status, self.rules.deleted_code, message)
        return cluster

    def find(self, cluster_id: str) -> Cluster:
        """Return a cluster of any workspace by id; raises KeyError."""
        for workspace_id, clusters in self.workspaces.items():
            if cluster_id in clusters and (cluster := self.known(workspace_id, cluster_id)) is not None:
                return cluster
        raise KeyError(cluster_id)

    def remove(self, cluster_id: str) -> None:
        """Let a cluster vanish at once, whatever its state; raises KeyError."""
        self._drop(self.find(cluster_id))

    # Inside

    def _workspace(self, workspace_id: str) -> dict[str, Cluster]:
        self.check_workspace(workspace_id)
        clusters = self.workspaces[workspace_id]
        for cluster in [item for item in clusters.values() if item.moves or item.gone_at is not None]:
            self._settled(cluster)
        return clusters

    def _settled(self, cluster: Cluster) -> Cluster | None:
        """Let the cluster move as far as it is time to, and go where that is what it was to do."""
        now = self._clock()
        cluster.settle(now)
        if cluster.gone_at is not None and cluster.gone_at <= now:
            self._drop(cluster)
            return None
        return cluster

    def _drop(self, cluster: Cluster) -> None:
        del self.workspaces[cluster.workspace_id][cluster.cluster_id]
        self.lists.note_deleted(cluster)

    def _parsed(self, body: object) -> Json:
        """Return the known fields of a body in the documented types."""
        return wire.parse(taken(body, self.rules))

    def _wrong_state(self, message: str) -> ApiError:
        return ApiError(self.rules.wrong_state_status, self.rules.wrong_state_code, message)

    def _add(self, workspace_id: str, spec: Json) -> Cluster:
        self._number += 1
        now = self._clock()
        cluster = Cluster(f"ray-{mint(self.rng, 16)}", workspace_id, self._number, spec, now, now)
        self.check_workspace(workspace_id)
        self.workspaces[workspace_id][cluster.cluster_id] = cluster
        return cluster

    def _start(self, cluster: Cluster, seconds: float) -> None:
        """Begin a run, with a real head where the emulator has such."""
        modified = cluster.modified and self.rules.modified_until == "forever"
        cluster.start(self._clock(), seconds, self.rng, _ENDS[self.rules.starting_ends])
        cluster.modified = modified
        if cluster.run is not None and self.begin_head is not None:
            cluster.run.head = self.begin_head(cluster)

    def _stop(self, cluster: Cluster) -> None:
        cluster.stop(self._clock(), self.timing.stopping_seconds, _ENDS[self.rules.stopping_ends])

    def _replace_spec(self, cluster: Cluster, spec: Json) -> None:
        changed = not cluster_views.same(cluster.spec, spec, self.rules)
        flag = self.rules.modified_flag
        if cluster.state in (RUNNING, STARTING) and (flag == "on_any_update" or (flag == "on_content" and changed)):
            cluster.modified = True
        cluster.spec = spec
        cluster.changed = self._clock()

    def _check_name(self, workspace_id: str, name: str, me: Cluster | None) -> None:
        if self.rules.unique_names == "false":
            return
        if any(other is not me and other.spec["name"] == name for other in self._workspace(workspace_id).values()):
            message = f"A Ray cluster named {name} already exists."
            raise ApiError(self.rules.name_taken_status, self.rules.name_taken_code, message)

    def _check_update_state(self, cluster: Cluster) -> None:
        moving = cluster.moving and self.rules.update_while_moving == "refused"
        running = cluster.state == RUNNING and self.rules.update_while_running == "refused"
        if cluster.deleting or moving or running:
            raise self._wrong_state(f"cluster {cluster.cluster_id} is {cluster.state}, it cannot be updated now")

    def _may_start(self, cluster: Cluster) -> bool:
        """Return False where the start is accepted but does nothing; raises ApiError where it is refused."""
        if cluster.state in (RUNNING, STARTING) and self.rules.start_when_running == "noop":
            return False
        from_error = cluster.state == ERROR and self.rules.start_from_error == "allowed"
        if cluster.deleting or not (cluster.state == STOPPED or from_error):
            raise self._wrong_state(f"cluster {cluster.cluster_id} is {cluster.state}, it cannot be started")
        return True

    def _may_stop(self, cluster: Cluster) -> bool:
        """Return False where the stop is accepted but does nothing; raises ApiError where it is refused."""
        if cluster.state in (STOPPED, STOPPING) and self.rules.stop_when_stopped == "noop":
            return False
        from_error = cluster.state == ERROR and self.rules.stop_from_error == "allowed"
        starting = cluster.state == STARTING and self.rules.stop_while_starting == "allowed"
        if cluster.deleting or not (cluster.state == RUNNING or starting or from_error):
            raise self._wrong_state(f"cluster {cluster.cluster_id} is {cluster.state}, it cannot be stopped")
        return True
