# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""Entry point of emr_ray_probe, shared by the module and the action plugin."""

from __future__ import annotations

import json
import pathlib
import time
import typing as t

from .._api.session import ApiSession
from .._api.settings import resolve_settings
from .._credentials.store import CredentialStore, resolve_credential_source
from .._errors import Failure, Problems
from .._task.context import Result, TaskContext
from .._task.failures import task_failure
from .._version import VERSION
from .bench import Bench
from .experiments import EXPERIMENTS
from .facts import Json, Value
from .inference import infer_timing
from .lab import Lab, Limits, UnclearError, cu_of
from .questions import answer_all
from .recording import RecordingTransport, Scrubber, to_lines
from .report import format_table, to_probe

MAX_READ_RETRIES = 2


def run_probe(task: TaskContext) -> Result:
    """Ask the service by experiment, or remove what earlier runs left. Raises TaskFailed."""
    doing = "Could not probe the service"
    try:
        return _Run(task).run()
    except Failure as failure:
        raise task_failure(task, doing, failure, {"changed": False}) from None


def base_spec(params: t.Mapping[str, Value]) -> Json:
    """Return the wire spec of the smallest cluster that the options describe: a head and one worker."""
    node = {"queueName": params["queue_name"], "cpu": str(params["cpu"]), "memory": f"{params['memory']}Gi"}
    group = {"groupName": "WorkerGroup1", "replica": 1, **node}
    return {"displayReleaseVersion": params["display_release_version"], "headSpec": node, "workerSpec": [group]}


