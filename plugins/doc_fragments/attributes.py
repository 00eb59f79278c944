# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of module capabilities, for the attributes block, and of where tasks run."""

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
    description: Changes nothing if it runs again with the same options.
  action_group:
    description: Use C(group/rayops.alicloud.all) in C(module_defaults) to set common options for all modules.
    support: full
    membership: [rayops.alicloud.all]
notes:
  - On the controller, tasks run inside the Ansible worker if that is safe, and start no Python interpreter. With
    C(async), C(become), or C(environment), a task runs as an ordinary module. It also does for another host or
    interpreter, without the libraries, or if the variable C(rayops_alicloud_in_process) is false. Results are the same.
  - While a task in the worker waits, it shows the state of the cluster when it changes, and at least every 30 seconds.
    A module cannot.
  - The module runs where its task runs. Run it on the controller, with C(hosts=localhost) or
    C(delegate_to=localhost), and with the interpreter that has the libraries, for example
    C(ansible_python_interpreter="{{ ansible_playbook_python }}").
"""
