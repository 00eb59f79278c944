# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is around the clusters: workspaces with their queues and network services, and the release versions."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterable
from typing import Any

from .errors import invalid
from .model import Json
from .query import whole
from .rules import Rules
from .service_address import ServiceAddress

_CREATED = 1_767_225_600_000
_AMPLE = {"cpu": "100000", "memory": "400000Gi"}
_RESOURCES = ("maxResource", "minResource", "usedResource")
_GPU = "ecs.gn6i-c4g1.xlarge"
RAY_VERSIONS = (
    "err-1.3.0 (Ray 2.55.1, Python 3.12)",
    "err-1.2.0 (Ray 2.55.1, Python 3.12)",
    "ray-1.2.0 (Ray 2.55.1, Python 3.12)",
    "ray-1.0.0 (Ray 2.47.1, Python 3.12)",
)
_SPARK_VERSION = "esr-4.3.0 (Spark 3.5.2, Scala 2.12)"


def release(display: str, **changes: Any) -> Json:
    """Return a release version of this display name."""
    name, _space, community = display.partition(" ")
    row: Json = {"releaseVersion": name, "displayReleaseVersion": display, "communityVersion": community.strip("()")}
    row |= {"state": "ONLINE", "type": "stable", "fusion": False, "isCustom": False, "iaasType": "ASI"}
    row |= {"cpuArchitectures": ["x86_64"], "gmtCreate": _CREATED}
    return row | changes


def queue(workspace_id: str, site: ServiceAddress, queueName: str, **changes: Any) -> Json:  # noqa: N803 - wire names
    """Return a queue; resources may be given as objects, they go out as JSON text."""
    row: Json = {"queueName": queueName, "queueStatus": "RUNNING", "queueType": "instance", "queueCategory": "CPU"}
    row |= {"queueScope": '{"arch":"x86"}', "environments": ["production", "dev"], "paymentType": "PayAsYouGo"}
    row |= {"maxResource": _AMPLE, "minResource": {"cpu": "0", "memory": "0Gi"}}
    row |= {"usedResource": {"cpu": "0", "memory": "0Gi"}, "preheat": False, "properties": "{}", "description": ""}
    row |= {"creator": "200000000000000001", "createTime": _CREATED, "instanceId": f"{workspace_id}-cluster"}
    row |= {"regionId": site.region, "workspaceId": workspace_id, "allowActions": []}
    row |= changes
    for key in _RESOURCES:
        if isinstance(row.get(key), dict):
            row[key] = json.dumps(row[key], separators=(",", ":"))
    return row


def network(workspace_id: str, name: str, **changes: Any) -> Json:
    """Return a network service."""
    row: Json = {"networkServiceId": f"ns-{name}", "name": name, "state": "running", "type": "NetworkService"}
    row |= {"vpcId": "vpc-emulator", "vswitchIds": ["vsw-emulator"], "workspaceId": workspace_id}
    return row | changes


