# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A strict double of AWX's API v2: what awx.awx and awxkit call of it, with the refusals of the real one."""

from __future__ import annotations

from .server import AwxDouble

__all__ = ["AwxDouble"]
