# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""Creating exactly one cluster, though the service has no token that would make a repeat harmless.

When the answer to a create is lost, the cluster is looked for by its name: it was not there before, so if it is there
now it is the one. Private to this collection.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ansible_collections.rayops.alicloud.plugins.module_utils._client import Client
from ansible_collections.rayops.alicloud.plugins.module_utils._clock import Clock
from ansible_collections.rayops.alicloud.plugins.module_utils._errors import ClusterError, Failure
from ansible_collections.rayops.alicloud.plugins.module_utils._find import rows_named
from ansible_collections.rayops.alicloud.plugins.module_utils._retry import is_ambiguous, reason_to_repeat

# So long a list may take to show a new cluster, and a server to finish a request whose answer was lost.
LOOK_SECONDS = 30.0
FIRST_LOOK, LONGEST_LOOK, GROWTH = 0.5, 5.0, 1.5


@dataclass(frozen=True)
class Created:
    """The cluster that came of a create; ``adopted`` says how it was recognised when the answer was lost."""

    cluster_id: str
    adopted: str | None = None


@dataclass
class Creator:
    """Creates one cluster. ``ends`` is the clock's time at which the task's patience ends."""

    client: Client
    clock: Clock
    ends: float
    retries: int
    warn: t.Callable[[str], None]

    def create(self, name: str, spec: dict[str, t.Any]) -> Created:
        """Return the one cluster that was created, or adopted after a lost answer.

        Raises the service's refusal, or ClusterError that says what is known when it cannot be decided.
        """
        lost: Failure | None = None
        for attempt in range(self.retries + 1):
            try:
                return Created(self.client.create_cluster(spec))
            except Failure as failure:  # noqa: PERF203
                if lost is None and not is_ambiguous(failure):
                    raise
                lost = lost or failure
                found = self._look(name, lost)
                if found:
                    return Created(found, f"the answer to its create was lost ({lost}), and then it was there")
                if not is_ambiguous(failure) or attempt == self.retries:
                    raise self._undecided(name, lost, "it did not show up") from None
                self.warn(
                    f"The answer to the create was lost ({failure}), and no cluster {name!r} showed up within "
                    f"{LOOK_SECONDS:g} s, so it is created again."
                )
        raise ClusterError("no attempt was made", "NoAttempt")

    def check_unique(self, name: str, created: Created) -> None:
        """Raise ClusterError when somebody else made a cluster of the same name in the same moment."""
        ids, trouble = self._ids(name)
        if trouble:
            self.warn(f"Whether another cluster has the name {name!r} could not be checked: {trouble}")
        others = [found for found in ids if found != created.cluster_id]
        if others:
            raise ClusterError(
                f"another cluster of this name was made at the same time: this run made {created.cluster_id}, "
                f"and there is {', '.join(others)} too",
                "NameNotUnique",
                hint="nothing was deleted: delete or rename the one that is not wanted, by its cluster_id",
            )

    def _look(self, name: str, lost: Failure) -> str | None:
        """Return the id of the cluster of this name once it shows up, None when it did not for long enough."""
        until = self.clock.monotonic() + LOOK_SECONDS
        pause = FIRST_LOOK
        while True:
            ids, trouble = self._ids(name)
            if len(ids) == 1:
                return ids[0]
            if ids:
                raise ClusterError(
                    f"the answer to the create was lost ({lost}), and now {len(ids)} clusters have this name: "
                    + ", ".join(ids),
                    "NameNotUnique",
                    hint="nothing was deleted: delete the ones that are not wanted, by their cluster_id",
                )
            now = self.clock.monotonic()
            if now >= until and trouble is None:
                return None
            if now >= min(self.ends, until):
                raise self._undecided(
                    name, lost, f"the clusters cannot be listed: {trouble}" if trouble else "time is up"
                )
            self.clock.sleep(min(pause, max(0.0, min(until, self.ends) - now)))
            pause = min(pause * GROWTH, LONGEST_LOOK)

    def _ids(self, name: str) -> tuple[list[str], Failure | None]:
        try:
            return sorted(row["cluster_id"] for row in rows_named(self.client, name)), None
        except Failure as failure:
            if reason_to_repeat("ListRayCluster", failure) is None:
                raise
            return [], failure

    def _undecided(self, name: str, lost: Failure, why: str) -> ClusterError:
        error = ClusterError(
            f"the answer to the create was lost ({lost}), and whether a cluster {name!r} came of it is open: {why}",
            "CreateUndecided",
            hint="run the task again: it takes the cluster if it has shown up by then",
        )
        error.operation, error.request_id, error.http_status = lost.operation, lost.request_id, lost.http_status
        return error
