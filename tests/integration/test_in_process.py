# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A task gives the same result in the worker as in a module of its own, and goes to the module when it must."""

from __future__ import annotations

import copy
import re
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.integration.runner import ACTION_GROUP, FLEET, INFO, AnsibleRunner, Json, task

SPEC: Json = {
    "display_release_version": "ray-1.0.0 (Ray 2.47.1, Python 3.12)",
    "description": "größer & 'besser' ~*+",
    "head_spec": {
        "queue_name": "root_queue",
        "cpu": 2,
        "memory": "8 GiB",
        "env": {"A": "1", "B": "x=y"},
        "gft_enabled": True,
        "gft_config": {"redis_url": "10.0.0.1:6379", "redis_password": "canary-of-redis"},
    },
    "worker_spec": [
        {
            "group_name": "w",
            "worker_type": "CPU",
            "queue_name": "root_queue",
            "cpu": "4",
            "memory": "16Gi",
            "replica": 2,
        }
    ],
    "extra_param": {"a": [1, {"b": None}]},
    "volume_ids": ["vol-1"],
}
MORE = {"description": "changed", "worker_spec": [{"group_name": "w", "replica": 3}], "restart": "if_needed"}
FAST = {"wait_interval": 0.02}
MODULE_SEEN = "Using module file"


def scenario() -> list[Json]:
    """Return tasks that go through everything a user can see: changes, none, checks, diffs, warnings, failures."""
    ours = {"_ignore_errors": True, **FAST, "name": "one"}
    return [
        task("check create", **ours, **SPEC, _check_mode=True, _diff=True),
        task("create", **ours, **SPEC, _diff=True),
        task("again", **ours, **SPEC),
        task("start", **ours, state="started"),
        task("check drift", **ours, **MORE, _check_mode=True, _diff=True),
        task("drift", **ours, **MORE, _diff=True),
        task("secrets", **ours, return_secrets=True),
        task("hidden", **ours, return_secrets=True, _no_log=True),
        task("list", INFO, name="one"),
        task("details", INFO, name="one", details=True),
        task("loop", name="{{ item }}", state="absent", _loop=["none", "of", "them"], **FAST),
        task("bad choice", **ours, state="sideways"),
        task("bad type", **ours, wait_timeout="long"),
        task("bad option", **ours, nmae="one"),
        task("bad suboption", **ours, head_spec={"cpus": 4}),
        task("bad group", **ours, worker_spec=[{"cpu": 4}]),
        task("bad values", **ours, head_spec={"cpu": "many", "env": {"A": True}}, wait_timeout=-1),
        task("missing", cluster_id="ray-none", _ignore_errors=True),
        task("lacking", name="two", _ignore_errors=True, state="started"),
        task("wrong key", access_key_id="who", access_key_secret="canary-of-key", name="x", _ignore_errors=True),
        task("stop", **ours, state="stopped"),
        task("delete", **ours, state="absent"),
        task("gone", **ours, state="absent"),
        *fleet_scenario(),
    ]


def fleet_scenario() -> list[Json]:
    """Return tasks about several clusters at once, one of which fails."""
    # One at a time, so that both ways say everything in the same order.
    ours = {"_ignore_errors": True, "max_parallel": 1, "defaults": {**SPEC, **FAST}}
    names = [{"name": "fleet-a"}, {"name": "fleet-b", "state": "started"}]
    wrong = [{"name": "fleet-a", "state": "sideways"}, {"name": "fleet-b", "cpu": 1}]
    lacking = [*names, {"name": "fleet-a"}, {"head_spec": {"cpu": "many"}}]
    return [
        task("check fleet", FLEET, **ours, clusters=names, _check_mode=True, _diff=True),
        task("fleet", FLEET, **ours, clusters=names, _diff=True),
        task("fleet again", FLEET, **ours, clusters=names),
        task("hidden fleet", FLEET, **ours, clusters=names, _no_log=True),
        task(
            "fleet fails", FLEET, **ours, clusters=[{"cluster_id": "ray-none"}, {"name": "fleet-b", "description": "x"}]
        ),
        task("bad fleet", FLEET, **ours, clusters=wrong[:1]),
        task("bad fleet option", FLEET, **ours, clusters=wrong[1:]),
        task("bad fleet values", FLEET, **ours, clusters=lacking, prune="off"),
        task(
            "prune", FLEET, clusters=names[:1], defaults=FAST, prune="delete", prune_pattern="fleet-*", max_parallel=1
        ),
    ]


