# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""Wait until a resource reaches a state: the pauses, the time limit, and the progress lines of every wait.

A wait is a generator: it asks for a read of its resource (:class:`Poll`) and receives the result. The driver decides
how to read: :func:`run_sync` sleeps and reads one resource; a fleet parks many waits and reads a list for all.
"""

from __future__ import annotations

import abc
import contextlib
import threading
import time
import typing as t
from dataclasses import dataclass

from .._api.absence import may_mean_absent
from .._api.retry_policy import is_transient
from .._clock import Clock
from .._errors import Failure
from .context import TaskContext

# Longest silence of a wait, in seconds.
HEARTBEAT_SECONDS = 30.0
_NO_NEWS = "; no change for "
# Seconds for the last read, which decides.
MIN_READ_SECONDS = 1.0
# The part of the time that is left, and the most seconds, to keep for a last attempt.
_SPARE_FRACTION, _MAX_SPARE_SECONDS = 0.2, 60.0
_MAX_FIRST_PAUSE = 1.0
_PAUSE_GROWTH = 1.5
# A pause grows to this many times the interval: from 5 to 30 seconds.
_MAX_PAUSE_FACTOR = 6


class Poll(t.NamedTuple):
    """A wait's request to read a resource after ``pause`` seconds; the wait ends at ``deadline``."""

    resource_id: str
    pause: float
    deadline: float
    state: str | None = None


Resource = t.TypeVar("Resource", bound=t.Mapping[str, object])
ResultT = t.TypeVar("ResultT")
# The driver sends the resource, None when it does not exist, or throws the Failure of the read.
WaitCoroutine = t.Generator[Poll, t.Any, ResultT]


def read_timeout(poll: Poll, clock: Clock) -> float:
    """Return how many seconds a read may take."""
    return max(MIN_READ_SECONDS, poll.deadline - clock.monotonic())


def run_sync(steps: WaitCoroutine[ResultT], read: t.Callable[[str, float], object], clock: Clock) -> ResultT:
    """Run steps to their end; sleep before each read of its resource. Return the result of the steps."""
    try:
        poll = next(steps)
        while True:
            if poll.pause > 0:
                clock.sleep(poll.pause)
            try:
                found = read(poll.resource_id, read_timeout(poll, clock))
            except Failure as failure:
                poll = steps.throw(failure)
            else:
                poll = steps.send(found)
    except StopIteration as stop:
        result: ResultT = stop.value
        return result


def wait_pauses(interval: float, first: float | None = None) -> t.Iterator[float]:
    """Yield the seconds between the reads of a wait, without end.

    The first pause is one second at most, or ``first`` if it is given. The others start at ``interval`` and grow.
    """
    yield min(_MAX_FIRST_PAUSE, interval) if first is None else first
    pause = interval
    while True:
        yield pause
        pause = min(pause * _PAUSE_GROWTH, interval * _MAX_PAUSE_FACTOR)


