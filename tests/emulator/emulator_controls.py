# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Controls of a running emulator for tests: look inside, plan jobs, inject faults, and act behind the clients' back."""

from __future__ import annotations

from typing import Any

from .clock import Clock
from .core import WORKSPACE, Core
from .faults import Fault
from .job_model import Job
from .job_plan import Plan
from .journal import Entry, operations, writes
from .limits import Limits
from .model import Cluster, Json
from .service import RayService
from .service_description import ServiceDescription


class EmulatorControls:
    """The hands on `core`; every method holds its lock."""

    core: Core

    @property
    def service(self) -> RayService:
        """The pure service behind it; hold `core.lock` while using it from a test that also sends requests."""
        return self.core.service

    @property
    def clock(self) -> Clock:
        """The clock that moves clusters and jobs."""
        return self.core.clock

    @property
    def limits(self) -> Limits:
        """Flow control and latency; `limits.set({"requests_per_second": 10})` changes them."""
        return self.core.limits

    @property
    def journal(self) -> list[Entry]:
        """All requests so far (the live list)."""
        return self.core.journal

    def writes(self) -> list[Entry]:
        """Return the requests that were not reads."""
        return writes(self.core.journal)

    def operations(self) -> list[str]:
        """Return the names of the operations asked for, in order."""
        return operations(self.core.journal)

    # Clusters

    def seed(self, name: str = "cluster", **options: Any) -> list[str]:
        """Add clusters (count, spec, state, workspace_id) and return their ids."""
        with self.core.lock:
            return self.core.service.seed(name, **options)

    def patch(self, cluster_id: str, **changes: Any) -> Cluster:
        """Change a cluster behind everyone's back, by wire fields."""
        with self.core.lock:
            return self.core.service.patch(cluster_id, changes)

    def clusters(self, workspace_id: str = WORKSPACE) -> list[Json]:
        """Return what Get would answer for every cluster of a workspace, oldest first."""
        with self.core.lock:
            there = {row["clusterId"] for row in self.core.service.rows(workspace_id)}
            keys = [key for key in self.core.service.workspaces[workspace_id] if key in there]
            return [self.core.service.get(workspace_id, key) for key in keys]

    def spec(self, cluster_id: str) -> Json:
        """Return the spec as it is stored, secrets included; a change of it shows in the next answer."""
        with self.core.lock:
            cluster = self.core.service.find(cluster_id)
            cluster.encoded.clear()
            return cluster.spec

    # Jobs

    def plan_job(self, name: str | None = None, **plan: Any) -> Plan:
        """Say how the next job of this name (None: of any) goes; see `job_plan.Plan` for the keywords."""
        with self.core.lock:
            return self.core.jobs.plans.add({"name": name, **plan})

    def submit(self, name: str = "job", *, workspace_id: str = WORKSPACE, **fields: Any) -> str:
        """Submit a job behind the clients' back, by wire fields; return its id."""
        with self.core.lock:
            return self.core.jobs.seed(name, workspace_id, fields)

    def jobs(self, workspace_id: str = WORKSPACE) -> list[Json]:
        """Return what Get would answer for every job of a workspace, oldest first."""
        with self.core.lock:
            jobs = self.core.jobs
            return [jobs.get(workspace_id, job.submission_id) for job in jobs.all(workspace_id)]

    def job_spec(self, submission_id: str) -> Json:
        """Return the job as it was submitted."""
        with self.core.lock:
            return self.core.jobs.find(submission_id).spec

    def patch_job(self, submission_id: str, **changes: Any) -> Job:
        """Change a job behind everyone's back: status, message, or any field of the answers."""
        with self.core.lock:
            return self.core.jobs.patch(submission_id, changes)

    def direct_jobs(self, cluster_id: str) -> list[Json]:
        """Return what the stand-in for the cluster's own endpoint tells about the jobs of its current run."""
        with self.core.lock:
            run = self.core.service.find(cluster_id).run
            jobs = self.core.gateway.fake.jobs(run.instance_id) if run else {}
            return [job.details(self.core.clock()) for job in jobs.values()]

    # What is around them

    def set_workspace(self, workspace_id: str = WORKSPACE, **fields: Any) -> None:
        """Add or change a workspace, by wire fields; `queues` and `networkServices` replace its lists."""
        self.core.set_workspace(workspace_id, fields)

    def set_top_jobs(self, queue: str, *jobs: Json, workspace_id: str = WORKSPACE) -> None:
        """Say which jobs fill a queue beside its clusters: jobId, jobType, cu, cpuCores, memoryGiB, all text."""
        with self.core.lock:
            self.core.platform.queues.jobs[(workspace_id, queue)] = [dict(job) for job in jobs]

    def set_cu_hours(self, queue: str, hours: str, workspace_id: str = WORKSPACE) -> None:
        """Say how many CU hours a queue has used."""
        with self.core.lock:
            self.core.platform.queues.hours[(workspace_id, queue)] = hours

    @property
    def orders(self) -> list[Json]:
        """Everything that a request asked to buy: {operation, body}."""
        return self.core.platform.ground.orders

    def set_releases(self, *rows: str | Json) -> None:
        """Replace the release versions, by display name or by wire fields."""
        with self.core.lock:
            self.core.catalog.set_releases(rows)

    def fault(self, kind: str, operation: str = "*", **options: Any) -> Fault:
        """Queue a fault (times, after, and its own parameters) and return it; its `fired` counts."""
        return self.core.add_fault(Fault.of(kind, operation, **options))

    def behave(self, described: Json) -> None:
        """Behave as a service description says: {"rules", "timing"?, "limits"?, "faults"?}, as `--rules-from` reads."""
        self.core.behave(ServiceDescription.of(described))

    def deny(self, *names: str, code: str = "NoPermission") -> None:
        """Let RAM deny these operations ("*": all) instead of those denied before."""
        with self.core.lock:
            self.core.denied = set(names)
            self.core.denied_code = code

    def advance(self, seconds: float) -> None:
        """Jump ahead in the time of clusters and jobs."""
        self.core.clock.advance(seconds)

    def reset(self, *, rules: bool = False) -> None:
        """Forget what happened (see `Core.reset`); with `rules`, rules, timing and limits have their defaults again."""
        self.core.reset(rules=rules)
