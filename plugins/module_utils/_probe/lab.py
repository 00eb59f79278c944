# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""Run experiments on scratch clusters within limits, and remove the clusters in every case."""

from __future__ import annotations

import copy
import itertools
import typing as t
import uuid

from .._api.absence import is_absent
from .._api.error_kinds import is_throttled
from .._api.session import ApiSession
from .._api.settings import is_valid_id
from .._clock import Clock
from .._errors import ApiError, Failure, TransportError
from .._quantities import parse_cpu, parse_memory
from .facts import Json, Value
from .marks import find_scratch_name, is_scratch, may_be_scratch, scratch_name
from .recording import RecordingTransport

STATES = ("Stopped", "Starting", "Running", "Stopping", "Error")
RESTING = ("Stopped", "Running", "Error")
# Ids that cannot exist: the service has to search for them.
MISSING_CLUSTER, MISSING_JOB, MISSING_WORKSPACE = "ray-0000000000000000", "rj-0000000000000000", "w-0000000000000000"
# Seconds for which an unknown state must last before a wait ends with it.
UNKNOWN_STATE_SECONDS = 90.0
# Seconds for which lists are searched for a cluster whose create was not confirmed.
SEARCH_SECONDS = 60.0
# Least seconds and number of reads of the list in a search for leftovers, and attempts for each read.
SWEEP_SECONDS, LEAST_SWEEPS = 10.0, 4
LIST_ATTEMPTS = 5
MAX_PAGES = 1000


class UnclearError(Exception):
    """An experiment whose outcome proves nothing: its questions stay open."""


class LimitError(UnclearError):
    """An experiment that would exceed a limit."""


class Limits(t.NamedTuple):
    """The most that a run may use: CU at one time, seconds, clusters created."""

    cu: float
    seconds: float
    clusters: int


class Reply(t.NamedTuple):
    """An answer: ``payload`` of a good one; status and code of an error, (0, "lost") for none."""

    ok: bool
    status: int
    code: str
    payload: Json

    @property
    def fingerprint(self) -> tuple[int, str]:
        """Return what identifies the kind of an error."""
        return self.status, self.code


LOST = Reply(ok=False, status=0, code="lost", payload={})


def good(payload: Json) -> Reply:
    """Return the reply of a request that was accepted."""
    return Reply(ok=True, status=200, code="", payload=payload)


def bad(error: ApiError) -> Reply:
    """Return the reply of a request that was refused."""
    return Reply(ok=False, status=error.http_status or 0, code=error.code or "", payload={})


class Scratch:
    """A scratch cluster: the spec that was sent last, the spec of its create, and whether it may use capacity."""

    def __init__(self, cluster_id: str, spec: Json) -> None:
        self.cluster_id = cluster_id
        self.created = self.spec = spec
        self.is_idle = False
        self.is_gone = False


def cu_of(spec: Json) -> float:
    """Return the CU that a wire spec uses while it runs: per node max(cores, GiB / 4), all nodes together."""
    nodes = [(spec["headSpec"], 1), *((group, int(group.get("replica") or 1)) for group in spec["workerSpec"])]
    return float(sum(count * max(parse_cpu(node["cpu"]), parse_memory(node["memory"]) / 4) for node, count in nodes))


def canonical_state(raw: Value) -> str | None:
    """Return the documented state that a text means in any case, None for another one."""
    return next((state for state in STATES if isinstance(raw, str) and raw.casefold() == state.casefold()), None)


