# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""Create exactly one resource, although the service has no token that would make a retry harmless.

A create request is never resent blindly. If its response is lost, the list is polled, and the resource that appeared
since then is adopted.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

from .._clock import Clock
from .._errors import ApiError, ClusterError, Failure, TransportError
from .retry_policy import is_transient, may_have_been_executed

# Limits on how long a list may lag behind, and how long a server may work on a request whose response was lost.
SEARCH_SECONDS = 45.0
# "ServiceUnavailable" comes from a gateway that did not reach the backend: search all the same, but for less time.
SHORT_SEARCH_SECONDS = 10.0
FIRST_LOOK, LONGEST_LOOK, GROWTH = 0.5, 5.0, 1.5


@dataclass(frozen=True)
class CreatedResource:
    """The created resource; ``adoption_reason`` says how it was recognized if the response was lost."""

    resource_id: str
    adoption_reason: str | None = None


class Messages(t.NamedTuple):
    """The texts about one way to create a resource, with fields to fill in."""

    response_lost: str
    adopted: str
    refused: str
    adopted_after_refusal: str
    sent_again: str
    created_twice: str
    several: str
    unchecked: str


CREATE_MESSAGES = Messages(
    response_lost="the response to the create was lost ({cause})",
    adopted="the response to its create was lost ({cause}), and then it existed",
    refused="the create was refused for a while",
    adopted_after_refusal="its create was refused for a while, and then it existed",
    sent_again="The response to the create was lost ({cause}), and no {name} appeared within {seconds:g} s, so it is "
    "created again.",
    created_twice="another {kind} with this name was created at the same time: this run created {own}, and "
    "{others} exists, too",
    several="{what}, and now {count} {kind}s have this name: {ids}",
    unchecked="Could not verify that this {name} is the only one with its name: {why}",
)
SUBMIT_MESSAGES = Messages(
    response_lost="the response to the submission was lost ({cause})",
    adopted="the response to its submission was lost ({cause}), and then it existed",
    refused="the submission was refused for a while",
    adopted_after_refusal="its submission was refused for a while, and then it existed",
    sent_again="The response to the submission was lost ({cause}), and no {name} appeared within {seconds:g} s, so it "
    "is submitted again.",
    created_twice="another {kind} with this key was created at the same time: this run created {own}, and "
    "{others} exists, too",
    several="{what}, and now {count} {kind}s have this key: {ids}",
    unchecked="Could not verify that this {name} is the only one with its key: {why}",
)


@dataclass(frozen=True)
class ResourceKind:
    """A kind of resource: its name, its failures without their texts, and its messages.

    ``undecided`` is the failure for a resource that may or may not have been created, ``duplicate`` the one for several
    of them.
    """

    name: str
    undecided: ClusterError
    duplicate: ClusterError
    messages: Messages = CREATE_MESSAGES


def with_text(failure: ClusterError, text: str) -> ClusterError:
    """Return a failure of the same type, code, and hint, with a text."""
    return type(failure)(text, str(failure.code), failure.hint)


