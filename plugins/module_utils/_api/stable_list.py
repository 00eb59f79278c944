# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""Read a list until two readings agree, to prove that an object is not in it.

Pages may be short or capped, and rows move between them while other users create and delete objects.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from .._clock import Clock
from .._errors import ApiError, Failure
from .absence import is_absent, may_mean_absent
from .paging import paginate

Row = t.TypeVar("Row", bound=t.Mapping[str, object])

# This number of readings is made regardless of the deadline: the first one may have stopped at a short page.
MIN_READINGS = 3
FIRST_PAUSE, LONGEST_PAUSE, GROWTH = 0.25, 5.0, 1.5
PROGRESS_SECONDS = 30.0


@dataclass(frozen=True)
class ListReading(t.Generic[Row]):
    """The rows of one reading of a list, and whether it ended with an empty page and repeated no row.

    A row that moves to a page that was read already is missed. If the number of rows stays the same, another one is
    repeated then.
    """

    rows: list[Row]
    is_complete: bool
    id_field: str

    def may_have(self, resource_id: str) -> bool:
        """Return whether the list shows a resource, or may have missed it."""
        return not self.is_complete or any(row[self.id_field] == resource_id for row in self.rows)


def read_to_empty_page(operation: str, list_page: t.Callable[[int], list[Row]], id_field: str) -> ListReading[Row]:
    """Read a list from its first page, number 1, to an empty one."""
    count = 0

    def counted_page(number: int) -> list[Row]:
        nonlocal count
        page = list_page(number)
        count += len(page)
        return page

    rows = list(paginate(operation, counted_page, id_field, lambda _page, _count: False))
    return ListReading(rows, count == len(rows), id_field)


def proves_absence(error: Failure, kind: str, resource_id: str, read_list: t.Callable[[], ListReading[t.Any]]) -> bool:
    """Return whether a ``kind`` of resource whose operation ended in ``error`` is proven absent.

    The error proves it where its code names the kind. For other errors that may mean it, two complete readings of the
    list decide.
    """
    if isinstance(error, ApiError) and is_absent(error, kind):
        return True
    try:
        return may_mean_absent(error) and all(not read_list().may_have(resource_id) for _reading in range(2))
    except Failure:
        return False


@dataclass
class StableListReader(t.Generic[Row]):
    """Reads a list until ``deadline``, a time of the clock. ``progress`` receives a line now and then.

    ``read_list`` makes one reading, whose rows have their id in ``id_field``. ``unstable_error`` returns the failure
    for readings that do not agree, from the reason.
    """

    read_list: t.Callable[[], ListReading[Row]]
    id_field: str
    unstable_error: t.Callable[[str], Failure]
    clock: Clock
    deadline: float
    progress: t.Callable[[str], None] | None = None

    def read(
        self,
        earlier: t.Iterable[Row],
        is_enough: t.Callable[[list[Row]], bool],
        is_own: t.Callable[[Row], bool] = lambda row: False,  # noqa: ARG005
    ) -> list[Row]:
        """Return the rows of a reading that agrees with the one before it; compare the first one with ``earlier``.

        Return the rows of any reading that ``is_enough``, too. Rows that are ``is_own`` may appear and disappear: this
        task changes them. Raises ``unstable_error`` if no two reads agree in time.
        """
        before: set[object] | None = {row[self.id_field] for row in earlier if not is_own(row)}
        pause, number = 0.0, 0
        reported_at = self.clock.monotonic()
        while True:
            reading = self.read_list()
            rows, is_complete = reading.rows, reading.is_complete
            number += 1
            if is_enough(rows):
                return rows
            ids = {row[self.id_field] for row in rows if not is_own(row)} if is_complete else None
            if ids is not None and ids == before:
                return rows
            before = ids
            left = self.deadline - self.clock.monotonic()
            if number >= MIN_READINGS:
                if left <= 0:
                    why = "no two reads agree" if is_complete else "pages repeat rows or do not end"
                    raise self.unstable_error(f"was read {number} times and {why}")
                pause = min(pause * GROWTH or FIRST_PAUSE, LONGEST_PAUSE, left)
                if self.progress and self.clock.monotonic() - reported_at >= PROGRESS_SECONDS:
                    reported_at = self.clock.monotonic()
                    self.progress(f"the list changes while it is read; reading it again, {number} times so far")
                self.clock.sleep(pause)
