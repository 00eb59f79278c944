# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The harness of the trust tests: planted secrets, a cluster with every field, and what must hold whatever happens."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass, field
from typing import Any

from tests.emulator import Account
from tests.unit.scenarios.harness import EmulatorClock, FleetHarness, TaskHarness, TaskOutcome
from tests.unit.scenarios.specs import canonical_spec, full_options, full_stored_spec

Json = dict[str, Any]

CLUSTER_NAME = "training"
ERROR_KEYS = {"operation", "code", "message", "request_id", "http_status", "hint"}
# Seconds that one call may take with all its attempts: the defaults of timeout and retries.
CALL_BUDGET = 30.0 * 6
# Seconds for which an answer to a create that was lost is looked for.
CREATE_SEARCH_SECONDS = 30.0
WAIT_TIMEOUT = 300.0
# Long enough that a wait takes some reads, which cost nothing but the requests.
TIMING = {"starting_seconds": 15, "stopping_seconds": 10, "deleting_seconds": 8}

# What nobody can lose under these rules, since reads give everything back.
SERVICE_RULES: Json = {"update": "replace", "redis_password": "clear", "worker_extra_param": "returned"}


def make_canary(kind: str) -> str:
    """Return a value that is nowhere else."""
    return f"canary-{kind}-{uuid.uuid4().hex}"


@dataclass
class Canaries:
    """One planted value for each secret, new for every run of the tests."""

    secret: str = field(default_factory=lambda: make_canary("secret"))
    token: str = field(default_factory=lambda: make_canary("sts"))
    password: str = field(default_factory=lambda: make_canary("redis"))
    observed: str = field(default_factory=lambda: make_canary("observed"))

    def all(self) -> list[str]:
        """Return all of them."""
        return [self.secret, self.token, self.password, self.observed]


class InvariantHarness(TaskHarness):
    """A harness whose tasks sign with planted secrets, and that checks every outcome for what must always hold."""

    def __init__(self, emulator: Any, canaries: Canaries) -> None:
        super().__init__(emulator)
        self.canaries = canaries
        emulator.core.verifier.accounts["canary-key"] = Account("canary-key", canaries.secret, canaries.token)

    def connection(self) -> Json:
        """Return the options that lead to the emulator, with temporary credentials."""
        return super().connection() | {
            "access_key_id": "canary-key",
            "access_key_secret": self.canaries.secret,
            "security_token": self.canaries.token,
        }

    def full_options(self, **changes: Any) -> Json:
        """Return options that set every field there is, with a planted password."""
        options = full_options(**changes)
        options["head_spec"]["gft_config"]["redis_password"] = self.canaries.password
        return options

    def full_stored_spec(self, **changes: Any) -> Json:
        """Return what the service stores of :meth:`spec`."""
        stored = full_stored_spec() | changes
        stored["headSpec"]["gftConfig"]["redisPassword"] = self.canaries.password
        return stored

    def cluster(self, check: bool = False, **given: Any) -> TaskOutcome:
        """Run emr_ray_cluster and hold the outcome to what must hold for every one."""
        start = self.emulator.clock()
        calls = len(self.emulator.journal)
        outcome = super().cluster(check, **{"wait_timeout": WAIT_TIMEOUT, **given})
        self.assert_no_secret(outcome)
        if outcome.failed:
            assert_clear_error(outcome)
        # Calls that are repeated have one budget together; those of a wait have the budget of the wait.
        kinds = len(set(outcome.operations)) if len(self.emulator.journal) > calls else 0
        assert self.emulator.clock() - start <= WAIT_TIMEOUT + CREATE_SEARCH_SECONDS + kinds * CALL_BUDGET
        return outcome

    def assert_no_secret(self, outcome: TaskOutcome) -> None:
        """Fail when a secret shows in the result or a warning."""
        shown = json.dumps(outcome.result) + repr(outcome.warnings)
        for secret in (*self.canaries.all(), *self.cluster_tokens()):
            assert secret not in shown

    def cluster_tokens(self) -> list[str]:
        """Return the submit and dashboard tokens of all runs of now."""
        with self.emulator.core.lock:
            clusters = self.emulator.service.workspaces[self.emulator.workspace_id].values()
            return [text for c in clusters if c.run for text in (c.run.dashboard_token, c.run.submit_token)]

    def seed_cluster(self, state: str, **changes: Any) -> str:
        """Put the cluster there, complete, in a state and with wire fields of another value; return its id."""
        spec = self.full_stored_spec(**changes)
        spec.pop("name")
        (cluster_id,) = self.emulator.seed(CLUSTER_NAME, spec=spec, state=state)
        return cluster_id

    def own_cluster_ids(self) -> list[str]:
        """Return the ids of the clusters of the name that nobody else made."""
        found = self.emulator.clusters()
        return [c["clusterId"] for c in found if c["name"] == CLUSTER_NAME and c["creatorName"] == "emulator"]

    def assert_specs_kept(self, *allowed: Json) -> None:
        """Fail unless every cluster of the name is stored as one of the specs that are allowed, no field lost."""
        for cluster_id in self.own_cluster_ids():
            assert canonical_spec(self.stored_spec(cluster_id)) in [canonical_spec(spec) for spec in allowed]


class FleetInvariantHarness(InvariantHarness, FleetHarness):
    """The same harness, where each task about one cluster is a fleet of one."""


def assert_clear_error(outcome: TaskOutcome) -> None:
    """Fail unless a failure says in one line what was being done, to which cluster, and why it failed."""
    message, error = outcome["msg"], outcome["error"]
    assert message.startswith(("Could not ", "The options "))
    assert set(error) == ERROR_KEYS
    assert error["message"]
    assert error["message"] in message
    assert "Traceback" not in message
    assert not [mark for mark in message if ord(mark) < 32 or 127 <= ord(mark) < 160]
    assert len(message) < 3000


__all__ = [
    "CLUSTER_NAME",
    "SERVICE_RULES",
    "TIMING",
    "WAIT_TIMEOUT",
    "Canaries",
    "EmulatorClock",
    "InvariantHarness",
    "assert_clear_error",
    "canonical_spec",
    "make_canary",
]
