# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Playbooks as users write them: a cluster's life, checks and diffs, loops, delegation, failures."""

from __future__ import annotations

from typing import Any

from tests.integration.runner import ACTION_GROUP, INFO, MODULE, AnsibleRunner, Json, task

QUICK = {MODULE: {"wait_interval": 0.02, "wait_timeout": 60}}
NAMES = ["测试 ray+1", "+~*'()!%/ #?&=", "spaces within"]


def spec(**changes: Any) -> Json:
    """Return the declaration of a cluster."""
    declared: Json = {
        "name": "training",
        "display_release_version": "ray-1.0.0 (Ray 2.47.1, Python 3.12)",
        "description": "nightly",
        "volume_ids": ["vol-1", "vol-2"],
        "extra_param": {"a": [1, 2]},
        "head_spec": {
            "queue_name": "root_queue",
            "cpu": 2,
            "memory": "8 GiB",
            "env": {"STAGE": "test", "NUMBER": 1},
            "gft_enabled": True,
            "gft_config": {"redis_url": "10.0.0.1:6379", "redis_password": "redis-Canary"},
        },
        "worker_spec": [
            {"group_name": "cpu", "queue_name": "root_queue", "cpu": 4, "memory": 16, "replica": 2},
            {"group_name": "big", "queue_name": "root_queue", "cpu": 8, "memory": 32, "replica": 1},
        ],
    }
    return declared | changes


def test_a_life_with_defaults_of_the_action_group(runner: AnsibleRunner) -> None:
    """Where the service is comes from module_defaults, nothing from the environment."""
    emulator = runner.emulator
    connection = {
        "endpoint": emulator.endpoint,
        "workspace_id": emulator.workspace_id,
        "access_key_id": emulator.access_key_id,
        "access_key_secret": emulator.access_key_secret,
    }
    nothing = {
        "ALIBABA_CLOUD_ACCESS_KEY_ID": None,
        "ALIBABA_CLOUD_ACCESS_KEY_SECRET": None,
        "ALIBABA_CLOUD_EMR_SERVERLESS_SPARK_ENDPOINT": None,
        "ALIBABA_CLOUD_EMR_SERVERLESS_SPARK_WORKSPACE_ID": None,
    }
    by_id = "{{ created.cluster_id }}"
    played = runner.play(
        [
            task("create", **spec(), _register="created"),
            task("again", **spec()),
            task("read", INFO, cluster_id=by_id),
            task("update", **spec(description="changed")),
            task("start", cluster_id=by_id, state="started"),
            task("restart if needed", **spec(volume_ids=[]), restart="if_needed"),
            task("all the same", **spec(volume_ids=[]), state="started", restart="if_needed"),
            task("stop", name="training", state="stopped"),
            task("delete", name="training", state="absent"),
            task("deleted", name="training", state="absent"),
            task("list", INFO),
        ],
        env=nothing,
        module_defaults={ACTION_GROUP: connection, **QUICK},
    )
    actions = {line["task"]: line["result"].get("actions") for line in played.task_results}
    assert actions == {
        "create": ["create"],
        "again": [],
        "read": None,
        "update": ["update"],
        "start": ["start"],
        "restart if needed": ["update", "stop", "start"],
        "all the same": [],
        "stop": ["stop"],
        "delete": ["delete"],
        "deleted": [],
        "list": None,
    }
    for name, did in actions.items():
        assert played[name]["changed"] is bool(did), name
    assert played["read"]["clusters"] == [played["again"]["cluster"]]
    assert played["list"]["clusters"] == []
    assert "canary" not in played.output.lower()
    assert len(runner.writes()) == 8


def test_a_check_with_diff_tells_what_the_run_does(runner: AnsibleRunner) -> None:
    (old,) = runner.emulator.seed("training", state="Running")
    runner.emulator.seed("gone")
    tasks = [
        task("change", **spec(), restart="if_needed"),
        task("create", **spec(name="new"), state="started"),
        task("delete", name="gone", state="absent"),
        task("nothing", name="nowhere", state="absent"),
    ]
    checked = runner.play(tasks, "--check", "--diff", module_defaults=QUICK)
    assert runner.writes() == []
    change = f"training ({old})"
    for text in (
        f"--- before: {change}",
        f"+++ after: {change}",
        "-run: Running\n",
        "+run: Running → stop → start → Running (RESTARTS a running cluster)\n",
        "+description: nightly\n",
        "+run: none → created → Running\n",
        "+run: Stopped → deleted",
    ):
        assert text in checked.output
    # Without -v, warnings name what happens to running clusters.
    warned = " ".join(checked.output.split())
    assert f"Planned: {change}: update, stop, start: RESTARTS a running cluster" in warned
    assert "Canary" not in checked.output
    run = runner.play(tasks, "--diff", module_defaults=QUICK)
    for name in ("change", "create", "delete", "nothing"):
        for key in ("changed", "actions", "changes", "diff"):
            assert checked[name][key] == run[name][key]
    assert run["change"]["actions"] == ["update", "stop", "start"]
    assert run["change"]["cluster_id"] == old
    assert checked["create"]["cluster"]["name"] == "new"
    again = runner.play(tasks[:2], "--check", module_defaults=QUICK)
    assert not any(line["result"]["changed"] for line in again.task_results)


