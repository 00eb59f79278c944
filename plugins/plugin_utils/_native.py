# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Convert the arguments of a task to the form that a module receives."""

from __future__ import annotations

import typing as t
from collections.abc import Mapping, Sequence

# Results of tasks and variables of plays, which may have any type.
Row = Mapping[str, t.Any]
Record = dict[str, t.Any]


def to_native(value: t.Any) -> t.Any:
    """Return plain dicts, lists, numbers, and text for the values that Ansible's templating produced.

    A module gets its arguments as JSON, so that dates become text, and vaulted values their content.
    """
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, Mapping):
        return {str(key): to_native(item) for key, item in value.items()}
    for kind in (int, float):
        if isinstance(value, kind):
            return kind(value)
    if isinstance(value, (list, tuple, set, frozenset)) or (isinstance(value, Sequence) and not isinstance(value, str)):
        return [to_native(item) for item in value]
    return value.isoformat() if hasattr(value, "isoformat") else str(value)
