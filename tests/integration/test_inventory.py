# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The inventory plugin in real ansible-inventory and ansible-playbook runs."""

from __future__ import annotations

import itertools
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.emulator import Account, Emulator
from tests.integration.conftest import DOCUMENTED_WORKSPACE
from tests.integration.runner import ROOT, AnsibleRunner, Json, RunResult

STRICT = {"ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED": "true"}
EXAMPLE = ROOT / "playbooks/inventory/clusters.emr_ray.yml"
PLAYBOOK = ROOT / "playbooks/restart_modified.yml"
STATE = {"prefix": "state", "key": "ray_state | lower"}


class Inventory:
    """Writes inventory files and shows what is in them."""

    def __init__(self, runner: AnsibleRunner, folder: Path) -> None:
        self.runner = runner
        self._folder = folder
        self._numbers = itertools.count()

    def file(self, **options: Any) -> Path:
        """Return a new file with these options."""
        path = self._folder / f"{next(self._numbers)}.emr_ray.yml"
        path.write_text(yaml.safe_dump({"plugin": "rayops.alicloud.emr_ray", **options}), encoding="utf-8")
        return path

    def show(self, path: Path, *arguments: str, env: Mapping[str, str | None] | None = None) -> Listed:
        """Return what ansible-inventory makes of a file, and what it asked the service for."""
        output = self._folder / f"{next(self._numbers)}.json"
        before = len(self.runner.emulator.journal)
        words = ["-i", str(path), "--list", "--output", str(output), *arguments]
        played = self.runner.run("ansible-inventory", *words, env={**STRICT, **(env or {})})
        # A list is read to a page that is empty, which says nothing about what is asked for.
        journal = self.runner.emulator.journal[before:]
        asked = [entry.operation for entry in journal if entry.query.get("pageNum", "1") == "1"]
        return Listed(_plain(json.loads(output.read_text(encoding="utf-8"))), asked, played.output)

    def list(self, *arguments: str, env: Mapping[str, str | None] | None = None, **options: Any) -> Listed:
        """Return what ansible-inventory makes of a file with these options."""
        return self.show(self.file(**options), *arguments, env=env)

    def refused(self, *arguments: str, env: Mapping[str, str | None] | None = None, **options: Any) -> str:
        """Return what is printed for a file that cannot be used."""
        words = ["-i", str(self.file(**options)), "--list", *arguments]
        return " ".join(
            self.runner.run("ansible-inventory", *words, env={**STRICT, **(env or {})}, code=1).output.split()
        )


class Listed:
    """An inventory as ansible-inventory prints it."""

    def __init__(self, content: Json, operations: list[str], output: str) -> None:
        self.content = content
        self.operations = operations
        self.output = output

    @property
    def hosts(self) -> dict[str, Json]:
        """Return the variables of all hosts."""
        return dict(self.content["_meta"]["hostvars"])

    def group(self, name: str) -> set[str]:
        """Return the hosts of a group, none when it does not exist."""
        return set(self.content.get(name, {}).get("hosts", []))


def _plain(value: Any) -> Any:
    """Undo the marks that say of a text that it is no template."""
    if isinstance(value, dict):
        return (
            value["__ansible_unsafe"]
            if set(value) == {"__ansible_unsafe"}
            else {k: _plain(v) for k, v in value.items()}
        )
    return [_plain(item) for item in value] if isinstance(value, list) else value


@pytest.fixture
def inventory(runner: AnsibleRunner, tmp_path: Path) -> Inventory:
    return Inventory(runner, tmp_path)


def spec_with(**node: Any) -> Json:
    """Return a spec whose one worker group has these fields."""
    group = {
        "groupName": "w",
        "workerType": "GPU",
        "replica": 3,
        "cpu": "4",
        "memory": "16Gi",
        "queueName": "root_queue",
    }
    return {
        "displayReleaseVersion": "err-1.2.0 (Ray 2.55.1, Python 3.12)",
        "headSpec": {"queueName": "root_queue", "cpu": "2", "memory": "8Gi"},
        "workerSpec": [{**group, **node}],
    }


