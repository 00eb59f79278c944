# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter sweep_summary: what came of a sweep."""

from __future__ import annotations

DOCUMENTATION = r"""
name: sweep_summary
short_description: What came of a sweep of Ray clusters
version_added: 1.0.0
author: The rayops.alicloud authors (@rayops)
description:
  - Sums up verdicts, with what the clusters that were found idle have cost, and what a day without them saves.
positional: stopped, dry_run
options:
  _input:
    description: What P(rayops.alicloud.sweep_verdicts#filter) returns.
    type: list
    elements: dict
    required: true
  stopped:
    description: Ids of the clusters that were stopped.
    type: list
    elements: str
    required: true
  dry_run:
    description: Whether nothing was to be stopped.
    type: bool
    default: false
"""

EXAMPLES = r"""
- name: Show what it would save to stop nothing
  ansible.builtin.debug:
    msg: "{{ ([] | rayops.alicloud.sweep_summary([], dry_run=true)).cu_hours_saved_per_day }}"
"""

RETURN = r"""
_value:
  description:
    - C(clusters) are the verdicts, C(idle) and C(stopped) ids.
    - C(cu) are those of the idle clusters together, C(cu_hours_idle) what they have idled away, and
      C(cu_hours_saved_per_day) what a day without them saves.
  type: dict
"""

import typing as t

from ..plugin_utils._native import Row
from ..plugin_utils._operations.idle_sweep import build_summary
from ..plugin_utils._template_trust import mark_as_text


def sweep_summary(verdicts: t.Iterable[Row], stopped: t.Iterable[str], dry_run: bool = False) -> dict[str, object]:
    """Return the summary."""
    # Names of clusters are never templates, whatever is in them.
    return mark_as_text(build_summary(verdicts, stopped, bool(dry_run)))


class FilterModule:
    """What Ansible looks for."""

    def filters(self) -> dict[str, t.Callable[..., object]]:
        """Return the filters of this file."""
        return {"sweep_summary": sweep_summary}
