# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""The collection's version, for the user agent: galaxy.yml does not travel with a module.

Private to this collection.
"""

from __future__ import annotations

VERSION = "1.0.0"
