# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Collect hosts and groups before any of them is added to the inventory: a host must not share a group's name.

Ansible would treat such a host as the group. The names of keyed groups are known only when all hosts are.
"""

from __future__ import annotations

import collections
import typing as t

from ansible.inventory.group import to_safe_group_name
from ansible.inventory.host import Host
from ansible.utils.vars import combine_vars

# Ansible has groups of these names, and adds the host itself.
RESERVED_HOST_NAMES = frozenset({"all", "ungrouped", "localhost", "127.0.0.1", "::1"})


class InventoryRecorder:
    """Replaces the inventory while Ansible computes variables and groups of hosts under their first names."""

    def __init__(self, inventory: t.Any) -> None:
        """Take the inventory, whose hosts of the same names keep their variables."""
        self._inventory = inventory
        # True while the children that groups get are hosts. A host and a group may have the same name here.
        self.adds_hosts = False
        # The variables by host; for each group, its original spellings.
        self.variables: dict[str, dict[str, t.Any]] = {}
        self._spellings: dict[str, set[str]] = collections.defaultdict(set)
        self._groups: list[str] = []
        self._members: list[tuple[str, str]] = []
        self._children: list[tuple[str, str]] = []

    def sanitize_group_name(self, name: t.Any) -> str:
        """Return a valid group name for patterns: versions and queues contain commas and brackets."""
        safe = str(to_safe_group_name(name, force=True, silent=True))  # type: ignore[no-untyped-call]
        self._spellings[safe].add(str(name))
        return safe

    # Methods that Constructable calls.

    def get_host(self, name: str) -> Host:
        """Return a host with its variables so far."""
        host = Host(name)
        known = self._inventory.hosts.get(name)
        host.vars = combine_vars(known.vars if known else {}, self.variables[name])  # type: ignore[no-untyped-call]
        return host

    def set_variable(self, host: str, name: str, value: t.Any) -> None:
        """Record a variable of a host."""
        self.variables.setdefault(host, {})[name] = value

    def add_group(self, group: str) -> str:
        """Record a group and return its name."""
        if group and group not in self._groups:
            self._groups.append(group)
        return group

    def add_host(self, host: str, group: str | None = None) -> str:
        """Record that a group has a host."""
        self.variables.setdefault(host, {})
        if group:
            self._members.append((group, host))
        return host

    def add_child(self, group: str, child: str) -> None:
        """Record that a group has a host, or another group."""
        (self._members if self.adds_hosts else self._children).append((group, child))

    # Methods that the plugin calls then.

    def find_reserved_names(self) -> frozenset[str]:
        """Return the names that no host may have: those of all groups, and those with a meaning to Ansible."""
        return RESERVED_HOST_NAMES.union(self._groups, self._inventory.groups)

    def find_merged_groups(self) -> dict[str, list[str]]:
        """Return the groups that more than one name leads to, with these names."""
        merged = {group: sorted(names) for group, names in self._spellings.items() if len(names) > 1}
        return {group: merged[group] for group in sorted(merged)}

    def replay(self, names: t.Mapping[str, str]) -> None:
        """Fill the inventory; ``names`` has the final names of hosts by their first ones."""
        for host, variables in self.variables.items():
            self._inventory.add_host(names[host])
            for name, value in variables.items():
                self._inventory.set_variable(names[host], name, value)
        for group in self._groups:
            self._inventory.add_group(group)
        for group, host in self._members:
            self._inventory.add_host(names[host], group)
        for group, child in dict.fromkeys(self._children):
            self._inventory.add_child(group, child)
