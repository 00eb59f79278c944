# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The report: its figures, its page with hostile names, and its table."""

from __future__ import annotations

import base64
import csv
import hashlib
import html
import io
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from ansible.errors import AnsibleFilterError
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.rayops.alicloud.plugins.filter.fleet_report import fleet_report
from ansible_collections.rayops.alicloud.plugins.filter.fleet_report_csv import fleet_report_csv
from ansible_collections.rayops.alicloud.plugins.filter.fleet_report_html import fleet_report_html
from ansible_collections.rayops.alicloud.plugins.plugin_utils._report import charts as _charts
from ansible_collections.rayops.alicloud.plugins.plugin_utils._report.numbers import format_number

Json = dict[str, Any]

NOW = "2026-11-22T12:00:00Z"
TEMPLATE = (Path(__file__).parents[3] / "roles/ray_report/templates/report.html.j2").read_text(encoding="utf-8")
HOSTILE = [
    "<script>alert(1)</script>",
    "\"'><img src=x onerror=alert(1)>",
    "{{ 7 * 7 }}",
    "]]><!--",
    "=1+1",
    "\x1b[31m",
    "&amp;",
]


def cluster(number: int = 1, **changes: Any) -> Json:
    capacity = {"declared": {"cu": 10, "cpu": 10, "memory_gib": 40, "gpus": {}}}
    head = {"queue_name": "root_queue"}
    row = {"cluster_id": f"ray-{number}", "name": f"team-{number}", "state": "Running", "capacity": capacity}
    started = 1795341600000  # two hours before NOW
    return {**row, "head_spec": head, "start_time": started, "modified": False, "message": "ok", **changes}


class Page(HTMLParser):
    """The elements of a page, with the text that is in them."""

    VOID = ("meta", "br", "img", "link", "input", "hr")

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str, str | None]] = []
        self.texts: dict[str, str] = {}
        self._open: list[tuple[str, str | None]] = []
        self.feed(text)
        self.close()
        assert self._open == [], "an element is not closed"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(tag, name, value) for name, value in attrs]
        if tag not in self.VOID:
            self._open.append((tag, dict(attrs).get("id")))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(tag, name, value) for name, value in attrs]

    def handle_endtag(self, tag: str) -> None:
        if tag not in self.VOID:
            assert self._open.pop()[0] == tag

    def handle_data(self, data: str) -> None:
        for _tag, name in self._open:
            if name:
                self.texts[name] = self.texts.get(name, "") + data


def page(clusters: list[Json], **more: Any) -> Page:
    return Page(fleet_report_html(fleet_report(clusters, NOW, **more), TEMPLATE))


def check_harmless(found: Page) -> None:
    """Assert that a page runs its own script alone, loads nothing, and links to its sections and dashboards alone."""
    assert {"img", "link", "iframe", "object", "form", "base"} & set(found.tags) == set()
    assert found.tags.count("script") == 1
    for tag, name, value in found.attributes:
        assert not name.startswith("on"), (tag, name)
        assert name not in ("src", "xlink:href", "action"), (tag, name)
        assert name != "href" or (value or "").startswith(("#", "https://", "http://")), (tag, value)
        assert "javascript:" not in (value or "").lower()


MIXED = [
    cluster(1, name="big", capacity={"declared": {"cu": 40.5, "cpu": 8, "memory_gib": 162, "gpus": {"ecs.gn6i": 2}}}),
    cluster(2, state="Stopped"),
    cluster(3, state="Error", message="ImagePullBackOff"),
    cluster(4, modified=True, display_release_version="err-1.2.0"),
    cluster(5, state="Starting", start_time=None),
    cluster(6, state="Stopped", modified=True, capacity=None),
]
SWEEP = {"clusters": [{"cluster_id": "ray-4", "verdict": "stop", "reason": "idle for 90 minutes", "idle_minutes": 90}]}
DRIFT = {
    "clusters": [
        {"name": "big", "cluster_id": "ray-1", "status": "drifted", "changes": [{"field": "head_spec.cpu"}]},
        {"name": "team-2", "cluster_id": "ray-2", "status": "as_declared", "changes": []},
        {"name": "lost", "cluster_id": None, "status": "missing", "changes": []},
    ],
    "undeclared": [{"cluster_id": "ray-6", "name": "team-6"}],
}