def test_every_field_of_a_cluster_is_a_variable_and_no_secret_is(emulator: Emulator, inventory: Inventory) -> None:
    (one,) = emulator.seed("training", state="Running")
    redis = {"redisUrl": "10.0.0.1:6379", "redisPassword": "canary-of-redis"}
    emulator.patch(one, headSpec={"queueName": "root_queue", "cpu": "2", "memory": "8Gi", "gftConfig": redis})
    emulator.seed("idle")
    (whole,) = (cluster for cluster in emulator.clusters() if cluster["clusterId"] == one)
    listed = inventory.list(region="cn-hangzhou", details=True)
    assert set(listed.hosts) == {"training", "idle"}
    values = listed.hosts["training"]
    assert values["ray_cluster_id"] == one
    assert values["ray_state"] == "Running"
    assert values["ray_job_url"] == whole["jobUrl"]
    assert values["ray_worker_spec"][0]["group_name"] == "WorkerGroup1"
    assert values["ray_instances"][0]["type"] == "Head"
    assert values["ray_queues"] == ["root_queue"]
    assert (values["ray_region"], values["ray_workspace_id"]) == ("cn-hangzhou", emulator.workspace_id)
    assert values["ansible_connection"] == "local"
    assert values["ansible_python_interpreter"] == "{{ ansible_playbook_python }}"
    assert {name for name in values if not name.startswith("ray_")} == {
        "ansible_connection",
        "ansible_python_interpreter",
    }
    assert values["ray_dashboard_url"].endswith("/dashboard")
    token = whole["dashboardUrl"].partition("token=")[2]
    for secret in (token, whole["submitToken"], "canary-of-redis", emulator.access_key_secret):
        assert secret not in json.dumps(listed.content) + listed.output
    assert listed.operations == ["ListRayCluster", "GetRayCluster", "GetRayCluster"]


def test_groups_variables_and_filters_in_one_file(emulator: Emulator, inventory: Inventory) -> None:
    emulator.seed("nightly-1", state="Running")
    emulator.seed("nightly-2", state="Stopped", spec=spec_with(gpuSpec="ecs.gn6i-c4g1.xlarge", queueName="gpu_queue"))
    emulator.seed("nightly-3", state="Error")
    emulator.seed("other", state="Running")
    (changed,) = emulator.seed("nightly-4", state="Running")
    emulator.patch(changed, modified=True)
    options = {
        "filters": {"names": ["nightly-*"], "exclude": ["ray_state == 'Error'"]},
        "keyed_groups": [
            STATE,
            {"prefix": "modified", "key": "ray_modified | string | lower"},
            {"prefix": "engine", "key": "ray_display_release_version"},
            {"prefix": "queue", "key": "ray_queues"},
            {"prefix": "", "separator": "", "key": "ray_gpu_specs"},
        ],
        "groups": {"large": "ray_worker_spec | map(attribute='replica') | sum > 2"},
        "compose": {"label": "ray_name | upper", "ansible_connection": "'smart'"},
        "hostnames": ["cluster_id"],
    }
    listed = inventory.list(**options)
    by_name = {values["ray_name"]: host for host, values in listed.hosts.items()}
    assert set(by_name) == {"nightly-1", "nightly-2", "nightly-4"}
    assert all(host.startswith("ray-") for host in by_name.values())
    assert listed.group("state_running") == {by_name["nightly-1"], by_name["nightly-4"]}
    assert listed.group("modified_true") == {changed}
    assert listed.group("engine_err_1_2_0__Ray_2_55_1__Python_3_12_") == {by_name["nightly-2"]}
    assert listed.group("queue_gpu_queue") == listed.group("ecs_gn6i_c4g1_xlarge") == {by_name["nightly-2"]}
    assert listed.group("large") == {by_name["nightly-2"]}
    assert listed.hosts[changed]["label"] == "NIGHTLY-4"
    assert listed.hosts[changed]["ansible_connection"] == "smart"
    assert listed.operations == ["ListRayCluster"]


def test_details_are_read_of_wanted_clusters_only(emulator: Emulator, inventory: Inventory) -> None:
    emulator.seed("a", state="Running")
    emulator.seed("b")
    listed = inventory.list(details=True, filters={"states": ["running"]})
    assert set(listed.hosts) == {"a"}
    assert listed.operations == ["ListRayCluster", "GetRayCluster"]


