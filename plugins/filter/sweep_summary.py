# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter sweep_summary: summarize a sweep."""

from __future__ import annotations

DOCUMENTATION = r"""
name: sweep_summary
short_description: Summarize a sweep of Ray clusters
version_added: 1.0.0
author: The rayops.alicloud authors (@rayops)
description:
  - Summarizes verdicts, with the cost of the idle clusters so far, and the savings of a day without them.
positional: stopped, dry_run
options:
  _input:
    description: Result of the filter P(rayops.alicloud.sweep_verdicts#filter).
    type: list
    elements: dict
    required: true
  stopped:
    description: IDs of the clusters that were stopped.
    type: list
    elements: str
    required: true
  dry_run:
    description: V(true) if the sweep only reports and stops no clusters.
    type: bool
    default: false
"""

EXAMPLES = r"""
- name: Show the possible savings of a dry run
  ansible.builtin.debug:
    msg: "{{ ([] | rayops.alicloud.sweep_summary([], dry_run=true)).cu_hours_saved_per_day }}"
"""

RETURN = r"""
_value:
  description:
    - C(clusters) are the verdicts. C(idle) and C(stopped) are IDs.
    - C(cu) is the total CU of the idle clusters. C(cu_hours_idle) are the CU hours that they have used while idle.
      C(cu_hours_saved_per_day) are the CU hours that a day without them saves.
  type: dict
"""

import typing as t

from ..plugin_utils._native import Row
from ..plugin_utils._operations.idle_sweep import build_summary
from ..plugin_utils._template_trust import mark_as_text


def sweep_summary(verdicts: t.Iterable[Row], stopped: t.Iterable[str], dry_run: bool = False) -> dict[str, object]:
    """Return the summary."""
    # Cluster names are data. They are never rendered as templates.
    return mark_as_text(build_summary(verdicts, stopped, bool(dry_run)))


class FilterModule:
    """Registers the filters of this file."""

    def filters(self) -> dict[str, t.Callable[..., object]]:
        """Return the filters of this file."""
        return {"sweep_summary": sweep_summary}
