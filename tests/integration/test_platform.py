# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role ray_platform and its playbooks as users run them: from an empty account to clusters, and back to a file."""

from __future__ import annotations

import importlib
import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.emulator import Emulator
from tests.integration.runner import ROOT, AnsibleRunner, Json, RunResult

PLATFORM, DRIFT, EXPORT = (
    str(ROOT / "playbooks" / f"{name}.yml") for name in ("platform", "platform_drift", "platform_export")
)
EMPTY: dict[str, str | None] = {
    "ALIBABA_CLOUD_EMR_SERVERLESS_SPARK_WORKSPACE_ID": None,
    "ALIBABA_CLOUD_REGION_ID": "cn-hangzhou",
}
# What comes before the names of its tasks.
ROLE = "rayops.alicloud.ray_platform : "
USER = "acs:ram::100000000000000001:user/200000000000000077"
NODE = {"queue_name": "ray", "cpu": "2", "memory": "8Gi"}
DECLARED: Json = {
    "ray_platform_workspace": {
        "name": "team",
        "oss_bucket": "oss://bucket",
        "ram_role_name": "role",
        "resource_spec": {"cu": 200},
        "wait_interval": 0.1,
    },
    "ray_platform_queues": [
        {"name": "ray", "resource_spec": {"cu": 100}, "environments": ["dev"], "description": "for {{ 'Ray' }}"},
        {"name": "batch", "resource_spec": {"cu": 50, "max_cu": 80}},
    ],
    "ray_platform_network_services": [
        {
            "name": "redis",
            "vpc_id": "vpc-1",
            "vswitch_ids": ["vsw-1"],
            "security_group_id": "sg-1",
            "wait_interval": 0.1,
        }
    ],
    "ray_platform_members": [{"member_arns": [USER], "roles": ["DataScience"]}],
    "ray_platform_cluster_defaults": {
        "display_release_version": "ray-1.0.0 (Ray 2.47.1, Python 3.12)",
        "head_spec": NODE,
        "worker_spec": [{**NODE, "group_name": "cpu", "worker_type": "CPU", "replica": 1}],
        "preflight": True,
    },
    "ray_platform_clusters": [{"name": "training", "network_service_name": "redis", "volume_ids": ["vol-1"]}],
}
CHANGED: Json = {
    **DECLARED,
    "ray_platform_workspace": {**DECLARED["ray_platform_workspace"], "resource_spec": {"cu": "300cu"}},
    "ray_platform_queues": [
        {"name": "ray", "resource_spec": {"cu": 40}, "environments": ["dev"]},
        {"name": "batch", "resource_spec": {"cu": 240, "max_cu": 260}, "description": "nightly"},
    ],
    "ray_platform_members": [{"member_arns": [USER], "roles": ["DataScience", "Owner"]}],
    "ray_platform_clusters": [{**DECLARED["ray_platform_clusters"][0], "description": "other"}],
}
# Larger queues do not fit before the workspace has grown, and it cannot shrink before its queues have.
SHRUNK: Json = {
    **CHANGED,
    "ray_platform_workspace": {**DECLARED["ray_platform_workspace"], "resource_spec": {"cu": 90}},
    "ray_platform_queues": [
        {"name": "ray", "resource_spec": {"cu": 40}},
        {"name": "batch", "resource_spec": {"cu": 50, "max_cu": 60}},
    ],
}


@pytest.fixture
def account(runner: AnsibleRunner, emulator: Emulator) -> AnsibleRunner:
    """Return a runner with an account that has no workspace."""
    emulator.core.catalog.workspaces.clear()
    return runner


def apply(runner: AnsibleRunner, folder: Path, declared: Json, *arguments: str, playbook: str = PLATFORM) -> RunResult:
    path = folder / "platform.json"
    path.write_text(json.dumps(declared))
    return runner.run("ansible-playbook", playbook, "-e", f"@{path}", *arguments, env=EMPTY)


def changed(run: RunResult) -> list[str]:
    """Return the names of the tasks that changed something."""
    return [line["task"].rpartition(" : ")[2] for line in run.task_results if line["result"].get("changed")]


