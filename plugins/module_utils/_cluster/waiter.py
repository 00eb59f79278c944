# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""Wait until a cluster reaches a state, or can never reach it."""

from __future__ import annotations

import typing as t

from .._errors import ClusterError
from .._task.waiting import WaitCoroutine, Waiter
from .fields import Cluster, Instance
from .plan import ERROR, RUNNING, SETTLED_STATES, STOPPED

# Stale reads from before a start that are tolerated.
MAX_STALE_READS = 3
# Reads after an update that may still show the cluster as it was before.
MAX_READS_BEHIND = 5
# The transitional state before each target, and the state if another user reverses the transition.
_TRANSITIONS = {RUNNING: ("Starting", STOPPED), STOPPED: ("Stopping", RUNNING)}

CLUSTER_GONE = "ClusterGone"
CONCURRENT_CHANGE_HINT = "check which other user or tool manages this cluster, and run the task again"


class ClusterWaiter(Waiter[Cluster]):
    """Waits for states of one cluster."""

    id_field = "cluster_id"

    def until_state(
        self, cluster: Cluster, target: str, before: Cluster | None = None, to_delete: bool = False
    ) -> WaitCoroutine[Cluster]:
        """Return the cluster once its state is ``target``.

        ``before`` is the cluster before an operation of this run: reads that still show it are stale for a while. With
        ``to_delete``, Error is a target, too, and the cluster is returned in any state when the time is almost up.
        Raises ClusterError at once in Error, when the cluster was deleted or went back, and when the time is up.
        """
        stale = back = 0
        on_the_way = False
        passing, other_end = _TRANSITIONS[target]

        def is_reached(now: Cluster | None) -> bool:
            nonlocal stale, back, on_the_way
            state = now.get("state") if now else None
            if now is None:
                raise ClusterError(
                    f"the cluster disappeared while it was expected to be {target}",
                    CLUSTER_GONE,
                    hint=CONCURRENT_CHANGE_HINT,
                )
            if state == ERROR and to_delete:
                return True
            if state == ERROR:
                stale += 1
                if before is None or not _is_same_run(before, now) or stale > MAX_STALE_READS:
                    raise cluster_error(now, target)
            on_the_way = on_the_way or state == passing
            back = back + 1 if on_the_way and state == other_end else 0
            if back > MAX_STALE_READS:
                raise reversed_transition_error(now, target)
            return state == target

        found = yield from self._poll(cluster, is_reached, f"to be {target}", spare_time=to_delete)
        return found or cluster

    def until_settled(self, cluster: Cluster, spare_time: bool = False) -> WaitCoroutine[Cluster | None]:
        """Return the cluster once it is in no transitional state, None when it was deleted.

        With ``spare_time`` it is returned in any state when the time is almost up. Raises ClusterError.
        """
        settled = yield from self._poll(
            cluster, lambda now: now is None or now.get("state") in SETTLED_STATES, "to settle", spare_time=spare_time
        )
        return settled

    def until_shown(self, cluster: Cluster, is_shown: t.Callable[[Cluster], bool]) -> WaitCoroutine[Cluster | None]:
        """Return the cluster once reads show the update, or after some reads, or when the time is almost up."""
        reads = 0

        def is_done(now: Cluster | None) -> bool:
            nonlocal reads
            if now is not None and not was_read(now):
                return False
            reads += 1
            return now is None or is_shown(now) or reads > MAX_READS_BEHIND

        shown = yield from self._poll(cluster, is_done, "to show the update", spare_time=True)
        return shown

    def until_deleted(self, cluster: Cluster) -> WaitCoroutine[None]:
        """Return once the cluster no longer exists. Raises ClusterError when the time is up."""
        yield from self._poll(cluster, lambda now: now is None, "to be deleted", look_first=True)

    def until_visible(self, cluster: Cluster) -> WaitCoroutine[Cluster]:
        """Return a cluster just created, which reads may not show at once. Raises ClusterError."""
        found = yield from self._poll(cluster, lambda now: now is not None, "to appear", look_first=True)
        return found or cluster

    def timeout_error(self, resource: Cluster, what: str, trouble: str) -> ClusterError:
        """Return the error of a wait that took too long."""
        return ClusterError(
            f"waited {self.elapsed():.0f} s for the cluster {what}, "
            f"last state: {resource.get('state') or 'unknown'}{trouble}",
            "WaitTimeout",
            hint="run the task again to resume waiting, or raise wait_timeout",
        )

    def _poll(
        self,
        cluster: Cluster,
        is_reached: t.Callable[[Cluster | None], bool],
        what: str,
        look_first: bool = False,
        spare_time: bool = False,
    ) -> WaitCoroutine[Cluster | None]:
        return self.poll_until(
            cluster["cluster_id"], cluster, is_reached, what, look_first=look_first, spare_time=spare_time
        )


def was_read(cluster: Cluster) -> bool:
    """Return whether a cluster comes from the service: a new one has its id and its name before its first read."""
    return bool(cluster.keys() - {"cluster_id", "name"})


def _is_same_run(before: Cluster, now: Cluster) -> bool:
    keys = ("state", "instance_id", "start_time")
    return all(before.get(key) == now.get(key) for key in keys)


def cluster_error(cluster: Cluster, target: str) -> ClusterError:
    """Return the error for a cluster that will not reach ``target``, with what its instances say."""
    message = cluster.get("message") or "the service returns no reason"
    unhealthy = [text for text in (_unhealthy_reason(instance) for instance in cluster.get("instances") or []) if text]
    return ClusterError(
        f"the cluster is in Error, so it will not be {target}: {message}" + "".join(f"; {text}" for text in unhealthy),
        "ClusterInError",
        hint="fix the reported problem, and run the task again; state=started starts a cluster in Error again",
    )


def reversed_transition_error(cluster: Cluster, target: str) -> ClusterError:
    """Return the error for a cluster that was changing to ``target`` and went back."""
    message = f": {cluster['message']}" if cluster.get("message") not in (None, "", "ok") else ""
    return ClusterError(
        f"the cluster was about to become {target} and is {cluster.get('state')} again{message}; "
        "another user or the service reversed the change",
        "TransitionReversed",
        hint=CONCURRENT_CHANGE_HINT,
    )


def _unhealthy_reason(instance: Instance) -> str | None:
    reason = instance.get("reason") or instance.get("container_state_reason")
    code = instance.get("container_exit_code")
    if instance.get("phase") in ("Running", "Succeeded", "Pending", None) and not reason and not code:
        return None
    parts = [f"instance {instance.get('instance_id')} ({instance.get('type')}) is {instance.get('phase')}"]
    parts += [str(reason)] if reason else []
    parts += [f"exit code {code}"] if code is not None else []
    parts += [str(instance[key]) for key in ("message", "container_state_message") if instance.get(key)]
    return ", ".join(parts)
