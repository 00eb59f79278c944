# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A Ray job of the service: what is stored, and how its status moves with time. No HTTP, no clock of its own."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from .job_plan import CANCELLED, ENDS, FAILED, TIMEOUT, Performance
from .model import Json

SUBMITTED, PENDING, RUNNING, CANCELLING = "Submitted", "Pending", "Running", "Cancelling"


class Backend(Protocol):
    """A real execution of a job, where there is one: it says how the job is doing and what it wrote."""

    def poll(self) -> tuple[str, str]:
        """Return the job's status (Running or one of the ends) and its message."""

    def log(self) -> str:
        """Return the driver log so far."""

    def grown(self) -> float | None:
        """Return when the driver log last grew, None while there is nothing in it."""

    def stop(self) -> None:
        """Begin to stop the job."""


@dataclass
class Job:
    """What the service stores; `spec` holds wire fields as they were sent, `raw` wins over any field in answers."""

    submission_id: str
    workspace_id: str
    number: int
    spec: Json
    submitted: float
    performance: Performance
    task_id: str
    token: str
    pod: str
    cluster_id: str = ""
    run_id: str = ""
    status: str = SUBMITTED
    message: str = ""
    started: float | None = None
    ended: float | None = None
    moves: list[tuple[float, str, str]] = field(default_factory=list)
    waits: bool = False
    creator: str = "emulator"
    backend: Backend | None = None
    raw: Json = field(default_factory=dict)

    @property
    def over(self) -> bool:
        """True once the status is final."""
        return self.status in ENDS

    @property
    def deadline(self) -> float | None:
        """When the job is ended for having taken too long, its cluster's creation included."""
        seconds = self.spec.get("activeDeadlineSeconds")
        return self.submitted + seconds if seconds else None

    def run(self, at: float) -> None:
        """Plan to run at `at`, and to end when the performance does."""
        self.waits = False
        self.moves.append((at, RUNNING, "Job is currently running."))
        if self.backend is None:
            self.moves.append((at + self.performance.seconds, self.performance.status, self.performance.message))

    def settle(self, now: float) -> None:
        """Carry out the movements that are due at `now` (seconds)."""
        while not self.over:
            deadline = self.deadline if self.status != CANCELLING else None
            if self.moves and self.moves[0][0] <= now and (deadline is None or self.moves[0][0] < deadline):
                self.enter(*self.moves.pop(0))
            elif deadline is not None and deadline <= now:
                seconds = self.spec["activeDeadlineSeconds"]
                self.enter(deadline, TIMEOUT, f"The job did not finish within activeDeadlineSeconds={seconds}.")
            else:
                break
        if self.backend is not None and (self.started is not None or self.status == CANCELLING) and not self.over:
            status, message = self.backend.poll()
            if status in ENDS:
                self.enter(now, status, message)

    def enter(self, at: float, status: str, message: str) -> None:
        """Be in `status` from `at` on."""
        self.status, self.message = status, message
        if status == RUNNING:
            self.started = at
        if status in ENDS:
            self.moves, self.ended = [], at
            if self.backend is not None:
                self.backend.stop()

    def cancel(self, now: float, seconds: float) -> None:
        """Begin to cancel; Cancelled after `seconds`."""
        self.enter(now, CANCELLING, "The job is being cancelled.")
        self.waits = False
        if self.backend is not None:
            self.moves = []
            self.backend.stop()
        else:
            self.moves = [(now + seconds, CANCELLED, "Job was intentionally stopped.")]

    def lose_cluster(self, now: float) -> None:
        """End because the cluster is gone."""
        self.enter(now, FAILED, f"The Ray cluster {self.cluster_id} is not running any more.")

    def cluster_state(self, now: float) -> str:
        """Return the state of the cluster that the job runs on (Submitted, Pending, Running or Deleted)."""
        if self.cluster_id:
            return PENDING if self.waits else RUNNING
        if self.ended is None:
            return RUNNING if self.started is not None else (PENDING if self.status == CANCELLING else self.status)
        if self.started is None:
            return "Deleted"
        stays = self.spec.get("shutdownAfterJobFinishes") is False
        return RUNNING if stays or now < self.ended + (self.spec.get("ttlSecondsAfterFinished") or 0) else "Deleted"

    def log(self, now: float) -> str:
        """Return the driver log as it is at `now`."""
        if self.started is None:
            return ""
        if self.backend is not None:
            return self.backend.log()
        return self.performance.text(self._elapsed(now))

    def log_grown(self, now: float) -> float | None:
        """Return when the driver log last grew, None before the job runs."""
        if self.started is None:
            return None
        if self.backend is not None:
            grown = self.backend.grown()
            return self.started if grown is None else grown
        return self.started + self.performance.grown(self._elapsed(now))

    def _elapsed(self, now: float) -> float:
        """Return for how many seconds it has run, or ran."""
        return min(now, self.ended if self.ended is not None else now) - (self.started or 0.0)
