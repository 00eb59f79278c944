# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter schedule_plan: which clusters a schedule wants started and which stopped."""

from __future__ import annotations

import typing as t

from ansible.errors import AnsibleFilterError

from ansible_collections.rayops.alicloud.plugins.plugin_utils._office_hours import HoursError, read_moment
from ansible_collections.rayops.alicloud.plugins.plugin_utils._schedule import plan, read_group
from ansible_collections.rayops.alicloud.plugins.plugin_utils._trust import as_text


def schedule_plan(
    clusters: t.Iterable[t.Mapping[str, t.Any]],
    groups: t.Iterable[t.Mapping[str, t.Any]],
    now: t.Any,
    defaults: t.Mapping[str, t.Any] | None = None,
) -> list[dict[str, t.Any]]:
    """Return what each cluster of a group should be. Raises AnsibleFilterError."""
    try:
        found = [read_group(number, group, defaults or {}) for number, group in enumerate(groups)]
        # Names of clusters are never templates, whatever is in them.
        return t.cast("list[dict[str, t.Any]]", as_text(plan(clusters, found, read_moment(now))))
    except HoursError as error:
        raise AnsibleFilterError(f"schedule_plan: {error}") from None


class FilterModule:
    """What Ansible looks for."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """Return the filters of this file."""
        return {"schedule_plan": schedule_plan}
