# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A check tells exactly what the run after it does, and sends no write."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.unit.scenarios.harness import TaskHarness
from tests.unit.scenarios.specs import REDIS_PASSWORD, Json, full_options, minimal_options

DECLARED = tuple(full_options())


def _absent(harness: TaskHarness) -> str | None:
    return None


def _seeded(state: str, **patch: Any) -> Callable[[TaskHarness], str]:
    def prepare(harness: TaskHarness) -> str:
        cluster_id = str(harness.expect_success(**full_options())["cluster_id"])
        harness.emulator.patch(cluster_id, **patch)
        harness.emulator.patch(cluster_id, state=state)
        return cluster_id

    return prepare


def _modified(harness: TaskHarness) -> str:
    cluster_id = _seeded("Running")(harness)
    harness.emulator.patch(cluster_id, modified=True)
    return cluster_id


def changed(**changes: Any) -> Json:
    """Return options that differ from what is there in several places."""
    spec = full_options(description="other", volume_ids=[], extra_param={"a": [1]}, **changes)
    spec["head_spec"] |= {"memory": "12Gi", "env": {"NEW": "1"}}
    spec["worker_spec"] = [
        spec["worker_spec"][0],
        {"group_name": "new", "queue_name": "dev_queue", "cpu": 1, "memory": 4, "replica": 3, "extra_param": {"x": 1}},
    ]
    return spec


SITUATIONS: dict[str, tuple[Callable[[TaskHarness], str | None], Json, list[str]]] = {
    "create": (_absent, full_options(), ["create"]),
    "create least": (_absent, minimal_options(), ["create"]),
    "create and start": (_absent, full_options(state="started"), ["create", "start"]),
    "create, wait for nothing": (_absent, full_options(state="started", wait=False), ["create", "start"]),
    "create restarted": (_absent, full_options(state="restarted"), ["create", "start"]),
    "create stopped": (_absent, full_options(state="stopped"), ["create"]),
    "nothing to do": (_seeded("Running"), full_options(state="started"), []),
    "nothing to do at rest": (_seeded("Stopped"), full_options(), []),
    "update at rest": (_seeded("Stopped"), changed(), ["update"]),
    "update while it runs": (_seeded("Running"), changed(), ["update"]),
    "update, restart": (_seeded("Running"), changed(restart="if_needed"), ["update", "stop", "start"]),
    "update, start": (_seeded("Stopped"), changed(state="started"), ["update", "start"]),
    "update, stop": (_seeded("Running"), changed(state="stopped"), ["update", "stop"]),
    "update, restart anyhow": (_seeded("Running"), changed(state="restarted"), ["update", "stop", "start"]),
    "update what still starts": (_seeded("Starting"), changed(), ["update"]),
    "restart what was modified": (_modified, full_options(restart="if_needed"), ["stop", "start"]),
    "start": (_seeded("Stopped"), {"name": "training", "state": "started"}, ["start"]),
    "start what stops": (_seeded("Stopping"), {"name": "training", "state": "started"}, ["start"]),
    "start what starts": (_seeded("Starting"), {"name": "training", "state": "started"}, []),
    "start again": (_seeded("Error"), {"name": "training", "state": "started"}, ["start"]),
    "start, no wait": (_seeded("Stopped"), {"name": "training", "state": "started", "wait": False}, ["start"]),
    "stop": (_seeded("Running"), {"name": "training", "state": "stopped"}, ["stop"]),
    "stop, no wait": (_seeded("Running"), {"name": "training", "state": "stopped", "wait": False}, ["stop"]),
    "stop what starts": (_seeded("Starting"), {"name": "training", "state": "stopped"}, ["stop"]),
    "stop what stops": (_seeded("Stopping"), {"name": "training", "state": "stopped"}, []),
    "restart": (_seeded("Running"), {"name": "training", "state": "restarted"}, ["stop", "start"]),
    "restart at rest": (_seeded("Stopped"), {"name": "training", "state": "restarted"}, ["start"]),
    "delete": (_seeded("Stopped"), {"name": "training", "state": "absent"}, ["delete"]),
    "delete what runs": (_seeded("Running"), {"name": "training", "state": "absent"}, ["stop", "delete"]),
    "delete what failed": (_seeded("Error"), {"name": "training", "state": "absent"}, ["delete"]),
    "delete nothing": (_absent, {"name": "training", "state": "absent"}, []),
}


