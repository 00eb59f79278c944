# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Long waits: their progress in the stream of events as it happens, a cancel, and a launch that resumes."""

from __future__ import annotations

import time

from tests.emulator import Emulator

from .conftest import Begin, Run
from .definitions import Json
from .planted_secrets import find_leaks

ANSWERS = {"rayops_name": "training"}
WRITES = ("CreateRayCluster", "StartRayCluster", "StopRayCluster", "UpdateRayCluster", "DeleteRayCluster")


def waiting(event: Json) -> bool:
    """Tell whether an event is a line of progress: the cluster is Starting, and somebody waits for it."""
    return event["event"] == "verbose" and "training: Starting, waiting to be Running" in event["stdout"]


def hold_clusters(emulator: Emulator) -> None:
    """Let clusters start for as long as nobody advances the clock of the emulator."""
    emulator.timing.set({"starting_seconds": 3600})


def written(emulator: Emulator) -> list[str]:
    return [name for name in emulator.operations() if name in WRITES]


def test_a_launch_resumes_after_a_terminated_one(begin: Begin, run: Run, emulator: Emulator) -> None:
    hold_clusters(emulator)
    job = begin("create", ANSWERS)
    event = job.until(waiting)
    assert [cluster["state"] for cluster in emulator.clusters()] == ["Starting"], "it is seen before the wait is over"
    assert not [seen for seen in job.events() if seen["event"] == "playbook_on_stats"]
    job.terminate()
    done = job.wait(30)
    assert done.status == "canceled"
    assert [seen["counter"] for seen in done.events if seen["uuid"] == event["uuid"]] == [event["counter"]]
    assert find_leaks(done) == []
    assert written(emulator) == ["CreateRayCluster", "StartRayCluster"]
    alone(emulator)
    (cluster,) = emulator.clusters()
    assert cluster["state"] == "Starting", "a cancelled job leaves the cluster to itself"

    emulator.timing.set({"starting_seconds": 0.05})
    emulator.advance(3600)
    again = run("create", ANSWERS)
    assert again.artifacts["rayops_cluster_id"] == cluster["clusterId"]
    assert again.artifacts["rayops_result"]["state"] == "Running"
    assert written(emulator) == ["CreateRayCluster", "StartRayCluster"], "no second create, no second start"


def alone(emulator: Emulator) -> None:
    """See that nobody asks the emulator any more: the cancelled play is really gone."""
    quiet_since, seen = time.monotonic(), len(emulator.journal)
    end = quiet_since + 20
    # A waiting play looks every 0.1 to 0.6 seconds.
    while time.monotonic() < quiet_since + 1.5:
        assert time.monotonic() < end, "the cancelled play goes on"
        time.sleep(0.05)
        if len(emulator.journal) != seen:
            quiet_since, seen = time.monotonic(), len(emulator.journal)


def test_a_wait_for_a_job_that_is_cancelled_goes_on_too(begin: Begin, run: Run, emulator: Emulator) -> None:
    emulator.seed("training", state="Running")
    answers = {**ANSWERS, "rayops_entrypoint": "python main.py", "rayops_job_key": "nightly"}
    emulator.plan_job("nightly", seconds=3600)

    def running(event: Json) -> bool:
        return "nightly: Running, waiting for the job to finish" in event["stdout"]

    job = begin("submit_job", answers, cancellable=True)
    job.until(running)
    job.cancel()
    assert job.wait(30).status == "canceled"
    (submitted,) = emulator.jobs()
    assert submitted["status"] == "Running", "the job of Ray goes on without the job of AWX"
    emulator.advance(3600)
    again = run("submit_job", answers)
    assert again.artifacts["rayops_result"]["submission_id"] == submitted["submissionId"]
    assert len(emulator.jobs()) == 1


def test_a_replacement_that_is_cancelled_goes_on_too(begin: Begin, run: Run, emulator: Emulator) -> None:
    hold_clusters(emulator)
    job = begin("blue_green", {"rayops_name": "training"})
    job.until(lambda event: "Starting, waiting to be Running" in event["stdout"])
    job.terminate()
    assert job.wait(30).status == "canceled"
    (successor,) = emulator.clusters()
    emulator.timing.set({"starting_seconds": 0.05})
    emulator.advance(3600)
    again = run("blue_green", {"rayops_name": "training"})
    assert again.artifacts["rayops_cluster_id"] == successor["clusterId"]
    assert written(emulator).count("CreateRayCluster") == 1
