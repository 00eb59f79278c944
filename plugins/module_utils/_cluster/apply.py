# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""Executing what the plan decides, against the service; the only file that changes anything there.

Private to this collection.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from .._api.error_kinds import is_absent
from .._errors import ApiError, ClusterError, Failure, TransportError
from .client import Client
from .create import Creator
from .lookup import read
from .plan import (
    ERROR,
    RUNNING,
    STOPPED,
    Cluster,
    Goal,
    Progress,
    at_goal,
    body_for,
    drift,
    must_settle,
    next_action,
    predict,
    settle,
)
from .spec import missing_for_create, password_is_masked
from .waiter import AGAIN, GONE, Steps, Waiter, hopeless

# Where a refused operation was not needed after all, because the cluster is there already or on its way.
_ALREADY = {"start": (RUNNING, "Starting"), "stop": (STOPPED, "Stopping")}


@dataclass
class Applier:
    """Brings one cluster to its goal, one operation at a time, looking again after each.

    ``may`` is asked before each operation, planned or not, and raises Failure for one that a guardrail does not let
    through. ``verify`` false spares the look after an update on which no further step depends.
    """

    client: Client
    goal: Goal
    waiter: Waiter
    creator: Creator
    progress: Progress
    warn: t.Callable[[str], None]
    may: t.Callable[[str, Cluster | None], None]
    verify: bool = True

    def run(self, cluster: Cluster | None) -> Steps[Cluster | None]:
        """Give the steps that return the cluster as it is in the end, None when it is gone. They raise Failure."""
        try:
            return (yield from self._run(cluster))
        except ClusterError as error:
            if self.goal.state == "absent" and error.code == GONE:
                return self._seen(None)
            raise

    def _run(self, cluster: Cluster | None) -> Steps[Cluster | None]:
        before = cluster
        while step := next_action(self.goal, settle(self.goal, cluster), self._memory()):
            self.progress.doing = step[0]
            if cluster is not None and must_settle(self.goal, cluster, self._memory()):
                now = yield from self.waiter.until_settled(cluster)
                cluster = self._seen(now) if self._may_create() else self._still(now)
                continue
            before, cluster = cluster, self._seen((yield from self._do(step[0], cluster)))
        if self.goal.wait and cluster is not None:
            cluster = yield from self._wait(cluster, before)
        return cluster

    def _may_create(self) -> bool:
        """Tell whether a cluster that goes away while it is waited for can and may be made anew."""
        return not self.goal.cluster_id and not missing_for_create(body_for(self.goal, None))

    def _still(self, cluster: Cluster | None) -> Cluster:
        """Return a cluster that has to be there. Raises ClusterError when somebody deleted it."""
        if cluster is None:
            raise ClusterError("the cluster disappeared: somebody else deleted it", GONE, hint=AGAIN)
        self._seen(cluster)
        return cluster

    def _seen(self, cluster: Cluster | None) -> Cluster | None:
        self.progress.cluster = cluster
        return cluster

    def _do(self, action: str, cluster: Cluster | None) -> Steps[Cluster | None]:
        self.may(action, cluster)
        if action == "create" or cluster is None:
            return (yield from self._create())
        cluster_id = str(cluster["cluster_id"])
        try:
            self._send(action, cluster_id, cluster)
        except (ApiError, TransportError) as error:
            return (yield from self._refused(action, cluster_id, error))
        self.progress.done.append(action)
        return (yield from self._after(action, cluster_id, cluster))

    def _create(self) -> Steps[Cluster]:
        name = str(self.goal.name)
        once = self.creator.once(name, body_for(self.goal, None))
        made = once.make()
        self.progress.done.append("create")
        self.progress.adopted = made.adopted
        new = {"cluster_id": made.made_id, "name": name}
        self._seen(new)
        found = yield from self.waiter.until_found(new)
        self._seen(found)
        once.confirm(made.made_id)
        return found

    def _memory(self) -> list[str]:
        """Return the operations of this run that decisions build on: an adopted cluster is one that was found."""
        return [action for action in self.progress.done if action != "create" or not self.progress.adopted]

    def _send(self, action: str, cluster_id: str, cluster: Cluster) -> None:
        if action == "update":
            self._warn_of_mask(cluster)
            self.client.update_cluster(cluster_id, body_for(self.goal, cluster))
        elif action == "start":
            self.client.start_cluster(cluster_id)
        elif action == "stop":
            self.client.stop_cluster(cluster_id, cluster.get("instance_id"))
        else:
            self.client.delete_cluster(cluster_id)

    def _refused(self, action: str, cluster_id: str, error: Failure) -> Steps[Cluster | None]:
        """Look again: somebody else may have done it, or it was done and the answer was lost."""
        if isinstance(error, ApiError) and is_absent(error):
            if self.goal.state != "absent":
                raise error
            self.progress.done += ["delete"] if action == "delete" else []
            return None
        if action == "update" and self._may_stop_first(error):
            now = read(self.client, cluster_id)
            if now is not None and now.get("state") == RUNNING:
                return (yield from self._do("stop", now))
        now = read(self.client, cluster_id) if action in _ALREADY else None
        if now is None or now.get("state") not in _ALREADY[action]:
            raise error
        self.progress.done.append(action)
        return now

    def _may_stop_first(self, error: Failure) -> bool:
        """Tell whether an update was refused for the state of a cluster that is to be stopped anyway."""
        stops = self.goal.state in ("stopped", "restarted") or self.goal.restart
        for_state = (error.code or "").startswith(("OperationDenied", "IncorrectStatus", "InvalidStatus"))
        return stops and for_state and "stop" not in self.progress.done

    def _after(self, action: str, cluster_id: str, cluster: Cluster) -> Steps[Cluster | None]:
        if action == "delete":
            if self.goal.wait:
                yield from self.waiter.until_gone(cluster)
            return None
        if action == "update" and not self.verify:
            sent = predict(action, self.goal, cluster)
            if at_goal(self.goal, sent):
                return sent
        now = self._still(read(self.client, cluster_id))
        if action == "update":
            self._warn_of_drift(now)
        if action == "stop" and self.goal.state != "stopped":
            # What comes next needs it stopped, also when the task does not wait for its end.
            return (yield from self.waiter.until_state(self._seen(now) or now, STOPPED, before=cluster))
        return now

    def _wait(self, cluster: Cluster, before: Cluster | None) -> Steps[Cluster | None]:
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
                raise hopeless(settled, "usable")
            return settled
        return cluster

    def _warn_of_mask(self, cluster: Cluster) -> None:
        declared = (self.goal.spec.get("head_spec") or {}).get("gft_config") or {}
        if password_is_masked(cluster) and not declared.get("redis_password"):
            self.warn(
                "The service does not give the Redis password back, so this update cannot send it again. "
                "Declare head_spec.gft_config.redis_password to be sure that it is kept."
            )

    def _warn_of_drift(self, cluster: Cluster) -> None:
        left = [change.field for change in drift(self.goal, cluster)]
        if left:
            self.warn(
                f"The service accepted the update but still shows another value for {', '.join(left)}; "
                "the next run will try again."
            )
