# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter fleet_report_csv: format a report as CSV."""

from __future__ import annotations

DOCUMENTATION = r"""
name: fleet_report_csv
short_description: Format a report as CSV
version_added: 1.0.0
author: The rayops.alicloud authors (@rayops)
description:
  - Returns one line for each cluster. If a spreadsheet would treat a text as a formula, it is prefixed with a single
    quote.
options:
  _input:
    description: Result of the filter P(rayops.alicloud.fleet_report#filter).
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Show the table
  ansible.builtin.debug:
    msg: "{{ report | rayops.alicloud.fleet_report_csv }}"
"""

RETURN = r"""
_value:
  description: The table as CSV text.
  type: str
"""

import typing as t

from ..plugin_utils._native import Row, to_native
from ..plugin_utils._report.fleet import to_csv


def fleet_report_csv(report: Row) -> str:
    """Return the table."""
    return to_csv(to_native(report))


class FilterModule:
    """Registers the filters of this file."""

    def filters(self) -> dict[str, t.Callable[..., object]]:
        """Return the filters of this file."""
        return {"fleet_report_csv": fleet_report_csv}
