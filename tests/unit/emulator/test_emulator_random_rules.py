# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Random services: every one can be played, written down and played again."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given, settings

from tests.emulator import ApiError, Fault, Rules
from tests.emulator.__main__ import make_core, parser
from tests.emulator.random_rules import main, service_of, strange_faults, strange_rules, strange_services, values_of
from tests.unit.emulator.conftest import cluster_body
from tests.unit.emulator.world import W, World

# Rules that no random set changes: HTTP statuses of jobs and workspaces, and the largest page.
FIXED = {
    "unknown_job_code", "unknown_job_status", "unknown_workspace_status", "bad_token_status", "log_error_code",
    "log_url_seconds", "max_page_size", "duplicate_queue_code", "unknown_queue_code", "unknown_queue_status",
}  # fmt: skip


def test_every_other_rule_can_be_drawn() -> None:
    assert {name for name in Rules().as_dict() if values_of(name) is None} == FIXED


@given(strange_rules())
def test_a_set_of_rules_is_canonical_json(drawn: dict[str, Any]) -> None:
    rules, again = Rules(), Rules()
    rules.set(drawn)
    again.set(json.loads(json.dumps(rules.changed())))
    assert again == rules
    assert set(rules.changed()) == set(drawn)


@settings(max_examples=50)
@given(strange_rules(without=["refusals"]))
def test_a_service_keeps_its_head_under_any_rules(drawn: dict[str, Any]) -> None:
    """It answers or refuses whatever comes, and what is there is never lost by a read or a list."""
    world = World(**drawn)
    cluster_id = world.seed("Running")
    for operation, arguments in (
        ("create", (cluster_body(),)), ("update", (cluster_id, cluster_body())), ("get", (cluster_id,)),
        ("stop", (cluster_id, {})), ("start", (cluster_id, {})), ("list_page", ({"pageNum": "2", "pageSize": "1"},)),
    ):  # fmt: skip
        with contextlib.suppress(ApiError):
            getattr(world.service, operation)(W, *arguments)
        world.clock.advance(1)
    assert json.dumps(world.service.list_page(W, {}))
    assert cluster_id in world.service.workspaces[W]


@given(strange_faults())
def test_faults_can_be_queued(drawn: list[dict[str, Any]]) -> None:
    assert [Fault.of(**fault).as_dict()["kind"] for fault in drawn] == [fault["kind"] for fault in drawn]


@settings(max_examples=10)
@given(strange_services())
def test_a_service_plays_from_its_file(tmp_path_factory: pytest.TempPathFactory, drawn: dict[str, Any]) -> None:
    file = tmp_path_factory.mktemp("service") / "service.json"
    file.write_text(json.dumps(drawn), encoding="utf-8")
    core = make_core(parser().parse_args(["--rules-from", str(file)]))
    expected = Rules()
    expected.set(drawn["rules"])
    assert core.rules == expected
    assert len(core.faults.queue) == len(drawn["faults"])


def test_a_seed_gives_the_same_service_again(capsys: pytest.CaptureFixture[str]) -> None:
    main(["--seed", "7"])
    printed = capsys.readouterr().out
    assert json.loads(printed) == service_of(7)
    assert len({json.dumps(service_of(number)) for number in range(5)}) > 1
