# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""The list of a workspace's clusters, read once for all who ask at the same time. Private to this collection."""

from __future__ import annotations

import itertools
import threading
import typing as t

from .._cluster.client import PAGE_SIZE, Client

Cluster = dict[str, t.Any]
Pages = t.Iterable[list[Cluster]]


class Board:
    """Reads the list for many threads. Every row is marked as one, with ``from_list``."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._lock = threading.Lock()
        self._tickets = itertools.count()
        self._began = -1
        self._rows: list[Cluster] = []

    @property
    def pages(self) -> int:
        """Return how many requests a reading of the list takes, by the last one."""
        return len(self._rows) // PAGE_SIZE + 1

    def scan(self, fetch: t.Callable[[t.Callable[[int], list[Cluster]], t.Iterable[int]], Pages], width: int) -> None:
        """Read the list for the first time, page by page at first and then ever more pages at once, up to ``width``.

        ``fetch(read, numbers)`` returns what ``read`` gives for each number, as many as it likes at a time. The service
        gives no total, so that some pages beyond the end may be asked for.
        """
        found: dict[str, Cluster] = {}
        first, count = 1, 1
        while True:
            known = len(found)
            pages = list(fetch(self._client.page, range(first, first + count)))
            for page in pages:
                found.update({row["cluster_id"]: row for row in page if row["cluster_id"] not in found})
            if any(len(page) < PAGE_SIZE for page in pages) or len(found) == known:
                break
            first, count = first + count, min(2 * count, width)
            self._client.check_pages(first)
        self._rows = [_marked(row) for row in found.values()]

    def rows(self) -> list[Cluster]:
        """Return all rows, of a reading that began after this call; those who ask meanwhile share the next one."""
        ticket = next(self._tickets)
        with self._lock:
            if self._began < ticket:
                self._began = next(self._tickets)
                self._rows = [_marked(row) for row in self._client.list_clusters()]
            return self._rows

    def last(self) -> list[Cluster]:
        """Return the rows of the last reading."""
        return self._rows

    def named(self, name: str) -> list[Cluster]:
        """Return the rows of the clusters with this very name, as :meth:`rows` does."""
        return [row for row in self.rows() if row.get("name") == name]


def _marked(row: Cluster) -> Cluster:
    return {**row, "from_list": True}