def test_the_figures() -> None:
    report = fleet_report(MIXED, NOW, sweep=SWEEP, drift=DRIFT)
    assert report["totals"] == {
        "clusters": 6, "running": 2, "cu": 60.5, "cu_per_day": 1452.0, "idle": 1, "cu_idle": 10, "drifted": 3,
        "waiting": 1, "errors": 1,
    }  # fmt: skip
    assert [row["name"] for row in report["clusters"]][:3] == ["big", "team-4", "team-5"]
    assert [(row["state"], row["clusters"], row["cu"]) for row in report["states"]] == [
        ("Running", 2, 50.5),
        ("Starting", 1, 10),
        ("Stopped", 2, 10),
        ("Error", 1, 10),
    ]
    assert report["queues"] == [{"queue": "root_queue", "clusters": 3, "cu": 60.5}]
    by_id = {row["cluster_id"]: row for row in report["clusters"]}
    assert (by_id["ray-1"]["drift"], by_id["ray-6"]["drift"]) == ("head_spec.cpu", "not declared")
    assert (by_id["ray-1"]["uptime_hours"], by_id["ray-1"]["gpus"]) == (2.0, "2 x ecs.gn6i")
    assert (by_id["ray-3"]["message"], by_id["ray-1"]["message"]) == ("ImagePullBackOff", "")


def test_several_workspaces_share_a_page_and_have_a_bill_each() -> None:
    def sized(number: int, cores: int, gib: int) -> Json:
        return cluster(number, capacity={"declared": {"cu": 10, "cpu": cores, "memory_gib": gib, "gpus": {}}})

    first = {"clusters": [sized(1, 10, 4), cluster(2, state="Stopped")], "region": "cn-hangzhou", "workspace_id": "w-a"}
    second = {"clusters": [sized(3, 1, 40)], "region": "cn-beijing", "workspace_id": "w-b"}
    empty = {"clusters": [], "region": "cn-beijing", "workspace_id": "w-c"}
    report = fleet_report([first, second, empty], NOW)
    assert report["totals"]["cu"] == 20, "10 cores here and 40 GiB there are two bills of 10 CU"
    assert report["workspaces"] == [
        {"workspace_id": "w-a", "region": "cn-hangzhou", "clusters": 2, "cu": 10},
        {"workspace_id": "w-b", "region": "cn-beijing", "clusters": 1, "cu": 10},
        {"workspace_id": "w-c", "region": "cn-beijing", "clusters": 0, "cu": 0},
    ]
    found = page([first, second, empty])
    check_harmless(found)
    assert found.texts["where"].startswith("3 workspaces, as of ")
    assert [name in found.texts["workspaces"] for name in ("w-a", "w-b", "w-c", "cn-beijing")] == [True] * 4
    assert "w-b" in found.texts["all"]
    rows = list(csv.DictReader(io.StringIO(fleet_report_csv(report))))
    assert {row["cluster_id"]: (row["workspace_id"], row["region"]) for row in rows}["ray-3"] == ("w-b", "cn-beijing")
    alone = page([second])
    assert "workspaces" not in alone.texts
    assert "w-b" not in alone.texts["all"], "the line above says it"


def test_the_page_has_them() -> None:
    found = page(MIXED, sweep=SWEEP, drift=DRIFT)
    check_harmless(found)
    assert found.texts["cu-total"].startswith("60.5")
    assert "1,452 CU-hours a day" in found.texts["cu-total"]
    assert "ImagePullBackOff" in found.texts["errors"]
    assert "idle for 90 minutes" in found.texts["idle"]
    assert "team-4" in found.texts["waiting"]
    assert "head_spec.cpu" in found.texts["drift"]
    assert "lost" in found.texts["missing"]
    assert found.tags.count("svg") == 3
    assert "no-charts" not in found.texts
    bare = page(MIXED)
    assert "not checked" in bare.texts["idle-total"]
    assert "not compared" in bare.texts["drift-total"]


def test_a_page_about_nothing_and_one_about_a_thousand() -> None:
    nothing = page([])
    check_harmless(nothing)
    assert "The workspace has no clusters." in nothing.texts["all"]
    assert nothing.texts["clusters-total"].startswith("0")
    assert "svg" not in nothing.tags
    many = page([cluster(number, state=("Running", "Stopped")[number % 2]) for number in range(1000)])
    assert many.texts["clusters-total"].startswith("1,000")
    assert many.tags.count("tr") == 1001


