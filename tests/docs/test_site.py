# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What looks at the built pages sees what is wrong with them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools.check_site import main, problems

GOOD = """<html><head><title>Good</title><link rel="stylesheet" href="site.css"><link rel="canonical" href="https://a.b/">
</head><body id="top"><a href="other.html#there">x</a><a href="#top">y</a><a href="https://a.b/c">z</a>
<img src="data:image/png;base64,xx" alt="a picture"></body></html>"""


@pytest.fixture
def site(tmp_path: Path) -> Path:
    (tmp_path / "index.html").write_text(GOOD)
    (tmp_path / "other.html").write_text('<title>Other</title><h1 id="there">There</h1>')
    (tmp_path / "site.css").write_text("a { background: url('data:image/png;base64,xx') }")
    return tmp_path


def test_good_pages_are_good(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert list(problems(site)) == []
    assert main(site) == 0
    assert "2 pages" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("what", "said"),
    [
        ('<title>T</title><a href="gone.html">x</a>', "gone.html leads nowhere"),
        ('<title>T</title><a href="index.html#gone">x</a>', "index.html#gone leads nowhere"),
        ('<title>T</title><a href="#gone">x</a>', "#gone leads nowhere"),
        ('<title>T</title><script src="https://cdn.example/x.js"></script>', "loads https://cdn.example/x.js"),
        ('<title>T</title><link rel="stylesheet" href="//cdn.example/x.css">', "loads //cdn.example/x.css"),
        ('<title>T</title><img src="site.css">', "an image without a text"),
        ("<h1>T</h1>", "no title"),
        (
            '<title>T</title><nav class="contents" id="topics"></nav>',
            "a table of contents beside that of the theme, which marks it as an error",
        ),
    ],
)
def test_a_bad_page_is_told(site: Path, what: str, said: str) -> None:
    (site / "bad.html").write_text(what)
    assert list(problems(site)) == [f"bad.html: {said}"]
    assert main(site) == 1


@pytest.mark.parametrize("style", ["@import 'https://cdn.example/f.css';", "a { src: url(https://cdn.example/f.css) }"])
def test_a_style_sheet_that_loads_from_elsewhere_is_told(site: Path, style: str) -> None:
    (site / "site.css").write_text(style)
    assert list(problems(site)) == ["site.css: loads https://cdn.example/f.css"]


def test_no_pages_are_no_good_pages(tmp_path: Path) -> None:
    assert main(tmp_path) == 1


@pytest.mark.parametrize(
    "order",
    [
        ("parameters", "examples"),
        ("examples", "parameters", "parameter-access_key_id", "parameter-name"),
    ],
)
def test_a_module_page_in_the_wrong_order_is_reported(site: Path, order: tuple[str, ...]) -> None:
    page = site / "new_module.html"
    said = "new_module.html: the examples and the module's own options are not first"
    page.write_text("<title>T</title>" + "".join(f'<p id="{name}"></p>' for name in order))
    assert list(problems(site)) == [said]
    page.write_text("<title>T</title>" + "".join(f'<p id="{name}"></p>' for name in reversed(order)))
    assert (said in list(problems(site))) == (len(order) == 4)
