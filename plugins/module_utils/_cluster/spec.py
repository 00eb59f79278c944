# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""The spec of a cluster: what is declared laid over what is observed, and where the two differ. Pure.

A spec is a dict with the option names of emr_ray_cluster and, as values, the service's own spellings. Private to this
collection.
"""

from __future__ import annotations

import typing as t

from .._errors import ParameterError
from .._payload import field_names, overlay, pick, without
from .._redaction import REDACTED, is_mask
from .fields import MAX_GROUPS, Cluster, GftConfig, HeadSpec, Spec, WorkerGroup
from .values import is_equivalent, parse_env

# Without these the service refuses a create or a new group, with a text that does not say why.
_REQUIRED_FIELDS = ("name", "display_release_version")
_REQUIRED_HEAD_FIELDS = ("queue_name", "cpu", "memory")
_REQUIRED_GROUP_FIELDS = ("queue_name", "cpu", "memory")


class Change(t.NamedTuple):
    """One field that differs: its path, the value before and after, and why it is to change."""

    field: str
    before: object
    after: object
    why: str

    def to_result(self) -> dict[str, object]:
        """Return the change as an entry of a result's ``changes``, secrets hidden."""
        before, after = self.before, self.after
        if self.field.endswith("redis_password"):
            before, after = REDACTED if before else None, REDACTED if after else None
        return {"field": self.field, "before": before, "after": after, "why": self.why}


def writable_spec(cluster: Cluster | None) -> Spec:
    """Return the part of an observed cluster that an update may send, fields without a value left out.

    ``head_spec.replica`` is only ever answered, and a masked password must not be sent back as if it were one.
    """
    if cluster is None:
        return {}
    spec = pick(Spec, cluster)
    if "head_spec" in spec:
        spec["head_spec"] = without(spec["head_spec"], "replica")
        if has_masked_password(cluster):
            spec["head_spec"]["gft_config"] = without(spec["head_spec"]["gft_config"], "redis_password")
    return spec


def has_masked_password(cluster: Spec) -> bool:
    """Tell whether the service gave a mask in place of the Redis password."""
    gft = (cluster.get("head_spec") or {}).get("gft_config") or {}
    return is_mask(gft.get("redis_password"))


def merge(observed: Spec, declared: Spec, purge: bool) -> Spec:
    """Return the complete spec to send: ``observed`` overlaid with ``declared``.

    It is right whether the service patches or replaces. Groups that are not declared stay unless ``purge`` is true
    and ``worker_spec`` is declared. A replica count that the autoscaler owns stays what it is.
    """
    merged = overlay(observed, without(declared, "worker_spec"))
    if "worker_spec" in declared:
        merged["worker_spec"] = _merge_groups(observed.get("worker_spec", []), declared["worker_spec"], purge)
    if is_autoscaled(merged) and "worker_spec" in merged:
        found = _groups_by_name(observed)
        merged["worker_spec"] = [
            _with_autoscaled_replica(found.get(group.get("group_name"), {}), group) for group in merged["worker_spec"]
        ]
    return merged


def _merge_groups(observed: list[WorkerGroup], declared: list[WorkerGroup], purge: bool) -> list[WorkerGroup]:
    wanted = {group["group_name"]: group for group in declared}
    kept = [group for group in observed if not purge or group.get("group_name") in wanted]
    merged = [overlay(group, wanted.get(str(group.get("group_name")), {})) for group in kept]
    names = {group.get("group_name") for group in observed}
    return merged + [group for group in declared if group["group_name"] not in names]


def _with_autoscaled_replica(observed: WorkerGroup, merged: WorkerGroup) -> WorkerGroup:
    """Return a group with the count to send where its size belongs to the autoscaler.

    Inside the bounds what runs now stays; outside them, what is declared, brought inside them.
    """
    low, high = merged.get("min_replica") or 1, merged.get("max_replica")
    count = observed.get("replica")
    if count is None or not _is_within(count, low, high):
        wanted = merged.get("replica")
        count = None if wanted is None else max(low, min(wanted, high)) if high else max(low, wanted)
    group = without(merged, "replica")
    return group if count is None else {**group, "replica": count}


def _is_within(count: int, low: int, high: int | None) -> bool:
    return count >= low and (high is None or count <= high)


def is_autoscaled(spec: Spec) -> bool:
    """Tell whether the head has worker autoscaling on."""
    return bool((spec.get("head_spec") or {}).get("enable_auto_scaling"))


