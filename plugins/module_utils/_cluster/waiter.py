# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""Wait until a cluster reaches a state, or can never reach it.

A wait is a generator: it asks for a read of its cluster (:class:`Look`) and receives the result. The driver decides how
to read: :func:`drive` sleeps and reads one cluster; a fleet parks many waits and reads the list for all of them.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from .._api.absence import may_mean_absent
from .._api.retry_policy import is_transient
from .._clock import Clock
from .._errors import ClusterError, Failure
from .._pauses import wait_pauses
from .._task.context import HEARTBEAT_SECONDS
from .fields import Cluster, Instance
from .plan import ERROR, RUNNING, SETTLED_STATES, STOPPED

# Stale reads from before a start that are tolerated.
MAX_STALE_READS = 3
# Reads after an update that may still show the cluster as it was before.
MAX_READS_BEHIND = 5
# The part of the time that is left, and the most seconds, to keep for a last attempt.
_SPARE_FRACTION, _MAX_SPARE_SECONDS = 0.2, 60.0
# Seconds for the last read, which decides.
MIN_READ_SECONDS = 1.0
# The transitional state before each target, and the state if another user reverses the transition.
_TRANSITIONS = {RUNNING: ("Starting", STOPPED), STOPPED: ("Stopping", RUNNING)}

CLUSTER_GONE = "ClusterGone"
CONCURRENT_CHANGE_HINT = "check which other user or tool manages this cluster, and run the task again"


class Poll(t.NamedTuple):
    """A wait's request to read a cluster after ``pause`` seconds; the wait ends at ``deadline``."""

    cluster_id: str
    pause: float
    deadline: float
    state: str | None = None


ResultT = t.TypeVar("ResultT")
# The driver sends the cluster, None when it was deleted, or throws the Failure of the read.
WaitCoroutine = t.Generator[Poll, "Cluster | None", ResultT]


def read_timeout(look: Poll, clock: Clock) -> float:
    """Return how many seconds a read may take."""
    return max(MIN_READ_SECONDS, look.deadline - clock.monotonic())


def run_sync(steps: WaitCoroutine[ResultT], read: t.Callable[[str, float], Cluster | None], clock: Clock) -> ResultT:
    """Run steps to their end; sleep before each read of its cluster. Return the result of the steps."""
    try:
        poll = next(steps)
        while True:
            clock.sleep(poll.pause)
            try:
                found = read(poll.cluster_id, read_timeout(poll, clock))
            except Failure as failure:
                poll = steps.throw(failure)
            else:
                poll = steps.send(found)
    except StopIteration as stop:
        result: ResultT = stop.value
        return result


@dataclass
class Waiter:
    """Reads the cluster within one time limit for the whole task."""

    on_read: t.Callable[[Cluster], None]
    clock: Clock
    timeout: float
    interval: float
    on_progress: t.Callable[[str], None] | None = None
    started: float | None = None

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

        found = yield from self._poll_until(cluster, is_reached, f"to be {target}", spare_time=to_delete)
        return t.cast(Cluster, found)

    def until_settled(self, cluster: Cluster, spare_time: bool = False) -> WaitCoroutine[Cluster | None]:
        """Return the cluster once it is in no transitional state, None when it was deleted.

        With ``spare_time`` it is returned in any state when the time is almost up. Raises ClusterError.
        """
        settled = yield from self._poll_until(
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

        shown = yield from self._poll_until(cluster, is_done, "to show the update", spare_time=True)
        return shown

    def until_deleted(self, cluster: Cluster) -> WaitCoroutine[None]:
        """Return once the cluster no longer exists. Raises ClusterError when the time is up."""
        yield from self._poll_until(cluster, lambda now: now is None, "to be deleted", look_first=True)

    def until_visible(self, cluster: Cluster) -> WaitCoroutine[Cluster]:
        """Return a cluster just created, which reads may not show at once. Raises ClusterError."""
        found = yield from self._poll_until(cluster, lambda now: now is not None, "to appear", look_first=True)
        return t.cast(Cluster, found)

    def deadline(self) -> float:
        """Return the clock's time at which the task stops waiting; the wait starts with the first call."""
        if self.started is None:
            self.started = self.clock.monotonic()
        return self.started + self.timeout

    def _poll_until(
        self,
        cluster: Cluster,
        arrived: t.Callable[[Cluster | None], bool],
        what: str,
        look_first: bool = False,
        spare_time: bool = False,
    ) -> WaitCoroutine[Cluster | None]:
        deadline = self.deadline()
        if spare_time:
            deadline -= min(_MAX_SPARE_SECONDS, _SPARE_FRACTION * max(0.0, deadline - self.clock.monotonic()))
        pauses = wait_pauses(self.interval, 0.0 if look_first else None)
        reported = False
        reported_at = self.clock.monotonic() - HEARTBEAT_SECONDS
        state: object = None
        now: Cluster | None = cluster
        fault: Failure | None = None
        while look_first or not arrived(now):
            look_first = False
            left = deadline - self.clock.monotonic()
            if left <= 0 and spare_time:
                return now
            if left <= 0:
                raise self._timeout_error(now, what, fault)
            news = (now or {}).get("state") != state or self.clock.monotonic() - reported_at >= HEARTBEAT_SECONDS
            if self.on_progress and news:
                reported, reported_at, state = True, self.clock.monotonic(), (now or {}).get("state")
                self.on_progress(self._progress_line(now or cluster, what, fault))
            look = Poll(str(cluster["cluster_id"]), min(next(pauses), left), deadline, (now or {}).get("state"))
            try:
                now, fault = (yield look), None
            except Failure as failure:
                if not is_transient("GetRayCluster", failure) and not may_mean_absent(failure):
                    raise
                fault = failure
            if now is not None:
                self.on_read(now)
        if self.on_progress and reported:
            self.on_progress(self._final_line(now, cluster))
        return now

    def _final_line(self, now: Cluster | None, before: Cluster) -> str:
        name = before.get("name") or before.get("cluster_id")
        elapsed = self.clock.monotonic() - (self.started or 0.0)
        return f"{name}: {now.get('state') or 'unknown' if now else 'deleted'} after {elapsed:.0f} s"

    def _progress_line(self, cluster: Cluster, what: str, fault: Failure | None) -> str:
        elapsed = self.clock.monotonic() - (self.started or 0.0)
        detail = fault or cluster.get("message") or ""
        name = cluster.get("name") or cluster.get("cluster_id")
        return f"{name}: {cluster.get('state') or 'unknown'}, waiting {what}, {elapsed:.0f} s" + (
            f": {detail}" if detail else ""
        )

    def _timeout_error(self, cluster: Cluster | None, what: str, fault: Failure | None) -> ClusterError:
        elapsed = self.clock.monotonic() - (self.started or 0.0)
        last = f"last state: {(cluster or {}).get('state') or 'unknown'}"
        trouble = f"; the last read failed: {fault}" if fault else ""
        return ClusterError(
            f"waited {elapsed:.0f} s for the cluster {what}, {last}{trouble}",
            "WaitTimeout",
            hint="run the task again to resume waiting, or raise wait_timeout",
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
