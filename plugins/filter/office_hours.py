# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter office_hours: whether a moment is within office hours."""

from __future__ import annotations

import typing as t

from ansible.errors import AnsibleFilterError

from ansible_collections.rayops.alicloud.plugins.plugin_utils._office_hours import (
    HoursError,
    decide,
    read_hours,
    read_moment,
)


def office_hours(
    now: t.Any,
    hours: t.Mapping[t.Any, t.Any],
    timezone: str = "UTC",
    holidays: t.Iterable[t.Any] = (),
    exceptions: t.Mapping[t.Any, t.Any] | None = None,
) -> dict[str, t.Any]:
    """Return ``open``, ``reason``, ``local_time`` and ``until``. Raises AnsibleFilterError."""
    try:
        return decide(read_hours(timezone, hours, holidays, exceptions or {}), read_moment(now))
    except HoursError as error:
        raise AnsibleFilterError(f"office_hours: {error}") from None


class FilterModule:
    """What Ansible looks for."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """Return the filters of this file."""
        return {"office_hours": office_hours}
