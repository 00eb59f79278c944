# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tasks of the platform modules in this process, over HTTP, against an emulator without real time."""

from __future__ import annotations

import json
from typing import Any

from ansible_collections.rayops.alicloud.plugins.module_utils._argspec.platform import (
    MEMBER_OPTIONS,
    NETWORK_OPTIONS,
    QUEUE_OPTIONS,
    WORKSPACE_OPTIONS,
)
from ansible_collections.rayops.alicloud.plugins.module_utils._platform.member import run_member
from ansible_collections.rayops.alicloud.plugins.module_utils._platform.network_service import run_network_service
from ansible_collections.rayops.alicloud.plugins.module_utils._platform.queue import run_queue
from ansible_collections.rayops.alicloud.plugins.module_utils._platform.workspace import run_workspace
from tests.unit.scenarios.harness import TaskHarness, TaskOutcome
from tests.unit.scenarios.specs import Json

WORKSPACE: Json = {
    "workspace_id": None,
    "name": "team",
    "oss_bucket": "oss://bucket",
    "ram_role_name": "AliyunEMRSparkJobRunDefaultRole",
    "resource_spec": {"cu": 200, "gpu": 8},
    "gpu_spec": ["ecs.gn7i-c8g1.2xlarge"],
    "ip_white_list": ["192.0.2.1"],
    "tags": {"team": "a"},
}
QUEUE: Json = {
    "name": "gpu",
    "queue_category": "GPU",
    "gpu_spec": ["ecs.gn7i-c8g1.2xlarge"],
    "resource_spec": {"cu": 32, "max_cu": 64, "gpu": 8},
    "description": "for training",
    "environments": ["dev"],
}
NETWORK: Json = {"name": "redis", "vpc_id": "vpc-1", "vswitch_ids": ["vsw-2", "vsw-1"], "security_group_id": "sg-1"}
USER = "acs:ram::100000000000000001:user/200000000000000077"
ROLE = "acs:ram::100000000000000001:role/Automation"
MEMBER: Json = {"member_arns": [USER, ROLE], "roles": ["DataScience"]}

MODULES: dict[str, tuple[Any, Json]] = {
    "workspace": (run_workspace, WORKSPACE_OPTIONS),
    "queue": (run_queue, QUEUE_OPTIONS),
    "network": (run_network_service, NETWORK_OPTIONS),
    "member": (run_member, MEMBER_OPTIONS),
}


class PlatformHarness(TaskHarness):
    """Runs the platform modules; ``workspace_id`` is that of the emulator unless a task says otherwise."""

    def run(self, module: str, given: Json, *, check: bool = False, **changes: Any) -> TaskOutcome:
        """Run a module; an option that is None is not given."""
        core, spec = MODULES[module]
        return self._run(core, spec, {**given, **changes}, check)

    def succeed(self, module: str, given: Json, *, check: bool = False, **changes: Any) -> TaskOutcome:
        """Run a module, which must succeed; what check mode predicts must not be sent."""
        outcome = self.run(module, given, check=check, **changes)
        assert not outcome.failed, outcome.result
        assert outcome["changed"] == bool(outcome["actions"])
        if check or not outcome["changed"]:
            assert outcome.writes == []
        return outcome

    def converge(self, module: str, given: Json, **changes: Any) -> TaskOutcome:
        """Run a module, which must do what check mode predicted and find nothing to do when it runs again."""
        predicted = self.succeed(module, given, check=True, **changes)
        outcome = self.succeed(module, given, **changes)
        assert outcome["actions"] == predicted["actions"]
        assert outcome["changes"] == predicted["changes"]
        assert outcome["diff"] == predicted["diff"]
        assert outcome["msg"] == predicted["msg"]
        self.unchanged(module, given, **changes)
        return outcome

    def unchanged(self, module: str, given: Json, **changes: Any) -> TaskOutcome:
        """Run a module, which must find nothing to do."""
        outcome = self.succeed(module, given, **changes)
        assert outcome["actions"] == [], outcome.result
        assert outcome["changes"] == []
        return outcome

    def fail(self, module: str, given: Json, *, check: bool = False, **changes: Any) -> Json:
        """Run a module, which must fail; return its result with the writes as ``sent``."""
        outcome = self.run(module, given, check=check, **changes)
        assert outcome.failed, outcome.result
        return {**outcome.result, "sent": outcome.writes, "asked": outcome.operations}

    # The service's side

    def make_workspace(self, cu: int = 200, **changes: Any) -> str:
        """Create a workspace, and let later tasks be about it."""
        outcome = self.succeed("workspace", WORKSPACE, resource_spec={"cu": cu}, **changes)
        workspace_id = str(outcome["workspace_id"])
        self.emulator.workspace_id = workspace_id
        return workspace_id

    def queue_rows(self) -> dict[str, Json]:
        """Return the queues of the workspace as the service shows them."""
        rows = self.emulator.core.catalog.queues[self.emulator.workspace_id]
        return {row["queueName"]: row for row in rows}

    def queue_cpu(self, name: str) -> int:
        """Return the largest number of cores of a queue."""
        return int(float(json.loads(self.queue_rows()[name]["maxResource"])["cpu"]))

    def queue_size(self, name: str) -> Json:
        """Return the numbers of a queue as they are stored."""
        return self.emulator.core.platform.queues.sizes[(self.emulator.workspace_id, name)]

    def live_workspaces(self, name: str = "team") -> list[Json]:
        """Return the workspaces of a name."""
        return [row for row in self.emulator.core.catalog.workspaces.values() if row["workspaceName"] == name]
