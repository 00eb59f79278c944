# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The table of strange rules: how a service that nobody expected stores, shows, lists and refuses.

Every default is what a client expects. The guide's table is made of this one (`python -m tests.emulator.rules_table`).
"""

from __future__ import annotations

from dataclasses import dataclass

from .rule_fields import AS_SENT, choice, number, text
from .rule_grammar import check_fields, check_refusals, check_state_names
from .text_rules import check_steps


def _stored(what: str) -> str:
    return text(AS_SENT, f"steps_ that {what} goes through before it is stored", check_steps)  # type: ignore[no-any-return]


def _shown(what: str) -> str:
    return text(AS_SENT, f"steps_ that {what} goes through in responses", check_steps)  # type: ignore[no-any-return]


@dataclass
class StoringRules:
    """Rules on what is kept of a create or an update."""

    stored_name: str = _stored("the cluster's name")
    stored_description: str = _stored("the description")
    stored_network_service: str = _stored("``networkServiceName``")
    stored_release_version: str = _stored("each ``displayReleaseVersion``")
    stored_queue_name: str = _stored("each ``queueName``")
    stored_group_name: str = _stored("each ``groupName``")
    stored_gpu_spec: str = _stored("each ``gpuSpec``")
    stored_ray_start_params: str = _stored("each ``rayStartParams``")
    update_ignores: str = text(
        "", "comma-separated fields that an update accepts and does not change: ``name,headSpec.env``", check_fields
    )


@dataclass
class ShowingRules:
    """Rules on how stored values are given back."""

    shown_name: str = _shown("the cluster's name")
    row_name: str = text(AS_SENT, "steps_ that the cluster's name goes through in the rows of lists only", check_steps)
    shown_description: str = _shown("the description")
    shown_network_service: str = _shown("``networkServiceName``")
    shown_release_version: str = _shown("each ``displayReleaseVersion``")
    shown_queue_name: str = _shown("each ``queueName``")
    shown_group_name: str = _shown("each ``groupName``")
    shown_gpu_spec: str = _shown("each ``gpuSpec``")
    shown_ray_start_params: str = _shown("each ``rayStartParams``")
    cpu_format: str = choice(
        AS_SENT, "plain", "decimal", "millicores", "number",
        about="``cpu`` of 2 cores: ``\"2\"``, ``\"2.0\"``, ``\"2000m\"``, ``2``. Overrides ``sizes``",
    )  # fmt: skip
    memory_format: str = choice(
        AS_SENT, "Gi", "Mi", "Ki", "GiB", "bare", "bytes", "number",
        about="``memory`` of 8 GiB: ``8Gi``, ``8192Mi``, ``8388608Ki``, ``8 GiB``, ``\"8\"``, ``\"8589934592\"``, "
        "``8``. Overrides ``sizes``",
    )  # fmt: skip
    integers: str = choice(
        "number", "text", about='``replica``, ``idleTimeoutSeconds``, and similar fields: ``2`` or ``"2"``'
    )
    booleans: str = choice(
        "boolean", "text", "title", "number", about='``true``, ``"true"``, ``"True"`` or ``1``, in every boolean field'
    )
    times: str = choice(
        "milliseconds", "seconds", "text", "iso", "infinity", "nan",
        about="times of clusters and log files, and sizes of log files: "
        "``infinity`` and ``nan`` are not valid JSON, ``iso`` is for times only",
    )  # fmt: skip
    env_format: str = choice(
        "lines",
        "spaced",
        "crlf",
        "sorted",
        "object",
        about="``env``: blanks around ``=``, other line endings, sorted lines, a JSON object",
    )
    extra_param_format: str = choice(
        AS_SENT,
        "compact",
        "spaced",
        "object",
        about="each ``extraParam``: differently spelled JSON text, or a JSON object",
    )
    worker_type: str = choice(
        AS_SENT, "lower", "title", "omitted", about="``workerType``: ``cpu``, ``Cpu``, or left out where it is CPU"
    )
    idle_timeout: str = choice(
        AS_SENT,
        "zero_omitted",
        "unset_zero",
        about="``idleTimeoutSeconds``: 0 is left out, or 0 is shown where it is not set",
    )
    empty_values: str = choice(AS_SENT, "omitted", about='``""``, ``[]`` and ``{}`` are left out of responses')
    password_mask: str = choice(
        "stars", "ends", "hidden", "redacted", "crosses", "bullets", "empty", "encrypted",
        about="the mask under ``redis_password=masked``: ``******``, ``c****y`` (first and last character), "
        "``<hidden>``, ``[REDACTED]``, ``xxxxxxxx``, ``••••••••``, an empty text, ``ENC(9f3a)``",
    )  # fmt: skip
    state_case: str = choice("title", "lower", "upper", about="``Running``, ``running`` or ``RUNNING``")
    state_names: str = text("", "other names of states: ``Starting=Initializing,Running=Active``", check_state_names)
    modified_until: str = choice("start", "forever", about="``start``: the next start resets ``modified`` to false")
    omitted_fields: str = text(
        "",
        "comma-separated fields that Get and lists leave out: ``description,headSpec.env,workerSpec.queueName``",
        check_fields,
    )
    row_omits: str = text("", "the same, for the rows of lists only", check_fields)
    reads_behind: int = number(0, "number of Gets after each write that show the cluster as it was before it", least=0)


@dataclass
class ListRules:
    """Rules on lists of clusters."""

    list_hides_new_seconds: int = number(0, "seconds for which lists lack a cluster that was created", least=0)
    list_hides_new_lists: int = number(0, "number of lists (each starts with page 1) that lack a new cluster", least=0)
    list_shows_deleted_seconds: int = number(
        0, "seconds for which lists still show a cluster that was deleted", least=0
    )
    list_shows_deleted_lists: int = number(0, "number of lists that still show a deleted cluster", least=0)
    list_ghosts: int = number(0, "number of rows at the end of lists for clusters that no Get finds", least=0)
    list_page_cap: int = number(
        0, "maximum number of rows on a page, even if ``pageSize`` is larger; 0: no cap", least=0
    )
    list_short_pages: str = choice(
        "none", "second", "every_other", "all",
        about="pages with fewer rows than requested although more follow: the second page, every other page "
        "(half full), or all (one row less)",
    )  # fmt: skip
    list_shuffle: str = choice(
        "none",
        "stable",
        "every_request",
        about="rows in a random order: always the same order, or a new one for each page",
    )
    list_shift: str = choice(
        "none", "delete", "create",
        about="someone else deletes or creates a cluster between page 1 and page 2, so all rows move by one",
    )  # fmt: skip
    list_shift_lists: int = number(1, "number of lists that are shifted while they are read; 0: all", least=0)
    list_total: str = choice(
        "none",
        "exact",
        "page",
        "zero",
        "more",
        about="``totalCount`` in lists: all rows, those of the page, 0, one more",
    )
    next_token: str = choice(
        "until_last", "always", "empty", "null", "repeats",
        about="``nextToken`` on the last page of ``ListWorkspaces``: left out, one that leads to an empty page, "
        "``\"\"``, ``null``, or the token of the same page",
    )  # fmt: skip


@dataclass
class ErrorRules:
    """Rules on errors, and on movements that end in the wrong place."""

    refusals: str = text(
        "",
        "operations that return an error: ``OPERATION[@STATE] STATUS [CODE] [done]``, joined with ``;``; "
        "with ``done``, the operation is carried out anyway. "
        "``UpdateRayCluster@Running 409 Conflict; CreateRayCluster 408 done``",
        check_refusals,
    )
    wrong_state_code: str = text("OperationDenied", "code for an object in the wrong state")
    wrong_state_status: int = number(400, "HTTP status for an object in the wrong state", least=300)
    name_taken_code: str = text("RayCluster.AlreadyExists", "code for a name that is taken (``unique_names``)")
    name_taken_status: int = number(400, "HTTP status for a name that is taken", least=300)
    stop_while_starting: str = choice("allowed", "refused")
    starting_ends: str = choice(
        "running", "never", "error", "stopped", about="state after ``Starting``; ``never``: it stays in ``Starting``"
    )
    stopping_ends: str = choice(
        "stopped", "error", "never", "running", about="state after ``Stopping``; ``never``: it stays in ``Stopping``"
    )


@dataclass
class StrangeRules(ErrorRules, ListRules, ShowingRules, StoringRules):
    """All strange rules; the defaults are a service without surprises."""
