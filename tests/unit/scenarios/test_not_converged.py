# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Spellings that mean the same are no change, and what the service stores otherwise fails once, before any restart."""

from __future__ import annotations

import unicodedata
from typing import Any

import pytest

from tests.unit.scenarios.harness import TaskHarness
from tests.unit.scenarios.specs import Json, full_options, minimal_options

SPELLINGS: list[Json] = [
    {"worker_type": "lower"},
    {"worker_type": "omitted"},
    {"stored_description": "trim"},
    {"shown_description": "nfd"},
    {"idle_timeout": "zero_omitted"},
    {"idle_timeout": "unset_zero"},
    {"env_format": "spaced"},
    {"env_format": "object"},
    {"env_format": "crlf"},
    {"env_format": "sorted"},
    {"extra_param_format": "object"},
    {"extra_param_format": "spaced"},
    {"shown_group_name": "nfd"},
    {"shown_queue_name": "nfd"},
    *({"cpu_format": how} for how in ("plain", "decimal", "millicores", "number")),
    *({"memory_format": how} for how in ("Gi", "Mi", "Ki", "GiB", "bare", "bytes", "number")),
    {"integers": "text", "booleans": "text"},
    {"booleans": "title"},
    {"booleans": "number"},
]


def declared(**changes: Any) -> Json:
    spec = full_options(description="für alle, zweite Zeile\nund mehr\n", **changes)
    spec["head_spec"] |= {"idle_timeout_seconds": 0, "queue_name": "schlange-ü"}
    spec["worker_spec"][1]["group_name"] = "größer"
    return spec


@pytest.mark.parametrize("rules", SPELLINGS, ids=str)
def test_another_spelling_of_the_same_is_no_change(harness: TaskHarness, rules: Json) -> None:
    harness.emulator.rules.set(rules)
    spec = declared()
    created = harness.expect_success(**spec, state="started")
    harness.expect_unchanged(**spec, state="started", restart="if_needed")
    other = declared() | {"display_release_version": "ray-1.2.0 (Ray 2.55.1, Python 3.12)"}
    assert harness.expect_success(**other)["actions"] == ["update"]
    harness.expect_unchanged(**other)
    assert created["cluster"]["worker_spec"][0]["env"]["ROLE"] == "worker"


def test_unicode_forms_of_a_declaration_are_the_same_too(harness: TaskHarness) -> None:
    harness.expect_success(**declared())
    spec = declared()
    spec["description"] = unicodedata.normalize("NFD", spec["description"])
    spec["worker_spec"][1]["group_name"] = unicodedata.normalize("NFD", "größer")
    harness.expect_unchanged(**spec)


@pytest.mark.parametrize("restart", ["never", "if_needed"])
def test_what_the_service_stores_otherwise_fails_before_a_restart(harness: TaskHarness, restart: str) -> None:
    harness.expect_success(**minimal_options(), state="started")
    harness.emulator.rules.set({"stored_description": "lower", "modified_flag": "on_any_update"})
    for _run in range(2):
        failed = harness.expect_failure(**minimal_options(description="Nightly"), restart=restart)
        assert failed["error"]["code"] == "NotConverged"
        assert "description is nightly, not Nightly" in failed["msg"]
        assert "declare description: nightly" in failed["error"]["hint"]
        assert failed["changed"] is True
        assert failed.writes == ["UpdateRayCluster"]
    assert harness.expect_success(**minimal_options(description="nightly"), restart=restart).writes == (
        ["StopRayCluster", "StartRayCluster"] if restart == "if_needed" else []
    )


def test_a_create_is_read_back_too(harness: TaskHarness) -> None:
    harness.emulator.rules.set({"stored_description": "upper"})
    failed = harness.expect_failure(**minimal_options(description="nightly"), state="started")
    assert failed["error"]["code"] == "NotConverged"
    assert "description is NIGHTLY, not nightly" in failed["msg"]
    assert failed.writes == ["CreateRayCluster"]
    assert harness.expect_success(**minimal_options(description="NIGHTLY"), state="started")["actions"] == ["start"]


@pytest.mark.parametrize("behind", [1, 3, 5])
def test_reads_that_are_behind_are_not_taken_for_the_truth(harness: TaskHarness, behind: int) -> None:
    harness.expect_success(**minimal_options())
    harness.emulator.rules.set({"reads_behind": behind})
    assert harness.expect_success(**minimal_options(description="new"))["cluster"]["description"] == "new"


def test_the_read_after_an_update_keeps_to_the_time(harness: TaskHarness) -> None:
    harness.expect_success(**minimal_options())
    harness.emulator.rules.set({"update_ignores": "description"})
    failed = harness.expect_failure(**minimal_options(description="new"), wait_timeout=10)
    assert failed["error"]["code"] == "NotConverged"
    assert sum(failed.slept) <= 10


def test_a_group_that_is_stored_under_another_name_does_not_fill_the_message(harness: TaskHarness) -> None:
    harness.emulator.rules.set({"stored_group_name": "lower"})
    options = full_options()
    options["worker_spec"][0]["group_name"] = "GPU-a"
    failed = harness.expect_failure(**options)
    assert failed["error"]["code"] == "NotConverged"
    assert "worker_spec[GPU-a] is missing" in failed["msg"]
    assert failed["error"]["message"] in failed["msg"]
