# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""Entry point of emr_workspace_member, shared by the module and the action plugin."""

from __future__ import annotations

import contextlib
import re

from .._api.settings import option_or_env
from .._errors import ApiError, ClusterError, Problems
from .._task.context import Result, TaskContext, builds_on_create
from .._workspace.fields import Member, Role
from .._workspace.result import member_to_result
from .client import PlatformApi
from .values import Change, text_problems
from .work import CONVERGE_SECONDS, Work, run_work, wait_for_running

CONSOLE = "https://emr-next.console.aliyun.com, Serverless Spark, the workspace, Members"

_RAM_ARN = re.compile(r"acs:ram::[0-9]+:(user|role)/(\S+)")
_MEMBER_ARN = re.compile(r"acs:emr::([^:\s]+):member/(\S+)")
_ROLE_ARN = re.compile(r"acs:emr::([^:\s]+):role/(\S+)")


def run_member(task: TaskContext) -> Result:
    """Add members and grant roles, or report the changes in check mode. Raises TaskFailed."""
    return _MemberTask(task).run()


class _MemberTask:
    def __init__(self, task: TaskContext) -> None:
        self.task = task
        self.arns, self.roles = (
            list(dict.fromkeys(map(str, task.params.get(option) or []))) for option in ("member_arns", "roles")
        )
        self.work = Work(task, "member", ", ".join(self.arns))
        self.work.known = {"members": []}

    def run(self) -> Result:
        """Converge. Raises TaskFailed."""
        return run_work(self.task, self.work, self._check, self._converge)

    def _check(self) -> None:
        problems = Problems()
        if not self.arns:
            problems.append("member_arns: at least one is required")
        problems += [
            f"member_arns: {arn!r} is neither acs:ram::ACCOUNT:user/ID nor acs:ram::ACCOUNT:role/NAME"
            for arn in self.arns
            if not _RAM_ARN.fullmatch(arn) and not _MEMBER_ARN.fullmatch(arn)
        ]
        problems += text_problems(self.task.params, "roles")
        problems += [
            f"roles: {role!r} is neither a name nor acs:emr::WORKSPACE:role/NAME"
            for role in self.roles
            if any(mark in role for mark in ":/") and not _ROLE_ARN.fullmatch(role)
        ]
        problems += self._workspace_problems()
        problems.raise_any()

    def _workspace_problems(self) -> list[str]:
        """Return a problem for each ARN of a workspace that is not the task's."""
        if builds_on_create(self.task, "workspace_id"):
            return []
        workspace_id = option_or_env("workspace_id", self.task.params, self.task.environ)
        return [
            f"{option}: {arn!r} belongs to workspace {match.group(1)}, and the task to {workspace_id}"
            for option, pattern, arns in (("member_arns", _MEMBER_ARN, self.arns), ("roles", _ROLE_ARN, self.roles))
            for arn in arns
            if (match := pattern.fullmatch(arn)) and workspace_id and match.group(1) != workspace_id
        ]

    def _converge(self, api: PlatformApi) -> Result:
        workspace_id = api.session.workspace_id
        rows = self.work.read_running(api, lambda: self._list_rows(api))
        found = {arn: find_member(arn, rows) for arn in self.arns}
        if self.task.params.get("state") == "absent":
            return self._absent(found)
        missing = [arn for arn, row in found.items() if row is None]
        strange = [arn for arn in missing if _MEMBER_ARN.fullmatch(arn)]
        if strange:
            raise ClusterError(
                f"{', '.join(strange)}: is not a member, and only RAM users and roles can be added",
                "MemberNotFound",
                hint="declare acs:ram::ACCOUNT:user/ID or acs:ram::ACCOUNT:role/NAME",
            )
        grants = {
            role: arns for role in self.roles if (arns := [arn for arn in self.arns if not has_role(found[arn], role)])
        }
        self._describe(found, missing, grants)
        actions = [*(["add"] if missing else []), *(f"grant {role_name(role)}" for role in grants)]
        if self.task.check_mode or not actions:
            self.work.known["members"] = [member_to_result(row) for row in found.values() if row]
            return self.work.build_result(actions, self.work.plan_text(actions))
        wait_for_running(self.work, api, workspace_id)
        if missing:
            self._add(api, missing, rows)
        now = self._list_rows(api)
        member_arns = {arn: str(self._require(arn, now, rows)["member_arn"]) for arn in self.arns}
        for role, arns in grants.items():
            self._grant(api, role, [member_arns[arn] for arn in arns], arns)
        after = self._list_rows(api)
        self.work.known["members"] = [member_to_result(self._require(arn, after, rows)) for arn in self.arns]
        return self.work.build_result(actions, self.work.plan_text(actions))

    def _list_rows(self, api: PlatformApi) -> list[Member]:
        return api.list_members(api.session.workspace_id).rows

    def _absent(self, found: dict[str, Member | None]) -> Result:
        there = [arn for arn, row in found.items() if row]
        if not there:
            return self.work.build_result([], self.work.plan_text([]))
        self.work.doing = "remove"
        raise ClusterError(
            f"{', '.join(there)}: is a member, and the service publishes no operation that removes one",
            "NoSuchOperation",
            hint=f"remove it in the console: {CONSOLE}",
        )

    def _add(self, api: PlatformApi, missing: list[str], before: list[Member]) -> None:
        self.work.doing = "add"
        try:
            api.add_members({"workspaceId": api.session.workspace_id, "memberArns": missing})
        except ApiError:
            # A retry after a lost response may be refused because they are members by now.
            rows = self._list_rows(api)
            if any(self._new_member(arn, rows, before) is None for arn in missing):
                raise
        self.work.done.append("add")
        # A member that never appears may be an existing one whose names are unrelated to its ARN.
        with contextlib.suppress(ClusterError):
            self.work.wait_until(
                lambda: self._list_rows(api),
                lambda rows: len(rows) > len(before) or all(find_member(arn, rows) for arn in missing),
                lambda rows: f"{len(rows)} members",
                CONVERGE_SECONDS,
                "for the new members to appear",
            )

    def _new_member(self, arn: str, rows: list[Member], before: list[Member]) -> Member | None:
        """Return a member by its ARN or, if that is not enough, the only one that did not exist before."""
        known = {row.get("member_arn") for row in before}
        new = [row for row in rows if row.get("member_arn") not in known]
        return find_member(arn, rows) or (new[0] if len(new) == 1 else None)

    def _require(self, arn: str, rows: list[Member], before: list[Member]) -> Member:
        row = self._new_member(arn, rows, before)
        if row is None:
            raise ClusterError(
                f"{arn}: it is unknown which member this is",
                "MemberNotFound",
                hint="read members with emr_workspace_info, and declare its acs:emr::WORKSPACE:member/ID here",
            )
        return row

    def _grant(self, api: PlatformApi, role: str, member_arns: list[str], arns: list[str]) -> None:
        self.work.doing = f"grant {role_name(role)} to"
        arn = role if _ROLE_ARN.fullmatch(role) else f"acs:emr::{api.session.workspace_id}:role/{role}"
        api.grant_role({"roleArn": arn, "userArns": member_arns})
        self.work.done.append(f"grant {role_name(role)}")

        def granted(rows: list[Member]) -> bool:
            by_arn = {row.get("member_arn"): row for row in rows}
            return all(has_role(by_arn.get(member), role) for member in member_arns)

        self.work.wait_until(
            lambda: self._list_rows(api),
            granted,
            lambda rows: f"{', '.join(arns)} without the role among {len(rows)} members",
            CONVERGE_SECONDS,
            f"for the role {role_name(role)} to show",
        )

    def _describe(self, found: dict[str, Member | None], missing: list[str], grants: dict[str, list[str]]) -> None:
        before = {arn: _role_names(row) for arn, row in found.items()}
        after = {arn: sorted({*names, *map(role_name, self.roles)}) for arn, names in before.items()}
        self.work.changes = [Change(f"members[{arn}]", "absent", "present", "it is not a member") for arn in missing]
        self.work.changes += [
            Change(f"members[{arn}].roles", before[arn], after[arn], "a role is missing")
            for arn in self.arns
            if any(arn in arns for arns in grants.values())
        ]
        touched = {*missing, *(arn for arns in grants.values() for arn in arns)}
        self.work.before = {arn: {"roles": before[arn]} for arn in self.arns if arn in touched and arn not in missing}
        self.work.after = {arn: {"roles": after[arn]} for arn in self.arns if arn in touched}