class _Run:
    """One run of the probe."""

    def __init__(self, task: TaskContext) -> None:
        self.task = task
        params = task.params
        self.limits = Limits(params["max_cu"], params["max_minutes"] * 60.0, params["max_clusters"])
        self.absent = params["state"] == "absent"
        numbers = ("max_cu", "max_minutes", "max_clusters", "cpu", "memory")
        problems = [f"{name}: must be more than 0" for name in numbers if not params[name] > 0]
        if not self.absent and not params.get("display_release_version"):
            problems.append("display_release_version is required with state=present")
        Problems(problems).raise_any()
        self.spec = base_spec({**params, "display_release_version": params.get("display_release_version") or ""})
        self.settings = resolve_settings(params, task.environ)
        self.credentials = CredentialStore(resolve_credential_source(params, task.environ))
        self.transport = RecordingTransport(self.settings, task.clock)

    def _session(self, retries: int) -> ApiSession:
        settings = self.settings._replace(retries=retries)
        return ApiSession(
            settings, self.credentials, self.transport, self.task.clock, self.task.secrets, self.task.warn,
            self.task.user_agent,
        )  # fmt: skip

    def run(self) -> Result:
        """Plan, ask, remove, and report."""
        key = self.credentials.get()
        self.task.secrets.add(*key)
        reader = self._session(min(self.settings.retries, MAX_READ_RETRIES))
        lab = Lab(
            reader, self._session(0), self.transport, self.task.clock, self.limits, self.spec, self.settings.retries
        )
        try:
            if self.task.check_mode:
                return self._plan(lab)
            return self._clean(lab) if self.absent else self._ask(lab)
        finally:
            self.transport.close()

    def _plan(self, lab: Lab) -> Result:
        try:
            leftovers = [cluster.cluster_id for cluster in lab.find_leftovers()]
        except UnclearError as error:
            raise Failure(str(error)) from None
        if self.absent:
            return {
                "changed": bool(leftovers),
                "leftovers": leftovers,
                "plan": [f"Delete {name}" for name in leftovers],
            }
        cu = cu_of(self.spec)
        plan = [
            f"Delete {len(leftovers)} scratch clusters left by earlier runs"
            if leftovers
            else "No leftover clusters found",
            f"Create up to {self.limits.clusters} scratch clusters of {cu:g} CU each, named rayops-probe-…",
            f"Use up to {self.limits.cu:g} CU at one time, for up to {self.limits.seconds / 60:g} minutes",
            f"Cost at most {self.limits.cu * self.limits.seconds / 3600:.1f} CU hours",
        ]
        most = {"clusters": self.limits.clusters, "cu": self.limits.cu, "minutes": self.limits.seconds / 60,
                "cu_hours": round(self.limits.cu * self.limits.seconds / 3600, 2)}  # fmt: skip
        return {"changed": True, "leftovers": leftovers, "plan": plan, "at_most": most}

    def _clean(self, lab: Lab) -> Result:
        lab.learn_missing()
        left = self._remove(lab, sweep=True)
        found = [cluster.cluster_id for cluster in lab.scratch]
        result = {
            "changed": len(found) > len(left),
            "leftovers": left,
            "removed": [name for name in found if name not in left],
        }
        self._check_left(left, result)
        return result

    def _remove(self, lab: Lab, *, sweep: bool = False) -> list[str]:
        """Remove scratch clusters; return the ids of those that are left. Raises Failure."""
        try:
            return lab.remove_all(sweep=sweep)
        except UnclearError as error:
            failure = Failure(f"the search for scratch clusters failed: {error}")
            failure.code = "ScratchLeft"
            failure.hint = "run the playbook again with state=absent"
            raise failure from None

    def _check_left(self, left: list[str], result: Result) -> None:
        if left:
            failure = Failure(f"these scratch clusters still exist: {', '.join(left)}")
            failure.code = "ScratchLeft"
            failure.hint = "run the playbook again with state=absent"
            raise task_failure(
                self.task, "Could not remove every scratch cluster", failure, {**result, "changed": True}
            )

    def _ask(self, lab: Lab) -> Result:
        bench, failures = Bench(lab), dict[str, str]()
        self._check_left(self._remove(lab, sweep=True), {})
        try:
            for name, experiment in EXPERIMENTS.items():
                self.task.progress(f"probe: {name}")
                try:
                    lab.check_time()
                    experiment(bench)
                except (UnclearError, Failure, ValueError, TypeError, KeyError, AttributeError, IndexError) as error:
                    failures[name] = self.task.secrets.redact_text(f"{error or type(error).__name__}")
            left = self._remove(lab)
        except BaseException:
            # Ctrl-C, also during the removal. The next run removes the clusters that this one cannot remove.
            left = self._remove(lab)
            if left:
                ids = ", ".join(left)
                self.task.warn(f"These scratch clusters are still there: {ids}. Remove them with state=absent.")
            raise
        bench.facts["throttling"] = sorted(
            {name for exchange in self.transport.exchanges for name in exchange.headers if name != "content-type"}
        )
        result = self._report(lab, bench, failures)
        result["leftovers"] = left
        self._check_left(left, result)
        return result

    def _report(self, lab: Lab, bench: Bench, failures: dict[str, str]) -> Result:
        answers = answer_all(bench.facts)
        own = {cluster.cluster_id for cluster in lab.scratch}
        scrubber = Scrubber(self.task.secrets.redact, lab.workspace_id, own, self.settings.host)
        about = {
            "version": VERSION,
            "date": time.strftime("%Y-%m-%d", time.gmtime(self.task.clock.time())),
            "requests": len(self.transport.exchanges),
            "clusters": lab.creates,
            "peak_cu": lab.peak_cu,
            "failures": failures,
        }
        probe = scrubber.values(to_probe(answers, infer_timing(bench.facts), about))
        recording = to_lines(self.transport.exchanges, scrubber)
        result: Result = {"changed": lab.creates > 0, "probe": probe, "report": scrubber.values(format_table(answers)),
                          "requests": len(self.transport.exchanges)}  # fmt: skip
        folder = self.task.params.get("path")
        if folder:
            result["files"] = write_files(folder, probe, recording)
        return result


def write_files(folder: str, probe: Json, recording: list[str]) -> list[str]:
    """Write probe.json and recording.jsonl into a folder; return their paths. Raises Failure."""
    place = pathlib.Path(folder)
    texts = {"probe.json": json.dumps(probe, indent=2, ensure_ascii=False), "recording.jsonl": "\n".join(recording)}
    try:
        place.mkdir(parents=True, exist_ok=True)
        for name, text in texts.items():
            (place / name).write_text(f"{text}\n", encoding="utf-8")
    except OSError as error:
        failure = Failure(f"path: {error}")
        failure.code = "CannotWrite"
        raise failure from None
    return [str(place / name) for name in texts]
