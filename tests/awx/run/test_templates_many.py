# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The job templates about many clusters, in the same way as those about one."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from pathlib import Path

import yaml

from . import page
from .definitions import inventory_script
from .planted_secrets import REDIS_PASSWORD
from .scenario import StartScenario, start_scenario

__all__ = ["start_scenario"]

ENGINE = "ray-1.0.0 (Ray 2.47.1, Python 3.12)"
NODE = {"queue_name": "root_queue", "cpu": 2, "memory": "8Gi"}
SPEC = {
    "display_release_version": ENGINE,
    "head_spec": NODE,
    "worker_spec": [{"group_name": "cpu", "worker_type": "CPU", "replica": 1, **NODE}],
}


def test_converge(start_scenario: StartScenario) -> None:
    scenario = start_scenario("converge")
    for name in ("ci-1", "ci-2", "team-a"):
        scenario.emulator.seed(name, state="Running")
    declaration = {"clusters": [{"name": "team-a", "description": scenario.text}, {"name": "team-b"}]}
    declaration["defaults"] = {"state": "started", "wait_interval": 0.1, **SPEC}
    answers = {
        "rayops_declaration": yaml.safe_dump(declaration),
        "rayops_prune": "delete",
        "rayops_prune_pattern": "ci-*",
    }
    done = scenario({**answers, "rayops_max_stopped_fraction": 1.0, "rayops_batch_size": "1"})
    assert scenario.states() == {"team-a": "Running", "team-b": "Running"}
    assert scenario.cluster("team-a")["description"] == scenario.text
    assert done.artifacts["rayops_result"]["actions"]["delete"] == 2
    page.assert_block("converge", "output", page.output_block(done))
    # The same from the variables of the inventory or the template.
    clusters = [{"name": "team-a"}, {"name": "team-b"}]
    variables = {"rayops_clusters": clusters, "rayops_defaults": declaration["defaults"]}
    assert not scenario(template_vars=variables).changed


def test_platform(start_scenario: StartScenario) -> None:
    scenario = start_scenario("platform")
    node = {**NODE, "queue_name": "ray"}
    declared = {
        "ray_platform_workspace": {
            "name": "research", "oss_bucket": "oss://bucket/", "ram_role_name": "role", "resource_spec": {"cu": 200},
            "wait_interval": 0.1,
        },
        "ray_platform_queues": [{"name": "ray", "resource_spec": {"cu": 100}, "description": scenario.text}],
        "ray_platform_network_services": [
            {"name": "redis", "vpc_id": "vpc-1", "vswitch_ids": ["vsw-1"], "security_group_id": "sg-1",
             "wait_interval": 0.1}
        ],
        "ray_platform_members": [
            {"member_arns": ["acs:ram::100000000000000001:user/200000000000000077"], "roles": ["DataScience"]}
        ],
        "ray_platform_cluster_defaults": {"state": "started", "wait_interval": 0.1, **SPEC, "head_spec": node},
        "ray_platform_clusters": [{"name": "training"}],
    }  # fmt: skip
    answers = {"rayops_declaration": yaml.safe_dump(declared)}
    refused = scenario({**answers, "rayops_max_cu": "100"}, status="failed")
    assert "max_cu: the workspace would have 200 CU" in refused.stdout
    assert scenario.emulator.writes() == []
    done = scenario(answers)
    workspace_id = done.artifacts["rayops_result"]["workspace_id"]
    assert workspace_id not in (None, scenario.emulator.workspace_id)
    assert [cluster["name"] for cluster in scenario.emulator.clusters(workspace_id)] == ["training"]
    page.assert_block("platform", "output", page.output_block(done))
    # Variables of a template may be templates, so they are declared without the text that must not be one.
    plain = {**declared, "ray_platform_queues": [{"name": "ray", "resource_spec": {"cu": 100}}]}
    assert not scenario(template_vars={"rayops_platform": plain}).changed
    smaller = {**declared, "ray_platform_queues": [{"name": "ray", "resource_spec": {"cu": 50}}]}
    smaller["ray_platform_workspace"] = {**declared["ray_platform_workspace"], "resource_spec": {"cu": 150}}
    refused = scenario({"rayops_declaration": yaml.safe_dump(smaller)}, status="failed")
    assert "protected: the queues must not be deleted or shrunk" in refused.stdout
    assert scenario({"rayops_declaration": yaml.safe_dump(smaller), "rayops_protect": "no"}).changed


