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
from .planted import REDIS_PASSWORD
from .story import Tell, tell

__all__ = ["tell"]

ENGINE = "ray-1.0.0 (Ray 2.47.1, Python 3.12)"
NODE = {"queue_name": "root_queue", "cpu": 2, "memory": "8Gi"}
SPEC = {
    "display_release_version": ENGINE,
    "head_spec": NODE,
    "worker_spec": [{"group_name": "cpu", "worker_type": "CPU", "replica": 1, **NODE}],
}


def test_converge(tell: Tell) -> None:
    story = tell("converge")
    for name in ("ci-1", "ci-2", "team-a"):
        story.emulator.seed(name, state="Running")
    declaration = {"clusters": [{"name": "team-a", "description": story.text}, {"name": "team-b"}]}
    declaration["defaults"] = {"state": "started", "wait_interval": 0.1, **SPEC}
    answers = {
        "rayops_declaration": yaml.safe_dump(declaration),
        "rayops_prune": "delete",
        "rayops_prune_pattern": "ci-*",
    }
    refused = story({**answers, "rayops_max_prune": 1}, status="failed")
    assert "max_prune" in refused.stdout
    assert story.emulator.writes() == []
    done = story({**answers, "rayops_max_stopped_fraction": 1.0, "rayops_batch_size": "1"})
    assert story.states() == {"team-a": "Running", "team-b": "Running"}
    assert story.cluster("team-a")["description"] == story.text
    assert done.artifacts["rayops_result"]["actions"]["delete"] == 2
    page.hold("converge", "output", page.printed(done))
    # The same from the variables of the inventory or the template.
    clusters = [{"name": "team-a"}, {"name": "team-b"}]
    variables = {"rayops_clusters": clusters, "rayops_defaults": declaration["defaults"]}
    assert not story(template_vars=variables).changed


def test_drift(tell: Tell) -> None:
    story = tell("drift")
    for name in ("team-a", "somebody"):
        story.emulator.seed(name, state="Running")
    clusters = [{"name": "team-a", "description": story.text}, {"name": "team-b", **SPEC}]
    answers = {"rayops_declaration": yaml.safe_dump({"clusters": clusters})}
    done = story(answers, status="failed")
    counts = done.artifacts["rayops_result"]["counts"]
    assert {name: counts[name] for name in ("drifted", "missing", "undeclared")} == {
        "drifted": 1,
        "missing": 1,
        "undeclared": 1,
    }
    page.hold("drift", "output", page.printed(done))
    assert story.emulator.writes() == []


def test_sweep(tell: Tell) -> None:
    story = tell("sweep")
    for name in ("idle", "serving-a", "idle-old"):
        story.emulator.seed(name, state="Running")
    story.emulator.patch(story.cluster("idle-old")["clusterId"], description="[blue-green retired]")
    later = datetime.now(timezone.utc) + timedelta(hours=2, seconds=90)
    moment = {"template_vars": {"ray_sweep_now": later.strftime("%Y-%m-%dT%H:%M:%SZ")}}
    answers = {"rayops_idle_minutes": 90.5, "rayops_exempt": f"serving-*\n{story.text}"}
    done = story({**answers, "rayops_dry_run": "no"}, **moment)
    assert story.cluster("idle")["state"] in ("Stopping", "Stopped")
    assert story.cluster("serving-a")["state"] == story.cluster("idle-old")["state"] == "Running"
    assert any(
        "blue/green has retired this generation" in line for line in done.results("Show each running cluster")[0]["msg"]
    )
    page.hold("sweep", "output", page.printed(done))
    assert done.artifacts["rayops_result"]["stopped"] == [story.cluster("idle")["clusterId"]]


def test_report(tell: Tell, tmp_path: Path) -> None:
    story = tell("report")
    story.emulator.seed("training", state="Running")
    story.emulator.seed("old")
    done = story({"rayops_title": story.text, "rayops_artifacts": ["csv", "html", "json"]})
    kept = done.artifacts
    assert kept["rayops_result"]["totals"]["running"] == 1
    assert kept["rayops_report_csv"].splitlines()[1].startswith('"training"')
    assert kept["rayops_report_html"].startswith("<!DOCTYPE html>")
    assert kept["rayops_report_json"]["title"] == story.text
    assert [row["name"] for row in kept["rayops_report_json"]["clusters"]] == ["training", "old"]
    page.hold("report", "output", page.printed(done))
    done = story(
        {"rayops_dest": str(tmp_path / "mounted"), "rayops_artifacts": ["none"], "rayops_look_for_idle": "yes"}
    )
    assert {path.name for path in (tmp_path / "mounted").iterdir()} == {"fleet.html", "fleet.csv", "fleet.json"}
    assert not [name for name in done.artifacts if name.startswith("rayops_report")]


