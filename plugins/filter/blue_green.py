# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter blue_green: plan the blue/green replacement of a cluster."""

from __future__ import annotations

DOCUMENTATION = r"""
name: blue_green
short_description: Plan the blue/green replacement of a Ray cluster
version_added: 1.0.0
author: The rayops.alicloud authors (@rayops)
description:
  - Returns the next step of a run that replaces a cluster with its successor, based on the list of clusters.
  - The entry point C(blue_green) of the role P(rayops.alicloud.ray_cluster#role) uses this filter.
positional: name, holder, now, lease_minutes
options:
  _input:
    description: Clusters as M(rayops.alicloud.emr_ray_cluster_info) returns them.
    type: list
    elements: dict
    required: true
  name:
    description: Common part of the names of all generations of the cluster, at most 48 characters.
    type: str
    required: true
  holder:
    description: Identity of the run that requests the replacement, in one word.
    type: str
    required: true
  now:
    description: Current time in ISO 8601 with its zone.
    type: str
    required: true
  lease_minutes:
    description: Minutes for which a new successor would hold the lock.
    type: float
    default: 60
"""

EXAMPLES = r"""
- name: List the clusters
  rayops.alicloud.emr_ray_cluster_info:
  register: found

- name: Show the next step for training
  ansible.builtin.debug:
    msg: "{{ (found.clusters | rayops.alicloud.blue_green('training', 'me', '2026-11-22T08:00:00Z')).action }}"
"""

RETURN = r"""
_value:
  description:
    - C(action) is V(create), V(continue), V(compare), V(busy), or V(yield). C(why) is the reason if a run cannot
      continue.
    - C(active), C(successor), C(stale), and C(retired) are the clusters of the name. C(generation), C(name), and
      C(until) belong to the next generation.
  type: dict
"""

import typing as t
from datetime import timedelta

from ansible.errors import AnsibleFilterError

from ..plugin_utils._native import Row
from ..plugin_utils._operations.blue_green import DeploymentError, plan_deployment
from ..plugin_utils._operations.office_hours import HoursError, read_datetime
from ..plugin_utils._template_trust import mark_as_text


def blue_green(
    clusters: t.Iterable[Row], name: str, holder: str, now: object, lease_minutes: float = 60
) -> dict[str, object]:
    """Return the next step. Raises AnsibleFilterError."""
    try:
        lease = timedelta(minutes=float(lease_minutes))
        decided = plan_deployment(clusters, str(name), str(holder), read_datetime(now), lease)
    except (DeploymentError, HoursError) as error:
        raise AnsibleFilterError(f"blue_green: {error}") from None
    # Cluster names are data. They are never rendered as templates.
    return mark_as_text(decided)


class FilterModule:
    """Registers the filters of this file."""

    def filters(self) -> dict[str, t.Callable[..., object]]:
        """Return the filters of this file."""
        return {"blue_green": blue_green}
