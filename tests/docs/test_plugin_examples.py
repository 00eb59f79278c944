# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The examples in the documentation of filters run. Those of modules and of the inventory run in tests/integration."""

from __future__ import annotations

from typing import Any

import yaml

from tests.docs.examples import ExampleRunner
from tests.docs.pages import ROOT
from tests.integration.runner import Json

FILTERS = sorted(file.stem for file in (ROOT / "plugins/filter").glob("[a-z]*.py"))
INFO = "rayops.alicloud.emr_ray_cluster_info"


def documented(name: str) -> Any:
    """Return the file of a filter as a module."""
    return __import__(f"ansible_collections.rayops.alicloud.plugins.filter.{name}", fromlist=["EXAMPLES"])


def test_the_examples_of_filters_run(example_runner: ExampleRunner) -> None:
    example_runner.runner.emulator.seed("training", state="Running", spec={"description": "nightly"})
    (example_runner.folder / "title.html.j2").write_text("<h1>{{ report.totals.clusters }}</h1>")
    examples: dict[str, list[Json]] = {name: yaml.safe_load(documented(name).EXAMPLES) for name in FILTERS}
    report = "{{ [found] | rayops.alicloud.fleet_report('2026-11-22T08:00:00Z') }}"
    tasks: list[Json] = [
        {"name": "Look", INFO: {}, "register": "found"},
        {"name": "Report", "ansible.builtin.set_fact": {"report": report}},
    ]
    for name, found in examples.items():
        assert f"rayops.alicloud.{name}" in str(found)
        tasks += [{**task, "name": f"{name}: {task['name']}"} for task in found]
    played = example_runner.runner.play(tasks)
    shown = {name: played[f"{name}: {found[-1]['name']}"]["msg"] for name, found in examples.items()}
    assert [name for name, value in shown.items() if value in (None, "")] == []
    for name in ("blue_green_description", "office_hours", "schedule_plan"):
        assert shown[name] == yaml.safe_load(documented(name).RETURN)["_value"]["sample"]
