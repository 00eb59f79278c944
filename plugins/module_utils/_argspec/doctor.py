# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""The options of emr_ray_doctor, as plain data."""

from __future__ import annotations

from .common import COMMON_OPTIONS, Options

DOCTOR: Options = {"fail_on_problem": {"type": "bool", "default": False}, **COMMON_OPTIONS}
