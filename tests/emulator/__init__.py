# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A faithful local server of the EMR Serverless Spark Ray API; see docs/docsite/rst/guide_emulator.rst."""

from __future__ import annotations

from .clock import Clock
from .errors import ApiError
from .faults import Fault
from .rules import Rules, Timing
from .server import Emulator
from .service import RayService
from .signature import Account

__all__ = ["Account", "ApiError", "Clock", "Emulator", "Fault", "RayService", "Rules", "Timing"]
