# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Under any rules of the emulator the probe finds these rules, or says that a question is open."""

from __future__ import annotations

import json
from dataclasses import fields

import pytest

from tests.emulator.random_rules import service_of
from tests.emulator.rules import Rules
from tests.unit.probe.harness import ProbeHarness, found_rules, wrong_rules
from tests.unit.scenarios.specs import Json

# One rule that is not at its default, and that the probe has to find.
SINGLE: list[Json] = [
    *({rule.name: value} for rule in fields(Rules) for value in rule.metadata.get("choices", ())[1:]
      if rule.name in ("created", "update", "update_while_running", "update_while_moving", "delete_while_running",
                       "delete_takes", "unique_names", "worker_extra_param", "redis_password", "nulls", "defaults",
                       "start_when_running", "stop_when_stopped", "sizes", "worker_order", "env_newline", "list_order",
                       "error_style", "modified_flag", "cpu_format", "memory_format", "integers", "booleans", "times",
                       "env_format", "extra_param_format", "worker_type", "idle_timeout", "empty_values", "state_case",
                       "list_shuffle", "list_total", "list_short_pages", "stop_while_starting", "modified_until")),
    {"redis_password": "masked", "password_mask": "ends"},
    {"stored_name": "lower+trim"}, {"shown_name": "upper"}, {"stored_description": "collapse"},
    {"shown_group_name": "nfkc"}, {"stored_queue_name": "upper"}, {"shown_release_version": "trim"},
    {"update_ignores": "headSpec.env,workerSpec.replica"}, {"omitted_fields": "description"},
    {"row_omits": "workerSpec.queueName"}, {"reads_behind": 2}, {"list_hides_new_seconds": 12},
    {"list_hides_new_lists": 2}, {"list_shows_deleted_lists": 3}, {"list_shows_deleted_seconds": 9},
    {"list_page_cap": 2}, {"max_page_size": 37}, {"deleted_code": "NoSuchCluster", "deleted_status": 410},
    {"unknown_job_code": "NoJob"}, {"unknown_workspace_status": 403}, {"wrong_state_code": "Busy"},
    {"wrong_state_status": 409}, {"unique_names": "true", "name_taken_code": "Taken", "name_taken_status": 409},
]  # fmt: skip


def _hold(harness: ProbeHarness, rules: Json) -> Json:
    """Probe a service under these rules; fail unless every answer is right, and nothing is left."""
    harness.reset(rules)
    outcome = harness.probe(max_cu=30)
    # Under some rules nobody can stop or delete a cluster: then the probe names it.
    assert not outcome.failed or outcome.result.get("leftovers") == harness.left() != [], outcome.result
    found = found_rules(outcome)
    assert not wrong_rules(found, harness.emulator.rules.as_dict()), json.dumps(rules)
    assert outcome.failed or not harness.left()
    assert not harness.foreign_writes()
    return found


def test_finds_the_rules_of_the_default_service(harness: ProbeHarness) -> None:
    found = _hold(harness, {})
    assert len(found) >= 65
    outcome = harness.probe()
    assert [
        answer["question"] for answer in outcome["probe"]["probe"]["answers"] if answer["status"] != "answered"
    ] == []


@pytest.mark.nightly(one_in=12)
@pytest.mark.parametrize("rules", SINGLE, ids=json.dumps)
def test_finds_a_single_rule(harness: ProbeHarness, rules: Json) -> None:
    found = _hold(harness, rules)
    assert set(rules) - set(found) <= set(), f"open: {set(rules) - set(found)}"


@pytest.mark.parametrize("seed", range(3))
def test_finds_random_rules(harness: ProbeHarness, seed: int) -> None:
    _hold(harness, service_of(seed)["rules"])


@pytest.mark.nightly
@pytest.mark.parametrize("seed", range(3, 300))
def test_finds_many_random_rules(harness: ProbeHarness, seed: int) -> None:
    _hold(harness, service_of(seed)["rules"])
