# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter schedule_plan: plan the starts and stops of clusters by a schedule."""

from __future__ import annotations

DOCUMENTATION = r"""
name: schedule_plan
short_description: Plan the starts and stops of Ray clusters by a schedule
version_added: 1.0.0
author: The rayops.alicloud authors (@rayops)
description:
  - Returns for each cluster whether its group is within its office hours, as P(rayops.alicloud.office_hours#filter)
    does.
  - The state of a generation that blue/green has retired is V(retired). The schedule neither starts nor stops it.
  - The role P(rayops.alicloud.ray_schedule#role) uses this filter.
positional: groups, now, defaults
options:
  _input:
    description: Clusters as M(rayops.alicloud.emr_ray_cluster_info) returns them.
    type: list
    elements: dict
    required: true
  groups:
    description:
      - Groups of clusters. Each has C(patterns) of names, and optionally C(name), C(exclude), C(timezone), C(hours),
        C(holidays), and C(exceptions).
      - A cluster belongs to the first group that it matches. A cluster that matches none is left out.
    type: list
    elements: dict
    required: true
  now:
    description: Current time in ISO 8601 with its zone.
    type: str
    required: true
  defaults:
    description: Defaults for C(timezone), C(hours), C(holidays), and C(exceptions) of all groups.
    type: dict
"""

EXAMPLES = r"""
- name: Show the clusters that should run on a Monday morning
  ansible.builtin.debug:
    msg: >-
      {{ [{'cluster_id': 'ray-k7nm8ahl5te4tg91', 'name': 'team-a'}]
         | rayops.alicloud.schedule_plan([{'patterns': ['team-*'], 'hours': {'weekdays': ['09:00-18:00']}}],
                                         '2026-11-23T09:30:00Z') }}
"""

RETURN = r"""
_value:
  description: For each cluster of a group, C(cluster_id), C(name), C(group), C(state), C(reason), and C(until).
  type: list
  elements: dict
  sample:
    - cluster_id: ray-k7nm8ahl5te4tg91
      name: team-a
      group: groups[0]
      state: started
      reason: within monday 09:00-18:00
      until: "2026-11-23T18:00:00+00:00"
"""

import typing as t

from ansible.errors import AnsibleFilterError

from ..plugin_utils._native import Row
from ..plugin_utils._operations.office_hours import HoursError, read_datetime
from ..plugin_utils._operations.schedule import plan_schedule, read_group
from ..plugin_utils._template_trust import mark_as_text


def schedule_plan(
    clusters: t.Iterable[Row],
    groups: t.Iterable[Row],
    now: object,
    defaults: Row | None = None,
) -> list[dict[str, object]]:
    """Return what each cluster of a group should be. Raises AnsibleFilterError."""
    try:
        found = [read_group(number, group, defaults or {}) for number, group in enumerate(groups)]
        # Cluster names are data. They are never rendered as templates.
        return mark_as_text(plan_schedule(clusters, found, read_datetime(now)))
    except HoursError as error:
        raise AnsibleFilterError(f"schedule_plan: {error}") from None


class FilterModule:
    """Registers the filters of this file."""

    def filters(self) -> dict[str, t.Callable[..., object]]:
        """Return the filters of this file."""
        return {"schedule_plan": schedule_plan}
