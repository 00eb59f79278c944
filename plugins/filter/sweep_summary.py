# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter sweep_summary: what came of a sweep."""

from __future__ import annotations

import typing as t

from ansible_collections.rayops.alicloud.plugins.plugin_utils._sweep import summary
from ansible_collections.rayops.alicloud.plugins.plugin_utils._trust import as_text

Row = t.Mapping[str, t.Any]


def sweep_summary(verdicts: t.Iterable[Row], stopped: t.Iterable[str], dry_run: bool = False) -> dict[str, t.Any]:
    """Return the summary."""
    # Names of clusters are never templates, whatever is in them.
    return t.cast("dict[str, t.Any]", as_text(summary(verdicts, stopped, bool(dry_run))))


class FilterModule:
    """What Ansible looks for."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """Return the filters of this file."""
        return {"sweep_summary": sweep_summary}