@pytest.mark.parametrize("rules", [{}, {"worker_extra_param": "returned", "redis_password": "clear"}], ids=["", "told"])
@pytest.mark.parametrize("situation", SITUATIONS)
def test_a_check_tells_what_the_run_does(harness: TaskHarness, situation: str, rules: Json) -> None:
    prepare, given, actions = SITUATIONS[situation]
    harness.emulator.rules.set(rules)
    prepare(harness)
    check = harness.expect_success(check=True, **given)
    assert check.writes == []
    assert check.slept == []
    assert check["actions"] == actions
    run = harness.expect_success(**given)
    for key in ("changed", "actions", "changes", "diff"):
        assert check[key] == run[key], key
    if "create" in actions:
        # Whether the service gives this field back is known only when it has done so.
        for group in run["cluster"]["worker_spec"]:
            group["extra_param"] = None
    for key in (*DECLARED, "state", "modified"):
        assert (check["cluster"] or {}).get(key) == (run["cluster"] or {}).get(key), key
    assert set(check["cluster"] or {}) == set(run["cluster"] or {})
    assert check["cluster_id"] == ("(known after create)" if "create" in actions else run["cluster_id"])
    if given.get("state") != "restarted":
        harness.expect_unchanged(**given)


def test_a_check_shows_what_the_service_would_know_as_null(harness: TaskHarness) -> None:
    predicted = harness.expect_success(check=True, **full_options(), state="started")["cluster"]
    for key in ("cluster_id", "instance_id", "dashboard_url", "submit_token", "create_time", "start_time", "creator"):
        assert predicted[key] is None
    assert predicted["instances"] == []


@pytest.mark.parametrize("state", ["present", "started", "restarted", "stopped", "absent"])
def test_a_check_goes_on_with_the_id_of_a_cluster_that_would_be_created(harness: TaskHarness, state: str) -> None:
    created = harness.expect_success(check=True, **minimal_options())
    later = harness.expect_success(check=True, cluster_id=created["cluster_id"], state=state, description="d")
    assert later["changed"] is True
    assert later["actions"] == []
    if harness.exact_reads:
        assert later["cluster_id"] == created["cluster_id"]
    assert later.writes == []
    assert "an earlier task would create this cluster" in later.warnings[0]
    refused = harness.expect_failure(cluster_id=created["cluster_id"], state=state)
    assert "cluster_id: is not an id" in refused["msg"]
    if harness.exact_reads:
        assert (
            "wait_interval"
            in harness.expect_failure(check=True, cluster_id=created["cluster_id"], wait_interval=-1)["msg"]
        )


def test_a_check_lists_no_cluster_that_would_be_created(harness: TaskHarness) -> None:
    assert harness.info(check=True, cluster_id="(known after create)")["clusters"] == []
    assert harness.info(cluster_id="(known after create)").failed


def test_a_check_of_a_refused_create_says_what_is_missing(harness: TaskHarness) -> None:
    for check in (True, False):
        refused = harness.expect_failure(check=check, name="training", head_spec={"cpu": 1})
        for field in ("display_release_version", "head_spec.queue_name", "head_spec.memory", "worker_spec"):
            assert field in refused["msg"]
        assert "head_spec.cpu" not in refused["msg"]
        assert refused.writes == []


@pytest.mark.parametrize("check", [True, False])
def test_a_new_redis_password_shows_as_a_change_without_either_value(harness: TaskHarness, check: bool) -> None:
    harness.emulator.rules.set({"redis_password": "clear"})
    harness.expect_success(**full_options())
    spec = full_options()
    spec["head_spec"]["gft_config"]["redis_password"] = "another-canary"
    outcome = harness.expect_success(check=check, **spec)
    (change,) = outcome["changes"]
    assert change["field"] == "head_spec.gft_config.redis_password"
    assert change["before"] == change["after"] == "********"
    assert outcome["changed"] is True
    before, after = (outcome["diff"][side]["head_spec"]["gft_config"]["redis_password"] for side in ("before", "after"))
    assert before != after
    assert before.startswith("********")
    assert REDIS_PASSWORD not in str(outcome.result)
    assert "another-canary" not in str(outcome.result)


def test_the_diff_holds_the_declared_fields_before_and_after(harness: TaskHarness) -> None:
    harness.expect_success(**full_options())
    diff = harness.expect_success(check=True, **full_options(description="other"))["diff"]
    assert set(diff["before"]) == set(diff["after"]) == {"cluster_id", "state", *DECLARED}
    different = {key for key in diff["before"] if diff["before"][key] != diff["after"][key]}
    assert different == {"description"}
    assert harness.expect_success(check=True, name="training", state="absent")["diff"]["after"] == {}
    assert harness.expect_success(check=True, **full_options(name="new"))["diff"]["before"] == {}
