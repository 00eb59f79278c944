# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter fleet_report_html: format a report as an HTML page."""

from __future__ import annotations

DOCUMENTATION = r"""
name: fleet_report_html
short_description: Format a report as an HTML page
version_added: 1.0.0
author: The rayops.alicloud authors (@rayops)
description:
  - Renders a report with a Jinja2 template and escapes every value for HTML.
  - Charts require the Python package C(pygal) next to ansible-core. If it is missing, the page has no charts and says
    so.
positional: template
options:
  _input:
    description: Result of the filter P(rayops.alicloud.fleet_report#filter).
    type: dict
    required: true
  template:
    description: Text of the template. It can use C(report) and C(charts).
    type: str
    required: true
"""

EXAMPLES = r"""
- name: Show the title as HTML
  ansible.builtin.debug:
    msg: "{{ report | rayops.alicloud.fleet_report_html(lookup('ansible.builtin.file', 'title.html.j2')) }}"
"""

RETURN = r"""
_value:
  description: The HTML page.
  type: str
"""

import typing as t

from ansible.errors import AnsibleFilterError

from ..plugin_utils._native import Row, to_native
from ..plugin_utils._report.charts import build_charts
from ..plugin_utils._report.html_page import PageError, render_page


def fleet_report_html(report: Row, template: str) -> str:
    """Return the page. Raises AnsibleFilterError."""
    found = to_native(report)
    try:
        return render_page(str(template), found, build_charts(found))
    except PageError as error:
        raise AnsibleFilterError(f"fleet_report_html: {error}") from None


class FilterModule:
    """Registers the filters of this file."""

    def filters(self) -> dict[str, t.Callable[..., object]]:
        """Return the filters of this file."""
        return {"fleet_report_html": fleet_report_html}