def plain(value: Any) -> Any:
    """Return a result without what differs from one run to the next."""
    text = str(value) if not isinstance(value, (dict, list)) else ""
    if isinstance(value, dict):
        volatile = ("create_time", "modified_time", "start_time", "request_id", "submit_token", "dashboard_url")
        return {key: plain(item) for key, item in value.items() if key not in volatile}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return re.sub(r"ray-[0-9a-z]{16}(-[0-9a-z-]+)?", "ray-ID", text) if isinstance(value, str) else value


@pytest.mark.slow
def test_every_result_is_the_same_both_ways(runner: AnsibleRunner) -> None:
    seen = []
    for way in ("true", "false"):
        runner.emulator.reset(rules=True)
        runner.emulator.timing.set({"starting_seconds": 0.05, "stopping_seconds": 0.05})
        played = runner.play(scenario(), "-e", f"rayops_alicloud_in_process={way}", "-vvv")
        assert (MODULE_SEEN in played.output) == (way == "false")
        assert "canary" not in played.output
        seen.append([{**line, "result": plain(line["result"])} for line in copy.deepcopy(played.task_results)])
    for here, there in zip(*seen, strict=True):
        assert here == there, here["task"]


@pytest.mark.parametrize(
    ("keywords", "variables"),
    [
        pytest.param({"_async": 30, "_poll": 1}, {}, id="async"),
        pytest.param({"_environment": {"ALIBABA_CLOUD_REGION_ID": "cn-beijing"}}, {}, id="environment"),
        pytest.param({}, {"rayops_alicloud_in_process": False}, id="switched off"),
        pytest.param({}, {"rayops_alicloud_in_process": "{{ 1 > 2 }}"}, id="switched off by a template"),
        pytest.param({}, {"ansible_python_interpreter": "/usr/bin/env python-of-someone-else"}, id="interpreter"),
    ],
)
def test_what_only_a_module_can_do_goes_to_the_module(
    runner: AnsibleRunner, keywords: Json, variables: Json, tmp_path: Path
) -> None:
    # The tests move HOME, which async_status does not follow.
    env = {"ANSIBLE_ASYNC_DIR": str(tmp_path / "async")}
    played = runner.play([task("list", INFO, _ignore_errors=True, **keywords)], "-vvv", vars=variables, env=env)
    assert MODULE_SEEN in played.output
    if "ansible_python_interpreter" not in variables:
        assert played["list"].get("clusters") == [], str(played["list"])


@pytest.mark.parametrize(
    ("keywords", "inventory"),
    [
        pytest.param({}, f"localhost ansible_connection=local ansible_python_interpreter={sys.executable}\n", id="own"),
        pytest.param({}, "localhost ansible_connection=local\n", id="guessed"),
        pytest.param({"_delegate_to": "localhost"}, "localhost ansible_connection=local\n", id="delegated"),
    ],
)
def test_a_local_host_needs_no_interpreter_of_its_own(runner: AnsibleRunner, keywords: Json, inventory: str) -> None:
    played = runner.play([task("list", INFO, **keywords)], "-vvv", inventory=inventory)
    assert MODULE_SEEN not in played.output
    assert played["list"]["clusters"] == []


def test_defaults_of_the_group_reach_the_worker(runner: AnsibleRunner) -> None:
    defaults = {ACTION_GROUP: {"workspace_id": "w-of-nobody"}}
    played = runner.play([task("list", INFO, _ignore_errors=True)], module_defaults=defaults)
    assert "Could not read" in played["list"]["msg"]


def test_a_loop_keeps_its_connection(runner: AnsibleRunner) -> None:
    runner.play([task("loop", name="{{ item }}", state="absent", _loop=[str(n) for n in range(5)])])
    ports = {entry.peer for entry in runner.emulator.journal}
    # Two readings of the list prove that no cluster has the name.
    assert len(runner.emulator.journal) == 10
    assert len(ports) == 1


def test_a_wait_tells_how_it_goes(runner: AnsibleRunner) -> None:
    runner.emulator.seed("slow", spec={"description": "d"})
    played = runner.play([task("start", name="slow", state="started", **FAST)])
    assert "slow: Starting, waiting to be Running" in played.output
    quiet = runner.play([task("stop", name="slow", state="stopped", _no_log=True, **FAST)])
    assert "slow: " not in quiet.output


def test_vaulted_and_templated_options_arrive_as_text(runner: AnsibleRunner) -> None:
    played = runner.play(
        [task("create", name="{{ label }}", description="{{ '2026-01-01' | string }}", _check_mode=True, **CREATE)],
        vars={"label": "of {{ who }}", "who": "ours"},
    )
    assert played["create"]["cluster"]["name"] == "of ours"


CREATE = {key: value for key, value in SPEC.items() if key != "description"}
