# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Draws what fleet_cost measured: `python -m tests.benchmarks.plot NUMBERS.json PICTURE.svg`."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import matplotlib as mpl

mpl.use("svg")
mpl.rcParams["svg.hashsalt"] = "fleet"
mpl.rcParams["svg.fonttype"] = "none"

from matplotlib import pyplot as plt  # noqa: E402

LATENCY = 0.05
COLOURS = {"no drift, the list suffices": "#0b7285", "no drift, each cluster is read": "#c2410c"}


def draw(rows: list[dict[str, Any]], target: Path) -> None:
    """Draw seconds and requests against the size of the fleet, for one latency."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.6), layout="constrained")
    for label, colour in COLOURS.items():
        found = sorted((row for row in rows if row["label"] == label and row["latency"] == LATENCY), key=_size)
        sizes = [row["size"] for row in found]
        cost = [row["seconds"] - row["start_up"] for row in found]
        left.plot(sizes, cost, "o-", color=colour, label=label)
        right.plot(sizes, [sum(row["requests"].values()) for row in found], "o-", color=colour, label=label)
    for axes, what in ((left, "seconds above one cluster"), (right, "requests")):
        axes.set_xlabel("clusters")
        axes.set_title(what, fontsize=10)
        axes.grid(visible=True, alpha=0.3)
        axes.legend(fontsize=8)
        axes.set_ylim(bottom=0)
    figure.savefig(target, metadata={"Date": None})


def _size(row: dict[str, Any]) -> int:
    return int(row["size"])


if __name__ == "__main__":
    draw(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")), Path(sys.argv[2]))
