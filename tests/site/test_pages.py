# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Check every page of the built site in a browser, on a phone and on a desktop, in light and in dark mode.

`make docs` builds the site and runs these tests.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.site.browser import chromium, executable, problems

if TYPE_CHECKING:
    from playwright.sync_api import Browser

SITE = Path(__file__).parents[2] / ".build/docs/html"
PAGES = sorted(str(path.relative_to(SITE)) for path in SITE.rglob("*.html"))

pytestmark = pytest.mark.skipif(executable() is None, reason="no Chromium is installed: install it, or set CHROMIUM")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


def test_there_are_pages() -> None:
    assert len(PAGES) >= 40, "run `make docs` first"


@pytest.mark.parametrize("page", PAGES)
def test_a_page_can_be_read(browser: Browser, page: str) -> None:
    assert problems(browser, (SITE / page).as_uri()) == []


BAD = {
    "the page scrolls sideways": '<pre style="overflow: visible">' + "x" * 400 + "</pre>",
    "outside the window": '<p style="position: relative; left: 300px">moved</p>',
    "an image that does not load": '<img src="none.png" alt="">',
    "a figure without a caption": '<figure><img src="data:image/gif;base64,R0lGODlhAQABAAAAACw=" alt=""></figure>',
    "a table that is wider": '<div class="table-wrapper" style="overflow-x: auto"><table><td>'
    + "x" * 200
    + "</table></div>",
    "contrast": '<p style="color: #bbb">pale</p>',
    "loads http://127.0.0.1:9/": '<script src="http://127.0.0.1:9/x.js"></script>',
}


@pytest.mark.parametrize("problem", BAD)
def test_a_bad_page_is_reported(browser: Browser, problem: str, tmp_path: Path) -> None:
    page = tmp_path / "bad.html"
    page.write_text(f"<body style='background: #fff'><article>{BAD[problem]}</article>", encoding="utf-8")
    assert any(problem in found for found in problems(browser, page.as_uri(), width=390))
