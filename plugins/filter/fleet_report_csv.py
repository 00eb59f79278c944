# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter fleet_report_csv: the clusters of a report as a table for spreadsheets."""

from __future__ import annotations

import typing as t

from ansible_collections.rayops.alicloud.plugins.plugin_utils._plain import plain
from ansible_collections.rayops.alicloud.plugins.plugin_utils._report import to_csv


def fleet_report_csv(report: t.Mapping[str, t.Any]) -> str:
    """Return the table."""
    return to_csv(plain(report))


class FilterModule:
    """What Ansible looks for."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """Return the filters of this file."""
        return {"fleet_report_csv": fleet_report_csv}
