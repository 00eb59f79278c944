# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Check that the heads of the tests require Ray's own token, which newer releases of Ray enable."""

from __future__ import annotations

from typing import Any

import httpx

from tests.emulator import Emulator
from tests.emulator.ray_head import AUTHORIZATION


def test_a_head_requires_its_token(emulator: Emulator, cluster: dict[str, Any]) -> None:
    found = emulator.core.service.find(cluster["clusterId"])
    head = emulator.core.real_ray.address(found)
    assert httpx.get(f"{head}/api/jobs/", trust_env=False).status_code in (401, 403)
    assert httpx.get(f"{head}/api/jobs/", headers=AUTHORIZATION, trust_env=False).status_code == 200