def _groups_by_name(spec: Spec) -> dict[str | None, WorkerGroup]:
    return {group.get("group_name"): group for group in spec.get("worker_spec", [])}


def find_differences(observed: Spec, declared: Spec, merged: Spec) -> list[Change]:
    """Return what differs in meaning between ``observed`` and ``merged``, looking only at declared fields.

    ``merged`` is :func:`merge` of the other two.
    """
    changes = _compare_fields("", Spec, observed, declared, observed)
    head: HeadSpec = observed.get("head_spec", {})
    wanted_head: HeadSpec = declared.get("head_spec", {})
    changes += _compare_fields("head_spec.", HeadSpec, head, wanted_head, observed)
    gft: GftConfig = head.get("gft_config", {})
    wanted_gft: GftConfig = wanted_head.get("gft_config", {})
    changes += _compare_fields("head_spec.gft_config.", GftConfig, gft, wanted_gft, {}, told=bool(observed))
    return changes + (_find_group_differences(observed, declared, merged) if "worker_spec" in declared else [])


def _find_group_differences(observed: Spec, declared: Spec, merged: Spec) -> list[Change]:
    found, result = _groups_by_name(observed), _groups_by_name(merged)
    changes = []
    for wanted in declared["worker_spec"]:
        name: str | None = wanted["group_name"]
        if name not in found:
            changes.append(Change(f"worker_spec[{name}]", None, _display_group(wanted), "the group is missing"))
            continue
        due = wanted
        if is_autoscaled(merged) and "replica" in wanted:
            due = {**wanted, "replica": result[name]["replica"]}
        defaults = {**observed, **observed.get("head_spec", {})}
        changes += _compare_fields(f"worker_spec[{name}].", WorkerGroup, found[name], due, defaults)
    for name in found:
        if name not in result:
            why = "the group is not declared, and purge_worker_groups is true"
            changes.append(Change(f"worker_spec[{name}]", _display_group(found[name]), None, why))
    return changes


def _compare_fields(
    path: str,
    payload: type,
    observed: t.Mapping[str, object],
    wanted: t.Mapping[str, object],
    defaults: t.Mapping[str, object],
    told: bool = True,
) -> list[Change]:
    changes = []
    for field in field_names(payload, writable=True, plain=True):
        before = observed.get(field)
        if field not in wanted or (told and _is_write_only(path + field, before)):
            continue
        # A node without an engine version of its own runs the version of the head, the head that of the cluster.
        if field == "display_release_version" and path and not before and wanted[field]:
            before = defaults.get(field) or before
        if not is_equivalent(field, before, wanted[field]):
            changes.append(
                Change(
                    path + field,
                    _display_value(field, before),
                    _display_value(field, wanted[field]),
                    "the declared value differs",
                )
            )
    return changes


def _is_write_only(path: str, value: object) -> bool:
    """Tell whether ``value`` says nothing, for the two fields that the service may take without giving them back."""
    if path.endswith("gft_config.redis_password"):
        return not value or is_mask(value)
    return (
        path.startswith("worker_spec[") and path.endswith(".extra_param") and is_equivalent("extra_param", value, None)
    )


def _display_value(field: str, value: object) -> object:
    return parse_env(value) if field == "env" and isinstance(value, str) and value else value


def _display_group(group: t.Mapping[str, object]) -> dict[str, object]:
    return {key: _display_value(key, value) for key, value in group.items()}


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
        if group.get("group_name") not in existing:
            path = f"worker_spec[{group.get('group_name')}]."
            missing += [path + field for field in _REQUIRED_GROUP_FIELDS if not group.get(field)]
            if not group.get("replica") and not (is_autoscaled(spec) and group.get("min_replica")):
                missing.append(path + "replica")
    return missing


def check_merged(observed: Spec, merged: Spec) -> None:
    """Raise ParameterError when the spec to send cannot stand, though what is declared could by itself."""
    problems = [
        f"{path} is needed for a new worker group" for path in missing_in_groups(merged, _groups_by_name(observed))
    ]
    for group in merged.get("worker_spec", []):
        low, high = group.get("min_replica"), group.get("max_replica")
        if low and high and low > high:
            name = group.get("group_name")
            problems.append(f"worker_spec[{name}]: min_replica {low} would be above max_replica {high}")
    if len(merged.get("worker_spec", [])) > MAX_GROUPS:
        problems.append(f"worker_spec: the cluster would have more than {MAX_GROUPS} worker groups")
    if problems:
        raise ParameterError(problems)
