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
    assert check["msg"] == run["msg"].replace(run["cluster_id"] or "?", str(check["cluster_id"]))
    if given.get("state") != "restarted":
        harness.expect_unchanged(**given)


def test_a_check_shows_what_the_service_would_know_as_null(harness: TaskHarness) -> None:
    predicted = harness.expect_success(check=True, **full_options(), state="started")["cluster"]
    assert predicted["cluster_id"] == "(known after create)"
    for key in ("instance_id", "dashboard_url", "submit_token", "create_time", "start_time", "creator"):
        assert predicted[key] is None
    assert predicted["instances"] == []


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
    for side, mark in (("before", "old"), ("after", "new")):
        assert f"head_spec.gft_config.redis_password: ******** ({mark})\n" in outcome["diff"][side]
    assert REDIS_PASSWORD not in str(outcome.result)
    assert "another-canary" not in str(outcome.result)


def changed_lines(diff: Json) -> list[str]:
    """Return the lines of a diff that are on one side only, as ``-`` and ``+`` lines."""
    before, after = (diff[side].splitlines() for side in ("before", "after"))
    gone, new = ([line for line in one if line not in other] for one, other in ((before, after), (after, before)))
    return [f"-{line}" for line in gone] + [f"+{line}" for line in new]


def test_the_diff_has_the_run_state_and_every_field_that_is_set(harness: TaskHarness) -> None:
    cluster_id = harness.expect_success(**full_options())["cluster_id"]
    diff = harness.expect_success(check=True, **full_options(description="other"))["diff"]
    assert diff["before_header"] == diff["after_header"] == f"training ({cluster_id})"
    assert changed_lines(diff) == ["-description: nightly training", "+description: other"]
    assert "run: Stopped\n" in diff["before"]
    assert "worker_spec[cpu].max_replica: 8\n" in diff["before"]
    assert 'head_spec.env.EMPTY: ""\n' in diff["before"]
    for side in ("before", "after"):
        assert "null" not in diff[side]
        assert "None" not in diff[side]


def test_the_diff_of_a_create_and_of_a_deletion(harness: TaskHarness) -> None:
    created = harness.expect_success(check=True, **minimal_options(), state="started")["diff"]
    assert created["before"] == "run: none\n"
    assert created["after"].startswith("run: none → created → Running\nname: training\n")
    cluster_id = harness.expect_success(**minimal_options(), state="started")["cluster_id"]
    gone = harness.expect_success(check=True, name="training", state="absent")
    assert gone["diff"]["after"] == "run: Running → deleted (DELETES a running cluster)\n"
    assert "-worker_spec[cpu].memory: 16Gi" in changed_lines(gone["diff"])
    assert gone["msg"] == f"training ({cluster_id}): stop, delete: DELETES a running cluster"
