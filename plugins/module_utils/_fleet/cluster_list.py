# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""The list of a workspace's clusters, read once for all who ask at the same time. Private to this collection."""

from __future__ import annotations

import itertools
import threading
import typing as t

from .._cluster.client import PAGE_SIZE, ClusterClient
from .._cluster.fields import Cluster, ListedCluster

Pages = t.Iterable[list[Cluster]]


class SharedClusterList:
    """Reads the list for many threads. Every row is marked as one, with ``from_list``."""

    def __init__(self, client: ClusterClient) -> None:
        self._client = client
        self._lock = threading.Lock()
        self._tickets = itertools.count()
        self._began = -1
        self._rows: list[Cluster] = []

    @property
    def page_count(self) -> int:
        """Return how many requests a reading of the list takes, by the last one."""
        return len(self._rows) // PAGE_SIZE + 1

    def load(self, fetch: t.Callable[[t.Callable[[int], list[Cluster]], t.Iterable[int]], Pages], width: int) -> None:
        """Read the list for the first time, page by page at first and then ever more pages at once, up to ``width``.

        ``fetch(read, numbers)`` returns what ``read`` gives for each number, as many as it likes at a time. The service
        gives no total, so that some pages beyond the end may be asked for.
        """
        rows_by_id: dict[str, Cluster] = {}
        first, count = 1, 1
        while True:
            known = len(rows_by_id)
            pages = list(fetch(self._client.list_page, range(first, first + count)))
            for page in pages:
                rows_by_id.update({row["cluster_id"]: row for row in page if row["cluster_id"] not in rows_by_id})
            if any(len(page) < PAGE_SIZE for page in pages) or len(rows_by_id) == known:
                break
            first, count = first + count, min(2 * count, width)
            self._client.check_page_number(first)
        self._rows = [_with_list_marker(row) for row in rows_by_id.values()]

    def read_rows(self) -> list[Cluster]:
        """Return all rows, of a reading that began after this call; those who ask meanwhile share the next one."""
        ticket = next(self._tickets)
        with self._lock:
            if self._began < ticket:
                self._began = next(self._tickets)
                self._rows = [_with_list_marker(row) for row in self._client.list_clusters()]
            return self._rows

    def cached_rows(self) -> list[Cluster]:
        """Return the rows of the last reading."""
        return self._rows

    def by_name(self, name: str) -> list[Cluster]:
        """Return the rows of the clusters with this very name, as :meth:`rows` does."""
        return [row for row in self.read_rows() if row.get("name") == name]


def _with_list_marker(row: Cluster) -> ListedCluster:
    return {**row, "from_list": True}
