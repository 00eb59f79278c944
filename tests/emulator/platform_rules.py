# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Switches for what is not known about workspaces, queues, network services and members."""

from __future__ import annotations

from dataclasses import dataclass

PLATFORM_CHOICES: dict[str, tuple[str, ...]] = {
    "client_tokens": ("honored", "ignored"),
    "workspace_names": ("any", "unique"),
    "workspace_create": ("runs", "fails"),
    "workspace_update": ("patch", "replace"),
    "oss_bucket": ("any", "slash"),
    "edit_takes": ("now", "time"),
    "queue_create_takes": ("now", "time"),
    "queue_edit": ("patch", "replace", "clear"),
    "overlapping_edits": ("allowed", "refused"),
    "queue_environments": ("none", "all"),
    "queue_numbers": ("text", "decimal", "number"),
    "queue_min": ("subscription", "always"),
    "queue_sum": ("cu", "max_cu"),
    "root_queue": ("whole", "counted"),
    "delete_used_queue": ("allowed", "refused"),
    "network_create": ("runs", "fails"),
    "network_names": ("unique", "any"),
    "member_ids": ("from_arn", "opaque"),
    "add_member_again": ("noop", "refused"),
    "unknown_role": ("refused", "taken"),
    "cu_hours": ("points", "number"),
}


@dataclass
class PlatformRules:
    """One field per unknown; the first of its PLATFORM_CHOICES is the default. guide_emulator describes them."""

    client_tokens: str = "honored"
    workspace_names: str = "any"
    workspace_create: str = "runs"
    workspace_update: str = "patch"
    oss_bucket: str = "any"
    edit_takes: str = "now"
    queue_create_takes: str = "now"
    queue_edit: str = "patch"
    overlapping_edits: str = "allowed"
    queue_environments: str = "none"
    queue_numbers: str = "text"
    queue_min: str = "subscription"
    queue_sum: str = "cu"
    root_queue: str = "whole"
    delete_used_queue: str = "allowed"
    network_create: str = "runs"
    network_names: str = "unique"
    member_ids: str = "from_arn"
    add_member_again: str = "noop"
    unknown_role: str = "refused"
    cu_hours: str = "points"
    duplicate_queue_code: str = "InvalidParameter"
    unknown_queue_code: str = "Queue.NotFound"
    unknown_queue_status: int = 404
