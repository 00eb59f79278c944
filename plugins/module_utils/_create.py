# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""Creating exactly one cluster, though the service has no token that would make a repeat harmless.

A create is never sent a second time without a look at the list. When its answer was lost, the cluster is looked for by
its name for a while: it was not there before, so if it is there now it is the one. Private to this collection.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ansible_collections.rayops.alicloud.plugins.module_utils._client import Client
from ansible_collections.rayops.alicloud.plugins.module_utils._clock import Clock
from ansible_collections.rayops.alicloud.plugins.module_utils._errors import (
    ApiError,
    ClusterError,
    Failure,
    TransportError,
)
from ansible_collections.rayops.alicloud.plugins.module_utils._retry import is_ambiguous, may_pass

# So long a list may take to show a new cluster, and a server to finish a request whose answer was lost.
LOOK_SECONDS = 30.0
# "ServiceUnavailable" is what a gateway says that did not get through: it is looked for all the same, but not as long.
SHORT_LOOK_SECONDS = 10.0
FIRST_LOOK, LONGEST_LOOK, GROWTH = 0.5, 5.0, 1.5


@dataclass(frozen=True)
class Created:
    """The cluster that came of a create; ``adopted`` says how it was recognised when the answer was lost."""

    cluster_id: str
    adopted: str | None = None


@dataclass
class Creator:
    """Creates one cluster.

    ``rows_named`` returns the rows of the clusters with a name, from a list that is read after it is called. ``ends``
    is the clock's time at which the task's patience ends.
    """

    client: Client
    rows_named: t.Callable[[str], list[dict[str, t.Any]]]
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
                return self._attempt(name, spec)
            except (ApiError, TransportError) as failure:  # noqa: PERF203
                if lost is None and not is_ambiguous(failure):
                    raise
                lost = lost or failure
                seconds = SHORT_LOOK_SECONDS if failure.code == "ServiceUnavailable" else LOOK_SECONDS
                found = self._look(name, lost, seconds)
                if found:
                    return Created(found, f"the answer to its create was lost ({lost}), and then it was there")
                if not is_ambiguous(failure):
                    raise self._undecided(
                        name, lost, f"it did not show up, and the next create failed: {failure}"
                    ) from None
                if attempt == self.retries:
                    raise self._undecided(name, lost, "it did not show up") from None
                self.warn(
                    f"The answer to the create was lost ({failure}), and no cluster {name!r} showed up within "
                    f"{seconds:g} s, so it is created again."
                )
        raise ClusterError("no attempt was made", "NoAttempt")

    def _attempt(self, name: str, spec: dict[str, t.Any]) -> Created:
        """Create, and look before each repeat of what the service refused: a refusal may be a mistake too."""
        there: list[str] = []

        def done() -> str | None:
            there[:] = self._surely(name)
            if len(there) > 1:
                raise _not_unique("the create was refused for a while", there)
            return there[0] if there else None

        cluster_id = self.client.create_cluster(spec, done)
        return Created(cluster_id, "its create was refused for a while, and then it was there" if there else None)

    def _surely(self, name: str) -> list[str]:
        """Return the ids of the name from a list that could be read: one that could not says nothing.

        Raises ClusterError when it cannot be read for too long.
        """
        trouble: Failure | None = None
        for ids, trouble in self._looks(name, min(self.clock.monotonic() + LOOK_SECONDS, self.ends)):
            if trouble is None:
                return ids
            if not may_pass("ListRayCluster", trouble):
                break
        raise ClusterError(
            f"the create was refused for a while, and whether a cluster {name!r} came of it is open: the clusters "
            f"cannot be listed: {trouble}",
            "CreateUndecided",
            hint="run the task again: it takes the cluster if there is one",
        )

    def check_unique(self, name: str, created: Created) -> None:
        """Raise ClusterError when somebody else made a cluster of the same name in the same moment.

        A list that does not show the cluster itself yet cannot show the other one either, so it is looked at again.
        """
        trouble: Failure | None = None
        for ids, trouble in self._looks(name, min(self.clock.monotonic() + LOOK_SECONDS, self.ends)):
            others = [found for found in ids if found != created.cluster_id]
            if others:
                raise ClusterError(
                    f"another cluster of this name was made at the same time: this run made {created.cluster_id}, "
                    f"and there is {', '.join(others)} too",
                    "NameNotUnique",
                    hint="nothing was deleted: delete or rename the one that is not wanted, by its cluster_id",
                )
            if ids or (trouble and not may_pass("ListRayCluster", trouble)):
                break
        if created.cluster_id not in ids:
            why = trouble or "the list of clusters does not show the new one yet"
            self.warn(f"Whether another cluster has the name {name!r} could not be checked: {why}")

    def _look(self, name: str, lost: Failure, seconds: float) -> str | None:
        """Return the id of the cluster of this name once it shows up, None when it did not within ``seconds``."""
        until = self.clock.monotonic() + seconds
        trouble: Failure | None = None
        for ids, trouble in self._looks(name, min(until, self.ends)):
            if len(ids) > 1:
                raise _not_unique(f"the answer to the create was lost ({lost})", ids)
            if ids:
                return ids[0]
            if trouble and not may_pass("ListRayCluster", trouble):
                break
        if trouble:
            raise self._undecided(name, lost, f"the clusters cannot be listed: {trouble}")
        if self.ends < until:
            raise self._undecided(name, lost, "time is up")
        return None

    def _looks(self, name: str, until: float) -> t.Iterator[tuple[list[str], Failure | None]]:
        """Yield the ids of the name, or why they cannot be had, ever less often, for the last time at ``until``."""
        pause = FIRST_LOOK
        while True:
            yield self._ids(name)
            left = until - self.clock.monotonic()
            if left <= 0:
                return
            self.clock.sleep(min(pause, left))
            pause = min(pause * GROWTH, LONGEST_LOOK)

    def _ids(self, name: str) -> tuple[list[str], Failure | None]:
        try:
            return sorted(row["cluster_id"] for row in self.rows_named(name)), None
        except Failure as failure:
            return [], failure

    def _undecided(self, name: str, lost: Failure, why: str) -> ClusterError:
        error = ClusterError(
            f"the answer to the create was lost ({lost}), and whether a cluster {name!r} came of it is open: {why}",
            "CreateUndecided",
            hint="run the task again: it takes the cluster if it has shown up by then",
        )
        error.operation, error.request_id, error.http_status = lost.operation, lost.request_id, lost.http_status
        return error


def _not_unique(what: str, ids: list[str]) -> ClusterError:
    return ClusterError(
        f"{what}, and now {len(ids)} clusters have this name: {', '.join(ids)}",
        "NameNotUnique",
        hint="nothing was deleted: delete the ones that are not wanted, by their cluster_id",
    )
