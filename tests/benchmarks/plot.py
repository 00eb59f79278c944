# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Draw the measurements of fleet_cost: `python -m tests.benchmarks.plot NUMBERS.json PICTURE.svg`."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

import matplotlib as mpl

mpl.use("svg")
mpl.rcParams["svg.hashsalt"] = "fleet"
mpl.rcParams["svg.fonttype"] = "none"

from matplotlib import pyplot as plt  # noqa: E402

LATENCY = 0.05
# By the label of the benchmark: the text of the legend, and the color of the line in light and in dark mode.
LINES = {
    "no drift, the list suffices": ("the list is enough", "#0b7285", "#3bc9db"),
    "no drift, each cluster is read": ("each cluster is read", "#c2410c", "#ff922b"),
}
TEXT = ("#0f172a", "#e2e8f0")


def draw(rows: list[dict[str, Any]], target: Path) -> None:
    """Draw seconds and requests by the size of the fleet, for one latency, for narrow pages in light and dark mode."""
    figure, panels = plt.subplots(2, 1, figsize=(5, 6), layout="constrained")
    for name, (label, light, _dark) in LINES.items():
        found = sorted((row for row in rows if row["label"] == name and row["latency"] == LATENCY), key=_size)
        sizes = [row["size"] for row in found]
        seconds = [row["seconds"] - row["start_up"] for row in found]
        requests = [sum(row["requests"].values()) for row in found]
        for axes, values in zip(panels, (seconds, requests), strict=True):
            axes.plot(sizes, values, "o-", color=light, label=label)
    for axes, title in zip(panels, ("Seconds above one cluster", "Requests"), strict=True):
        axes.set_xlabel("clusters")
        axes.set_title(title)
        axes.grid(visible=True, alpha=0.3)
        axes.set_ylim(bottom=0)
        axes.patch.set_alpha(0)
        axes.legend(framealpha=0)
        axes.tick_params(colors=TEXT[0])
        for part in (axes.title, axes.xaxis.label, *axes.get_legend().get_texts(), *axes.spines.values()):
            part.set_color(TEXT[0])
    figure.patch.set_alpha(0)
    figure.savefig(target, metadata={"Date": None})
    target.write_text(in_both_modes(target.read_text(encoding="utf-8")), encoding="utf-8")


def in_both_modes(picture: str) -> str:
    """Return a picture whose colors follow the color scheme of the page."""
    colors = {"text": TEXT, **{f"line{number}": line[1:] for number, line in enumerate(LINES.values())}}
    for name, (light, _dark) in colors.items():
        picture = picture.replace(light, f"var(--{name})")
    light, dark = (";".join(f"--{name}:{pair[mode]}" for name, pair in colors.items()) for mode in (0, 1))
    style = f"<style>svg{{{light};color-scheme:light dark}}@media(prefers-color-scheme:dark){{svg{{{dark}}}}}</style>"
    style += "<style>text{fill:var(--text)}</style>"
    return re.sub(r"(<svg [^>]*>)", rf"\1{style}", picture, count=1)


def _size(row: dict[str, Any]) -> int:
    return int(row["size"])


if __name__ == "__main__":
    draw(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")), Path(sys.argv[2]))
