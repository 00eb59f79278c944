# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""Read the list of clusters until two readings agree: the proof that a name is not there.

Pages may be short or capped, and rows move between them while others create and delete clusters.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from .._api.absence import is_absent, may_mean_absent
from .._clock import Clock
from .._errors import ApiError, ClusterError, Failure
from .client import ClusterClient
from .fields import Cluster

# So many readings are made whatever the deadline: the first one may have stopped at a short page.
MIN_READINGS = 3
FIRST_PAUSE, LONGEST_PAUSE, GROWTH = 0.25, 5.0, 1.5
PROGRESS_SECONDS = 30.0


class ClusterScan(t.NamedTuple):
    """The rows of one reading of the list, and whether it ended with an empty page and repeated no cluster.

    A row that moves to a page that was read already is missed. If the number of rows stays the same, another one is
    repeated then.
    """

    rows: list[Cluster]
    is_complete: bool


def scan_clusters(client: ClusterClient) -> ClusterScan:
    """Read the list from the first page to an empty one."""
    rows_by_id: dict[str, Cluster] = {}
    repeated = False
    is_end, page = False, 0
    while not is_end:
        page += 1
        client.check_page_number(page)
        rows = client.list_page(page)
        new = {row["cluster_id"]: row for row in rows if row["cluster_id"] not in rows_by_id}
        repeated = repeated or len(new) < len(rows)
        rows_by_id.update(new)
        # A service that gives the same page for ever would never end.
        is_end = not new
    return ClusterScan(list(rows_by_id.values()), is_complete=not repeated)


def proves_absence(client: ClusterClient, cluster_id: str, error: Failure) -> bool:
    """Return whether a cluster whose operation ended in ``error`` is proven absent.

    The error proves it where its code names the cluster. For other errors of this kind, two complete readings of the
    list decide.
    """
    if isinstance(error, ApiError) and is_absent(error, "cluster"):
        return True
    if not may_mean_absent(error):
        return False
    try:
        return all(_is_not_listed(client, cluster_id) for _reading in range(2))
    except Failure:
        return False


def _is_not_listed(client: ClusterClient, cluster_id: str) -> bool:
    rows, is_complete = scan_clusters(client)
    return is_complete and all(row["cluster_id"] != cluster_id for row in rows)


@dataclass
class StableListReader:
    """Reads the list until ``deadline``, a time of the clock. ``progress`` gets a line now and then."""

    client: ClusterClient
    clock: Clock
    deadline: float
    progress: t.Callable[[str], None] | None = None

    def read(
        self,
        earlier: t.Iterable[Cluster],
        is_enough: t.Callable[[list[Cluster]], bool],
        is_own: t.Callable[[Cluster], bool] = lambda row: False,  # noqa: ARG005
    ) -> list[Cluster]:
        """Return the rows of a reading that agrees with the one before it; the first is compared with ``earlier``.

        Return the rows of any reading that ``is_enough``, too. Rows that are ``is_own`` may come and go: this task
        changes them. Raises ClusterError when no two readings agree in time.
        """
        before: set[str] | None = {row["cluster_id"] for row in earlier if not is_own(row)}
        pause, number = 0.0, 0
        reported_at = self.clock.monotonic()
        while True:
            rows, is_complete = scan_clusters(self.client)
            number += 1
            if is_enough(rows):
                return rows
            ids = {row["cluster_id"] for row in rows if not is_own(row)} if is_complete else None
            if ids is not None and ids == before:
                return rows
            before = ids
            left = self.deadline - self.clock.monotonic()
            if number >= MIN_READINGS:
                if left <= 0:
                    raise _unstable_error(number, is_complete)
                pause = min(pause * GROWTH or FIRST_PAUSE, LONGEST_PAUSE, left)
                if self.progress and self.clock.monotonic() - reported_at >= PROGRESS_SECONDS:
                    reported_at = self.clock.monotonic()
                    self.progress(f"the list of clusters changes while it is read: reading it again, {number} times")
                self.clock.sleep(pause)


def _unstable_error(number: int, is_complete: bool) -> ClusterError:
    why = "no two readings agree" if is_complete else "pages repeat clusters or do not end"
    return ClusterError(
        f"the list of clusters was read {number} times and {why}, so whether the cluster exists is unknown",
        "ListUnstable",
        hint="nothing was created; run the task again when the workspace is quieter, raise wait_timeout, or give "
        "cluster_id",
    )
