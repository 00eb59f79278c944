# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter sweep_verdicts: which running clusters may be stopped because they are idle or expired."""

from __future__ import annotations

import typing as t

from ansible.errors import AnsibleFilterError

from ansible_collections.rayops.alicloud.plugins.plugin_utils._office_hours import HoursError
from ansible_collections.rayops.alicloud.plugins.plugin_utils._sweep import read_sweep, verdicts
from ansible_collections.rayops.alicloud.plugins.plugin_utils._trust import as_text

Row = t.Mapping[str, t.Any]


def sweep_verdicts(
    clusters: t.Iterable[Row], options: Row, looks: t.Iterable[Row] | None = None, service: Row | None = None
) -> list[Row]:
    """Return a verdict on each cluster that runs. Raises AnsibleFilterError."""
    try:
        sweep = read_sweep(options)
    except HoursError as error:
        raise AnsibleFilterError(f"sweep_verdicts: {error}") from None
    # Names of clusters are never templates, whatever is in them.
    return t.cast("list[Row]", as_text(verdicts(clusters, sweep, looks, service)))


class FilterModule:
    """What Ansible looks for."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """Return the filters of this file."""
        return {"sweep_verdicts": sweep_verdicts}
