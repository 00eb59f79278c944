# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Render and validate the options of the inventory plugin: Ansible does neither with options from the file."""

from __future__ import annotations

import re
import typing as t
from collections.abc import Mapping

from ansible.errors import AnsibleError, AnsibleParserError
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ..module_utils._argspec.common import COMMON_OPTIONS
from ..module_utils._argspec.common import Options as Spec
from ..module_utils._argspec.inventory import INVENTORY_FILTER_OPTIONS, INVENTORY_WORKSPACE_OPTIONS
from ..module_utils._inventory.reader import InventoryQuery
from ._native import to_native

# Jinja2 conditions: they are evaluated for each host, and not rendered when the file is read.
_CONDITION_FILTERS = ("include", "exclude")


class InventoryOptions:
    """The options in a file. Raises AnsibleParserError that names the invalid option."""

    def __init__(
        self,
        config: Mapping[str, t.Any],
        defined: t.Container[str],
        get: t.Callable[[str], t.Any],
        render: t.Callable[[t.Any], t.Any],
    ) -> None:
        """Take the file, the options that exist, how to get one of them, and how to render a template."""
        self._get, self._render = get, render
        # A filter with an invalid name would silently not apply.
        unknown = sorted(str(name) for name in config if name not in defined)
        if unknown:
            raise AnsibleParserError(f"{', '.join(unknown)}: is not an option of the plugin")
        filters = get("filters") or {}
        self.include, self.exclude = (_read_conditions(name, filters.get(name)) for name in _CONDITION_FILTERS)
        self.prefix = str(get("hostvars_prefix") or "")
        if not re.fullmatch(r"([A-Za-z_][A-Za-z0-9_]*)?", self.prefix):
            raise AnsibleParserError("hostvars_prefix: a variable name cannot start with it")
        self.host_names: list[str] = list(get("hostnames") or ())
        self.connection = {name: self._render_value(name, get(name)) for name in COMMON_OPTIONS}
        self.query = self._build_query(filters)

    def _build_query(self, filters: Mapping[str, t.Any]) -> InventoryQuery:
        simple = {name: value for name, value in filters.items() if name not in _CONDITION_FILTERS}
        workspaces = self._render_value("workspaces", self._get("workspaces")) or []
        return InventoryQuery(
            workspaces=[
                _validate_options("workspaces", workspace, INVENTORY_WORKSPACE_OPTIONS) for workspace in workspaces
            ],
            regions=self._render_value("regions", self._get("regions")) or [],
            filters=_validate_options("filters", self._render_value("filters", simple), INVENTORY_FILTER_OPTIONS),
            details=bool(self._get("details")),
            strict=bool(self._get("strict_permissions")),
        )

    def _render_value(self, option: str, value: t.Any) -> t.Any:
        """Return a value as plain data, its templates rendered."""
        try:
            return to_native(self._render(value))
        except AnsibleError as error:
            said = str(error)
        raise AnsibleParserError(f"{option}: {said}")


def _read_conditions(name: str, given: t.Any) -> list[str]:
    """Return conditions exactly as written in the file: since ansible-core 2.19, a copy would not be a template."""
    conditions = [] if given is None else given if isinstance(given, list) else [given]
    if not all(isinstance(condition, str) for condition in conditions):
        raise AnsibleParserError(f"filters.{name}: must be a list of conditions")
    return conditions


def _validate_options(option: str, given: t.Any, spec: Spec) -> dict[str, t.Any]:
    if not isinstance(given, dict):
        raise AnsibleParserError(f"{option}: must be a mapping or a list of mappings")
    validation = ArgumentSpecValidator(spec).validate(given)  # type: ignore[no-untyped-call]
    if validation.error_messages:
        raise AnsibleParserError(f"{option}: {'; '.join(validation.error_messages)}")
    return dict(validation.validated_parameters)
