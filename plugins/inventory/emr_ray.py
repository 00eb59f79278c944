# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The inventory plugin emr_ray: its contract, and what turns clusters into hosts, variables and groups."""

from __future__ import annotations

DOCUMENTATION = r"""
name: emr_ray
short_description: Ray clusters on Alibaba Cloud EMR Serverless Spark as hosts
version_added: 1.0.0
author: The rayops.alicloud authors (@rayops)
description:
  - Makes a host of every Ray cluster of one or more EMR Serverless Spark workspaces, in one or more regions.
  - Its file is YAML and its name ends in C(emr_ray.yml) or C(emr_ray.yaml).
  - A cluster is no machine. Tasks for such a host run on the controller, with the interpreter of Ansible, and say with
    the variables of the host which cluster they mean. So C(ansible_connection) is C(local) and
    C(ansible_python_interpreter) is C({{ ansible_playbook_python }}), unless O(compose) says otherwise.
  - The variables of a host are the fields that M(rayops.alicloud.emr_ray_cluster_info) returns, and C(queues) and
    C(gpu_specs) of head and workers together, and C(region), C(workspace_id), C(endpoint) and C(network), which lead
    there, all with O(hostvars_prefix). No secret is among them.
  - When something cannot be read there are no hosts at all, rather than a part of them.
options:
  plugin:
    description: Marks the file as one for this plugin.
    type: str
    required: true
    choices: [rayops.alicloud.emr_ray]
  workspaces:
    description:
      - The workspaces to read, instead of the one in O(workspace_id).
      - Each has C(workspace_id), and optionally C(region), C(endpoint) and C(network), which are as the options of
        these names and default to them.
    type: list
    elements: dict
  regions:
    description:
      - The regions whose workspaces are all read, instead of the one in O(workspace_id).
      - Needs the RAM action C(emr-serverless-spark:ListWorkspaces) too, and one more request for each region.
    type: list
    elements: str
  strict_permissions:
    description:
      - Whether it is an error that a region or workspace refuses to be read.
      - If not, it is passed over with a warning, and its clusters are missing.
    type: bool
    default: true
  filters:
    description:
      - Which clusters are hosts. All of these that are given have to fit, and of the values of one of them any.
      - V(names), V(queues), V(display_release_versions) and V(gpu_specs) are lists of shell patterns, such as
        V(nightly-*). A queue or GPU fits when head or any worker group uses it.
      - V(states) is a list of states, such as V(Running), in which case does not count.
      - V(modified) is true or false.
      - V(include) is a list of Jinja2 conditions on host variables, at least one of which has to be true.
      - V(exclude) is a list of Jinja2 conditions, none of which may be true.
    type: dict
    default: {}
  details:
    description:
      - Whether to read every cluster that fits O(filters) with all its fields, which takes one more request for each.
      - Without it, fields are missing that the list of a workspace does not give, see
        O(rayops.alicloud.emr_ray_cluster_info#module:details).
    type: bool
    default: false
  hostnames:
    description:
      - What a host is called, the first of these that is not empty for the cluster.
      - V(name) and V(cluster_id) are those of the cluster. Anything else is a Jinja2 expression on host variables.
      - Where several clusters would have one name, each gets V(@) and its cluster id appended, with a warning. Where
        nothing is left, a cluster is called by its id.
    type: list
    elements: str
    default: [name]
  hostvars_prefix:
    description:
      - What the name of each host variable begins with.
      - Ansible has variables of its own called C(name), so that it is better not empty.
    type: str
    default: ray_
notes:
  - A cache keeps the answers of the service without secrets, and what O(filters), O(hostnames), O(compose), O(groups)
    and O(keyed_groups) make of them follows at once from the file.
  - Options for connection and credentials, O(workspaces), O(regions), and O(filters) may be templates.
extends_documentation_fragment:
  - constructed
  - inventory_cache
  - rayops.alicloud.common
seealso:
  - module: rayops.alicloud.emr_ray_cluster
  - module: rayops.alicloud.emr_ray_cluster_info
"""

EXAMPLES = r"""
# fmt: code
# The clusters of one workspace, with groups such as state_running and modified_true. The credentials come from the
# environment.
plugin: rayops.alicloud.emr_ray
region: cn-hangzhou
workspace_id: w-d2d82aa09155
keyed_groups:
  - prefix: state
    key: ray_state | lower
  - prefix: modified
    key: ray_modified | string | lower

---
# Several workspaces, and only the nightly clusters on GPUs.
plugin: rayops.alicloud.emr_ray
workspaces:
  - region: cn-hangzhou
    workspace_id: w-d2d82aa09155
  - region: eu-central-1
    workspace_id: w-0a1b2c3d4e5f
filters:
  names: [nightly-*]
  gpu_specs: ["*"]
hostnames:
  - ray_name ~ '.' ~ ray_region
groups:
  broken: ray_state == 'Error'
compose:
  workers: ray_worker_spec | map(attribute='replica') | sum

---
# All workspaces of two regions; answers are kept for ten minutes.
plugin: rayops.alicloud.emr_ray
regions: [cn-hangzhou, eu-central-1]
cache: true
cache_plugin: ansible.builtin.jsonfile
cache_connection: /tmp/emr-ray-inventory
cache_timeout: 600
"""

import os
import typing as t

from ansible.errors import AnsibleError, AnsibleParserError
from ansible.inventory.group import to_safe_group_name
from ansible.module_utils.parsing.convert_bool import boolean
from ansible.plugins.inventory import BaseInventoryPlugin, Cacheable, Constructable
from ansible.release import __version__ as core_version

