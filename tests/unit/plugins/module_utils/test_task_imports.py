# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the start of a task imports, and what it leaves alone."""

from __future__ import annotations

import subprocess
import sys

TRANSPORT = "ansible_collections.rayops.alicloud.plugins.module_utils._api.transport"


def test_the_command_line_of_httpx_stays_out() -> None:
    code = (
        f"import sys, {TRANSPORT} as ours; print(ours.HAS_HTTPX, 'httpx._main' in sys.modules, 'rich' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout.split() == ["True", "False", "False"], done.stderr