def test_loops_over_names_of_all_kinds(runner: AnsibleRunner) -> None:
    declared = spec(name="{{ item }}", description="{{ item }}")
    played = runner.play(
        [
            task("create", **declared, _loop=NAMES),
            task("again", **declared, _loop=NAMES),
            task("list", INFO),
        ],
        module_defaults=QUICK,
    )
    assert [item["changed"] for item in played["create"]["results"]] == [True] * 3
    assert [item["changed"] for item in played["again"]["results"]] == [False] * 3
    assert sorted(cluster["name"] for cluster in played["list"]["clusters"]) == sorted(NAMES)
    assert sorted(cluster["description"] for cluster in runner.emulator.clusters()) == sorted(NAMES)


def test_delegated_with_the_environment_of_a_task(runner: AnsibleRunner) -> None:
    """A play over other hosts asks the service from the controller."""
    temporary = {
        "ALIBABA_CLOUD_ACCESS_KEY_ID": "emulator-sts-key",
        "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "emulator-sts-secret",
        "ALIBABA_CLOUD_SECURITY_TOKEN": "emulator-sts-token",
    }
    nothing = {"ALIBABA_CLOUD_ACCESS_KEY_ID": None, "ALIBABA_CLOUD_ACCESS_KEY_SECRET": None}
    played = runner.play(
        [task("create", **spec(name="{{ inventory_hostname }}"), _delegate_to="localhost", _environment=temporary)],
        env=nothing,
        inventory="one.invalid\ntwo.invalid\n",
        hosts="all",
    )
    assert sorted(line["host"] for line in played.task_results) == ["one.invalid", "two.invalid"]
    assert sorted(cluster["name"] for cluster in runner.emulator.clusters()) == ["one.invalid", "two.invalid"]
    keys = {entry.headers["x-acs-accesskey-id"] for entry in runner.emulator.journal}
    assert keys == {"emulator-sts-key"}


def test_a_failure_can_be_read_by_people_and_by_rescue(runner: AnsibleRunner) -> None:
    runner.emulator.deny("StartRayCluster")
    block = {
        "name": "try",
        "block": [task("start", **spec(), state="started")],
        "rescue": [
            {
                "name": "look",
                "ansible.builtin.assert": {
                    "that": [
                        "ansible_failed_result.error.code == 'NoPermission'",
                        "ansible_failed_result.error.hint is search('emr-serverless-spark:StartRayCluster')",
                        "ansible_failed_result.actions == ['create']",
                        "ansible_failed_result.cluster.state == 'Stopped'",
                    ]
                },
            },
            task("bad input", name="x" * 65, head_spec={"cpu": "many"}),
        ],
    }
    played = runner.play([block], code=2, module_defaults=QUICK)
    assert played.statuses == {"start": "failed", "look": "ok", "bad input": "failed"}
    assert "Could not start the Ray cluster 'training'" in played.output
    message = played["bad input"]["msg"]
    assert "name" in message
    assert "head_spec.cpu" in message
    assert "Traceback" not in played.output


def test_all_at_once(runner: AnsibleRunner) -> None:
    """Clusters are independent of each other: hosts of an inventory, side by side."""
    hosts = "\n".join(f"cluster-{number}.invalid" for number in range(6))
    declared = task("create", **spec(name="{{ inventory_hostname }}"), state="started", _delegate_to="localhost")
    played = runner.play(
        [declared], "--forks", "3", inventory=hosts, hosts="all", strategy="free", module_defaults=QUICK
    )
    assert len(played.task_results) == 6
    assert {cluster["state"] for cluster in runner.emulator.clusters()} == {"Running"}
    assert runner.writes().count("CreateRayCluster") == 6
