# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run the demo, and write its output as an SVG that plays like a terminal.

usage: record_demo.py FILE

The picture is one block of text that moves up behind a window, so it is small and needs no script. If the
browser asks for reduced motion, it shows only the last screen.
"""

from __future__ import annotations

import html
import os
import re
import subprocess
import sys
from itertools import accumulate
from pathlib import Path

ROOT = Path(__file__).parents[1]
COLUMNS, ROWS = 92, 22
CHARACTER, LINE, MARGIN, BAR = 8, 18, 14, 28
# Seconds before a line appears, by its first characters. The real run is faster than anyone reads.
PAUSES = {"TASK": 0.6, "PLAY": 0.8, "--- before": 0.5}
SHORT, LAST = 0.06, 5.0
COLORS = {"ok:": "ok", "changed:": "changed", "TASK": "task", "PLAY": "task", "$": "task", "-": "minus", "+": "plus"}


def recorded() -> list[str]:
    """Return the lines that `make demo` prints, with the random id of the cluster replaced."""
    command = [str(ROOT / "tools/demo.sh")]
    surroundings = {**os.environ, "ANSIBLE_NOCOLOR": "1", "PYTHONUNBUFFERED": "1"}
    done = subprocess.run(
        command, cwd=ROOT, env=surroundings, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=True
    )
    text = re.sub(r"\bray-[a-z0-9]{16}\b", "ray-k7nm8ahl5te4tg91", done.stdout)
    text = re.sub(r" \*{3,}$", "", text, flags=re.MULTILINE)
    return ["$ make demo", *(line.rstrip() for line in text.splitlines())]


def shortened(line: str) -> str:
    """Return a line as wide as the window at most."""
    return line if len(line) <= COLUMNS else f"{line[: COLUMNS - 1]}…"


def times(lines: list[str]) -> list[float]:
    """Return for each line the second at which it appears."""
    pauses = (next((pause for start, pause in PAUSES.items() if line.startswith(start)), SHORT) for line in lines)
    return list(accumulate(pauses))


def picture(lines: list[str]) -> str:
    """Return an SVG in which the lines appear one after another."""
    shown = [shortened(line) for line in lines]
    at = times(shown)
    total = at[-1] + LAST
    # Line i is in view once the text has moved up by i lines: it starts below the window.
    frames = "".join(
        f"{100 * when / total:.2f}%{{transform:translateY({-LINE * number}px)}}" for number, when in enumerate(at, 1)
    )
    width, height = 2 * MARGIN + CHARACTER * COLUMNS, BAR + 2 * MARGIN + LINE * ROWS
    bottom = BAR + MARGIN + LINE * ROWS
    text = "".join(row(line, bottom + LINE * number - 5) for number, line in enumerate(shown, 1) if line)
    last = -LINE * len(shown)
    return f"""<!--
Copyright (c) 2026, The rayops.alicloud authors
GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
SPDX-License-Identifier: GPL-3.0-or-later
Made by tools/record_demo.py.
-->
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" aria-label="A recording of make demo">
<style>
text {{ font: 13px ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; fill: #c9d1d9; white-space: pre; }}
.ok {{ fill: #7ee787; }} .changed {{ fill: #f2cc60; }} .task {{ fill: #fff; font-weight: 700; }}
.minus {{ fill: #ffa198; }} .plus {{ fill: #7ee787; }}
#lines {{ transform: translateY({last}px); animation: play {total:.1f}s step-end infinite; }}
@keyframes play {{ 0%{{transform:translateY(0)}}{frames} }}
@media (prefers-reduced-motion: reduce) {{ #lines {{ animation: none; }} }}
</style>
<clipPath id="window"><rect x="0" y="{BAR}" width="{width}" height="{height - BAR - MARGIN}"/></clipPath>
<rect width="{width}" height="{height}" rx="8" fill="#0d1117"/>
<circle cx="18" cy="15" r="5" fill="#ff5f57"/>
<circle cx="36" cy="15" r="5" fill="#febc2e"/>
<circle cx="54" cy="15" r="5" fill="#28c840"/>
<g clip-path="url(#window)"><g id="lines">{text}</g></g>
</svg>
"""


def row(line: str, bottom: int) -> str:
    """Return a line as SVG, above this coordinate."""
    return f'<text class="{color(line)}" x="{MARGIN}" y="{bottom}">{html.escape(line, quote=False)}</text>'


def color(line: str) -> str:
    """Return the class of a line."""
    return next((name for start, name in COLORS.items() if line.startswith(start)), "plain")


def main(target: Path) -> None:
    """Record the demo and write the picture."""
    target.write_text(picture(recorded()), encoding="utf-8")
    print(f"{target}: {target.stat().st_size // 1024} KiB")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
