# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter fleet_report: summarize a fleet."""

from __future__ import annotations

DOCUMENTATION = r"""
name: fleet_report
short_description: Summarize a fleet of Ray clusters
version_added: 1.0.0
author: The rayops.alicloud authors (@rayops)
description:
  - Reports the running clusters and their size in CU. Also reports clusters that are idle, have drifted, wait for a
    restart, or are in Error, with the reason.
  - The role P(rayops.alicloud.ray_report#role) shows this report.
positional: now
options:
  _input:
    description:
      - Results of M(rayops.alicloud.emr_ray_cluster_info), one for each workspace. The report then shows the region and
        the workspace of each cluster.
      - The clusters of one result are valid, too.
    type: list
    elements: dict
    required: true
  now:
    description: Time of the report in ISO 8601 with its zone.
    type: str
    required: true
  title:
    description: Title of the report.
    type: str
    default: Ray clusters
  sweep:
    description: Result of the role P(rayops.alicloud.ray_sweep#role), if it is known.
    type: dict
  drift:
    description: Result of the filter P(rayops.alicloud.drift_report#filter), if it is known.
    type: dict
"""

EXAMPLES = r"""
- name: List the clusters
  rayops.alicloud.emr_ray_cluster_info:
  register: found

- name: Show the CU in use
  ansible.builtin.debug:
    msg: "{{ ([found] | rayops.alicloud.fleet_report('2026-11-22T08:00:00Z')).totals.cu }}"
"""

RETURN = r"""
_value:
  description:
    - C(title), C(generated), and C(totals). C(workspaces), C(states), and C(queues) have their clusters and CU.
      C(clusters) has the clusters, and C(missing) the names of declared clusters that do not exist.
  type: dict
"""

import typing as t

from ansible.errors import AnsibleFilterError

from ..plugin_utils._native import Row
from ..plugin_utils._operations.office_hours import HoursError, read_datetime
from ..plugin_utils._report.fleet import build_report
from ..plugin_utils._template_trust import mark_as_text


def fleet_report(
    clusters: t.Iterable[Row],
    now: object,
    title: str = "Ray clusters",
    sweep: Row | None = None,
    drift: Row | None = None,
) -> dict[str, object]:
    """Return the report. Raises AnsibleFilterError."""
    try:
        moment = read_datetime(now)
    except HoursError as error:
        raise AnsibleFilterError(f"fleet_report: {error}") from None
    # Cluster names are data. They are never rendered as templates.
    return mark_as_text(build_report(clusters, moment, str(title), sweep or None, drift or None))


class FilterModule:
    """Registers the filters of this file."""

    def filters(self) -> dict[str, t.Callable[..., object]]:
        """Return the filters of this file."""
        return {"fleet_report": fleet_report}
