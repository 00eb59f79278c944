# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The gateway to a cluster's own Ray Jobs endpoint: /ray/CLUSTER/... requires the cluster's token in a header."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import unquote

from .model import RUNNING, Cluster
from .rayjobs import FakeRay
from .responses import Response, plain
from .service import RayService
from .signature import Signed

PREFIX = "/ray/"
_JOBS = {
    ("POST", 0, ""): "RayJobsSubmit",
    ("GET", 0, ""): "RayJobsList",
    ("GET", 1, ""): "RayJobsGet",
    ("DELETE", 1, ""): "RayJobsDelete",
    ("POST", 1, "stop"): "RayJobsStop",
    ("GET", 1, "logs"): "RayJobsLogs",
    ("GET", 1, "logs/tail"): "RayJobsTail",
}
OPERATIONS = ("RayJobsVersion", "RayJobsPackage", "RayJobsOther", *_JOBS.values())
# Where a run of a cluster has a real Ray head: the address of its dashboard, without a slash at its end.
Heads = Callable[[Cluster], str | None]


@dataclass
class Passage:
    """A request for a cluster's endpoint: what it is, and who answers it."""

    operation: str
    target: str = ""
    path: str = ""
    run_id: str = ""
    forward: str | None = None
    refusal: Response | None = None


class Gateway:
    """Lets requests with the right token pass to the stand-in, or to the real Ray head where there is one."""

    def __init__(self, clusters: RayService, fake: FakeRay) -> None:
        self._clusters = clusters
        self.fake = fake
        self.heads: Heads = lambda cluster: None

    def passage(self, request: Signed) -> Passage:
        """Return where a request goes; `refusal` is the answer where it does not pass."""
        cluster_id, _slash, rest = request.raw_path[len(PREFIX) :].partition("/")
        operation, target = _operation(request.method, rest)
        passage = Passage(operation, target, f"/{rest}")
        try:
            cluster = self._clusters.find(unquote(cluster_id))
        except KeyError:
            passage.refusal = _refuse(404, "no such cluster")
            return passage
        run = cluster.run if cluster.state == RUNNING else None
        if run is None:
            passage.refusal = _refuse(503, "the cluster is not running")
        elif not hmac.compare_digest(request.headers.get("ray-token", "").encode(), run.submit_token.encode()):
            passage.refusal = _refuse(self._clusters.rules.bad_token_status, "the ray-token header is not right")
        else:
            passage.run_id, passage.forward = run.instance_id, self.heads(cluster)
        return passage

    def answer(self, passage: Passage, request: Signed) -> Response:
        """Return the refusal, or the stand-in's answer."""
        if passage.refusal is not None:
            return passage.refusal
        if passage.operation == "RayJobsOther":
            return _refuse(404, "404: Not Found")
        return self.fake.answer(passage.run_id, passage.operation, passage.target, request)


def _operation(method: str, path: str) -> tuple[str, str]:
    """Return the operation and the job or package that a path below the cluster means."""
    if path == "api/version" and method == "GET":
        return "RayJobsVersion", ""
    head, _slash, rest = path.removeprefix("api/").partition("/")
    if head == "packages" and method in ("GET", "PUT"):
        return "RayJobsPackage", unquote(rest)
    if head != "jobs" or not path.startswith("api/"):
        return "RayJobsOther", ""
    target, _slash, action = rest.partition("/")
    return _JOBS.get((method, 1 if target else 0, action), "RayJobsOther"), unquote(target)


def _refuse(status: int, text: str) -> Response:
    return plain(status, text.encode(), "text/plain; charset=utf-8")
