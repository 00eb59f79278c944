# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""Read the list of a workspace's clusters once for all concurrent threads."""

from __future__ import annotations

import itertools
import threading
import typing as t

from .._api.paging import MAX_PAGES, endless_list_error
from .._api.stable_list import StableListReader
from .._cluster.absence import add_missing_names
from .._cluster.client import PAGE_SIZE, ClusterClient
from .._cluster.fields import Cluster, ListedCluster
from .._errors import ClusterError

Pages = t.Iterable[list[Cluster]]


class SharedClusterList:
    """Reads the list for many threads. Every row is marked with ``from_list``."""

    # Seconds for which the proof that a name does not exist serves other clusters of the fleet, too.
    PROOF_SECONDS = 15.0

    def __init__(self, client: ClusterClient, declared_names: t.Iterable[str | None] = ()) -> None:
        self._client = client
        self._declared_names = frozenset(name for name in declared_names if name)
        self._proven_at: float | None = None
        self._unstable: ClusterError | None = None
        self._lock = threading.Lock()
        self._tickets = itertools.count()
        self._began = -1
        self._rows: list[Cluster] = []

    @property
    def page_count(self) -> int:
        """Return how many requests a reading of the list takes, by the last one."""
        return len(self._rows) // PAGE_SIZE + 1

    def load(
        self,
        fetch: t.Callable[[t.Callable[[int], list[Cluster]], t.Iterable[int]], Pages],
        width: int,
        stop_at_short_page: bool = True,
    ) -> None:
        """Read the list for the first time: page by page at first, then more pages at once, up to ``width``.

        ``fetch(read, numbers)`` returns what ``read`` gives for each number, as many as it likes at a time. The service
        gives no total, so that some pages beyond the end may be asked for. An empty page is the end; with
        ``stop_at_short_page``, so is a page that is not full.
        """
        least = PAGE_SIZE if stop_at_short_page else 1
        rows_by_id: dict[str, Cluster] = {}
        first, count = 1, 1
        while True:
            known = len(rows_by_id)
            pages = list(fetch(self._client.list_page, range(first, first + count)))
            for page in pages:
                rows_by_id.update({row["cluster_id"]: row for row in page if row["cluster_id"] not in rows_by_id})
            if any(len(page) < least for page in pages) or len(rows_by_id) == known:
                break
            first, count = first + count, min(2 * count, width)
            if first > MAX_PAGES:
                raise endless_list_error("ListRayCluster")
        self._rows = [_with_list_marker(row) for row in rows_by_id.values()]

    def read_rows(self) -> list[Cluster]:
        """Return all rows, of a reading that started after this call; those who ask meanwhile share the next one."""
        ticket = next(self._tickets)
        with self._lock:
            if self._began < ticket:
                self._began = next(self._tickets)
                self._rows = [_with_list_marker(row) for row in self._client.list_clusters()]
            return self._rows

    def cached_rows(self) -> list[Cluster]:
        """Return the rows of the last reading."""
        return self._rows

    def prove(self, reader: StableListReader[Cluster], is_enough: t.Callable[[list[Cluster]], bool]) -> list[Cluster]:
        """Return the rows of two readings that agree, the same for all callers within :attr:`PROOF_SECONDS`.

        Return the rows of any reading that ``is_enough``, too. Clusters with declared names may appear and disappear
        meanwhile: this fleet creates them. Raises ClusterError if no two reads agree, and then for all later
        callers.
        """
        with self._lock:
            if self._unstable is not None:
                raise self._unstable
            now = reader.clock.monotonic()
            if self._proven_at is not None and now - self._proven_at <= self.PROOF_SECONDS:
                return self._rows
            try:
                rows = reader.read(self._rows, is_enough, lambda row: row.get("name") in self._declared_names)
            except ClusterError as error:
                self._unstable = error
                raise
            self._proven_at = None if is_enough(rows) else now
            self._began = next(self._tickets)
            names = self._declared_names
            self._rows = [_with_list_marker(row) for row in add_missing_names(self._client, rows, names)]
            return self._rows

    def rows_beside(self, rows: t.Iterable[Cluster], name: str) -> list[Cluster]:
        """Return rows without those of other declared clusters than the one of this name."""
        return [row for row in rows if row.get("name") == name or row.get("name") not in self._declared_names]


def _with_list_marker(row: Cluster) -> ListedCluster:
    return {**row, "from_list": True}