def test_from_an_empty_account_to_clusters_and_back(account: AnsibleRunner, tmp_path: Path) -> None:
    emulator = account.emulator
    predicted = apply(account, tmp_path, DECLARED, "--check", "--diff")
    assert emulator.writes() == []
    assert predicted["rayops.alicloud.ray_cluster : Change the clusters to match their declaration"]["clusters"][0][
        "actions"
    ] == ["create"]
    text = "queues ray, batch: create ray, create batch; it requires a workspace that does not run yet"
    assert predicted[f"{ROLE}Create, resize, and delete the queues"]["msg"] == text
    first = apply(account, tmp_path, DECLARED)
    assert "managed file directory vol-1: not checked" in first.output
    (workspace_id,) = emulator.core.catalog.workspaces
    assert [cluster["name"] for cluster in emulator.clusters(workspace_id)] == ["training"]
    assert [entry.operation for entry in emulator.writes()] == [
        "CreateWorkspace", "CreateWorkspaceQueue", "CreateWorkspaceQueue", "EditWorkspaceQueue",
        "CreateNetworkService", "AddMembers", "GrantRoleToUsers", "CreateRayCluster",
    ]  # fmt: skip
    writes = len(emulator.writes())
    assert changed(apply(account, tmp_path, DECLARED)) == []
    assert changed(apply(account, tmp_path, DECLARED, playbook=DRIFT)) == []
    back = tmp_path / "back.yml"
    arguments = ["-e", f"workspace_id={workspace_id}", "-e", f"ray_export_file={back}"]
    account.run("ansible-playbook", EXPORT, *arguments, env=EMPTY)
    assert back.stat().st_mode & 0o777 == 0o600
    again = account.run("ansible-playbook", PLATFORM, "-e", f"@{back}", env=EMPTY)
    assert changed(again) == []
    assert len(emulator.writes()) == writes
    assert yaml.safe_load(back.read_text().replace("!unsafe", ""))["ray_platform_workspace"]["name"] == "team"


@pytest.mark.slow
def test_a_declaration_grows_and_shrinks(account: AnsibleRunner, tmp_path: Path) -> None:
    emulator = account.emulator
    apply(account, tmp_path, DECLARED)
    writes = len(emulator.writes())
    assert "Create, resize, and delete the queues" in changed(apply(account, tmp_path, CHANGED, "--check"))
    assert len(emulator.writes()) == writes
    assert changed(apply(account, tmp_path, CHANGED)) == [
        "Create or change the workspace",
        "Create, resize, and delete the queues",
        "Add members and grant roles",
        "Change the clusters to match their declaration",
    ]
    assert changed(apply(account, tmp_path, CHANGED)) == []
    steps = ["Create, resize, and delete the queues", "Let the workspace shrink after its queues"]
    assert changed(apply(account, tmp_path, SHRUNK, "--check")) == steps
    assert changed(apply(account, tmp_path, SHRUNK)) == steps
    assert changed(apply(account, tmp_path, SHRUNK)) == []
    assert emulator.orders == []


@pytest.mark.parametrize(
    ("variable", "value", "problem"),
    [
        ("ray_platform_queues", [{"name": "ray", "resource_spec": {"cu": "many"}}], "resource_spec.cu: is not a whole"),
        ("ray_platform_network_services", [{"name": "a b"}], "name: must be 1 to 64"),
        ("ray_platform_members", [{"member_arns": ["somebody"]}], "member_arns: 'somebody' is neither"),
        ("ray_platform_clusters", [{"name": "training", "state": "flying"}], "state"),
    ],
)
def test_a_bad_declaration_sends_nothing(
    account: AnsibleRunner, tmp_path: Path, variable: str, value: Any, problem: str
) -> None:
    path = tmp_path / "platform.json"
    path.write_text(json.dumps({**DECLARED, variable: value}))
    run = account.run("ansible-playbook", PLATFORM, "-e", f"@{path}", env=EMPTY, code=2)
    assert problem in run.output
    assert account.emulator.journal == []


