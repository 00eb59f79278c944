# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Real Ray behind the clusters: a head for each run, and jobs that truly run on it."""

from __future__ import annotations

import importlib.util
import json
import math
import threading
import time
from collections.abc import Callable
from typing import Any

import httpx

from .job_model import Job
from .job_plan import CANCELLED, FAILED, SUCCEEDED
from .model import Cluster, Json
from .ray_head import AUTHORIZATION, Head
from .service import RayService
from .sizes import cores, gibibytes

_POLL_SECONDS = 0.2
_STATUS = {"SUCCEEDED": SUCCEEDED, "FAILED": FAILED, "STOPPED": CANCELLED}
_GIB = 2**30


class RealRay:
    """Starts a head with each run of a cluster, and ends those whose run is over."""

    def __init__(self, clusters: RayService) -> None:
        if importlib.util.find_spec("ray") is None:
            raise RuntimeError("the emulator can have real Ray behind it only where ray[default] is installed")
        self._clusters = clusters
        self._heads: dict[str, Head] = {}

    def begin(self, cluster: Cluster) -> Head:
        """Start a head for the cluster's new run."""
        head = Head(cpus=_cpus(cluster.spec))
        if cluster.run is not None:
            self._heads[cluster.run.instance_id] = head
        return head

    def address(self, cluster: Cluster) -> str | None:
        """Return the address of the dashboard of the head of the cluster's run."""
        head = self._heads.get(cluster.run.instance_id) if cluster.run else None
        return head.address if head else None

    def run_job(self, job: Job, cluster: Cluster) -> RealJob:
        """Carry a job of the service out on the cluster's head."""
        return RealJob(job, self._heads[job.run_id].address, lambda: self._clusters.now)

    def sweep(self) -> None:
        """Begin to end the heads whose run is over."""
        clusters = [cluster for there in self._clusters.workspaces.values() for cluster in there.values()]
        running = {cluster.run.instance_id for cluster in clusters if cluster.run and cluster.state != "Stopping"}
        for run_id, head in self._heads.items():
            if run_id not in running:
                head.stop()

    def close(self) -> None:
        """End all heads, and wait until nothing of them is left."""
        heads = list(self._heads.values())
        for head in heads:
            head.stop()
        for head in heads:
            head.wait()
        self._heads.clear()


class RealJob:
    """A job on a head, watched by a thread: what it last saw is what the service tells."""

    def __init__(self, job: Job, address: str, clock: Callable[[], float]) -> None:
        self._id = job.submission_id
        self._address = address
        self._clock = clock
        self._body = submission(job)
        self._state: tuple[str, str] = ("Running", "")
        self._text = ""
        self._grown: float | None = None
        self._stop = threading.Event()
        threading.Thread(target=self._follow, name=f"ray-job-{self._id}", daemon=True).start()

    def poll(self) -> tuple[str, str]:
        """Return the job's status in the service's words, and its message."""
        return self._state

    def log(self) -> str:
        """Return the driver log so far."""
        return self._text

    def grown(self) -> float | None:
        """Return when the driver log last grew, None while there is nothing in it."""
        return self._grown

    def stop(self) -> None:
        """Ask the thread to stop the job."""
        self._stop.set()

    def _follow(self) -> None:
        path = f"/api/jobs/{self._id}"
        with httpx.Client(base_url=self._address, headers=AUTHORIZATION, trust_env=False, timeout=60) as http:
            try:
                response = http.post("/api/jobs/", json=self._body)
                if response.status_code != httpx.codes.OK:
                    self._state = (FAILED, response.text[-2000:])
                    return
                while self._state[0] == "Running" and not self._stop.wait(_POLL_SECONDS):
                    self._look(http, path)
                if self._state[0] == "Running":
                    http.post(f"{path}/stop")
                while self._state[0] == "Running":
                    time.sleep(_POLL_SECONDS)
                    self._look(http, path)
            except httpx.HTTPError as error:
                self._state = (FAILED, f"the Ray head does not answer: {error}")

    def _look(self, http: httpx.Client, path: str) -> None:
        details = http.get(path).json()
        text = str(http.get(f"{path}/logs").json().get("logs", ""))
        if text != self._text:
            self._text, self._grown = text, self._clock()
        status = _STATUS.get(details["status"])
        if status is not None:
            self._state = (status, str(details.get("message") or ""))


def submission(job: Job) -> Json:
    """Return the job as Ray's Jobs API takes it; a working directory in the object storage is left out."""
    spec = job.spec
    body: Json = {"entrypoint": spec["entrypoint"], "submission_id": job.submission_id}
    if spec.get("metadataJson"):
        metadata = json.loads(spec["metadataJson"])
        body["metadata"] = {
            key: value if isinstance(value, str) else json.dumps(value) for key, value in metadata.items()
        }
    if spec.get("runtimeEnvJson"):
        body["runtime_env"] = json.loads(spec["runtimeEnvJson"])
    for key, name in (("entrypointNumCpus", "entrypoint_num_cpus"), ("entrypointNumGpus", "entrypoint_num_gpus")):
        if spec.get(key):
            body[name] = float(spec[key])
    if spec.get("entrypointMemory"):
        body["entrypoint_memory"] = int((gibibytes(spec["entrypointMemory"]) or 0) * _GIB)
    if spec.get("entrypointResources"):
        body["entrypoint_resources"] = json.loads(spec["entrypointResources"])
    return body


def _cpus(spec: Json) -> int:
    """Return how many CPUs the head claims to have: those of the whole cluster."""

    def size(node: Any) -> float:
        return cores(str(node.get("cpu", ""))) or 0.0

    groups = spec.get("workerSpec") or []
    return max(1, math.floor(size(spec.get("headSpec") or {}) + sum(size(g) * (g.get("replica") or 1) for g in groups)))
