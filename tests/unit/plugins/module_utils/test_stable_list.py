# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Proofs of absence by the list: two complete readings without the resource, and nothing less."""

from __future__ import annotations

import pytest

from ansible_collections.rayops.alicloud.plugins.module_utils._api.stable_list import ListReading, proves_absence
from ansible_collections.rayops.alicloud.plugins.module_utils._errors import ApiError

UNCLEAR = ApiError("GetRayCluster", "no such thing", code="NotFound", http_status=404)
WITHOUT = ListReading([{"id": "other"}], True, "id")
WITH = ListReading([{"id": "mine"}], True, "id")
PARTIAL = ListReading([{"id": "other"}], False, "id")


@pytest.mark.parametrize(
    ("readings", "proven"),
    [
        ([WITHOUT, WITHOUT], True),
        ([WITHOUT, WITH], False),
        ([WITH], False),
        ([WITHOUT, PARTIAL], False),
        ([PARTIAL], False),
    ],
)
def test_two_complete_readings_prove_absence(readings: list[ListReading[dict[str, str]]], proven: bool) -> None:
    left = list(readings)
    assert proves_absence(UNCLEAR, "cluster", "mine", lambda: left.pop(0)) is proven
    assert left == []