def test_the_page_says_where_the_clusters_are_and_since_when_they_run() -> None:
    found = page([{"clusters": [cluster()], "region": "cn-hangzhou", "workspace_id": "w-1"}])
    assert "Region cn-hangzhou, workspace w-1, as of" in found.texts["where"]
    times = [value for tag, name, value in found.attributes if (tag, name) == ("time", "title")]
    assert times == ["2026-11-22T12:00:00+00:00", "2026-11-22T10:00:00+00:00"]
    assert "Region" not in page([cluster()]).texts["where"]


def test_the_policy_allows_the_script_of_the_page_and_no_other() -> None:
    text = fleet_report_html(fleet_report([cluster()], NOW), TEMPLATE)
    script = text.partition("<script>")[2].partition("</script>")[0]
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert (
        html.unescape(text).count(f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'") == 1
    )


@pytest.mark.parametrize(
    ("url", "link"),
    [
        ("https://ray.example.com/d?token=secret&page=1#/jobs", "https://ray.example.com/d?page=1#/jobs"),
        ("javascript:alert(1)", None),
        ("https://user:password@ray.example.com/", None),
        ("//ray.example.com/", None),
        ("https://[", None),
        (None, None),
    ],
)
def test_a_dashboard_is_linked_without_its_token(url: str | None, link: str | None) -> None:
    found = page([cluster(dashboard_url=url)])
    links = [value for tag, name, value in found.attributes if (tag, name) == ("a", "href")]
    assert links == ["#all", *([link] if link else [])]


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, ""), (0, "0"), (2.0, "2"), (1452.04, "1,452"), (1234567.25, "1,234,567.2"), (0.25, "0.2")],
)
def test_numbers_have_one_style(value: float | None, text: str) -> None:
    assert format_number(value) == text


def test_paper_gets_tables_not_the_list_of_a_phone() -> None:
    assert re.findall(r"@media ([^{]*)\(max-width", TEMPLATE) == ["screen and "]


def test_without_pygal_the_page_says_that_it_has_no_charts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_charts, "HAS_PYGAL", False)
    found = page(MIXED)
    assert "svg" not in found.tags
    assert "pygal is not installed" in found.texts["no-charts"]


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_texts_are_texts(name: str) -> None:
    row = cluster(name=name, state="Error", message=name, creator_name=name, head_spec={"queue_name": name})
    running = {**row, "cluster_id": name, "state": "Running", "modified": True, "display_release_version": name}
    odd = {**row, "cluster_id": "odd", "state": name}
    drift = {"clusters": [{"name": name, "cluster_id": None, "status": "missing"}], "undeclared": [running]}
    sweep = {"clusters": [{"cluster_id": name, "verdict": "stop", "reason": name}]}
    found = page([row, running, odd], title=name, drift=drift, sweep=sweep)
    check_harmless(found)
    assert found.tags.count("svg") == 3
    for section in ("errors", "idle", "waiting", "drift", "missing", "all"):
        assert name in found.texts[section], section


@given(st.lists(st.text(st.characters()), min_size=1, max_size=5))
def test_any_name_makes_a_page_and_a_table(names: list[str]) -> None:
    rows = [cluster(number, name=name, creator_name=name) for number, name in enumerate(names)]
    assert fleet_report_html(fleet_report(rows, NOW), TEMPLATE).encode("utf-8")
    check_harmless(page(rows))
    table = list(csv.DictReader(io.StringIO(fleet_report_csv(fleet_report(rows, NOW)))))
    assert len(table) == len(names)
    assert not any(row["name"].lstrip(" ").startswith(("=", "+", "-", "@", "\t", "\r", "\n")) for row in table)


def test_the_table() -> None:
    rows = [cluster(1, name='=HYPERLINK("x")'), cluster(2, name='plain, with "quotes"', state="Stopped")]
    text = fleet_report_csv(fleet_report(rows, NOW))
    table = list(csv.DictReader(io.StringIO(text)))
    assert [row["name"] for row in table] == ['\'=HYPERLINK("x")', 'plain, with "quotes"']
    assert (table[0]["cu"], table[0]["uptime_hours"], table[1]["uptime_hours"]) == ("10", "2.0", "")


def test_what_cannot_be_used_is_said() -> None:
    with pytest.raises(AnsibleFilterError, match="is not a time such as"):
        fleet_report([], "now")
    for template in ("{{ nothing }}", "{% if %}", "{{ ''.__class__.__mro__ }}"):
        with pytest.raises(AnsibleFilterError, match="the template of the page cannot be used"):
            fleet_report_html(fleet_report([], NOW), template)
