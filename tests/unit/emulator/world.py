# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The pure service on a frozen clock, for tests of rules."""

from __future__ import annotations

import random
from typing import Any

import pytest

from tests.emulator import ApiError, Clock, RayService, Rules, Timing

W = "w-emulator"


class World:
    """A service on a frozen clock, with the rules of one test."""

    def __init__(self, **rules: Any) -> None:
        self.clock = Clock(frozen=True, start=1_000_000.0)
        self.rules = Rules()
        self.rules.set(rules)
        self.service = RayService(rules=self.rules, timing=Timing(1, 1, 1), clock=self.clock, rng=random.Random(1))

    def create(self, body: dict[str, Any]) -> str:
        return str(self.service.create(W, body)["clusterId"])

    def get(self, cluster_id: str) -> dict[str, Any]:
        return self.service.get(W, cluster_id)

    def seed(self, state: str = "Stopped", **options: Any) -> str:
        return self.service.seed("one", state=state, **options)[0]

    def refused(self, operation: str, *arguments: Any) -> ApiError:
        with pytest.raises(ApiError) as caught:
            getattr(self.service, operation)(W, *arguments)
        return caught.value