def test_several_workspaces_and_a_name_that_is_in_both(emulator: Emulator, inventory: Inventory) -> None:
    (here,) = emulator.seed("training")
    (there,) = emulator.seed("training", workspace_id=DOCUMENTED_WORKSPACE)
    emulator.seed("serving", workspace_id=DOCUMENTED_WORKSPACE)
    workspaces = [
        {"workspace_id": emulator.workspace_id, "region": "cn-hangzhou"},
        {"workspace_id": DOCUMENTED_WORKSPACE, "region": "eu-central-1", "endpoint": emulator.url},
        {"workspace_id": emulator.workspace_id, "region": "cn-hangzhou"},
    ]
    listed = inventory.list(workspaces=workspaces)
    assert set(listed.hosts) == {f"training@{here}", f"training@{there}", "serving"}
    assert "Several clusters have the same host name" in " ".join(listed.output.split())
    values = listed.hosts[f"training@{there}"]
    assert (values["ray_workspace_id"], values["ray_region"]) == (DOCUMENTED_WORKSPACE, "eu-central-1")
    assert values["ray_endpoint"] == emulator.url
    assert listed.operations == ["ListRayCluster", "ListRayCluster"]
    named = inventory.list(workspaces=workspaces, hostnames=["ray_nothing", "ray_name ~ '.' ~ ray_region"])
    assert set(named.hosts) == {"training.cn-hangzhou", "training.eu-central-1", "serving.eu-central-1"}


def test_all_workspaces_of_regions(emulator: Emulator, inventory: Inventory, cached: Json) -> None:
    emulator.set_workspace("w-far", regionId="eu-central-1")
    emulator.set_workspace("w-gone", workspaceStatus="TERMINATED")
    emulator.seed("here")
    emulator.seed("there", workspace_id="w-far")
    options = {"regions": ["cn-hangzhou", "eu-central-1", "ap-southeast-1"], **cached}
    path = inventory.file(**options)
    listed = inventory.show(path)
    assert {host: values["ray_region"] for host, values in listed.hosts.items()} == {
        "here": "cn-hangzhou",
        "there": "eu-central-1",
    }
    assert listed.operations.count("ListWorkspaces") == 3
    assert listed.operations.count("ListRayCluster") == 3, "one of the workspaces is terminated"
    assert inventory.show(path).operations == []
    emulator.deny("ListWorkspaces")
    assert "Could not list the workspaces of region cn-hangzhou: NoPermission" in inventory.refused(
        regions=["cn-hangzhou"]
    )


def test_the_examples_of_ansible_doc(emulator: Emulator, inventory: Inventory) -> None:
    emulator.set_workspace("w-0a1b2c3d4e5f", regionId="eu-central-1")
    emulator.seed(
        "nightly-1", workspace_id="w-0a1b2c3d4e5f", spec=spec_with(gpuSpec="ecs.gn6i-c4g1.xlarge"), state="Error"
    )
    shown = inventory.runner.run("ansible-doc", "-t", "inventory", "--json", "rayops.alicloud.emr_ray").output
    examples = json.loads(shown)["rayops.alicloud.emr_ray"]["examples"]
    one, several, regions = yaml.safe_load_all(examples)
    assert inventory.list(**_without_plugin(one)).hosts == {}
    listed = inventory.list(**_without_plugin(several))
    assert listed.group("broken") == {"nightly-1.eu-central-1"}
    assert listed.hosts["nightly-1.eu-central-1"]["workers"] in (3, "3")
    assert set(inventory.list(**_without_plugin({**regions, "cache": False})).hosts) == {"nightly-1"}


def _without_plugin(options: Json) -> Json:
    return {name: value for name, value in options.items() if name != "plugin"}


def test_options_may_be_templates(emulator: Emulator, inventory: Inventory) -> None:
    emulator.seed("one")
    emulator.seed("two")
    listed = inventory.list(
        workspace_id="{{ lookup('ansible.builtin.env', 'WHERE') }}",
        access_key_id="{{ lookup('ansible.builtin.env', 'KEY_ID') }}",
        access_key_secret="{{ lookup('ansible.builtin.env', 'KEY') }}",
        filters={"names": ["{{ 'o' ~ 'ne' }}"], "include": ["ray_name == 'one'"]},
        env={
            "WHERE": emulator.workspace_id,
            "KEY_ID": emulator.access_key_id,
            "KEY": emulator.access_key_secret,
            "ALIBABA_CLOUD_ACCESS_KEY_ID": None,
            "ALIBABA_CLOUD_ACCESS_KEY_SECRET": None,
            "ALIBABA_CLOUD_EMR_SERVERLESS_SPARK_WORKSPACE_ID": None,
        },
    )
    assert set(listed.hosts) == {"one"}