def test_drift(start_scenario: StartScenario) -> None:
    scenario = start_scenario("drift")
    for name in ("team-a", "somebody"):
        scenario.emulator.seed(name, state="Running")
    clusters = [{"name": "team-a", "description": scenario.text}, {"name": "team-b", **SPEC}]
    answers = {"rayops_declaration": yaml.safe_dump({"clusters": clusters})}
    done = scenario(answers, status="failed")
    counts = done.artifacts["rayops_result"]["counts"]
    assert {name: counts[name] for name in ("drifted", "missing", "undeclared")} == {
        "drifted": 1,
        "missing": 1,
        "undeclared": 1,
    }
    page.assert_block("drift", "output", page.output_block(done))
    assert scenario.emulator.writes() == []


def test_sweep(start_scenario: StartScenario) -> None:
    scenario = start_scenario("sweep")
    for name in ("idle", "serving-a", "idle-old"):
        scenario.emulator.seed(name, state="Running")
    scenario.emulator.patch(scenario.cluster("idle-old")["clusterId"], description="[blue-green retired]")
    later = datetime.now(timezone.utc) + timedelta(hours=2, seconds=90)
    moment = {"template_vars": {"ray_sweep_now": later.strftime("%Y-%m-%dT%H:%M:%SZ")}}
    answers = {"rayops_idle_minutes": 90.5, "rayops_exempt": f"serving-*\n{scenario.text}"}
    planned = scenario({**answers, "rayops_dry_run": "no"}, job_type="check", **moment)
    assert "1 of them idle or expired, 1 would be stopped." in planned.artifacts["rayops_result"]["summary"]
    assert scenario.emulator.writes() == []
    done = scenario({**answers, "rayops_dry_run": "no"}, **moment)
    assert scenario.cluster("idle")["state"] in ("Stopping", "Stopped")
    assert scenario.cluster("serving-a")["state"] == scenario.cluster("idle-old")["state"] == "Running"
    (shown,) = done.results("Show each running cluster")
    assert any("blue/green has retired this generation" in line for line in shown["msg"])
    page.assert_block("sweep", "output", page.output_block(done))
    assert done.artifacts["rayops_result"]["stopped"] == [scenario.cluster("idle")["clusterId"]]


def test_report(start_scenario: StartScenario, tmp_path: Path) -> None:
    scenario = start_scenario("report")
    scenario.emulator.seed("training", state="Running")
    scenario.emulator.seed("old")
    done = scenario({"rayops_title": scenario.text, "rayops_artifacts": ["csv", "html", "json"]})
    kept = done.artifacts
    assert kept["rayops_result"]["totals"]["running"] == 1
    assert kept["rayops_report_csv"].splitlines()[1].startswith('"training"')
    assert kept["rayops_report_html"].startswith("<!DOCTYPE html>")
    assert kept["rayops_report_json"]["title"] == scenario.text
    assert [row["name"] for row in kept["rayops_report_json"]["clusters"]] == ["training", "old"]
    page.assert_block("report", "output", page.output_block(done))
    done = scenario(
        {"rayops_dest": str(tmp_path / "mounted"), "rayops_artifacts": ["none"], "rayops_look_for_idle": "yes"}
    )
    assert {path.name for path in (tmp_path / "mounted").iterdir()} == {"fleet.html", "fleet.csv", "fleet.json"}
    assert not [name for name in done.artifacts if name.startswith("rayops_report")]


def test_doctor(start_scenario: StartScenario) -> None:
    scenario = start_scenario("doctor")
    done = scenario()
    assert done.artifacts["rayops_result"]["ok"] is True
    page.assert_block(
        "doctor", "output", [".. code-block:: text", "", *_tail(page.output_block(done), "TASK [Show the result]")]
    )
    scenario.emulator.deny("ListRayCluster")
    denied = scenario(status="failed").artifacts["rayops_result"]
    assert denied["ok"] is False
    assert denied["permissions"]["missing"] == ["emr-serverless-spark:ListRayCluster"]


def _tail(lines: list[str], first: str) -> list[str]:
    """Return the lines from the one with `first` on; what is before it is about the machine that runs it."""
    return lines[next(place for place, line in enumerate(lines) if first in line) :]


