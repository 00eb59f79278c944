# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""Making exactly one thing, though the service has no token that would make a repeat harmless.

What makes it is never sent a second time without a look. When its answer was lost, the thing is looked for for a while:
it was not there before, so if it is there now it is the one. Private to this collection.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

from .._clock import Clock
from .._errors import ApiError, Failure, TransportError
from .retry_policy import is_ambiguous, may_pass

# So long a list may take to show what is new, and a server to finish a request whose answer was lost.
LOOK_SECONDS = 30.0
# "ServiceUnavailable" is what a gateway says that did not get through: it is looked for all the same, but not as long.
SHORT_LOOK_SECONDS = 10.0
FIRST_LOOK, LONGEST_LOOK, GROWTH = 0.5, 5.0, 1.5


@dataclass(frozen=True)
class Made:
    """What was made; ``adopted`` says how it was recognised when the answer was lost."""

    made_id: str
    adopted: str | None = None


@dataclass(frozen=True)
class Thing:
    """What is made, for messages: a ``noun`` that is known by its ``mark``, made by an ``act``, ``done`` in the past.

    ``listing`` is the operation by which it is looked for. ``undecided`` and ``not_unique`` make of a reason the
    failure that nobody knows whether it was made, and that there are several.
    """

    noun: str
    mark: str
    act: str
    done: str
    listing: str
    undecided: t.Callable[[str], Failure]
    not_unique: t.Callable[[str], Failure]


@dataclass
class Once:
    """Makes one thing. ``ends`` is the clock's time at which the task's patience ends.

    ``send`` makes it, and asks the function that it is given before it repeats what was refused. ``look`` returns the
    ids of what has the mark, as they are when it is called. ``called`` is what messages call the one that is meant.
    """

    thing: Thing
    send: t.Callable[[t.Callable[[], str | None]], str]
    look: t.Callable[[], t.Iterable[str]]
    clock: Clock
    ends: float
    retries: int
    warn: t.Callable[[str], None]
    ambiguous: t.Callable[[Failure], bool] = is_ambiguous
    called: str = ""
    _refused: str = field(init=False)

    def __post_init__(self) -> None:
        self.called = self.called or self.thing.noun
        self._refused = f"the {self.thing.act} was refused for a while"

    def make(self) -> Made:
        """Return the one that was made, or adopted after a lost answer.

        Raises the service's refusal, or the thing's ``undecided`` when that cannot be known.
        """
        lost: Failure | None = None
        repeats = self.retries
        while True:
            try:
                return self._attempt()
            except (ApiError, TransportError) as failure:  # noqa: PERF203
                if lost is None and not self.ambiguous(failure):
                    raise
                lost = lost or failure
                seconds = SHORT_LOOK_SECONDS if failure.code == "ServiceUnavailable" else LOOK_SECONDS
                found = self._look_for(lost, seconds)
                if found:
                    return Made(found, f"the answer to its {self.thing.act} was lost ({lost}), and then it was there")
                if not self.ambiguous(failure):
                    raise self._undecided(f"it did not show up, and the next one failed: {failure}", lost) from None
                if not repeats:
                    raise self._undecided("it did not show up", lost) from None
                repeats -= 1
                self.warn(
                    f"The answer to the {self.thing.act} was lost ({failure}), and no {self.called} showed up within "
                    f"{seconds:g} s, so it is {self.thing.done} again."
                )

    def confirm(self, made_id: str) -> None:
        """Look until what was made can be found by its mark, so that the next run finds it too.

        Raises the thing's ``not_unique`` when somebody else made one of the same mark in the same moment. A list that
        does not show the one itself yet cannot show the other either, so it is looked at again.
        """
        ids: list[str] = []
        trouble: Failure | None = None
        for ids, trouble in self._looks(LOOK_SECONDS):
            others = [found for found in ids if found != made_id]
            if others:
                raise self.thing.not_unique(
                    f"another {self.thing.noun} of this {self.thing.mark} was made at the same time: this run made "
                    f"{made_id}, and there is {', '.join(others)} too"
                )
            if ids or self._hopeless(trouble):
                break
        if made_id not in ids:
            why = trouble or f"the list of {self.thing.noun}s does not show the new one yet"
            self.warn(
                f"Whether this {self.called} is the only one of its {self.thing.mark} could not be checked: {why}"
            )

    def _attempt(self) -> Made:
        """Send it, and look before each repeat of what the service refused: a refusal may be a mistake too."""
        there: str | None = None

        def done() -> str | None:
            nonlocal there
            there = self._only(self._surely(), self._refused)
            return there

        made_id = self.send(done)
        return Made(made_id, f"its {self.thing.act} was refused for a while, and then it was there" if there else None)

    def _surely(self) -> list[str]:
        """Return the ids of a look that succeeded: one that did not says nothing.

        Raises the thing's ``undecided`` when there is none for too long.
        """
        trouble: Failure | None = None
        for ids, trouble in self._looks(LOOK_SECONDS):
            if trouble is None:
                return ids
            if self._hopeless(trouble):
                break
        raise self._undecided(self._cannot_list(trouble), trouble, self._refused)

    def _look_for(self, lost: Failure, seconds: float) -> str | None:
        """Return the id once it shows up, None when it did not within ``seconds``."""
        until = self.clock.monotonic() + seconds
        trouble: Failure | None = None
        for ids, trouble in self._looks(seconds):
            if ids:
                return self._only(ids, f"the answer to the {self.thing.act} was lost ({lost})")
            if self._hopeless(trouble):
                break
        if trouble:
            raise self._undecided(self._cannot_list(trouble), lost)
        if self.ends < until:
            raise self._undecided("time is up", lost)
        return None

    def _looks(self, seconds: float) -> t.Iterator[tuple[list[str], Failure | None]]:
        """Yield the ids, or why they cannot be had, ever less often, for the last time when the seconds are over."""
        until = min(self.clock.monotonic() + seconds, self.ends)
        pause = FIRST_LOOK
        while True:
            yield self._ids()
            left = until - self.clock.monotonic()
            if left <= 0:
                return
            self.clock.sleep(min(pause, left))
            pause = min(pause * GROWTH, LONGEST_LOOK)

    def _ids(self) -> tuple[list[str], Failure | None]:
        try:
            return sorted(set(self.look())), None
        except Failure as failure:
            return [], failure

    def _hopeless(self, trouble: Failure | None) -> bool:
        return trouble is not None and not may_pass(self.thing.listing, trouble)

    def _cannot_list(self, trouble: Failure | None) -> str:
        return f"the {self.thing.noun}s cannot be listed: {trouble}"

    def _only(self, ids: list[str], what: str) -> str | None:
        if len(ids) > 1:
            raise self.thing.not_unique(
                f"{what}, and now {len(ids)} {self.thing.noun}s have this {self.thing.mark}: {', '.join(ids)}"
            )
        return ids[0] if ids else None

    def _undecided(self, why: str, cause: Failure | None, what: str | None = None) -> Failure:
        what = what or f"the answer to the {self.thing.act} was lost ({cause})"
        error = self.thing.undecided(f"{what}, and whether a {self.called} came of it is open: {why}")
        if cause:
            error.operation, error.request_id, error.http_status = cause.operation, cause.request_id, cause.http_status
        return error
