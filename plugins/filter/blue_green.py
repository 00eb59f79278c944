# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filters blue_green and blue_green_description: who may replace which cluster by which."""

from __future__ import annotations

import typing as t
from datetime import timedelta

from ansible.errors import AnsibleFilterError

from ansible_collections.rayops.alicloud.plugins.plugin_utils._blue_green import (
    DeploymentError,
    check_word,
    decide,
    describe,
)
from ansible_collections.rayops.alicloud.plugins.plugin_utils._office_hours import HoursError, read_moment
from ansible_collections.rayops.alicloud.plugins.plugin_utils._trust import as_text

Row = t.Mapping[str, t.Any]


def blue_green(
    clusters: t.Iterable[Row], name: str, holder: str, now: t.Any, lease_minutes: float = 60
) -> dict[str, t.Any]:
    """Return what is to be done. Raises AnsibleFilterError."""
    try:
        lease = timedelta(minutes=float(lease_minutes))
        decided = decide(clusters, str(name), str(holder), read_moment(now), lease)
    except (DeploymentError, HoursError) as error:
        raise AnsibleFilterError(f"blue_green: {error}") from None
    # Names of clusters are never templates, whatever is in them.
    return t.cast("dict[str, t.Any]", as_text(decided))


def blue_green_description(
    deployment: Row, description: t.Any = "", holder: str = "", revision: str = "", retired: bool = False
) -> str:
    """Return the description of the next successor, or of the active cluster when it retires."""
    text = str(description or "")
    try:
        if retired:
            return t.cast(str, as_text(describe(text, {"retired": True})))
        words = {
            "gen": deployment["generation"],
            "holder": check_word("the holder", str(holder)),
            "until": deployment["until"],
            "rev": check_word("the revision", str(revision)) if revision else "",
        }
        return describe(text, words)
    except DeploymentError as error:
        raise AnsibleFilterError(f"blue_green_description: {error}") from None


class FilterModule:
    """What Ansible looks for."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """Return the filters of this file."""
        return {"blue_green": blue_green, "blue_green_description": blue_green_description}
