# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""CreateWorkspace, UpdateWorkspace, the reads of workspaces, and the AI center."""

from __future__ import annotations

import re
from typing import Any

from .discovery import queue, tag_filter
from .errors import ApiError, invalid, missing
from .faults import Fault
from .ground import Ground
from .model import Json
from .platform_body import checked_name, mapping, number_in, required, texts, texts_of, whole
from .queues import Queues

_BUCKETS = {"any": re.compile(r"oss://[a-z0-9-]+(/.*)?"), "slash": re.compile(r"oss://[a-z0-9-]+/.*")}
_FIRST_QUEUES = ("root_queue", "dev_queue")


class Workspaces:
    """Workspaces start with time, and have root_queue and dev_queue once they run."""

    def __init__(self, ground: Ground, queues: Queues) -> None:
        self._ground = ground
        self._queues = queues
        self.ai_centers: dict[str, str] = {}
        self.hidden_until: dict[str, float] = {}

    def create(self, body: Any) -> Json:
        """CreateWorkspace: STARTING at once, RUNNING after workspace_starting_seconds."""
        body = mapping(body)
        return self._ground.once("CreateWorkspace", body, lambda: self._create(body))

    def _create(self, body: Json) -> Json:
        ground = self._ground
        required(body, "workspaceName", "resourceSpec", "ossBucket", "ramRoleName", "paymentType")
        name = checked_name(body, "workspaceName")
        size = mapping(body["resourceSpec"])
        required(size, "cu")
        cu = whole(size, "cu", text=True)
        whole(size, "gpu")
        bucket = body["ossBucket"]
        if not isinstance(bucket, str) or not _BUCKETS[ground.rules.oss_bucket].fullmatch(bucket):
            raise invalid(f"ossBucket: {bucket!r} is not valid")
        if body["paymentType"] not in ("PayAsYouGo", "Pre"):
            raise invalid(f"paymentType: {body['paymentType']!r} is not valid")
        if body["paymentType"] == "Pre":
            required(body, "paymentDurationUnit", "duration")
            ground.orders.append({"operation": "CreateWorkspace", "body": body})
        taken = any(row["workspaceName"] == name for row in ground.catalog.workspaces.values())
        if taken and ground.rules.workspace_names == "unique":
            raise invalid(f"workspaceName: {name} is used already")
        workspace_id = ground.mint("w")
        fields: Json = {"workspaceName": name, "workspaceStatus": "STARTING", "resourceSpec": f"{cu}cu"}
        fields["storage"] = bucket
        fields |= {"gpuSpec": texts(body, "gpuSpec") or [], "paymentType": body["paymentType"]}
        fields |= {"createTime": int(ground.clock() * 1000), "ramRoleName": body["ramRoleName"]}
        fields |= {
            key: body[key] for key in ("dlfType", "dlfCatalogId", "releaseType", "resourceGroupId") if key in body
        }
        fields |= {"autoRenew": str(body.get("autoRenew", "false")).lower() == "true", "tags": _tags(body)}
        ground.catalog.set_workspace(workspace_id, queues=[], networkServices=[], **fields)
        self.hidden_until[workspace_id] = ground.clock() + ground.timing.queue_editing_seconds
        ground.later(ground.timing.workspace_starting_seconds, lambda: self._started(workspace_id))
        return {"workspaceId": workspace_id, "operationId": ground.mint("op")}

    def _started(self, workspace_id: str) -> None:
        ground = self._ground
        row = ground.catalog.workspaces[workspace_id]
        if ground.rules.workspace_create == "fails":
            reason = {"code": "NoStock", "message": "resources are not sufficient"}
            row |= {"workspaceStatus": "TERMINATED", "failReason": reason["message"], "stateChangeReason": reason}
            return
        row["workspaceStatus"] = "RUNNING"
        ground.clusters.workspaces.setdefault(workspace_id, {})
        cu = number_in(row["resourceSpec"])
        shares = {"root_queue": cu, "dev_queue": 0}
        if ground.rules.root_queue == "counted":
            shares = {"root_queue": cu // 2, "dev_queue": 0}
        for name in _FIRST_QUEUES:
            first = queue(workspace_id, ground.clusters.site, name)
            ground.catalog.queues[workspace_id].append(first)
            self._queues.resize(workspace_id, first, {"cu": shares[name]})

    def update(self, body: Any) -> Json:
        """UpdateWorkspace: under the rule workspace_update, fields that are not sent stay or are emptied."""
        body = mapping(body)
        required(body, "workspaceId")
        ground = self._ground
        row = ground.workspace(str(body["workspaceId"]), running=True)
        changes = self._changes(row, body)
        bought = [key for key in ("subscription", "gpuSubscription") if body.get(key)]
        if bought:
            ground.orders.append({"operation": "UpdateWorkspace", "body": body})
        seconds = ground.timing.queue_editing_seconds if ground.rules.edit_takes == "time" else 0.0

        def apply() -> None:
            row.update(changes)
            if "resourceSpec" in changes and ground.rules.root_queue == "whole":
                self._queues.follow(row["workspaceId"], number_in(row["resourceSpec"]))

        ground.later(seconds, apply)
        ground.settle()
        return {"orderId": ground.mint("order"), "data": {"orderId": "order"}} if bought else {}

    def _changes(self, row: Json, body: Json) -> Json:
        """Return the fields of the row that an update changes; raises ApiError."""
        changes: Json = {}
        if self._ground.rules.workspace_update == "replace":
            for name in ("workspaceName", "cu"):
                if body.get(name) is None:
                    raise missing(name)
            changes = {"gpuSpec": [], "ipWhiteList": []}
        if body.get("workspaceName") is not None:
            changes["workspaceName"] = checked_name(body, "workspaceName")
        cu = whole(body, "cu")
        whole(body, "gpu")
        if cu is not None:
            if cu < self._queues.total(row["workspaceId"]):
                raise ApiError(400, "UnSupportedOperator", "workspace rest cpu is not enough")
            changes["resourceSpec"] = f"{cu}cu"
        for name in ("gpuSpec", "ipWhiteList"):
            value = texts_of(body, name, self._ground.rules)
            if value is not None:
                changes[name] = value
        if body.get("resourceGroupId"):
            changes["resourceGroupId"] = body["resourceGroupId"]
        return changes

    def change_group(self, query: dict[str, str]) -> Json:
        """ChangeResourceGroup: of a workspace."""
        for name in ("resourceId", "resourceType", "resourceGroupId"):
            if not query.get(name):
                raise missing(name)
        if query["resourceType"] != "Workspace":
            raise invalid(f"resourceType: {query['resourceType']} is not valid")
        self._ground.workspace(query["resourceId"])["resourceGroupId"] = query["resourceGroupId"]
        return {}

    # Reads

    def get(self, workspace_id: str) -> Json:
        """GetWorkspace."""
        self._ground.workspace(workspace_id)
        ground, rules = self._ground, self._ground.rules
        if rules.new_workspaces == "late" and ground.clock() < self.hidden_until.get(workspace_id, 0.0):
            raise ApiError(rules.unknown_workspace_status, None, "workspace does not exist")
        return self._ground.catalog.get_workspace(workspace_id)

    def page(self, query: dict[str, str], modifiers: dict[str, Fault]) -> Json:
        """ListWorkspaces: one page, of old rows or without new ones where a fault says so."""
        catalog = self._ground.catalog
        tag_filter(query.get("tag", ""))
        rows = self._ground.shown("workspaces", "", "workspaceId", catalog.workspaces.values(), modifiers)
        return catalog.list_workspaces(query, rows)

    # AI center

    def activate(self, workspace_id: str) -> Json:
        """ActivateAICenter: activating at first, then Running."""
        ground = self._ground
        ground.workspace(workspace_id, running=True)
        if workspace_id not in self.ai_centers:
            self.ai_centers[workspace_id] = "activating"
            seconds = ground.timing.workspace_starting_seconds
            ground.later(seconds, lambda: self.ai_centers.update({workspace_id: "Running"}))
        return {}

    def ai_center(self, workspace_id: str) -> Json:
        """GetAICenterState."""
        self._ground.workspace(workspace_id)
        return {"state": self.ai_centers.get(workspace_id, "inactive")}


def _tags(body: Json) -> list[Json]:
    """Return the tags as reads show them, which is under other names than they are sent."""
    tags = body.get("tag") or []
    if not isinstance(tags, list) or len(tags) > 20:
        raise invalid("tag must be a list of at most 20")
    return [{"tagKey": str(tag["key"]), "tagValue": str(tag.get("value", ""))} for tag in tags]
