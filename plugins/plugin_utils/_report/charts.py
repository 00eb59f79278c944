# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Draw small charts for a page, if pygal is installed."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from .._native import Row
from .numbers import format_number

try:
    import pygal
    from pygal.style import Style
except ImportError:
    HAS_PYGAL = False
else:
    HAS_PYGAL = True

SVG_NAMESPACE = "http://www.w3.org/2000/svg"
_MAX_BARS = 10
_MAX_LABEL_LENGTH = 24


def build_charts(report: Row) -> list[dict[str, str]]:
    """Return charts of a report, each with ``title`` and ``svg``; empty without pygal, or without data."""
    if not HAS_PYGAL:
        return []
    top = [row for row in report["clusters"] if row["consumes"] and row["cu"]][:_MAX_BARS]
    chart_data = [
        ("Clusters by state", "states", [(row["state"], row["clusters"]) for row in report["states"]]),
        ("CU in use by queue", "queues", [(row["queue"], row["cu"]) for row in report["queues"]][:_MAX_BARS]),
        ("CU in use, largest clusters", "largest", [(row["name"], row["cu"]) for row in top]),
    ]
    return [{"title": title, "svg": _draw_bars(title, name, bars)} for title, name, bars in chart_data if bars]


def _draw_bars(title: str, name: str, bars: list[tuple[str, float]]) -> str:
    # Colors come from the page, so that they follow its theme.
    style = Style(
        background="transparent",
        plot_background="transparent",
        foreground="currentColor",
        foreground_strong="currentColor",
        foreground_subtle="currentColor",
        colors=("#4f7cdb",),
        value_colors=("currentColor",),
        font_family="inherit",
        label_font_size=14,
        major_label_font_size=14,
        value_font_size=14,
    )
    chart = pygal.HorizontalBar(
        style=style,
        js=(),
        width=480,
        height=60 + 28 * len(bars),
        show_legend=False,
        print_values=True,
        show_x_labels=False,
        show_y_guides=False,
        margin=4,
        disable_xml_declaration=True,
        value_formatter=format_number,
    )
    chart.uuid = name
    # The first bar is drawn at the bottom.
    chart.x_labels = [_shorten_label(label) for label, value in reversed(bars)]
    chart.add(title, [value for label, value in reversed(bars)])
    return _sanitize_svg(chart.render(is_unicode=True), title)


def _shorten_label(label: str) -> str:
    printable_label = "".join(mark if mark.isprintable() else " " for mark in label) or "(none)"
    return (
        printable_label
        if len(printable_label) <= _MAX_LABEL_LENGTH
        else printable_label[: _MAX_LABEL_LENGTH - 1] + "\u2026"
    )


def _sanitize_svg(text: str, title: str) -> str:
    """Return a drawing for a page: without scripts and comments, and with a name for those who cannot see it."""
    ET.register_namespace("", SVG_NAMESPACE)
    # Made by pygal a moment ago, from labels that it has escaped.
    root = ET.fromstring(text)  # noqa: S314
    for parent in list(root.iter()):
        for child in list(parent):
            if child.tag == f"{{{SVG_NAMESPACE}}}script":
                parent.remove(child)
    root.set("role", "img")
    root.set("aria-label", title)
    return ET.tostring(root, encoding="unicode")
