# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who fills a queue is told where a cluster stays in Starting, alone or in a fleet, and by the doctor."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.rayops.alicloud.plugins.module_utils._argspec.doctor import DOCTOR
from ansible_collections.rayops.alicloud.plugins.module_utils._doctor.run import run_doctor
from tests.unit.platform.harness import PlatformHarness
from tests.unit.scenarios.harness import FleetHarness, TaskHarness

JOBS = [
    {"jobId": "jr-1", "jobType": "SPARK", "cu": "60"},
    {"jobId": "jr-2", "jobType": "SPARK", "cu": "20"},
    {"jobId": "jr-3", "jobType": "RAY", "cu": "10"},
    {"jobId": "jr-4", "jobType": "RAY", "cu": "5"},
]
FULL: dict[str, Any] = {
    "maxResource": {"cpu": "100", "memory": "400Gi"},
    "usedResource": {"cpu": "95", "memory": "1Gi"},
}
TEXT = "queue root_queue has 95 of 100 cores and 1 of 400 GiB in use, most of it by jr-1 (SPARK, 60 CU), "
TEXT += "jr-2 (SPARK, 20 CU), jr-3 (RAY, 10 CU)"


@pytest.fixture
def full(harness: PlatformHarness) -> PlatformHarness:
    """Return a harness with a full queue and a cluster that will never start."""
    actions = [{"actionName": "edit_queue"}]
    queues = [{"queueName": "root_queue", **FULL}, {"queueName": "closed", "allowActions": actions}]
    harness.emulator.set_workspace(queues=queues)
    harness.emulator.set_top_jobs("root_queue", *JOBS)
    harness.emulator.timing.set({"starting_seconds": 10_000})
    return harness


@pytest.mark.parametrize("kind", [TaskHarness, FleetHarness])
def test_cluster_that_stays_in_starting(full: PlatformHarness, kind: type[TaskHarness]) -> None:
    harness = kind(full.emulator)
    node = {"queueName": "root_queue", "cpu": "1", "memory": "4Gi"}
    full.emulator.seed("training", spec={"headSpec": node, "workerSpec": []})
    failed = harness.cluster(name="training", state="started", wait_timeout=60)
    assert failed.failed
    assert failed["error"]["code"] == "WaitTimeout"
    assert f"last state: Starting; {TEXT} and " in failed["error"]["message"]
    assert "training" not in TEXT


def test_what_cannot_be_read_hides_nothing(full: PlatformHarness) -> None:
    full.emulator.seed("training", spec={"headSpec": {"queueName": "root_queue", "cpu": "1", "memory": "4Gi"}})
    full.emulator.deny("ListQueueTopJobs")
    failed = full.cluster(name="training", state="started", wait_timeout=60)
    assert "in use, and its jobs could not be read: NoPermission" in failed["error"]["message"]
    full.emulator.deny("ListWorkspaceQueues")
    failed = full.cluster(name="training", state="started", wait_timeout=60)
    assert failed["error"]["code"] == "WaitTimeout"
    assert "queue" not in failed["error"]["message"]


def test_a_wait_that_ends_elsewhere_reads_no_queue(full: PlatformHarness) -> None:
    full.emulator.rules.set({"starting_ends": "error"})
    full.emulator.timing.set({"starting_seconds": 1})
    full.emulator.seed("training", spec={"headSpec": {"queueName": "root_queue", "cpu": "1", "memory": "4Gi"}})
    failed = full.cluster(name="training", state="started", wait_timeout=60)
    assert failed["error"]["code"] == "ClusterInError"
    assert "ListWorkspaceQueues" not in failed.operations


def doctor(harness: PlatformHarness) -> list[dict[str, Any]]:
    outcome = harness._run(run_doctor, DOCTOR, {"workspace_id": harness.emulator.workspace_id}, False)
    return [found for found in outcome["findings"] if found["check"] == "queue"]


def test_doctor_names_full_and_closed_queues(full: PlatformHarness) -> None:
    first, second = doctor(full)
    assert (first["status"], first["told"]) == ("warning", f"{TEXT} and 1 more")
    assert "emr_workspace_queue" in first["next_step"]
    assert second["told"].endswith("this user may edit_queue, and not submit to it")
    assert "emr_workspace_member" in second["next_step"]


def test_doctor_reads_no_jobs_of_queues_that_are_not_full(harness: PlatformHarness) -> None:
    assert doctor(harness) == []
    asked = [entry.path for entry in harness.emulator.journal if entry.operation == "ListQueueTopJobs"]
    assert len(asked) == 1, "more than the one that tells whether this user may"
