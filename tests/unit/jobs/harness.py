# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The harness of a scenario about jobs: tasks of the core in this process, over real HTTP, without real time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible_collections.rayops.alicloud.plugins.module_utils._argspec.job import JOB, JOB_INFO, JOB_LOG
from ansible_collections.rayops.alicloud.plugins.module_utils._job.info import run_job_info
from ansible_collections.rayops.alicloud.plugins.module_utils._job.log import run_job_log
from ansible_collections.rayops.alicloud.plugins.module_utils._job.run import run_job
from ansible_collections.rayops.alicloud.plugins.module_utils._task.context import TaskContext
from tests.emulator import Emulator
from tests.unit.scenarios.harness import TaskHarness, TaskOutcome

Json = dict[str, Any]

VERSION = "err-1.2.0 (Ray 2.55.1, Python 3.12)"
TEMPORARY_CLUSTER: Json = {
    "display_release_version": VERSION,
    "head_spec": {"queue_name": "root_queue", "cpu": 2, "memory": "8Gi"},
    "worker_spec": [{"group_name": "cpu", "queue_name": "root_queue", "cpu": 4, "memory": 16, "replica": 2}],
}


class JobHarness(TaskHarness):
    """Runs tasks about jobs, and keeps their lines of progress."""

    def __init__(self, emulator: Emulator) -> None:
        super().__init__(emulator)
        self.told: list[str] = []

    def record_progress(self, line: str) -> None:
        """Keep a line of progress."""
        self.told.append(line)

    def run(self, core: Callable[[TaskContext], Json], spec: Json, given: Json, check: bool = False) -> TaskOutcome:
        """Run a core; an option that is None is not given."""
        self.told = []
        return self._run(core, spec, given, check, self.record_progress)

    def job(self, check: bool = False, **given: Any) -> TaskOutcome:
        """Run emr_ray_job."""
        return self.run(run_job, JOB, given, check)

    def job_on_temporary_cluster(self, check: bool = False, **given: Any) -> TaskOutcome:
        """Run emr_ray_job for a job on a temporary cluster."""
        return self.job(check, **{"entrypoint": "python main.py", **TEMPORARY_CLUSTER, **given})

    def expect_success(self, check: bool = False, **given: Any) -> TaskOutcome:
        """Run emr_ray_job for a job on a temporary cluster, which must succeed."""
        outcome = self.job_on_temporary_cluster(check, **given)
        assert not outcome.failed, outcome.result
        return outcome

    def expect_failure(self, **given: Any) -> TaskOutcome:
        """Run emr_ray_job, which must fail."""
        outcome = self.job_on_temporary_cluster(**given)
        assert outcome.failed, outcome.result
        return outcome

    def expect_unchanged(self, **given: Any) -> TaskOutcome:
        """Run emr_ray_job, which must find nothing to do and send no write."""
        outcome = self.expect_success(**given)
        assert outcome["actions"] == []
        assert outcome["changed"] is False
        assert outcome.writes == []
        return outcome

    def info(self, check: bool = False, **given: Any) -> TaskOutcome:
        """Run emr_ray_job_info."""
        return self.run(run_job_info, JOB_INFO, given, check)

    def log(self, check: bool = False, **given: Any) -> TaskOutcome:
        """Run emr_ray_job_log."""
        return self.run(run_job_log, JOB_LOG, given, check)
