# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The queues of a workspace: create, edit, delete, list, and which jobs fill them."""

from __future__ import annotations

import copy
import json
from typing import Any

from .discovery import queue
from .errors import ApiError, denied, invalid
from .faults import Fault
from .ground import Ground
from .model import RUNNING, STARTING, Json
from .platform_body import checked_name, mapping, number_in, required, texts, texts_of, whole
from .query import text
from .query import whole as whole_query

_NUMBERS = ("cu", "maxCu", "gpu", "gpuMachineNum")
_ACTIONS = ("create_queue", "edit_queue", "delete_queue", "submit_job")


def _texts_of(number: int, style: str) -> tuple[Any, str]:
    """Return cores and memory of so many CU in the style of the rule queue_numbers."""
    cores: Any = {"text": str(number), "decimal": f"{number}.0", "number": number}[style]
    return cores, f"{number * 4}Gi"


class Queues:
    """Queues of all workspaces. `sizes` holds the numbers that were sent; reads show them only in part."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self.sizes: dict[tuple[str, str], Json] = {}
        self.busy: dict[str, float] = {}
        self.jobs: dict[tuple[str, str], list[Json]] = {}
        self.hours: dict[tuple[str, str], str] = {}

    def clear(self) -> None:
        """Forget sizes, edits in progress, and planned jobs and hours."""
        for known in (self.sizes, self.busy, self.jobs, self.hours):
            known.clear()

    def forget(self, workspace_id: str) -> None:
        """Forget the sizes of a workspace's queues, which then count as their rows show them."""
        self.sizes = {key: size for key, size in self.sizes.items() if key[0] != workspace_id}

    # Numbers

    def size(self, workspace_id: str, row: Json) -> Json:
        """Return the numbers of a queue; those of a queue that tests have set are read from its row."""
        known = self.sizes.get((workspace_id, row["queueName"]))
        return known or {"cu": number_in(json.loads(row["maxResource"])["cpu"])}

    def total(self, workspace_id: str, changed: dict[str, Json] | None = None) -> int:
        """Return the CU of all queues together, as the rules queue_sum and root_queue count them."""
        rules, total = self._ground.rules, 0
        names = {row["queueName"]: self.size(workspace_id, row) for row in self._ground.catalog.queues[workspace_id]}
        for name, size in {**names, **(changed or {})}.items():
            if name == "root_queue" and rules.root_queue == "whole":
                continue
            key = "maxCu" if rules.queue_sum == "max_cu" and size.get("maxCu") else "cu"
            total += int(size.get(key) or 0)
        return total

    def resize(self, workspace_id: str, row: Json, size: Json) -> None:
        """Store the numbers of a queue and show them in its row."""
        rules = self._ground.rules
        self.sizes[(workspace_id, row["queueName"])] = size
        guaranteed = row["paymentType"] == "Pre" or rules.queue_min == "always"
        shown = {"maxResource": size.get("maxCu") or size.get("cu") or 0}
        shown["minResource"] = (size.get("cu") or 0) if guaranteed else 0
        for key, number in shown.items():
            cores, memory = _texts_of(number, rules.queue_numbers)
            row[key] = json.dumps({"cpu": cores, "memory": memory}, separators=(",", ":"))
        if "gpuMachineNum" in size:
            row["gpuMachineNum"] = size["gpuMachineNum"]

    def follow(self, workspace_id: str, cu: int) -> None:
        """Let root_queue, which is the whole workspace, have the size of the workspace."""
        for row in self._ground.catalog.queues[workspace_id]:
            if row["queueName"] == "root_queue":
                self.resize(workspace_id, row, {"cu": cu})

    def _check_sum(self, workspace_id: str, name: str, size: Json) -> None:
        limit = number_in(self._ground.catalog.workspaces[workspace_id]["resourceSpec"])
        new = self.total(workspace_id, {name: size})
        if new > limit and new > self.total(workspace_id):
            raise ApiError(400, "UnSupportedOperator", "workspace rest cpu is not enough")

    # Writes

    def create(self, body: Any) -> Json:
        """CreateWorkspaceQueue: synchronous, or RUNNING after queue_editing_seconds."""
        body, ground = mapping(body), self._ground
        required(body, "workspaceId", "workspaceQueueName", "resourceSpec")
        workspace_id, name = str(body["workspaceId"]), checked_name(body, "workspaceQueueName")
        ground.workspace(workspace_id, running=True)
        self._check_busy(workspace_id)
        rows = ground.catalog.queues[workspace_id]
        if any(row["queueName"] == name for row in rows):
            raise ApiError(400, ground.rules.duplicate_queue_code, f"queue {name} exists already")
        category, payment = text(body, "queueCategory") or "CPU", text(body, "paymentType") or "PayAsYouGo"
        if category not in ("CPU", "GPU") or payment not in ("PayAsYouGo", "Pre"):
            raise invalid(f"queueCategory {category} or paymentType {payment} is not valid")
        if payment == "Pre":
            required(body, "instanceId")
        size = _size(body)
        self._check_sum(workspace_id, name, size)
        fields = {"queueCategory": category, "paymentType": payment, "preheat": bool(body.get("preheat", False))}
        fields |= {"description": text(body, "description"), "createTime": int(ground.clock() * 1000)}
        fields |= {"environments": ["production", "dev"] if ground.rules.queue_environments == "all" else []}
        fields |= {"gpuSpec": texts(body, "gpuSpec") or [], "allowActions": _allowed(workspace_id)}
        if text(body, "instanceId"):
            fields["instanceId"] = body["instanceId"]
        row = queue(workspace_id, ground.clusters.site, name, **fields)
        self.resize(workspace_id, row, size)
        rows.append(row)
        if ground.rules.queue_create_takes == "time":
            row["queueStatus"] = "CREATING"
            ground.later(ground.timing.queue_editing_seconds, lambda: row.update(queueStatus="RUNNING"))
        self._occupy(workspace_id)
        return {}

    def edit(self, body: Any) -> Json:
        """EditWorkspaceQueue: under the rule queue_edit, what is not sent stays or is emptied."""
        body, ground = mapping(body), self._ground
        required(body, "workspaceId", "workspaceQueueName")
        workspace_id = str(body["workspaceId"])
        ground.workspace(workspace_id, running=True)
        row = self._find(workspace_id, str(body["workspaceQueueName"]))
        self._check_busy(workspace_id)
        fields: Json = {
            key: value
            for key in ("gpuSpec", "environments")
            if (value := texts_of(body, key, ground.rules)) is not None
        }
        fields |= {key: text(body, key) for key in ("description", "instanceId") if key in body}
        size = dict(self.size(workspace_id, row))
        if ground.rules.queue_edit == "replace":
            required(body, "resourceSpec")
            fields = {"gpuSpec": [], "environments": [], "description": ""} | fields
        if body.get("resourceSpec") is not None:
            size = _size(body, size if ground.rules.queue_edit == "patch" else {})
            self._check_sum(workspace_id, row["queueName"], size)

        def apply() -> None:
            row.update(fields)
            self.resize(workspace_id, row, size)

        ground.later(ground.timing.queue_editing_seconds if ground.rules.edit_takes == "time" else 0.0, apply)
        ground.settle()
        self._occupy(workspace_id)
        return {}

    def delete(self, workspace_id: str, name: str) -> Json:
        """DeleteWorkspaceQueue: root_queue stays; what uses the queue is refused or harmed by the rule."""
        self._ground.workspace(workspace_id, running=True)
        row = self._find(workspace_id, name)
        if name == "root_queue":
            raise denied("root_queue cannot be deleted")
        self._check_busy(workspace_id)
        users = [cluster.cluster_id for cluster in self._users(workspace_id, name)]
        if users and self._ground.rules.delete_used_queue == "refused":
            raise denied(f"queue {name} is used by {', '.join(users)}")
        self._ground.catalog.queues[workspace_id].remove(row)
        self.sizes.pop((workspace_id, name), None)
        self._occupy(workspace_id)
        return {}

    def _check_busy(self, workspace_id: str) -> None:
        if self._ground.rules.overlapping_edits == "refused" and self.busy.get(workspace_id, 0) > self._ground.clock():
            raise ApiError(500, "Error.Internal", "fail to update app instance queue")

    def _occupy(self, workspace_id: str) -> None:
        self.busy[workspace_id] = self._ground.clock() + self._ground.timing.queue_editing_seconds

    def _find(self, workspace_id: str, name: str) -> Json:
        for row in self._ground.catalog.queues[workspace_id]:
            if row["queueName"] == name:
                return row
        rules = self._ground.rules
        raise ApiError(rules.unknown_queue_status, rules.unknown_queue_code, f"queue {name} does not exist")

    # Reads

    def page(self, workspace_id: str, query: dict[str, str], modifiers: dict[str, Fault]) -> Json:
        """ListWorkspaceQueues."""
        self._ground.listed_workspace(workspace_id)
        rows = self._ground.catalog.queues[workspace_id]
        shown = self._ground.shown("queues", workspace_id, "queueName", rows, modifiers)
        return self._ground.catalog.list_queues(query, shown)

    def top_jobs(self, workspace_id: str, name: str, query: dict[str, str]) -> Json:
        """ListQueueTopJobs: planned jobs, and the clusters that run on the queue; the largest first."""
        self._ground.workspace(workspace_id)
        self._find(workspace_id, name)
        count = whole_query(query, "topN", 10)
        if count > 10:
            raise invalid("topN is at most 10")
        jobs = copy.deepcopy(self.jobs.get((workspace_id, name), []))
        for cluster in self._users(workspace_id, name):
            if cluster.state in (STARTING, RUNNING):
                jobs.append(_job_of(cluster.cluster_id, cluster.spec, name))
        jobs.sort(key=lambda job: -float(job["cu"]))
        total = sum(float(job["cu"]) for job in jobs)
        row = {"queueName": name, "totalCu": f"{total:g}", "totalJobCount": len(jobs), "maxResults": count}
        return {"queueTopJobs": row | {"jobs": jobs[:count]}}

    def cu_hours(self, workspace_id: str, name: str, query: dict[str, str]) -> Json:
        """GetCuHours: as JSON points or as one number, by the rule cu_hours."""
        self._ground.workspace(workspace_id)
        self._find(workspace_id, name)
        required(query, "startTime", "endTime")
        hours = self.hours.get((workspace_id, name), "0")
        if self._ground.rules.cu_hours == "points":
            hours = json.dumps([{"timestamp": query["startTime"], "value": hours}])
        return {"data": {"cuHours": hours}}

    def _users(self, workspace_id: str, name: str) -> list[Any]:
        clusters = self._ground.clusters
        found = [clusters.known(workspace_id, key) for key in list(clusters.workspaces.get(workspace_id, {}))]
        return [cluster for cluster in found if cluster is not None and name in _queues_of(cluster.spec)]


