# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The harness of scenarios: tasks of the core in this process, over HTTP, against an emulator without real time."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.rayops.alicloud.plugins.module_utils._api.settings import is_valid_id
from ansible_collections.rayops.alicloud.plugins.module_utils._argspec.cluster import (
    CLUSTER_INFO_OPTIONS,
    CLUSTER_OPTIONS,
)
from ansible_collections.rayops.alicloud.plugins.module_utils._argspec.fleet import CLUSTER_ENTRY, FLEET
from ansible_collections.rayops.alicloud.plugins.module_utils._cluster.info import run_info
from ansible_collections.rayops.alicloud.plugins.module_utils._cluster.run import run_cluster
from ansible_collections.rayops.alicloud.plugins.module_utils._fleet.run import run_fleet
from ansible_collections.rayops.alicloud.plugins.module_utils._task.context import TaskContext, TaskFailed
from tests.emulator import Emulator
from tests.emulator.journal import Entry
from tests.unit.scenarios.specs import Json


class EmulatorClock:
    """The task's clock is the clusters': whoever waits moves them, so that no test spends real time waiting."""

    def __init__(self, emulator: Emulator) -> None:
        self._emulator = emulator
        self.slept: list[float] = []

    def monotonic(self) -> float:
        """Return the clusters' time."""
        return self._emulator.clock()

    def time(self) -> float:
        """Return the real time, which signatures are checked against."""
        return time.time()

    def sleep(self, seconds: float) -> None:
        """Move the clusters."""
        self.slept.append(seconds)
        self._emulator.advance(seconds)


@dataclass
class TaskOutcome:
    """What a task gave, and what the service saw of it."""

    result: Json
    failed: bool
    requests: list[Entry] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    slept: list[float] = field(default_factory=list)

    def __getitem__(self, key: str) -> Any:
        return self.result[key]

    @property
    def operations(self) -> list[str]:
        """Return the operations asked for."""
        return [entry.operation for entry in self.requests]

    @property
    def writes(self) -> list[str]:
        """Return the operations asked for that are no reads."""
        return [entry.operation for entry in self.requests if entry.method != "GET"]

    def request_bodies(self, operation: str) -> list[Json]:
        """Return the bodies that were sent with an operation."""
        return [entry.body for entry in self.requests if entry.operation == operation]


def validated_options(spec: dict[str, Json], given: Json) -> Json:
    """Return parameters as AnsibleModule would hand them over: converted, with defaults."""
    checked = ArgumentSpecValidator(spec).validate(given)
    if checked.error_messages:
        raise ValueError(checked.error_messages)
    return dict(checked.validated_parameters)


def _without_preflight(given: Json, check: bool) -> Json:
    """Return options with which a run asks for nothing but the cluster; tests of preflight give the option."""
    return given if check else {"preflight": False, **given}


class TaskHarness:
    """Runs tasks and keeps apart what each of them asked of the service."""

    # Whether tests may count on the very reads that a task about one cluster makes.
    exact_reads = True

    def __init__(self, emulator: Emulator) -> None:
        self.emulator = emulator
        self.environ: dict[str, str] = {}

    def make_clock(self) -> EmulatorClock:
        """Return the time of one task."""
        return EmulatorClock(self.emulator)

    def connection(self) -> Json:
        """Return the options that lead to the emulator."""
        return {
            "endpoint": self.emulator.url,
            "workspace_id": self.emulator.workspace_id,
            "access_key_id": self.emulator.access_key_id,
            "access_key_secret": self.emulator.access_key_secret,
        }

    def cluster(self, check: bool = False, **given: Any) -> TaskOutcome:
        """Run emr_ray_cluster; an option that is None is not given."""
        return self._run(run_cluster, CLUSTER_OPTIONS, _without_preflight(given, check), check)

    def info(self, check: bool = False, **given: Any) -> TaskOutcome:
        """Run emr_ray_cluster_info."""
        return self._run(run_info, CLUSTER_INFO_OPTIONS, given, check)

    def fleet(self, check: bool = False, tell: Callable[[str], None] | None = None, **given: Any) -> TaskOutcome:
        """Run emr_ray_fleet; ``tell`` gets the lines of progress."""
        given = {**given, "defaults": _without_preflight(given.get("defaults") or {}, check)}
        return self._run(run_fleet, FLEET, given, check, tell)

    def _run(
        self,
        core: Callable[[TaskContext], Json],
        spec: dict[str, Json],
        given: Json,
        check: bool,
        tell: Callable[[str], None] | None = None,
    ) -> TaskOutcome:
        given = {key: value for key, value in (self.connection() | given).items() if value is not None}
        warnings: list[str] = []
        clock = self.make_clock()
        task = TaskContext(
            validated_options(spec, given), self.environ, warnings.append, check, "tests", clock, tell=tell
        )
        start = len(self.emulator.journal)
        try:
            result, failed = core(task), False
        except TaskFailed as failure:
            result, failed = failure.result, True
        return TaskOutcome(result, failed, self.emulator.journal[start:], warnings, clock.slept)

    def expect_success(self, check: bool = False, **given: Any) -> TaskOutcome:
        """Run emr_ray_cluster, which must succeed."""
        outcome = self.cluster(check, **given)
        assert not outcome.failed, outcome.result
        return outcome

    def expect_failure(self, **given: Any) -> TaskOutcome:
        """Run emr_ray_cluster, which must fail."""
        outcome = self.cluster(**given)
        assert outcome.failed, outcome.result
        return outcome

    def expect_unchanged(self, **given: Any) -> TaskOutcome:
        """Run emr_ray_cluster, which must find nothing to do and send no write."""
        outcome = self.expect_success(**given)
        assert outcome["actions"] == []
        assert outcome["changed"] is False, outcome["changes"]
        assert outcome["changes"] == []
        assert outcome.writes == []
        return outcome

    def stored_spec(self, cluster_id: str) -> Json:
        """Return the spec as the service stores it."""
        return self.emulator.spec(cluster_id)

    def cluster_state(self, cluster_id: str) -> str:
        """Return the state of a cluster now."""
        with self.emulator.core.lock:
            return self.emulator.service.find(cluster_id).state


# What an entry of a fleet's result has and the result of one cluster has not.
FLEET_ONLY_KEYS = ("name", "failed", "skipped", "clusters", "pruned", "summary", "diff")


class FleetHarness(TaskHarness):
    """Runs each task about one cluster as a fleet of one, so that every scenario holds for fleets as well."""

    exact_reads = False

    def cluster(self, check: bool = False, **given: Any) -> TaskOutcome:
        """Run emr_ray_fleet with one cluster; the outcome is that of the cluster."""
        given = _without_preflight(given, check)
        own = {name: value for name, value in given.items() if name in CLUSTER_ENTRY and value is not None}
        if given.get("preflight", True) is None:
            # As in a playbook that does not set it.
            given = {**given, "defaults": {"preflight": None}}
        rest = {name: value for name, value in given.items() if name not in CLUSTER_ENTRY}
        outcome = self.fleet(check, clusters=[own], **rest)
        whole = outcome.result
        cluster_id = own.get("cluster_id")
        nothing = {"cluster": None, "cluster_id": cluster_id if is_valid_id(cluster_id or "") else None, "actions": []}
        (entry,) = whole.get("clusters") or [{**nothing, **whole}]
        keep = {key: value for key, value in entry.items() if key not in FLEET_ONLY_KEYS}
        if not outcome.failed:
            (keep["diff"],) = whole["diff"] or [{"before": "", "after": ""}]
        outcome.result = keep
        return outcome