def test_doctor(tell: Tell) -> None:
    story = tell("doctor")
    done = story()
    assert done.artifacts["rayops_result"]["ok"] is True
    page.hold("doctor", "output", [".. code-block:: text", "", *_tail(page.printed(done), "TASK [Show the result]")])
    story.emulator.deny("ListRayCluster")
    denied = story(status="failed").artifacts["rayops_result"]
    assert denied["ok"] is False
    assert denied["permissions"]["missing"] == ["emr-serverless-spark:ListRayCluster"]


def _tail(lines: list[str], first: str) -> list[str]:
    """Return the lines from the one with `first` on; what is before it is about the machine that runs it."""
    return lines[next(place for place, line in enumerate(lines) if first in line) :]


def test_office_hours(tell: Tell) -> None:
    story = tell("office_hours")
    for name in ("office-a", "office-b", "office-old", "serving"):
        story.emulator.seed(name)
    story.emulator.patch(story.cluster("office-old")["clusterId"], description="[blue-green retired]")
    morning = {"rayops_actions": ["start", "stop"], "rayops_timezone": "UTC", "rayops_now": "2026-11-23T10:00:00Z"}
    refused = story({**morning, "rayops_max_cu": "1"}, status="failed")
    assert "max_cu" in refused.artifacts["rayops_result"]["summary"]
    assert "FAILED" in refused.artifacts["rayops_result"]["summary"]
    assert story.emulator.writes() == []
    done = story({**morning, "rayops_exclude": f"office-b\n{story.text}", "rayops_max_cu": "none"})
    stopped = dict.fromkeys(("office-b", "office-old", "serving"), "Stopped")
    assert story.states() == {"office-a": "Running", **stopped}
    page.hold("office_hours", "output", page.printed(done))
    # AWX applies no default of a multiselect question, and an emptied answer is the default: closed has to be said.
    del morning["rayops_actions"]
    story({**morning, "rayops_weekdays": "closed", "rayops_holidays": "2026-12-25\n"})
    assert story.states() == {"office-a": "Stopped", **stopped}
    story.emulator.deny("ListRayCluster")
    denied = story(morning, status="failed")
    assert denied.artifacts["rayops_result"]["summary"].startswith("Office hours: FAILED: ")


def test_blue_green(tell: Tell) -> None:
    story = tell("blue_green")
    answers = {"rayops_name": "serving", "rayops_check_entrypoint": f"python check.py {story.text}"}
    answers |= {"rayops_description": story.text, "rayops_environment": f"STAGE={story.text}", "rayops_old": "delete"}
    story(answers)
    (first,) = story.emulator.clusters()
    assert first["state"] == "Running"
    done = story(
        {**answers, "rayops_revision": "v2", "rayops_redis_url": "r:6379", "rayops_redis_password": REDIS_PASSWORD}
    )
    (second,) = story.emulator.clusters()
    assert second["clusterId"] != first["clusterId"]
    assert done.artifacts["rayops_cluster_id"] == second["clusterId"]
    assert second["description"].startswith(story.text)
    assert second["headSpec"]["env"] == f"STAGE={story.text}"
    assert [job["status"] for job in story.emulator.jobs()] == ["Succeeded", "Succeeded"]
    assert {job["entrypoint"] for job in story.emulator.jobs()} == {answers["rayops_check_entrypoint"]}
    page.hold("blue_green", "output", page.printed(done))


def test_fleet(tell: Tell) -> None:
    story = tell("fleet")
    hosts = {}
    for name in ("ci-1", "ci-2", "team-a"):
        (cluster_id,) = story.emulator.seed(name, state="Running")
        hosts[name] = {
            "ray_cluster_id": cluster_id,
            "ray_workspace_id": story.emulator.workspace_id,
            "ray_endpoint": story.emulator.url,
            "ray_network": "public",
            "ansible_connection": "local",
            "ansible_python_interpreter": "{{ ansible_playbook_python }}",
        }
    inventory = inventory_script(hosts, {"state_running": sorted(hosts)})
    stopped = {"rayops_fleet_state": "stopped"}
    done = story({**stopped, "rayops_max_clusters": 2}, inventory=inventory, status="failed")
    assert "3 clusters match, and the guardrail allows 2." in done.stdout
    assert story.emulator.journal == []
    done = story(stopped, inventory=inventory, limit="ci-*:&state_running")
    assert story.states() == {"ci-1": "Stopped", "ci-2": "Stopped", "team-a": "Running"}
    page.hold("fleet", "output", page.printed(done))
    empty = story(stopped, inventory=inventory_script({}), status="failed")
    assert "The inventory has no cluster." in empty.stdout
