# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Other spellings of what workspaces, queues, and members store, for the rules platform_spelling and no_rows."""

from __future__ import annotations

import copy
from collections.abc import Callable

from .model import Json
from .platform_rules import PlatformRules

_SYSTEM_TAG = {"tagKey": "acs:rm:rgId", "tagValue": "rg-acfmx"}


def _respell_workspace(row: Json) -> None:
    for key in ("dlfType", "releaseType"):
        if row.get(key):
            row[key] = row[key].upper()
    row["storage"] = str(row.get("storage") or "").rstrip("/")
    if "ramRoleName" in row:
        row["ramRoleName"] = f"acs:ram::100000000000000001:role/{row['ramRoleName'].lower()}"
    row["tags"] = [*row["tags"], _SYSTEM_TAG]


def _respell_queue(row: Json) -> None:
    row["description"] = str(row.get("description") or "").strip() or None
    row["environments"] = ["production" if name == "prod" else name for name in row["environments"]] or None


def _respell_member(row: Json) -> None:
    for role in row["roles"]:
        role["roleName"] = role["roleName"].upper()


def _respell_network(row: Json) -> None:
    row.pop("type", None)


_RESPELL: dict[str, Callable[[Json], None]] = {
    "workspaces": _respell_workspace,
    "queues": _respell_queue,
    "members": _respell_member,
    "networkServices": _respell_network,
}


def respell(rules: PlatformRules, answer: Json) -> Json:
    """Return the answer of a read as the rules spell it; it is not changed itself."""
    answer = copy.deepcopy(answer)
    for key, change in _RESPELL.items() if rules.platform_spelling == "other" else ():
        # A list of network services has a twin called queues.
        for row in answer.get(key) or [] if key != "queues" or "networkServices" not in answer else []:
            change(row)
    if rules.platform_spelling == "other" and isinstance(answer.get("workspace"), dict):
        _respell_workspace(answer["workspace"])
    if rules.no_rows == "null" and answer.get("totalCount") == 0:
        answer |= {key: None for key in _RESPELL if answer.get(key) == []}
    return answer
