# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter platform_yaml: write an existing workspace as variables of the role ray_platform."""

from __future__ import annotations

DOCUMENTATION = r"""
name: platform_yaml
short_description: Write an existing workspace as variables of the role ray_platform
version_added: 1.0.0
author: The rayops.alicloud authors (@rayops)
description:
  - Returns YAML with the variables C(ray_platform_workspace), C(ray_platform_queues),
    C(ray_platform_network_services), and C(ray_platform_members). Applying them to the workspace changes nothing.
  - The service does not return security groups, GPU limits, and the size of a queue that may grow. The result therefore
    does not contain them.
options:
  _input:
    description:
      - A workspace as M(rayops.alicloud.emr_workspace_info) returns it with C(workspace_id), its queues, network
        services, and members.
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Read the workspace
  rayops.alicloud.emr_workspace_info:
    region: cn-hangzhou
    workspace_id: w-d2d82aa09155
    gather: [queues, network_services, members]
  register: info

- name: Show the workspace as variables
  ansible.builtin.debug:
    msg: "{{ info.workspaces[0] | rayops.alicloud.platform_yaml }}"
"""

RETURN = r"""
_value:
  description: The variables as YAML.
  type: str
"""

import typing as t

from ..plugin_utils._operations import platform as _platform


def platform_yaml(workspace: dict[str, object]) -> str:
    """Return the variables of ray_platform for a workspace."""
    return _platform.platform_yaml(workspace)


class FilterModule:
    """Filters of this file, as Ansible loads them."""

    def filters(self) -> dict[str, t.Callable[..., object]]:
        """Return the filters of this file."""
        return {"platform_yaml": platform_yaml}
