# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Secrets in what Ansible prints and hands to callbacks, at its most talkative."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.emulator import Account
from tests.integration.runner import INFO, AnsibleRunner, Json, task
from tests.integration.test_playbooks import QUICK, spec

KEY_SECRET = "key-Canary/s3cret+"
TOKEN = "CAIS-Canary=="


def tokens(runner: AnsibleRunner) -> list[str]:
    """Return the tokens of all runs."""
    service = runner.emulator.service
    runs = [service.find(cluster["clusterId"]).run for cluster in runner.emulator.clusters()]
    return [token for run in runs if run for token in (run.dashboard_token, run.submit_token)]


def declared(number: int) -> Json:
    """Return a declaration with one of the two passwords."""
    given = spec()
    gft = {"redis_url": "10.0.0.1:6379", "redis_password": f"{{{{ passwords[{number}] }}}}"}
    return given | {"head_spec": given["head_spec"] | {"gft_config": gft}}


def test_the_most_talkative_run_tells_no_secret(runner: AnsibleRunner, tmp_path: Path) -> None:
    """The secrets come as variables: where they stand in the playbook, Ansible itself may quote them."""
    runner.emulator.rules.set({"redis_password": "clear"})
    runner.emulator.core.verifier.accounts["canary"] = Account("canary", KEY_SECRET, TOKEN)
    secrets = {"secret": KEY_SECRET, "token": TOKEN, "passwords": ["redis-Canary", "other-Canary"]}
    vault = tmp_path / "vault.json"
    vault.write_text(json.dumps(secrets))
    keys: Json = {"access_key_id": "canary", "access_key_secret": "{{ secret }}", "security_token": "{{ token }}"}
    runner.emulator.fault("signature_echo", "StopRayCluster", times=None)
    played = runner.play(
        [
            task("create", **declared(0), **keys, state="started"),
            task("change", **declared(1), **keys),
            task("read", INFO, details=True, **keys),
            task("fail", **declared(1), **keys, state="stopped", _ignore_errors=True),
            task("refused", **declared(1) | {"name": "x" * 65}, **keys, _ignore_errors=True),
        ],
        "-vvvv",
        "--diff",
        "-e",
        f"@{vault}",
        module_defaults=QUICK,
    )
    assert played["change"]["changed"] is True
    assert played["fail"]["error"]["code"] == "SignatureDoesNotMatch"
    known = tokens(runner)
    assert len(known) == 2
    for secret in (KEY_SECRET, TOKEN, "Canary", *known):
        assert secret not in played.output
        assert secret not in str(played.task_results)


def test_secrets_that_are_asked_for_stay_behind_no_log(runner: AnsibleRunner) -> None:
    runner.emulator.seed("training", state="Running")
    dashboard, submit = tokens(runner)
    wanted: list[Any] = [
        f"asked.cluster.submit_token == '{submit}'",
        f"asked.cluster.dashboard_url.endswith('token={dashboard}')",
        f"listed.clusters[0].submit_token == '{submit}'",
        "plain.cluster.submit_token is none",
    ]
    played = runner.play(
        [
            task("ask", name="training", return_secrets=True, _no_log=True, _register="asked"),
            task("list", INFO, details=True, return_secrets=True, _no_log=True, _register="listed"),
            task("plain", name="training", _register="plain"),
            task("compare", "ansible.builtin.assert", that=wanted, quiet=True, _no_log=True),
            task("careless", name="training", return_secrets=True),
        ],
    )
    shown = [line for line in played.task_results if line["task"] != "careless"]
    assert dashboard not in str(shown)
    assert submit not in str(shown)
    assert "set no_log on this task" in " ".join(played.output.split())
    assert played["careless"]["cluster"]["submit_token"] == submit