def test_drift_is_told(account: AnsibleRunner, tmp_path: Path) -> None:
    apply(account, tmp_path, DECLARED)
    (workspace_id,) = account.emulator.core.catalog.workspaces
    writes = len(account.emulator.writes())
    path = tmp_path / "platform.json"
    path.write_text(json.dumps({**CHANGED, "ray_platform_queues": CHANGED["ray_platform_queues"][:1]}))
    run = account.run("ansible-playbook", DRIFT, "-e", f"@{path}", env=EMPTY, code=2)
    drift: dict[str, Any] = run[f"{ROLE}Report the drift"]["ansible_facts"]["ray_platform_drift"]
    assert [change["field"] for change in drift["workspace"]] == ["resource_spec.cu"]
    assert drift["undeclared_queues"] == ["batch"]
    assert "grant Owner" in drift["members"][0]
    assert drift["clusters"]["summary"]["drifted"] == 1
    assert len(account.emulator.writes()) == writes
    assert workspace_id


def test_a_missing_image_is_named(account: AnsibleRunner, tmp_path: Path) -> None:
    clusters = [{"name": "training", "display_release_version": "mine-1 (Ray 2.47.1, Python 3.12)"}]
    path = tmp_path / "platform.json"
    path.write_text(json.dumps({**DECLARED, "ray_platform_clusters": clusters}))
    run = account.run("ansible-playbook", PLATFORM, "-e", f"@{path}", env=EMPTY, code=2)
    assert "mine-1 (Ray 2.47.1, Python 3.12): missing, create it at https://emr-next.console" in run.output
    assert [entry.operation for entry in account.emulator.writes()] == ["CreateWorkspace"]


MODULES = ("emr_workspace", "emr_workspace_queue", "emr_network_service", "emr_workspace_member")
# What differs from run to run.
VOLATILE = ("workspace_id", "instance_id", "create_time", "network_service_id", "member_arn")


def stable(value: Any) -> Any:
    """Return a result without ids and times."""
    if isinstance(value, dict):
        return {key: stable(item) for key, item in value.items() if key not in VOLATILE}
    return [stable(item) for item in value] if isinstance(value, list) else value


@pytest.mark.slow
def test_examples_give_the_same_in_the_worker_and_as_modules(runner: AnsibleRunner) -> None:
    tasks: list[Json] = []
    for module in MODULES:
        python = importlib.import_module(f"ansible_collections.rayops.alicloud.plugins.modules.{module}")
        tasks += yaml.safe_load(python.EXAMPLES)
    assert len(tasks) >= 8
    defaults = {f"rayops.alicloud.{module}": {"wait_interval": 0.1} for module in MODULES}
    runs = []
    for in_process in (True, False):
        runner.emulator.reset(rules=True)
        variables = {"rayops_alicloud_in_process": in_process}
        first = runner.play(tasks, vars=variables, module_defaults=defaults)
        changes = [line["result"]["changed"] for line in first.task_results]
        assert sum(changes) >= len(changes) - 1
        assert changed(runner.play(tasks, vars=variables, module_defaults=defaults)) == []
        runs.append([{**stable(line["result"]), "invocation": None} for line in first.task_results])
    assert runs[0] == runs[1]


def test_a_null_id_creates_nothing(account: AnsibleRunner) -> None:
    options = {**DECLARED["ray_platform_workspace"], "workspace_id": "{{ none }}"}
    run = account.play([{"name": "null", "rayops.alicloud.emr_workspace": options}], env=EMPTY, code=2)
    assert run["null"]["error"]["code"] == "InvalidOption"
    assert "workspace_id: is null" in run["null"]["msg"]
    assert account.emulator.journal == []


@pytest.mark.slow
def test_check_mode_shows_what_builds_on_a_queue_that_does_not_exist_yet(
    account: AnsibleRunner, tmp_path: Path
) -> None:
    apply(account, tmp_path, {**DECLARED, "ray_platform_clusters": []})
    writes = len(account.emulator.writes())
    head = {**NODE, "queue_name": "new"}
    more: Json = {
        **DECLARED,
        "ray_platform_queues": [*DECLARED["ray_platform_queues"], {"name": "new", "resource_spec": {"cu": 10}}],
        "ray_platform_clusters": [{"name": "training", "head_spec": head, "network_service_name": "redis"}],
    }
    predicted = apply(account, tmp_path, more, "--check")
    assert changed(predicted) == [
        "Create, resize, and delete the queues",
        "Change the clusters to match their declaration",
    ]
    assert len(account.emulator.writes()) == writes
    assert changed(apply(account, tmp_path, more)) == changed(predicted)
