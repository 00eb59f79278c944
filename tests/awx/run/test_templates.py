# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The job templates about one cluster, launched with answers as AWX gives them: what they do, tell and may do.

Some of the answers look like templates. They have to stay text, wherever they go.
"""

from __future__ import annotations

import json

from . import page
from .planted_secrets import JOB_SECRET, REDIS_PASSWORD
from .scenario import StartScenario, start_scenario

__all__ = ["start_scenario"]


def test_create(start_scenario: StartScenario) -> None:
    scenario = start_scenario("create")
    answers = {
        "rayops_name": "training",
        "rayops_description": f"expires=2026-12-01T18:00Z {scenario.text}",
        "rayops_environment": f"STAGE=test\r\nOPTIONS=a=1 {scenario.text}\n",
        "rayops_max_workers": 6,
        "rayops_redis_url": "redis.example:6379",
        "rayops_redis_username": scenario.text,
        "rayops_redis_password": REDIS_PASSWORD + scenario.text,
        "rayops_max_cu": " 40 ",
    }
    planned = scenario(answers, job_type="check", verbosity=1)
    assert scenario.emulator.clusters() == []
    summary = planned.artifacts["rayops_result"]["summary"]
    assert summary == "training: would do create, start. The cluster would be Running, 10 CU."
    done = scenario(answers)
    cluster = scenario.cluster("training")
    assert cluster["state"] == "Running"
    assert cluster["description"] == answers["rayops_description"]
    head = scenario.emulator.spec(cluster["clusterId"])["headSpec"]
    assert head["env"] == f"STAGE=test\nOPTIONS=a=1 {scenario.text}"
    assert head["gftConfig"]["redisUsername"] == scenario.text
    assert head["gftConfig"]["redisPassword"] == REDIS_PASSWORD + scenario.text
    assert head["enableAutoScaling"] is True
    (group,) = cluster["workerSpec"]
    assert (group["replica"], group["minReplica"], group["maxReplica"]) == (2, 2, 6)
    result = done.artifacts["rayops_result"]
    assert done.artifacts["rayops_cluster_id"] == result["cluster_id"] == cluster["clusterId"]
    assert (result["changed"], result["state"], result["actions"]) == (True, "Running", ["create", "start"])
    page.assert_block("create", "output", page.output_block(done))

    larger = {**answers, "rayops_worker_memory": 32, "rayops_restart": "if_needed", "rayops_max_cu": "none"}
    assert scenario(larger).artifacts["rayops_result"]["actions"] == ["update", "stop", "start"]


def test_scale(start_scenario: StartScenario) -> None:
    scenario = start_scenario("scale")
    scenario.emulator.seed("training", state="Running")
    answers = {"rayops_workers": 2, "rayops_max_workers": 5, "rayops_idle_timeout": 120, "rayops_restart": "if_needed"}
    done = scenario({"rayops_name": "training", **answers})
    cluster = scenario.cluster("training")
    (group,) = cluster["workerSpec"]
    assert (group["replica"], group["minReplica"], group["maxReplica"]) == (2, 2, 5)
    assert cluster["headSpec"]["idleTimeoutSeconds"] == 120
    assert done.artifacts["rayops_result"]["actions"] == ["update", "stop", "start"]
    page.assert_block("scale", "output", page.output_block(done))
    # In a workflow the job before has said which cluster.
    handed_on = {"rayops_cluster_id": cluster["clusterId"]}
    done = scenario({"rayops_workers": 3}, artifacts=handed_on, job_type="check")
    assert done.artifacts["rayops_result"]["actions"] == ["update"]
    assert scenario.emulator.writes() == []


def test_start(start_scenario: StartScenario) -> None:
    scenario = start_scenario("start")
    for name in ("team-a", "team-b", "other", "team-old"):
        scenario.emulator.seed(name)
    scenario.emulator.patch(scenario.cluster("team-old")["clusterId"], description="[blue-green retired]")
    done = scenario({"rayops_names": "team-*\n"})
    assert scenario.states() == {"team-a": "Running", "team-b": "Running", "other": "Stopped", "team-old": "Stopped"}
    (told,) = done.results("Report the retired generations that are skipped")
    assert told["msg"] == "team-old: retired by blue/green and skipped. To start one, use its exact name."
    assert done.artifacts["rayops_result"]["states"] == {"team-a": "Running", "team-b": "Running"}
    page.assert_block("start", "output", page.output_block(done))


def test_stop(start_scenario: StartScenario) -> None:
    scenario = start_scenario("stop")
    for name in ("ci-1", "ci-2", "ci-3"):
        scenario.emulator.seed(name, state="Running")
    done = scenario({"rayops_names": f"ci-1\r\nci-[3]\r\n{scenario.text}"}, status="failed")
    assert f"No cluster matches ci-[3],{scenario.text}," in done.results("Select the clusters")[0]["msg"]
    assert set(scenario.states().values()) == {"Running"}
    done = scenario({"rayops_names": "ci-1\r\nci-?", "rayops_max_clusters": 3})
    assert set(scenario.states().values()) == {"Stopped"}
    page.assert_block("stop", "output", page.output_block(done))


def test_restart(start_scenario: StartScenario) -> None:
    scenario = start_scenario("restart")
    for name in ("team-a", "team-b"):
        scenario.emulator.seed(name, state="Running")
    scenario.emulator.patch(scenario.cluster("team-b")["clusterId"], modified=True)
    done = scenario({"rayops_names": "team-*"})
    assert done.artifacts["rayops_result"]["actions"] == {"start": 1, "stop": 1}
    page.assert_block("restart", "output", page.output_block(done))
    scenario.emulator.seed("team-old")
    scenario.emulator.patch(scenario.cluster("team-old")["clusterId"], description="[blue-green retired]")
    planned = scenario({"rayops_names": "team-*", "rayops_restart_when": "always"}, job_type="check")
    assert set(planned.artifacts["rayops_result"]["states"]) == {"team-a", "team-b"}
    (told,) = planned.results("Report the retired generations that are skipped")
    assert "team-old: retired by blue/green and skipped." in told["msg"]


def test_submit_job(start_scenario: StartScenario) -> None:
    scenario = start_scenario("submit_job")
    scenario.emulator.seed("training", state="Running")
    answers = {
        "rayops_name": "training",
        "rayops_entrypoint": f"python main.py {scenario.text}",
        "rayops_working_dir": "oss://bucket/{{ 7 * 7 }}.zip",
        "rayops_job_key": "nightly-2026-11-22",
        "rayops_environment": f"STAGE={scenario.text}",
        "rayops_job_secret": JOB_SECRET + scenario.text,
        "rayops_driver_cpus": 0.5,
        "rayops_retries": 1,
    }
    planned = scenario(answers, job_type="check").artifacts["rayops_result"]
    assert planned["summary"] == "training: would submit a job."
    assert planned["submission_id"] == planned["status"] == ""
    assert scenario.emulator.jobs() == []
    scenario.emulator.plan_job("nightly-2026-11-22", status="Failed", log="loading\nno such file\n", seconds=0.1)
    done = scenario(answers)
    first, second = scenario.emulator.jobs()
    assert [job["status"] for job in (first, second)] == ["Failed", "Succeeded"]
    spec = scenario.emulator.job_spec(second["submissionId"])
    variables = {"STAGE": scenario.text, "RAYOPS_JOB_SECRET": JOB_SECRET + scenario.text}
    assert json.loads(spec["runtimeEnvJson"])["env_vars"] == variables
    assert spec["entrypoint"] == answers["rayops_entrypoint"]
    assert spec["workingDir"] == answers["rayops_working_dir"]
    assert spec["entrypointNumCpus"] == "0.5"
    assert done.artifacts["rayops_result"]["status"] == "Succeeded"
    page.assert_block("submit_job", "output", page.output_block(done))
    again = scenario(answers)
    assert len(scenario.emulator.jobs()) == 2, "the key says that it is the same job"
    assert again.artifacts["rayops_result"]["changed"] is False
    scenario.emulator.plan_job("broken", status="Failed", log="loading\nno such file\n", seconds=0.1)
    failed = scenario(
        {**answers, "rayops_job_key": "broken", "rayops_retries": 0, "rayops_log_lines": 1}, status="failed"
    )
    assert "no such file" in failed.results("Show the end of its log")[0]["msg"][0]
    assert "loading" not in failed.results("Show the end of its log")[0]["msg"]
    without_files = {**answers, "rayops_working_dir": "", "rayops_via": "cluster"}
    assert scenario(without_files).artifacts["rayops_result"]["status"] == "Succeeded"
