# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Secrets that the service masks are never sent back, and variables whose names look secret are never shown."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.scenarios.harness import TaskHarness
from tests.unit.scenarios.specs import REDIS_PASSWORD, Json, full_options, minimal_options

MASKS = ["stars", "ends", "hidden", "redacted", "crosses", "bullets", "empty", "encrypted"]
ENV = {"HF_TOKEN": "token-canary", "DB_PASSWORD": "password-canary", "STAGE": "test", "API_KEY": ""}


def with_env(**changes: str) -> Json:
    spec = minimal_options()
    spec["head_spec"]["env"] = ENV | changes
    return spec


def stored_password(harness: TaskHarness, cluster_id: str) -> Any:
    return harness.stored_spec(cluster_id)["headSpec"]["gftConfig"].get("redisPassword")


@pytest.mark.parametrize("mask", MASKS)
def test_a_mask_is_not_written_back_as_the_password(harness: TaskHarness, mask: str) -> None:
    harness.emulator.rules.set({"redis_password": "masked", "password_mask": mask})
    cluster_id = harness.expect_success(**full_options())["cluster_id"]
    for check in (True, False):
        updated = harness.expect_success(check=check, cluster_id=cluster_id, description="other")
        (warning,) = updated.warnings
        assert "head_spec.gft_config.redis_password" in warning
        assert "would lose it" in warning
    assert stored_password(harness, cluster_id) == REDIS_PASSWORD
    (body,) = updated.request_bodies("UpdateRayCluster")
    assert "redisPassword" not in body["headSpec"]["gftConfig"]
    harness.expect_unchanged(**full_options(description="other"))


def test_a_password_that_is_left_out_is_warned_of_and_one_that_is_declared_is_not(harness: TaskHarness) -> None:
    cluster_id = harness.expect_success(**full_options())["cluster_id"]
    assert "would lose it" in harness.expect_success(cluster_id=cluster_id, description="other").warnings[0]
    assert harness.expect_success(**full_options(description="again")).warnings == []


@pytest.mark.parametrize("mask", ["********", "c****y", "<hidden>", "[REDACTED]", "xxxxxxxx", "••••", "####"])
def test_a_hidden_value_that_is_given_back_is_refused(harness: TaskHarness, mask: str) -> None:
    spec = full_options()
    spec["head_spec"]["gft_config"]["redis_password"] = mask
    refused = harness.expect_failure(**spec)
    assert "head_spec.gft_config.redis_password" in refused["msg"]
    assert refused.requests == []
    refused = harness.expect_failure(**with_env(HF_TOKEN=mask))
    assert "head_spec.env" in refused["msg"]
    assert "HF_TOKEN" in refused["msg"]


def test_what_a_result_hides_is_refused_in_every_text(harness: TaskHarness) -> None:
    refused = harness.expect_failure(**minimal_options(description="see ********"))
    assert "description: is a hidden value" in refused["msg"]
    spec = minimal_options()
    spec["worker_spec"][0]["ray_start_params"] = "--password=********"
    assert "worker_spec[cpu].ray_start_params: is a hidden value" in harness.expect_failure(**spec)["msg"]


def test_a_variable_that_the_service_masks_is_neither_sent_nor_compared(harness: TaskHarness) -> None:
    cluster_id = harness.expect_success(**with_env())["cluster_id"]
    masked = "HF_TOKEN=t****y\nDB_PASSWORD=<hidden>\nSTAGE=test\nAPI_KEY="
    harness.emulator.patch(cluster_id, headSpec={"env": masked})
    harness.expect_unchanged(**with_env())
    updated = harness.expect_success(cluster_id=cluster_id, description="other")
    (body,) = updated.request_bodies("UpdateRayCluster")
    assert "env" not in body["headSpec"]
    assert "head_spec.env" in updated.warnings[0]
    changed = harness.expect_success(**with_env(STAGE="prod"))
    assert [change["field"] for change in changed["changes"]] == ["head_spec.env"]