def _queues_of(spec: Json) -> set[str]:
    parts = [spec.get("headSpec") or {}, *(spec.get("workerSpec") or [])]
    return {str(part.get("queueName")) for part in parts}


def _job_of(cluster_id: str, spec: Json, name: str) -> Json:
    """Return a cluster as a job that fills the queue."""
    cores = memory = 0.0
    for part in [spec.get("headSpec") or {}, *(spec.get("workerSpec") or [])]:
        if part.get("queueName") == name:
            count = int(part.get("replica") or 1)
            cores += count * number_in(part.get("cpu"))
            memory += count * number_in(part.get("memory"))
    row = {"jobId": cluster_id, "jobType": "RAY", "cu": f"{max(cores, memory / 4):g}"}
    return row | {"cpuCores": f"{cores:g}", "memoryGiB": f"{memory:g}"}


def _size(body: Json, old: Json | None = None) -> Json:
    """Return the numbers that a body sends over those that were there."""
    sent = mapping(body["resourceSpec"])
    size = dict(old or {}) | {key: value for key in _NUMBERS if (value := whole(sent, key)) is not None}
    if size.get("cu") is None:
        raise invalid("resourceSpec.cu is required")
    if size.get("maxCu") is not None and size["maxCu"] < size["cu"]:
        raise invalid("CU not in range: maxCu is below cu")
    return size


def _allowed(workspace_id: str) -> list[Json]:
    return [
        {"actionArn": f"acs:emr::{workspace_id}:action/{name}", "actionName": name, "dependencies": []}
        for name in _ACTIONS
    ]
