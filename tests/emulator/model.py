# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A cluster and its run: what is stored, and how its state moves with time. No HTTP, no clock of its own."""

from __future__ import annotations

import random
import string
from dataclasses import dataclass, field
from typing import Any, Protocol

Json = dict[str, Any]

STOPPED, STARTING, RUNNING, STOPPING, ERROR = "Stopped", "Starting", "Running", "Stopping", "Error"
STATES = (STOPPED, STARTING, RUNNING, STOPPING, ERROR)

_ID_CHARACTERS = string.ascii_lowercase + string.digits


def mint(rng: random.Random, length: int) -> str:
    """Return `length` random lower-case letters and digits."""
    return "".join(rng.choices(_ID_CHARACTERS, k=length))


@dataclass
class Failure:
    """How a start is going to fail: the cluster's message and what its sick head pod shows."""

    message: str = "head node failed to start"
    reason: str = "OOMKilled"
    phase: str = "Failed"
    exit_code: int = 137

    @classmethod
    def of(cls, value: object) -> Failure:
        """Build from `true` or a mapping of this class' fields; raises ValueError for anything else."""
        values = {} if value is True else value
        try:
            return cls(**values)  # type: ignore[arg-type]
        except TypeError:
            raise ValueError("a failure is true or an object with message, reason, phase, exit_code") from None


class Head(Protocol):
    """A real Ray head behind a run; `state` is starting, ready or failed."""

    state: str
    message: str


@dataclass
class Run:
    """One run of a cluster: it exists from a start until the cluster is Stopped again."""

    instance_id: str
    dashboard_token: str
    submit_token: str
    pods: list[str]
    started: float
    failure: Failure | None = None
    head: Head | None = field(default=None, repr=False, compare=False)


@dataclass
class Cluster:
    """What the service stores; `spec` holds wire fields as they were sent, `raw` wins over any field in answers."""

    cluster_id: str
    workspace_id: str
    number: int
    spec: Json
    created: float
    changed: float
    state: str = STOPPED
    modified: bool = False
    message: str = "ok"
    run: Run | None = None
    started: float | None = None
    failure: Failure | None = None
    start_tokens: set[str] = field(default_factory=set)
    moves: list[tuple[float, str]] = field(default_factory=list)
    gone_at: float | None = None
    raw: Json = field(default_factory=dict)
    # How many lists were read since it is there, and whether lists show it whatever the rules say.
    lists: int = 0
    listed: bool = False
    # Answers of Get that are behind: how many are still to come, and the answer itself.
    behind: tuple[int, bytes] = (0, b"")
    encoded: dict[str, tuple[Any, bytes]] = field(default_factory=dict, repr=False, compare=False)

    @property
    def deleting(self) -> bool:
        """True once a delete was accepted that takes time."""
        return self.gone_at is not None

    @property
    def moving(self) -> bool:
        """True in every state that is neither at rest nor running, unknown states included."""
        return self.state not in (STOPPED, RUNNING, ERROR)

    def settle(self, now: float) -> None:
        """Carry out the movements that are due at `now` (seconds)."""
        while self.moves and self.moves[0][0] <= now:
            head = self.run.head if self.run and self.moves[0][1] == RUNNING else None
            if head is not None and head.state == "starting":
                return
            if head is not None and head.state == "failed":
                self.failure, self.moves = Failure(message=head.message), [(now, ERROR)]
            self.enter(self.moves.pop(0)[1])

    def enter(self, state: str) -> None:
        """Be in `state` at once: Stopped ends the run, Error takes the failure's message and shows it in the pods."""
        self.state = state
        self.message = "ok"
        if state == STOPPED:
            self.run = None
        if state == ERROR:
            failure = self.failure or Failure()
            self.failure = None
            self.message = failure.message
            if self.run:
                self.run.failure = failure

    def start(self, now: float, seconds: float, rng: random.Random, ends: str | None = RUNNING) -> None:
        """Begin a new run that is in the state `ends`, or in Error if a failure is planned, after `seconds`."""
        self.run = new_run(self, now, rng)
        self.started = now
        self.modified = False
        self.enter(STARTING)
        self.moves = [(now + seconds, ERROR if self.failure else ends)] if ends else []

    def stop(self, now: float, seconds: float, ends: str | None = STOPPED) -> None:
        """Begin to stop; in the state `ends` after `seconds`, or never."""
        self.enter(STOPPING)
        self.moves = [(now + seconds, ends)] if ends else []

    def delete(self, now: float, seconds: float) -> None:
        """Begin to go: Stopping for the first half of `seconds`, Stopped for the second, then gone."""
        self.enter(STOPPING)
        self.moves = [(now + seconds / 2, STOPPED)]
        self.gone_at = now + seconds


def new_run(cluster: Cluster, now: float, rng: random.Random) -> Run:
    """Return a run with fresh ids and tokens; one head pod, and the pods of each worker group."""
    pods = [f"{cluster.cluster_id}-head-{mint(rng, 5)}"]
    for group in cluster.spec.get("workerSpec") or []:
        name = str(group.get("groupName", "worker")).lower()
        pods += [f"{cluster.cluster_id}-{name}-worker-{mint(rng, 5)}" for count in range(group.get("replica") or 1)]
    return Run(
        instance_id=f"{cluster.cluster_id}-{mint(rng, 8)}",
        dashboard_token=mint(rng, 32),
        submit_token=f"{rng.getrandbits(128):032x}",
        pods=pods,
        started=now,
    )
