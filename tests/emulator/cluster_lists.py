# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lists of clusters under the rules on lists: rows that are late, ghosts, order, page sizes, shifts while reading."""

from __future__ import annotations

import random
import zlib
from collections.abc import Callable
from dataclasses import dataclass

from .cluster_spec import DEFAULT_SPEC
from .model import Cluster, Json
from .rules import Rules


@dataclass
class Deleted:
    """A cluster that is gone, and for how long and how many lists it has been."""

    cluster: Cluster
    since: float
    lists: int = 0


class ClusterLists:
    """Decides which clusters a list shows, in which order, and which of them are on a page."""

    def __init__(self, rules: Rules, now: Callable[[], float]) -> None:
        self._rules = rules
        self._now = now
        self.forget()

    def forget(self) -> None:
        """Forget deleted clusters and lists that were read."""
        self._deleted: list[Deleted] = []
        self._shifted: dict[str, int] = {}
        self._requests = 0

    def note_deleted(self, cluster: Cluster) -> None:
        """Remember a cluster that was deleted: lists may show it for some time."""
        self._deleted.append(Deleted(cluster, self._now()))

    def ordered(self, clusters: list[Cluster]) -> list[Cluster]:
        """Return clusters, oldest first, in the order of the rule list_order."""
        return clusters[::-1] if self._rules.list_order == "newest" else clusters

    def shown(self, workspace_id: str, clusters: list[Cluster], page: int) -> list[Cluster]:
        """Return what a request for this page sees of the clusters of a workspace (oldest first)."""
        rules = self._rules
        self._requests += 1
        gone = self._still_shown(workspace_id)
        if page == 1:
            self._begin_list(workspace_id, clusters, gone)
        visible = [item for item in clusters if not self._is_late(item)]
        kept = [item.cluster for item in gone if self._is_ghost(item)]
        if kept:
            visible = sorted(visible + kept, key=lambda item: item.number)
        visible = self._shuffled(self.ordered(visible))
        visible += [stranger(workspace_id, "ghost", number, self._now()) for number in range(1, rules.list_ghosts + 1)]
        if self._is_shifted(workspace_id, page):
            visible.insert(0, stranger(workspace_id, "someone-elses", self._shifted[workspace_id], self._now()))
        return visible

    def part(self, page: int, size: int) -> slice:
        """Return which rows are on a page when the client asks for `size` rows a page."""
        size = min(size, self._rules.list_page_cap or size)
        start = sum(self._length(number, size) for number in range(1, page)) if self._is_uneven else (page - 1) * size
        return slice(start, start + self._length(page, size))

    def totals(self, rows: int, on_page: int) -> Json:
        """Return the fields that say how many rows there are."""
        count = {"exact": rows, "page": on_page, "zero": 0, "more": rows + 1}.get(self._rules.list_total)
        return {} if count is None else {"totalCount": count}

    @property
    def _is_uneven(self) -> bool:
        return self._rules.list_short_pages != "none"

    def _length(self, page: int, size: int) -> int:
        how = self._rules.list_short_pages
        if how == "all":
            return max(1, size - 1)
        if (how == "second" and page == 2) or (how == "every_other" and page % 2 == 0):
            return max(1, size // 2)
        return size

    def _begin_list(self, workspace_id: str, clusters: list[Cluster], gone: list[Deleted]) -> None:
        if self._rules.list_shift != "none":
            self._shifted[workspace_id] = self._shifted.get(workspace_id, 0) + 1
        for cluster in clusters:
            cluster.lists += 1
        for item in gone:
            item.lists += 1

    def _is_shifted(self, workspace_id: str, page: int) -> bool:
        how, most = self._rules.list_shift, self._rules.list_shift_lists
        if how == "none" or (most and self._shifted.get(workspace_id, 0) > most):
            return False
        return workspace_id in self._shifted and (page == 1) == (how == "delete")

    def _is_late(self, cluster: Cluster) -> bool:
        seconds, lists = self._rules.list_hides_new_seconds, self._rules.list_hides_new_lists
        if cluster.listed or not (seconds or lists):
            return False
        return cluster.lists <= lists or self._now() - cluster.created < seconds

    def _is_ghost(self, item: Deleted) -> bool:
        seconds, lists = self._rules.list_shows_deleted_seconds, self._rules.list_shows_deleted_lists
        return item.lists <= lists or self._now() - item.since < seconds

    def _still_shown(self, workspace_id: str) -> list[Deleted]:
        """Return the deleted clusters of a workspace that a list may show; without such a rule forget them all."""
        if not (self._rules.list_shows_deleted_seconds or self._rules.list_shows_deleted_lists):
            self._deleted.clear()
        return [item for item in self._deleted if item.cluster.workspace_id == workspace_id]

    def _shuffled(self, clusters: list[Cluster]) -> list[Cluster]:
        if self._rules.list_shuffle == "stable":
            return sorted(clusters, key=lambda item: zlib.crc32(item.cluster_id.encode()))
        result = list(clusters)
        if self._rules.list_shuffle == "every_request":
            random.Random(self._requests).shuffle(result)
        return result


def stranger(workspace_id: str, name: str, number: int, now: float) -> Cluster:
    """Return a cluster of someone else that only lists know."""
    spec = {"name": f"{name}-{number}", **DEFAULT_SPEC}
    raw = {"creator": "200000000000000002", "creatorName": "someone-else"}
    return Cluster(f"ray-{name}{number:04d}", workspace_id, 0, spec, now, now, raw=raw)
