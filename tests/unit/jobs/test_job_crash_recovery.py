# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A run that is killed when the job was just submitted, before it knew: the next run takes the job."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from tests.emulator import Emulator
from tests.unit.jobs.harness import TEMPORARY_CLUSTER, JobHarness, Json

# A process of its own, as Ansible's worker and a module are.
PROGRAM = """
import json, sys
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.rayops.alicloud.plugins.module_utils._job.run import run_job
from ansible_collections.rayops.alicloud.plugins.module_utils._argspec.job import JOB
from ansible_collections.rayops.alicloud.plugins.module_utils._task.context import TaskContext
params = ArgumentSpecValidator(JOB).validate(json.loads(sys.argv[1])).validated_parameters
run_job(TaskContext(params, {}, print))
print("ended by itself")
"""
PATIENCE_SECONDS = 30.0
# Longer than the test takes: whoever waits for this answer is killed before it comes.
NEVER = 20.0


@contextmanager
def killed(harness: JobHarness, when: Callable[[], object], **options: object) -> Iterator[None]:
    """Run a task in another process, and kill it as soon as `when` is true."""
    given = json.dumps(harness.connection() | options)
    process = subprocess.Popen([sys.executable, "-c", PROGRAM, given], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    try:
        end = time.monotonic() + PATIENCE_SECONDS
        while not when() and process.poll() is None and time.monotonic() < end:
            time.sleep(0.01)
        assert when(), process.communicate(timeout=1)
    finally:
        process.kill()
        assert b"ended by itself" not in process.communicate()[0]
    faults = harness.emulator.core.faults
    faults.queue = [fault for fault in faults.queue if fault.kind != "slow"]
    yield


# Where the first run is when it dies: it waits for the answer, looks whether the list shows the job, or reads the job.
PLACES = [("SubmitRayJob", "after", 0), ("ListRayJob", "before", 3), ("GetRayJob", "before", 0)]


@pytest.mark.parametrize("named", [True, False])
@pytest.mark.parametrize(("operation", "when", "after"), PLACES)
def test_the_next_run_takes_the_job(
    harness: JobHarness, emulator: Emulator, operation: str, when: str, after: int, named: bool
) -> None:
    options: Json = {"job_key": "tonight", "entrypoint": "python main.py", **TEMPORARY_CLUSTER}
    options |= {"name": "nightly"} if named else {}
    emulator.fault("slow", operation, seconds=NEVER, when=when, after=after)

    def there() -> bool:
        return bool(emulator.jobs()) and emulator.operations().count(operation) > after

    with killed(harness, there, **options):
        (job,) = emulator.jobs()
        again = harness.expect_unchanged(**options)
    assert again["submission_id"] == job["submissionId"]
    assert len(emulator.jobs()) == 1


def test_a_list_that_is_late_by_then_makes_two_and_both_are_named(harness: JobHarness, emulator: Emulator) -> None:
    """Nothing shows the second run that there was a first one; but none of them goes unnoticed."""
    options: Json = {"job_key": "tonight", "entrypoint": "python main.py", **TEMPORARY_CLUSTER}
    emulator.fault("slow", "SubmitRayJob", seconds=NEVER, when="after")
    emulator.fault("hide_new", "ListRayJob", seconds=10)
    with killed(harness, emulator.jobs, **options):
        failed = harness.expect_failure(**options)
    assert failed["error"]["code"] == "JobNotUnique"
    assert all(job["submissionId"] in failed["msg"] for job in emulator.jobs())
    assert len(emulator.jobs()) == 2


def test_a_key_on_a_cluster_needs_no_list(harness: JobHarness, emulator: Emulator) -> None:
    """Ray takes an id once, and the id follows from the key."""
    (cluster_id,) = emulator.seed("training", state="Running")
    options: Json = {"via": "cluster", "cluster_id": cluster_id, "job_key": "tonight", "entrypoint": "sleep 1000"}
    emulator.fault("slow", "RayJobsSubmit", seconds=NEVER, when="after")
    with killed(harness, lambda: emulator.direct_jobs(cluster_id), **options):
        again = harness.job(**options)
    assert (again["changed"], again["actions"]) == (False, [])
    (job,) = emulator.direct_jobs(cluster_id)
    assert again["submission_id"] == job["submission_id"]
