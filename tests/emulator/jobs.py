# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The service's jobs without HTTP: submit, get, list, cancel, and hands behind its back for tests."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable

from . import job_spec, job_views
from .cluster_spec import DEFAULT_SPEC
from .errors import ApiError, denied, invalid
from .job_model import CANCELLING, PENDING, Backend, Job
from .job_plan import Plans, perform
from .model import RUNNING, Cluster, Json, mint
from .query import whole
from .service import RayService

Show = Callable[[Job], Json | None]
# How a job is really carried out on a cluster, where the emulator can do that.
Runner = Callable[[Job, Cluster], Backend]


class JobService:
    """All jobs of the emulator, on the clusters and the clock of `clusters`. Not thread-safe."""

    def __init__(self, clusters: RayService) -> None:
        self._clusters = clusters
        self._number = 0
        self._jobs: dict[str, dict[str, Job]] = {}
        self.plans = Plans()
        self.runner: Runner | None = None

    # What clients can do

    def submit(self, workspace_id: str, body: object) -> Json:
        """SubmitRayJob: on the running cluster `clusterId`, or on a temporary one that is built first."""
        jobs = self._workspace(workspace_id)
        spec = job_spec.parse(body)
        job_spec.check(spec)
        cluster = self._cluster_for(workspace_id, spec)
        job = self._new(workspace_id, spec)
        jobs[job.submission_id] = job
        timing, plan = self._clusters.timing, self.plans.take([spec["name"]])
        job.performance = perform(job.submission_id, spec["entrypoint"], plan, timing.job_running_seconds)
        begin = job.submitted + timing.job_submitted_seconds
        if cluster is not None:
            self._place(job, cluster, begin)
            return {"submissionId": job.submission_id}
        pending = plan.pending_seconds if plan else None
        job.moves.append((begin, PENDING, "The temporary cluster is being created."))
        job.run(begin + (timing.job_pending_seconds if pending is None else pending))
        return {"submissionId": job.submission_id}

    def get(self, workspace_id: str, submission_id: str) -> Json:
        """GetRayJob: the whole job, flat."""
        job = self._job(workspace_id, submission_id)
        return job_views.get_view(job, self.now, self._clusters.rules, self._clusters.site)

    def list_page(self, workspace_id: str, query: dict[str, str], show: Show | None = None) -> Json:
        """ListRayJob: one page of the jobs that fit; `show` gives a job's row, or None to hide it."""
        found = [row for job in self._fitting(workspace_id, query) if (row := (show or self.row)(job)) is not None]
        number, limit = whole(query, "pageNum", 1), self._clusters.rules.max_page_size
        size = whole(query, "pageSize", min(20, limit))
        if size > limit:
            raise invalid(f"pageSize must be 1 to {limit}")
        return {"totalCount": len(found), "rayJobs": found[(number - 1) * size : number * size]}

    def cancel(self, workspace_id: str, submission_id: str) -> Json:
        """CancelRayJob: begin to cancel; a job that is over is left as it is."""
        job = self._job(workspace_id, submission_id)
        if job.over:
            if self._clusters.rules.cancel_finished == "refused":
                raise denied(f"job {submission_id} is {job.status}, it cannot be cancelled")
            return {"success": False}
        if job.status != CANCELLING:
            job.cancel(self.now, self._clusters.timing.job_cancelling_seconds)
        return {"success": True}

    # What the gateway and tests need

    @property
    def now(self) -> float:
        """The time that moves clusters and jobs."""
        return self._clusters.now

    def row(self, job: Job) -> Json:
        """Return a job's row in lists."""
        return job_views.list_row(job, self.now, self._clusters.rules, self._clusters.site)

    def seed(self, name: str, workspace_id: str, fields: Json) -> str:
        """Submit a job with sensible values for whatever `fields` does not say; return its id."""
        spec = copy.deepcopy(DEFAULT_SPEC) | {"name": name, "entrypoint": "python main.py"} | fields
        return str(self.submit(workspace_id, spec)["submissionId"])

    def all(self, workspace_id: str) -> list[Job]:
        """Return the jobs of a workspace, oldest first."""
        return list(self._workspace(workspace_id).values())

    def find(self, submission_id: str) -> Job:
        """Return a job of any workspace by id; raises KeyError."""
        for workspace_id, jobs in self._jobs.items():
            if submission_id in jobs:
                return self._workspace(workspace_id)[submission_id]
        raise KeyError(submission_id)

    def patch(self, submission_id: str, changes: Json) -> Job:
        """Change a job behind everyone's back: `status` and `message` are set, any other key is put into answers as it
        is (null removes it again)."""
        job = self.find(submission_id)
        rest = dict(changes)
        if "status" in rest:
            job.moves = []
            job.enter(self.now, str(rest.pop("status")), job.message)
        if "message" in rest:
            job.message = str(rest.pop("message"))
        job.raw = {key: value for key, value in (job.raw | rest).items() if value is not None}
        return job

    def clear(self) -> None:
        """Forget all jobs and plans."""
        self._jobs.clear()
        self.plans.queue.clear()

    # Inside

    def _workspace(self, workspace_id: str) -> dict[str, Job]:
        self._clusters.check_workspace(workspace_id)
        jobs = self._jobs.setdefault(workspace_id, {})
        for job in jobs.values():
            self._settle(job)
        return jobs

    def _settle(self, job: Job) -> None:
        if job.over:
            return
        if job.cluster_id:
            cluster = self._clusters.known(job.workspace_id, job.cluster_id)
            run = cluster.run if cluster is not None and cluster.state == RUNNING else None
            if job.waits and cluster is not None and run is not None and job.status == PENDING:
                self._place(job, cluster, self.now)
            elif job.run_id and (run is None or run.instance_id != job.run_id):
                job.settle(self.now)
                if not job.over:
                    job.lose_cluster(self.now)
                return
        job.settle(self.now)

    def _place(self, job: Job, cluster: Cluster, at: float) -> None:
        """Let the job run on the cluster at `at`, or wait where it is not running."""
        if cluster.state != RUNNING or cluster.run is None:
            job.waits = True
            job.moves.append((at, PENDING, "The cluster is not running yet."))
            return
        job.run_id = cluster.run.instance_id
        if self.runner is not None:
            job.backend = self.runner(job, cluster)
        job.run(at)

    def _job(self, workspace_id: str, submission_id: str) -> Job:
        self._clusters.check_workspace(workspace_id)
        job = self._jobs.get(workspace_id, {}).get(submission_id)
        if job is None:
            rules, message = self._clusters.rules, f"The Ray job {submission_id} does not exist."
            raise ApiError(rules.unknown_job_status, rules.unknown_job_code, message)
        self._settle(job)
        return job

    def _cluster_for(self, workspace_id: str, spec: Json) -> Cluster | None:
        if not spec.get("clusterId"):
            return None
        cluster = self._clusters.cluster(workspace_id, spec["clusterId"])
        if cluster.state != RUNNING and self._clusters.rules.job_on_idle_cluster == "refused":
            raise denied(f"cluster {cluster.cluster_id} is {cluster.state}, jobs need a running one")
        return cluster

    def _new(self, workspace_id: str, spec: Json) -> Job:
        self._number += 1
        rng, submission_id = self._clusters.rng, f"rj-{mint(self._clusters.rng, 16)}"
        return Job(
            submission_id=submission_id,
            workspace_id=workspace_id,
            number=self._number,
            spec=spec,
            submitted=self.now,
            performance=perform(submission_id, "", None, 0.0),
            task_id=f"tb-{mint(rng, 16)}",
            token=mint(rng, 24),
            pod=f"{submission_id}-head-{mint(rng, 5)}",
            cluster_id=spec.get("clusterId", ""),
            message="The job was submitted.",
        )

    def _fitting(self, workspace_id: str, query: dict[str, str]) -> list[Job]:
        """Return the jobs that the query's filters let through, in the order of the rule list_order."""
        begin, end = _span(query.get("submitTime", ""))
        name, submission_id, task_id = (query.get(key, "") for key in ("name", "submissionId", "taskBizId"))
        jobs = [
            job
            for job in self._workspace(workspace_id).values()
            if (not name or job.spec["name"] == name)
            and (not submission_id or job.submission_id == submission_id)
            and (not task_id or job.task_id == task_id)
            and begin <= int(job.submitted * 1000) <= end
        ]
        return jobs[::-1] if self._clusters.rules.list_order == "newest" else jobs


def _span(text: str) -> tuple[float, float]:
    """Read `{"startTime":ms,"endTime":ms}`, both ends included; raises ApiError."""
    if not text:
        return float("-inf"), float("inf")
    try:
        span = json.loads(text)
        begin, end = span.get("startTime"), span.get("endTime")
        return (
            float("-inf") if begin is None else int(begin),
            float("inf") if end is None else int(end),
        )
    except (ValueError, TypeError, AttributeError):
        raise invalid(f"submitTime: {text} is not valid") from None
