# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter drift_report: report the drift that a check of a fleet finds."""

from __future__ import annotations

DOCUMENTATION = r"""
name: drift_report
short_description: Report the drift that a check of a fleet finds
version_added: 1.0.0
author: The rayops.alicloud authors (@rayops)
description:
  - Lists the clusters of a fleet that differ from their declaration, and the undeclared clusters of the workspace.
positional: listed, pattern
options:
  _input:
    description: Result of M(rayops.alicloud.emr_ray_fleet) in check mode.
    type: dict
    required: true
  listed:
    description: All clusters of the workspace, as M(rayops.alicloud.emr_ray_cluster_info) lists them.
    type: list
    elements: dict
    required: true
  pattern:
    description:
      - Names of the undeclared clusters that count, as a shell pattern. With a leading V(~), it is a regular expression
        for the whole name.
    type: str
    default: "*"
"""

EXAMPLES = r"""
- name: Compare the clusters with their declaration
  rayops.alicloud.emr_ray_fleet:
    clusters:
      - name: training
        description: nightly
  check_mode: true
  register: checked

- name: List all clusters
  rayops.alicloud.emr_ray_cluster_info:
  register: listed

- name: Show the number of drifted clusters
  ansible.builtin.debug:
    msg: "{{ (checked | rayops.alicloud.drift_report(listed.clusters, 'train*')).summary }}"
"""

RETURN = r"""
_value:
  description:
    - C(drifted) is true if there is any drift. C(summary) counts the clusters by status, and the undeclared clusters.
    - C(clusters) has the C(name), C(cluster_id), C(actions), C(changes), and C(status) of each declared cluster. The
      status is V(as_declared), V(drifted), V(missing), V(unwanted) (exists but is declared absent), or V(failed), with
      C(msg) and C(error).
    - C(undeclared) has the C(name), C(cluster_id), C(state), and C(capacity) of the undeclared clusters.
    - C(lines) has a line for each cluster that differs, with its fields before and after.
  type: dict
  sample:
    drifted: true
    summary: {as_declared: 3, drifted: 1, missing: 0, unwanted: 0, failed: 0, undeclared: 0}
"""

import re
import typing as t

from ansible.errors import AnsibleFilterError

from ..plugin_utils._native import Row
from ..plugin_utils._operations import drift as _drift


def drift_report(checked: Row, listed: t.Iterable[Row], pattern: str = "*") -> dict[str, object]:
    """Return ``drifted``, ``summary``, ``clusters`` and ``undeclared``. Raises AnsibleFilterError."""
    try:
        return _drift.drift_report(checked, listed, pattern)
    except re.error as error:
        said = str(error)
    raise AnsibleFilterError(f"drift_report: {pattern!r} is not a regular expression: {said}")


class FilterModule:
    """Registers the filters of this file."""

    def filters(self) -> dict[str, t.Callable[..., object]]:
        """Return the filters of this file."""
        return {"drift_report": drift_report}
