# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Check built pages: links within them lead to existing pages, they load only their own files, and each has a title.

usage: check_site.py FOLDER
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

# References that a browser loads, as (tag, attribute).
LOADED = {(tag, "src") for tag in ("audio", "embed", "iframe", "img", "input", "script", "source", "track", "video")}
LOADED |= {("link", "href"), ("object", "data"), ("image", "href"), ("use", "href"), ("img", "srcset")}
# Kinds of <link> that a browser does not load.
NOT_LOADED = {"canonical", "next", "prev", "search", "index", "author", "copyright"}
# Scripts make the content of these pages.
MADE = {"search.html", "genindex.html"}


class Page(HTMLParser):
    """The links, loaded files, anchors, and title of a page."""

    def __init__(self, text: str) -> None:
        """Read a page."""
        super().__init__()
        self.links: list[str] = []
        self.loads: list[str] = []
        self.anchors: set[str] = set()
        self.order: dict[str, int] = {}
        self.title = ""
        self.images_without_text = 0
        self.second_contents = 0
        self._inside = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Record the links, loaded files, and anchors of a tag."""
        given = {name: value or "" for name, value in attrs}
        self.anchors |= {given[name] for name in ("id", "name") if name in given}
        self.order.setdefault(given.get("id", ""), len(self.order))
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
        """Record the title."""
        if self._inside == "title" and not self.title:
            self.title = data.strip()


def problems(folder: Path) -> Iterator[str]:
    """Yield the problems of the pages below a folder."""
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
    """Yield the problems of a page."""
    if not page.title:
        yield "no title"
    if page.images_without_text:
        yield "an image without a text"
    if path.name.endswith("_module.html") and not (
        in_order(page, "examples", "parameters") and own_options_first(page)
    ):
        yield "the examples and the module's own options are not first"
    if page.second_contents:
        yield "a table of contents beside that of the theme, which marks it as an error"
    for target in page.loads:
        if urlsplit(target).scheme not in {"", "data"} or target.startswith("//"):
            yield f"loads {target}"
    for target in [*page.links, *page.loads]:
        if broken(path, target, pages):
            yield f"{target} leads nowhere"


def in_order(page: Page, first: str, second: str) -> bool:
    """Return whether an anchor precedes another one, if the page has both."""
    return not {first, second} <= page.anchors or page.order[first] < page.order[second]


def own_options_first(page: Page) -> bool:
    """Return whether the options of the module precede the shared ones."""
    return all(in_order(page, name, "parameter-access_key_id") for name in ("parameter-name", "parameter-state"))


def broken(path: Path, target: str, pages: dict[Path, Page]) -> bool:
    """Return whether a link to the same site is broken."""
    parts = urlsplit(target)
    if parts.scheme or parts.netloc:
        return False
    found = (path.parent / unquote(parts.path)).resolve() if parts.path else path
    if found not in pages:
        return not found.exists()
    return bool(parts.fragment) and found.name not in MADE and unquote(parts.fragment) not in pages[found].anchors


def main(folder: Path) -> int:
    """Print the problems, or the number of pages without one."""
    found = list(problems(folder.resolve()))
    for line in found:
        print(line, file=sys.stderr)
    if not found:
        print(f"{folder}/index.html: {len(list(folder.rglob('*.html')))} pages, all internal links work")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
