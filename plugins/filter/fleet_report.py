# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter fleet_report: a fleet in figures."""

from __future__ import annotations

import typing as t

from ansible.errors import AnsibleFilterError

from ansible_collections.rayops.alicloud.plugins.plugin_utils._office_hours import HoursError, read_moment
from ansible_collections.rayops.alicloud.plugins.plugin_utils._report import make_report
from ansible_collections.rayops.alicloud.plugins.plugin_utils._trust import as_text

Row = t.Mapping[str, t.Any]


def fleet_report(
    clusters: t.Iterable[Row],
    now: t.Any,
    title: str = "Ray clusters",
    sweep: Row | None = None,
    drift: Row | None = None,
) -> dict[str, t.Any]:
    """Return the report. Raises AnsibleFilterError."""
    try:
        moment = read_moment(now)
    except HoursError as error:
        raise AnsibleFilterError(f"fleet_report: {error}") from None
    # Names of clusters are never templates, whatever is in them.
    return t.cast("dict[str, t.Any]", as_text(make_report(clusters, moment, str(title), sweep or None, drift or None)))


class FilterModule:
    """What Ansible looks for."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """Return the filters of this file."""
        return {"fleet_report": fleet_report}