@dataclass
class Waiter(abc.ABC, t.Generic[Resource]):
    """Reads a resource within one time limit for the whole task. Subclasses describe the resource.

    ``on_read`` receives each resource that was read, ``on_progress`` the lines for the user.
    """

    clock: Clock
    timeout: float
    interval: float
    on_progress: t.Callable[[str], None] | None = None
    on_read: t.Callable[[Resource], object] | None = None
    started: float | None = None

    # The fields with the id and the state of a resource.
    id_field: t.ClassVar[str] = ""
    state_field: t.ClassVar[str] = "state"

    @abc.abstractmethod
    def timeout_error(self, resource: Resource, what: str, trouble: str) -> Failure:
        """Return the error of a wait that took too long; ``trouble`` has the failure of the last read, if it failed."""

    def deadline(self) -> float:
        """Return the clock's time at which the task stops waiting; the time starts with the first call."""
        if self.started is None:
            self.started = self.clock.monotonic()
        return self.started + self.timeout

    def elapsed(self) -> float:
        """Return the seconds since the time started."""
        return self.clock.monotonic() - (self.started or 0.0)

    def check_tolerable(self, failure: Failure) -> None:
        """Raise the failure of a read that a repeated read cannot fix."""
        if not is_transient(failure) and not may_mean_absent(failure):
            raise failure

    def poll_until(
        self,
        resource_id: str,
        last: Resource,
        is_reached: t.Callable[[Resource | None], bool],
        what: str,
        *,
        look_first: bool = False,
        spare_time: bool = False,
        limit: float | None = None,
    ) -> WaitCoroutine[Resource | None]:
        """Return the resource once ``is_reached`` accepts it, from ``last`` or from a read; None does not exist.

        With ``look_first``, a read comes before the first decision. ``limit`` bounds the wait in seconds, too. With
        ``spare_time``, the last read is returned when the time is almost up. Raises the timeout error otherwise.
        """
        deadline = self.deadline()
        if limit is not None:
            deadline = min(deadline, self.clock.monotonic() + limit)
        if spare_time:
            deadline -= min(_MAX_SPARE_SECONDS, _SPARE_FRACTION * max(0.0, deadline - self.clock.monotonic()))
        pauses = wait_pauses(self.interval, 0.0 if look_first else None)
        report = _Report(self, what)
        was_polled = not look_first
        now: Resource | None = last
        fault: Failure | None = None
        reached = not look_first and is_reached(now)
        while not reached:
            left = deadline - self.clock.monotonic()
            if left <= 0 and was_polled:
                if spare_time:
                    return now
                raise self.timeout_error(last, what, f"; the last read failed: {fault}" if fault else "")
            # Before the first read, the state of a new resource is unknown.
            if was_polled or self.state_of(last):
                report.show(last, fault)
            pause = max(0.0, min(next(pauses), left))
            was_polled = True
            try:
                now, fault = (yield Poll(resource_id, pause, deadline, self.state_of(last))), None
            except Failure as failure:
                self.check_tolerable(failure)
                fault = failure
                continue
            if now is not None:
                last = now
                if self.on_read:
                    self.on_read(now)
            reached = is_reached(now)
        report.end(last, "deleted" if now is None else self.state_of(now) or "unknown")
        return now

    def state_of(self, resource: Resource) -> str | None:
        """Return the state of a resource, None if it is unknown."""
        state = resource.get(self.state_field)
        return str(state) if state else None


class _Report:
    """The lines of one wait: when the state changes, and before the silence is too long."""

    def __init__(self, waiter: Waiter[t.Any], what: str) -> None:
        self._waiter = waiter
        self._what = what
        self._state: str | None = None
        self._shown_at: float | None = None

    def show(self, resource: t.Mapping[str, object], fault: Failure | None) -> None:
        waiter, now, state = self._waiter, self._waiter.clock.monotonic(), self._waiter.state_of(resource)
        if self._shown_at is None or state != self._state or now - self._shown_at >= HEARTBEAT_SECONDS:
            self._state, self._shown_at = state, now
            # The service gives this message for a cluster without a problem.
            message = resource.get("message") if resource.get("message") != "ok" else None
            detail = str(fault or message or "").split("\n", 1)[0]
            text = f"{state or 'unknown'}, waiting {self._what}, {waiter.elapsed():.0f} s"
            self._tell(resource, f"{text}: {detail}" if detail else text)

    def end(self, resource: t.Mapping[str, object], state: str) -> None:
        if self._shown_at is not None:
            self._tell(resource, f"{state} after {self._waiter.elapsed():.0f} s")

    def _tell(self, resource: t.Mapping[str, object], text: str) -> None:
        if self._waiter.on_progress:
            self._waiter.on_progress(f"{resource.get('name') or resource.get(self._waiter.id_field)}: {text}")


@contextlib.contextmanager
def heartbeat(task: TaskContext) -> t.Iterator[None]:
    """Repeat the last progress line after each :data:`HEARTBEAT_SECONDS` of silence, even during a request."""
    if not task.shows_progress:
        yield
        return
    ended = threading.Event()

    def beat() -> None:
        while not ended.wait(min(1.0, HEARTBEAT_SECONDS)):
            shown_at, text = task.last_progress
            if text and time.monotonic() - shown_at >= HEARTBEAT_SECONDS:
                task.progress(f"{text.partition(_NO_NEWS)[0]}{_NO_NEWS}{HEARTBEAT_SECONDS:g} s")

    thread = threading.Thread(target=beat, daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
