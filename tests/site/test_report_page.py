# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Measure the page of the role ray_report in a browser, on phone and desktop, with hostile names and 300 clusters."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ansible_collections.rayops.alicloud.plugins.filter.fleet_report import fleet_report
from ansible_collections.rayops.alicloud.plugins.filter.fleet_report_html import fleet_report_html
from tests.site.browser import chromium, executable, problems
from tests.unit.roles.test_fleet_report import HOSTILE, NOW, TEMPLATE, Json, cluster

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.skipif(executable() is None, reason="no Chromium is installed: install it, or set CHROMIUM")

STATES = ("Running", "Starting", "Stopping", "Stopped", "Error")
QUEUE = "gpu-training-queue-hangzhou"
# Returns the states and queues whose text is on more than one line, and the tables that are wider than their frame.
BROKEN = """() => {
const lines = (node) => {
  const range = document.createRange();
  range.selectNodeContents(node);
  return new Set([...range.getClientRects()].map((box) => Math.round(box.top))).size;
};
return [
  ...[...document.querySelectorAll('.whole > span:not(.long), #where .whole, time')]
    .filter((node) => lines(node) > 1).map((node) => node.textContent),
  ...[...document.querySelectorAll('.table')]
    .filter((node) => node.scrollWidth > node.clientWidth + 1).map((node) => `table: ${node.scrollWidth}`),
]}"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


def fleet(count: int) -> list[Json]:
    return [
        cluster(
            number,
            name=f"team-{number:03}-training-of-the-nightly-model",
            state=STATES[number % 5],
            head_spec={"queue_name": QUEUE},
            creator_name="operator@example.com",
            modified=number % 10 == 0,
            message="ImagePullBackOff: registry.example.com/a-very-long-repository/image:tag",
            dashboard_url="https://ray.example.com/?token=secret",
            capacity={
                "declared": {"cu": number * 7.25, "cpu": 1200, "memory_gib": 4800, "gpus": {"ecs.gn6i-c4g1.xlarge": 8}}
            },
        )
        for number in range(count)
    ]


def hostile() -> list[Json]:
    texts = [*HOSTILE, "x" * 64, "\u202egnp.exe", "W" * 200, "\u7530" * 64, "two words " * 8]
    return [
        cluster(at, name=text, state=text if at % 2 else "Error", message=text, creator_name=text, modified=True,
                head_spec={"queue_name": text})
        for at, text in enumerate(texts)
    ]  # fmt: skip


FLEETS = {"none": [], "one": fleet(1), "many": fleet(300), "hostile": hostile()}


def write_page(folder: Path, clusters: list[Json], workspaces: int = 1) -> str:
    path = folder / "fleet.html"
    report = fleet_report(
        [
            {"clusters": clusters[at::workspaces], "region": "cn-hangzhou", "workspace_id": f"w-d2d82aa0915{at}"}
            for at in range(workspaces)
        ],
        NOW,
    )
    path.write_text(fleet_report_html(report, TEMPLATE), encoding="utf-8")
    return path.as_uri()


@pytest.mark.parametrize(("name", "workspaces"), [*((name, 1) for name in FLEETS), ("many", 3), ("hostile", 3)])
def test_the_report_can_be_read(browser: Browser, name: str, workspaces: int, tmp_path: Path) -> None:
    address = write_page(tmp_path, FLEETS[name], workspaces)
    assert problems(browser, address, root="main") == []
    page = browser.new_page()
    failures: list[str] = []
    page.on("console", lambda message: failures.append(message.text))
    page.on("pageerror", lambda error: failures.append(str(error)))
    page.on("dialog", lambda dialog: failures.append(dialog.message))
    page.goto(address)
    for width in (390, 1280):
        page.set_viewport_size({"width": width, "height": 844})
        assert page.evaluate(BROKEN) == [], width
    page.close()
    assert failures == []


def test_rows_can_be_filtered_sorted_and_jumped_to(browser: Browser, tmp_path: Path) -> None:
    context = browser.new_context(timezone_id="Asia/Shanghai", viewport={"width": 1280, "height": 844})
    page = context.new_page()
    page.goto(write_page(tmp_path, fleet(300)))
    rows = page.locator("#all tbody tr")
    page.get_by_label("Filter").fill("team-01 running")
    assert rows.locator("visible=true").count() == 2
    assert page.locator("#all .count").text_content() == "2 of 300"
    page.get_by_label("Filter").fill("")
    page.locator("#all thead button", has_text="CU").click()
    assert "team-299" in str(rows.first.text_content())
    page.locator("#all thead button", has_text="CU").click()
    assert "team-000" in str(rows.first.text_content())
    page.get_by_label("Sort all by").select_option(label="State")
    assert page.locator("#all [aria-sort=ascending]").text_content() == "State"
    assert "Error" in str(rows.first.text_content())
    time = page.locator("#where time")
    assert (time.text_content(), time.get_attribute("title")) == ("2026-11-22 20:00", "2026-11-22T12:00:00+00:00")
    page.set_viewport_size({"width": 390, "height": 844})
    page.get_by_role("link", name="All clusters").click()
    top = page.locator("#all h2").evaluate("node => node.getBoundingClientRect().top")
    assert page.locator("nav").evaluate("node => node.getBoundingClientRect().bottom") <= top < 400
    context.close()


def test_a_cluster_is_one_row_on_paper(browser: Browser, tmp_path: Path) -> None:
    page = browser.new_page()
    # A4 in landscape with margins of 10 mm.
    page.set_viewport_size({"width": 1047, "height": 718})
    page.emulate_media(media="print")
    page.goto(write_page(tmp_path, fleet(20)))
    assert page.evaluate(BROKEN) == []
    tops = page.locator(".tiles > div").evaluate_all("nodes => nodes.map((node) => node.getBoundingClientRect().top)")
    assert len(set(tops)) == 1
    assert page.locator("nav").is_hidden()
    rows = page.locator("#all tbody tr")
    assert rows.first.evaluate("node => getComputedStyle(node).display") == "table-row"
    heights = rows.evaluate_all("nodes => nodes.map((node) => node.getBoundingClientRect().height)")
    assert max(heights) < 30, "one line"
    page.close()
