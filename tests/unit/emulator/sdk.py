# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The official SDK, pointed at the emulator."""

from __future__ import annotations

from typing import Any

from alibabacloud_emr_serverless_spark20230808.client import Client as SdkClient  # type: ignore[import-untyped]
from alibabacloud_tea_openapi.models import Config  # type: ignore[import-untyped]

from tests.emulator import Emulator


def make_sdk(emulator: Emulator, **changes: Any) -> SdkClient:
    """Return a client with the emulator's key; `changes` go to its Config."""
    options = {
        "access_key_id": emulator.access_key_id,
        "access_key_secret": emulator.access_key_secret,
        "endpoint": emulator.endpoint,
        "protocol": "http",
        "region_id": "cn-hangzhou",
    }
    return SdkClient(Config(**(options | changes)))
