# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter fleet_report_table: format a report as a table for a terminal."""

from __future__ import annotations

DOCUMENTATION = r"""
name: fleet_report_table
short_description: Format a report as a table for a terminal
version_added: 1.0.0
author: The rayops.alicloud authors (@rayops)
description:
  - Returns one line for each cluster of a report, below a line with the column names and above a line with the totals.
  - The columns are name, state, engine, worker groups, compute units (CU), idle time, and whether a restart is needed.
options:
  _input:
    description: Result of the filter P(rayops.alicloud.fleet_report#filter).
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Show the clusters
  ansible.builtin.debug:
    msg: "{{ report | rayops.alicloud.fleet_report_table }}"
"""

RETURN = r"""
_value:
  description: The lines of the table.
  type: list
  elements: str
"""

import typing as t

from ..plugin_utils._native import to_native
from ..plugin_utils._report.fleet import to_table
from ..plugin_utils._template_trust import mark_as_text


def fleet_report_table(report: t.Mapping[str, object]) -> list[str]:
    """Return the lines of the table."""
    return [mark_as_text(line) for line in to_table(to_native(report))]


class FilterModule:
    """Registers the filters of this file."""

    def filters(self) -> dict[str, t.Callable[..., object]]:
        """Return the filters of this file."""
        return {"fleet_report_table": fleet_report_table}
