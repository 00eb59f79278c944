# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter sweep_verdicts: find running clusters to stop because they are idle or expired."""

from __future__ import annotations

DOCUMENTATION = r"""
name: sweep_verdicts
short_description: Find running Ray clusters to stop because they are idle or expired
version_added: 1.0.0
author: The rayops.alicloud authors (@rayops)
description:
  - Decides for each running cluster whether to stop it, keep it, or read its jobs first.
  - If any information is uncertain, the cluster is kept.
  - Generations that blue/green has retired are kept.
  - The role P(rayops.alicloud.ray_sweep#role) uses this filter.
positional: options, looks, service
options:
  _input:
    description: Clusters as M(rayops.alicloud.emr_ray_cluster_info) returns them.
    type: list
    elements: dict
    required: true
  options:
    description:
      - C(now), a time in ISO 8601 with its zone, and C(idle_minutes) are required.
      - C(patterns) and C(exempt) are patterns of names. If C(expiry) is true, C(expires=) in a description counts.
        C(service_jobs) is V(block), V(unless_temporary), or V(ignore).
    type: dict
    required: true
  looks:
    description:
      - Results of a loop of M(rayops.alicloud.emr_ray_job_info) with C(via=cluster) over cluster IDs.
      - Without them, the verdict is V(ask) instead of V(stop).
    type: list
    elements: dict
  service:
    description:
      - Jobs of the service, as M(rayops.alicloud.emr_ray_job_info) returns them. C(rows) is its result, and C(details)
        are the results of a loop over the jobs that have not ended.
    type: dict
"""

EXAMPLES = r"""
- name: Show which clusters have run for an hour or longer
  ansible.builtin.debug:
    msg: "{{ found.clusters | rayops.alicloud.sweep_verdicts({'now': '2026-11-22T20:00:00Z', 'idle_minutes': 60}) }}"
"""

RETURN = r"""
_value:
  description:
    - For each running cluster, C(cluster_id), C(name), C(cu), C(verdict) (V(ask), V(keep), or V(stop)), and C(reason).
    - If its jobs were read, also C(idle_since), C(idle_minutes), and C(cu_hours_idle), if they are known.
  type: list
  elements: dict
"""

import typing as t

from ansible.errors import AnsibleFilterError

from ..plugin_utils._native import Row
from ..plugin_utils._operations.idle_sweep import build_verdicts, read_sweep_options
from ..plugin_utils._operations.office_hours import HoursError
from ..plugin_utils._template_trust import mark_as_text


def sweep_verdicts(
    clusters: t.Iterable[Row], options: Row, looks: t.Iterable[Row] | None = None, service: Row | None = None
) -> list[Row]:
    """Return a verdict on each cluster that runs. Raises AnsibleFilterError."""
    try:
        sweep = read_sweep_options(options)
    except HoursError as error:
        raise AnsibleFilterError(f"sweep_verdicts: {error}") from None
    # Cluster names are data. They are never rendered as templates.
    return mark_as_text(build_verdicts(clusters, sweep, looks, service))


class FilterModule:
    """Registers the filters of this file."""

    def filters(self) -> dict[str, t.Callable[..., object]]:
        """Return the filters of this file."""
        return {"sweep_verdicts": sweep_verdicts}