def role_name(role: str) -> str:
    """Return the name of a role that is given by name or by ARN."""
    match = _ROLE_ARN.fullmatch(role)
    return match.group(2) if match else role


def has_role(row: Member | None, role: str) -> bool:
    """Return whether a member has a role."""
    wanted = role_name(role).casefold()
    shown = [name for found in _roles(row) for name in (found.get("role_name"), role_name(str(found.get("role_arn"))))]
    return wanted in (str(name).casefold() for name in shown)


def _roles(row: Member | None) -> list[Role]:
    return (row.get("roles") if row else None) or []


def _role_names(row: Member | None) -> list[str]:
    return sorted(str(role.get("role_name") or role_name(str(role.get("role_arn")))) for role in _roles(row))


def find_member(arn: str, rows: list[Member]) -> Member | None:
    """Return the member with a RAM or member ARN, or None if it does not exist.

    A member's ARN ends with the id of its RAM user, as far as is known; otherwise its names identify it. Names of roles
    are returned in lowercase.
    """
    if _MEMBER_ARN.fullmatch(arn):
        return next((row for row in rows if row.get("member_arn") == arn), None)
    key = arn.rpartition("/")[2].casefold()
    for names in (
        [str(row.get("member_arn")).rpartition("/")[2] for row in rows],
        [str(row.get("user_name")) for row in rows],
        [str(row.get("display_name")) for row in rows],
    ):
        found = [row for row, name in zip(rows, names, strict=True) if name.casefold() == key]
        if len(found) == 1:
            return found[0]
    return None
