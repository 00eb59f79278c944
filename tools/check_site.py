# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Look at built pages: every link within them leads somewhere, none loads anything from elsewhere, each has a title.

usage: check_site.py FOLDER
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

# What a browser fetches by itself, as (tag, attribute); <a href> is followed by people only.
LOADED = {(tag, "src") for tag in ("audio", "embed", "iframe", "img", "input", "script", "source", "track", "video")}
LOADED |= {("link", "href"), ("object", "data"), ("image", "href"), ("use", "href"), ("img", "srcset")}
# Links of <link> that load nothing.
NOT_LOADED = {"canonical", "next", "prev", "search", "index", "author", "copyright"}
# These pages are made of scripts.
MADE = {"search.html", "genindex.html"}


class Page(HTMLParser):
    """What a page links to, what it loads, which anchors it has, and its title."""

    def __init__(self, text: str) -> None:
        """Read a page."""
        super().__init__()
        self.links: list[str] = []
        self.loads: list[str] = []
        self.anchors: set[str] = set()
        self.title = ""
        self.images_without_text = 0
        self.second_contents = 0
        self._inside = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what a tag links to, loads and is called."""
        given = {name: value or "" for name, value in attrs}
        self.anchors |= {given[name] for name in ("id", "name") if name in given}
        rel = set(given.get("rel", "").split())
        for name, value in given.items():
            if (tag, name) in LOADED and not (tag == "link" and rel & NOT_LOADED):
                self.loads.append(value)
            elif name == "href":
                self.links.append(value)
        self.images_without_text += tag == "img" and not given.get("alt")
        self.second_contents += "contents" in given.get("class", "").split()
        self._inside = tag

    def handle_data(self, data: str) -> None:
        """Note the title."""
        if self._inside == "title" and not self.title:
            self.title = data.strip()


def problems(folder: Path) -> Iterator[str]:
    """Yield what is wrong with the pages below a folder."""
    pages = {path: Page(path.read_text(encoding="utf-8")) for path in sorted(folder.rglob("*.html"))}
    if not pages:
        yield "there are no pages"
    for path, page in pages.items():
        yield from (f"{path.relative_to(folder)}: {what}" for what in problems_of(path, page, pages))
    for path in sorted(folder.rglob("*.css")):
        text = path.read_text(encoding="utf-8")
        found = re.findall(r"(?:url\(|@import)\s*['\"]?((?:https?:)?//[^'\")\s]+)", text)
        yield from (f"{path.relative_to(folder)}: loads {target}" for target in found)


def problems_of(path: Path, page: Page, pages: dict[Path, Page]) -> Iterator[str]:
    """Yield what is wrong with one page."""
    if not page.title:
        yield "no title"
    if page.images_without_text:
        yield "an image without a text"
    if page.second_contents:
        yield "a table of contents beside that of the theme, which marks it as an error"
    for target in page.loads:
        if urlsplit(target).scheme not in {"", "data"} or target.startswith("//"):
            yield f"loads {target}"
    for target in [*page.links, *page.loads]:
        if broken(path, target, pages):
            yield f"{target} leads nowhere"


def broken(path: Path, target: str, pages: dict[Path, Page]) -> bool:
    """Return whether a link to the same site leads nowhere."""
    parts = urlsplit(target)
    if parts.scheme or parts.netloc:
        return False
    found = (path.parent / unquote(parts.path)).resolve() if parts.path else path
    if found not in pages:
        return not found.exists()
    return bool(parts.fragment) and found.name not in MADE and unquote(parts.fragment) not in pages[found].anchors


def main(folder: Path) -> int:
    """Print what is wrong, or how much is right."""
    found = list(problems(folder.resolve()))
    for line in found:
        print(line, file=sys.stderr)
    if not found:
        print(f"{folder}/index.html: {len(list(folder.rglob('*.html')))} pages, every link within them leads somewhere")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
