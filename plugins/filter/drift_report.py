# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter drift_report: what a check of a fleet says of drift."""

from __future__ import annotations

import re
import typing as t

from ansible.errors import AnsibleFilterError

from ansible_collections.rayops.alicloud.plugins.plugin_utils import _drift


def drift_report(
    checked: t.Mapping[str, t.Any], listed: t.Iterable[t.Mapping[str, t.Any]], pattern: str = "*"
) -> dict[str, t.Any]:
    """Return ``drifted``, ``summary``, ``clusters`` and ``undeclared``. Raises AnsibleFilterError."""
    try:
        return _drift.drift_report(checked, listed, pattern)
    except re.error as error:
        said = str(error)
    raise AnsibleFilterError(f"drift_report: {pattern!r} is no regular expression: {said}")


class FilterModule:
    """What Ansible looks for."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """Return the filters of this file."""
        return {"drift_report": drift_report}