def test_what_the_service_says_is_never_a_template(emulator: Emulator, inventory: Inventory, tmp_path: Path) -> None:
    touched = tmp_path / "touched"
    evil = "{{ lookup('ansible.builtin.pipe', 'touch " + str(touched) + "') }}"
    (one,) = emulator.seed("harmless", state="Running")
    emulator.patch(one, description=evil, message=evil)
    path = inventory.file(compose={"copied": "ray_description"}, keyed_groups=[STATE])
    assert inventory.show(path).hosts["harmless"]["ray_description"] == evil
    played = inventory.runner.play(
        [{"name": "say", "ansible.builtin.debug": {"msg": "{{ ray_description }} {{ copied }} {{ ray_message }}"}}],
        "-i",
        str(path),
        hosts="state_running",
    )
    assert played["say"]["msg"] == f"{evil} {evil} {evil}"
    assert not touched.exists()


@pytest.fixture
def cached(tmp_path: Path) -> Json:
    """Return the options of a cache that outlives a run."""
    return {"cache": True, "cache_plugin": "ansible.builtin.jsonfile", "cache_connection": str(tmp_path / "kept")}


def test_another_account_does_not_get_the_hosts_of_the_first(
    emulator: Emulator, inventory: Inventory, cached: Json
) -> None:
    emulator.seed("training")
    path = inventory.file(**cached)
    first = inventory.show(path)
    assert set(first.hosts) == {"training"}
    assert inventory.show(path).operations == []
    emulator.core.verifier.accounts["second"] = Account("second", "secret-of-the-second")
    second = {"ALIBABA_CLOUD_ACCESS_KEY_ID": "second", "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "secret-of-the-second"}
    assert inventory.show(path, env=second).operations == ["ListRayCluster"]
    assert inventory.show(path, env=second).operations == []
    assert inventory.show(path).operations == []


STRANGERS = ("all", "ungrouped", "localhost", "state_stopped", "static_group", "composed")


def test_the_name_of_a_cluster_shadows_nothing(emulator: Emulator, inventory: Inventory, tmp_path: Path) -> None:
    ids = {name: emulator.seed(name)[0] for name in (*STRANGERS, "training")}
    static = tmp_path / "hosts"
    static.write_text("[static_group]\nother\n")
    queue = {"prefix": "queue", "key": "ray_queues", "parent_group": "parents"}
    path = inventory.file(keyed_groups=[STATE, queue], groups={"composed": "ray_name == 'training'"})
    listed = inventory.show(static, "-i", str(path))
    hosts = {"training", *(f"{name}@{ids[name]}" for name in STRANGERS)}
    assert set(listed.hosts) == hosts
    assert {listed.hosts[host]["ray_name"] for host in hosts} == set(ids)
    assert listed.group("state_stopped") == hosts
    assert listed.group("queue_root_queue") == hosts
    assert listed.group("composed") == {"training"}
    assert listed.group("static_group") == {"other"}
    assert listed.content["parents"]["children"] == ["queue_root_queue"]
    assert "Clusters whose names belong to a group or to Ansible itself get their ids appended" in " ".join(
        listed.output.split()
    )


def test_names_that_lead_to_one_group_are_told(emulator: Emulator, inventory: Inventory) -> None:
    emulator.seed("one", spec=spec_with(queueName="a-b"))
    emulator.seed("two", spec=spec_with(queueName="a_b"))
    emulator.seed("three", spec=spec_with(queueName="c"))
    listed = inventory.list(keyed_groups=[{"prefix": "queue", "key": "ray_worker_spec[0].queue_name"}])
    assert listed.group("queue_a_b") == {"one", "two"}
    assert "Several names lead to the same group: queue_a_b (queue_a-b, queue_a_b)" in " ".join(listed.output.split())
    assert "queue_c (" not in listed.output


def test_the_name_of_a_cluster_runs_no_command(emulator: Emulator, inventory: Inventory, tmp_path: Path) -> None:
    """On ansible-core before 2.19 every name of a host is a template: run this test there, too."""
    canary = tmp_path / "canary"
    command = f"{{{{ lookup('pipe', 'touch {canary}') }}}}"
    emulator.seed(command, spec=spec_with(queueName=command))
    emulator.seed("plain")
    keyed = [{"prefix": "queue", "key": "ray_queues"}, {"prefix": "name", "key": "ray_name"}]
    path = inventory.file(keyed_groups=keyed, compose={"copy": "ray_name"}, groups={"named": "ray_name"})
    say = "{{ inventory_hostname }} {{ groups }} {{ group_names }} {{ ray_name }} {{ copy }} "
    say += "{{ hostvars[inventory_hostname] }}"
    tasks = [
        {
            "name": "say",
            "ansible.builtin.debug": {"msg": f"{say} {{{{ play_hosts }}}} {{{{ ansible_play_hosts_all }}}}"},
        },
        {"name": "task for {{ inventory_hostname }}", "ansible.builtin.debug": {"var": "inventory_hostname"}},
    ]
    played = inventory.runner.play(tasks, "-i", str(path), hosts="all")
    assert not canary.exists(), played.output
    said = [line["result"]["msg"] for line in played.task_results if line["task"] == "say"]
    assert len(said) == 2
    assert all(f"touch {canary}" in text for text in said), "the name itself stays to be read"


@pytest.mark.slow
def test_a_thousand_clusters_cost_one_scan_and_none_from_the_cache(
    emulator: Emulator, inventory: Inventory, cached: Json
) -> None:
    emulator.seed("fleet", count=1000, state="Running")
    path = inventory.file(keyed_groups=[STATE], **cached)
    first = inventory.show(path)
    assert len(first.group("state_running")) == len(first.hosts) == 1000
    assert first.operations == ["ListRayCluster"]
    assert len(emulator.journal) in (10, 11)
    second = inventory.show(path)
    assert second.operations == []
    assert second.hosts == first.hosts


def test_the_cache_has_answers_without_secrets_and_serves_other_options(
    emulator: Emulator, inventory: Inventory, cached: Json, tmp_path: Path
) -> None:
    (one,) = emulator.seed("a", state="Running")
    emulator.seed("b")
    path = inventory.file(details=True, filters={"names": ["a"]}, **cached)
    assert inventory.show(path).operations == ["ListRayCluster", "GetRayCluster"]
    kept = "".join(file.read_text() for file in (tmp_path / "kept").iterdir())
    (whole,) = (cluster for cluster in emulator.clusters() if cluster["clusterId"] == one)
    assert one in kept
    for secret in (whole["submitToken"], whole["dashboardUrl"].partition("token=")[2], emulator.access_key_secret):
        assert secret not in kept
    other = {"hostnames": ["cluster_id"], "groups": {"all_of_them": True}, "compose": {"x": "ray_name"}}
    path.write_text(yaml.safe_dump({"plugin": "rayops.alicloud.emr_ray", "details": True, **other, **cached}))
    again = inventory.show(path)
    assert again.operations == ["GetRayCluster"], "the list is known, and one of the clusters"
    assert {values["x"] for values in again.hosts.values()} == {"a", "b"}
    emulator.patch(one, name="renamed")
    assert {values["x"] for values in inventory.show(path).hosts.values()} == {"a", "b"}
    say = [{"name": "say", "ansible.builtin.debug": {"var": "x"}}]
    played = inventory.runner.play(say, "-i", str(path), "--flush-cache", hosts="all")
    assert {line["result"]["x"] for line in played.task_results} == {"renamed", "b"}


WRONG: list[tuple[Json, str]] = [
    ({"filter": {}}, "filter: is not an option of the plugin"),
    ({"filters": {"stats": ["x"]}}, "filters: stats. Supported parameters include"),
    ({"filters": {"modified": "maybe"}}, "filters: argument 'modified' is of type"),
    ({"filters": {"include": ["ray_nothing == 1"]}}, "'ray_nothing == 1' cannot be decided"),
    ({"filters": {"include": ["ray_name"]}}, "'ray_name' cannot be decided"),
    ({"filters": {"include": [3]}}, "filters.include: must be a list of conditions"),
    ({"workspaces": [{"region": "x"}]}, "workspaces: missing required arguments: workspace_id"),
    ({"workspaces": ["w-1"]}, "workspaces: must be a mapping"),
    ({"workspace_id": "../x"}, "workspace_id: is not an ID"),
    ({"hostvars_prefix": "ray-"}, "hostvars_prefix: a variable name cannot"),
    ({"hostnames": ["ray_absent"], "strict": True}, "hostnames: 'ray_absent'"),
    ({"region": "{{ nothing }}"}, "region: "),
    (
        {"workspaces": [{"workspace_id": "w-1"}], "workspace_id": "w-2"},
        "workspace_id: cannot be given together with workspaces or regions",
    ),
]


def test_every_wrong_option_is_named(emulator: Emulator, inventory: Inventory) -> None:
    emulator.seed("one")
    files = [word for options, _text in WRONG for word in ("-i", str(inventory.file(**options)))]
    output = " ".join(inventory.runner.run("ansible-inventory", *files, "--list").output.split())
    for _options, text in WRONG:
        assert text in output
    assert output.count("Unable to parse") == len(WRONG)
    assert '"one"' not in output
    assert "Traceback" not in output
    assert "This is a bug" not in output


def test_a_refusal_is_one_line_or_a_warning(emulator: Emulator, inventory: Inventory) -> None:
    emulator.seed("one")
    emulator.deny("ListRayCluster")
    output = inventory.refused()
    assert f"Could not read the Ray clusters of workspace {emulator.workspace_id}: NoPermission" in output
    assert ":ListRayCluster, and check that the user has a role in the workspace" in output
    assert "Traceback" not in output
    assert emulator.access_key_secret not in inventory.refused("-vvv")
    listed = inventory.list(strict_permissions=False)
    assert listed.hosts == {}
    assert "It is skipped" in " ".join(listed.output.split())


def test_a_failure_leaves_no_part_of_an_inventory(emulator: Emulator, inventory: Inventory) -> None:
    emulator.seed("one")
    workspaces = [{"workspace_id": emulator.workspace_id}, {"workspace_id": "w-unknown"}]
    output = inventory.refused(workspaces=workspaces)
    assert "Could not read the Ray clusters of workspace w-unknown" in output
    lenient = inventory.runner.run("ansible-inventory", "-i", str(inventory.file(workspaces=workspaces)), "--list")
    assert '"one"' not in lenient.output


def test_credentials_that_are_missing_are_named_before_any_request(emulator: Emulator, inventory: Inventory) -> None:
    nothing = {"ALIBABA_CLOUD_ACCESS_KEY_ID": None, "ALIBABA_CLOUD_ACCESS_KEY_SECRET": None}
    assert "no credentials were found" in inventory.refused(env=nothing)
    assert emulator.journal == []


def test_a_file_of_another_name_is_declined(emulator: Emulator, inventory: Inventory, tmp_path: Path) -> None:
    path = tmp_path / "clusters.yml"
    path.write_text("plugin: rayops.alicloud.emr_ray\n")
    played = inventory.runner.run("ansible-inventory", "-i", str(path), "--list")
    assert "could not be verified" in " ".join(played.output.split())
    assert emulator.journal == []


def restart(runner: AnsibleRunner, *arguments: str, source: Path = EXAMPLE) -> RunResult:
    """Run the example playbook on the example inventory."""
    return runner.run("ansible-playbook", str(PLAYBOOK), "-i", str(source), *arguments)


def changed(played: RunResult) -> set[str]:
    """Return the hosts that a run has changed."""
    return {line["host"] for line in played.task_results if line["result"].get("changed")}


@pytest.mark.slow
def test_the_example_playbook_restarts_what_was_modified(emulator: Emulator, runner: AnsibleRunner) -> None:
    for name in ("modified", "also-modified", "up-to-date"):
        (cluster_id,) = emulator.seed(name, state="Running")
        if name != "up-to-date":
            emulator.service.update(emulator.workspace_id, cluster_id, {**spec_with(), "name": name})
    emulator.seed("stopped")
    assert changed(restart(runner, "--check")) == {"modified", "also-modified"}
    assert runner.writes() == []
    assert changed(restart(runner, "--limit", "also-*")) == {"also-modified"}
    played = restart(runner)
    assert changed(played) == {"modified"}
    assert {line["host"] for line in played.task_results} == {"modified", "also-modified", "up-to-date"}
    assert runner.writes() == ["StopRayCluster", "StartRayCluster"] * 2
    assert changed(restart(runner)) == set()


def test_slices_of_a_fleet_are_disjoint_and_leave_nothing_out(emulator: Emulator, runner: AnsibleRunner) -> None:
    emulator.seed("fleet", count=12, state="Running")
    slices = [
        {line["host"] for line in restart(runner, "--limit", f"state_running[{part}]").task_results}
        for part in ("0:5", "6:11")
    ]
    assert [len(part) for part in slices] == [6, 6]
    assert not slices[0] & slices[1]
