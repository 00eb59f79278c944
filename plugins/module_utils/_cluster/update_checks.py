# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""Check an update for removed groups, for secrets that it cannot send, and for fields that were not stored. Pure.

A task without an update does not import this file.
"""

from __future__ import annotations

import json
import typing as t

from .._errors import ClusterError, Problems
from .._redaction import REDACTED, is_mask
from .fields import MAX_GROUPS, Cluster, Spec, WorkerGroup
from .spec import Change, format_workers, group_key, groups_by_name, is_autoscaled
from .values import has_masked_secret

# Without these the service refuses a create or a new group, with a text that does not say why.
_REQUIRED_FIELDS = ("name", "display_release_version")
_REQUIRED_HEAD_FIELDS = ("queue_name", "cpu", "memory")
REQUIRED_GROUP_FIELDS = ("queue_name", "cpu", "memory")
UNSET = "(unset)"
_REDIS_PATH = "head_spec.gft_config.redis_password"


def find_unknown_secrets(cluster: Cluster, declared: Spec) -> list[str]:
    """Return the paths of secrets that the cluster has or may have, and that an update cannot send again.

    These are the Redis password if the service hides it or omits it, and fields in which the service masks a secret. A
    declared secret is known.
    """
    head = cluster.get("head_spec") or {}
    gft = head.get("gft_config") or {}
    wanted_head = declared.get("head_spec") or {}
    paths = []
    password = gft.get("redis_password")
    if (gft.get("redis_url") or head.get("gft_enabled")) and (not password or is_mask(password)):
        paths += [] if (wanted_head.get("gft_config") or {}).get("redis_password") is not None else [_REDIS_PATH]
    wanted_groups = groups_by_name(declared)
    nodes = [("", cluster, declared), ("head_spec.", head, wanted_head)]
    for name, group in groups_by_name({"worker_spec": cluster.get("worker_spec") or []}).items():
        nodes.append((f"worker_spec[{name}].", group, wanted_groups.get(name, {})))
    for path, node, wanted in nodes:
        fields = ("env", "ray_start_params", "extra_param")
        paths += [path + field for field in fields if has_masked_secret(field, node.get(field)) and field not in wanted]
    return paths


def describe_losses(removed: t.Mapping[str, str], observed: Cluster | None, declared: Spec) -> list[str]:
    """Return warnings about the groups to remove, with their workers, and about secrets that cannot be sent again."""
    texts = [
        f"worker_spec: the worker group {name} with {workers} is removed because it is not declared."
        for name, workers in removed.items()
    ]
    unknown = find_unknown_secrets(observed or {}, declared)
    if unknown:
        texts.append(
            f"The service does not return {', '.join(unknown)}, so this update cannot send it again. A service that "
            "replaces the whole configuration would lose it. Declare it to keep it."
        )
    return texts


def removed_groups(observed: Spec, declared: Spec) -> dict[str, WorkerGroup]:
    """Return the observed groups that ``declared`` does not have, by name; none if it declares no groups."""
    if "worker_spec" not in declared:
        return {}
    wanted = groups_by_name(declared)
    return {name: group for name, group in groups_by_name(observed).items() if name not in wanted}


def check_purge(observed: Spec, declared: Spec) -> None:
    """Raise ClusterError if no option decides whether to remove the undeclared groups.

    Groups that are declared with their sizes are a whole declaration. An existing group that is declared in part is an
    edit, which is not meant to remove the others.
    """
    gone = removed_groups(observed, declared)
    found = groups_by_name(observed)
    partial = [
        str(group.get("group_name"))
        for group in declared.get("worker_spec", [])
        if group_key(group) in found and not all(group.get(field) for field in REQUIRED_GROUP_FIELDS)
    ]
    if gone and partial:
        would_go = ", ".join(f"{name} ({format_workers(group)})" for name, group in gone.items())
        raise ClusterError(
            f"worker_spec declares {', '.join(partial)} only in part, and does not have {would_go}",
            "PurgeUndecided",
            hint=f"set purge_worker_groups: false to edit, true to remove {would_go}",
        )


def not_converged_error(changes: t.Sequence[Change]) -> ClusterError:
    """Return the error for fields that differ from their declaration after a create or update that was accepted."""
    shown = [change.to_result() for change in changes]
    pairs = [(change["field"], format_value(change["before"]), format_value(change["after"])) for change in shown]
    # A whole group would fill the message.
    texts = [
        f"{field} is {'missing' if change['before'] is None else 'still there'}"
        if field.endswith("]")
        else f"{field} is {stored}, not {wanted}"
        for change, (field, stored, wanted) in zip(shown, pairs, strict=True)
    ]
    hints = [
        f"leave out {field}" if stored == UNSET else f"declare {field}: {stored}"
        for field, stored, _wanted in pairs
        if field[-1] != "]" and REDACTED not in stored
    ]
    return ClusterError(
        f"the service accepted the request but stored different values: {'; '.join(texts)}",
        "NotConverged",
        hint=f"to keep the stored value, {' and '.join(hints) or 'leave the option out'}; "
        "if another user changed it in the meantime, run the task again",
    )


def still_modified_error() -> ClusterError:
    """Return the error for a cluster that is modified although it was restarted for that reason."""
    return ClusterError(
        "the cluster was restarted to apply its configuration, and the service still reports it as modified",
        "NotConverged",
        hint="set restart: never, because every run would restart the cluster again; if someone else changed it "
        "meanwhile, run the task again",
    )


def format_value(value: object) -> str:
    """Return a value as one line of text; nothing is ``(unset)``."""
    if value is None or value == "":
        return UNSET
    is_line = isinstance(value, str) and value.isprintable()
    return str(value) if is_line else json.dumps(value, ensure_ascii=False, default=str)


def missing_for_create(spec: Spec) -> list[str]:
    """Return, by option name, all that a create of ``spec`` lacks."""
    missing = [field for field in _REQUIRED_FIELDS if not spec.get(field)]
    head = spec.get("head_spec") or {}
    missing += [f"head_spec.{field}" for field in _REQUIRED_HEAD_FIELDS if not head.get(field)]
    if not spec.get("worker_spec"):
        missing.append("worker_spec (at least one group)")
    return missing + missing_in_groups(spec, set())


def missing_in_groups(spec: Spec, existing: t.Container[str | None]) -> list[str]:
    """Return, by option name, what the groups of ``spec`` that are not among the ``existing`` names lack."""
    missing = []
    for group in spec.get("worker_spec") or []:
        if group_key(group) not in existing:
            path = f"worker_spec[{group.get('group_name')}]."
            missing += [path + field for field in REQUIRED_GROUP_FIELDS if not group.get(field)]
            if not group.get("replica") and not (is_autoscaled(spec) and group.get("min_replica")):
                missing.append(path + "replica")
    return missing


def check_complete(merged: Spec) -> None:
    """Raise ClusterError if the spec of an update lacks what the service needs, because reads do not show it."""
    missing = missing_for_create(merged)
    if missing:
        raise ClusterError(
            f"the service does not show {', '.join(missing)}, so the update cannot send the whole configuration, and a "
            "service that replaces it would lose the rest",
            "SpecUnknown",
            hint="no request was sent that changes the cluster; declare the missing options, with all worker groups",
        )


def check_merged(observed: Spec, merged: Spec) -> None:
    """Raise ParameterError if the spec to send is invalid, although the declared part alone is valid."""
    problems = [
        f"{path} is needed for a new worker group" for path in missing_in_groups(merged, groups_by_name(observed))
    ]
    for group in merged.get("worker_spec", []):
        low, high = group.get("min_replica"), group.get("max_replica")
        if low and high and low > high:
            name = group.get("group_name")
            problems.append(f"worker_spec[{name}]: min_replica {low} would be above max_replica {high}")
    if len(merged.get("worker_spec", [])) > MAX_GROUPS:
        problems.append(f"worker_spec: the cluster would have more than {MAX_GROUPS} worker groups")
    Problems(problems).raise_any()
