# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Open pages in a headless Chromium, and measure what a reader cannot see or reach."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Browser

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")

# Returns one line for each problem of the page: what is outside the window, cut, or without contrast.
MEASURE = r"""
(root) => {
  const problems = [];
  const width = document.documentElement.clientWidth;
  const start = (node) => (node.textContent || '').trim().slice(0, 40);
  const name = (node) => `${node.tagName.toLowerCase()}.${node.className} "${start(node)}"`;
  const whole = document.documentElement.scrollWidth;
  if (whole > width) problems.push(`the page scrolls sideways: ${whole}`);
  const scrolls = (node) => {
    for (let up = node.parentElement; up && up !== document.body; up = up.parentElement)
      if (['auto', 'scroll'].includes(getComputedStyle(up).overflowX) && up.scrollWidth > up.clientWidth)
        return up.getBoundingClientRect().right <= width + 1;
    return false;
  };
  const visible = (node) => node.checkVisibility() && node.getBoundingClientRect().width > 0;
  const content = document.querySelector(root) || document.body;
  for (const node of content.querySelectorAll('*')) {
    if (!visible(node) || node.closest('svg')) continue;
    const box = node.getBoundingClientRect();
    if ((box.right > width + 1 || box.left < -1) && !scrolls(node)) problems.push(`outside the window: ${name(node)}`);
  }
  for (const image of content.querySelectorAll('img')) {
    const box = image.getBoundingClientRect();
    if (!image.complete || !image.naturalWidth) problems.push(`an image that does not load: ${image.src}`);
    if (box.right > width + 1) problems.push(`an image that is cut: ${image.src}`);
    const figure = image.closest('figure');
    if (figure && !figure.querySelector('figcaption')) problems.push(`a figure without a caption: ${image.src}`);
  }
  for (const table of content.querySelectorAll('table')) {
    const frame = table.closest('.table-wrapper');
    if (frame && visible(table) && frame.scrollWidth > frame.clientWidth + 1 && width < 800)
      problems.push(`a table that is wider than its frame: ${name(table)}`);
  }
  const channel = (value) => { const c = value / 255; return c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4; };
  const numbers = (color) => (color.match(/[\d.]+/g) || []).map(Number);
  const luminance = (color) => {
    const [r, g, b] = numbers(color);
    return 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
  };
  const background = (node) => {
    for (let up = node; up; up = up.parentElement) {
      const color = getComputedStyle(up).backgroundColor, parts = numbers(color);
      if (parts.length < 4 || parts[3] > 0.9) return color;
    }
    return 'rgb(255, 255, 255)';
  };
  for (const node of content.querySelectorAll('p, li, td, th, h1, h2, h3, code, a, dt, dd, figcaption')) {
    const says = [...node.childNodes].some((child) => child.nodeType === 3 && child.textContent.trim());
    if (!visible(node) || !says) continue;
    const [one, two] = [luminance(getComputedStyle(node).color), luminance(background(node))].sort((a, b) => b - a);
    const contrast = (one + 0.05) / (two + 0.05);
    if (contrast < 4.5 && !node.closest('.headerlink')) problems.push(`contrast ${contrast.toFixed(1)}: ${name(node)}`);
  }
  return [...new Set(problems)];
}
"""


def executable() -> str | None:
    """Return the path of an installed Chromium, or None. The variable CHROMIUM takes precedence."""
    return os.environ.get("CHROMIUM") or next((path for path in map(shutil.which, NAMES) if path), None)


@contextmanager
def chromium() -> Iterator[Browser]:
    """Yield a headless browser."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable(), args=["--no-sandbox"])
        try:
            yield browser
        finally:
            browser.close()


def problems(browser: Browser, url: str, *, root: str = "article", width: int | None = None) -> list[str]:
    """Return the problems of a page, on a phone and on a desktop, in light and in dark mode; or at one width only."""
    page = browser.new_page()
    requested: list[str] = []
    page.on("request", lambda request: requested.append(request.url))
    found: list[str] = []
    try:
        page.goto(url)
        for wide in (390, 1280) if width is None else (width,):
            page.set_viewport_size({"width": wide, "height": 844})
            for scheme in ("light", "dark"):
                page.emulate_media(color_scheme=scheme)
                found += [f"{wide} px, {scheme}: {problem}" for problem in page.evaluate(MEASURE, root)]
    finally:
        page.close()
    return [*found, *(f"loads {address}" for address in requested if not address.startswith(("file:", "data:")))]
