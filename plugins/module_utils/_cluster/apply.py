# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""Execute a plan against the service; the only file that changes clusters there."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from .._api.error_kinds import is_about_request, is_access_denied
from .._errors import ApiError, ClusterError, Failure, TransportError
from .._task.waiting import WaitCoroutine
from .client import ClusterClient
from .create import ClusterCreator
from .fields import Cluster
from .plan import (
    ERROR,
    RUNNING,
    STOPPED,
    Goal,
    Progress,
    check_update,
    drift,
    is_settled,
    must_settle_first,
    next_action,
    request_spec,
)
from .update_checks import missing_for_create, not_converged_error, still_modified_error
from .waiter import CLUSTER_GONE, CONCURRENT_CHANGE_HINT, ClusterWaiter, cluster_error, was_read

# A refused operation was not needed if the cluster is in one of these states already.
_SATISFIED_STATES = {"start": (RUNNING, "Starting"), "stop": (STOPPED, "Stopping")}


@dataclass
class Applier:
    """Brings one cluster to its goal, one operation at a time, with a fresh read after each.

    ``before_action`` is called before each operation, planned or not, and raises Failure if a guardrail rejects it.
    """

    client: ClusterClient
    goal: Goal
    waiter: ClusterWaiter
    creator: ClusterCreator
    progress: Progress
    warn: t.Callable[[str], None]
    before_action: t.Callable[[str, Cluster | None], None]
    is_last_attempt: bool = False
    _recreates: bool = False

    def run(self, cluster: Cluster | None) -> WaitCoroutine[Cluster | None]:
        """Yield the steps that return the final cluster, None if it was deleted. They raise Failure."""
        try:
            return (yield from self._reconcile(cluster))
        except ClusterError as error:
            if self.goal.state == "absent" and error.code == CLUSTER_GONE:
                return self._record(None)
            raise

    def _reconcile(self, cluster: Cluster | None) -> WaitCoroutine[Cluster | None]:
        before = cluster
        while step := next_action(self.goal, cluster, self._own_actions()):
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
        """Return whether the task may create the cluster again if another user deletes it during a wait."""
        return not self.goal.cluster_id and not missing_for_create(request_spec(self.goal, None))

    def _require_present(self, cluster: Cluster | None) -> Cluster:
        """Return a cluster that must exist. Raises ClusterError if another user deleted it."""
        if cluster is None:
            raise ClusterError(
                "the cluster disappeared: someone else deleted it", CLUSTER_GONE, hint=CONCURRENT_CHANGE_HINT
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
            return (yield from self._handle_rejection(action, cluster, error))
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
        # An adopted cluster counts as an existing one, which an update changes.
        return found if created.adoption_reason else (yield from self._verify_stored(found))

    def _own_actions(self) -> list[str]:
        """Return the operations of this run for further decisions: an adopted cluster counts as an existing one."""
        return [action for action in self.progress.done if action != "create" or not self.progress.adopted]

    def _send(self, action: str, cluster_id: str, cluster: Cluster) -> None:
        if action == "update":
            check_update(self.goal, cluster)
            self.client.update_cluster(cluster_id, request_spec(self.goal, cluster))
        elif action == "start":
            self.client.start_cluster(cluster_id)
        elif action == "stop":
            self.client.stop_cluster(cluster_id, cluster.get("instance_id"))
        else:
            self.client.delete_cluster(cluster_id)

    def _handle_rejection(self, action: str, cluster: Cluster, error: Failure) -> WaitCoroutine[Cluster | None]:
        """Read again: another user may have made the change, its response may have been lost, or it must wait."""
        cluster_id = str(cluster["cluster_id"])
        if self.client.proves_absence(cluster_id, error):
            if self.goal.state != "absent":
                raise error
            self.progress.done += ["delete"] if action == "delete" else []
            return None
        if action == "update":
            return (yield from self._handle_refused_update(cluster_id, error))
        now = self.client.get_cluster(cluster_id) if action in _SATISFIED_STATES else cluster
        if now is not None and now.get("state") in _SATISFIED_STATES.get(action, ()):
            self.progress.done.append(action)
            return now
        if now is None:
            raise error
        if action == "stop" and self.goal.state == "absent" and self._is_refusal(error):
            # A cluster that cannot be stopped may still be deleted.
            try:
                return (yield from self._perform_at_once("delete", now))
            except ApiError:
                pass
        if not self._may_try_again(now, error):
            raise error
        settled = self._require_present((yield from self.waiter.until_settled(now, spare_time=True)))
        self.is_last_attempt = not is_settled(settled)
        return settled

    def _perform_at_once(self, action: str, cluster: Cluster) -> WaitCoroutine[Cluster | None]:
        """Execute an operation that may be refused. Raises ApiError."""
        self.before_action(action, cluster)
        self._send(action, str(cluster["cluster_id"]), cluster)
        self.progress.done.append(action)
        return (yield from self._settle_after(action, str(cluster["cluster_id"]), cluster))

    def _may_try_again(self, cluster: Cluster, error: Failure) -> bool:
        """Return whether to resend a refused stop or deletion: only while the cluster is in a transitional state."""
        getting_rid = self.goal.state in ("stopped", "absent") and self._is_refusal(error)
        return getting_rid and not is_settled(cluster) and not self.is_last_attempt

    def _is_refusal(self, error: Failure) -> bool:
        """Return whether the service refused an operation for another reason than a missing permission."""
        return isinstance(error, ApiError) and not is_access_denied(error)

    def _handle_refused_update(self, cluster_id: str, error: Failure) -> WaitCoroutine[Cluster | None]:
        """Stop first if a stop is requested, so that the update follows. Raises the error otherwise."""
        if self._may_stop_first(error):
            now = self.client.get_cluster(cluster_id)
            stoppable = (RUNNING,) if self.goal.state != "stopped" else (RUNNING, "Starting")
            if now is not None and now.get("state") in stoppable:
                return (yield from self._perform("stop", now))
        elif "stop" in self.progress.done and self.goal.state != "stopped":
            # It ran before, and must not stay stopped because an update was refused after all.
            self._send("start", cluster_id, {})
            self.progress.done.append("start")
            error.hint = f"{error.hint}; " if error.hint else ""
            error.hint += "the cluster was stopped for the update and is started again"
        raise error

    def _may_stop_first(self, error: Failure) -> bool:
        """Return whether to resend a refused update once the cluster has stopped, which the task requests anyway."""
        if not isinstance(error, ApiError) or "stop" in self.progress.done:
            return False
        if self.goal.state == "stopped":
            return True
        return (self.goal.state == "restarted" or self.goal.restart) and not is_about_request(error)

    def _settle_after(self, action: str, cluster_id: str, cluster: Cluster) -> WaitCoroutine[Cluster | None]:
        if action == "delete":
            if self.goal.wait:
                yield from self.waiter.until_deleted(cluster)
            return None
        now = self._require_present(self.client.get_cluster(cluster_id))
        if action == "update":
            return (yield from self._verify_stored(now))
        if action == "stop" and self.goal.state != "stopped":
            # The next operation needs a stopped cluster, even if the task does not wait for the goal.
            to_delete = self.goal.state == "absent"
            return (yield from self.waiter.until_state(self._record(now) or now, STOPPED, cluster, to_delete))
        return now

    def _verify_stored(self, cluster: Cluster) -> WaitCoroutine[Cluster]:
        """Return the cluster once it shows the declared fields after a create or an update.

        Raises ClusterError if it never does: otherwise the task would update, and maybe restart, it in every run.
        """
        shown = yield from self.waiter.until_shown(cluster, lambda now: not drift(self.goal, now))
        now = self._require_present(shown)
        if not was_read(now):
            # No read has succeeded so far; the wait that follows reports why.
            return now
        remaining = drift(self.goal, now)
        if remaining:
            raise not_converged_error(remaining)
        return now

    def _verify_modified(self, cluster: Cluster) -> WaitCoroutine[Cluster]:
        """Return a cluster that was started once reads no longer show it as modified, or warn if they always do.

        Raises ClusterError if it was restarted for that reason: otherwise every run would restart it.
        """
        shown = yield from self.waiter.until_shown(cluster, lambda now: not now.get("modified"))
        now = self._require_present(shown)
        if now.get("modified") and "stop" in self.progress.done and self.goal.state != "restarted":
            raise still_modified_error()
        if now.get("modified"):
            self.warn("The service still reports the configuration as modified after the start.")
        return now

    def _wait_for_goal(self, cluster: Cluster, before: Cluster | None) -> WaitCoroutine[Cluster | None]:
        self.progress.doing = "wait for"
        done = self.progress.done
        if self.goal.state == "stopped":
            return (yield from self.waiter.until_state(cluster, STOPPED, before=before))
        if self.goal.state in ("started", "restarted") or "start" in done:
            cluster = yield from self.waiter.until_state(cluster, RUNNING, before=before)
            return (yield from self._verify_modified(cluster)) if "start" in done else cluster
        if "create" in done:
            settled = yield from self.waiter.until_settled(cluster)
            if settled and settled.get("state") == ERROR:
                raise cluster_error(settled, "usable")
            return settled
        return cluster
