# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options as people write them, in real runs of every ansible-core: in the worker and as a module."""

from __future__ import annotations

import json
import subprocess

import pytest

from tests.emulator import Emulator
from tests.integration.runner import MODULE, AnsibleRunner, Json, command_path, run_environment, task
from tests.unit.scenarios.specs import minimal_options

CANARY = "Canary-71c0"
KEYS = {"access_key_id": "LTAI", "access_key_secret": f"{CANARY}-secret", "security_token": f"{CANARY}-token"}
WAYS = pytest.mark.parametrize("way", ["true", "false"], ids=["in process", "as a module"])


@WAYS
def test_text_is_a_structure_and_a_structure_is_no_text(runner: AnsibleRunner, way: str) -> None:
    spec = minimal_options()
    text = {"workers": json.dumps(spec["worker_spec"]), "head": json.dumps(spec["head_spec"])}
    texts: Json = {**spec, "worker_spec": "{{ workers }}", "head_spec": "{{ head }}"}
    refused: Json = {"_ignore_errors": True, **minimal_options()}
    played = runner.play(
        [
            task("text", **texts),
            task("again", **texts),
            task("null", **{**refused, "cluster_id": "{{ none }}"}),
            task("mapping", **{**refused, "description": {"team": "a"}}),
            task("number", **{**refused, "name": 1.10}),
        ],
        "-e",
        f"rayops_alicloud_in_process={way}",
        vars=text,
    )
    assert played["text"]["cluster"]["worker_spec"][0]["group_name"] == "cpu"
    assert played["again"]["changed"] is False
    # Before ansible-core 2.19 a null becomes an empty text.
    assert "cluster_id: is " in played["null"]["msg"]
    assert "description: takes text, not a mapping" in played["mapping"]["msg"]
    assert "name: takes text, and YAML changes numbers" in played["number"]["msg"]
    assert len(runner.emulator.clusters()) == 1


@WAYS
def test_options_that_are_not_valid_show_no_secret(runner: AnsibleRunner, way: str) -> None:
    head = {"gft_enabled": True, "gft_config": {"redis_url": "r:6379", "redis_password": f"{CANARY}-redis"}}
    wrong: list[Json] = [
        {"worker_spec": f"text {CANARY}"},
        {"worker_spec": [{"cpu": 4}]},
        {"acces_key_secret": CANARY},
        {"retries": {"a": CANARY}},
        {"extra_param": f'{{"password": "{CANARY}"'},
    ]
    tasks = [
        task(f"wrong {number}", **{"name": "leak", **KEYS, "head_spec": head, **given}, _ignore_errors=True)
        for number, given in enumerate(wrong)
    ]
    played = runner.play(tasks, "-vvv", "-e", f"rayops_alicloud_in_process={way}")
    assert [line["status"] for line in played.task_results] == ["ignored"] * len(wrong)
    results = json.dumps([line["result"] for line in played.task_results])
    assert CANARY not in results
    assert runner.emulator.journal == []


def test_progress_stays_out_of_the_standard_output(runner: AnsibleRunner, emulator: Emulator) -> None:
    emulator.seed("slow")
    done = subprocess.run(
        [command_path("ansible"), "localhost", "-o", "-m", MODULE, "-a", "name=slow state=started wait_interval=0.02"],
        capture_output=True,
        text=True,
        check=True,
        env=run_environment(runner.home, emulator, {"ANSIBLE_CALLBACKS_ENABLED": None}),
        timeout=120,
    )
    assert len(done.stdout.splitlines()) == 1
    assert "slow: Starting" in done.stderr
