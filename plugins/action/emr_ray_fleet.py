# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run the module emr_ray_fleet inside the Ansible worker if that is safe."""

from __future__ import annotations

from ..module_utils._argspec.fleet import FLEET
from ..module_utils._fleet.run import run_fleet
from ..plugin_utils._action.in_process import InProcessAction


class ActionModule(InProcessAction):
    """See the documentation of the module."""

    SPEC = FLEET
    core = staticmethod(run_fleet)
