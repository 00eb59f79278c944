# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads pages, those in Markdown and those in reStructuredText: their blocks of code, tables, links and headings."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "docs/docsite/rst"
LABELS = "ansible_collections.rayops.alicloud.docsite."

_FENCED = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_DIRECTIVE = re.compile(
    r"^( *)\.\. code-block::[ ]*(\S*)\n((?:\1[ ]+:[\w-]+:.*\n)*)\n*((?:\1[ ]+.*(?:\n|\Z)|[ ]*\n)*)", re.MULTILINE
)
_TITLE = re.compile(r"^(?!\.\. |   )(\S.*)\n([=~^\"-])\2{2,}$", re.MULTILINE)
_CODE = {".rst": r"``([^`\n]+)``", ".md": r"`([^`\n]+)`"}


@dataclass(frozen=True)
class CodeBlock:
    """A block of code on a page."""

    page: Path
    line: int
    language: str
    text: str
    # The paragraph before it.
    preceding_text: str

    @property
    def file_name(self) -> str | None:
        """Return the name of the file that the paragraph before the block says it is."""
        named = re.findall(r"`([\w./~-]+\.(?:yml|json|ini))(?=`| <)", self.preceding_text)
        return named[-1] if named and self.preceding_text.rstrip().endswith(":") else None

    def __str__(self) -> str:
        return f"{self.page.name}:{self.line}"


def guide_path(name: str) -> Path:
    """Return the page of the documentation with this name, such as fleets."""
    return FOLDER / f"guide_{name}.rst"


def _read_page(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def _dedent(text: str) -> str:
    lines = text.expandtabs().rstrip().splitlines()
    margin = min((len(line) - len(line.lstrip()) for line in lines if line.strip()), default=0)
    return "".join(f"{line[margin:]}\n" for line in lines)


def code_blocks(page: Path) -> list[CodeBlock]:
    """Return all blocks of code of a page, in their order; `yaml+jinja` is yaml."""
    text, found = _read_page(page), []
    for match in (_FENCED if page.suffix == ".md" else _DIRECTIVE).finditer(text):
        body = match[2] if page.suffix == ".md" else _dedent(match[4])
        language = match[1] if page.suffix == ".md" else match[2].removesuffix("+jinja")
        lead = text[: match.start()].rstrip().rpartition("\n\n")[2]
        found.append(CodeBlock(page, text.count("\n", 0, match.start()) + 1, language, body, lead))
    return found


def block_texts(page: Path, *languages: str) -> list[str]:
    """Return the texts of the blocks of a page in these languages."""
    return [block.text for block in code_blocks(page) if block.language in languages]


def text_without_code(page: Path) -> str:
    """Return a page without its blocks of code."""
    return (_FENCED if page.suffix == ".md" else _DIRECTIVE).sub("", _read_page(page))


def code_spans(page: Path) -> list[str]:
    """Return what a page's text has as code."""
    return re.findall(_CODE[page.suffix], text_without_code(page))


def links(page: Path) -> list[str]:
    """Return the targets of a page's links, other than those by label."""
    if page.suffix == ".md":
        return re.findall(r"\]\(([^)\s]+)\)", text_without_code(page)) + re.findall(
            r"<(https?://[^>]+)>", text_without_code(page)
        )
    text = re.sub(r":[\w:]+:`[^`]*`|``[^`]*``", "", text_without_code(page))
    images = re.findall(r"^ *\.\. (?:image|figure):: (\S+)$", text, re.MULTILINE)
    inner = re.findall(r"(?<![\w`:])`([\w ,'-]+)`_(?!_)|(?<![\w`:<])([\w-]+)_(?![\w_])|`[^`<]+ <([^>]+)_>`__", text)
    return [
        *re.findall(r"`[^`<]+<([^>]+[^_>])>`_", text),
        *images,
        *(f"#{heading_anchor(''.join(name))}" for name in inner),
    ]


def references(page: Path) -> list[str]:
    """Return the labels that a page refers to."""
    return re.findall(r":ref:`(?:[^`<]+<([^>`]+)>|[^`<]+)`", text_without_code(page))


def labels(page: Path) -> list[str]:
    """Return the labels that a page defines."""
    return re.findall(r"^\.\. _([^:\n]+):$", _read_page(page), re.MULTILINE)


def heading_anchor(heading: str) -> str:
    """Return the anchor that GitHub gives to a heading."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def heading_anchors(page: Path) -> set[str]:
    """Return the anchors that GitHub gives to a page's headings."""
    if page.suffix == ".md":
        return {heading_anchor(heading) for heading in re.findall(r"^#+ (.+)$", text_without_code(page), re.MULTILINE)}
    return {heading_anchor(title) for title, _line in _TITLE.findall(text_without_code(page))}


def table_rows(page: Path) -> list[list[str]]:
    """Return the rows of a page's tables, cell by cell, without their headers."""
    if page.suffix == ".md":
        tables = re.findall(r"^\|.*\n\|(?: *:?-+:? *\|)+\n((?:\|.*\n)+)", _read_page(page), re.MULTILINE)
        return [[cell.strip() for cell in line[1:-1].split(" | ")] for table in tables for line in table.splitlines()]
    found: list[list[str]] = []
    for table in re.findall(r"^( *)\.\. list-table::.*\n((?:\1 .*\n|\n)+)", _read_page(page), re.MULTILINE):
        margin = len(table[0]) + 3
        lines = [line[margin:] for line in table[1].splitlines()]
        header = int(("\n".join(lines).partition(":header-rows: ")[2] or "0")[:1])
        cells: list[list[str]] = []
        for line in lines:
            if line.startswith("* - "):
                cells.append([line[4:].strip()])
            elif line.startswith("* -"):
                cells.append([""])
            elif line.startswith("  -") and cells:
                cells[-1].append(line[3:].strip())
            elif line.strip() and cells:
                cells[-1][-1] += f" {line.strip()}"
        found += cells[header:]
    return found
