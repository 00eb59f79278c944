# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The inventory plugin emr_ray: its contract, and what turns clusters into hosts, variables and groups."""

from __future__ import annotations

DOCUMENTATION = r"""
name: emr_ray
short_description: Add Ray clusters on Alibaba Cloud EMR Serverless Spark as hosts
version_added: 1.0.0
author: The rayops.alicloud authors (@rayops)
description:
  - Adds a host for every Ray cluster of one or more EMR Serverless Spark workspaces, in one or more regions.
  - The inventory file is YAML, and its name ends in C(emr_ray.yml) or C(emr_ray.yaml).
  - A cluster is not a machine. Tasks for such a host run on the controller, with the interpreter of Ansible. They
    identify the cluster by the variables of the host. Therefore, C(ansible_connection) is C(local) and
    C(ansible_python_interpreter) is C({{ ansible_playbook_python }}), unless O(compose) says otherwise.
  - The variables of a host are the fields that M(rayops.alicloud.emr_ray_cluster_info) returns. C(queues) and
    C(gpu_specs) list those of the head and the workers together. C(region), C(workspace_id), C(endpoint), and
    C(network) identify the service. All names start with O(hostvars_prefix). The variables contain no secrets.
  - If a region or workspace cannot be read, the inventory has no hosts at all, rather than a part of them.
options:
  plugin:
    description: Identifies the file as one for this plugin.
    type: str
    required: true
    choices: [rayops.alicloud.emr_ray]
  workspaces:
    description:
      - Workspaces to read, instead of the one in O(workspace_id).
      - Each has C(workspace_id), and optionally C(region), C(endpoint), and C(network). They work like the options of
        these names and default to them.
    type: list
    elements: dict
  regions:
    description:
      - Regions whose workspaces are all read, instead of the one in O(workspace_id).
      - Requires the RAM action C(emr-serverless-spark:ListWorkspaces), too, and one more request for each region.
    type: list
    elements: str
  strict_permissions:
    description:
      - If V(true), fail if the service denies access to a region or workspace.
      - If V(false), the region or workspace is skipped with a warning, and its clusters are missing.
    type: bool
    default: true
  filters:
    description:
      - Conditions that a cluster must meet to become a host. It must match every filter that is set. For a list of
        values, one match is enough.
      - V(names), V(queues), V(display_release_versions), and V(gpu_specs) are lists of shell patterns, such as
        V(nightly-*). A queue or GPU matches if the head or any worker group uses it.
      - V(states) is a list of states, such as V(Running). Case does not matter.
      - V(modified) is true or false.
      - V(include) is a list of Jinja2 conditions on host variables. At least one of them must be true.
      - V(exclude) is a list of Jinja2 conditions, all of which must be false.
    type: dict
    default: {}
  details:
    description:
      - If V(true), read every cluster that matches O(filters) with all its fields. This costs one more request for each
        cluster.
      - Otherwise, fields that the list of a workspace does not contain are missing. See
        O(rayops.alicloud.emr_ray_cluster_info#module:details).
    type: bool
    default: false
  hostnames:
    description:
      - Sources of the host name. The first one that is not empty for the cluster is used.
      - V(name) and V(cluster_id) are those of the cluster. Any other value is a Jinja2 expression on host variables.
      - If several clusters would have one name, V(@) and the cluster ID are appended to each, with a warning. The same
        applies to a cluster with the name of a group, or called V(all), V(ungrouped), or V(localhost).
      - A name never contains a template. In V({{), V({%), and V({#), the brace becomes a parenthesis. The variable
        V(name) keeps the name from the service.
      - If no source returns a name, the host name is the cluster ID.
    type: list
    elements: str
    default: [name]
  hostvars_prefix:
    description:
      - Prefix for the name of each host variable.
      - Avoid an empty prefix, since Ansible has variables of its own such as C(name).
    type: str
    default: ray_
notes:
  - A cache keeps the responses of the service without secrets, separately for each account. Changes to O(filters),
    O(hostnames), O(compose), O(groups), and O(keyed_groups) take effect at once.
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
# Several workspaces, with only the nightly clusters on GPUs.
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
# All workspaces of two regions. Responses are cached for ten minutes.
plugin: rayops.alicloud.emr_ray
regions: [cn-hangzhou, eu-central-1]
cache: true
cache_plugin: ansible.builtin.jsonfile
cache_connection: /tmp/emr-ray-inventory
cache_timeout: 600
"""

import hashlib
import os
import typing as t

from ansible.errors import AnsibleError, AnsibleParserError
from ansible.module_utils.parsing.convert_bool import boolean
from ansible.plugins.inventory import BaseInventoryPlugin, Cacheable, Constructable
from ansible.release import __version__ as core_version

from ..module_utils._credentials.store import get_identity, resolve_credential_source
from ..module_utils._errors import Failure
from ..module_utils._inventory.hosts import LocatedCluster, assign_host_names, build_host_variables, find_shared_names
from ..module_utils._inventory.reader import InventoryReader
from ..module_utils._redaction import to_printable
from ..module_utils._task.context import TaskContext
from ..module_utils._task.module import format_missing_library
from ..module_utils._task.outcome import catch_failure
from ..module_utils._task.requirements import find_library_problem
from ..plugin_utils._inventory_options import InventoryOptions
from ..plugin_utils._inventory_recorder import RESERVED_HOST_NAMES, InventoryRecorder
from ..plugin_utils._template_trust import mark_as_template, mark_as_text

