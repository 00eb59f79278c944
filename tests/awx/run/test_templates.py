# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The job templates about one cluster, launched with answers as AWX gives them: what they do, tell and may do.

Some of the answers look like templates. They have to stay text, wherever they go.
"""

from __future__ import annotations

import json

from . import page
from .planted import JOB_SECRET, REDIS_PASSWORD
from .story import Tell, tell

__all__ = ["tell"]


def test_create(tell: Tell) -> None:
    story = tell("create")
    answers = {
        "rayops_name": "training",
        "rayops_description": f"expires=2026-12-01T18:00Z {story.text}",
        "rayops_environment": f"STAGE=test\r\nOPTIONS=a=1 {story.text}\n",
        "rayops_max_workers": 6,
        "rayops_redis_url": "redis.example:6379",
        "rayops_redis_username": story.text,
        "rayops_redis_password": REDIS_PASSWORD + story.text,
        "rayops_max_cu": " 40 ",
    }
    planned = story(answers, job_type="check", verbosity=1)
    assert story.emulator.clusters() == []
    summary = planned.artifacts["rayops_result"]["summary"]
    assert summary == "training: would do create, start. The cluster would be Running, 10 CU."
    done = story(answers)
    cluster = story.cluster("training")
    assert cluster["state"] == "Running"
    assert cluster["description"] == answers["rayops_description"]
    head = story.emulator.spec(cluster["clusterId"])["headSpec"]
    assert head["env"] == f"STAGE=test\nOPTIONS=a=1 {story.text}"
    assert head["gftConfig"]["redisUsername"] == story.text
    assert head["gftConfig"]["redisPassword"] == REDIS_PASSWORD + story.text
    assert head["enableAutoScaling"] is True
    (group,) = cluster["workerSpec"]
    assert (group["replica"], group["minReplica"], group["maxReplica"]) == (2, 2, 6)
    result = done.artifacts["rayops_result"]
    assert done.artifacts["rayops_cluster_id"] == result["cluster_id"] == cluster["clusterId"]
    assert (result["changed"], result["state"], result["actions"]) == (True, "Running", ["create", "start"])
    page.hold("create", "output", page.printed(done))

    larger = {**answers, "rayops_worker_memory": 32, "rayops_restart": "if_needed", "rayops_max_cu": "none"}
    assert story(larger).artifacts["rayops_result"]["actions"] == ["update", "stop", "start"]


def test_scale(tell: Tell) -> None:
    story = tell("scale")
    story.emulator.seed("training", state="Running")
    answers = {"rayops_workers": 2, "rayops_max_workers": 5, "rayops_idle_timeout": 120, "rayops_restart": "if_needed"}
    done = story({"rayops_name": "training", **answers})
    cluster = story.cluster("training")
    (group,) = cluster["workerSpec"]
    assert (group["replica"], group["minReplica"], group["maxReplica"]) == (2, 2, 5)
    assert cluster["headSpec"]["idleTimeoutSeconds"] == 120
    assert done.artifacts["rayops_result"]["actions"] == ["update", "stop", "start"]
    page.hold("scale", "output", page.printed(done))
    # In a workflow the job before has said which cluster.
    handed_on = {"rayops_cluster_id": cluster["clusterId"]}
    done = story({"rayops_workers": 3}, artifacts=handed_on, job_type="check")
    assert done.artifacts["rayops_result"]["actions"] == ["update"]
    assert story.emulator.writes() == []


def test_start(tell: Tell) -> None:
    story = tell("start")
    for name in ("team-a", "team-b", "other", "team-old"):
        story.emulator.seed(name)
    story.emulator.patch(story.cluster("team-old")["clusterId"], description="[blue-green retired]")
    done = story({"rayops_names": "team-*\n"})
    assert story.states() == {"team-a": "Running", "team-b": "Running", "other": "Stopped", "team-old": "Stopped"}
    (told,) = done.results("Report retired generations that are left alone")
    assert told["msg"] == "team-old: retired by blue/green and left alone. Name one exactly to start it."
    assert done.artifacts["rayops_result"]["states"] == {"team-a": "Running", "team-b": "Running"}
    page.hold("start", "output", page.printed(done))


def test_stop(tell: Tell) -> None:
    story = tell("stop")
    for name in ("ci-1", "ci-2", "ci-3"):
        story.emulator.seed(name, state="Running")
    done = story({"rayops_names": f"ci-1\r\nci-[3]\r\n{story.text}"}, status="failed")
    assert f"No cluster matches ci-[3],{story.text}," in done.results("Select the clusters")[0]["msg"]
    assert set(story.states().values()) == {"Running"}
    done = story({"rayops_names": "ci-1\r\nci-?", "rayops_max_clusters": 3})
    assert set(story.states().values()) == {"Stopped"}
    page.hold("stop", "output", page.printed(done))


def test_restart(tell: Tell) -> None:
    story = tell("restart")
    for name in ("team-a", "team-b"):
        story.emulator.seed(name, state="Running")
    story.emulator.patch(story.cluster("team-b")["clusterId"], modified=True)
    done = story({"rayops_names": "team-*"})
    assert done.artifacts["rayops_result"]["actions"] == {"start": 1, "stop": 1}
    page.hold("restart", "output", page.printed(done))


def test_submit_job(tell: Tell) -> None:
    story = tell("submit_job")
    story.emulator.seed("training", state="Running")
    answers = {
        "rayops_name": "training",
        "rayops_entrypoint": f"python main.py {story.text}",
        "rayops_working_dir": "oss://bucket/{{ 7 * 7 }}.zip",
        "rayops_job_key": "nightly-2026-11-22",
        "rayops_environment": f"STAGE={story.text}",
        "rayops_job_secret": JOB_SECRET + story.text,
        "rayops_driver_cpus": 0.5,
        "rayops_retries": 1,
    }
    story.emulator.plan_job("nightly-2026-11-22", status="Failed", log="loading\nno such file\n", seconds=0.1)
    done = story(answers)
    first, second = story.emulator.jobs()
    assert [job["status"] for job in (first, second)] == ["Failed", "Succeeded"]
    spec = story.emulator.job_spec(second["submissionId"])
    variables = {"STAGE": story.text, "RAYOPS_JOB_SECRET": JOB_SECRET + story.text}
    assert json.loads(spec["runtimeEnvJson"])["env_vars"] == variables
    assert spec["entrypoint"] == answers["rayops_entrypoint"]
    assert spec["workingDir"] == answers["rayops_working_dir"]
    assert spec["entrypointNumCpus"] == "0.5"
    assert done.artifacts["rayops_result"]["status"] == "Succeeded"
    page.hold("submit_job", "output", page.printed(done))
    again = story(answers)
    assert len(story.emulator.jobs()) == 2, "the key says that it is the same job"
    assert again.artifacts["rayops_result"]["changed"] is False
    story.emulator.plan_job("broken", status="Failed", log="loading\nno such file\n", seconds=0.1)
    failed = story({**answers, "rayops_job_key": "broken", "rayops_retries": 0, "rayops_log_lines": 1}, status="failed")
    assert "no such file" in failed.results("Show the end of its log")[0]["msg"][0]
    assert "loading" not in failed.results("Show the end of its log")[0]["msg"]
    without_files = {**answers, "rayops_working_dir": "", "rayops_via": "cluster"}
    assert story(without_files).artifacts["rayops_result"]["status"] == "Succeeded"