# Variables whose names look secret


def test_secret_variables_are_hidden_in_results_changes_and_diffs(harness: TaskHarness) -> None:
    created = harness.expect_success(**with_env())
    shown = created["cluster"]["head_spec"]["env"]
    assert shown == {"HF_TOKEN": "********", "DB_PASSWORD": "********", "STAGE": "test", "API_KEY": ""}
    changed = harness.expect_success(**with_env(HF_TOKEN="other-canary", STAGE="prod"))
    diff = changed["diff"]
    assert "head_spec.env.HF_TOKEN: ******** (old)\n" in diff["before"]
    assert "head_spec.env.HF_TOKEN: ******** (new)\n" in diff["after"]
    assert "head_spec.env.DB_PASSWORD: ********\n" in diff["after"]
    assert "head_spec.env.STAGE: prod\n" in diff["after"]
    for outcome in (created, changed, harness.info(details=True), harness.info(as_tasks=True)):
        assert "canary" not in str(outcome.result)


def test_return_secrets_shows_them(harness: TaskHarness) -> None:
    cluster_id = harness.expect_success(**with_env())["cluster_id"]
    shown = harness.info(cluster_id=cluster_id, return_secrets=True)["clusters"][0]
    assert shown["head_spec"]["env"] == ENV
    changed = harness.expect_success(**with_env(HF_TOKEN="other-canary"), return_secrets=True)
    assert changed["changes"][0]["after"]["HF_TOKEN"] == "other-canary"


def test_an_update_that_is_not_stored_quotes_no_secret(harness: TaskHarness) -> None:
    harness.expect_success(**with_env())
    harness.emulator.rules.set({"update_ignores": "headSpec.env"})
    failed = harness.expect_failure(**with_env(HF_TOKEN="other-canary"))
    assert failed["error"]["code"] == "NotConverged"
    assert "canary" not in str(failed.result)


def test_an_export_asks_for_secret_variables(harness: TaskHarness) -> None:
    cluster_id = harness.expect_success(**with_env())["cluster_id"]
    exported = harness.info(as_tasks=True)
    (entry,) = exported["vars"]["ray_cluster_clusters"]
    assert entry["head_spec"]["env"] == {
        "HF_TOKEN": "{{ ray_env_head_HF_TOKEN_training }}",
        "DB_PASSWORD": "{{ ray_env_head_DB_PASSWORD_training }}",
        "STAGE": "test",
        "API_KEY": "",
    }
    option = {
        "variable": "ray_env_head_HF_TOKEN_training",
        "cluster_id": cluster_id,
        "option": "head_spec.env.HF_TOKEN",
    }
    assert option in exported["secrets"]
    whole = harness.info(as_tasks=True, return_secrets=True)
    assert "token-canary" in whole["tasks_yaml"]


@pytest.mark.parametrize("hidden", ["headSpec", "workerSpec", "headSpec.cpu", "displayReleaseVersion"])
def test_an_update_does_not_leave_out_what_reads_do_not_show(harness: TaskHarness, hidden: str) -> None:
    """A service that replaces the whole configuration would lose it."""
    created = harness.expect_success(**full_options())
    harness.emulator.rules.set({"omitted_fields": hidden, "update": "replace"})
    failed = harness.expect_failure(cluster_id=created["cluster_id"], description="other")
    assert failed["error"]["code"] == "SpecUnknown"
    assert failed.writes == []
    harness.expect_unchanged(cluster_id=created["cluster_id"], state="present")


def test_an_update_warns_of_a_redis_that_reads_do_not_show(harness: TaskHarness) -> None:
    created = harness.expect_success(**full_options())
    harness.emulator.rules.set({"omitted_fields": "headSpec.gftConfig"})
    updated = harness.expect_success(cluster_id=created["cluster_id"], description="other")
    assert any("redis_password" in text for text in updated.warnings)
