# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The plays and the command of the page about AWX do what it says."""

from __future__ import annotations

import json
import re
import shlex
import textwrap

import pytest
import yaml

from tests.awx.run.definitions import read_variables
from tools import awx_files

from .conftest import ROOT, RoleHarness

PAGE = (ROOT / "docs/docsite/rst/guide_awx.rst").read_text(encoding="utf-8")
README = (ROOT / "roles/awx_setup/README.md").read_text(encoding="utf-8")
PLAYS = {
    yaml.safe_load(text)[0]["name"]: text
    for text in [
        *(textwrap.dedent(block) for block in re.findall(r"code-block:: yaml\+jinja\n\n((?:   .*\n|\n)+)", PAGE)),
        *re.findall(r"^```yaml\n(.*?)^```", README, re.MULTILINE | re.DOTALL),
    ]
}
# What a user adds on the command line wins over the play: fewer objects take less time.
LESS = [
    *("-e", "awx_setup_poll_interval=0", "-e", "awx_setup_workflow=false"),
    *("-e", '{"awx_setup_credential_kinds": ["access_key"]}'),
]
FIRST = "Set up AWX for Ray clusters"
HOURS = '{"awx_setup_templates": ["office_hours", "report"]}'


def test_the_play_of_the_page_sets_awx_up_and_the_last_one_removes_it(harness: RoleHarness) -> None:
    play = re.search(r"In ``awx.yml``:\n\n.. code-block:: yaml\+jinja\n\n((?:   .*\n|\n)+)", PAGE)
    assert play
    harness.more_env = {"RAY_ACCESS_KEY_ID": "LTAI-planted", "RAY_ACCESS_KEY_SECRET": "planted-secret"}
    run = harness.play(textwrap.dedent(play[1]), *LESS, "-e", '{"awx_setup_templates": ["doctor"]}')
    assert run.changed
    assert "Launch the template Ray - doctor first" in run.message
    assert harness.names("job_templates") == ["Ray - doctor"]
    assert harness.double.named("credentials")["Ray - production"]["inputs"]["access_key_secret"] == "planted-secret"
    assert harness.play(PLAYS["Remove Ray clusters from AWX"], *LESS).changed
    assert harness.names("job_templates") == harness.names("inventories") == []


def test_the_play_with_hours_makes_them(harness: RoleHarness) -> None:
    assert harness.play(PLAYS["Set up AWX for Ray clusters with office hours"], *LESS, "-e", HOURS).changed
    made = harness.double.named("schedules")
    assert (
        made["Ray - office hours"]["rrule"]
        == "DTSTART;TZID=Europe/Berlin:20260101T000000 RRULE:FREQ=MINUTELY;INTERVAL=10"
    )
    assert made["Ray - office hours"]["extra_data"]["rayops_timezone"] == "Europe/Berlin"
    assert all(schedule["enabled"] for schedule in made.values())
    hours, report = (
        read_variables(key, json.loads(harness.double.store.fire(made[name])["extra_vars"]))
        for key, name in (("office_hours", "Ray - office hours"), ("report", "Ray - report in the morning"))
    )
    assert (hours["patterns"], hours["weekdays"], hours["weekends"]) == (["team-*"], ["08:00-19:00"], [])
    assert report["artifacts"] == ["csv"]


@pytest.mark.parametrize("name", [FIRST, "Set up AWX for Ray clusters with your own playbooks"])
def test_the_variables_of_the_other_plays_are_those_of_the_role(harness: RoleHarness, name: str) -> None:
    """They are checked before the login, which is let fail here: what would follow has its tests."""
    harness.login["CONTROLLER_OAUTH_TOKEN"] = "wrong"
    run = harness.play(PLAYS[name])
    assert "rejects this login" in run.message


def test_the_first_command_of_the_page_runs_the_role(harness: RoleHarness) -> None:
    """As far as the organization, so that this takes less time: the next steps have their tests."""
    (command,) = re.findall(r"^   (ansible-playbook rayops.alicloud.awx_setup .*)$", PAGE, re.MULTILINE)
    run = harness.command(*shlex.split(command), "-e", "awx_setup_organization=Nobody")
    assert "no organization Nobody" in run.message


def test_the_commands_of_the_page_import_the_files(harness: RoleHarness) -> None:
    awx_files.write(harness.folder / "extensions/awx")
    commands = re.findall(r"^ +(awx import < \S+)$", PAGE, re.MULTILINE)
    assert len(commands) == 2
    run = harness.command("bash", "-ec", "\n".join(commands))
    assert run.code == 0, run.output
    assert len(harness.names("job_templates")) == 15
    assert harness.names("workflow_job_template_nodes") == ["blue_green", "doctor", "report"]