def test_office_hours(start_scenario: StartScenario) -> None:
    scenario = start_scenario("office_hours")
    for name in ("office-a", "office-b", "office-old", "serving"):
        scenario.emulator.seed(name)
    scenario.emulator.patch(scenario.cluster("office-old")["clusterId"], description="[blue-green retired]")
    morning = {"rayops_actions": ["start", "stop"], "rayops_timezone": "UTC", "rayops_now": "2026-11-23T10:00:00Z"}
    refused = scenario({**morning, "rayops_max_cu": "1"}, status="failed")
    assert refused.artifacts["rayops_result"]["summary"].startswith("Office hours: FAILED: ")
    assert "max_cu" in refused.artifacts["rayops_result"]["summary"]
    assert scenario.emulator.writes() == []
    done = scenario({**morning, "rayops_exclude": f"office-b\n{scenario.text}", "rayops_max_cu": "none"})
    stopped = dict.fromkeys(("office-b", "office-old", "serving"), "Stopped")
    assert scenario.states() == {"office-a": "Running", **stopped}
    page.assert_block("office_hours", "output", page.output_block(done))
    # AWX applies no default of a multiselect question, and an emptied answer is the default: closed has to be said.
    del morning["rayops_actions"]
    scenario({**morning, "rayops_weekdays": "closed", "rayops_holidays": "2026-12-25\n"})
    assert scenario.states() == {"office-a": "Stopped", **stopped}


def test_blue_green(start_scenario: StartScenario) -> None:
    scenario = start_scenario("blue_green")
    answers = {"rayops_name": "serving", "rayops_check_entrypoint": f"python check.py {scenario.text}"}
    answers |= {
        "rayops_description": scenario.text,
        "rayops_environment": f"STAGE={scenario.text}",
        "rayops_old": "delete",
    }
    planned = scenario(answers, job_type="check").artifacts["rayops_result"]
    assert planned["summary"] == "serving: would do create, start. The cluster would be Running, 10 CU."
    assert scenario.emulator.clusters() == []
    scenario(answers)
    (first,) = scenario.emulator.clusters()
    assert first["state"] == "Running"
    done = scenario(
        {**answers, "rayops_revision": "v2", "rayops_redis_url": "r:6379", "rayops_redis_password": REDIS_PASSWORD}
    )
    (second,) = scenario.emulator.clusters()
    assert second["clusterId"] != first["clusterId"]
    assert done.artifacts["rayops_cluster_id"] == second["clusterId"]
    assert second["description"].startswith(scenario.text)
    assert second["headSpec"]["env"] == f"STAGE={scenario.text}"
    assert [job["status"] for job in scenario.emulator.jobs()] == ["Succeeded", "Succeeded"]
    assert {job["entrypoint"] for job in scenario.emulator.jobs()} == {answers["rayops_check_entrypoint"]}
    page.assert_block("blue_green", "output", page.output_block(done))


def test_fleet(start_scenario: StartScenario) -> None:
    scenario = start_scenario("fleet")
    hosts = {}
    for name in ("ci-1", "ci-2", "team-a"):
        (cluster_id,) = scenario.emulator.seed(name, state="Running")
        hosts[name] = {
            "ray_cluster_id": cluster_id,
            "ray_workspace_id": scenario.emulator.workspace_id,
            "ray_endpoint": scenario.emulator.url,
            "ray_network": "public",
            "ansible_connection": "local",
            "ansible_python_interpreter": "{{ ansible_playbook_python }}",
        }
    inventory = inventory_script(hosts, {"state_running": sorted(hosts)})
    stopped = {"rayops_fleet_state": "stopped"}
    done = scenario({**stopped, "rayops_max_clusters": 2}, inventory=inventory, status="failed")
    assert "3 clusters match, and the guardrail allows 2." in done.stdout
    assert scenario.emulator.journal == []
    done = scenario(stopped, inventory=inventory, limit="ci-*:&state_running")
    assert scenario.states() == {"ci-1": "Stopped", "ci-2": "Stopped", "team-a": "Running"}
    page.assert_block("fleet", "output", page.output_block(done))
    # A slice of which blue/green has retired every cluster has nothing to do, and succeeds.
    hosts["ci-1"]["ray_description"] = hosts["ci-2"]["ray_description"] = "[blue-green retired]"
    started = {"rayops_fleet_state": "started"}
    done = scenario(started, inventory=inventory_script(hosts), limit="ci-*")
    (told,) = done.results("Report the retired generations that are skipped")
    assert told["msg"] == "ci-1, ci-2: retired by blue/green and skipped."
    assert scenario.emulator.writes() == []
    # With a limit, not even localhost is a host that a task could fail on.
    for limit in ("state_running", ""):
        empty = scenario(stopped, inventory=inventory_script({}), limit=limit, status="failed")
        # AWX shows the events. ansible-runner's file of the output may lack them for an error before the first play.
        assert any("The inventory has no cluster." in event["stdout"] for event in empty.events)