class Lab:
    """Sends requests, and keeps facts for later ones. Writes go to scratch clusters only."""

    def __init__(
        self,
        reader: ApiSession,
        writer: ApiSession,
        recorder: RecordingTransport,
        clock: Clock,
        limits: Limits,
        base_spec: Json,
        retries: int = 5,
    ) -> None:
        """Read with ``reader``, which repeats; write with ``writer``, which does not."""
        self._reader, self._writer, self.recorder, self.clock = reader, writer, recorder, clock
        self._retries = retries
        self.limits = limits
        self.base_spec = base_spec
        self.run = uuid.uuid4().hex[:6]
        self.scratch: list[Scratch] = []
        self.creates = 0
        self.peak_cu = 0.0
        self.unconfirmed = False
        self.stale_reads = 0
        self.creates_stopped = False
        self.missing: tuple[int, str] | None = None
        self.page_size = 100
        self._begin = clock.monotonic()
        # The last fifth is for the removal.
        self.ends = self._begin + limits.seconds * 0.8

    @property
    def workspace_id(self) -> str:
        """Return the id of the workspace."""
        return self._reader.workspace_id

    # Requests

    def read(self, operation: str, query: Json | None = None, **ids: str) -> Reply:
        """Make a read. Raises TransportError if there is no answer."""
        try:
            return good(self._reader.call(operation, _same, query, None, None, None, **ids))
        except ApiError as error:
            answer = self.last_answer()
            # Clients refuse an answer with times that are no JSON numbers; the probe asks about these.
            return good(answer) if error.http_status == 200 and isinstance(answer, dict) else bad(error)

    def last_answer(self) -> Value:
        """Return the body of the last answer as it came."""
        return self.recorder.exchanges[-1].answer

    def get(self, cluster: Scratch) -> Json:
        """Return a cluster as the service shows it, after the reads that may be stale. Raises UnclearError."""
        reply = LOST
        for _number in range(self.stale_reads + 1):
            reply = self.read("GetRayCluster", cluster=cluster.cluster_id)
        if not reply.ok:
            raise UnclearError(f"GetRayCluster failed: {reply.status} {reply.code}")
        cluster.is_idle = canonical_state(reply.payload.get("state")) == "Stopped"
        return reply.payload

    def list_rows(self, size: int | None = None) -> list[Json]:
        """Return the rows of all pages; a page without rows ends the list."""
        return [row for page in self.list_pages(size) for row in page]

    def list_pages(self, size: int | None = None) -> t.Iterator[list[Json]]:
        """Yield the pages of the list of clusters. Raises UnclearError for one that cannot be read."""
        seen: set[str] = set()
        for number in range(1, MAX_PAGES):
            reply = self._read_page(number, size)
            rows = reply.payload.get("rayClusters")
            if not isinstance(rows, list):
                raise UnclearError(f"ListRayCluster failed: {reply.status} {reply.code}")
            rows = [row for row in rows if isinstance(row, dict)]
            ids = {str(row.get("clusterId")) for row in rows}
            if not ids - seen:
                return
            seen |= ids
            yield rows

    def _read_page(self, number: int, size: int | None) -> Reply:
        """Return a page of the list; without ``size``, of the largest of a few sizes that the service accepts."""
        reply = self.read("ListRayCluster", {"pageNum": number, "pageSize": size or self.page_size})
        for smaller in (50, 20, 10, 1):
            if reply.ok or size or number > 1 or not 400 <= reply.status < 500:
                break
            again = self.read("ListRayCluster", {"pageNum": number, "pageSize": smaller})
            if again.ok:
                self.page_size, reply = smaller, again
        return reply

    def _write(self, operation: str, body: Json | None, **ids: str) -> Reply:
        """Send a write once; repeat it only if the service did not execute it."""
        for attempt in range(self._retries + 1):
            try:
                return good(self._writer.call(operation, _same, None, body, None, None, **ids))
            except ApiError as error:  # noqa: PERF203 - few attempts
                if is_throttled(error) and attempt < self._retries:
                    self.clock.sleep(error.retry_after or 2.0**attempt)
                    continue
                return bad(error)
            except TransportError as error:
                if error.sent or attempt == self._retries:
                    return LOST
                self.clock.sleep(2.0**attempt)
        return LOST

    def attempt(self, operation: str, cluster: Scratch, body: Json | None = None) -> Reply:
        """Send a write; a refusal counts if it comes three times. Raises UnclearError if the answers differ."""
        first = self._write(operation, body, cluster=cluster.cluster_id)
        for _number in range(2):
            if first.ok:
                break
            again = self._write(operation, body, cluster=cluster.cluster_id)
            if again.fingerprint != first.fingerprint and not again.ok:
                raise UnclearError(f"{operation}: the service refuses with different errors")
            first = again
        if first == LOST:
            raise UnclearError(f"{operation}: no answer")
        return first

    # Clusters

    def check_time(self) -> None:
        """Raise LimitError once the time for experiments has passed."""
        if self.clock.monotonic() >= self.ends:
            raise LimitError("max_minutes has been reached")

    def sleep(self, seconds: float) -> None:
        """Wait, but not beyond the time for experiments."""
        self.check_time()
        self.clock.sleep(min(seconds, max(0.0, self.ends - self.clock.monotonic())))

    def _use_cu(self, cu: float, but: Scratch | None = None) -> None:
        others = [other for other in self.scratch if other is not but and not other.is_gone and not other.is_idle]
        used = cu + sum(cu_of(other.spec) for other in others)
        if used > self.limits.cu + 1e-9:
            raise LimitError(f"max_cu: {used:g} CU would be in use")
        self.peak_cu = max(self.peak_cu, used)

    def new_spec(self, **changes: Value) -> Json:
        """Return the spec of the next scratch cluster, under a name of its own."""
        name = scratch_name(self.run, self.creates)
        return {**copy.deepcopy(self.base_spec), "name": name, "description": f"{name} scratch", **changes}

    def create(self, spec: Json) -> tuple[Reply, Scratch | None]:
        """Create a scratch cluster; return the answer, and the cluster, None if it does not exist."""
        self.check_time()
        if self.creates >= self.limits.clusters:
            raise LimitError("max_clusters has been reached")
        if not find_scratch_name(spec["name"]):
            raise UnclearError("a scratch cluster requires a scratch name")
        self._use_cu(0.0 if self.creates_stopped else cu_of(spec))
        self.creates += 1
        self.unconfirmed = True
        reply = self._write("CreateRayCluster", spec)
        cluster_id = reply.payload.get("clusterId")
        if reply.ok and isinstance(cluster_id, str) and is_valid_id(cluster_id):
            self.unconfirmed = len(self.scratch) + 1 < self.creates
            return reply, self._own(cluster_id, spec)
        return reply, self._search(spec)

    def _own(self, cluster_id: str, spec: Json) -> Scratch:
        found = Scratch(cluster_id, spec)
        found.is_idle = self.creates_stopped
        self.scratch.append(found)
        return found

    def _search(self, spec: Json) -> Scratch | None:
        """Return the cluster of a create that was not confirmed, if a list shows one that is not known."""
        known = {other.cluster_id for other in self.scratch}
        for row in self.list_rows():
            is_new = row.get("clusterId") not in known
            if is_new and find_scratch_name(row.get("name")) == spec["name"] and is_valid_id(str(row["clusterId"])):
                return self._own(str(row["clusterId"]), spec)
        return None

    def update(self, cluster: Scratch, body: Json) -> Reply:
        """Send an update of a scratch cluster, which keeps a scratch name. Raises UnclearError, LimitError."""
        self.check_time()
        if not find_scratch_name(body.get("name")):
            raise UnclearError("a scratch cluster keeps its name")
        if not cluster.is_idle:
            self._use_cu(cu_of(body), cluster)
        reply = self.attempt("UpdateRayCluster", cluster, body)
        if reply.ok:
            cluster.spec = body
        return reply

    def start(self, cluster: Scratch, token: str | None = None) -> Reply:
        """Send a start."""
        self.check_time()
        self._use_cu(cu_of(cluster.spec), cluster)
        cluster.is_idle = False
        return self.attempt("StartRayCluster", cluster, {"clientToken": token or str(uuid.uuid4())})

    def settle(self, cluster: Scratch) -> list[tuple[str, float]]:
        """Wait until a cluster rests; return the states in order, each with the second at which it was first read."""
        begin, history = self.clock.monotonic(), list[tuple[str, float]]()
        since = begin
        while True:
            state = str(self.get(cluster).get("state"))
            now = self.clock.monotonic()
            if not history or history[-1][0] != state:
                history.append((state, now - begin))
                since = now
            if canonical_state(state) in RESTING:
                return history
            if canonical_state(state) is None and now - since >= UNKNOWN_STATE_SECONDS:
                return history
            self.sleep(1.0 if now - begin < 60 else 5.0)

    def stop(self, cluster: Scratch) -> str | None:
        """Bring a cluster to rest and stop it if it runs; return its state."""
        state = canonical_state(self.settle(cluster)[-1][0])
        if state == "Running":
            self.attempt("StopRayCluster", cluster, {})
            state = canonical_state(self.settle(cluster)[-1][0])
        return state

    def need(self, cluster: Scratch, state: str) -> None:
        """Bring a cluster into the state Stopped or Running. Raises UnclearError."""
        found = canonical_state(self.settle(cluster)[-1][0])
        if found != state and state == "Stopped":
            found = self.stop(cluster)
        elif found != state:
            self.start(cluster)
            found = canonical_state(self.settle(cluster)[-1][0])
        if found != state:
            raise UnclearError(f"the scratch cluster is {found}, not {state}")

    # Removal

    def find_leftovers(self) -> list[Scratch]:
        """Return scratch clusters of all runs that lists show and that are not known yet. Reads only."""
        known = {other.cluster_id for other in self.scratch}
        found = []
        for row in self.list_rows():
            cluster_id = str(row.get("clusterId"))
            if cluster_id in known or not is_valid_id(cluster_id):
                continue
            if is_scratch(row) or (may_be_scratch(row) and is_scratch(self._look(cluster_id))):
                found.append(Scratch(cluster_id, copy.deepcopy(self.base_spec)))
        return found

    def _look(self, cluster_id: str) -> Json:
        return self.read("GetRayCluster", cluster=cluster_id).payload

    def learn_missing(self) -> tuple[int, str]:
        """Return status and code with which the service answers for a cluster that does not exist."""
        if self.missing is None:
            reply = self.read("GetRayCluster", cluster=MISSING_CLUSTER)
            self.missing = (200, "") if reply.ok else reply.fingerprint
        return self.missing

    def is_deleted(self, cluster: Scratch, *, accepted: bool) -> bool:
        """Return whether a cluster is deleted; ``accepted`` tells whether the service accepted its delete."""
        missing = self.learn_missing()
        for _number in range(2 if missing[0] >= 500 or self.stale_reads else 1):
            reply = self.read("GetRayCluster", cluster=cluster.cluster_id)
            if reply.ok:
                return False
            certain = is_absent(ApiError("GetRayCluster", "", reply.code, http_status=reply.status), "cluster")
            if not certain and reply.fingerprint != missing:
                return False
        return accepted or not any(row.get("clusterId") == cluster.cluster_id for row in self.list_rows())

    def remove(self, cluster: Scratch, ends: float) -> bool:
        """Delete a scratch cluster, stopping it if needed; return whether that succeeds before ``ends``.

        Tries at least once, also when the time has passed.
        """
        pause = 1.0
        while not cluster.is_gone:
            try:
                accepted = self._write("DeleteRayCluster", None, cluster=cluster.cluster_id).ok
                cluster.is_gone = self.is_deleted(cluster, accepted=accepted)
                if not cluster.is_gone and not accepted:
                    self._write("StopRayCluster", {}, cluster=cluster.cluster_id)
            except (Failure, UnclearError):
                pass
            if cluster.is_gone or self.clock.monotonic() >= ends:
                break
            self.clock.sleep(min(pause, max(0.0, ends - self.clock.monotonic())))
            pause = min(pause * 1.5, 10.0)
        return cluster.is_gone

    def remove_all(self, *, sweep: bool = False) -> list[str]:
        """Remove all known scratch clusters, and those that lists show; return the ids of those that are left.

        Lists may be late: with ``sweep``, and after a create that was not confirmed, read them more than once.
        Raises UnclearError if the list cannot be read.
        """
        now = self.clock.monotonic()
        ends = max(now + min(60.0, self.limits.seconds / 5), self._begin + self.limits.seconds)
        for cluster in self.scratch:
            self.remove(cluster, ends)
        sweeps_end = self.clock.monotonic() + (SEARCH_SECONDS if self.unconfirmed else SWEEP_SECONDS if sweep else 0.0)
        least = LEAST_SWEEPS if sweep or self.unconfirmed else 1
        for number in itertools.count(1):
            for cluster in self._adopt_leftovers():
                self.remove(cluster, ends)
            if number >= least and self.clock.monotonic() >= sweeps_end:
                return [cluster.cluster_id for cluster in self.scratch if not cluster.is_gone]
            self.clock.sleep(3.0)
        return []

    def _adopt_leftovers(self) -> list[Scratch]:
        for attempt in range(LIST_ATTEMPTS):
            try:
                found = self.find_leftovers()
            except (Failure, UnclearError):
                if attempt == LIST_ATTEMPTS - 1:
                    raise
                self.clock.sleep(5.0)
                continue
            self.scratch += found
            return found
        return []


def _same(payload: Json) -> Json:
    return payload
