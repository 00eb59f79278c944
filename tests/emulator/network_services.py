# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The network services of a workspace: create and list."""

from __future__ import annotations

from typing import Any

from .discovery import network
from .errors import invalid
from .faults import Fault
from .ground import Ground
from .model import Json
from .platform_body import checked_name, mapping, required, texts
from .query import text


class NetworkServices:
    """Connections to a VPC; they have no update and no delete."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground

    def create(self, workspace_id: str, body: Any) -> Json:
        """CreateNetworkService: the answer has no id; `running` after network_starting_seconds."""
        self._ground.workspace(workspace_id, running=True)
        body = mapping(body)
        return self._ground.once(f"CreateNetworkService {workspace_id}", body, lambda: self._create(workspace_id, body))

    def _create(self, workspace_id: str, body: Json) -> Json:
        ground = self._ground
        required(body, "name", "vpcId", "vswitchIds", "securityGroupId")
        name = checked_name(body, "name")
        rows = ground.catalog.networks[workspace_id]
        if ground.rules.network_names == "unique" and any(row["name"] == name for row in rows):
            raise invalid(f"name: {name} is used already")
        fields: Json = {"networkServiceId": ground.mint("ns"), "state": "creating", "vpcId": text(body, "vpcId")}
        fields |= {"vswitchIds": texts(body, "vswitchIds"), "type": text(body, "type") or "NetworkService"}
        row = network(workspace_id, name, **fields)
        rows.append(row)
        ground.later(ground.timing.network_starting_seconds, lambda: self._started(row))
        return {"operationId": ground.mint("op")}

    def _started(self, row: Json) -> None:
        if self._ground.rules.network_create == "runs":
            row["state"] = "running"
            return
        reason = {"code": "InvalidVSwitchId", "message": "the zone of the vSwitch is not supported"}
        row |= {"state": "failed", "stateChangeReason": reason}

    def page(self, workspace_id: str, modifiers: dict[str, Fault]) -> Json:
        """ListNetworkServices: all of the workspace."""
        self._ground.listed_workspace(workspace_id)
        rows = self._ground.catalog.networks[workspace_id]
        return self._ground.catalog.list_networks(self._ground.shown("networks", workspace_id, "name", rows, modifiers))
