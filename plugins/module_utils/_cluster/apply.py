# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""Executing what the plan decides, against the service; the only file that changes anything there.

Private to this collection.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from .._errors import ApiError, ClusterError, Failure, TransportError
from .client import ClusterClient
from .create import ClusterCreator
from .fields import Cluster
from .lookup import get_cluster_or_none
from .plan import (
    ERROR,
    RUNNING,
    STOPPED,
    Goal,
    Progress,
    drift,
    is_converged,
    must_settle_first,
    next_action,
    predict,
    request_spec,
    settled_state,
)
from .spec import has_masked_password, missing_for_create
from .stable_list import proves_absence
from .waiter import CLUSTER_GONE, CONCURRENT_CHANGE_HINT, WaitCoroutine, Waiter, cluster_error

# Where a refused operation was not needed after all, because the cluster is there already or on its way.
_SATISFIED_STATES = {"start": (RUNNING, "Starting"), "stop": (STOPPED, "Stopping")}


@dataclass
class Applier:
    """Brings one cluster to its goal, one operation at a time, looking again after each.

    ``may`` is asked before each operation, planned or not, and raises Failure for one that a guardrail does not let
    through. ``verify`` false spares the look after an update on which no further step depends.
    """

    client: ClusterClient
    goal: Goal
    waiter: Waiter
    creator: ClusterCreator
    progress: Progress
    warn: t.Callable[[str], None]
    before_action: t.Callable[[str, Cluster | None], None]
    verify: bool = True
    _recreates: bool = False

    def run(self, cluster: Cluster | None) -> WaitCoroutine[Cluster | None]:
        """Give the steps that return the cluster as it is in the end, None when it is gone. They raise Failure."""
        try:
            return (yield from self._reconcile(cluster))
        except ClusterError as error:
            if self.goal.state == "absent" and error.code == CLUSTER_GONE:
                return self._record(None)
            raise

    def _reconcile(self, cluster: Cluster | None) -> WaitCoroutine[Cluster | None]:
        before = cluster
        while step := next_action(self.goal, settled_state(self.goal, cluster), self._own_actions()):
            self.progress.doing = step[0]
            if cluster is not None and must_settle_first(self.goal, cluster, self._own_actions()):
                now = yield from self.waiter.until_settled(cluster)
                cluster = self._record(now) if self._may_recreate() else self._require_present(now)
                self._recreates = cluster is None
                continue
            before, cluster = cluster, self._record((yield from self._perform(step[0], cluster)))
        if self.goal.wait and cluster is not None:
            cluster = yield from self._wait_for_goal(cluster, before)
        return cluster

    def _may_recreate(self) -> bool:
        """Tell whether a cluster that goes away while it is waited for can and may be made anew."""
        return not self.goal.cluster_id and not missing_for_create(request_spec(self.goal, None))

    def _require_present(self, cluster: Cluster | None) -> Cluster:
        """Return a cluster that has to be there. Raises ClusterError when somebody deleted it."""
        if cluster is None:
            raise ClusterError(
                "the cluster disappeared: somebody else deleted it", CLUSTER_GONE, hint=CONCURRENT_CHANGE_HINT
            )
        self._record(cluster)
        return cluster

    def _record(self, cluster: Cluster | None) -> Cluster | None:
        self.progress.cluster = cluster
        return cluster

    def _perform(self, action: str, cluster: Cluster | None) -> WaitCoroutine[Cluster | None]:
        self.before_action(action, cluster)
        if action == "create" or cluster is None:
            return (yield from self._create())
        cluster_id = str(cluster["cluster_id"])
        try:
            self._send(action, cluster_id, cluster)
        except (ApiError, TransportError) as error:
            return (yield from self._handle_rejection(action, cluster_id, error))
        self.progress.done.append(action)
        return (yield from self._settle_after(action, cluster_id, cluster))

    def _create(self) -> WaitCoroutine[Cluster]:
        name = str(self.goal.name)
        if self._recreates:
            self.creator.reject_created_meanwhile()
        exactly_once = self.creator.exactly_once(name, request_spec(self.goal, None))
        created = exactly_once.create()
        self.progress.done.append("create")
        self.progress.adopted = created.adoption_reason
        new: Cluster = {"cluster_id": created.resource_id, "name": name}
        self._record(new)
        found = yield from self.waiter.until_visible(new)
        self._record(found)
        self.creator.reject_altered_name(name, found)
        exactly_once.verify_unique(created.resource_id)
        return found

    def _own_actions(self) -> list[str]:
        """Return the operations of this run that decisions build on: an adopted cluster is one that was found."""
        return [action for action in self.progress.done if action != "create" or not self.progress.adopted]

    def _send(self, action: str, cluster_id: str, cluster: Cluster) -> None:
        if action == "update":
            self._warn_masked_password(cluster)
            self.client.update_cluster(cluster_id, request_spec(self.goal, cluster))
        elif action == "start":
            self.client.start_cluster(cluster_id)
        elif action == "stop":
            self.client.stop_cluster(cluster_id, cluster.get("instance_id"))
        else:
            self.client.delete_cluster(cluster_id)

    def _handle_rejection(self, action: str, cluster_id: str, error: Failure) -> WaitCoroutine[Cluster | None]:
        """Look again: somebody else may have done it, or it was done and the answer was lost."""
        if proves_absence(self.client, cluster_id, error):
            if self.goal.state != "absent":
                raise error
            self.progress.done += ["delete"] if action == "delete" else []
            return None
        if action == "update" and self._may_stop_first(error):
            now = get_cluster_or_none(self.client, cluster_id)
            if now is not None and now.get("state") == RUNNING:
                return (yield from self._perform("stop", now))
        now = get_cluster_or_none(self.client, cluster_id) if action in _SATISFIED_STATES else None
        if now is None or now.get("state") not in _SATISFIED_STATES[action]:
            raise error
        self.progress.done.append(action)
        return now

    def _may_stop_first(self, error: Failure) -> bool:
        """Tell whether an update was refused for the state of a cluster that is to be stopped anyway."""
        stops = self.goal.state in ("stopped", "restarted") or self.goal.restart
        for_state = (error.code or "").startswith(("OperationDenied", "IncorrectStatus", "InvalidStatus"))
        return stops and for_state and "stop" not in self.progress.done

    def _settle_after(self, action: str, cluster_id: str, cluster: Cluster) -> WaitCoroutine[Cluster | None]:
        if action == "delete":
            if self.goal.wait:
                yield from self.waiter.until_deleted(cluster)
            return None
        if action == "update" and not self.verify:
            sent = predict(action, self.goal, cluster)
            if is_converged(self.goal, sent):
                return sent
        now = self._require_present(get_cluster_or_none(self.client, cluster_id))
        if action == "update":
            self._warn_remaining_drift(now)
        if action == "stop" and self.goal.state != "stopped":
            # What comes next needs it stopped, also when the task does not wait for its end.
            return (yield from self.waiter.until_state(self._record(now) or now, STOPPED, before=cluster))
        return now

    def _wait_for_goal(self, cluster: Cluster, before: Cluster | None) -> WaitCoroutine[Cluster | None]:
        self.progress.doing = "wait for"
        done = self.progress.done
        if self.goal.state == "stopped":
            return (yield from self.waiter.until_state(cluster, STOPPED, before=before))
        if self.goal.state in ("started", "restarted") or "start" in done:
            cluster = yield from self.waiter.until_state(cluster, RUNNING, before=before)
            if "start" in done and cluster.get("modified"):
                self.warn("The service still reports the configuration as modified after the start.")
            return cluster
        if "create" in done:
            settled = yield from self.waiter.until_settled(cluster)
            if settled and settled.get("state") == ERROR:
                raise cluster_error(settled, "usable")
            return settled
        return cluster

    def _warn_masked_password(self, cluster: Cluster) -> None:
        declared = (self.goal.spec.get("head_spec") or {}).get("gft_config") or {}
        if has_masked_password(cluster) and not declared.get("redis_password"):
            self.warn(
                "The service does not give the Redis password back, so this update cannot send it again. "
                "Declare head_spec.gft_config.redis_password to be sure that it is kept."
            )

    def _warn_remaining_drift(self, cluster: Cluster) -> None:
        drifted = [change.field for change in drift(self.goal, cluster)]
        if drifted:
            self.warn(
                f"The service accepted the update but still shows another value for {', '.join(drifted)}; "
                "the next run will try again."
            )