@dataclass
class ExactlyOnce:
    """Creates one resource until ``deadline``, a time of the clock.

    ``send_create`` sends the request. It calls the function that it receives before it repeats a refused request.
    ``list_ids`` returns the ids with the identity, from a list read after the call. It raises ClusterError if the list
    shows that the identity was not kept. ``exists`` says whether a listed id exists: lists lag after a delete.
    ``display_name`` names the resource in messages.
    """

    resource_kind: ResourceKind
    send_create: t.Callable[[t.Callable[[], str | None]], str]
    list_ids: t.Callable[[], t.Iterable[str]]
    clock: Clock
    deadline: float
    retries: int
    warn: t.Callable[[str], None]
    may_have_executed: t.Callable[[Failure], bool] = may_have_been_executed
    display_name: str = ""
    exists: t.Callable[[str], bool] = lambda resource_id: True  # noqa: ARG005
    created_id: str | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        self.display_name = self.display_name or self.resource_kind.name
        self._messages = self.resource_kind.messages

    def create(self) -> CreatedResource:
        """Return the resource that was created, or adopted after a lost response.

        Raises the service's refusal, or the kind's ``undecided`` failure if the outcome cannot be known.
        """
        lost: Failure | None = None
        repeats = self.retries
        while True:
            try:
                return self._create_once()
            except (ApiError, TransportError) as failure:  # noqa: PERF203
                if lost is None and not self.may_have_executed(failure):
                    raise
                lost = lost or failure
                seconds = SHORT_SEARCH_SECONDS if failure.code == "ServiceUnavailable" else SEARCH_SECONDS
                found = self._wait_for_id(lost, seconds)
                if found:
                    return CreatedResource(found, self._messages.adopted.format(cause=lost))
                if not self.may_have_executed(failure):
                    raise self._build_unknown_outcome_error(
                        f"it did not appear, and the next one failed: {failure}", lost
                    ) from None
                if not repeats:
                    raise self._build_unknown_outcome_error("it did not appear", lost) from None
                repeats -= 1
                self.warn(self._messages.sent_again.format(cause=failure, name=self.display_name, seconds=seconds))

    def verify_unique(self, resource_id: str) -> None:
        """Poll until the list shows the new resource with its identity, so that the next run finds it too.

        Raises the kind's ``duplicate`` failure if another one of the same identity was created at the same time. A list
        that does not show the new resource yet cannot show the other one either, so it is read again.
        """
        self.created_id = resource_id
        ids: list[str] = []
        trouble: Failure | None = None
        for ids, trouble in self._poll(SEARCH_SECONDS):
            others = [found for found in ids if found != resource_id]
            if others:
                text = self._messages.created_twice
                raise with_text(
                    self.resource_kind.duplicate,
                    text.format(kind=self.resource_kind.name, own=resource_id, others=", ".join(others)),
                )
            if ids or self._is_permanent(trouble):
                break
        if resource_id not in ids:
            why = trouble or f"the list of {self.resource_kind.name}s does not show the new one yet"
            self.warn(self._messages.unchecked.format(name=self.display_name, why=why))

    def _create_once(self) -> CreatedResource:
        """Send the request, and read the list before each retry of a refused one: the refusal may be wrong."""
        there: str | None = None

        def find_existing() -> str | None:
            nonlocal there
            there = self._single_id(self._list_until_success(), self._messages.refused)
            return there

        resource_id = self.send_create(find_existing)
        return CreatedResource(resource_id, self._messages.adopted_after_refusal if there else None)

    def _list_until_success(self) -> list[str]:
        """Return the ids of the next successful read: a failed read proves nothing.

        Raises the kind's ``undecided`` failure if no read succeeds for too long.
        """
        trouble: Failure | None = None
        for ids, trouble in self._poll(SEARCH_SECONDS):
            if trouble is None:
                return ids
            if self._is_permanent(trouble):
                break
        raise self._build_unknown_outcome_error(self._list_error_text(trouble), trouble, self._messages.refused)

    def _wait_for_id(self, lost: Failure, seconds: float) -> str | None:
        """Return the id once it appears, or None if it does not appear within ``seconds``."""
        until = self.clock.monotonic() + seconds
        trouble: Failure | None = None
        for ids, trouble in self._poll(seconds):
            if ids:
                return self._single_id(ids, self._messages.response_lost.format(cause=lost))
            if self._is_permanent(trouble):
                break
        if trouble:
            raise self._build_unknown_outcome_error(self._list_error_text(trouble), lost)
        if self.deadline < until:
            raise self._build_unknown_outcome_error("the time limit passed", lost)
        return None

    def _poll(self, seconds: float) -> t.Iterator[tuple[list[str], Failure | None]]:
        """Yield the ids, or the error of the read, at growing intervals, and a last time at the end of ``seconds``."""
        until = min(self.clock.monotonic() + seconds, self.deadline)
        pause = FIRST_LOOK
        while True:
            yield self._try_list_ids()
            left = until - self.clock.monotonic()
            if left <= 0:
                return
            self.clock.sleep(min(pause, left))
            pause = min(pause * GROWTH, LONGEST_LOOK)

    def _try_list_ids(self) -> tuple[list[str], Failure | None]:
        try:
            ids = sorted(set(self.list_ids()))
            return [found for found in ids if found == self.created_id or self.exists(found)], None
        except ClusterError:
            raise
        except Failure as failure:
            return [], failure

    def _is_permanent(self, trouble: Failure | None) -> bool:
        return trouble is not None and not is_transient(trouble)

    def _list_error_text(self, trouble: Failure | None) -> str:
        return f"the {self.resource_kind.name}s cannot be listed: {trouble}"

    def _single_id(self, ids: list[str], what: str) -> str | None:
        if len(ids) > 1:
            raise with_text(
                self.resource_kind.duplicate,
                self._messages.several.format(
                    what=what, count=len(ids), kind=self.resource_kind.name, ids=", ".join(ids)
                ),
            )
        return ids[0] if ids else None

    def _build_unknown_outcome_error(self, why: str, cause: Failure | None, what: str | None = None) -> Failure:
        what = what or self._messages.response_lost.format(cause=cause)
        kind, text = self.resource_kind, f"{what}, and it is unknown whether it created a {self.display_name}: {why}"
        error = with_text(kind.undecided, text)
        if cause:
            error.operation, error.request_id, error.http_status = cause.operation, cause.request_id, cause.http_status
        return error