Variables = dict[str, t.Any]


class InventoryModule(BaseInventoryPlugin, Constructable, Cacheable):  # type: ignore[misc]
    """See the documentation above."""

    NAME = "rayops.alicloud.emr_ray"

    def _sanitize_group_name(self, name: str) -> str:
        """Return a name that can be a group's."""
        return self._recorder.sanitize_group_name(name)

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
        wanted, variables = self._select_hosts(options, self._clusters(options, path, cache))
        self._recorder = InventoryRecorder(inventory)
        first_names = assign_host_names(wanted, RESERVED_HOST_NAMES)
        self.inventory = self._recorder
        try:
            for name, values in zip(first_names, variables, strict=True):
                self._record(name, values)
        finally:
            self.inventory = inventory
        names = assign_host_names(wanted, self._recorder.find_reserved_names())
        self._warn_of_names(wanted, names)
        self._recorder.replay(dict(zip(first_names, names, strict=True)))

    def _clusters(self, options: InventoryOptions, path: str, cache: bool) -> list[LocatedCluster]:
        """Return the clusters that fit the filters but for their conditions; from the cache where there is one."""
        keep = bool(self.get_option("cache"))
        key = self._cache_key(options, path) if keep else ""
        known = self._kept_answers(key) if keep and cache else None
        task = TaskContext(
            options.connection, os.environ, self.display.warning, user_agent=f"ansible-core/{core_version}"
        )
        reader = InventoryReader(options.query, known)
        # Raise outside the except block: Ansible would print the traceback of both exceptions.
        with catch_failure(task) as outcome:
            outcome.result = reader.run(task)
        if outcome.failure:
            raise AnsibleParserError(outcome.failure.result["msg"])
        if keep and reader.answers != known:
            self._cache[key] = reader.answers
        return list(outcome.result["found"])

    def _cache_key(self, options: InventoryOptions, path: str) -> str:
        """Return a key for this file and this account: another one must not see the clusters of the first."""
        try:
            identity = get_identity(resolve_credential_source(options.connection, os.environ), os.environ)
        except Failure as failure:
            raise AnsibleParserError(str(failure)) from None
        return f"{self.get_cache_key(path)}_{hashlib.sha256(repr(identity).encode()).hexdigest()[:16]}"

    def _kept_answers(self, key: str) -> t.Any:
        try:
            return self._cache[key]
        except KeyError:
            return None

    def _select_hosts(
        self, options: InventoryOptions, found: list[LocatedCluster]
    ) -> tuple[list[tuple[str, LocatedCluster]], list[Variables]]:
        """Return the clusters that fit the filters, with the names that they want, and the variables of each."""
        known = [(each, mark_as_text(build_host_variables(each, options.prefix))) for each in found]
        kept = [(each, values) for each, values in known if self._fits(options, values)]
        wanted = [(self._host_name(options, each, values), each) for each, values in kept]
        return wanted, [values for _each, values in kept]

    def _warn_of_names(self, wanted: list[tuple[str, LocatedCluster]], names: list[str]) -> None:
        """Warn of names that are not what they would be."""
        shared = find_shared_names(wanted)
        if shared:
            self.display.warning(
                f"Several clusters have the same host name, and get their ids appended: {_list(shared)}"
            )
        reserved = self._recorder.find_reserved_names()
        moved = sorted({name for name in names if name.partition("@")[0] in reserved})
        if moved:
            self.display.warning(
                f"Clusters whose names belong to a group or to Ansible itself get their ids appended: {_list(moved)}"
            )
        merged = self._recorder.find_merged_groups()
        if merged:
            shown = [f"{group} ({', '.join(map(to_printable, spellings))})" for group, spellings in merged.items()]
            self.display.warning(f"Several names lead to the same group: {_list(shown)}")

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
        # A broken condition must not include clusters that the user wants to leave out.
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

    def _record(self, name: str, values: Variables) -> None:
        """Record a host with its variables and groups."""
        recorder, strict = self._recorder, self.get_option("strict")
        recorder.add_host(name)
        # A cluster is no machine that one could log in to: its tasks run on the controller, with Ansible's Python.
        here = {
            "ansible_connection": "local",
            "ansible_python_interpreter": mark_as_template("{{ ansible_playbook_python }}"),
        }
        for variable, value in {**here, **values}.items():
            recorder.set_variable(name, variable, value)
        self._set_composite_vars(self.get_option("compose"), values, name, strict=strict)
        recorder.adds_hosts = True
        self._add_host_to_composed_groups(self.get_option("groups"), values, name, strict=strict)
        recorder.adds_hosts = False
        self._add_host_to_keyed_groups(self.get_option("keyed_groups"), values, name, strict=strict)


def _list(texts: list[str]) -> str:
    return ", ".join(texts[:5]) + (", ..." if len(texts) > 5 else "")
