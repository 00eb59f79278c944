# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter fleet_report_html: a report as a page."""

from __future__ import annotations

DOCUMENTATION = r"""
name: fleet_report_html
short_description: A report on Ray clusters as a page
version_added: 1.0.0
author: The rayops.alicloud authors (@rayops)
description:
  - Renders a report with a Jinja2 template, in which every value is escaped for HTML.
  - Charts need the Python package C(pygal) next to ansible-core. Without it the page has none, and says so.
positional: template
options:
  _input:
    description: What P(rayops.alicloud.fleet_report#filter) returns.
    type: dict
    required: true
  template:
    description: Text of the template, which gets C(report) and C(charts).
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
  description: The page.
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
    """What Ansible looks for."""

    def filters(self) -> dict[str, t.Callable[..., object]]:
        """Return the filters of this file."""
        return {"fleet_report_html": fleet_report_html}
