# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Switches for what is not known about workspaces, queues, network services and members."""

from __future__ import annotations

from dataclasses import dataclass, fields

from .rule_fields import choice, number, text


@dataclass
class PlatformRules:
    """One field per unknown; the first choice is the default. guide_emulator has the same table."""

    client_tokens: str = choice(
        "honored",
        "ignored",
        about="``ignored``: a second create with the same ``clientToken`` makes another workspace or network service",
    )
    workspace_names: str = choice("any", "unique", about="``unique``: a second workspace with the same name is refused")
    workspace_create: str = choice(
        "runs", "fails", about="``fails``: a new workspace ends in ``TERMINATED``, with a reason"
    )
    workspace_update: str = choice(
        "patch",
        "replace",
        about="``replace``: fields that are not sent are emptied, and ``workspaceName`` and ``cu`` are required",
    )
    oss_bucket: str = choice("any", "slash", about="``slash``: ``oss://BUCKET`` without a slash at the end is refused")
    edit_takes: str = choice(
        "now", "time", about="``time``: reads show an edited queue or workspace as it was for ``queue_editing_seconds``"
    )
    queue_create_takes: str = choice(
        "now", "time", about="``time``: a new queue is ``CREATING`` for ``queue_editing_seconds``"
    )
    queue_edit: str = choice(
        "patch",
        "replace",
        "clear",
        about="``clear`` replaces ``resourceSpec`` whole, ``replace`` everything",
    )
    overlapping_edits: str = choice(
        "allowed",
        "refused",
        about="``refused``: no write to a queue for ``queue_editing_seconds`` after another one",
    )
    queue_environments: str = choice("none", "all", about="environments of a new queue")
    queue_numbers: str = choice(
        "text", "decimal", "number", about='how reads show cores: ``"64"``, ``"64.0"`` or ``64``'
    )
    queue_min: str = choice(
        "subscription", "always", about="queues that show their ``cu`` as ``minResource``; other queues show 0"
    )
    queue_sum: str = choice(
        "cu", "max_cu", about="the number of each queue that counts toward the size of its workspace"
    )
    root_queue: str = choice(
        "whole",
        "counted",
        about="``whole``: ``root_queue`` is the whole workspace; ``counted``: half of a new one, and part of the sum",
    )
    delete_used_queue: str = choice("allowed", "refused", about="deletion of a queue that a cluster uses")
    network_create: str = choice(
        "runs", "fails", about="``fails``: a new network service ends in ``failed``, with a reason"
    )
    network_names: str = choice(
        "unique", "any", about="``unique``: a second network service with the same name is refused"
    )
    member_ids: str = choice(
        "from_arn", "opaque", about="``from_arn``: the ID of a member is that of the RAM user or role"
    )
    add_member_again: str = choice("noop", "refused", about="adding a user who is already a member")
    unknown_role: str = choice("refused", "taken", about="granting a role that the workspace does not have")
    platform_spelling: str = choice(
        "as_sent",
        "other",
        about="``other``: reads show a role as its ARN, a bucket without its last slash, and ``prod`` as "
        "``production``. Release types, metadata types, and roles of members are in uppercase. Descriptions are "
        "trimmed, there is a tag of Alibaba Cloud, and network services have no ``type``",
    )
    no_rows: str = choice("list", "null", about="``null``: an empty list of a workspace is ``null``")
    empty_lists: str = choice("taken", "refused", about="``refused``: a write with an empty list is refused")
    new_workspaces: str = choice(
        "shown", "late", about="``late``: ``GetWorkspace`` knows a new workspace after ``queue_editing_seconds``"
    )
    starting_lists: str = choice("empty", "refused", about="lists of the content of a workspace that does not run yet")
    cu_hours: str = choice(
        "points", "number", about="``GetCuHours`` returns a text with points as JSON, or with one number"
    )
    duplicate_queue_code: str = text("InvalidParameter", "code for a second queue with the same name")
    unknown_queue_code: str = text("Queue.NotFound", "code for an unknown queue")
    unknown_queue_status: int = number(404, "HTTP status for an unknown queue")


PLATFORM_CHOICES: dict[str, tuple[str, ...]] = {
    rule.name: rule.metadata["choices"] for rule in fields(PlatformRules) if "choices" in rule.metadata
}
