# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the trust tests tried, at the end of the run: a matrix that quietly shrinks is no proof."""

from __future__ import annotations

from collections import Counter
from typing import Any


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Print how many cells each kind of trust test tried; the counts come with the reports, other processes' too."""
    cells: Counter[str] = Counter()
    for report in (*terminalreporter.getreports("passed"), *terminalreporter.getreports("failed")):
        for name, value in getattr(report, "user_properties", ()):
            if str(name).startswith("cells: ") and report.when == "call":
                cells[str(name).removeprefix("cells: ")] += int(value)
    for name, count in sorted(cells.items()):
        terminalreporter.write_line(f"{count} cells tried: {name}")
