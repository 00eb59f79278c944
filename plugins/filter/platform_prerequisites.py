# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter platform_prerequisites: list the prerequisites of a workspace that no operation creates."""

from __future__ import annotations

DOCUMENTATION = r"""
name: platform_prerequisites
short_description: List the prerequisites of a workspace and its clusters that no operation creates
version_added: 1.0.0
author: The rayops.alicloud authors (@rayops)
description:
  - Lists the bucket, the RAM roles, the engine versions, and the managed file directories that a declaration names, and
    whether they exist. The service has no operation that creates them.
positional: clusters, defaults, found
options:
  _input:
    description: The workspace, with the options of M(rayops.alicloud.emr_workspace).
    type: dict
    required: true
  clusters:
    description: The clusters, each with the options of M(rayops.alicloud.emr_ray_cluster).
    type: list
    elements: dict
    default: []
  defaults:
    description: Options for all clusters.
    type: dict
    default: {}
  found:
    description:
      - The workspace as M(rayops.alicloud.emr_workspace_info) returns it, with its engine versions. Leave it empty if
        the workspace does not exist yet.
    type: dict
    default: {}
"""

EXAMPLES = r"""
- name: Read the workspace
  rayops.alicloud.emr_workspace_info:
    region: cn-hangzhou
    workspace_id: w-d2d82aa09155
    gather: [release_versions]
  register: info

- name: Show missing prerequisites
  ansible.builtin.debug:
    msg: >-
      {{ {} | rayops.alicloud.platform_prerequisites([{'display_release_version': 'mine'}], {}, info.workspaces[0])
         | selectattr('status', 'equalto', 'missing') | map(attribute='text') | list }}
"""

RETURN = r"""
_value:
  description:
    - One entry for each prerequisite, with C(what), C(name), C(status), C(page), and C(text).
    - C(status) is V(found), V(missing), or V(unknown) if the service does not show it. C(page) is the page of the
      console that creates it. C(text) is a line for people to read.
  type: list
  elements: dict
  sample:
    - what: job role
      name: AliyunEMRSparkJobRunDefaultRole
      status: found
      page: https://ram.console.aliyun.com/roles
      text: "job role AliyunEMRSparkJobRunDefaultRole: found"
"""

import typing as t

from ..plugin_utils._operations import platform as _platform

Json = dict[str, object]


def platform_prerequisites(
    workspace: Json, clusters: list[Json] | None = None, defaults: Json | None = None, found: Json | None = None
) -> list[Json]:
    """Return the prerequisites of a workspace and its clusters."""
    return _platform.prerequisites(workspace, clusters or [], defaults or {}, found or {})


class FilterModule:
    """Filters of this file, as Ansible loads them."""

    def filters(self) -> dict[str, t.Callable[..., object]]:
        """Return the filters of this file."""
        return {"platform_prerequisites": platform_prerequisites}
