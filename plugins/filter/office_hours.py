# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter office_hours: check if a time is within office hours."""

from __future__ import annotations

DOCUMENTATION = r"""
name: office_hours
short_description: Check if a time is within office hours
version_added: 1.0.0
author: The rayops.alicloud authors (@rayops)
description:
  - Returns whether a time is within weekly hours of a time zone, with holidays and exceptions, and when that changes
    next.
  - A range starts and ends by local clock time. When the clock is set back, an hour occurs twice. A range that starts
    in this hour starts in the first one, and a range that ends in it ends in the second one. When the clock is set
    forward, a skipped time counts as the moment of the change.
  - The filter reads only its input, so you can try it with any time.
positional: hours
options:
  _input:
    description: Time in ISO 8601 with its zone, such as V(2026-11-22T08:00:00Z).
    type: str
    required: true
  hours:
    description:
      - Ranges such as V(09:00-18:00) by day of the week. A day that is not listed has none.
      - Days are V(monday) or V(mon) and so on, and also V(weekdays), V(weekends), and V(daily). A single day takes
        precedence over these groups.
      - If a range ends before it starts, such as V(22:00-06:00), it ends on the next day. A whole day is
        V(00:00-24:00).
    type: dict
    required: true
  timezone:
    description: Name of the time zone, such as V(Asia/Shanghai).
    type: str
    default: UTC
  holidays:
    description:
      - Days on which no range starts, as dates or as V(2026-12-24..2027-01-01), which includes both dates.
      - A range that started on the day before continues to its end.
    type: list
    elements: str
    default: []
  exceptions:
    description:
      - Ranges for single dates or periods. They replace those of the week and of holidays. An empty list means none.
      - If several exceptions match, the shortest applies.
    type: dict
"""

EXAMPLES = r"""
- name: Show if the office is open
  ansible.builtin.debug:
    msg: >-
      {{ '2026-11-23T08:30:00Z'
         | rayops.alicloud.office_hours({'weekdays': ['09:00-18:00']}, timezone='Europe/Berlin') }}
"""

RETURN = r"""
_value:
  description:
    - C(open) is true if the time is within the hours. C(reason) is the reason.
    - C(local_time) is the time in the zone. C(until) is the next time at which C(open) changes, in UTC, or null if that
      is not within two weeks.
  type: dict
  sample:
    open: true
    reason: within monday 09:00-18:00
    local_time: "2026-11-23T09:30:00+01:00"
    until: "2026-11-23T17:00:00+00:00"
"""

import typing as t

from ansible.errors import AnsibleFilterError

from ..plugin_utils._operations.office_hours import HoursError, check_hours, read_datetime, read_hours


def office_hours(
    now: object,
    hours: t.Mapping[object, object],
    timezone: str = "UTC",
    holidays: t.Iterable[object] = (),
    exceptions: t.Mapping[object, object] | None = None,
) -> dict[str, object]:
    """Return ``open``, ``reason``, ``local_time`` and ``until``. Raises AnsibleFilterError."""
    try:
        return check_hours(read_hours(timezone, hours, holidays, exceptions or {}), read_datetime(now))
    except HoursError as error:
        raise AnsibleFilterError(f"office_hours: {error}") from None


class FilterModule:
    """Registers the filters of this file."""

    def filters(self) -> dict[str, t.Callable[..., object]]:
        """Return the filters of this file."""
        return {"office_hours": office_hours}
