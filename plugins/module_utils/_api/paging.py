# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""Read a list page after page."""

from __future__ import annotations

import typing as t

from .._errors import ApiError

# A longer list cannot be the list of one workspace or account.
MAX_PAGES = 1000

Row = t.TypeVar("Row", bound=t.Mapping[str, object])


def paginate(
    operation: str,
    list_page: t.Callable[[int], list[Row]],
    id_field: str,
    is_last: t.Callable[[list[Row], int], bool],
) -> t.Iterator[Row]:
    """Yield the rows of all pages, each once; ``list_page`` returns one page, and the first is number 1.

    ``is_last`` receives a page and the number of rows so far. A page without a new row is the last one, too: otherwise,
    a service that always returns the same page would cause an endless loop. Raises ApiError if the list does not end.
    """
    seen: set[object] = set()
    for number in range(1, MAX_PAGES + 1):
        page = list_page(number)
        new = {row.get(id_field): row for row in page if row.get(id_field) not in seen}
        seen.update(new)
        yield from new.values()
        if not new or is_last(page, len(seen)):
            return
    raise endless_list_error(operation)


def endless_list_error(operation: str) -> ApiError:
    """Return the error for a list that has more pages than any list."""
    return ApiError(operation, f"the list does not end within {MAX_PAGES} pages")
