# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a module can do, for the attributes block of its documentation."""

from __future__ import annotations


class ModuleDocFragment:
    """Attributes that all modules have in common; details are in the modules."""

    DOCUMENTATION = r"""
options: {}
attributes:
  check_mode:
    description: Can predict what it would do, without changing anything.
  diff_mode:
    description: Returns what it changed, or would change, in diff mode.
  idempotent:
    description: Changes nothing when run again with the same options.
  action_group:
    description: Use C(group/rayops.alicloud.all) in C(module_defaults) to set common options for all modules.
    support: full
    membership: [rayops.alicloud.all]
"""
