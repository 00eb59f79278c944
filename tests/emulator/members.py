# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The members of a workspace and their roles: add, list, grant. There is no way to remove or revoke."""

from __future__ import annotations

import re
from typing import Any

from .errors import ApiError, invalid
from .ground import Ground
from .model import Json
from .platform_body import mapping, required, texts
from .query import text, whole

_RAM_ARN = re.compile(r"acs:ram::[0-9]+:(user|role)/(.+)")
_ROLE_ARN = re.compile(r"acs:emr::([^:]+):role/(.+)")
_MEMBER_ARN = re.compile(r"acs:emr::([^:]+):member/(.+)")
ROLES = ("Owner", "DataScience", "DataDevelop", "Guest")


def member(workspace_id: str, uid: str, name: str, now: float) -> Json:
    """Return a member without roles."""
    row: Json = {"memberArn": f"acs:emr::{workspace_id}:member/{uid}", "userName": name, "displayName": name}
    return row | {"userType": "MEMBER", "visible": True, "createTime": str(int(now * 1000)), "roles": [], "actions": []}


class Members:
    """Members by workspace, in the order in which they were added."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self.rows: dict[str, list[Json]] = {}
        self._arns: dict[tuple[str, str], Json] = {}

    def clear(self) -> None:
        """Forget all members."""
        self.rows.clear()
        self._arns.clear()

    def add(self, body: Any) -> Json:
        """AddMembers: by RAM arn; all or none."""
        body = mapping(body)
        required(body, "workspaceId", "memberArns")
        workspace_id = str(body["workspaceId"])
        self._ground.workspace(workspace_id, running=True)
        arns = texts(body, "memberArns") or []
        found = [_RAM_ARN.fullmatch(arn) for arn in arns]
        if not all(found):
            raise invalid("memberArns: a RAM user or role is expected")
        new = [arn for arn in arns if (workspace_id, arn.lower()) not in self._arns]
        if len(new) < len(arns) and self._ground.rules.add_member_again == "refused":
            raise ApiError(400, "OperationDenied", "the user is a member already")
        for arn in new:
            name = arn.rpartition("/")[2]
            uid = name if self._ground.rules.member_ids == "from_arn" else self._ground.mint("m")
            row = member(workspace_id, uid, name, self._ground.clock())
            self.rows.setdefault(workspace_id, []).append(row)
            self._arns[(workspace_id, arn.lower())] = row
        return {}

    def grant(self, body: Any) -> Json:
        """GrantRoleToUsers: a role of the workspace, to members by their member arn."""
        body = mapping(body)
        required(body, "roleArn", "userArns")
        role = _ROLE_ARN.fullmatch(text(body, "roleArn"))
        if role is None:
            raise invalid("roleArn is not valid")
        workspace_id, name = role.groups()
        self._ground.workspace(workspace_id, running=True)
        if name not in ROLES and self._ground.rules.unknown_role == "refused":
            raise invalid(f"roleArn: there is no role {name}")
        rows = {row["memberArn"]: row for row in self.rows.get(workspace_id, [])}
        arns = texts(body, "userArns") or []
        if any(not _MEMBER_ARN.fullmatch(arn) or arn not in rows for arn in arns):
            raise invalid("userArns: not a member of the workspace")
        granted: Json = {"roleArn": text(body, "roleArn"), "roleName": name, "description": "", "actions": []}
        granted |= {"createTime": str(int(self._ground.clock() * 1000))}
        for arn in arns:
            if all(known["roleArn"] != granted["roleArn"] for known in rows[arn]["roles"]):
                rows[arn]["roles"].append(dict(granted))
        return {}

    def page(self, workspace_id: str, query: dict[str, str]) -> Json:
        """ListMembers: one page; a token for the next one."""
        self._ground.listed_workspace(workspace_id)
        rows = self.rows.get(workspace_id, [])
        size = min(whole(query, "maxResults", 20), self._ground.rules.max_page_size)
        token = query.get("nextToken") or "0"
        if not (token.isascii() and token.isdigit()):
            raise invalid(f"nextToken: {token} is not valid")
        begin = int(token)
        answer: Json = {"totalCount": len(rows), "maxResults": size, "members": rows[begin : begin + size]}
        return answer | ({"nextToken": str(begin + size)} if begin + size < len(rows) else {})
