# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""Submitting exactly one job, though the service has no token that would make a repeat harmless.

Every job carries a key in its metadata, the user's or one that only this run knows. When the answer to a submission is
lost, the job is looked for by that key for a while, and taken if it is there. Private to this collection.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ansible_collections.rayops.alicloud.plugins.module_utils._clock import Clock
from ansible_collections.rayops.alicloud.plugins.module_utils._errors import ApiError, Failure, JobError, TransportError
from ansible_collections.rayops.alicloud.plugins.module_utils._retry import is_ambiguous, may_pass

# So long a list may take to show a new job, and a server to finish a request whose answer was lost.
LOOK_SECONDS = 30.0
# "ServiceUnavailable" is what a gateway says that did not get through: it is looked for all the same, but not as long.
SHORT_LOOK_SECONDS = 10.0
FIRST_LOOK, LONGEST_LOOK, GROWTH = 0.5, 5.0, 1.5
NOT_UNIQUE_HINT = "nothing was cancelled: cancel the ones that are not wanted, by their submission_id"


@dataclass(frozen=True)
class Submitted:
    """The job that came of a submission; ``adopted`` says how it was recognised when the answer was lost."""

    submission_id: str
    adopted: str | None = None


@dataclass
class Submitter:
    """Submits one job. ``ends`` is the clock's time at which the task's patience ends.

    ``submit`` sends it once, and asks the function that it is given before it repeats what was refused. ``look``
    returns the ids of the jobs with the key of this submission.
    """

    submit: t.Callable[[t.Callable[[], str | None]], str]
    look: t.Callable[[], list[str]]
    operation: str
    clock: Clock
    ends: float
    retries: int
    warn: t.Callable[[str], None]
    ambiguous: t.Callable[[Failure], bool] = is_ambiguous

    def run(self) -> Submitted:
        """Return the one job that was submitted, or taken after a lost answer.

        Raises the service's refusal, or JobError that says what is known when it cannot be decided.
        """
        lost: Failure | None = None
        for attempt in range(self.retries + 1):
            try:
                return self._attempt()
            except (ApiError, TransportError) as failure:  # noqa: PERF203
                if lost is None and not self.ambiguous(failure):
                    raise
                lost = lost or failure
                seconds = SHORT_LOOK_SECONDS if failure.code == "ServiceUnavailable" else LOOK_SECONDS
                found = self._look_for(lost, seconds)
                if found:
                    return Submitted(found, f"the answer to its submission was lost ({lost}), and then it was there")
                if not self.ambiguous(failure):
                    raise self._undecided(lost, f"it did not show up, and the next one failed: {failure}") from None
                if attempt == self.retries:
                    raise self._undecided(lost, "it did not show up") from None
                self.warn(
                    f"The answer to the submission was lost ({failure}), and no job of it showed up within "
                    f"{seconds:g} s, so it is submitted again."
                )
        raise JobError("no attempt was made", "NoAttempt")

    def _attempt(self) -> Submitted:
        """Submit, and look before each repeat of what the service refused: a refusal may be a mistake too."""
        there: list[str] = []

        def done() -> str | None:
            there[:] = self._surely()
            return self._only(there, "the submission was refused for a while")

        submission_id = self.submit(done)
        return Submitted(submission_id, "it was refused for a while, and then it was there" if there else None)

    def _surely(self) -> list[str]:
        """Return the ids of a look that succeeded: one that did not says nothing. Raises JobError."""
        trouble: Failure | None = None
        for ids, trouble in self._looks(min(self.clock.monotonic() + LOOK_SECONDS, self.ends)):
            if trouble is None:
                return ids
            if not may_pass("ListRayJob", trouble):
                break
        raise self._undecided(
            trouble, f"the jobs cannot be listed: {trouble}", "the submission was refused for a while"
        )

    def confirm(self, submission_id: str) -> None:
        """Look until a job just submitted can be found by its key, so that the next run finds it too.

        Raises JobError when somebody else submitted a job with the same key in the same moment. A list that does not
        show the job itself yet cannot show the other one either, so it is looked at again.
        """
        trouble: Failure | None = None
        ids: list[str] = []
        for ids, trouble in self._looks(min(self.clock.monotonic() + LOOK_SECONDS, self.ends)):
            if any(found != submission_id for found in ids):
                self._only([submission_id, *ids], "somebody else submitted with the same key at the same time")
            if ids or (trouble and not may_pass("ListRayJob", trouble)):
                break
        if submission_id not in ids:
            why = trouble or "the list of jobs does not show the new one yet"
            self.warn(f"Whether another job has this key could not be checked: {why}")

    def _look_for(self, lost: Failure, seconds: float) -> str | None:
        """Return the id of the job once it shows up, None when it did not within ``seconds``."""
        until = self.clock.monotonic() + seconds
        trouble: Failure | None = None
        for ids, trouble in self._looks(min(until, self.ends)):
            if ids:
                return self._only(ids, f"the answer to the submission was lost ({lost})")
            if trouble and not may_pass("ListRayJob", trouble):
                break
        if trouble:
            raise self._undecided(lost, f"the jobs cannot be listed: {trouble}")
        if self.ends < until:
            raise self._undecided(lost, "time is up")
        return None

    def _only(self, ids: list[str], what: str) -> str | None:
        different = sorted(set(ids))
        if len(different) > 1:
            raise JobError(
                f"{what}, and now {len(different)} jobs have this key: {', '.join(different)}",
                "JobNotUnique",
                hint=NOT_UNIQUE_HINT,
            )
        return different[0] if different else None

    def _looks(self, until: float) -> t.Iterator[tuple[list[str], Failure | None]]:
        """Yield the ids, or why they cannot be had, ever less often, for the last time at ``until``."""
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
            return self.look(), None
        except Failure as failure:
            return [], failure

    def _undecided(self, lost: Failure | None, why: str, what: str | None = None) -> JobError:
        error = JobError(
            f"{what or f'the answer to the submission was lost ({lost})'}, and whether a job came of it is open: {why}",
            "SubmitUndecided",
            hint="with a job_key, run the task again: it takes the job if it has shown up by then; without one, look "
            "at the jobs of the workspace first",
        )
        if lost:
            error.operation, error.request_id, error.http_status = lost.operation, lost.request_id, lost.http_status
        return error
