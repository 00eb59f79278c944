# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""State that the workspace operations share: the catalog, movements that end later, tokens, and lists that lag."""

from __future__ import annotations

import copy
import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from .clock import Clock
from .discovery import Catalog
from .errors import ApiError, denied
from .faults import Fault
from .model import Json, mint
from .query import text
from .rules import Rules, Timing
from .service import RayService


@dataclass
class Ground:
    """What all of the workspace operations stand on; `orders` lists every purchase that a request asked for."""

    catalog: Catalog
    clusters: RayService
    rules: Rules
    timing: Timing
    clock: Clock
    rng: random.Random = field(default_factory=random.Random)
    moves: list[tuple[float, Callable[[], None]]] = field(default_factory=list)
    tokens: dict[tuple[str, str], Json] = field(default_factory=dict)
    orders: list[Json] = field(default_factory=list)

    def clear(self) -> None:
        """Forget movements, tokens and purchases."""
        self.moves.clear()
        self.tokens.clear()
        self.orders.clear()

    def later(self, seconds: float, act: Callable[[], None]) -> None:
        """Run `act` once the clock is `seconds` further."""
        self.moves.append((self.clock() + seconds, act))

    def settle(self) -> None:
        """Carry out the movements that are due, in their order."""
        if not self.moves:
            return
        due = sorted((move for move in self.moves if move[0] <= self.clock()), key=lambda move: move[0])
        self.moves = [move for move in self.moves if move[0] > self.clock()]
        for _time, act in due:
            act()

    def mint(self, prefix: str, length: int = 16) -> str:
        """Return a new id."""
        return f"{prefix}-{mint(self.rng, length)}"

    def once(self, operation: str, body: Any, make: Callable[[], Json]) -> Json:
        """Return the first answer again for a client token that was seen, under the rule client_tokens."""
        token = text(body, "clientToken")
        key = (operation, token)
        if token and self.rules.client_tokens == "honored" and key in self.tokens:
            return self.tokens[key]
        answer = make()
        if token:
            self.tokens[key] = answer
        return answer

    def workspace(self, workspace_id: str, *, running: bool = False) -> Json:
        """Return the row of a workspace; `running` refuses one that is not in this state."""
        row = self.catalog.workspaces.get(workspace_id)
        if row is None:
            raise ApiError(self.rules.unknown_workspace_status, None, "workspace does not exist or no permission")
        if running and row["workspaceStatus"] != "RUNNING":
            raise denied(f"workspace {workspace_id} is {row['workspaceStatus']}")
        return row

    def listed_workspace(self, workspace_id: str) -> None:
        """Refuse a list of what is in a workspace that is not there or, by the rule starting_lists, does not run."""
        self.workspace(workspace_id, running=self.rules.starting_lists == "refused")

    # Lists that are behind

    def remember(self, fault: Fault) -> None:
        """Keep what lists show now, for a stale or hiding list."""
        fault.memory["catalog"] = {
            "workspaces": {"": copy.deepcopy(list(self.catalog.workspaces.values()))},
            "queues": copy.deepcopy(self.catalog.queues),
            "networks": copy.deepcopy(self.catalog.networks),
        }
        fault.memory["listed"] = {}

    def shown(self, kind: str, owner: str, key: str, rows: Iterable[Json], modifiers: dict[str, Fault]) -> list[Json]:
        """Return the rows that a list shows: old ones under stale_list, without new ones under hide_new."""
        stale, hide = modifiers.get("stale_list"), modifiers.get("hide_new")
        result = list(rows)
        if stale:
            result = stale.memory["catalog"][kind].get(owner, [])
        if hide:
            known = {row[key] for row in hide.memory["catalog"][kind].get(owner, [])}
            result = [row for row in result if row[key] in known or not self._hidden(f"{owner}/{row[key]}", hide)]
        return result

    def _hidden(self, key: str, hide: Fault) -> bool:
        """Count a list that could have shown the new row; True while it must not."""
        listed = hide.memory["listed"].setdefault(key, {"since": self.clock(), "lists": 0})
        listed["lists"] += 1
        lists, seconds = hide.params["lists"], hide.params["seconds"]
        if lists is None and seconds is None:
            return True
        by_count = lists is not None and listed["lists"] <= lists
        return by_count or (seconds is not None and self.clock() - listed["since"] < seconds)