from ..module_utils._inventory.hosts import LocatedCluster, assign_host_names, build_host_variables, find_shared_names
from ..module_utils._inventory.reader import InventoryReader
from ..module_utils._task.context import TaskContext, run_safely
from ..module_utils._task.module import format_missing_library
from ..module_utils._task.requirements import find_library_problem
from ..plugin_utils._inventory_options import InventoryOptions
from ..plugin_utils._template_trust import mark_as_template, mark_as_text

Variables = dict[str, t.Any]


class InventoryModule(BaseInventoryPlugin, Constructable, Cacheable):  # type: ignore[misc]
    """See the documentation above."""

    NAME = "rayops.alicloud.emr_ray"

    @staticmethod
    def _sanitize_group_name(name: str) -> str:
        """Return a group's name that patterns can have in them: versions and queues come with commas and brackets."""
        return str(to_safe_group_name(name, force=True, silent=True))  # type: ignore[no-untyped-call]

    def verify_file(self, path: str) -> bool:
        """Tell whether a file is for this plugin, by its name."""
        return bool(super().verify_file(path)) and path.endswith(("emr_ray.yml", "emr_ray.yaml"))

    def parse(self, inventory: t.Any, loader: t.Any, path: str, cache: bool = True) -> None:
        """Fill the inventory. Raises AnsibleParserError, and then nothing is in it unless `strict` was the reason."""
        super().parse(inventory, loader, path, cache)
        config = self._read_config_data(path)
        problem = find_library_problem()
        if problem:
            raise AnsibleParserError(format_missing_library(problem))
        options = InventoryOptions(config, self.option_definitions, self.get_option, self.templar.template)
        for name, values in self._hosts(options, self._clusters(options, path, cache)).items():
            self._add(name, values)

    def _clusters(self, options: InventoryOptions, path: str, cache: bool) -> list[LocatedCluster]:
        """Return the clusters that fit the filters but for their conditions; from the cache where there is one."""
        keep = bool(self.get_option("cache"))
        known = self._kept_answers(path) if keep and cache else None
        task = TaskContext(
            options.connection, os.environ, self.display.warning, user_agent=f"ansible-core/{core_version}"
        )
        reader = InventoryReader(options.query, known)
        # No exception is at hand when Ansible gets its own: it would show the traceback of both.
        result, failure = run_safely(task, reader.run)
        if failure:
            raise AnsibleParserError(failure.result["msg"])
        if keep and reader.answers != known:
            self._cache[self.get_cache_key(path)] = reader.answers
        return list(result["found"])

    def _kept_answers(self, path: str) -> t.Any:
        try:
            return self._cache[self.get_cache_key(path)]
        except KeyError:
            return None

    def _hosts(self, options: InventoryOptions, found: list[LocatedCluster]) -> dict[str, Variables]:
        """Return the variables of every host by its name."""
        known = [(each, mark_as_text(build_host_variables(each, options.prefix))) for each in found]
        kept = [(each, values) for each, values in known if self._fits(options, values)]
        wanted = [(self._host_name(options, each, values), each) for each, values in kept]
        shared = find_shared_names(wanted)
        if shared:
            told = ", ".join(shared[:5]) + (", ..." if len(shared) > 5 else "")
            self.display.warning(f"Several clusters have the same host name, and get their ids appended: {told}")
        return dict(zip(assign_host_names(wanted), (values for dummy, values in kept), strict=True))

    def _fits(self, options: InventoryOptions, values: Variables) -> bool:
        """Tell whether a cluster fits the conditions among the filters."""
        include, exclude = options.include, options.exclude
        included = not include or any(self._holds(condition, values) for condition in include)
        return included and not any(self._holds(condition, values) for condition in exclude)

    def _holds(self, condition: str, values: Variables) -> bool:
        try:
            return boolean(self._compose(condition, values))
        except (AnsibleError, TypeError) as error:
            said = str(error)
        # Who leaves clusters out by a condition must not get them because it is wrong.
        raise AnsibleParserError(f"filters: {condition!r} cannot be decided: {said}")

    def _host_name(self, options: InventoryOptions, found: LocatedCluster, values: Variables) -> str:
        """Return the first host name that is not empty; an expression may fail for one cluster and not for others."""
        for choice in options.host_names:
            field = choice in ("name", "cluster_id")
            name = found.cluster.get(choice) if field else self._evaluated(choice, values)
            if name:
                return str(name)
        return str(found.cluster["cluster_id"])

    def _evaluated(self, expression: str, values: Variables) -> t.Any:
        try:
            return self._compose(expression, values)
        except AnsibleError as error:
            said = str(error)
        if self.get_option("strict"):
            raise AnsibleParserError(f"hostnames: {expression!r} cannot be evaluated: {said}")
        return None

    def _add(self, name: str, values: Variables) -> None:
        """Add a host with its variables and groups."""
        self.inventory.add_host(name)
        # A cluster is no machine that one could log in to: its tasks run on the controller, with Ansible's Python.
        here = {
            "ansible_connection": "local",
            "ansible_python_interpreter": mark_as_template("{{ ansible_playbook_python }}"),
        }
        for variable, value in {**here, **values}.items():
            self.inventory.set_variable(name, variable, value)
        strict = self.get_option("strict")
        self._set_composite_vars(self.get_option("compose"), values, name, strict=strict)
        self._add_host_to_composed_groups(self.get_option("groups"), values, name, strict=strict)
        self._add_host_to_keyed_groups(self.get_option("keyed_groups"), values, name, strict=strict)
