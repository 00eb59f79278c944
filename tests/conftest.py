# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keep every test run apart from the developer's own account, settings and collections."""

from __future__ import annotations

import os
from pathlib import Path

from hypothesis import settings

ROOT = Path(__file__).parent.parent


def _isolate() -> None:
    """Make a bare `pytest` see what the Makefile sets, and drop credentials: a test must never reach a real account."""
    for name in list(os.environ):
        # tools/coverage.sh sets the exception.
        if name.startswith(("ALIBABA_CLOUD_", "ALICLOUD_", "ANSIBLE_")) and not name.startswith("ANSIBLE_WORKER_"):
            del os.environ[name]
    os.environ["ALIBABA_CLOUD_ECS_METADATA_DISABLED"] = "true"
    os.environ["ANSIBLE_CONFIG"] = str(ROOT / "ansible.cfg")
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)


_isolate()
# A slow machine is no failed test, so no deadline; and the same examples for everyone in continuous integration.
settings.register_profile("house", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") else "house")