class Catalog:
    """All of it. Setters take wire fields over sensible defaults; reads answer without `requestId`."""

    def __init__(self, site: ServiceAddress, rules: Rules) -> None:
        self._site = site
        self._rules = rules
        self.workspaces: dict[str, Json] = {}
        self.queues: dict[str, list[Json]] = {}
        self.networks: dict[str, list[Json]] = {}
        self.releases: list[Json] = []

    def reset(self, workspace_ids: Iterable[str]) -> None:
        """Be as at the start: these workspaces, each with a queue for every purpose, and the known engines."""
        self.workspaces, self.queues, self.networks = {}, {}, {}
        for workspace_id in workspace_ids:
            self.set_workspace(workspace_id)
        self.set_releases([*RAY_VERSIONS, _SPARK_VERSION])

    def set_workspace(self, workspace_id: str, **fields: Any) -> Json:
        """Add or change a workspace; `queues` and `networkServices` replace its lists."""
        old = self.workspaces.get(workspace_id) or self._new_workspace(workspace_id)
        rows = fields.pop("queues", None)
        if rows is None and workspace_id not in self.queues:
            gpu = {"queueName": "gpu_queue", "queueCategory": "GPU", "gpuSpec": [_GPU]}
            rows = [{"queueName": "root_queue", "gpuSpec": [_GPU]}, "dev_queue", gpu]
        if rows is not None:
            self.queues[workspace_id] = [queue(workspace_id, self._site, **_named(row, "queueName")) for row in rows]
        rows = fields.pop("networkServices", None)
        if rows is None and workspace_id not in self.networks:
            rows = ["vpc"]
        if rows is not None:
            self.networks[workspace_id] = [network(workspace_id, **_named(row, "name")) for row in rows]
        self.workspaces[workspace_id] = old | fields
        return self.workspaces[workspace_id]

    def set_releases(self, rows: Iterable[Any]) -> list[Json]:
        """Replace the release versions; each is a display name or an object with `displayReleaseVersion`."""
        named = [_named(row, "displayReleaseVersion") for row in rows]
        self.releases = [release(row.pop("displayReleaseVersion"), **row) for row in named]
        return self.releases

    def _new_workspace(self, workspace_id: str) -> Json:
        row: Json = {"workspaceId": workspace_id, "workspaceName": workspace_id, "workspaceStatus": "RUNNING"}
        row |= {"regionId": self._site.region, "paymentType": "PayAsYouGo", "paymentStatus": "NORMAL"}
        row |= {"createTime": _CREATED, "resourceSpec": "1000000cu", "storage": "oss://emulator/", "gpuSpec": [_GPU]}
        row |= {"ipWhiteList": [], "resourceGroupId": "rg-emulator", "releaseType": "stable", "autoRenew": False}
        return row | {"tags": []}

    # What clients can do

    def list_workspaces(self, query: dict[str, str], known: Iterable[Json]) -> Json:
        """ListWorkspaces: one page of the known ones that fit; a token for the next one."""
        tags = tag_filter(query.get("tag", ""))
        rows = [
            row
            for row in known
            if query.get("name", "") in row["workspaceName"]
            and query.get("state") in (None, "", row["workspaceStatus"])
            and query.get("regionId") in (None, "", row["regionId"])
            and query.get("resourceGroupId") in (None, "", row["resourceGroupId"])
            and all(tag in [(item["tagKey"], item["tagValue"]) for item in row["tags"]] for tag in tags)
        ]
        size = min(whole(query, "maxResults", 20), self._rules.max_page_size)
        token = query.get("nextToken") or "0"
        if not (token.isascii() and token.isdigit()):
            raise invalid(f"nextToken: {token} is not valid")
        begin = int(token)
        answer: Json = {"totalCount": len(rows), "maxResults": size, "workspaces": rows[begin : begin + size]}
        return answer | self._next_token(begin, size, len(rows))

    def _next_token(self, begin: int, size: int, rows: int) -> Json:
        """Return `nextToken`, on the last page as the rule next_token says."""
        if begin + size < rows:
            return {"nextToken": str(begin + size)}
        at_end: dict[str, Json] = {"empty": {"nextToken": ""}, "null": {"nextToken": None}}
        at_end["repeats"] = {"nextToken": str(begin)}
        at_end["always"] = {"nextToken": str(begin + size)} if begin < rows else {}
        return at_end.get(self._rules.next_token, {})

    def get_workspace(self, workspace_id: str) -> Json:
        """GetWorkspace: one workspace, wrapped, with two fields more than in the list."""
        row = {"ramRoleName": "AliyunEMRSparkJobRunDefaultRole", "resourceOwnerId": "100000000000000001"}
        return {"workspace": row | self.workspaces[workspace_id]}

    def list_queues(self, query: dict[str, str], known: Iterable[Json]) -> Json:
        """ListWorkspaceQueues: all of the known queues, or those of one environment."""
        wanted = query.get("environment")
        return _whole_list("queues", [row for row in known if wanted in (None, "", *row["environments"])])

    def list_networks(self, known: Iterable[Json]) -> Json:
        """ListNetworkServices: all of the known ones, and a twin of the list under its older name."""
        answer = _whole_list("networkServices", list(known))
        return answer | {"queues": answer["networkServices"]}

    def list_releases(self, query: dict[str, str]) -> Json:
        """ListReleaseVersions: those that fit; `serviceFilter` is not understood and has no effect."""
        fields = {"releaseVersion": "releaseVersion", "releaseVersionStatus": "state", "releaseType": "type"}
        rows = [
            row
            for row in self.releases
            if all(query.get(name) in (None, "", row[field]) for name, field in fields.items())
        ]
        return _whole_list("releaseVersions", rows)


def _named(row: Any, key: str) -> Json:
    return {key: row} if isinstance(row, str) else copy.deepcopy(dict(row))


def _whole_list(key: str, rows: list[Json]) -> Json:
    return {"totalCount": len(rows), "maxResults": max(20, len(rows)), key: rows}


def tag_filter(text: str) -> list[tuple[str, str]]:
    """Return the tags that a query asks for, which are JSON text."""
    if not text:
        return []
    try:
        return [(str(item["key"]), str(item["value"])) for item in json.loads(text)]
    except (ValueError, TypeError, KeyError):
        raise invalid(f"tag: {text} is not valid") from None
